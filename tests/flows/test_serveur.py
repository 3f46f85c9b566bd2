"""The server itself, and the calendar on it: what is deployed, what fires when, what a second deployment does."""

import shutil
import socket
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from commandes.deploiement import Ecarts, deployer
from demonstration.serveur import Serveur, ServeurIndisponible, serveur_prefect
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation
from regles.calendrier import PARIS
from schemas.configuration.reglages import RACINE
from tests.flows.conftest import Depart

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ETE, HIVER = timedelta(hours=2), timedelta(hours=1)


def prochain(mois: int, jour: int) -> date:
    """The next such day, at least ten days from now so that its reminders are to come too."""
    seuil = datetime.now(PARIS).date() + timedelta(days=10)
    ici = date(seuil.year, mois, jour)
    return ici if ici > seuil else date(seuil.year + 1, mois, jour)


def ecrire_calendriers(config: Path, **ouvertures: date) -> None:
    """Write the project's configuration with these steps only, each closing eight days after its opening."""
    shutil.copytree(RACINE / "config", config, dirs_exist_ok=True)
    shutil.rmtree(config / "calendrier")
    (config / "calendrier").mkdir()
    for annee in {ouverture.year for ouverture in ouvertures.values()}:
        etapes = "".join(
            f"  - id: {nom}\n    nature: bilan\n    libelle: Bilan {nom}\n    ouverture: {le}\n"
            f"    limite: {le + timedelta(days=8)}\n"
            for nom, le in ouvertures.items()
            if le.year == annee
        )
        entete = f"annee: {annee}\nsource: essai\nreleve_le: {annee}-01-01\nprestations: {{EAJE: Crèche}}\n"
        (config / "calendrier" / f"{annee}.yaml").write_text(f"{entete}etapes:\n{etapes}", encoding="utf-8")


def a_venir(serveur: Serveur) -> list[dict[str, Any]]:
    """The coming runs of the calendar, by date, as the UI lists them."""
    filtre = {
        "deployments": {"name": {"any_": ["calendrier"]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    reponse = httpx.post(f"{serveur.api}/flow_runs/filter", json={**filtre, "sort": "EXPECTED_START_TIME_ASC"})
    return list(reponse.raise_for_status().json())


def horaires_poses(serveur: Serveur) -> set[str]:
    """The slugs of the calendar's schedules on the server."""
    deploiements = httpx.post(
        f"{serveur.api}/deployments/filter", json={"deployments": {"name": {"any_": ["calendrier"]}}}
    )
    return {horaire["slug"] for horaire in deploiements.raise_for_status().json()[0]["schedules"]}


def deployer_avec(config: Path, monkeypatch: pytest.MonkeyPatch, **ouvertures: date) -> tuple[Ecarts, list[str]]:
    ecrire_calendriers(config, **ouvertures)
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(config))
    contexte_de_l_installation.cache_clear()
    dits: list[str] = []
    return deployer(dire=dits.append), dits


def test_le_calendrier_se_pose_se_corrige_et_se_retire(
    installation: Contexte, serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ouvertures = {"hiver": prochain(2, 10), "ete": prochain(7, 1), "automne": prochain(11, 5)}
    pose, dits = deployer_avec(tmp_path / "config", monkeypatch, **ouvertures)
    attendus = {f"{nom}-{acte}" for nom in ouvertures for acte in ("ouvrir", "relancer-1", "relancer-2", "clore")}
    assert horaires_poses(serveur) == attendus
    assert len(pose.a_creer) == 12
    assert dits[-1].startswith("Déployé : 12 action(s) à venir")

    runs = a_venir(serveur)
    assert len(runs) == 12
    instants = {
        run["name"]: datetime.fromisoformat(run["expected_start_time"]).astimezone(UTC).astimezone(PARIS)
        for run in runs
    }
    assert {f"{le:%H:%M}" for le in instants.values()} == {"09:00"}
    par_ouverture = {nom: instants[f"Ouverture : Bilan {nom}"] for nom in ouvertures}
    assert {nom: le.date() for nom, le in par_ouverture.items()} == ouvertures
    assert [par_ouverture[nom].utcoffset() for nom in ("hiver", "ete", "automne")] == [HIVER, ETE, HIVER]

    avant = {run["id"]: run["name"] for run in runs}
    encore, _ = deployer_avec(tmp_path / "config", monkeypatch, **ouvertures)
    assert encore.est_vide
    assert encore.inchanges == 12
    assert sorted(run["name"] for run in a_venir(serveur)) == sorted(avant.values())

    deplacee = ouvertures["automne"] + timedelta(days=1)
    retire, dits = deployer_avec(tmp_path / "autre", monkeypatch, ete=ouvertures["ete"], automne=deplacee)
    assert {p.cle for p in retire.a_retirer} == {c for c in attendus if c.startswith("hiver")}
    assert {h.cle for _, h in retire.a_modifier} == {c for c in attendus if c.startswith("automne")}
    assert any("hiver-ouvrir (n'est plus au calendrier)" in ligne for ligne in dits)
    restants = a_venir(serveur)
    assert len(restants) == 8
    assert not any("hiver" in run["name"] for run in restants)
    automne = next(run for run in restants if run["name"] == "Ouverture : Bilan automne")
    assert datetime.fromisoformat(automne["expected_start_time"]).astimezone(PARIS).date() == deplacee


def test_l_apercu_ne_change_rien(
    installation: Contexte, serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tout() -> list[Any]:
        return [
            len(httpx.post(f"{serveur.api}/{quoi}/filter", json={}).json())
            for quoi in ("deployments", "work_pools", "automations", "flow_runs")
        ]

    avant = tout()
    ecrire_calendriers(tmp_path / "config", seule=prochain(5, 5))
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(tmp_path / "config"))
    contexte_de_l_installation.cache_clear()
    dits: list[str] = []
    ecarts = deployer(apercu=True, dire=dits.append)
    assert {h.cle for h in ecarts.a_creer} == {"seule-ouvrir", "seule-relancer-1", "seule-relancer-2", "seule-clore"}
    assert dits[-1] == "Aperçu : rien n'a été changé."
    assert tout() == avant


def test_les_restes_d_une_session_tuee_sont_arretes(depart: Depart) -> None:
    assert depart.reste.wait(5) != 0
    assert any("session interrompue" in phrase for phrase in depart.dits)


def test_deux_sessions_ne_partagent_pas_un_dossier(depart: Depart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: 1)
    with pytest.raises(ServeurIndisponible, match="tourne déjà"), serveur_prefect(depart.serveur.dossier):
        pass
    with socket.create_connection(("127.0.0.1", depart.serveur.port), timeout=5):
        pass
