"""What a received document is, told by its first bytes: it is kept as it came, never opened, never executed.

The container formats (docx, xlsx, odt, ods) are told by the names of their parts, in clear in a zip: nothing is
decompressed.
"""

import re
from collections.abc import Collection
from pathlib import PurePath

NOM_AU_PLUS = 200
MO = 2**20
_ZIP = b"PK\x03\x04"
_ODF = b"mimetypeapplication/vnd.oasis.opendocument."
_SIGNATURES = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_PARTIES = {"docx": b"word/document.xml", "xlsx": b"xl/workbook.xml"}
_MACROS = (b"vbaProject.bin", b"Basic/script-lc.xml")
_SYNONYMES = {"jpeg": "jpg"}
_INTERDITS = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class DocumentRefuse(Exception):
    """A document that is not kept; the message is a French sentence for the person who has it."""


def reconnaitre(octets: bytes) -> str:
    """Give the format of a document (« pdf »…), or "" when it is none of those known here."""
    for genre, debut in _SIGNATURES.items():
        if octets.startswith(debut):
            return genre
    if not octets.startswith(_ZIP):
        return ""
    if octets[30:].startswith(_ODF):
        suite = octets[30 + len(_ODF) :]
        return "odt" if suite.startswith(b"text") else "ods" if suite.startswith(b"spreadsheet") else ""
    return next((genre for genre, partie in _PARTIES.items() if partie in octets), "")


def controler(nom: str, octets: bytes, formats: Collection[str], taille_mo: int) -> str:
    """Check a document and give its name as it may be written anywhere.

    Raises:
        DocumentRefuse: empty, too big, of another format than its name or than those accepted, or carrying macros.
    """
    dit = nommer(nom)
    attendus = ", ".join(formats)
    if not octets:
        raise DocumentRefuse(f"« {dit} » est vide.")
    if len(octets) > taille_mo * MO:
        raise DocumentRefuse(f"« {dit} » dépasse {taille_mo} Mo : demandez-en une version plus légère.")
    genre = reconnaitre(octets)
    if genre not in formats:
        raise DocumentRefuse(f"« {dit} » n'est pas un document accepté ({attendus}).")
    suffixe = PurePath(dit).suffix.lower().removeprefix(".")
    if _SYNONYMES.get(suffixe, suffixe) != genre:
        raise DocumentRefuse(f"« {dit} » contient en fait un fichier {genre} : vérifiez-le avant de l'enregistrer.")
    if any(macro in octets for macro in _MACROS):
        raise DocumentRefuse(f"« {dit} » contient des macros : demandez-en une version sans macro, ou un PDF.")
    return dit


def nommer(nom: str) -> str:
    """Give a file name as plain text: no folder, no control or direction mark, at most 200 characters."""
    court = _INTERDITS.sub("", nom.replace("\\", "/").rsplit("/", 1)[-1]).strip() or "document"
    if len(court) <= NOM_AU_PLUS:
        return court
    suffixe = PurePath(court).suffix[:10]
    return court[: NOM_AU_PLUS - len(suffixe)] + suffixe
