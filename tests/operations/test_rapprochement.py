"""What the bank answers: paid lines close and are told, rejected ones are due again, the rest is for a person."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from modeles.base import transaction
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


@pytest.fixture
def envoye(contexte_deux_bases: Contexte) -> tuple[Contexte, int]:
    """A batch of two transfers, 300,00 and 0,05 euros, handed to the bank."""
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


def test_un_rejet_rend_le_du_a_payer(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, lot = envoye
    bilan = prendre(ctx, releve(tmp_path, f"{A};payé;;;", f"{B};rejeté;AC04;;"))
    assert (bilan.rejetees, bilan.courriels) == ([(B, 5, "AC04")], 1)
    assert etats(ctx) == [("solde", 30_000, "libere"), ("solde", 5, "du")]
    suivant = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert suivant is not None
    assert resume_lot(ctx, suivant).total_centimes == 5
    liberer(ctx, suivant)
    exporter_lot(ctx, suivant, JOUR)
    transmettre_lot(ctx, suivant, LIBERE, JOUR)
    assert prendre(ctx, releve(tmp_path, f"{B};payé;;0,05;20/03/2026")).payees == [(B, 5, "")]
    assert {resume_lot(ctx, n).etat for n in (lot, suivant)} == {EtatLot.EXECUTE}


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


def test_un_ordre_refuse_en_entier_rend_tout(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    from echanges.sepa.modele import identifiant_du_lot

    ctx, lot = envoye
    numero = identifiant_du_lot(resume_lot(ctx, lot).numero)
    fichier = tmp_path / "r.xml"
    fichier.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><OrgnlGrpInfAndSts>'
        f"<OrgnlMsgId>{numero}</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    )
    bilan = prendre(ctx, fichier)
    assert [(reference, code) for reference, _, code in bilan.rejetees] == [(A, "RJCT"), (B, "RJCT")]
    assert {etat for _, _, etat in etats(ctx)} == {"du"}


def test_qui_peut_et_ce_qui_se_lit(envoye: tuple[Contexte, int], tmp_path: Path) -> None:
    ctx, _ = envoye
    with pytest.raises(ActeRefuse, match="pas habilité"):
        rapprocher(ctx, releve(tmp_path, f"{A};payé;;;"), PROPOSE, JOUR, appliquer=True)
    illisible = tmp_path / "x.xml"
    illisible.write_bytes(b"<a>")
    with pytest.raises(ActeRefuse, match="n'est pas un XML entier"):
        rapprocher(ctx, illisible, LIBERE, date(2026, 3, 16))
