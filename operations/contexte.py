"""What a use case works with: settings, engine, and the instant it happens at."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from sqlalchemy import Engine

from modeles.base import creer_moteur
from modeles.schema import migrer
from regles.calendrier import PARIS
from schemas.configuration.reglages import Reglages, charger_reglages

HEURE_SIMULEE = time(9)


class ActeRefuse(Exception):
    """An act the system does not carry out; the message is a French sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Contexte:
    """Settings and database of this installation."""

    reglages: Reglages
    moteur: Engine

    def maintenant(self, jour: date | None = None) -> datetime:
        """Give the instant of an act: the machine's clock, or 9 a.m. of `jour` when a demonstration plays a date.

        Raises:
            ActeRefuse: when a date is played outside demonstration mode.
        """
        if jour is None:
            return datetime.now(PARIS)
        if not self.reglages.demonstration and jour != datetime.now(PARIS).date():
            raise ActeRefuse("Une date simulée n'est acceptée qu'en démonstration.")
        return datetime.combine(jour, HEURE_SIMULEE, PARIS)

    def exiger_droit(self, identifiant: str, acte: str) -> None:
        """Check that a person of the team may do an act (`valider`, `proposer`, `liberer`).

        Raises:
            ActeRefuse: unknown person, or not entitled.
        """
        for personne in self.reglages.fichier.equipe:
            if personne.identifiant == identifiant:
                if acte in personne.peut:
                    return
                raise ActeRefuse(f"{personne.nom} n'est pas habilité(e) à {acte}.")
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
