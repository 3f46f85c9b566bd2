"""Two people who accord at the same moment never spend the same money twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from operations.commission.decisions import decider
from operations.contexte import ActeRefuse, Contexte
from regles.etats import SensDecision
from tests.operations.commission.fonds import DECIDE, FEVRIER, SEANCE, demander, etats, installer, jouer_jusqu_au

RESTE = 12_000_000  # the invented envelope of the demonstration, in cents


def test_deux_accords_en_meme_temps_ne_depassent_pas(contexte_deux_bases: Contexte) -> None:
    ctx = contexte_deux_bases
    installer(ctx)
    references = [demander(ctx, date(2025, 12, 15), f"Projet {rang}", demande=RESTE) for rang in range(4)]
    jouer_jusqu_au(ctx, date(2026, 1, 11))

    def accorder(reference: str) -> bool:
        try:
            decider(ctx, FEVRIER, reference, SensDecision.ACCORD, DECIDE, montant_centimes=RESTE, jour=SEANCE)
        except ActeRefuse:
            return False
        return True

    with ThreadPoolExecutor(4) as personnes:
        assert sum(personnes.map(accorder, references)) == 1
    assert sorted(etat for etat, _ in etats(ctx).values()) == ["accordee", "inscrite", "inscrite", "inscrite"]
