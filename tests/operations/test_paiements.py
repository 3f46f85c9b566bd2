"""What refuses a payment, in words; and what a batch does of an account that is new or has changed."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Convention, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.coordonnees import confirmer, enregistrer
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.lots import proposer_lot, resume_lot
from operations.signatures import decider_lot
from regles.etats import EtatLot
from tests.operations.argent import (
    ETAPE,
    JOUR,
    LES_DEUX,
    LIBERE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reprise,
    ajouter_structure,
    liberer,
)

IBAN, AUTRE = "FR76 3000 6000 0112 3456 7890 189", "FR14 2004 1010 0505 0001 3M02 606"
LENDEMAIN = date(2026, 3, 13)
APPEL = "mairie, au numéro de l'annuaire"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """A crèche under a convention, due 1 000,00 €, whose partner has no account yet."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session, nom="Commune", compte=False)
        ajouter_structure(session, 1)
        ajouter_declaration(session, 1, 1)
        ajouter_droit(session, 1, 100_000)
    return contexte_deux_bases


def poser_compte(ctx: Contexte, iban: str = IBAN, jour: date = JOUR, *, confirme: bool = True) -> int:
    compte = enregistrer(ctx, "P1", iban, "Commune", jour, PROPOSE, jour).id
    if confirme:
        confirmer(ctx, compte, LIBERE, APPEL, jour)
    return compte


def refus(ctx: Contexte) -> tuple[str, ...]:
    (seul,) = preparer_dus(ctx, ETAPE, JOUR).refus or [None]
    return () if seul is None else seul.motifs


def proposer(ctx: Contexte, jour: date = JOUR) -> int:
    preparer_dus(ctx, ETAPE, jour)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, jour)
    assert lot is not None
    return lot


def changer(ctx: Contexte, *, structure: dict[str, object] | None = None, **convention: object) -> None:
    with transaction(ctx.moteur) as session:
        existante, sienne = session.exec(select(Convention)).one(), session.exec(select(Structure)).one()
        for chose, valeurs in ((existante, convention), (sienne, structure or {})):
            for cle, valeur in valeurs.items():
                setattr(chose, cle, valeur)
            session.add(chose)


SANS_COMPTE = (
    "Aucun compte bancaire confirmé n’est enregistré pour Commune : enregistrez-le, et faites-le confirmer par une "
    "autre personne."
)


def test_sans_compte_puis_compte_a_confirmer_puis_confirme(ctx: Contexte) -> None:
    assert refus(ctx) == (SANS_COMPTE,)
    compte = enregistrer(ctx, "P1", IBAN, "Commune", JOUR, LES_DEUX, JOUR).id
    assert refus(ctx) == (SANS_COMPTE,)
    with pytest.raises(ActeRefuse, match="base de données l'interdit"):
        confirmer(ctx, compte, LES_DEUX, APPEL, JOUR)
    assert refus(ctx) == (SANS_COMPTE,)
    confirmer(ctx, compte, LIBERE, APPEL, JOUR)
    assert refus(ctx) == ()


def test_un_compte_a_venir_ne_recoit_rien_encore(ctx: Contexte) -> None:
    compte = enregistrer(ctx, "P1", IBAN, "Commune", LENDEMAIN, PROPOSE, JOUR).id
    confirmer(ctx, compte, LIBERE, APPEL, JOUR)
    assert refus(ctx) == (SANS_COMPTE,)
    assert preparer_dus(ctx, ETAPE, LENDEMAIN).refus == ()


@pytest.mark.parametrize(
    ("convention", "structure", "phrase"),
    [
        ({"prestation": "RPE"}, {}, "Convention enregistrée pour une autre prestation : C1 (RPE)."),
        ({"au": date(2025, 6, 30)}, {}, "La convention C1 s’arrête le 30/06/2025, avant la fin de la période à payer"),
        ({"du": date(2025, 2, 1)}, {}, "Aucune convention n’est en vigueur le 01/01/2025"),
        ({"du": date(2025, 9, 1)}, {"ouverte_le": date(2025, 9, 1)}, ""),
        (
            {"du": date(2025, 9, 2)},
            {"ouverte_le": date(2025, 9, 1)},
            "Aucune convention n’est en vigueur le 01/09/2025",
        ),
        ({"au": date(2025, 7, 31)}, {"fermee_le": date(2025, 7, 31)}, ""),
        ({"au": date(2025, 7, 30)}, {"fermee_le": date(2025, 7, 31)}, "La convention C1 s’arrête le 30/07/2025"),
    ],
)
def test_la_convention_couvre_toute_l_activite_a_payer(
    ctx: Contexte, convention: dict[str, object], structure: dict[str, object], phrase: str
) -> None:
    poser_compte(ctx)
    changer(ctx, structure=structure, **convention)
    dits = refus(ctx)
    assert len(dits) == bool(phrase)
    assert all(phrase in motif for motif in dits)


def test_sans_convention_ni_compte_les_deux_se_disent(ctx: Contexte) -> None:
    changer(ctx, prestation="EVS")
    assert [motif.split(".")[0] for motif in refus(ctx)] == [
        "Aucune convention n’est enregistrée pour la prestation EAJE",
        SANS_COMPTE.removesuffix("."),
    ]


def test_un_compte_change_entre_la_proposition_et_la_liberation(ctx: Contexte) -> None:
    """The line keeps the account it was frozen with: a batch that would pay the former one is turned down."""
    poser_compte(ctx)
    lot = proposer(ctx)
    poser_compte(ctx, AUTRE, LENDEMAIN)
    with pytest.raises(ActeRefuse, match=r"le compte bancaire a changé pour S01 \(Commune\) : refusez ce lot"):
        liberer(ctx, lot, LENDEMAIN)
    assert resume_lot(ctx, lot).etat is EtatLot.PROPOSE
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "le compte a changé", LENDEMAIN)
    second = proposer(ctx, LENDEMAIN)
    liberer(ctx, second, LENDEMAIN)
    texte = exporter_lot(ctx, second, LENDEMAIN)[0].chemin.read_text(encoding="utf-8-sig")
    assert "FR14 •••• 2606" in texte
    assert "•••• 0189" not in texte


def test_un_compte_seulement_enregistre_ne_retient_pas_le_lot(ctx: Contexte) -> None:
    poser_compte(ctx)
    lot = proposer(ctx)
    poser_compte(ctx, AUTRE, LENDEMAIN, confirme=False)
    liberer(ctx, lot, LENDEMAIN)
    assert resume_lot(ctx, lot).etat is EtatLot.LIBERE


def test_un_premier_versement_a_un_compte_se_voit(ctx: Contexte) -> None:
    poser_compte(ctx)
    with transaction(ctx.moteur) as session:
        for rang in (2, 3):
            ajouter_structure(session, rang)
            ajouter_declaration(session, rang, rang)
        ajouter_reprise(session, 2, 1)
    premier = proposer(ctx)
    assert resume_lot(ctx, premier).comptes_nouveaux == ("S01",)
    liberer(ctx, premier, JOUR)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 2, 50_001)
    second = proposer(ctx, LENDEMAIN)
    assert resume_lot(ctx, second).comptes_nouveaux == ()
    liberer(ctx, second, LENDEMAIN)
    poser_compte(ctx, AUTRE, LENDEMAIN)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 3, 70_000)
    assert resume_lot(ctx, proposer(ctx, LENDEMAIN)).comptes_nouveaux == ("S03",)
    assert [resume_lot(ctx, lot).comptes_nouveaux for lot in (premier, second)] == [("S01",), ()]


def test_un_solde_apres_un_indu_entame_tombe_juste(ctx: Contexte) -> None:
    """Droit − déjà versé = liquidé, the indu already begun being taken off what was paid."""
    from operations.indus import encaisser

    poser_compte(ctx)
    with transaction(ctx.moteur) as session:
        convention = session.exec(select(Convention).order_by(col(Convention.id))).one()
        convention.retenue_maximale = "0.5"
        session.add(convention)
        ajouter_reprise(session, 1, 110_000)
    preparer_dus(ctx, ETAPE, JOUR)
    encaisser(ctx, "2025-EAJE-S01-02", 4_000, LIBERE, "virement du 12 mars", JOUR)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 105_000, rang=2)
    lot = proposer(ctx, LENDEMAIN)
    liberer(ctx, lot, LENDEMAIN)
    texte = exporter_lot(ctx, lot, LENDEMAIN)[0].chemin.read_text(encoding="utf-8-sig")
    assert ";EAJE;solde;2025;1050,00;1000,00;50,00;25,00;25,00;" in texte
    assert ";21520083300010;C1;" in texte
