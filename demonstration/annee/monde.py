"""The simulated world: a context whose clock is set by hand, and the notes of what is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event

from demonstration.annee.horloge import Heure, Horloge
from modeles.base import creer_moteur
from modeles.schema import migrer
from operations.contexte import Contexte
from schemas.configuration.reglages import RACINE, Reglages, ReglagesFichier
from schemas.configuration.yaml_strict import charger

PREMIER_JOUR, DERNIER_JOUR = date(2025, 11, 1), date(2027, 1, 31)


class Notes:
    """What is over, a line each, on disk before going on: a year killed anywhere goes on where it stopped."""

    def __init__(self, chemin: Path) -> None:
        self.chemin = chemin
        self.lignes = chemin.read_text(encoding="utf-8").splitlines() if chemin.exists() else []
        self._connues = set(self.lignes)

    def __contains__(self, ligne: str) -> bool:
        return ligne in self._connues

    def noter(self, ligne: str) -> None:
        """Note something as over."""
        with self.chemin.open("a", encoding="utf-8") as fichier:
            fichier.write(f"{ligne}\n")
        self.lignes.append(ligne)
        self._connues.add(ligne)

    def une_fois(self, ligne: str, faire: Callable[[], object]) -> None:
        """Do something unless it is noted, then note it."""
        if ligne not in self:
            faire()
            self.noter(ligne)


@dataclass(slots=True)
class Monde:
    """One simulated year: its context, its clock, its notes."""

    contexte: Contexte
    horloge: Horloge
    notes: Notes


def ouvrir_monde(var: Path, config: Path = RACINE / "config") -> Monde:
    """Open (or open again) the world of a folder, on SQLite, in demonstration mode.

    The database does not wait for the disk: a process killed loses nothing, only a power cut would.

    Raises:
        ErreurDeConfiguration: unreadable settings.
    """
    reglages = Reglages(
        config=config,
        var=var,
        base_url=f"sqlite:///{var / 'campagnes.db'}",
        demonstration=True,
        fichier=charger(config / "reglages.yaml", ReglagesFichier),
    )
    reglages.boite_depots.mkdir(parents=True, exist_ok=True)
    moteur = creer_moteur(reglages.base_url)
    event.listen(moteur, "connect", _sans_attendre_le_disque)
    migrer(moteur)
    horloge = Horloge(Heure.MATIN.du(PREMIER_JOUR))
    return Monde(Contexte(reglages, moteur, horloge), horloge, Notes(var / "notes.txt"))


def _sans_attendre_le_disque(connexion: Any, _: Any) -> None:
    connexion.execute("PRAGMA synchronous=OFF")
