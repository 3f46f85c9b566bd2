"""The receipt of a Filoué file: number, lines, sums, what was noticed by line and column, never a value."""

from collections.abc import Sequence
from dataclasses import dataclass

from modeles.base import transaction
from modeles.requetes_filoue import anomalies_du_fichier
from modeles.tables import AnomalieFiloueLue, FichierFiloue, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.lettres import POINTS_MONTRES, dire_les_sommes, numero_de_recu, relever
from regles.anomalies import Severite
from regles.etats import EtatDepot


@dataclass(frozen=True, slots=True)
class RecuFiloue:
    """What is told of a file. `points`: (where, what), the first ones; `autres` counts the rest."""

    numero: str
    structure: str
    etat: EtatDepot
    lignes: int
    sommes: tuple[str, ...]
    motif: str
    points: tuple[tuple[str, str], ...]
    autres: int


def lire_recu(contexte: Contexte, identifiant: int) -> RecuFiloue:
    """Give the receipt of a file.

    Raises:
        ActeRefuse: no such file.
    """
    with transaction(contexte.moteur) as session:
        fichier = session.get(FichierFiloue, identifiant)
        if fichier is None:
            raise ActeRefuse(f"Aucun fichier Filoué n° {identifiant}.")
        structure = session.get(Structure, fichier.structure_id) if fichier.structure_id else None
        anomalies = anomalies_du_fichier(session, identifiant)
        return RecuFiloue(
            numero=numero_de_recu(fichier),
            structure=structure.code if structure else "",
            etat=fichier.etat,
            lignes=fichier.lignes,
            sommes=dire_les_sommes(fichier),
            motif=fichier.motif,
            points=_points(anomalies)[:POINTS_MONTRES],
            autres=max(0, len(anomalies) - POINTS_MONTRES),
        )


def _points(anomalies: Sequence[AnomalieFiloueLue]) -> tuple[tuple[str, str], ...]:
    """Give what blocks before what only asks for a look."""
    dits = [point for severite in Severite for point in relever(anomalies, severite)]
    return tuple((point.lieu, point.message) for point in dits)
