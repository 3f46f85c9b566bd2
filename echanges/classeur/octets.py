"""Save a workbook to the same bytes for the same content: no clock inside."""

import io
import re
import zipfile

from openpyxl import Workbook

INSTANT_FIGE = (2026, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def en_octets(classeur: Workbook) -> bytes:
    """Give the bytes of a workbook, with every date of the package frozen."""
    brut, fige = io.BytesIO(), io.BytesIO()
    classeur.save(brut)
    with zipfile.ZipFile(brut) as lu, zipfile.ZipFile(fige, "w", zipfile.ZIP_DEFLATED) as ecrit:
        for nom in lu.namelist():
            contenu = _DATES.sub(rb"\g<1>2026-01-01T00:00:00Z\g<2>", lu.read(nom))
            fiche = zipfile.ZipInfo(nom, INSTANT_FIGE)
            fiche.compress_type = zipfile.ZIP_DEFLATED
            ecrit.writestr(fiche, contenu)
    return fige.getvalue()
