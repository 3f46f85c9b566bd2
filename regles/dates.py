"""Dates in French words, the same on every machine (no locale)."""

from collections.abc import Collection
from datetime import date, timedelta

from regles.monnaie import INSECABLE

SAMEDI = 5
JOURS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def en_toutes_lettres(jour: date) -> str:
    """Write « vendredi 27 février 2026 », « dimanche 1er mars 2026 »; day, month and year hold together."""
    quantieme = "1er" if jour.day == 1 else str(jour.day)
    return f"{JOURS[jour.weekday()]} {quantieme}{INSECABLE}{MOIS[jour.month - 1]}{INSECABLE}{jour.year}"


def en_chiffres(jour: date) -> str:
    """Write « 27/02/2026 »."""
    return f"{jour:%d/%m/%Y}"


def jours_ouvres_apres(jour: date, nombre: int, fermetures: Collection[date]) -> date:
    """Give the `nombre`-th day after `jour` that is neither on a weekend nor one of the closing days."""
    restants, courant = nombre, jour
    while restants:
        courant += timedelta(days=1)
        restants -= courant.weekday() < SAMEDI and courant not in fermetures
    return courant
