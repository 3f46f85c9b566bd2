"""What a use case works with: settings, engine, and the instant it happens at."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from sqlalchemy import Engine

from modeles.base import creer_moteur
from modeles.schema import migrer
from regles.calendrier import PARIS
from schemas.configuration.reglages import Personne, Reglages, charger_reglages

OBSTACLES = {
    errno.ENOENT: "il n'existe pas",
    errno.ENOTDIR: "il n'existe pas",
    errno.EISDIR: "c'est un dossier",
    errno.EACCES: "vous n'en avez pas le droit",
    errno.EPERM: "vous n'en avez pas le droit",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.ENAMETOOLONG: "son nom est trop long",
}
HEURE_SIMULEE = time(9)
ACTES = {"ordonner": "ordonnancer", "liberer": "viser", "decider": "enregistrer ce que décide la commission"}


class ActeRefuse(Exception):
    """An act the system does not carry out; the message is a French sentence for the person who asked."""


def dire_l_obstacle(erreur: OSError) -> str:
    """Say in French why a file is not read or written."""
    return OBSTACLES.get(erreur.errno or 0, "le système ne le permet pas")


def exiger_court(texte: str, au_plus: int, quoi: str = "Le motif") -> None:
    """Check that a text fits where it is kept, `au_plus` characters.

    Raises:
        ActeRefuse: it is longer.
    """
    if len(texte) > au_plus:
        raise ActeRefuse(f"{quoi} tient en {au_plus} caractères au plus ; lu : {len(texte)}.")


def heure_de_paris() -> datetime:
    """Give the machine's clock, in Paris."""
    return datetime.now(PARIS)


@dataclass(frozen=True, slots=True)
class Contexte:
    """Settings and database of this installation, and its clock: the machine's, but for a simulated year."""

    reglages: Reglages
    moteur: Engine
    horloge: Callable[[], datetime] = heure_de_paris

    def maintenant(self, jour: date | None = None) -> datetime:
        """Give the instant of an act: the clock's, or 9 a.m. of `jour` when a demonstration plays a date.

        Raises:
            ActeRefuse: when a date is played outside demonstration mode.
        """
        if jour is None:
            return self.horloge()
        if not self.reglages.demonstration and jour != self.horloge().date():
            raise ActeRefuse("Une date simulée n'est acceptée qu'en démonstration.")
        return datetime.combine(jour, HEURE_SIMULEE, PARIS)

    def exiger_droit(self, identifiant: str, acte: str) -> None:
        """Check that a person of the team may do an act (`valider`, `proposer`, `ordonner`, `liberer`, `decider`).

        Raises:
            ActeRefuse: unknown person, or not entitled.
        """
        personne = self.exiger_personne(identifiant)
        if acte not in personne.peut:
            raise ActeRefuse(f"{personne.nom} n'est pas habilité(e) à {ACTES.get(acte, acte)}.")

    def exiger_personne(self, identifiant: str) -> Personne:
        """Give someone of the team.

        Raises:
            ActeRefuse: nobody of the team has that identifier, or none is given.
        """
        if not identifiant:
            raise ActeRefuse("Votre identifiant est attendu : celui de l'équipe (config/reglages.yaml), avec --par.")
        for personne in self.reglages.fichier.equipe:
            if personne.identifiant == identifiant:
                return personne
        raise ActeRefuse(f"« {identifiant} » n'est pas une personne de l'équipe (config/reglages.yaml).")


@lru_cache(maxsize=1)
def contexte() -> Contexte:
    """Open the installation's context once per process: settings read, folders and schema ready."""
    reglages = charger_reglages()
    reglages.var.mkdir(parents=True, exist_ok=True)
    reglages.boite_depots.mkdir(parents=True, exist_ok=True)
    moteur = creer_moteur(reglages.base_url)
    migrer(moteur)
    return Contexte(reglages, moteur)
