"""Dated parameters: which value applies to a period, as known on a day, with its source and how sure it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from regles.monnaie import exact


class Statut(StrEnum):
    """How sure a value is. `PUBLIE`, `DEDUIT` and `CONFIRME` may be paid; `DEMONSTRATION` in the demonstration only."""

    PUBLIE = "publie"
    DEDUIT = "deduit"
    A_CONFIRMER = "a_confirmer"
    CONFIRME = "confirme"
    INCONNU = "inconnu"
    SIMULE = "simule"
    DEMONSTRATION = "demonstration"


PAYABLES = frozenset({Statut.PUBLIE, Statut.DEDUIT, Statut.CONFIRME})

# Whether what is not yet published for an exercice may be taken from the one before (docs/regles.md §1).
RECONDUCTION = "previsionnel.valeurs_non_publiees"
RECONDUITES = "reconduites"


class ErreurDeBareme(Exception):
    """A barème that contradicts itself or is asked for something it does not hold."""


class ParametreInconnu(ErreurDeBareme):
    """No value is known for this parameter: the Caf must enter it."""

    def __init__(self, cle: str, exercice: int) -> None:
        super().__init__(f"paramètre inconnu : {cle} (exercice {exercice})")
        self.cle = cle
        self.exercice = exercice


@dataclass(frozen=True, slots=True)
class DefinitionParametre:
    """What a parameter is: its key, French label, unit and kind of value (`decimal`, `entier` or `texte`).

    `choix` lists the only words a `texte` may take (any word when empty).
    """

    cle: str
    libelle: str
    unite: str
    type: str
    prestation: str
    choix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ValeurDatee:
    """One value of a parameter: the days it applies to (`du`..`au`, both included), and the day it became known.

    `valeur` is None when, and only when, `statut` is INCONNU. Numbers are Decimal, never float. `confirme_par` names
    the person behind a CONFIRME value; `connu_le` is then the day of the confirmation.
    """

    cle: str
    du: date
    au: date
    valeur: Decimal | str | None
    statut: Statut
    source: str
    connu_le: date
    confirme_par: str = ""

    def couvre(self, debut: date, fin: date) -> bool:
        """Whether this value applies to the whole period."""
        return self.du <= debut and fin <= self.au

    def reconduite_de(self, exercice: int) -> int | None:
        """Give the earlier exercice this value is carried over from, None when it applies to `exercice` itself."""
        return self.au.year if self.au.year < exercice else None

    @property
    def texte(self) -> str | None:
        """The value as the barème writes it (« 0.30 »), None when unknown."""
        return f"{self.valeur:f}" if isinstance(self.valeur, Decimal) else self.valeur

    @property
    def nombre(self) -> Fraction:
        """The value as an exact rational.

        Raises:
            ErreurDeBareme: when the value is a text or unknown.
        """
        if not isinstance(self.valeur, Decimal):
            raise ErreurDeBareme(f"{self.cle} : un nombre est attendu, le barème porte {self.valeur!r}")
        return exact(self.valeur)

    @property
    def mot(self) -> str:
        """The value as one of the words its definition admits.

        Raises:
            ErreurDeBareme: when the value is a number or unknown.
        """
        if not isinstance(self.valeur, str):
            raise ErreurDeBareme(f"{self.cle} : un mot est attendu, le barème porte {self.valeur!r}")
        return self.valeur


class Bareme:
    """Every parameter with all its dated values. Immutable: `simuler` and `completer` give new barèmes."""

    def __init__(self, definitions: Iterable[DefinitionParametre], valeurs: Iterable[ValeurDatee]) -> None:
        self.definitions: Mapping[str, DefinitionParametre] = {d.cle: d for d in definitions}
        self.valeurs = tuple(sorted(valeurs, key=lambda v: (v.cle, v.du, v.connu_le)))
        self._par_cle: dict[str, list[ValeurDatee]] = {cle: [] for cle in self.definitions}
        for valeur in self.valeurs:
            if valeur.cle not in self._par_cle:
                raise ErreurDeBareme(f"paramètre non défini : {valeur.cle}")
            self._par_cle[valeur.cle].append(valeur)

    def valeur(self, cle: str, exercice: int, connu_le: date) -> ValeurDatee:
        """Give the value that applies to the whole civil year `exercice`, as it was known on `connu_le`.

        Among the values known by then the one known last wins (the same day, the one a person confirmed), and an
        unknown never hides a known one.

        Raises:
            ErreurDeBareme: for a key that no definition declares.
            ParametreInconnu: when nothing usable was known that day.
        """
        if cle not in self._par_cle:
            raise ErreurDeBareme(f"paramètre non défini : {cle}")
        debut, fin = date(exercice, 1, 1), date(exercice, 12, 31)
        connues = [
            v
            for v in self._par_cle[cle]
            if v.connu_le <= connu_le and v.couvre(debut, fin) and v.statut is not Statut.INCONNU
        ]
        if not connues:
            raise ParametreInconnu(cle, exercice)
        return max(connues, key=lambda v: (v.connu_le, v.statut is Statut.CONFIRME))

    def derniere(self, cle: str, exercice: int, connu_le: date) -> ValeurDatee:
        """Give the value of `exercice` or, when none was known, the one known for the exercice before: one step back.

        Raises:
            ErreurDeBareme: for a key that no definition declares.
            ParametreInconnu: when nothing usable was known that day for either; it names `exercice`.
        """
        try:
            return self.valeur(cle, exercice, connu_le)
        except ParametreInconnu as absence:
            try:
                return self.valeur(cle, exercice - 1, connu_le)
            except ParametreInconnu:
                raise absence from None

    def simuler(self, parametres: Mapping[str, str]) -> "Bareme":
        """Replace parameters by typed values, for every period; what rests on them is a simulation.

        Raises:
            ErreurDeBareme: for an unknown key, or a text where a number is expected.
        """
        ajouts = []
        for cle, texte in parametres.items():
            definition = self.definitions.get(cle)
            if definition is None:
                raise ErreurDeBareme(f"paramètre non défini : {cle}")
            ajouts.append(
                ValeurDatee(
                    cle,
                    date.min,
                    date.max,
                    lire_valeur(definition, texte),
                    Statut.SIMULE,
                    "saisi pour cette simulation",
                    date.min,
                )
            )
        gardees = [v for v in self.valeurs if v.cle not in parametres]
        return Bareme(self.definitions.values(), [*gardees, *ajouts])

    def completer(self, autres: Iterable[ValeurDatee]) -> "Bareme":
        """Add demonstration values where nothing sure is known: they replace unknown and unconfirmed values only.

        Raises:
            ErreurDeBareme: when one of them would hide a published or deduced value.
        """
        ajouts = tuple(autres)
        gardees = []
        for valeur in self.valeurs:
            couverte = any(a.cle == valeur.cle and a.du <= valeur.au and valeur.du <= a.au for a in ajouts)
            if couverte and valeur.statut in PAYABLES:
                raise ErreurDeBareme(f"{valeur.cle} : une valeur publiée ne se remplace pas")
            if not couverte:
                gardees.append(valeur)
        return Bareme(self.definitions.values(), [*gardees, *ajouts])


def lire_valeur(definition: DefinitionParametre, texte: str) -> Decimal | str:
    """Read a configured or typed value according to its definition (decimal point, no thousands separator).

    Raises:
        ErreurDeBareme: when the text is not of the defined type.
    """
    if definition.type == "texte":
        if definition.choix and texte not in definition.choix:
            attendus = " ou ".join(f"« {mot} »" for mot in definition.choix)
            raise ErreurDeBareme(f"{definition.cle} : {attendus} est attendu, reçu « {texte} »")
        return texte
    try:
        nombre = exact(texte)
    except ValueError as erreur:
        raise ErreurDeBareme(f"{definition.cle} : {erreur}") from None
    if definition.type == "entier" and nombre.denominator != 1:
        raise ErreurDeBareme(f"{definition.cle} : un entier est attendu, reçu {texte}")
    return Decimal(texte)
