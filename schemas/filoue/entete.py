"""The header: which columns, in what order, of which version. An unknown name is never quoted: it may be a value.

A file without a header starts with a child's line: what its first line holds is said by rank only.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from regles.filoue import AnomalieFiloue, ColonneFiloue, VersionFiloue
from schemas.configuration.filoue import LectureFiloue, ReglagesFiloue
from schemas.filoue.octets import ILLISIBLE, en_utf8
from schemas.filoue.signalement import alerter, bloquer

LIGNES_SONDEES = 20
OCTETS_SONDES = 65_536
CELLULES_D_UN_ENFANT = 10
_DATE = re.compile(r"""[\s="']*\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}[\s"']*""")
_GUILLEMETS = re.compile(r"""^=?["']|["']$""")
_PLEIN = re.compile(rb"[^\n \t;]")
_AUTRES_SEPARATEURS = {",": "des virgules", "\t": "des tabulations", "|": "des barres verticales"}


@dataclass(frozen=True, slots=True)
class Entete:
    """`ligne` is where it stands (from 1), `rangs` where each column is (from 0), `largeur` how many there are."""

    ligne: int
    version: VersionFiloue
    rangs: Mapping[ColonneFiloue, int]
    largeur: int
    alertes: tuple[AnomalieFiloue, ...] = ()


def lire_entete(texte: bytes, reglages: ReglagesFiloue) -> Entete | AnomalieFiloue:
    """Read the first line that is not blank; refuse a header that lacks a column of its version or repeats one."""
    ligne, brut = _premiere_ligne(texte)
    lecture = reglages.lecture
    colonnes_lues = brut.count(lecture.separateur.encode()) + 1
    if len(brut) > lecture.octets_par_ligne_maximum or colonnes_lues > lecture.colonnes_maximum:
        return bloquer(ILLISIBLE, "La première ligne est trop longue pour être un en-tête Filoué.", ligne)
    cellules = brut.decode().split(lecture.separateur)
    connus = _noms_connus(reglages)
    colonnes = [connus.get(_normaliser(c)) for c in cellules]
    rangs: dict[ColonneFiloue, int] = {}
    for rang, colonne in enumerate(colonnes):
        if colonne in rangs:
            message = f"La colonne {colonne} figure deux fois dans l'en-tête : gardez-en une seule."
            return bloquer("colonne_repetee", message, ligne, colonne)
        if colonne is not None:
            rangs[colonne] = rang
    version = _version(rangs, reglages)
    manquantes = [c for c in reglages.versions[version].colonnes if c not in rangs]
    if manquantes:
        return _refuser(manquantes, version, brut.decode(), ligne, lecture)
    en_trop = [rang for rang, cellule in enumerate(cellules, 1) if colonnes[rang - 1] is None and _normaliser(cellule)]
    alertes = tuple(
        alerter("colonne_en_trop", f"La colonne n° {rang} n'est pas attendue : elle n'est ni lue ni gardée.", ligne)
        for rang in en_trop
    )
    return Entete(ligne, version, rangs, len(cellules), alertes)


def est_filoue(octets: bytes) -> bool:
    """Whether the first line names at least half of the columns of every version, whatever separates them.

    Or looks like a child's line, in a file whose header was left out: many cells, two dates among them. Looks at the
    first bytes only; true too for a file that will be refused (UTF-16, other separators, no header).
    """
    debut = octets[:OCTETS_SONDES]
    if debut.startswith((b"\xff\xfe", b"\xfe\xff")):
        debut = debut.decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    _, ligne = _premiere_ligne(en_utf8(debut)[0].replace(b"\r", b"\n"))
    cellules = re.split(r"[;,|\t]", ligne.decode(errors="replace"))
    dates = sum(_DATE.fullmatch(cellule) is not None for cellule in cellules)
    return nomme_les_colonnes(cellules) or (len(cellules) >= CELLULES_D_UN_ENFANT and dates > 1)


def nomme_les_colonnes(cellules: Iterable[str]) -> bool:
    """Whether at least half of the columns of every version are named."""
    attendus = {c.value for c in ColonneFiloue} - {"NUMERO_CAF", "NUMERO_DOSSIER_AFC", "IDEQU"}
    return 2 * len({_normaliser(cellule) for cellule in cellules} & attendus) >= len(attendus)


def identifier(octets: bytes, reglages: ReglagesFiloue) -> tuple[str, str, str]:
    """Give the code organisme, the file number (AFC) and the IDEQU that the first lines say; "" for what they do not.

    Reads the first bytes only, so that a deposit finds its structure at once. To be compared through
    `normaliser_identifiant`.
    """
    texte = en_utf8(octets[:OCTETS_SONDES])[0].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    entete = lire_entete(texte, reglages)
    if isinstance(entete, AnomalieFiloue):
        return "", "", ""
    lignes = texte.decode(errors="replace").split("\n")[entete.ligne : entete.ligne + LIGNES_SONDEES]
    cellules = [ligne.split(reglages.lecture.separateur) for ligne in lignes]

    def premier(colonne: ColonneFiloue) -> str:
        rang = entete.rangs.get(colonne)
        if rang is None:
            return ""
        valeurs = (_GUILLEMETS.sub("", c[rang]).strip() for c in cellules if rang < len(c))
        return next((v for v in valeurs if v), "")

    return (
        premier(ColonneFiloue.NUMERO_CAF),
        premier(ColonneFiloue.NUMERO_DOSSIER_AFC),
        premier(ColonneFiloue.IDEQU),
    )


def normaliser_identifiant(texte: str) -> str:
    """Write an identifier of a structure for a comparison: no space nor leading zero, upper case."""
    return re.sub(r"\s", "", texte).upper().lstrip("0")


def _premiere_ligne(texte: bytes) -> tuple[int, bytes]:
    """Give the first line that holds more than separators, with its number."""
    trouve = _PLEIN.search(texte)
    position = trouve.start() if trouve else 0
    fin = texte.find(b"\n", position)
    debut = texte.rfind(b"\n", 0, position) + 1
    return texte.count(b"\n", 0, position) + 1, texte[debut : fin if fin >= 0 else None]


def _normaliser(nom: str) -> str:
    decompose = unicodedata.normalize("NFD", nom)
    sans_accent = "".join(c for c in decompose if not unicodedata.combining(c))
    return re.sub(r"[^A-Z0-9]+", "_", sans_accent.upper()).strip("_")


def _noms_connus(reglages: ReglagesFiloue) -> dict[str, ColonneFiloue]:
    def noms() -> Iterator[tuple[str, ColonneFiloue]]:
        for colonne in ColonneFiloue:
            yield colonne.value, colonne
            for autre in reglages.ecritures.get(colonne, ()):
                yield _normaliser(autre), colonne

    return dict(noms())


def _version(rangs: Mapping[ColonneFiloue, int], reglages: ReglagesFiloue) -> VersionFiloue:
    """Give the highest version that a column tells from the ones before."""
    connues: set[ColonneFiloue] = set(reglages.versions[VersionFiloue.V1].colonnes)
    trouvee = VersionFiloue.V1
    for version in (VersionFiloue.V2, VersionFiloue.V3):
        propres = set(reglages.versions[version].colonnes) - connues
        if propres & rangs.keys():
            trouvee = version
        connues |= propres
    return trouvee


def _refuser(
    manquantes: list[ColonneFiloue], version: VersionFiloue, brut: str, ligne: int, lecture: LectureFiloue
) -> AnomalieFiloue:
    code = "entete_inconnu"
    if lecture.separateur not in brut:
        for signe, nom in _AUTRES_SEPARATEURS.items():
            if brut.count(signe) >= len(ColonneFiloue) // 2:
                message = f"Les colonnes sont séparées par {nom} : le format Filoué demande des points-virgules."
                return bloquer(code, message, ligne)
    noms = ", ".join(manquantes)
    pluriel = "s" if len(manquantes) > 1 else ""
    message = (
        f"La première ligne doit porter le nom des colonnes du format Filoué ({version}). "
        f"Colonne{pluriel} absente{pluriel} : {noms}."
    )
    return bloquer(code, message, ligne)
