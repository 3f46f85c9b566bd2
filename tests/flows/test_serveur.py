"""The server itself, and the calendar on it: what is deployed, what fires when, what a second deployment does."""

import asyncio
import shutil
import socket
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prefect.server.schemas.schedules import RRuleSchedule

from commandes.deploiement import deployer
from commandes.horaires import Ecarts
from demonstration.serveur import Serveur, ServeurIndisponible, serveur_prefect
from operations.configuration import identifiants_des_etapes
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation
from regles.calendrier import PARIS, NatureEtape
from schemas.configuration.reglages import RACINE
from tasks.horaires import HORIZON
from tests.flows.conftest import Depart

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

CALENDRIER_SEUL = {"deployments": {"name": {"any_": ["calendrier"]}}}


def a_venir(serveur: Serveur) -> list[dict[str, Any]]:
    """The coming runs of the calendar, by date, as the UI lists them."""
    filtre = {**CALENDRIER_SEUL, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    reponse = httpx.post(f"{serveur.api}/flow_runs/filter", json={**filtre, "sort": "EXPECTED_START_TIME_ASC"})
    return list(reponse.raise_for_status().json())


def horaires_poses(serveur: Serveur) -> dict[str, dict[str, Any]]:
    """The calendar's schedules on the server, by slug."""
    deploiements = httpx.post(f"{serveur.api}/deployments/filter", json=CALENDRIER_SEUL)
    return {horaire["slug"]: horaire for horaire in deploiements.raise_for_status().json()[0]["schedules"]}


def repartir_sans_calendrier(serveur: Serveur) -> None:
    """Take away what another test deployed on the shared server."""
    for deploiement in httpx.post(f"{serveur.api}/deployments/filter", json=CALENDRIER_SEUL).raise_for_status().json():
        httpx.delete(f"{serveur.api}/deployments/{deploiement['id']}").raise_for_status()


def instant_du_serveur(horaire: dict[str, Any]) -> datetime:
    """When the server's own code fires a schedule, in UTC."""
    regle = RRuleSchedule.model_validate(horaire["schedule"])
    (instant,) = asyncio.run(regle.get_dates(n=2, start=datetime(2020, 1, 1, tzinfo=UTC)))
    return instant.astimezone(UTC)


def deployer_sur(config: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Ecarts, list[str]]:
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(config))
    contexte_de_l_installation.cache_clear()
    dits: list[str] = []
    return deployer(dire=dits.append), dits


def prochains_changements() -> list[date]:
    """The next clock changes, far enough for an opening counted 120 days back from a limit to be to come."""
    premier = datetime.now(PARIS).date() + timedelta(days=125)
    jours = [premier + timedelta(days=rang) for rang in range(365)]
    return [j for j in jours if minuit(j).utcoffset() != minuit(j + timedelta(days=1)).utcoffset()][:2]


def minuit(jour: date) -> datetime:
    return datetime.combine(jour, time(), PARIS)


def une_etape_de_chaque_nature(changement: date) -> list[dict[str, Any]]:
    """Steps whose days stand on each side of a clock change: the Saturday before, the Monday after."""
    samedi, lundi = changement - timedelta(days=1), changement + timedelta(days=1)
    fenetre = {"ouverture": samedi, "limite": lundi}
    declaration = {**fenetre, "exercice": changement.year, "prestations": ["EAJE"]}
    dates: dict[str, dict[str, Any]] = {
        "previsionnel": declaration, "actualisation": declaration, "reel": declaration, "bilan": {"limite": lundi},
        "filoue": {"limite": lundi, "exercice": changement.year, "prestations": ["EAJE"]}, "appel_a_projets": fenetre,
        "renouvellement": {"limite": lundi, "prestations": ["RPE"]},
        "commission": {"demandes_avant": samedi, "jour": lundi},
        "versement": {"a_partir_du": lundi, "exercice": changement.year},
    }  # fmt: skip
    assert dates.keys() == set(NatureEtape)
    return [
        {"id": f"essai-{n.replace('_', '-')}-{changement:%Y-%m}", "nature": n, "libelle": f"Essai {n}", **d}
        for n, d in dates.items()
    ]


def ajouter_etapes(config: Path, annee: int, etapes: list[dict[str, Any]]) -> None:
    """Add steps to the calendar of a year, made when there is none: data only, as a person of the team would."""
    fichier = config / "calendrier" / f"{annee}.yaml"
    if fichier.exists():
        debut = fichier.read_text(encoding="utf-8").rstrip()
    else:
        entete = {"annee": annee, "source": "essai", "releve_le": date(annee, 1, 1)}
        noms = {"EAJE": "Crèche", "RPE": "Relais"}
        debut = f"{yaml.safe_dump({**entete, 'prestations': noms})}etapes:"
    ajout = "".join(yaml.safe_dump([etape], sort_keys=False) for etape in etapes).replace("\n", "\n  ").rstrip()
    fichier.write_text(f"{debut}\n  {ajout}\n", encoding="utf-8")


def test_le_calendrier_se_pose_se_corrige_et_se_retire(
    installation: Contexte, serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repartir_sans_calendrier(serveur)
    pose, dits = deployer_sur(RACINE / "config", monkeypatch)
    verifier_le_calendrier_reel(serveur, pose, dits)

    avant = sorted(run["name"] for run in a_venir(serveur))
    encore, dits = deployer_sur(RACINE / "config", monkeypatch)
    assert encore.est_vide
    assert "Rien à changer : le serveur dit déjà ce que dit le calendrier." in dits
    assert sorted(run["name"] for run in a_venir(serveur)) == avant

    config = tmp_path / "config"
    shutil.copytree(RACINE / "config", config)
    publie = config / "calendrier" / "2026.yaml"
    texte = publie.read_text(encoding="utf-8").replace("    jour: 2026-11-16\n", "    jour: 2026-11-17\n")
    debut, fin = texte.index("  - id: acompte-1-2026"), texte.index("  - id: bilan-animation-pdn-2025")
    publie.write_text(texte[:debut] + texte[fin:], encoding="utf-8")
    changements = prochains_changements()
    for changement in changements:
        ajouter_etapes(config, changement.year, une_etape_de_chaque_nature(changement))
    change, dits = deployer_sur(config, monkeypatch)
    assert [p.cle for p in change.a_retirer] == ["acompte-1-2026-ouvrir"]
    assert any("retirée" in d and "acompte-1-2026-ouvrir (n'est plus au calendrier)" in d for d in dits)
    assert [h.cle for _, h in change.a_modifier] == ["cas-2026-11-sieger"]
    assert any("déplacée" in d and "16/11/2026 09:00 → 17/11/2026 09:00" in d for d in dits)
    verifier_les_executions(serveur, change, changements)


def verifier_le_calendrier_reel(serveur: Serveur, pose: Ecarts, dits: list[str]) -> None:
    """Every date of the published year, as the server holds it: 9 a.m. in Paris across both clock changes of 2026."""
    poses = horaires_poses(serveur)
    assert poses.keys() == {h.cle for h in pose.a_creer}
    assert {h["parameters"]["demande"]["etape"] for h in poses.values()} == set(
        identifiants_des_etapes(RACINE / "config")
    )
    instants = {cle: instant_du_serveur(horaire) for cle, horaire in poses.items()}
    assert {f"{instant.astimezone(PARIS):%H:%M}" for instant in instants.values()} == {"09:00"}
    assert {h.cle: h.le for h in pose.a_creer} == instants
    for cle, utc in {
        "previsionnels-plan-mercredi-2026-relancer-j-7": "27/03/2026 08:00",
        "previsionnels-plan-mercredi-2026-relancer-j+1": "04/04/2026 07:00",
        "renouvellement-rpe-2026-relancer-j-7": "26/10/2026 08:00",
        "renouvellement-rpe-2026-relancer-j-30": "01/10/2026 07:00",
    }.items():
        assert f"{instants[cle]:%d/%m/%Y %H:%M}" == utc, cle
    assert sum(ligne.startswith("  nouvelle") for ligne in dits) > 0
    assert dits[-1].startswith(f"Déployé : {len(a_venir(serveur))} action(s) à venir")


def verifier_les_executions(serveur: Serveur, change: Ecarts, changements: list[date]) -> None:
    """The coming runs of the steps just added: named, and at 9 a.m. in Paris on each side of a clock change."""
    limite = datetime.now(PARIS) + HORIZON
    voulues = {(h.intitule, h.le.astimezone(UTC)) for h in change.a_creer if h.le < limite}
    runs = [run for run in a_venir(serveur) if "Essai" in run["name"]]
    assert {(r["name"], datetime.fromisoformat(r["expected_start_time"]).astimezone(UTC)) for r in runs} == voulues
    assert len(runs) == len(voulues)
    natures = {run["parameters"]["demande"]["etape"].rsplit("-", 2)[0] for run in runs}
    assert natures == {f"essai-{n.replace('_', '-')}" for n in NatureEtape}
    for changement in changements:
        if minuit(changement) + timedelta(days=2) < limite:
            autour = {instant.hour for _, instant in voulues if abs(instant.date() - changement) == timedelta(days=1)}
            assert autour == {7, 8}


def test_l_apercu_ne_change_rien(
    installation: Contexte, serveur: Serveur, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tout() -> list[Any]:
        """Counts; of the runs, those of the calendar: the server makes those of the daily schedules by itself."""
        du_calendrier = {"deployments": {"name": {"any_": ["calendrier"]}}}
        return [
            len(httpx.post(f"{serveur.api}/{quoi}/filter", json=filtre).json())
            for quoi, filtre in (
                ("deployments", {}),
                ("work_pools", {}),
                ("automations", {}),
                ("flow_runs", du_calendrier),
            )
        ]

    avant = tout()
    config = tmp_path / "config"
    shutil.copytree(RACINE / "config", config)
    ajouter_etapes(config, 2026, [{"id": "seule", "nature": "bilan", "libelle": "Essai", "limite": date(2026, 9, 9)}])
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(config))
    contexte_de_l_installation.cache_clear()
    dits: list[str] = []
    ecarts = deployer(apercu=True, dire=dits.append)
    assert {"seule-ouvrir", "seule-clore"} <= {h.cle for h in ecarts.a_creer}
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
