"""Pictures of the Prefect UI for the README and the guide: `python -m demonstration.captures URL DOSSIER`."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait

TAILLE = (1500, 1000)
ATTENTE_S = 30
REPOS_S = 2.5  # the UI goes on fetching after its first paint


@dataclass(frozen=True, slots=True)
class Vue:
    """A page to picture: its file name, its path, and a text that shows it is there."""

    nom: str
    chemin: str
    texte: str = ""
    hauteur: int = TAILLE[1]


@contextmanager
def navigateur() -> Iterator[WebDriver]:
    """Open a headless Chromium in French that reaches nothing but this machine."""
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--lang=fr-FR",
        f"--window-size={TAILLE[0]},{TAILLE[1]}",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": "fr-FR,fr"})
    chemin = shutil.which("chromedriver")
    if chemin is None:
        raise FileNotFoundError("chromedriver n'est pas installé (paquets chromium et chromium-driver)")
    pilote: webdriver.Chrome = webdriver.Chrome(options=options, service=Service(chemin))
    try:
        pilote.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Europe/Paris"})
        yield pilote
    finally:
        pilote.quit()


def _id(api: str, quoi: str, **filtre: object) -> str:
    """Give the id of the first object of a kind that matches a filter, or an empty text."""
    trouves = httpx.post(f"{api}/{quoi}/filter", json={"limit": 1, **filtre}, timeout=30).json()
    return str(trouves[0]["id"]) if trouves else ""


def _artefact(api: str, cle: str) -> str:
    """Give the path of the newest artifact under a key."""
    identifiant = _id(api, "artifacts", sort="CREATED_DESC", artifacts={"key": {"any_": [cle]}})
    return f"/artifacts/artifact/{identifiant}"


def vues(api: str, etape: str, lot: str) -> list[Vue]:
    """List the pages that show a campaign: dashboard, runs, calendar, artifacts, the batch; last, its release."""
    calendrier = _id(api, "deployments", deployments={"name": {"any_": ["calendrier"]}})
    liberation = _id(api, "flow_runs", sort="START_TIME_DESC", flow_runs={"name": {"like_": "Libération du lot"}})
    return [
        Vue("tableau-de-bord-prefect", "/dashboard", "Flow Runs"),
        Vue("executions", "/runs", "Libération", 1400),
        Vue("a-venir", f"/deployments/deployment/{calendrier}?tab=Upcoming", "Relance"),
        Vue("action-a-lancer", f"/deployments/deployment/{calendrier}/run", "Étape", 1400),
        Vue("deploiements", "/deployments", "rattrapage"),
        Vue("artefacts", "/artifacts", "avancement", 1400),
        Vue("campagne", _artefact(api, f"synthese-{etape}"), "reçus sur"),
        Vue("avancement", _artefact(api, f"avancement-{etape}"), "reçus sur"),
        Vue("suivi", _artefact(api, f"suivi-{etape}"), "Gestionnaire", 1400),
        Vue("droits", _artefact(api, f"droits-{etape}"), "Droits"),
        Vue("campagnes-en-cours", _artefact(api, "tableau-de-bord"), "Campagnes en cours"),
        Vue("lot", _artefact(api, f"lot-{lot}"), "Lot", 1200),
        Vue("liberation", f"/runs/flow-run/{liberation}", "Libération"),
    ]


def photographier(pilote: WebDriver, interface: str, vue: Vue, dossier: Path) -> Path:
    """Open a page, wait for its text, and save its picture."""
    pilote.set_window_size(TAILLE[0], vue.hauteur)
    pilote.get(f"{interface}{vue.chemin}")
    WebDriverWait(pilote, ATTENTE_S).until(lambda p: vue.texte in p.find_element(By.TAG_NAME, "body").text)
    time.sleep(REPOS_S)
    return _enregistrer(pilote, dossier / f"{vue.nom}.png")


def photographier_le_formulaire(pilote: WebDriver, interface: str, liberation: Vue, dossier: Path) -> Path:
    """Open the release form of a suspended run (Resume) and save its picture."""
    pilote.get(f"{interface}{liberation.chemin}")
    attente = WebDriverWait(pilote, ATTENTE_S)
    bouton = (By.XPATH, "//button[contains(normalize-space(.), 'Resume')]")
    attente.until(expected_conditions.element_to_be_clickable(bouton)).click()
    attente.until(lambda p: "Votre identifiant" in p.find_element(By.TAG_NAME, "body").text)
    time.sleep(REPOS_S)
    return _enregistrer(pilote, dossier / "formulaire-de-liberation.png")


def _enregistrer(pilote: WebDriver, fichier: Path) -> Path:
    fichier.parent.mkdir(parents=True, exist_ok=True)
    fichier.write_bytes(pilote.get_screenshot_as_png())
    return fichier


def capturer(
    interface: str, dossier: Path, etape: str = "reels-2025-a", lot: str = "reels-2025-a-lot-01"
) -> list[Path]:
    """Save a picture of every page, then of the release form of a suspended run, and give the files.

    Raises:
        selenium.common.exceptions.TimeoutException: a page that does not show its text within 30 s.
    """
    faits = []
    a_prendre = vues(f"{interface}/api", etape, lot)
    with navigateur() as pilote:
        for vue in a_prendre:
            faits.append(photographier(pilote, interface, vue, dossier))
        faits.append(photographier_le_formulaire(pilote, interface, a_prendre[-1], dossier))
    return faits


if __name__ == "__main__":
    for fichier in capturer(sys.argv[1].rstrip("/"), Path(sys.argv[2])):
        print(fichier)
