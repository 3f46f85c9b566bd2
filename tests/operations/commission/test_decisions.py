"""What a sitting decides: by someone entitled, on its day, within the request and the envelope; then told, then due."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Convention, Courriel, Declaration, Droit, Partenaire, Structure, Versement
from operations.commission.decisions import decider, decider_seance
from operations.commission.engagements import ConventionPosee, conventionner
from operations.commission.pieces import recevoir, refuser
from operations.commission.seances import preparer
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.droits import page_du_droit
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.lots import proposer_lot
from operations.pieces import Apport
from operations.reseau import exporter_reseau
from regles.commission import BILAN_DU_PROJET
from regles.etats import SensDecision
from tests.operations.argent import liberer
from tests.operations.commission.fonds import (
    AVRIL,
    DECIDE,
    FEVRIER,
    PAR,
    SEANCE,
    demander,
    etats,
    genres,
    installer,
    jouer_jusqu_au,
)
from tests.operations.reseau_exemple import texte

DEPOT, APRES = date(2025, 12, 15), date(2026, 3, 2)
CONVENTION = ConventionPosee("FL-2026-07", date(2026, 3, 1), date(2026, 12, 31))
ACCORD, REFUS, AJOURNEMENT = SensDecision


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    """Two requests of the association on the agenda of February: 2 500 € and 1 000 €."""
    ctx = contexte
    installer(ctx)
    demander(ctx, DEPOT)
    demander(ctx, DEPOT, "Atelier parents", demande=100_000)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    return ctx


UN, DEUX = "2026-PART-0001", "2026-PART-0002"


def lisible(texte_lu: object) -> str:
    return str(texte_lu).replace("\u202f", " ").replace("\xa0", " ")


def accorder(ctx: Contexte, reference: str = UN, centimes: int = 200_000, jour: date = SEANCE) -> None:
    decider(ctx, FEVRIER, reference, ACCORD, DECIDE, montant_centimes=centimes, jour=jour)


def test_les_trois_issues_et_leurs_courriels(ctx: Contexte) -> None:
    accorder(ctx)
    decider(ctx, FEVRIER, DEUX, AJOURNEMENT, DECIDE, motif="Le budget est à préciser.", jour=SEANCE)
    assert etats(ctx) == {UN: ("accordee", FEVRIER), DEUX: ("deposee", AVRIL)}
    envoyer_en_attente(ctx, SEANCE)
    with transaction(ctx.moteur) as session:
        partis = session.exec(select(Courriel).where(col(Courriel.octets).is_not(None)).order_by(col(Courriel.id)))
        derniers = [lisible(texte(c)) for c in partis]
    assert "2 000,00 € vous sont accordés, pour 2 500,00 € demandés" in derniers[0]
    assert "Rien n’est versé avant sa signature" in " ".join(derniers[0].split())
    assert "Le budget est à préciser." in derniers[1]
    assert "avril 2026, le jeudi 9 avril 2026" in " ".join(derniers[1].split())
    jouer_jusqu_au(ctx, date(2026, 3, 10))
    assert etats(ctx)[DEUX] == ("inscrite", AVRIL)
    decider(ctx, AVRIL, DEUX, REFUS, DECIDE, motif="L’action existe déjà.", jour=date(2026, 4, 9))
    assert etats(ctx)[DEUX] == ("refusee", AVRIL)
    assert genres(ctx)[-3:] == ["decision_accord", "decision_ajournement", "decision_refus"]


@pytest.mark.parametrize(
    ("sens", "par", "montant", "motif", "jour", "phrase"),
    [
        (ACCORD, PAR, 200_000, "", SEANCE, "n'est pas habilité(e) à enregistrer ce que décide la commission"),
        (ACCORD, "calendrier", 200_000, "", SEANCE, "n'est pas une personne de l'équipe"),
        (ACCORD, DECIDE, 200_000, "", date(2026, 2, 11), "rien ne se décide avant"),
        (ACCORD, DECIDE, None, "", SEANCE, "Un accord a un montant"),
        (ACCORD, DECIDE, 250_001, "", SEANCE, "une commission n'accorde pas plus (2 500,01 €)"),
        (REFUS, DECIDE, None, " ", SEANCE, "dit pourquoi"),
        (AJOURNEMENT, DECIDE, 100, "À revoir.", SEANCE, "Seul un accord a un montant"),
    ],
)
def test_ce_qui_ne_se_decide_pas(
    ctx: Contexte, sens: SensDecision, par: str, montant: int | None, motif: str, jour: date, phrase: str
) -> None:
    with pytest.raises(ActeRefuse) as refus:
        decider(ctx, FEVRIER, UN, sens, par, montant_centimes=montant, motif=motif, jour=jour)
    assert phrase in lisible(refus.value)
    assert etats(ctx)[UN] == ("inscrite", FEVRIER)


def test_la_meme_decision_n_est_rien_une_autre_est_refusee(ctx: Contexte) -> None:
    accorder(ctx)
    accorder(ctx)
    assert genres(ctx).count("decision_accord") == 1
    with pytest.raises(ActeRefuse, match="déjà décidée"):
        accorder(ctx, centimes=100_000)


def test_une_demande_d_une_autre_seance_ne_se_decide_pas(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="n'est pas inscrite à l'ordre du jour"):
        decider(ctx, AVRIL, UN, REFUS, DECIDE, motif="Non.", jour=date(2026, 4, 9))


def test_l_enveloppe_ne_se_depasse_pas(contexte: Contexte, tmp_path: Path) -> None:
    ctx = avec_enveloppe(contexte, tmp_path, "2500.00")
    installer(ctx)
    for objet in ("Un", "Deux"):
        demander(ctx, DEPOT, objet, demande=150_000)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    accorder(ctx, UN, 150_000)
    with pytest.raises(ActeRefuse) as refus:
        accorder(ctx, DEUX, 100_001)
    assert "Il reste 1 000,00 € à l'enveloppe « Projets des partenaires » 2026" in lisible(refus.value)
    accorder(ctx, DEUX, 100_000)


def avec_enveloppe(contexte: Contexte, tmp_path: Path, montant: str | None) -> Contexte:
    """Give the same installation, its envelope of the partners holding that much, or unknown."""
    config = tmp_path / "config"
    shutil.copytree(contexte.reglages.config, config)
    fichier = config / "demonstration" / "enveloppes.yaml"
    lu = fichier.read_text("utf-8")
    nouveau = f'partenaires: {{2026: "{montant}"}}' if montant else "partenaires: {}"
    fichier.write_text(lu.replace('partenaires: {2026: "120000.00", 2027: "120000.00"}', nouveau), "utf-8")
    return Contexte(contexte.reglages.model_copy(update={"config": config}), contexte.moteur)


def test_une_enveloppe_inconnue_laisse_decider_mais_rien_payer(contexte: Contexte, tmp_path: Path) -> None:
    ctx = avec_enveloppe(contexte, tmp_path, None)
    installer(ctx)
    demander(ctx, DEPOT)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    bilan = decider(ctx, FEVRIER, UN, ACCORD, DECIDE, montant_centimes=200_000, jour=SEANCE)
    assert "Enveloppe « Projets des partenaires » 2026 inconnue" in bilan.suite
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    (refus,) = preparer_dus(ctx, FEVRIER, APRES).refus
    assert refus.motifs == (
        "Le montant de l’enveloppe « Projets des partenaires » 2026 n’est pas saisi (config/enveloppes.yaml).",
    )
    (tmp_path / "b").mkdir()
    saisie = avec_enveloppe(contexte, tmp_path / "b", "5000.00")
    assert preparer_dus(saisie, FEVRIER, APRES).refus == ()


def test_de_l_accord_au_bordereau(ctx: Contexte) -> None:
    accorder(ctx)
    assert preparer_dus(ctx, FEVRIER, APRES).ecrits == {}
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    assert dus(ctx, APRES) == [("acompte", 140_000)]
    assert dus(ctx, APRES) == [("acompte", 140_000)]
    lot = proposer_lot(ctx, FEVRIER, "c.martin", APRES)
    assert lot is not None
    liberer(ctx, lot, APRES)
    export = next(f for f in exporter_lot(ctx, lot, APRES) if f.format == "csv")
    ligne = next(li for li in export.chemin.read_text("utf-8-sig").splitlines() if UN in li)
    assert "FONDS_LOCAUX" in ligne
    assert "FL-2026-07" in ligne
    assert "1400,00" in ligne
    recevoir(ctx, UN, Apport(BILAN_DU_PROJET, PAR, constat="bilan signé, papier"), date(2026, 11, 20))
    assert dus(ctx, date(2026, 11, 20)) == [("acompte", 140_000), ("solde", 60_000)]
    assert dus(ctx, date(2026, 11, 21)) == [("acompte", 140_000), ("solde", 60_000)]


def test_un_bilan_refuse_retire_le_solde_qu_il_rendait_du(ctx: Contexte) -> None:
    accorder(ctx)
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    dus(ctx, APRES)
    lot = proposer_lot(ctx, FEVRIER, "c.martin", APRES)
    assert lot is not None
    liberer(ctx, lot, APRES)
    recevoir(ctx, UN, Apport(BILAN_DU_PROJET, PAR, constat="reçu par courrier"), date(2026, 11, 20))
    assert dus(ctx, date(2026, 11, 20))[-1] == ("solde", 60_000)
    refuser(ctx, UN, BILAN_DU_PROJET, PAR, "C'est celui d'un autre projet.", date(2026, 11, 21))
    assert dus(ctx, date(2026, 11, 21)) == [("acompte", 140_000), ("solde", 60_000)]
    envoyer_en_attente(ctx, date(2026, 11, 21))
    with transaction(ctx.moteur) as session:
        assert [v.etat.value for v in session.exec(select(Versement).order_by(col(Versement.id)))] == [
            "libere",
            "annule",
        ]
        dernier = session.exec(select(Courriel).order_by(col(Courriel.id).desc())).first()
        dit = " ".join(lisible(texte(dernier)).split()) if dernier else ""
    assert "la pièce « Bilan du projet » de votre demande" in dit
    assert "Il manque encore : - Bilan du projet" in dit
    assert "commission" not in dit
    recevoir(ctx, UN, Apport(BILAN_DU_PROJET, PAR, constat="le bon"), date(2026, 11, 25))
    assert dus(ctx, date(2026, 11, 25))[-1] == ("solde", 60_000)
    assert proposer_lot(ctx, FEVRIER, "c.martin", date(2026, 11, 25)) is not None
    with pytest.raises(ActeRefuse, match="déjà dans un lot"):
        refuser(ctx, UN, BILAN_DU_PROJET, PAR, "Trop tard.", date(2026, 11, 26))


def dus(ctx: Contexte, jour: date) -> list[tuple[str, int]]:
    """Prepare the dues of the sitting, and give all those written."""
    preparer_dus(ctx, FEVRIER, jour)
    with transaction(ctx.moteur) as session:
        ecrits = session.exec(select(Versement).order_by(col(Versement.id)))
        return [(v.nature.value, v.montant_centimes) for v in ecrits]


def test_le_droit_cite_la_decision(ctx: Contexte) -> None:
    accorder(ctx)
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    with transaction(ctx.moteur) as session:
        (droit,) = session.exec(select(Droit))
        structure = session.exec(select(Structure).where(Structure.code == UN)).one()
        (convention,) = session.exec(select(Convention))
        (declaration,) = session.exec(select(Declaration))
        page = page_du_droit(ctx, droit, structure, session.get_one(Partenaire, structure.partenaire_id))
    assert (structure.prestation, structure.siret, convention.du) == ("FONDS_LOCAUX", "73282932000074", CONVENTION.du)
    assert (declaration.nature, droit.montant_centimes, droit.payable) == ("subvention", 200_000, True)
    assert "séance du jeudi 12 février 2026" in lisible(page)
    assert "décision enregistrée le 12/02/2026 par s.dubois" in lisible(page)


@pytest.mark.parametrize(
    ("posee", "phrase"),
    [
        (ConventionPosee(" ", date(2026, 3, 1), date(2026, 4, 1)), "a un numéro"),
        (ConventionPosee("F1", date(2026, 4, 1), date(2026, 3, 1)), "avant de commencer"),
        (ConventionPosee("F1", date(2027, 1, 1), date(2027, 3, 1)), "aucun jour de l'exercice 2026"),
        (ConventionPosee("F1", date(2026, 3, 1), date(2026, 4, 1), "123", "52121"), "n'est pas un SIRET"),
    ],
)
def test_une_convention_qui_ne_tient_pas(ctx: Contexte, posee: ConventionPosee, phrase: str) -> None:
    accorder(ctx)
    with pytest.raises(ActeRefuse, match=phrase):
        conventionner(ctx, UN, posee, PAR, APRES)


def test_pas_de_convention_sans_accord_ni_deux_differentes(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="seule une demande accordée"):
        conventionner(ctx, UN, CONVENTION, PAR, APRES)
    accorder(ctx)
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    with pytest.raises(ActeRefuse, match="déjà la convention FL-2026-07"):
        conventionner(ctx, UN, ConventionPosee("Autre", CONVENTION.du, CONVENTION.au), PAR, APRES)


def test_un_projet_finance_ne_sort_pas_avec_le_reseau(ctx: Contexte, tmp_path: Path) -> None:
    accorder(ctx)
    conventionner(ctx, UN, CONVENTION, PAR, APRES)
    fichiers = exporter_reseau(ctx, tmp_path / "reseau")
    assert not any(UN in f.read_text("utf-8-sig") for f in fichiers)


def remplir(ctx: Contexte, tmp_path: Path, *lignes: tuple[object, object, object]) -> Path:
    """Fill the workbook of the sitting as a person does: decision, amount, reason, a row a request."""
    chemin = next(c for c in preparer(ctx, FEVRIER, SEANCE).chemins if c.suffix == ".xlsx")
    classeur = load_workbook(chemin)
    feuille = classeur["Décisions"]
    for ligne, valeurs in enumerate(lignes, start=7):
        for colonne, valeur in enumerate(valeurs, start=15):
            feuille.cell(ligne, colonne, valeur)
    rempli = tmp_path / "rempli.xlsx"
    classeur.save(rempli)
    return rempli


def test_une_seance_entiere_se_saisit_dans_son_classeur(ctx: Contexte, tmp_path: Path) -> None:
    rempli = remplir(ctx, tmp_path, ("Accord", 1500.5, None), ("REFUS", None, "Hors du champ de l’appel."))
    apercu = decider_seance(ctx, FEVRIER, rempli, DECIDE, jour=SEANCE)
    assert (apercu.fautes, apercu.applique, apercu.accorde_centimes) == ((), False, 150_050)
    assert etats(ctx)[UN] == ("inscrite", FEVRIER)
    fait = decider_seance(ctx, FEVRIER, rempli, DECIDE, appliquer=True, jour=SEANCE)
    assert fait.applique
    assert etats(ctx) == {UN: ("accordee", FEVRIER), DEUX: ("refusee", FEVRIER)}
    encore = decider_seance(ctx, FEVRIER, rempli, DECIDE, appliquer=True, jour=SEANCE)
    assert [d.nouvelle for d in encore.decisions] == [False, False]


def test_une_cellule_fausse_n_ecrit_rien(ctx: Contexte, tmp_path: Path) -> None:
    rempli = remplir(ctx, tmp_path, ("accord", 2500.01, None), ("refus", 12, None))
    bilan = decider_seance(ctx, FEVRIER, rempli, DECIDE, appliquer=True, jour=SEANCE)
    assert [faute.cellule for faute in bilan.fautes] == ["P7", "P8", "Q8"]
    assert "demande 2 500,00 € : une commission n'accorde pas plus" in lisible(bilan.fautes[0])
    assert etats(ctx) == {UN: ("inscrite", FEVRIER), DEUX: ("inscrite", FEVRIER)}


def test_une_ligne_vide_n_est_pas_decidee(ctx: Contexte, tmp_path: Path) -> None:
    bilan = decider_seance(ctx, FEVRIER, remplir(ctx, tmp_path), DECIDE, appliquer=True, jour=SEANCE)
    assert (bilan.decisions, bilan.sans_decision) == ((), (UN, DEUX))
