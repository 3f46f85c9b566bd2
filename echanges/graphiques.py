"""The geometry of two charts, in whole SVG units: bars before and after, and how differences spread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

from regles.monnaie import formater_nombre

LARGEUR = 720
MARGE_BARRES, LARGEUR_BARRES = 60, 490
HAUTEUR_GROUPE, HAUTEUR_BARRE = 70, 18
CLASSES_AU_PLUS = 10
HAUTEUR_HISTOGRAMME, PIED = 200, 48
UN_EURO = 100
MILLE_EUROS = 100_000


@dataclass(frozen=True, slots=True)
class Barre:
    """A bar: its top, its length, the label on its left and its amount in cents."""

    y: int
    longueur: int
    libelle: str
    centimes: int


@dataclass(frozen=True, slots=True)
class Classe:
    """A bar of the histogram: differences above `depuis` up to `jusque`, in cents, the farther from zero included.

    Both are 0 for the class of what does not move. `sens` is « baisse », « stable » or « hausse ».
    """

    depuis: int
    jusque: int
    nombre: int
    sens: str
    x: int
    y: int
    largeur: int
    hauteur: int


@dataclass(frozen=True, slots=True)
class Histogramme:
    """The classes in order, the marks under the axis (place, text), their unit, and the height of the drawing."""

    classes: tuple[Classe, ...]
    reperes: tuple[tuple[int, str], ...]
    unite: str
    hauteur: int = HAUTEUR_HISTOGRAMME
    pied: int = PIED

    def compte(self, sens: str) -> int:
        """How many differences go one way."""
        return sum(classe.nombre for classe in self.classes if classe.sens == sens)


def groupes_de_barres(enveloppes: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any], list[Barre]]]:
    """Give for each envelope the top of its group, itself, and its two bars on a scale shared by all."""
    maximum = max((e[quand] for e in enveloppes for quand in ("avant_centimes", "apres_centimes")), default=0)
    groupes = []
    for rang, enveloppe in enumerate(enveloppes):
        haut = rang * HAUTEUR_GROUPE
        barres = [
            Barre(
                haut + 22 + place * (HAUTEUR_BARRE + 3), _echelle(enveloppe[quand], maximum), libelle, enveloppe[quand]
            )
            for place, (quand, libelle) in enumerate((("avant_centimes", "Avant"), ("apres_centimes", "Après")))
        ]
        groupes.append((haut, enveloppe, barres))
    return groupes


def _echelle(centimes: int, maximum: int) -> int:
    return centimes * LARGEUR_BARRES // maximum if maximum else 0


def histogramme(differences: Sequence[int]) -> Histogramme:
    """Spread differences (cents) over round classes on both sides of zero, what does not move apart."""
    pas = _pas(differences)
    avant_zero, apres_zero = (_combien(max((s * d for d in differences), default=0), pas) for s in (-1, 1))
    bornes = [((rang + 1) * -pas, rang * -pas, "baisse") for rang in reversed(range(avant_zero))]
    bornes.append((0, 0, "stable"))
    bornes += [(rang * pas, (rang + 1) * pas, "hausse") for rang in range(apres_zero)]
    nombres = [sum(_dedans(d, *borne) for d in differences) for borne in bornes]
    largeur, plus_haut = LARGEUR // len(bornes), max(nombres) or 1
    classes = []
    for rang, ((depuis, jusque, sens), nombre) in enumerate(zip(bornes, nombres, strict=True)):
        hauteur = nombre * (HAUTEUR_HISTOGRAMME - 24) // plus_haut
        y = HAUTEUR_HISTOGRAMME - hauteur
        classes.append(Classe(depuis, jusque, nombre, sens, rang * largeur + 3, y, largeur - 6, hauteur))
    en_milliers = pas >= MILLE_EUROS
    diviseur = MILLE_EUROS if en_milliers else UN_EURO
    reperes = [(avant_zero * largeur + largeur // 2, "0")]
    for rang in range(1, avant_zero + 1):
        reperes.append(((avant_zero - rang) * largeur, f"−{_nombre(rang * pas, diviseur)}"))
    for rang in range(1, apres_zero + 1):
        reperes.append(((avant_zero + 1 + rang) * largeur, _nombre(rang * pas, diviseur)))
    return Histogramme(tuple(classes), tuple(sorted(reperes)), "milliers d’euros" if en_milliers else "euros")


def _pas(differences: Sequence[int]) -> int:
    """Give the smallest of 1, 2, 5, 10, 20… cents that needs few enough classes."""
    hausse, baisse = max((0, *differences)), max((0, *(-d for d in differences)))
    candidats = (chiffre * int(10**puissance) for puissance in count() for chiffre in (1, 2, 5))
    return next(pas for pas in candidats if _combien(hausse, pas) + _combien(baisse, pas) <= CLASSES_AU_PLUS)


def _combien(ecart: int, pas: int) -> int:
    return -(-ecart // pas) if ecart > 0 else 0


def _dedans(difference: int, depuis: int, jusque: int, sens: str) -> bool:
    match sens:
        case "stable":
            return difference == 0
        case "baisse":
            return depuis <= difference < jusque
    return depuis < difference <= jusque


def _nombre(centimes: int, diviseur: int) -> str:
    return formater_nombre(Fraction(centimes, diviseur))
