"""Each mail in a real browser, as wide as a phone and as a desk screen: nothing is cut, nothing to scroll sideways."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from demonstration.captures import navigateur
from echanges.courriel.rendu import Rendu, rendre
from tests.echanges.courriel.exemples import TOUTES, genre
from tests.echanges.courriel.exemples_dossiers import AUTRES
from tests.echanges.courriel.exemples_filoue import VUES

TELEPHONE, BUREAU = 390, 1280
SANS_CHROMIUM = "Chromium et chromedriver ne sont pas installés"
DEBORDE = """
const large = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > large + 0.5 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
    .map((e) => `${e.tagName} « ${e.textContent.trim().slice(0, 40)} »`);
"""
PETITS = """
return [...document.querySelectorAll("body *")]
    .filter((e) => e.childNodes.length && parseFloat(getComputedStyle(e).fontSize) < 14)
    .map((e) => e.tagName);
"""
pytestmark = [
    pytest.mark.navigateur,
    pytest.mark.skipif(not (shutil.which("chromedriver") and shutil.which("chromium")), reason=SANS_CHROMIUM),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[WebDriver]:
    with navigateur() as pilote:
        yield pilote


def rendus() -> dict[str, Rendu]:
    """Every example of every genre, once rendered."""
    ordinaires = {nom: rendre(genre(nom), vue) for nom, vue in TOUTES.items()}
    filoue = {f"filoué {nom}": rendre(modele, vue) for nom, (modele, vue) in VUES.items()}
    return ordinaires | filoue | {nom: rendre(modele, vue) for nom, (modele, vue) in AUTRES.items()}


@pytest.mark.parametrize("largeur", [TELEPHONE, BUREAU])
def test_rien_ne_deborde(chromium: WebDriver, tmp_path: Path, largeur: int) -> None:
    mesures = {"width": largeur, "height": 844, "deviceScaleFactor": 1, "mobile": largeur == TELEPHONE}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", mesures)  # type: ignore[attr-defined]
    fautes = {}
    for nom, rendu in rendus().items():
        page = tmp_path / "courriel.html"
        page.write_text(rendu.html, encoding="utf-8")
        chromium.get(page.as_uri())
        fautes[nom] = chromium.execute_script(DEBORDE) + chromium.execute_script(PETITS)
    assert {nom: f for nom, f in fautes.items() if f} == {}
