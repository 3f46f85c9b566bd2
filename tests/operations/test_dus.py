"""What each step makes due: acomptes on what is expected, soldes and indus on what is real, under a convention."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Convention, CoordonneeBancaire, Declaration, Structure, Versement
from operations.contexte import ActeRefuse, Contexte
from operations.droits import calculer_droits
from operations.dus import BilanDus, preparer_dus
from operations.lots import proposer_lot, resume_lot
from regles.etats import EtatDeclaration, NatureVersement
from tests.operations.argent import (
    ETAPE,
    INSTANT,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    ajouter_structure,
    etats,
    liberer,
)

ACOMPTE_1 = "acompte-1-2026"
ACTUALISATION = "actualisation-juin-2026"
CINQ_JANVIER = date(2026, 1, 5)
JUILLET = date(2026, 7, 15)
MARS_2027 = date(2027, 3, 15)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """A crèche whose prévisionnel 2026 gives a right of 1 000,01 €."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_structure(session, 1)
        ajouter_declaration(session, 1, 1, "previsionnel", 2026, "previsionnels-2026-a")
        ajouter_droit(session, 1, 100_001)
    return contexte_deux_bases


def payer(ctx: Contexte, etape: str, jour: date) -> int:
    """Propose and release what a step makes due; give what is paid, in cents."""
    lot = proposer_lot(ctx, etape, PROPOSE, jour)
    assert lot is not None
    liberer(ctx, lot, jour)
    return resume_lot(ctx, lot).total_centimes


def ecrit(ctx: Contexte, etape: str, jour: date) -> dict[str, tuple[int, int]]:
    bilan = preparer_dus(ctx, etape, jour)
    assert bilan.refus == ()
    return {nature.value: compte for nature, compte in bilan.ecrits.items()}


def test_l_annee_entiere_d_une_structure(ctx: Contexte) -> None:
    """35 % in January, 70 % after the update, the rest at the réel: to the cent, each due once."""
    assert ecrit(ctx, ACOMPTE_1, CINQ_JANVIER) == {"acompte": (1, 35_000)}
    assert ecrit(ctx, ACOMPTE_1, CINQ_JANVIER) == {}
    assert payer(ctx, ACOMPTE_1, CINQ_JANVIER) == 35_000
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 2, 1, "actualisation", 2026, ACTUALISATION)
        ajouter_droit(session, 2, 120_000)
    assert ecrit(ctx, ACOMPTE_1, JUILLET) == {}
    assert ecrit(ctx, ACTUALISATION, JUILLET) == {"acompte": (1, 49_000)}
    assert payer(ctx, ACTUALISATION, JUILLET) == 49_000
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 3, 1, "reel", 2026, "reels-2026")
        ajouter_droit(session, 3, 80_000)
    assert ecrit(ctx, ACTUALISATION, JUILLET) == {}
    assert [e[1] for e in etats(ctx)] == [35_000, 49_000]


def test_un_acompte_s_explique(ctx: Contexte) -> None:
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    with transaction(ctx.moteur) as session:
        acompte = session.exec(select(Versement)).one()
    assert acompte.etape == ACOMPTE_1
    cible = acompte.calcul["lignes"][-1]
    assert (cible["valeur"], cible["unite"]) == ("350", "€")
    assert cible["operation"] == "35\u00a0%\u00a0× 1\u202f000,01\u00a0€"
    assert [p["cle"] for p in acompte.calcul["parametres"]] == ["acompte.taux_cumule.previsionnel", "acompte.plafond"]


def test_rien_ne_se_paie_avant_le_5_janvier(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="rien ne se paie avant le 05/01/2026"):
        preparer_dus(ctx, ACOMPTE_1, date(2026, 1, 4))
    assert etats(ctx) == []


@pytest.mark.parametrize("etape", ["previsionnels-2026-a", "aap-partenaires-2026", "filoue-2026"])
def test_une_etape_qui_ne_paie_pas(ctx: Contexte, etape: str) -> None:
    with pytest.raises(ActeRefuse, match="ne donne lieu à aucun paiement"):
        preparer_dus(ctx, etape, CINQ_JANVIER)


def test_un_previsionnel_non_valide_n_a_pas_d_acompte(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        remplacee = session.get_one(Declaration, 1)
        remplacee.etat = EtatDeclaration.REMPLACEE
        session.add(remplacee)
    assert ecrit(ctx, ACOMPTE_1, CINQ_JANVIER) == {}


def test_un_reel_regle_ce_que_l_acompte_laissait_ouvert(ctx: Contexte) -> None:
    """The acompte is still open when the réel comes: one solde of the whole replaces it."""
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 3, 1, "reel", 2026, ETAPE)
        ajouter_droit(session, 3, 80_000)
    assert ecrit(ctx, ETAPE, MARS_2027) == {"solde": (1, 80_000)}
    assert etats(ctx) == [("acompte", 35_000, "annule"), ("solde", 80_000, "du")]


def test_une_actualisation_a_la_baisse_ne_reprend_rien(ctx: Contexte) -> None:
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    payer(ctx, ACOMPTE_1, CINQ_JANVIER)
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 2, 1, "actualisation", 2026, ACTUALISATION)
        ajouter_droit(session, 2, 40_000)
    assert ecrit(ctx, ACTUALISATION, JUILLET) == {}
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 3, 1, "reel", 2026, ETAPE)
        ajouter_droit(session, 3, 30_000)
    assert ecrit(ctx, ETAPE, MARS_2027) == {"indu": (1, 5_000)}


def test_un_acompte_depasse_par_une_actualisation_ne_part_plus(ctx: Contexte) -> None:
    """The acompte was due on the forecast; the update is lower: only what it allows may be paid."""
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 2, 1, "actualisation", 2026, ACTUALISATION)
        ajouter_droit(session, 2, 20_000)
    assert proposer_lot(ctx, ACOMPTE_1, PROPOSE, JUILLET) is None
    assert ecrit(ctx, ACTUALISATION, JUILLET) == {"acompte": (1, 14_000)}
    assert etats(ctx) == [("acompte", 35_000, "annule"), ("acompte", 14_000, "du")]


def test_un_lot_depasse_par_une_actualisation_ne_se_libere_pas(ctx: Contexte) -> None:
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    lot = proposer_lot(ctx, ACOMPTE_1, PROPOSE, CINQ_JANVIER)
    assert lot is not None
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 2, 1, "actualisation", 2026, ACTUALISATION)
        ajouter_droit(session, 2, 20_000)
    with pytest.raises(ActeRefuse, match="le droit a changé"):
        liberer(ctx, lot, JUILLET)


def test_un_reel_paye_et_en_correction_ne_rend_pas_la_main_a_l_actualisation(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 2, 1, "actualisation", 2026, ACTUALISATION)
        ajouter_droit(session, 2, 100_000)
        ajouter_declaration(session, 3, 1, "reel", 2026, ETAPE)
        ajouter_droit(session, 3, 50_000)
    preparer_dus(ctx, ETAPE, MARS_2027)
    assert payer(ctx, ETAPE, MARS_2027) == 50_000
    with transaction(ctx.moteur) as session:
        remplacee = session.get_one(Declaration, 3)
        remplacee.etat = EtatDeclaration.REMPLACEE
        session.add(remplacee)
    assert ecrit(ctx, ACTUALISATION, MARS_2027) == {}


def test_une_structure_fermee_avant_l_exercice_n_est_pas_payee(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        structure = session.get_one(Structure, 1)
        structure.fermee_le = date(2025, 12, 31)
        session.add(structure)
    ((_, (motif,)),) = refus(preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER))
    assert motif.startswith("La structure n’a aucun jour d’activité dans l’exercice 2026")


def test_un_lot_dont_la_convention_tombe_ne_se_libere_pas(ctx: Contexte) -> None:
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    lot = proposer_lot(ctx, ACOMPTE_1, PROPOSE, CINQ_JANVIER)
    assert lot is not None
    convention_jusqu_au(ctx, date(2026, 6, 30))
    with pytest.raises(ActeRefuse, match="S01 n'est plus payable : La convention C1 s’arrête le 30/06/2026"):
        liberer(ctx, lot, CINQ_JANVIER)


def convention_jusqu_au(ctx: Contexte, fin: date) -> None:
    with transaction(ctx.moteur) as session:
        convention = session.exec(select(Convention).order_by(col(Convention.id))).first()
        assert convention is not None
        convention.au = fin
        session.add(convention)


def refus(bilan: BilanDus) -> list[tuple[str, tuple[str, ...]]]:
    assert bilan.ecrits == {}
    return [(r.structure, r.motifs) for r in bilan.refus]


def test_une_convention_qui_s_arrete_en_cours_d_annee(ctx: Contexte) -> None:
    convention_jusqu_au(ctx, date(2026, 6, 30))
    ((structure, (motif,)),) = refus(preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER))
    assert structure == "S01"
    assert motif.startswith("La convention C1 s’arrête le 30/06/2026, avant la fin de la période à payer")
    convention_jusqu_au(ctx, date(2026, 12, 31))
    assert ecrit(ctx, ACOMPTE_1, CINQ_JANVIER) == {"acompte": (1, 35_000)}


def test_un_du_dont_la_convention_tombe_attend_hors_du_lot(ctx: Contexte) -> None:
    preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    convention_jusqu_au(ctx, date(2026, 6, 30))
    assert proposer_lot(ctx, ACOMPTE_1, PROPOSE, CINQ_JANVIER) is None
    assert etats(ctx) == [("acompte", 35_000, "du")]


def test_sans_compte_confirme_rien_ne_part(contexte: Contexte) -> None:
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session, compte=False)
        session.add(
            CoordonneeBancaire(
                partenaire_id=1, iban="FR7600000000000000000000001", titulaire="Commune", du=date(2023, 1, 1),
                enregistree_par="c.martin", enregistree_le=INSTANT,
            )
        )  # fmt: skip
        ajouter_reel(session, 1, 100_000, 0)
    ((structure, (motif,)),) = refus(preparer_dus(contexte, ETAPE, date(2026, 3, 12)))
    assert structure == "S01"
    assert motif.startswith("Aucun compte bancaire confirmé n’est enregistré pour +Commune")


def test_un_droit_de_l_autre_mode_dit_pourquoi(ctx: Contexte) -> None:
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur)
    with transaction(ctx.moteur) as session:
        ajouter_declaration(session, 4, 1, "reel", 2025, ETAPE)
        ajouter_droit(session, 4, 10_000)
    assert refus(preparer_dus(reel, ETAPE)) == [
        ("S01", ("Ce droit a été calculé en démonstration : il ne se paie pas pour de vrai.",))
    ]


def test_un_taux_a_confirmer_ne_paie_pas_pour_de_vrai(contexte: Contexte) -> None:
    """The local rate of the acompte is to confirm: outside the demonstration nothing is paid on it."""
    reel = Contexte(contexte.reglages.model_copy(update={"demonstration": False}), contexte.moteur)
    with transaction(reel.moteur) as session:
        ajouter_partenaire(session)
        ajouter_structure(session, 1)
        ajouter_declaration(session, 1, 1, "previsionnel", 2026, "previsionnels-2026-a")
        ajouter_droit(session, 1, 100_000, demonstration=False)
    ((_, motifs),) = refus(preparer_dus(reel, ACOMPTE_1))
    assert any("acompte.taux_cumule.previsionnel" in motif for motif in motifs)


def test_sans_formule_en_vigueur_rien_n_est_perdu_ni_paye(contexte: Contexte) -> None:
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session)
        ajouter_structure(session, 1)
        ajouter_declaration(session, 1, 1, exercice=1990)
    (ligne,) = calculer_droits(contexte, ETAPE, MARS_2027).lignes
    assert (ligne.montant_centimes, ligne.payable) == (None, False)
    assert ligne.motifs[0].startswith("Aucune formule ne calcule la prestation EAJE pour l'exercice 1990")
    assert refus(preparer_dus(contexte, ETAPE, MARS_2027)) == [("S01", ligne.motifs)]


def test_les_natures_se_nomment(ctx: Contexte) -> None:
    bilan = preparer_dus(ctx, ACOMPTE_1, CINQ_JANVIER)
    assert (bilan.nombre(NatureVersement.ACOMPTE), bilan.total_centimes(NatureVersement.ACOMPTE)) == (1, 35_000)
    assert (bilan.nombre(NatureVersement.INDU), bilan.total_centimes(NatureVersement.INDU)) == (0, 0)
