"""Streaming passes over the XML of a workbook: no DTD, bounded depth, bounded grid, cells in error listed.

expat reads the document once and keeps nothing of it; every refusal is a `FichierRefuse`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from regles.grille import FORMULE_NON_CALCULEE, FichierRefuse

PROFONDEUR_MAX = 100  # spreadsheets and their drawings nest some twenty levels
CELLULES_MAX = 200_000  # the form has about a thousand; leaves room for whole styled columns
LIGNES_MAX = 5_000  # the form has under a hundred rows; what is beyond is a list pasted by mistake
COLONNES_MAX = 100
SURFACE_MAX = 200_000  # cells covered by merges and links, which a writer unfolds one by one
TEXTE_MAX = 32_767  # the spreadsheet's own limit for one cell

REENREGISTRER = (
    "Ouvrez-le dans votre tableur, enregistrez-le de nouveau au format « Classeur Excel (.xlsx) », puis redéposez-le."
)

_ADRESSE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")

Attributs = Mapping[str, str]


def refuser_xml(partie: str) -> FichierRefuse:
    """Build the refusal of a part that is not proper XML."""
    return FichierRefuse(
        "abime", f"Le classeur est abîmé : sa partie interne « {partie} » est illisible. {REENREGISTRER}"
    )


class Visiteur:
    """What a pass does at each element; the base only bounds the depth."""

    def debuter(self, nom: str, attributs: Attributs) -> None:
        """Enter an element, its name without prefix."""

    def finir(self, nom: str) -> None:
        """Leave an element."""

    def texte(self, morceau: str) -> None:
        """Take a piece of text."""


def parcourir(partie: str, octets: bytes, visiteur: Visiteur | None = None) -> None:
    """Run a visitor over a part.

    Raises:
        FichierRefuse: malformed XML, a DTD or an entity, too deep, or what the visitor refuses.
    """
    profondeur = 0

    def debuter(nom: str, attributs: Attributs) -> None:
        nonlocal profondeur
        profondeur += 1
        if profondeur > PROFONDEUR_MAX:
            raise FichierRefuse("imbrication", f"Le classeur est anormalement imbriqué. {REENREGISTRER}")
        if visiteur is not None:
            visiteur.debuter(nom.rpartition(" ")[2], attributs)

    def finir(nom: str) -> None:
        nonlocal profondeur
        profondeur -= 1
        if visiteur is not None:
            visiteur.finir(nom.rpartition(" ")[2])

    analyseur = expat.ParserCreate(namespace_separator=" ")
    analyseur.StartDoctypeDeclHandler = _refuser_dtd
    analyseur.EntityDeclHandler = _refuser_dtd
    analyseur.StartElementHandler = debuter
    analyseur.EndElementHandler = finir
    if visiteur is not None:
        analyseur.buffer_text = True
        analyseur.CharacterDataHandler = visiteur.texte
    try:
        analyseur.Parse(octets, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise refuser_xml(partie) from None


def _refuser_dtd(*_: object) -> None:
    raise FichierRefuse(
        "entites",
        "Le classeur contient des déclarations XML (DTD, entités) qu'un tableur n'écrit jamais : il n'est pas lu.",
    )


def coordonnees(adresse_lue: str) -> tuple[int, int] | None:
    """Read « C12 » or « $C$12 » as (row, column), None when it is no address."""
    trouve = _ADRESSE.fullmatch(adresse_lue)
    if trouve is None:
        return None
    colonne = 0
    for lettre in trouve[1]:
        colonne = colonne * 26 + ord(lettre) - ord("A") + 1
    return int(trouve[2]), colonne


def surface(plage: str) -> int:
    """Count the cells of « A1:C3 »; a malformed range counts as too many."""
    debut, _, fin = plage.partition(":")
    premier, dernier = coordonnees(debut), coordonnees(fin or debut)
    if premier is None or dernier is None:
        return SURFACE_MAX + 1
    return (abs(dernier[0] - premier[0]) + 1) * (abs(dernier[1] - premier[1]) + 1)


@dataclass
class Compteurs:
    """What is bounded over all the sheets of a workbook."""

    cellules: int = 0
    surface: int = 0


@dataclass
class VisiteurFeuille(Visiteur):
    """Reads the true addresses of a sheet, whatever its dimension says, and lists its cells in error."""

    nom: str
    compteurs: Compteurs
    erreurs: dict[tuple[int, int], str] = field(default_factory=dict)
    _ligne: int = 0
    _colonne: int = 0
    _type: str = ""
    _formule: bool = False
    _valeur: list[str] | None = None
    _dans_valeur: bool = False

    def debuter(self, nom: str, attributs: Attributs) -> None:
        """Enter an element of the sheet."""
        match nom:
            case "c":
                self._debuter_cellule(attributs)
            case "v" | "t":
                self._dans_valeur = True
                self._valeur = [] if self._valeur is None else self._valeur
            case "f":
                self._formule = True
            case "row":
                self._debuter_ligne(attributs)
            case "mergeCell" | "hyperlink":
                self._compter_surface(attributs.get("ref", ""))

    def texte(self, morceau: str) -> None:
        """Keep the text of a value."""
        if self._dans_valeur and self._valeur is not None:
            self._valeur.append(morceau)

    def finir(self, nom: str) -> None:
        """Leave an element of the sheet."""
        if nom in {"v", "t"}:
            self._dans_valeur = False
        elif nom == "c":
            self._finir_cellule()

    def _debuter_ligne(self, attributs: Attributs) -> None:
        rang = attributs.get("r", "")
        if rang and not (rang.isascii() and rang.isdigit() and len(rang) <= len("1048576")):
            raise refuser_xml(self.nom)
        self._ligne = int(rang) if rang else self._ligne + 1
        self._colonne = 0

    def _debuter_cellule(self, attributs: Attributs) -> None:
        self.compteurs.cellules += 1
        if self.compteurs.cellules > CELLULES_MAX:
            raise FichierRefuse(
                "trop_de_cellules",
                f"Le classeur a plus de {CELLULES_MAX} cellules : ce n'est pas le formulaire de la Caf.",
            )
        ecrite = attributs.get("r")
        if ecrite is None:
            self._colonne += 1
        else:
            lues = coordonnees(ecrite)
            if lues is None:
                raise refuser_xml(self.nom)
            self._ligne, self._colonne = lues
        self._type, self._formule, self._valeur = attributs.get("t", ""), False, None

    def _finir_cellule(self) -> None:
        texte = "".join(self._valeur or ())
        if not (texte or self._formule):
            return
        if self._ligne > LIGNES_MAX or self._colonne > COLONNES_MAX:
            raise FichierRefuse(
                "grille",
                f"La feuille « {self.nom} » contient une cellule très loin du formulaire (ligne {self._ligne}, "
                f"colonne {self._colonne}) : effacez ce qui est au-delà de la ligne {LIGNES_MAX} ou de la colonne "
                f"{COLONNES_MAX}, puis redéposez le fichier.",
            )
        if len(texte) > TEXTE_MAX:
            raise FichierRefuse(
                "texte", f"La feuille « {self.nom} » contient un texte démesuré dans une seule cellule."
            )
        if self._type == "e":
            self.erreurs[self._ligne, self._colonne] = texte[:20]
        elif self._formule and not texte and self._type != "str":
            self.erreurs[self._ligne, self._colonne] = FORMULE_NON_CALCULEE

    def _compter_surface(self, plage: str) -> None:
        self.compteurs.surface += surface(plage)
        if self.compteurs.surface > SURFACE_MAX:
            raise FichierRefuse("fusion", f"La feuille « {self.nom} » fusionne ou lie une zone démesurée de cellules.")


@dataclass
class VisiteurTextes(Visiteur):
    """Bounds each shared text."""

    _longueur: int = 0

    def debuter(self, nom: str, attributs: Attributs) -> None:  # noqa: ARG002
        """Enter an element: a new shared text starts at `si`."""
        if nom == "si":
            self._longueur = 0

    def texte(self, morceau: str) -> None:
        """Count the characters of the current text."""
        self._longueur += len(morceau)
        if self._longueur > TEXTE_MAX:
            raise FichierRefuse("texte", "Le classeur contient un texte démesuré dans une seule cellule.")


@dataclass
class VisiteurElements(Visiteur):
    """Collects the attributes of the elements bearing one of the names."""

    noms: frozenset[str]
    trouves: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def debuter(self, nom: str, attributs: Attributs) -> None:
        """Enter an element."""
        if nom in self.noms:
            self.trouves.append((nom, {cle.rpartition(" ")[2]: v for cle, v in attributs.items()}))


def elements(partie: str, octets: bytes, *noms: str) -> list[tuple[str, dict[str, str]]]:
    """Give (name, attributes) of the elements bearing one of the names, in document order, prefixes removed.

    Raises:
        FichierRefuse: as `parcourir`.
    """
    visiteur = VisiteurElements(frozenset(noms))
    parcourir(partie, octets, visiteur)
    return visiteur.trouves
