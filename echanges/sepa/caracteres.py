"""The characters every bank of the SEPA takes (EPC217-08): letters without accents, digits, and / - ? : ( ) . , ' +."""

import re
import unicodedata

ADMIS = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
_TRADUITS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'", "–": "-", "—": "-", "&": "+"}
)


def en_sepa(texte: str, longueur: int) -> str:
    """Write a text in these characters, cut at `longueur`: accents dropped, anything else turned into a space."""
    sans_accent = unicodedata.normalize("NFKD", texte.translate(_TRADUITS)).encode("ascii", "ignore").decode()
    admis = re.sub(r"[^A-Za-z0-9/\-?:().,'+ ]", " ", sans_accent)
    return " ".join(admis.split())[:longueur].strip()
