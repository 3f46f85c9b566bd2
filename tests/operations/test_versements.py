"""From rights to a released batch, on both databases."""

import hashlib
import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.tables import Declaration, Droit, LigneJournal, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.contexte import ActeRefuse, Contexte
from operations.exports import exporter_lot
from operations.journal import verifier_journal
from operations.versements import decider_lot, lots, preparer_dus, proposer_lot, resume_lot
from regles.etats import EtatDeclaration, EtatLot, EtatVersement, NatureVersement

ETAPE = "reels-2025-a"
JOUR = date(2026, 3, 12)
INSTANT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROPOSE, LIBERE, LES_DEUX = "c.martin", "a.leroy", "j.moreau"


def ajouter_structure(session: Session, rang: int, droit_centimes: int, acompte_centimes: int, **droit: bool) -> None:
    session.add(
        Structure(
            id=rang, code=f"S{rang:02d}", nom="=Crèche" if rang == 1 else f"Crèche {rang}", partenaire_id=1,
            prestation="EAJE", siret="21520083300010", commune_insee="52121", commune="Chaumont",
            epci_siren="200068658", epci="CA de Chaumont", places=20,
            statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
        )
    )  # fmt: skip
    session.flush()
    session.add(
        Declaration(
            id=rang, structure_id=rang, prestation="EAJE", nature="reel", exercice=2025, etape=ETAPE, origine="test",
            donnees={}, recue_le=INSTANT, etat=EtatDeclaration.VALIDEE,
        )
    )  # fmt: skip
    if acompte_centimes:
        session.add(
            Versement(
                structure_id=rang, prestation="EAJE", exercice=2025, nature=NatureVersement.ACOMPTE,
                montant_centimes=acompte_centimes, etat=EtatVersement.REPRISE, reference=f"A{rang}", cree_le=INSTANT,
            )
        )  # fmt: skip
    session.flush()
    ajouter_droit(session, rang, droit_centimes, **droit)


def ajouter_droit(session: Session, declaration: int, montant: int, payable: bool = True, rang: int = 1) -> None:
    motifs = [] if payable else ["psu.plafond.p120 est inconnu"]
    session.add(
        Droit(
            declaration_id=declaration, connu_le=JOUR, calcule_le=INSTANT, montant_centimes=montant, payable=payable,
            demonstration=True, empreinte=f"{declaration}-{montant}", explication={"motifs": motifs}, rang=rang,
        )
    )  # fmt: skip


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Four crèches: two soldes (30 000 and 5 centimes), an indu, and a right that may not be paid."""
    with transaction(contexte_deux_bases.moteur) as session:
        session.add(Partenaire(id=1, code="P1", nom="+Commune", nature=NaturePartenaire.COMMUNE, siren="215200833"))
        session.flush()
        ajouter_structure(session, 1, 100_000, 70_000)
        ajouter_structure(session, 2, 5, 0)
        ajouter_structure(session, 3, 60_000, 70_000)
        ajouter_structure(session, 4, 50_000, 0, payable=False)
    return contexte_deux_bases


def lot_propose(ctx: Contexte, par: str = PROPOSE) -> int:
    preparer_dus(ctx, ETAPE, JOUR)
    lot = proposer_lot(ctx, ETAPE, par, JOUR)
    assert lot is not None
    return lot


def etats(ctx: Contexte) -> list[tuple[str, int, str]]:
    with transaction(ctx.moteur) as session:
        versements = session.exec(
            select(Versement).where(Versement.nature != NatureVersement.ACOMPTE).order_by(col(Versement.id))
        )
        return [(v.nature.value, v.montant_centimes, v.etat.value) for v in versements]


def test_soldes_indus_et_refus(ctx: Contexte) -> None:
    bilan = preparer_dus(ctx, ETAPE, JOUR)
    assert (bilan.soldes, bilan.total_soldes_centimes) == (2, 30_005)
    assert (bilan.indus, bilan.total_indus_centimes) == (1, 10_000)
    assert [(r.structure, r.motifs) for r in bilan.refus] == [("S04", ("psu.plafond.p120 est inconnu",))]
    assert etats(ctx) == [("solde", 30_000, "du"), ("solde", 5, "du"), ("indu", 10_000, "a_recouvrer")]


def test_preparer_deux_fois_ne_change_rien(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    avant = etats(ctx)
    bilan = preparer_dus(ctx, ETAPE, JOUR)
    assert (bilan.soldes, bilan.indus, etats(ctx)) == (0, 0, avant)


def test_un_droit_recalcule_remplace_le_du(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 101_000, rang=2)
        ajouter_droit(session, 3, 71_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    assert etats(ctx) == [
        ("solde", 30_000, "annule"),
        ("solde", 5, "du"),
        ("indu", 10_000, "annule"),
        ("solde", 31_000, "du"),
        ("solde", 1_000, "du"),
    ]


def test_le_lot_est_fige_et_ne_se_propose_pas_deux_fois(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    assert proposer_lot(ctx, ETAPE, PROPOSE, JOUR) == lot
    resume = resume_lot(ctx, lot)
    assert (resume.nombre, resume.total_centimes, resume.mention) == (2, 30_005, "DÉMONSTRATION")
    assert [ligne.montant_centimes for ligne in resume.lignes] == [30_000, 5]


def test_la_personne_qui_propose_ne_libere_pas(ctx: Contexte) -> None:
    lot = lot_propose(ctx, LES_DEUX)
    with pytest.raises(ActeRefuse, match="base de données l'interdit"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LES_DEUX, jour=JOUR)
    assert resume_lot(ctx, lot).etat is EtatLot.PROPOSE
    with transaction(ctx.moteur) as session:
        assert (
            session.exec(select(LigneJournal).where(LigneJournal.action == "liberation_refusee")).one().par == LES_DEUX
        )


@pytest.mark.parametrize(
    ("decision", "par", "motif", "phrase"),
    [
        (EtatLot.LIBERE, PROPOSE, "", "pas habilité"),
        (EtatLot.LIBERE, "inconnu", "", "n'est pas une personne de l'équipe"),
        (EtatLot.REFUSE, LIBERE, " ", "motif est attendu"),
    ],
)
def test_decisions_refusees(ctx: Contexte, decision: EtatLot, par: str, motif: str, phrase: str) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match=phrase):
        decider_lot(ctx, lot, decision, par, motif, JOUR)
    resume = resume_lot(ctx, lot)
    assert resume.etat is EtatLot.PROPOSE
    assert [phrase in tentative for tentative in resume.tentatives_refusees] == [True]


def test_liberer_puis_exporter_une_fois(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match="n'est pas libéré"):
        exporter_lot(ctx, lot, JOUR)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    premiers = exporter_lot(ctx, lot, JOUR)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    octets = [fait.chemin.read_bytes() for fait in premiers]
    for fait in premiers:
        fait.chemin.unlink()
    seconds = exporter_lot(ctx, lot, JOUR)
    assert seconds == premiers
    assert [fait.chemin.read_bytes() for fait in seconds] == octets
    assert [hashlib.sha256(o).hexdigest() for o in octets] == [fait.sha256 for fait in premiers]
    assert resume_lot(ctx, lot).etat is EtatLot.EXPORTE
    with pytest.raises(ActeRefuse, match="déjà été décidé"):
        decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "trop tard", JOUR)
    assert preparer_dus(ctx, ETAPE, JOUR).soldes == 0
    assert verifier_journal(ctx).rupture is None


def test_un_lot_refuse_rend_ses_versements(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "un IBAN à vérifier", JOUR)
    assert [e[2] for e in etats(ctx)] == ["du", "du", "a_recouvrer"]
    second = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert [resume.numero for resume in lots(ctx, ETAPE)] == [f"{ETAPE}-lot-01", f"{ETAPE}-lot-02"]
    assert second is not None
    assert resume_lot(ctx, second).total_centimes == 30_005


def test_bordereaux_sans_formule_et_justes(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    csv, xlsx = exporter_lot(ctx, lot, JOUR)
    texte = csv.chemin.read_text(encoding="utf-8-sig")
    assert "DÉMONSTRATION" in texte
    assert "'=Crèche;'+Commune;1000,00;700,00;300,00" in texte
    assert "TOTAL;;;;;;;;;;300,05" in texte
    feuille = load_workbook(io.BytesIO(xlsx.chemin.read_bytes()))["Bordereau"]
    cellules = [c for rangee in feuille.iter_rows() for c in rangee if c.value is not None]
    assert all(c.data_type != "f" for c in cellules)
    assert "=Crèche" in [c.value for c in cellules]
    assert [c.value for c in feuille["K"]][-3:] == [300, 0.05, 300.05]


def corriger(ctx: Contexte, structure: int) -> None:
    """A new deposit has replaced the declaration of a structure; nobody has validated it yet."""
    with transaction(ctx.moteur) as session:
        ancienne = session.get_one(Declaration, structure)
        ancienne.etat = EtatDeclaration.REMPLACEE
        session.add(ancienne)
        session.flush()
        session.add(
            Declaration(
                id=100 + structure, structure_id=structure, prestation="EAJE", nature="reel", exercice=2025,
                etape=ETAPE, origine="test", donnees={}, recue_le=INSTANT, etat=EtatDeclaration.RECUE,
            )
        )  # fmt: skip


def test_un_du_dont_la_declaration_est_remplacee_ne_part_pas(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    corriger(ctx, 1)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert lot is not None
    assert resume_lot(ctx, lot).total_centimes == 5
    preparer_dus(ctx, ETAPE, JOUR)
    assert etats(ctx)[0] == ("solde", 30_000, "annule")


@pytest.mark.parametrize("evenement", ["déclaration remplacée", "droit recalculé", "droit devenu non payable"])
def test_un_lot_depasse_ne_se_libere_pas(ctx: Contexte, evenement: str) -> None:
    lot = lot_propose(ctx)
    if evenement == "déclaration remplacée":
        corriger(ctx, 1)
    else:
        with transaction(ctx.moteur) as session:
            ajouter_droit(session, 1, 99_000, payable=evenement == "droit recalculé", rang=2)
    with pytest.raises(ActeRefuse, match=r"Depuis la proposition .* S01"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "un droit a changé", JOUR)
    preparer_dus(ctx, ETAPE, JOUR)
    ouverts = [(nature, montant) for nature, montant, etat in etats(ctx) if etat == "du"]
    assert ("solde", 30_000) not in ouverts
    assert (("solde", 29_000) in ouverts) == (evenement == "droit recalculé")


def test_un_lot_de_demonstration_ne_se_libere_pas_pour_de_vrai(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur)
    with pytest.raises(ActeRefuse, match="Depuis la proposition"):
        decider_lot(reel, lot, EtatLot.LIBERE, LIBERE)
    assert [r.structure for r in preparer_dus(reel, ETAPE).refus] == ["S01", "S02", "S03", "S04"]
    assert [e[2] for e in etats(ctx) if e[0] == "indu"] == ["annule"]


def test_un_droit_en_baisse_pendant_qu_un_lot_attend(ctx: Contexte) -> None:
    """The batch is turned down after an indu was written against it: only what is owed stays open."""
    lot = lot_propose(ctx)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 80_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    assert ("indu", 20_000, "a_recouvrer") in etats(ctx)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "le droit a baissé", JOUR)
    preparer_dus(ctx, ETAPE, JOUR)
    ouverts = [e for e in etats(ctx) if e[2] in {"du", "a_recouvrer"}]
    assert ("solde", 10_000, "du") in ouverts
    assert ("indu", 20_000, "a_recouvrer") not in ouverts
