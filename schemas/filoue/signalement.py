"""Anomalies of many lines at once: one a cell, the first ones shown, the others counted."""

from collections.abc import Iterable, Sequence

import polars as pl

from regles.anomalies import Severite
from regles.filoue import AnomalieFiloue, ColonneFiloue

ORDRE = {colonne.value: rang for rang, colonne in enumerate(ColonneFiloue)}


def bloquer(code: str, message: str, ligne: int = 0, colonne: str = "") -> AnomalieFiloue:
    """Give an anomaly that refuses the file."""
    return AnomalieFiloue(code, Severite.BLOQUANTE, message, ligne, str(colonne))


def alerter(code: str, message: str, ligne: int = 0, colonne: str = "") -> AnomalieFiloue:
    """Give an anomaly that asks for an explanation."""
    return AnomalieFiloue(code, Severite.ALERTE, message, ligne, str(colonne))


def signaler(
    modele: AnomalieFiloue, lignes: pl.Series, maximum: int, messages: Sequence[str] | None = None
) -> list[AnomalieFiloue]:
    """Repeat an anomaly at each of the lines: `maximum` of them, then one for the file that counts the others.

    `messages` replaces the message of the model, line by line.
    """
    montrees = lignes.head(maximum).to_list()
    textes = messages or [modele.message] * len(montrees)
    anomalies = [
        AnomalieFiloue(modele.code, modele.severite, texte, ligne, modele.colonne)
        for ligne, texte in zip(montrees, textes, strict=False)
    ]
    if autres := len(lignes) - len(montrees):
        suite = "une autre ligne" if autres == 1 else f"{autres} autres lignes"
        message = f"{modele.message} Il en est de même à {suite}."
        anomalies.append(AnomalieFiloue(modele.code, modele.severite, message, 0, modele.colonne))
    return anomalies


def ranger(anomalies: Iterable[AnomalieFiloue]) -> tuple[AnomalieFiloue, ...]:
    """Sort by line, the file as a whole first, then by column."""
    return tuple(sorted(anomalies, key=lambda a: (a.ligne, ORDRE.get(a.colonne, -1), a.code)))
