"""A year in a process of its own, so that two are played at once and one of them can be killed."""

import gc
import json
import multiprocessing
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from multiprocessing.context import SpawnProcess
from pathlib import Path
from random import Random

from demonstration.annee.arrets import condamner
from demonstration.annee.deroule import Deroule
from demonstration.annee.monde import DERNIER_JOUR, ouvrir_monde

TUE = -9
# Rows come and go by the thousand: looking for cycles as often as by default took a twentieth of the time.
RAMASSAGE = (20_000, 20, 100)
# A year lives in a fresh process, since no thread of a library survives a fork; its lives are forks, born at once.
_NEUF, _FORK = multiprocessing.get_context("spawn"), multiprocessing.get_context("fork")


class AnneeInterrompue(Exception):
    """A year that stopped on something that must not be; the message says what, in French."""


@dataclass(frozen=True, slots=True)
class Partie:
    """What playing a year gave, besides its world: seconds by phase and checks by invariant, both of its last life."""

    secondes: dict[str, float]
    faits: dict[str, int]
    morts: int


@dataclass(frozen=True, slots=True)
class Consigne:
    """A year to play: where, on which configuration, with which days off, up to when, killed how many times.

    `vies`: the least and the most that the system writes before it is killed.
    """

    var: Path
    config: Path
    eteint: Collection[date] = ()
    morts: int = 0
    vies: tuple[int, int] = (500, 4000)
    dernier: date = DERNIER_JOUR


def lancer(consigne: Consigne) -> SpawnProcess:
    """Start a year in another process; what it gave is read by `conclure`."""
    consigne.var.mkdir(parents=True, exist_ok=True)
    processus = _NEUF.Process(target=_veiller, args=(consigne,))
    processus.start()
    return processus


def conclure(consigne: Consigne, processus: SpawnProcess) -> Partie:
    """Wait for a year and read what it gave.

    Raises:
        AnneeInterrompue: when it broke an invariant, or stopped on an error.
    """
    processus.join()
    resultat = consigne.var / "resultat.json"
    if not resultat.exists():
        erreur = consigne.var / "erreur.txt"
        raise AnneeInterrompue(erreur.read_text(encoding="utf-8") if erreur.exists() else "arrêt sans explication")
    return Partie(**json.loads(resultat.read_text(encoding="utf-8")))


def _veiller(consigne: Consigne) -> None:
    """Live as many lives as it takes."""
    alea, morts = Random(str(consigne.var.name)), 0  # noqa: S311
    while True:
        vie = alea.randint(*consigne.vies) if morts < consigne.morts else 0
        enfant = _FORK.Process(target=_vivre, args=(consigne, vie, morts))
        enfant.start()
        enfant.join()
        if enfant.exitcode != TUE:
            return
        morts += 1


def _vivre(consigne: Consigne, vie: int, morts: int) -> None:
    gc.set_threshold(*RAMASSAGE)
    try:
        monde = ouvrir_monde(consigne.var, consigne.config)
        deroule = Deroule(monde, consigne.eteint)
        if vie:
            condamner(monde.contexte.moteur, vie, lambda: deroule.systeme_a_l_oeuvre)
        deroule.jouer(consigne.dernier)
    except Exception as erreur:
        (consigne.var / "erreur.txt").write_text(f"{type(erreur).__name__} : {erreur}", encoding="utf-8")
        raise
    partie = {"secondes": dict(deroule.minuterie.secondes), "faits": dict(deroule.controles.faits), "morts": morts}
    (consigne.var / "resultat.json").write_text(json.dumps(partie), encoding="utf-8")
