"""A Filoué file that a spreadsheet saved as a workbook: told by its column names, so that it is encrypted too."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from schemas.filoue.entete import nomme_les_colonnes

PARTIES = re.compile(r"xl/(sharedStrings|worksheets/sheet\d+)\.xml|content\.xml")  # xlsx, then ods
PARTIES_LUES, OCTETS_LUS = 4, 1_000_000
_TEXTE = re.compile(r">([^<>]{1,60})<")


def est_classeur_filoue(fichier: BinaryIO) -> bool:
    """Whether a workbook (xlsx, ods) holds the names of the Filoué columns. Reads the start of a few parts only."""
    try:
        with zipfile.ZipFile(fichier) as archive:
            return nomme_les_colonnes(texte for partie in _debuts(archive) for texte in _TEXTE.findall(partie))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error):
        return False


def _debuts(archive: zipfile.ZipFile) -> Iterator[str]:
    for nom in sorted(filter(PARTIES.fullmatch, archive.namelist()))[:PARTIES_LUES]:
        with archive.open(nom) as partie:
            yield partie.read(OCTETS_LUS).decode(errors="replace")
