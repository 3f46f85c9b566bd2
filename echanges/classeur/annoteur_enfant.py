"""The annotating process: takes anomalies then a workbook on its input, answers the copy or a refusal, under limits."""

import sys

from echanges.classeur.annotation import annoter
from echanges.classeur.garde import TAILLE_MAX
from echanges.classeur.limites import CODE_MEMOIRE, accorder_du_temps, limiter
from echanges.classeur.protocole import (
    REPONSE_MAX,
    decoder_annotation,
    ecrire_trame,
    encoder_refus,
    lire_trame,
)
from regles.grille import FichierRefuse

FICHIER_MAX = 256 * 2**20  # bytes: openpyxl writes each sheet to a temporary file, before it is compressed


def servir() -> None:
    """Answer one workbook. Out of memory, it dies without an answer."""
    limiter(FICHIER_MAX)
    accorder_du_temps()
    demande = lire_trame(sys.stdin.buffer, REPONSE_MAX)
    octets = lire_trame(sys.stdin.buffer, TAILLE_MAX)
    if demande is None or octets is None:
        return
    try:
        reponse = annoter(octets, *decoder_annotation(demande))
    except FichierRefuse as refus:
        reponse = encoder_refus(refus)
    except MemoryError:
        sys.exit(CODE_MEMOIRE)
    ecrire_trame(sys.stdout.buffer, reponse)


if __name__ == "__main__":
    servir()
