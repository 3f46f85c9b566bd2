"""Named steps, each done once: the notes that let a demonstration killed anywhere go on where it stopped."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import func, select

from demonstration.operateurs import Operateur
from modeles.base import transaction
from modeles.tables import Partenaire
from operations.contexte import Contexte
from regles.dates import en_toutes_lettres


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step acts with."""

    contexte: Contexte
    operateur: Operateur


@dataclass(frozen=True, slots=True)
class Pas:
    """A step of the scenario, on its played day; `jouer` gives a French sentence saying what was done."""

    nom: str
    jour: date
    quoi: str
    jouer: Callable[[Scene], str]

    @property
    def titre(self) -> str:
        """« 5 janvier 2026 : clôture »."""
        return f"{en_toutes_lettres(self.jour)} : {self.quoi}"


class Reperes:
    """What is already over, a line each in a file: steps, and the files dropped within one."""

    def __init__(self, contexte: Contexte) -> None:
        self.chemin = contexte.reglages.var / "demonstration" / "pas.txt"
        self.chemin.parent.mkdir(parents=True, exist_ok=True)
        if not _reseau_present(contexte):
            self.chemin.unlink(missing_ok=True)

    def __contains__(self, nom: str) -> bool:
        return self.chemin.exists() and nom in self.chemin.read_text(encoding="utf-8").splitlines()

    def restants(self, pas: Iterable[Pas]) -> list[Pas]:
        """Give the steps not over yet, in order."""
        return [un for un in pas if un.nom not in self]

    def noter(self, nom: str) -> None:
        """Note something as over, on disk before going on."""
        with Path(self.chemin).open("a", encoding="utf-8") as fichier:
            fichier.write(f"{nom}\n")
            fichier.flush()
            os.fsync(fichier.fileno())


def _reseau_present(contexte: Contexte) -> bool:
    with transaction(contexte.moteur) as session:
        return bool(session.exec(select(func.count()).select_from(Partenaire)).one())
