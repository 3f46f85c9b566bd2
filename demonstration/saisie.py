"""Type answers in a workbook as a person does: only in the cells its protection leaves open, the rest untouched.

The XML of the cells is edited in place: what a spreadsheet program does to the rest of a file is not the subject here,
and a year of workbooks is typed in seconds.
"""

import io
import zipfile
from collections.abc import Mapping

from lxml import etree

from echanges.classeur.octets import INSTANT_FIGE
from regles.champs import Champ

TABLEUR = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LIEN = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Saisi = str | int | float | None


def taper(octets: bytes, reponses: Mapping[Champ, Saisi]) -> bytes:
    """Answer questions, found by their words in their sheet; give the saved bytes, the same for the same answers.

    Raises:
        KeyError: a question that its sheet does not hold, or no open cell on its line.
    """
    with zipfile.ZipFile(io.BytesIO(octets)) as lu:
        parties = {nom: lu.read(nom) for nom in lu.namelist()}
    ouverts, textes = _styles_ouverts(parties["xl/styles.xml"]), _textes_partages(parties)
    chemins = _chemins(parties)
    for nom in {champ.feuille for champ in reponses}:
        feuille = etree.fromstring(parties[chemins[nom]])
        lignes = _lignes_par_libelle(feuille, textes)
        for champ, valeur in reponses.items():
            if champ.feuille == nom:
                _ecrire(_case_ouverte(lignes[champ.libelle], ouverts, champ.libelle), valeur)
        parties[chemins[nom]] = etree.tostring(feuille, xml_declaration=True, encoding="UTF-8", standalone=True)
    return _ranger(parties)


def _ranger(parties: Mapping[str, bytes]) -> bytes:
    fige = io.BytesIO()
    with zipfile.ZipFile(fige, "w", zipfile.ZIP_DEFLATED) as ecrit:
        for nom, contenu in parties.items():
            fiche = zipfile.ZipInfo(nom, INSTANT_FIGE)
            fiche.compress_type = zipfile.ZIP_DEFLATED
            ecrit.writestr(fiche, contenu)
    return fige.getvalue()


def _styles_ouverts(styles: bytes) -> frozenset[str]:
    """Give the numbers of the cell styles whose protection is off."""
    formats = etree.fromstring(styles).find(f"{TABLEUR}cellXfs")
    return frozenset(
        str(rang)
        for rang, style in enumerate(formats if formats is not None else ())
        if (protection := style.find(f"{TABLEUR}protection")) is not None and protection.get("locked") == "0"
    )


def _textes_partages(parties: Mapping[str, bytes]) -> list[str]:
    if "xl/sharedStrings.xml" not in parties:
        return []
    return ["".join(texte.itertext()) for texte in etree.fromstring(parties["xl/sharedStrings.xml"])]


def _chemins(parties: Mapping[str, bytes]) -> dict[str, str]:
    """Give the part that holds each sheet, by the name of the sheet."""
    liens = {
        lien.get("Id"): str(lien.get("Target")) for lien in etree.fromstring(parties["xl/_rels/workbook.xml.rels"])
    }
    feuilles = etree.fromstring(parties["xl/workbook.xml"]).iter(f"{TABLEUR}sheet")
    cibles = {str(feuille.get("name")): liens[feuille.get(LIEN)] for feuille in feuilles}
    return {nom: cible.removeprefix("/") if cible.startswith("/") else f"xl/{cible}" for nom, cible in cibles.items()}


def _lignes_par_libelle(feuille: etree._Element, textes: list[str]) -> dict[str, etree._Element]:
    return {_texte(case, textes): ligne for ligne in feuille.iter(f"{TABLEUR}row") for case in ligne}


def _texte(case: etree._Element, textes: list[str]) -> str:
    contenu = "".join(case.itertext())
    return textes[int(contenu)] if case.get("t") == "s" else contenu


def _case_ouverte(ligne: etree._Element, ouverts: frozenset[str], libelle: str) -> etree._Element:
    for case in ligne:
        if case.get("s") in ouverts:
            return case
    raise KeyError(libelle)


def _ecrire(case: etree._Element, valeur: Saisi) -> None:
    case[:] = []
    if isinstance(valeur, str):
        case.set("t", "inlineStr")
        texte = etree.SubElement(etree.SubElement(case, f"{TABLEUR}is"), f"{TABLEUR}t")
        texte.text = valeur
        return
    case.set("t", "n")
    if valeur is not None:
        etree.SubElement(case, f"{TABLEUR}v").text = repr(valeur)
