"""The reading process: takes workbooks on its input, answers grids or refusals, under memory and processor limits.

The guard runs here and not in the parent: it too decompresses and parses hostile bytes, so whatever it misjudges costs
this process and nothing else. The parent only looks at the size before sending.
"""

import io
import math
import re
import sys
from datetime import timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from echanges.classeur.garde import TAILLE_MAX, inspecter
from echanges.classeur.limites import CODE_MEMOIRE, accorder_du_temps, limiter
from echanges.classeur.protocole import ecrire_trame, encoder_grille, encoder_refus, lire_trame
from echanges.classeur.xml_borne import REENREGISTRER
from regles.grille import FichierRefuse, Grille, ValeurCellule

CARACTERES_MAX = 2_000_000  # text of a workbook once every shared text is repeated; a form has 20 000
ENTIER_EXACT_MAX = 2**53  # beyond, a spreadsheet's number no longer tells integers apart
CONTROLES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # « _x0000_ » in a cell: no database takes it


def lire(octets: bytes) -> Grille:
    """Guard and read a workbook.

    Raises:
        FichierRefuse: refused by the guard, or unreadable.
    """
    inspection = inspecter(octets)
    erreurs, feuilles = dict(inspection.erreurs), {}
    restant = CARACTERES_MAX
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(octets)) as classeur:
            for nom in inspection.feuilles:
                rangees = classeur.get_sheet_by_name(nom).to_python(skip_empty_area=False)
                feuilles[nom] = _cellules(nom, rangees, erreurs)
                restant -= sum(len(valeur) for valeur in feuilles[nom].values() if isinstance(valeur, str))
                if restant < 0:
                    raise FichierRefuse("texte", "Le classeur contient beaucoup trop de texte pour un formulaire.")
    except CalamineError:
        raise FichierRefuse("illisible", f"Le classeur est illisible. {REENREGISTRER}") from None
    return Grille(feuilles, erreurs)


def _cellules(
    feuille: str, rangees: list[list[Any]], erreurs: dict[tuple[str, int, int], str]
) -> dict[tuple[int, int], ValeurCellule]:
    cellules: dict[tuple[int, int], ValeurCellule] = {}
    for ligne, rangee in enumerate(rangees, start=1):
        for colonne, brute in enumerate(rangee, start=1):
            if brute == "" or (feuille, ligne, colonne) in erreurs:
                continue
            if isinstance(brute, float) and not math.isfinite(brute):
                erreurs[feuille, ligne, colonne] = "nombre illisible"
                continue
            cellules[ligne, colonne] = _valeur(brute)
    return cellules


def _valeur(brute: Any) -> ValeurCellule:
    if isinstance(brute, timedelta):
        minutes, secondes = divmod(round(brute.total_seconds()), 60)
        heures, minutes = divmod(minutes, 60)
        return f"{heures}:{minutes:02d}:{secondes:02d}"
    if isinstance(brute, float) and brute.is_integer() and abs(brute) < ENTIER_EXACT_MAX:
        return int(brute)
    if isinstance(brute, str):
        return CONTROLES.sub("", brute)
    valeur: ValeurCellule = brute
    return valeur


def repondre(octets: bytes) -> bytes:
    """Answer one workbook."""
    try:
        return encoder_grille(lire(octets))
    except FichierRefuse as refus:
        return encoder_refus(refus)


def servir() -> None:
    """Answer workbooks until the input closes. Out of memory, it dies: its state is no longer sure."""
    limiter()
    entree, sortie = sys.stdin.buffer, sys.stdout.buffer
    while True:
        accorder_du_temps()
        octets = lire_trame(entree, TAILLE_MAX)
        if octets is None:
            return
        try:
            reponse = repondre(octets)
        except MemoryError:
            sys.exit(CODE_MEMOIRE)
        ecrire_trame(sortie, reponse)


if __name__ == "__main__":
    servir()
