"""Commands over the accepted Filoué files, as a person types them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commandes.principal import application
from demonstration.filoue import Sommes, ecrire, inventer
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation
from tests.filoue.fabrique import EXERCICE, declarer_reel, poser_creche, recevoir

REEL = {"heures_facturees": "100", "heures_realisees": "100", "participations_familiales": "200"}


@pytest.fixture
def installation(contexte: Contexte) -> Iterator[Contexte]:
    """A crèche whose file is 12 % above its réel, and another without a réel."""
    sommes = Sommes(facturees=11_200, realisees=10_000, montant=20_000)
    recevoir(contexte, "EAJE01", ecrire(inventer(10, EXERCICE, "a", sommes), poser_creche(contexte, "EAJE01")))
    recevoir(contexte, "EAJE02", ecrire(inventer(10, EXERCICE, "b"), poser_creche(contexte, "EAJE02")))
    declarer_reel(contexte, "EAJE01", REEL)
    contexte_de_l_installation.cache_clear()
    yield contexte
    contexte_de_l_installation.cache_clear()


def _lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(application, ["filoue", *arguments])
    return resultat.exit_code, resultat.output.replace("\u00a0", " ")


def test_croiser_dit_les_ecarts_et_les_absences_de_reel(installation: Contexte) -> None:
    code, dit = _lancer("croiser", "2025")

    assert code == 0
    assert "soit un écart de +12 %." in dit
    assert "pas encore de réel" in dit
    assert "1 fichier(s) comparé(s) au réel 2025, dont 1 avec un écart à expliquer ; 1 sans réel." in dit


def test_agreger_et_remettre_ecrivent_et_disent_ou(installation: Contexte, tmp_path: Path) -> None:
    sortie = tmp_path / "sortie"
    code_agregat, agregat = _lancer("agreger", "2025", "--sortie", str(sortie))
    code_remise, remise = _lancer("remettre", "2025", "--version", "V3", "--sortie", str(sortie), "--par", "c.martin")

    assert (code_agregat, code_remise) == (0, 0)
    assert "2 fichier(s) sur 2" in agregat
    assert "20 ligne(s) dans 1 fichier(s)." in remise
    ecrits = {ligne.removeprefix("Écrit : ") for ligne in (agregat + remise).splitlines() if ligne.startswith("Écrit")}
    assert ecrits == {str(chemin) for chemin in sortie.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (("remettre", "2025", "--version", "V9", "--sortie", "x", "--par", "c.martin"), "V9"),
        (("remettre", "2025", "--version", "V3", "--sortie", "x", "--par", "personne"), "personne"),
        (("agreger", "2031", "--sortie", "x"), "2031"),
    ],
)
def test_un_refus_est_une_phrase(installation: Contexte, arguments: tuple[str, ...], phrase: str) -> None:
    code, dit = _lancer(*arguments)

    assert code == 2
    assert phrase in dit
    assert "Traceback" not in dit
    assert not Path("x").exists()
