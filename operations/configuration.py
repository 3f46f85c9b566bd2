"""The published data of the installation, read once: calendars, barèmes, forms."""

from functools import lru_cache
from pathlib import Path

from operations.contexte import ActeRefuse, Contexte
from regles.baremes import Bareme
from regles.calendrier import Calendrier, Etape, PlanRelances
from regles.champs import Formulaire
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.formulaires import charger_formulaire


@lru_cache
def _calendriers(config: Path) -> tuple[Calendrier, ...]:
    return tuple(charger_calendrier(fichier) for fichier in sorted((config / "calendrier").glob("*.yaml")))


@lru_cache
def _bareme(config: Path, demonstration: bool) -> Bareme:
    return charger_bareme(config, demonstration=demonstration)


@lru_cache
def _formulaire(config: Path, prestation: str) -> Formulaire:
    return charger_formulaire(config, prestation)


def calendriers(contexte: Contexte) -> tuple[Calendrier, ...]:
    """Give every published calendar, oldest first."""
    return _calendriers(contexte.reglages.config)


def identifiants_des_etapes(config: Path) -> tuple[str, ...]:
    """Give the ids of every step published in a configuration folder, oldest calendar first."""
    return tuple(etape.id for calendrier in _calendriers(config) for etape in calendrier.etapes)


def etape(contexte: Contexte, identifiant: str) -> Etape:
    """Give a step by its id.

    Raises:
        ActeRefuse: when no calendar holds it.
    """
    for calendrier in calendriers(contexte):
        for candidate in calendrier.etapes:
            if candidate.id == identifiant:
                return candidate
    raise ActeRefuse(f"L'étape « {identifiant} » n'est dans aucun calendrier.")


def plan_relances(contexte: Contexte) -> PlanRelances:
    """Give the reminder plan of the settings."""
    reglages = contexte.reglages.fichier.relances
    return PlanRelances(reglages.decalages, reglages.heure_locale, reglages.delai_cloture)


def bareme(contexte: Contexte) -> Bareme:
    """Give the barème, with its demonstration values in demonstration mode only."""
    return _bareme(contexte.reglages.config, contexte.reglages.demonstration)


def formulaire(contexte: Contexte, prestation: str) -> Formulaire:
    """Give the form of a prestation.

    Raises:
        ActeRefuse: when the prestation has no form yet.
    """
    if not (contexte.reglages.config / "formulaires" / f"{prestation}.yaml").is_file():
        raise ActeRefuse(f"La prestation {prestation} n'a pas encore de formulaire (config/formulaires/).")
    return _formulaire(contexte.reglages.config, prestation)
