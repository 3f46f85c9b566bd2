"""Dates in French words, the same on every machine (no locale)."""

from datetime import date

from regles.monnaie import INSECABLE

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
