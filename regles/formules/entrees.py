"""What a formula is asked to read: declared answers, checked before anything is computed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.monnaie import formater_nombre
from regles.trace import Calcul

Donnee = Fraction | int | bool | str | None
Composantes = list[Fraction | None]


class Genre(StrEnum):
    """Kind of answer: a whole number, a number, yes/no, or one word among a few."""

    ENTIER = "entier"
    NOMBRE = "nombre"
    OUI_NON = "oui_non"
    MOT = "mot"


@dataclass(frozen=True, slots=True)
class Entree:
    """One answer a formula needs. Numbers are never negative; `non_nul` refuses zero, `maximum` is included.

    An optional answer left blank counts as « none of it » (a condition of the convention), never as a guess.
    """

    cle: str
    libelle: str
    genre: Genre
    unite: str = ""
    non_nul: bool = False
    maximum: int | None = None
    choix: tuple[str, ...] = ()
    obligatoire: bool = True

    @property
    def attendu(self) -> str:
        """What would be right, in French."""
        match self.genre:
            case Genre.OUI_NON:
                return "oui ou non"
            case Genre.MOT:
                return " ou ".join(f"« {mot} »" for mot in self.choix)
        nature = "un nombre entier" if self.genre is Genre.ENTIER else "un nombre"
        borne = " plus grand que zéro" if self.non_nul else " positif ou nul"
        plafond = "" if self.maximum is None else f", au plus {self.maximum}"
        return f"{nature}{borne}{plafond}" + (f" ({self.unite})" if self.unite else "")

    def admet(self, valeur: Donnee) -> bool:
        """Whether an answer is of the right kind and within bounds."""
        match self.genre:
            case Genre.OUI_NON:
                return isinstance(valeur, bool)
            case Genre.MOT:
                return valeur in self.choix
        if isinstance(valeur, bool) or not isinstance(valeur, int | Fraction):
            return False
        entier = self.genre is not Genre.ENTIER or Fraction(valeur).denominator == 1
        minimum_tenu = valeur > 0 if self.non_nul else valeur >= 0
        return entier and minimum_tenu and (self.maximum is None or valeur <= self.maximum)


@dataclass(frozen=True, slots=True)
class Donnees:
    """Answers already checked: reading one of the wrong kind is a programming error (TypeError, KeyError)."""

    valeurs: Mapping[str, Donnee]

    def nombre(self, cle: str) -> Fraction:
        """Give a number; an optional one left blank is 0."""
        valeur = self.valeurs.get(cle)
        if isinstance(valeur, str):
            raise TypeError(f"{cle} : {valeur!r} n'est pas un nombre")
        return Fraction(valeur or 0)

    def oui(self, cle: str) -> bool:
        """Give a yes/no; an optional one left blank is no."""
        return bool(self.valeurs.get(cle))

    def mot(self, cle: str) -> str:
        """Give a word."""
        return str(self.valeurs[cle])


def sans_controle(donnees: Donnees) -> Iterable[Constat]:  # noqa: ARG001
    """Find nothing: for a formula whose answers need no check beyond their kind."""
    return ()


@dataclass(frozen=True, slots=True)
class Formule:
    """A formula in force from the exercice `depuis` until the next one of the same component.

    `calculer` writes its lines in the trace and gives the amounts, in euros, that add to the right (None: unknown).
    `controler` gives the blocking findings of answers that make no sense together.
    """

    depuis: int
    calculer: Callable[[Calcul, Donnees], Composantes]
    entrees: tuple[Entree, ...]
    controler: Callable[[Donnees], Iterable[Constat]] = sans_controle


def en_vigueur(formules: Iterable[Formule], exercice: int) -> Formule | None:
    """Give the formula in force in an exercice, or None before the first one."""
    applicables = [f for f in formules if f.depuis <= exercice]
    return max(applicables, key=lambda f: f.depuis, default=None)


def verifier_entrees(entrees: Iterable[Entree], valeurs: Mapping[str, Donnee]) -> list[Constat]:
    """Give a blocking finding for each answer that is missing or cannot be used."""
    constats = []
    for entree in entrees:
        valeur = valeurs.get(entree.cle)
        if valeur is None:
            if entree.obligatoire:
                message = f"Il manque une réponse : {entree.libelle}."
                constats.append(bloquer("donnee_manquante", message, entree.cle, attendu=entree.attendu))
        elif not entree.admet(valeur):
            lu = _ecrire(valeur)
            message = f"La réponse ne convient pas : {entree.libelle}. Lu : {lu} ; attendu : {entree.attendu}."
            constats.append(bloquer("donnee_inutilisable", message, entree.cle, lu=lu, attendu=entree.attendu))
    return constats


def bloquer(code: str, message: str, *champs: str, lu: str = "", attendu: str = "") -> Constat:
    """Give a finding that forbids the computation."""
    return Constat(code, Severite.BLOQUANTE, champs, message, lu, attendu)


def _ecrire(valeur: Donnee) -> str:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    return formater_nombre(valeur) if isinstance(valeur, int | Fraction) else f"« {valeur} »"
