"""A sitting in Prefect: the daily run fixes its agenda, a person has its file, then records what was decided."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from demonstration.serveur import Serveur
from flows.commission import decider, preparer
from flows.demandes import DemandeJour
from flows.demandes_commission import DemandeDecisions, DemandeSeance
from flows.rattrapage import rattraper
from operations.contexte import Contexte
from tests.flows.test_flux import artefact
from tests.operations.commission.fonds import FEVRIER, SEANCE, demander, etats, installer

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]


def test_de_l_ordre_du_jour_aux_decisions(installation: Contexte, serveur: Serveur, tmp_path: Path) -> None:
    installer(installation)
    reference = demander(installation, date(2025, 12, 15))
    assert rattraper(DemandeJour(jour=date(2026, 1, 11)), return_state=True).message
    assert etats(installation) == {reference: ("inscrite", FEVRIER)}

    prete = preparer(DemandeSeance(commission=FEVRIER, jour=date(2026, 1, 12)), return_state=True)
    assert prete.is_completed()
    page = artefact(serveur, f"commission-{FEVRIER}")["data"]
    assert "2026-PART-0001" in page
    assert "DÉMONSTRATION" in page
    assert "ordre-du-jour.html" in page

    classeur = load_workbook(next((installation.reglages.var / "documents" / FEVRIER).glob("*.xlsx")))
    classeur["Décisions"]["O7"], classeur["Décisions"]["P7"] = "accord", 9999
    rempli = tmp_path / "rempli.xlsx"
    classeur.save(rempli)
    saisie = {"commission": FEVRIER, "par": "s.dubois", "fichier": str(rempli), "appliquer": True, "jour": SEANCE}
    faux = decider(DemandeDecisions.model_validate(saisie), return_state=True)
    assert faux.is_failed()
    assert "P7" in artefact(serveur, f"decisions-{FEVRIER}")["data"]

    seule = {"reference": reference, "sens": "accord", "montant": "2 000"}
    faite = decider(
        DemandeDecisions.model_validate({"commission": FEVRIER, "par": "s.dubois", "jour": SEANCE, **seule}),
        return_state=True,
    )
    assert faite.is_completed()
    assert etats(installation) == {reference: ("accordee", FEVRIER)}
    assert "Courriels : 1 envoyé(s)" in (faite.message or "")

    erreur = {"reference": reference, "sens": "annuler", "motif": "Le montant d'une autre demande."}
    annulee = decider(
        DemandeDecisions.model_validate({"commission": FEVRIER, "par": "s.dubois", "jour": SEANCE, **erreur}),
        return_state=True,
    )
    assert "Courriels : 1 envoyé(s)" in (annulee.message or "")
    assert etats(installation) == {reference: ("inscrite", FEVRIER)}
