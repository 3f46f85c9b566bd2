"""The demonstration's acts through real runs: it waits for each, answers the form, keeps the machine's clock out."""

from datetime import date

import pytest

from demonstration.operateurs import ExecutionRatee
from operations.contexte import Contexte
from operations.versements import resume_lot
from regles.calendrier import Verbe
from regles.etats import EtatLot

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ETAPE = "reels-2025-a"
JOUR = date(2026, 3, 12)


def test_l_operateur_attend_repond_et_dit_le_refus(atelier: Contexte) -> None:
    from prefect.client.orchestration import get_client

    from demonstration.orchestre import A_L_HEURE_DE_LA_MACHINE, OperateurPrefect

    with get_client(sync_client=True) as client:
        operateur = OperateurPrefect(atelier, client)
        operateur.preparer()
        for nom in A_L_HEURE_DE_LA_MACHINE:
            horaires = client.read_deployment_schedules(client.read_deployment_by_name(nom).id)
            assert [h.active for h in horaires] == [False]

        with pytest.raises(ExecutionRatee, match="clore"):
            operateur.jouer(ETAPE, Verbe.CLORE, 0, date(2026, 2, 8))
        assert "Lot n° 1 proposé par j.moreau" in operateur.proposer(ETAPE, "j.moreau", JOUR)
        for _ in range(2):
            assert "La base de données l'interdit" in operateur.liberer(1, "j.moreau", JOUR)
        assert len(resume_lot(atelier, 1).tentatives_refusees) == 1
        assert "libéré par a.leroy et exporté" in operateur.liberer(1, "a.leroy", JOUR)
        assert resume_lot(atelier, 1).etat is EtatLot.EXPORTE
        assert "libéré et exporté" in operateur.liberer(1, "a.leroy", JOUR)
