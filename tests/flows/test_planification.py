"""The calendar rendered as schedules: pure, without a server."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from flows.demandes import DemandeEtape
from flows.planification import FUSEAU, Horaire, horaires
from regles.agenda import nommer_action
from regles.calendrier import Calendrier, Etape, NatureEtape, PlanRelances, Verbe, actions_datees, nommer_prestation
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.reglages import RACINE

PLAN = PlanRelances((-7, 1), time(9), 10)


@pytest.fixture(scope="module")
def calendrier() -> Calendrier:
    return charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")


@pytest.fixture(scope="module")
def rendus(calendrier: Calendrier) -> tuple[Horaire, ...]:
    return horaires([calendrier], lambda _: PLAN)


def test_chaque_action_datee_des_28_etapes_a_son_horaire(calendrier: Calendrier, rendus: tuple[Horaire, ...]) -> None:
    attendues = {a.cle for etape in calendrier.etapes for a in actions_datees(etape, PLAN)}
    assert {h.cle for h in rendus} == attendues
    assert len(rendus) == len(attendues)
    assert {h.parametres["demande"]["etape"] for h in rendus} == {e.id for e in calendrier.etapes}
    assert len(calendrier.etapes) == 28


def test_chaque_horaire_remplit_le_formulaire_de_son_flux(rendus: tuple[Horaire, ...]) -> None:
    verbes = {DemandeEtape.model_validate(h.parametres["demande"]).verbe for h in rendus}
    assert verbes == {verbe.value for verbe in Verbe}


def test_les_cles_conviennent_a_un_slug(rendus: tuple[Horaire, ...]) -> None:
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9+]+)*", h.cle) and len(h.cle) <= 100 for h in rendus)


def test_chaque_regle_donne_une_seule_date_a_l_heure_de_paris(rendus: tuple[Horaire, ...]) -> None:
    for horaire in rendus:
        dates = list(rrulestr(horaire.regle))
        assert dates == [horaire.le.replace(tzinfo=None)]
        assert horaire.le.time() == PLAN.heure
        assert horaire.le.tzinfo == ZoneInfo(FUSEAU)
    assert {h.le.utcoffset() for h in rendus} == {timedelta(hours=1), timedelta(hours=2)}


def test_rendus_dans_l_ordre_des_dates(rendus: tuple[Horaire, ...]) -> None:
    assert list(rendus) == sorted(rendus, key=lambda h: h.le)


def test_ce_qui_est_passe_ne_se_declenche_plus(rendus: tuple[Horaire, ...]) -> None:
    midi = datetime(2026, 2, 8, 12, tzinfo=ZoneInfo(FUSEAU))
    ouverture = next(h for h in rendus if h.cle == "reels-2025-a-ouvrir")
    relance = next(h for h in rendus if h.cle == "reels-2025-a-relancer-j-7")
    assert (ouverture.est_passe(midi), relance.est_passe(midi)) == (True, False)


@pytest.mark.parametrize(
    ("nature", "prestations", "verbe", "rang", "a_confirmer", "nom"),
    [
        (NatureEtape.REEL, ("EAJE", "RPE", "FJT"), Verbe.OUVRIR, 0, False, "Ouverture : Étape (EAJE, RPE…)"),
        (NatureEtape.REEL, ("PS_JEUNES",), Verbe.RELANCER, 2, False, "Relance n° 2 : Étape (Service jeunes)"),
        (NatureEtape.REEL, ("ALSH", "LAEP"), Verbe.CLORE, 0, False, "Clôture : Étape (ALSH, LAEP)"),
        (NatureEtape.COMMISSION, (), Verbe.SIEGER, 0, True, "Séance : Étape (date à confirmer)"),
        (NatureEtape.VERSEMENT, (), Verbe.OUVRIR, 0, False, "Départ : Étape"),
        (NatureEtape.BILAN, ("RPE",), Verbe.OUVRIR, 0, False, "Ouverture : Étape"),
    ],
)
def test_noms_des_executions(
    nature: NatureEtape, prestations: tuple[str, ...], verbe: Verbe, rang: int, a_confirmer: bool, nom: str
) -> None:
    noms = {"PS_JEUNES": "Service jeunes (11 à 17 ans)", "EAJE": "Accueil du jeune enfant"}
    etape = Etape("e", nature, "Étape", prestations, noms=tuple(nommer_prestation(p, noms) for p in prestations))
    assert nommer_action(etape, verbe, rang, a_confirmer=a_confirmer) == nom
