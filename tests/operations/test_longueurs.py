"""What a person types has a length: said in a sentence, on both databases, never cut nor broken on."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from demonstration.hasard import iban_invente
from modeles.base import transaction
from operations.contexte import ActeRefuse, Contexte
from operations.contrepassations import contrepasser
from operations.coordonnees import confirmer, enregistrer
from operations.droits import valider
from operations.dus import preparer_dus
from operations.indus import encaisser
from operations.journal import histoire
from operations.lots import proposer_lot, resume_lot
from operations.rappels import confirmer_rappels, renoncer_aux_rappels
from operations.signatures import decider_lot, ordonner_lot
from operations.suspensions import lever_suspension, suspendre
from regles.etats import EtatLot
from tests.operations.argent import ETAPE, JOUR, LIBERE, ORDONNE, PROPOSE, ajouter_partenaire, ajouter_reel

DU, NUMERO, LISTE = "2025-EAJE-S01-01", f"{ETAPE}-lot-01", "0" * 64
INCONNU = "x" * 61
Acte = Callable[[Contexte, str], object]


@pytest.fixture
def propose(contexte_deux_bases: Contexte) -> Contexte:
    """A batch of seven lines, and so many structures, of one partner of a long name."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session, nom="Communauté d'agglomération de Chaumont et du Bassin nogentais " * 2)
        for rang in range(1, 8):
            ajouter_reel(session, rang, 100_000, 0)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    assert proposer_lot(contexte_deux_bases, ETAPE, PROPOSE, JOUR) == 1
    return contexte_deux_bases


TROP_LONGS: dict[str, tuple[int, Acte]] = {
    "refus d'un lot": (1_000, lambda ctx, dit: decider_lot(ctx, 1, EtatLot.REFUSE, LIBERE, dit, JOUR)),
    "suspension": (500, lambda ctx, dit: suspendre(ctx, DU, "pieces", dit, ORDONNE, JOUR)),
    "levée": (500, lambda ctx, dit: lever_suspension(ctx, DU, dit, ORDONNE, JOUR)),
    "contre-passation": (1_000, lambda ctx, dit: contrepasser(ctx, DU, dit, LIBERE, JOUR)),
    "encaissement": (500, lambda ctx, dit: encaisser(ctx, DU, 100, LIBERE, dit, JOUR)),
    "validation": (1_000, lambda ctx, dit: valider(ctx, ETAPE, PROPOSE, dit, JOUR)),
    "rappels": (1_000, lambda ctx, dit: confirmer_rappels(ctx, [2025], LISTE, PROPOSE, dit, JOUR)),
    "rappels laissés": (1_000, lambda ctx, dit: renoncer_aux_rappels(ctx, LISTE, PROPOSE, dit, JOUR)),
}


@pytest.mark.parametrize(("au_plus", "acte"), TROP_LONGS.values(), ids=TROP_LONGS)
def test_un_motif_trop_long_se_dit(propose: Contexte, au_plus: int, acte: Acte) -> None:
    with pytest.raises(ActeRefuse, match=f"tient en {au_plus} caractères au plus ; lu : {au_plus + 1}"):
        acte(propose, "é" * (au_plus + 1))


def test_le_plus_long_motif_est_garde_entier(propose: Contexte) -> None:
    suspendre(propose, DU, "pieces", "é" * 500, ORDONNE, JOUR)
    lever_suspension(propose, DU, "è" * 500, ORDONNE, JOUR)
    decider_lot(propose, 1, EtatLot.REFUSE, LIBERE, "é" * 1_000, JOUR)
    assert resume_lot(propose, 1).motif == "é" * 1_000


@pytest.mark.parametrize(
    ("acte", "objet", "identifiant"),
    [
        (lambda ctx: ordonner_lot(ctx, 1, INCONNU, JOUR), "lot", NUMERO),
        (lambda ctx: decider_lot(ctx, 1, EtatLot.LIBERE, INCONNU, jour=JOUR), "lot", NUMERO),
        (lambda ctx: confirmer_rappels(ctx, [2025], LISTE, INCONNU, "lu", JOUR), "rappels", LISTE),
        (lambda ctx: renoncer_aux_rappels(ctx, LISTE, INCONNU, "lu", JOUR), "rappels", LISTE),
    ],
    ids=["ordonner", "viser", "confirmer", "renoncer"],
)
def test_un_inconnu_au_nom_trop_long_est_inscrit(
    propose: Contexte, acte: Callable[[Contexte], object], objet: str, identifiant: str
) -> None:
    with pytest.raises(ActeRefuse, match="n'est pas une personne de l'équipe"):
        acte(propose)
    assert histoire(propose, objet, identifiant)[-1].par == INCONNU[:60]


def test_un_refus_qui_touche_tout_un_lot_nomme_les_premiers(propose: Contexte) -> None:
    demain = JOUR + timedelta(days=1)
    compte = enregistrer(propose, "P1", iban_invente(77), "+Commune", demain, PROPOSE, JOUR)
    confirmer(propose, compte.id, LIBERE, "rappelé", JOUR)
    with pytest.raises(ActeRefuse, match=r"S05 \(Communauté .*\) et 2 autre\(s\) : refusez") as refus:
        ordonner_lot(propose, 1, ORDONNE, demain)
    assert resume_lot(propose, 1).dernier_refus == str(refus.value)
