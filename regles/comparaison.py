"""What moved between the barèmes of two exercices, as known on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from regles.baremes import Bareme, ErreurDeBareme, ParametreInconnu, ValeurDatee


class Mouvement(StrEnum):
    """How a parameter moved. `CERTITUDE`: same value, surer or less sure than before."""

    AJOUTE = "ajoute"
    RETIRE = "retire"
    MODIFIE = "modifie"
    DEVENU_CONNU = "devenu_connu"
    DEVENU_INCONNU = "devenu_inconnu"
    CERTITUDE = "certitude"


@dataclass(frozen=True, slots=True)
class Ecart:
    """One parameter that moved; a value is None when it is unknown, or when the parameter does not exist then."""

    cle: str
    mouvement: Mouvement
    avant: ValeurDatee | None
    apres: ValeurDatee | None

    @property
    def difference(self) -> Fraction | None:
        """The difference in the unit of the parameter; None unless both values are numbers."""
        if self.avant is None or self.apres is None or not isinstance(self.apres.valeur, Decimal):
            return None
        return self.apres.nombre - self.avant.nombre

    @property
    def variation(self) -> Fraction | None:
        """The difference as a share of the former value; None when there is none to divide by."""
        difference = self.difference
        if difference is None or self.avant is None or self.avant.nombre == 0:
            return None
        return difference / self.avant.nombre


def comparer(bareme: Bareme, avant: int, apres: int, connu_le: date) -> tuple[Ecart, ...]:
    """Give what moved from one exercice to another, in the order of the dictionary of parameters.

    Raises:
        ErreurDeBareme: when no value at all is dated for one of the exercices.
    """
    for exercice in (avant, apres):
        if not any(_couvre(v, exercice) for v in bareme.valeurs):
            raise ErreurDeBareme(f"Aucun barème n'est enregistré pour l'exercice {exercice}.")
    return tuple(_ecarts(bareme, avant, apres, connu_le))


def _ecarts(bareme: Bareme, avant: int, apres: int, connu_le: date) -> Iterator[Ecart]:
    existants = {exercice: {v.cle for v in bareme.valeurs if _couvre(v, exercice)} for exercice in (avant, apres)}
    for cle in bareme.definitions:
        existait, existe = cle in existants[avant], cle in existants[apres]
        ancienne = _connue(bareme, cle, avant, connu_le) if existait else None
        nouvelle = _connue(bareme, cle, apres, connu_le) if existe else None
        if existait != existe:
            yield Ecart(cle, Mouvement.AJOUTE if existe else Mouvement.RETIRE, ancienne, nouvelle)
        elif ancienne is None or nouvelle is None:
            if ancienne is not nouvelle:
                mouvement = Mouvement.DEVENU_CONNU if ancienne is None else Mouvement.DEVENU_INCONNU
                yield Ecart(cle, mouvement, ancienne, nouvelle)
        elif ancienne.valeur != nouvelle.valeur:
            yield Ecart(cle, Mouvement.MODIFIE, ancienne, nouvelle)
        elif ancienne.statut is not nouvelle.statut:
            yield Ecart(cle, Mouvement.CERTITUDE, ancienne, nouvelle)


def _couvre(valeur: ValeurDatee, exercice: int) -> bool:
    return valeur.couvre(date(exercice, 1, 1), date(exercice, 12, 31))


def _connue(bareme: Bareme, cle: str, exercice: int, connu_le: date) -> ValeurDatee | None:
    try:
        return bareme.valeur(cle, exercice, connu_le)
    except ParametreInconnu:
        return None
