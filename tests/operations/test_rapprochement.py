"""What the bank answers: paid lines close and are told, rejected ones are due again, the rest is for a person."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from echanges.sepa.modele import identifiant_du_lot
from modeles.base import transaction
from modeles.migrations.gardes_0007 import GARDES as GARDES_0007
from modeles.tables import Contact, Courriel, LigneJournal, LigneLot
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.journal import verifier_journal
from operations.lots import proposer_lot, resume_lot
from operations.rapprochement import BilanRapprochement, rapprocher
from operations.signatures import transmettre_lot
from regles.etats import EtatLigne, EtatLot
from tests.echanges.sepa.test_resultats import AC04, DU01, groupe, notification, ordre, rapport
from tests.echanges.sepa.test_resultats import transaction as transaction_lue
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LIBERE,
    PROPOSE,
    ajouter_partenaire,
    ajouter_reel,
    etats,
    liberer,
)

ENTETE = "reference;resultat;code;montant;date\n"
A, B = "2025-EAJE-S01-02", "2025-EAJE-S02-01"
A_1, B_1, B_2 = f"{ETAPE}-01-001", f"{ETAPE}-01-002", f"{ETAPE}-02-001"


@pytest.fixture
def exporte(contexte_deux_bases: Contexte) -> tuple[Contexte, int]:
    """A batch of two transfers, 300,00 and 0,05 euros, exported."""
    ctx = contexte_deux_bases
    with transaction(ctx.moteur) as session:
        ajouter_partenaire(session)
        session.add(Contact(partenaire_id=1, nom="Alix Morel", courriel="alix@chaumont.example"))
        ajouter_reel(session, 1, 100_000, 70_000)
        ajouter_reel(session, 2, 5, 0)
    preparer_dus(ctx, ETAPE, JOUR)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert lot is not None
    liberer(ctx, lot)
    exporter_lot(ctx, lot, JOUR)
    return ctx, lot


@pytest.fixture
def envoye(exporte: tuple[Contexte, int]) -> tuple[Contexte, int]:
    """The same, handed to the bank."""
    ctx, lot = exporte
    transmettre_lot(ctx, lot, LIBERE, JOUR)
    return ctx, lot


def releve(dossier: Path, *lignes: str) -> Path:
    fichier = dossier / "resultats.csv"
    fichier.write_text(ENTETE + "\n".join(lignes) + "\n", encoding="utf-8")
    return fichier


def prendre(ctx: Contexte, fichier: Path, *, appliquer: bool = True) -> BilanRapprochement:
    return rapprocher(ctx, fichier, LIBERE, JOUR + timedelta(days=2), appliquer=appliquer)


def test_tout_est_paye_le_lot_est_execute_et_le_partenaire_le_sait(
    envoye: tuple[Contexte, int], tmp_path: Path
) -> None:
    ctx, lot = envoye
    fichier = releve(tmp_path, f"{A};payé;;300,00;16/03/2026", f"{B};payé;;0,05;16/03/2026")
    apercu = prendre(ctx, fichier, appliquer=False)
    assert (len(apercu.payees), apercu.total_paye_centimes, apercu.attendues, apercu.courriels) == (2, 30_005, 0, 0)
    assert resume_lot(ctx, lot).etat is EtatLot.TRANSMIS
    bilan = prendre(ctx, fichier)
    assert (len(bilan.payees), bilan.courriels, bilan.a_regarder) == (2, 1, [])
    assert resume_lot(ctx, lot).etat is EtatLot.EXECUTE
    assert (ctx.reglages.var / "retours" / f"{bilan.sha256}.csv").read_bytes() == fichier.read_bytes()
    encore = prendre(ctx, fichier)
    assert (encore.payees, encore.deja, encore.courriels) == ([], 2, 0)
    jour = JOUR + timedelta(days=2)
    assert envoyer_en_attente(ctx, jour).envoyes == 1
    with transaction(ctx.moteur) as session:
        avis = session.exec(select(Courriel)).one()
        assert session.exec(select(LigneJournal).where(LigneJournal.objet == "releve")).one().objet_id == bilan.sha256
    assert avis.octets is not None
    assert avis.destinataire == "alix@chaumont.example"
    assert avis.sujet.startswith("[DÉMONSTRATION] Versement de 300,05")
    assert avis.octets.count(b"calcul-2025-S0") >= 2
    assert verifier_journal(ctx).rupture is None


def test_lu_avant_que_la_remise_soit_notee_le_meme_fichier_s_ecrit_ensuite(
    exporte: tuple[Contexte, int], tmp_path: Path
) -> None:
    ctx, lot = exporte
    fichier = releve(tmp_path, f"{A};payé;;;", f"{B};rejeté;AC04;;")
    trop_tot = prendre(ctx, fichier)
    assert (trop_tot.payees, trop_tot.rejetees, len(trop_tot.a_regarder)) == ([], [], 2)
    transmettre_lot(ctx, lot, LIBERE, JOUR)
    for payes, rejetes, deja in ((1, 1, 0), (0, 0, 2)):
        bilan = prendre(ctx, fichier)
        assert (len(bilan.payees), len(bilan.rejetees), bilan.deja, bilan.courriels) == (payes, rejetes, deja, payes)
        assert (resume_lot(ctx, lot).etat, etats(ctx)[1][2]) == (EtatLot.EXECUTE, "du")
    with transaction(ctx.moteur) as session:
        lignes = session.exec(
            select(LigneJournal).where(LigneJournal.objet == "releve").order_by(col(LigneJournal.numero))
        )
        dits = [json.loads(ligne.details) for ligne in lignes]
    assert [(dit["payees"], dit["rejetees"], dit["a_regarder"]) for dit in dits] == [(0, 0, 2), (1, 1, 0)]


def test_un_rejet_rend_le_du_a_payer(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, lot = envoye
    bilan = prendre(ctx, releve(tmp_path, f"{A};payé;;;", f"{B};rejeté;AC04;;"))
    assert (bilan.rejetees, bilan.courriels) == ([(B, 5, "AC04")], 1)
    assert etats(ctx) == [("solde", 30_000, "libere"), ("solde", 5, "du")]
    suivant = renvoyer(ctx)
    assert resume_lot(ctx, suivant).total_centimes == 5
    assert prendre(ctx, releve(tmp_path, f"{B_2};payé;;0,05;20/03/2026")).payees == [(B, 5, "")]
    assert {resume_lot(ctx, n).etat for n in (lot, suivant)} == {EtatLot.EXECUTE}


def renvoyer(ctx: Contexte) -> int:
    """Pay again, in a batch of its own, what the bank rejected."""
    lot = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert lot is not None
    liberer(ctx, lot)
    exporter_lot(ctx, lot, JOUR)
    transmettre_lot(ctx, lot, LIBERE, JOUR)
    return lot


def debits(dossier: Path, *references: str) -> Path:
    """A camt.054, which does not say which order it answers."""
    fichier = dossier / "camt.xml"
    fichier.write_bytes(
        notification(*(f"<TxDtls><Refs><EndToEndId>{nom}</EndToEndId></Refs></TxDtls>" for nom in references))
    )
    return fichier


def test_la_banque_repond_par_l_identifiant_de_chaque_envoi(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    numero = resume_lot(ctx, 1).numero
    rejet = tmp_path / "r.xml"
    entete = groupe().replace("CAF-1", identifiant_du_lot(numero))
    rejet.write_bytes(rapport(entete + transaction_lue(B_1, "RJCT", "AC04", "0.05")))
    assert prendre(ctx, rejet).rejetees == [(B, 5, "AC04")]
    renvoyer(ctx)
    encore = tmp_path / "encore.xml"
    encore.write_bytes(rejet.read_bytes() + b"<!-- the same, told later -->")
    bilan = prendre(ctx, encore)
    assert (bilan.rejetees, bilan.deja) == ([], 1)
    bilan = prendre(ctx, debits(tmp_path, A_1, B_2, B_1, B))
    assert bilan.payees == [(A, 30_000, ""), (B, 5, "")]
    paye_apres_rejet, inconnu = bilan.a_regarder
    assert f"{B_1} ({B}), payé selon la banque, après avoir été noté rejeté" in paye_apres_rejet
    assert f"« {B} » n'est la référence d'aucun virement" in inconnu


def test_la_reference_d_un_du_envoye_deux_fois_ne_dit_pas_lequel(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    prendre(ctx, releve(tmp_path, f"{A};payé;;;", f"{B};rejeté;AC04;;"))
    renvoyer(ctx)
    for sort in ("payé;", "rejeté;AC04"):
        bilan = prendre(ctx, releve(tmp_path, f"{B};{sort};;"))
        assert (bilan.payees, bilan.rejetees, bilan.attendues) == ([], [], 1)
        assert bilan.a_regarder == [
            f"ligne 2 : « {B} » a été envoyé 2 fois : {B_1} (lot {ETAPE}-lot-01, rejeté) ; {B_2} (lot {ETAPE}-lot-02, "
            "sans résultat). Écrivez à la place l'identifiant du virement que la banque nomme."
        ]


@pytest.fixture
def d_avant(envoye: tuple[Contexte, int]) -> Contexte:
    """The same batch as if exported before transfers had an identifier: none on its lines."""
    ctx, _ = envoye
    with ctx.moteur.begin() as connexion:
        dialecte = connexion.dialect.name
        (garde,) = [g for g in GARDES_0007 if g.moment == "UPDATE"]
        for instruction in garde.retrait(dialecte):
            connexion.execute(text(instruction))
        connexion.execute(text("UPDATE lignelot SET bout_en_bout = NULL"))
        for instruction in garde.sql(dialecte):
            connexion.execute(text(instruction))
    return ctx


def test_un_lot_exporte_avant_trouve_encore_ses_resultats(d_avant: Contexte, tmp_path: Path) -> None:
    rejet = tmp_path / "r.xml"
    entete = groupe().replace("CAF-1", identifiant_du_lot(resume_lot(d_avant, 1).numero))
    rejet.write_bytes(rapport(entete + transaction_lue(B, "RJCT", "AC04", "0.05")))
    assert prendre(d_avant, rejet).rejetees == [(B, 5, "AC04")]
    suivant = renvoyer(d_avant)
    assert [r.name for r in (d_avant.reglages.var / "exports" / f"{ETAPE}-lot-02").glob("*virements*")]
    camt = prendre(d_avant, debits(tmp_path, A, B))
    assert camt.payees == [(A, 30_000, "")]
    assert "payé selon la banque, après avoir été noté rejeté" in camt.a_regarder[0]
    (ambigu,) = prendre(d_avant, releve(tmp_path, f"{B};payé;;;")).a_regarder
    assert f"{B} (lot {ETAPE}-lot-01, rejeté) ; {B_2} (lot" in ambigu
    assert prendre(d_avant, debits(tmp_path, B_2)).payees == [(B, 5, "")]
    assert resume_lot(d_avant, suivant).etat is EtatLot.EXECUTE


def test_un_du_se_tape_avec_ou_sans_les_traits_de_la_banque(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    assert prendre(ctx, releve(tmp_path, f"{A.replace('-', '_')};payé;;;")).payees == [(A, 30_000, "")]


@pytest.mark.parametrize(
    ("ligne", "phrase"),
    [
        ("INCONNUE;payé;;;", "n'est la référence d'aucun virement"),
        (f"{A};payé;;299,99;", "299,99 € selon la banque, 300,00 € envoyés"),
        (f"{A};payé;;;\n{A};payé;;;", "deux fois dans le fichier"),
    ],
)
def test_ce_qui_ne_colle_pas_est_dit_et_rien_n_est_devine(
    envoye: tuple[Contexte, int], tmp_path: Path, ligne: str, phrase: str
) -> None:
    ctx, lot = envoye
    bilan = prendre(ctx, releve(tmp_path, ligne))
    (dit,) = bilan.a_regarder
    assert phrase in dit.replace("\u202f", " ").replace("\xa0", " ")
    assert resume_lot(ctx, lot).etat is EtatLot.TRANSMIS


def test_un_retour_apres_paiement_attend_une_personne(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    prendre(ctx, releve(tmp_path, f"{A};payé;;;"))
    bilan = prendre(ctx, releve(tmp_path, f"{A};rejeté;AC01;;"))
    assert "à contre-passer par une personne" in bilan.a_regarder[0]
    with transaction(ctx.moteur) as session:
        assert {ligne.etat for ligne in session.exec(select(LigneLot))} == {EtatLigne.PAYEE, EtatLigne.EN_ATTENTE}


def reponse(dossier: Path, ctx: Contexte, octets: bytes) -> Path:
    """A file of the bank that answers the order of the batch."""
    fichier = dossier / "reponse.xml"
    fichier.write_bytes(octets.replace(b"CAF-1", identifiant_du_lot(resume_lot(ctx, 1).numero).encode()))
    return fichier


def test_un_ordre_refuse_en_entier_rend_tout(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    bilan = prendre(ctx, reponse(tmp_path, ctx, ordre("", "RJCT", raison=AC04)))
    assert [(reference, code) for reference, _, code in bilan.rejetees] == [(A, "AC04"), (B, "AC04")]
    assert {etat for _, _, etat in etats(ctx)} == {"du"}


def test_ce_qui_n_est_pas_sur_se_regarde_et_ne_s_ecrit_pas(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    """Each answer: what it has paid and rejected, how many sentences for a person, with what the first says."""
    ctx, _ = envoye
    refuse_a = transaction_lue(A_1, "RJCT", "AC01")
    refuse_b = transaction_lue(B_1, "RJCT", "AC01", "0.05")
    double_b = transaction_lue(B_1, "RJCT", "DU04", "0.05")
    nu, inconnu = (f"<TxDtls><Refs><EndToEndId>{nom}</EndToEndId></Refs></TxDtls>" for nom in (A_1, "AUTRE"))
    rendu = nu.replace("</Refs>", "</Refs><CdtDbtInd>CRDT</CdtDbtInd><RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>")
    for octets, payes, rejetes, nombre, phrase in (
        (ordre("RJCT", raison=DU01), [], [], 1, "est refusé comme doublon (DU01)"),
        (ordre("RJCT", "", refuse_a, refuse_b, raison=DU01), [], [], 1, "Rien n'est écrit pour ses 2 virement(s)"),
        (ordre("PART", "", refuse_a, double_b), [], [A], 1, f"{B_1} ({B}), refusé comme doublon (DU04)"),
        (ordre("RJCT", "", refuse_a, raison=AC04), [], [A], 1, "(AC04), mais 1 de ses 2 virements n'y sont pas nommés"),
        (ordre("RJCT", "", refuse_b, transaction_lue(A_1, "ACSC")), [], [B], 1, "dans un ordre qu'elle refuse"),
        (ordre("ACSC"), [], [], 1, "dit exécuté sans qu'aucun virement soit nommé"),
        (ordre("RJCT").replace(b"CAF-1", b"CAF-2"), [], [], 1, "n'est celui d'aucun lot exporté"),
        (notification(nu, inconnu, sens="CRDT"), [], [], 1, f"{A_1} ({A}), crédité sans motif de retour"),
        (notification("<Btch/>"), [], [], 1, "une écriture sans détail"),
        (notification(nu, rendu), [], [], 2, "payé, et autre chose ailleurs dans le fichier"),
        (notification(rendu, nu), [], [], 2, "rejeté ou revenu (AC01), et autre chose ailleurs"),
        (notification(rendu), [], [A], 0, ""),
    ):
        bilan = prendre(ctx, reponse(tmp_path, ctx, octets), appliquer=False)
        assert [du for du, *_ in bilan.payees] == payes, octets
        assert [du for du, *_ in bilan.rejetees] == rejetes, octets
        assert (len(bilan.a_regarder), bilan.attendues) == (nombre, 2 - len(payes + rejetes)), octets
        assert phrase in "".join(bilan.a_regarder[:1]), octets
    assert prendre(ctx, reponse(tmp_path, ctx, ordre("ACCP")), appliquer=False).en_cours == 2
    assert prendre(ctx, reponse(tmp_path, ctx, notification(inconnu, sens="CRDT")), appliquer=False).autres_credits == 1


def test_debite_puis_rendu_se_regle_par_un_csv_et_ne_se_redit_plus(
    envoye: tuple[Contexte, int], tmp_path: Path
) -> None:
    ctx, _ = envoye
    nu = f"<TxDtls><Refs><EndToEndId>{A_1}</EndToEndId></Refs></TxDtls>"
    rendu = nu.replace("</Refs>", "</Refs><CdtDbtInd>CRDT</CdtDbtInd><RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>")
    prendre(ctx, releve(tmp_path, f"{A};rejeté;compte clos à la banque;;"))
    bilan = prendre(ctx, reponse(tmp_path, ctx, notification(nu, rendu)))
    assert (bilan.payees, bilan.deja, bilan.a_regarder) == ([], 2, [])
    with transaction(ctx.moteur) as session:
        motifs = session.exec(select(LigneJournal.motif).where(LigneJournal.objet_id == A)).all()
        assert session.exec(select(LigneLot.code_rejet).where(LigneLot.bout_en_bout == A_1)).one() == "NARR"
    assert [motif for motif in motifs if motif.endswith(" : compte clos à la banque")]


def test_qui_peut_et_ce_qui_se_lit(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    with pytest.raises(ActeRefuse, match="pas habilité"):
        rapprocher(ctx, releve(tmp_path, f"{A};payé;;;"), PROPOSE, JOUR, appliquer=True)
    illisible = tmp_path / "x.xml"
    illisible.write_bytes(b"<a>")
    with pytest.raises(ActeRefuse, match="n'est pas un XML entier"):
        rapprocher(ctx, illisible, LIBERE, date(2026, 3, 16))
