"""What arrives: a text file or something else. Nothing of its content is ever quoted."""

from dataclasses import dataclass, field

from regles.filoue import AnomalieFiloue
from schemas.configuration.filoue import LectureFiloue
from schemas.filoue.signalement import alerter, bloquer

ILLISIBLE = "fichier_illisible"
_ENREGISTRER = "Enregistrez-le au format CSV (séparateur : point-virgule), puis déposez-le de nouveau."
_SIGNATURES = (
    (b"PK\x03\x04", "Ce fichier est un classeur ou une archive (xlsx, ods, zip), et non un fichier CSV."),
    (b"\xd0\xcf\x11\xe0", "Ce fichier est un classeur Excel (xls), et non un fichier CSV."),
    (b"%PDF", "Ce fichier est un PDF, et non un fichier CSV."),
    (b"\x1f\x8b", "Ce fichier est une archive compressée, et non un fichier CSV."),
    (b"\xff\xfe", "Ce fichier est enregistré en « texte Unicode » (UTF-16), et non en CSV UTF-8."),
    (b"\xfe\xff", "Ce fichier est enregistré en « texte Unicode » (UTF-16), et non en CSV UTF-8."),
)
_CONTROLES = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r"))
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TexteLu:
    """The text of a file in UTF-8, without byte order mark, its lines ended by LF; what is odd about it."""

    octets: bytes = field(repr=False)
    alertes: tuple[AnomalieFiloue, ...] = ()


def ouvrir(octets: bytes, lecture: LectureFiloue) -> TexteLu | AnomalieFiloue:
    """Check that the bytes are the text of one structure's file, in UTF-8 or cp1252; else say why not."""
    if not octets.strip(_BOM + b" \t\r\n"):
        return bloquer(ILLISIBLE, "Ce fichier est vide.")
    if len(octets) > lecture.octets_maximum:
        return bloquer(
            ILLISIBLE,
            f"Ce fichier dépasse {lecture.octets_maximum // 1_000_000} Mo : il ne peut pas être celui d'une seule "
            "structure.",
        )
    for signature, message in _SIGNATURES:
        if octets.startswith(signature):
            return bloquer(ILLISIBLE, f"{message} {_ENREGISTRER}")
    if len(octets.translate(None, _CONTROLES)) < len(octets):
        return bloquer(ILLISIBLE, f"Ce fichier contient des caractères qui ne sont pas du texte. {_ENREGISTRER}")
    texte, alertes = en_utf8(octets)
    if b"\r" in texte:
        texte = texte.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return TexteLu(texte, alertes)


def en_utf8(octets: bytes) -> tuple[bytes, tuple[AnomalieFiloue, ...]]:
    """Give the bytes in UTF-8 without byte order mark, read as cp1252 when they are not UTF-8.

    A byte that neither knows becomes « � »: only the name of a town, which is not kept, may hold an accent.
    """
    sans_bom = octets.removeprefix(_BOM)
    try:
        sans_bom.decode("utf-8")
    except UnicodeDecodeError:
        texte = sans_bom.decode("cp1252", errors="replace")
        alerte = alerter(
            "caracteres_perdus",
            "Ce fichier mélange deux codages de caractères : quelques lettres accentuées n'ont pas pu être lues.",
        )
        return texte.encode(), (alerte,) if "\ufffd" in texte else ()
    return sans_bom, ()
