"""Annotate a partner's workbook in a process apart, under the same limits as its reading."""

import tempfile
from collections.abc import Mapping, Sequence

from echanges.classeur import isolement
from echanges.classeur.garde import controler_taille
from echanges.classeur.protocole import decoder, encoder_annotation
from regles.anomalies import Anomalie
from regles.grille import FichierRefuse

COPIE_MAX = 32 * 2**20  # bytes: more than any admitted workbook with its comments
DEBUT_XLSX = b"PK"


def annoter_a_part(
    octets: bytes, anomalies: Sequence[Anomalie], questions: Mapping[str, str], delai: float | None = None
) -> bytes:
    """Give the annotated copy (see `annotation.annoter`), made within `delai` seconds (those of a reading).

    Raises:
        FichierRefuse: when the guard does not let the workbook be opened, or its copy is too long or too heavy to make.
    """
    controler_taille(octets)
    delai = isolement.DELAI_MAX if delai is None else delai
    with (
        tempfile.TemporaryDirectory(prefix="annotation-") as provisoires,
        isolement.ProcessusIsole("echanges.classeur.annoteur_enfant", delai, provisoires) as processus,
    ):
        reponse = processus.demander((encoder_annotation(anomalies, questions), octets), COPIE_MAX)
    if reponse is None:
        raise FichierRefuse(
            "annotation_interrompue", "La copie annotée de ce classeur a demandé trop de temps ou de mémoire."
        )
    if not reponse.startswith(DEBUT_XLSX):
        decoder(reponse)
    return reponse
