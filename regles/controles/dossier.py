"""What the controls look at: typed answers, what they are compared with, and the thresholds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from regles.anomalies import Severite
from regles.baremes import Bareme, Statut
from regles.calendrier import NatureEtape
from regles.champs import Champ, Formulaire, Total
from regles.formules.entrees import Donnee
from regles.monnaie import exact, formater_mesure

Valeur = int | Decimal | bool | str


class Reference(StrEnum):
    """What a declaration is compared with, the closest first.

    The last actualisation received for the same exercice, its prévisionnel, or the réel of the year before.
    """

    ACTUALISATION = "actualisation"
    PREVISIONNEL = "previsionnel"
    N_1 = "n_1"

    def nommer(self, exercice: int) -> str:
        """Give its name in a French sentence, after « par rapport »."""
        noms = {
            Reference.ACTUALISATION: "à l'actualisation",
            Reference.PREVISIONNEL: "au prévisionnel",
            Reference.N_1: f"au réel {exercice - 1}",
        }
        return noms[self]


@dataclass(frozen=True, slots=True)
class Seuil:
    """A threshold: an exact value in `unite`, its source and how sure it is."""

    cle: str
    libelle: str
    valeur: Decimal
    unite: str
    statut: Statut
    source: str


@dataclass(frozen=True, slots=True)
class Variation:
    """How far a field or total may move from each reference (a ratio), and the least move worth a question.

    `ecart_minimal` is in the unit of the field; a reference without a threshold is not compared.
    """

    cle: str
    seuils: Mapping[Reference, Decimal]
    ecart_minimal: Decimal


@dataclass(frozen=True, slots=True)
class Somme:
    """Answers that together cannot exceed another one, which includes them."""

    parties: tuple[str, ...]
    total: str
    severite: Severite


@dataclass(frozen=True, slots=True)
class Rapport:
    """A ratio between sums of answers, and the bounds (included) outside which an explanation is asked for."""

    libelle: str
    numerateur: tuple[str, ...]
    denominateur: tuple[str, ...]
    unite: str
    minimum: Decimal | None
    maximum: Decimal | None


@dataclass(frozen=True, slots=True)
class Cout:
    """A unit cost as the formula itself computes it: the line `ligne` of its trace.

    `plafond` names what caps it: a parameter of the barème (« {type_accueil} » in it stands for that answer), or
    another line of the trace; divided by the parameter `divise_par` when the barème caps the amount paid and not the
    cost. `facteur`: how many times above or below the ceiling a cost is not plausible; `n_1`: how far (a ratio) it may
    move from the year before. `champs` are the answers it comes from, where it is told.
    """

    ligne: str
    libelle: str
    champs: tuple[str, ...]
    plafond: str
    divise_par: str
    facteur: Decimal | None
    n_1: Decimal | None


@dataclass(frozen=True, slots=True)
class Seuils:
    """The thresholds of a prestation."""

    prestation: str
    seuils: tuple[Seuil, ...] = ()
    sommes: tuple[Somme, ...] = ()
    rapports: tuple[Rapport, ...] = ()
    couts: tuple[Cout, ...] = ()
    variations: tuple[Variation, ...] = ()

    def nombre(self, cle: str) -> Fraction:
        """Give a threshold as an exact number.

        Raises:
            KeyError: when the configuration has no such threshold.
        """
        for seuil in self.seuils:
            if seuil.cle == cle:
                return exact(seuil.valeur)
        raise KeyError(cle)

    def eventuel(self, cle: str) -> Fraction | None:
        """Give a threshold as an exact number, None when it is left out: what it bounds is not compared."""
        return self.nombre(cle) if any(s.cle == cle for s in self.seuils) else None


@dataclass(frozen=True, slots=True)
class BaremeDuJour:
    """The barème as it is known the day of the control."""

    bareme: Bareme
    connu_le: date


@dataclass(frozen=True, slots=True)
class Dossier:
    """The answers of one declaration, by field key; a key that could not be read is absent.

    `references` holds the answers of each declaration to compare with; one that does not exist is absent.
    `conditions` is what the convention brings to the right, by exercice. Without `bareme`, nothing that rests on the
    right is controlled; `nature` says whether it may rest on last year's values.
    """

    formulaire: Formulaire
    exercice: int
    valeurs: Mapping[str, Valeur]
    references: Mapping[Reference, Mapping[str, Valeur]] = field(default_factory=dict)
    conditions: Mapping[int, Mapping[str, Donnee]] = field(default_factory=dict)
    bareme: BaremeDuJour | None = None
    nature: str = NatureEtape.REEL

    def nombre(self, cle: str) -> Fraction | None:
        """Give the exact value of a field or total, None when an answer is missing."""
        return nombre(self.formulaire, self.valeurs, cle)

    def nombres(self, *cles: str) -> tuple[Fraction, ...] | None:
        """Give several values, None as soon as one is missing."""
        lus = [self.nombre(cle) for cle in cles]
        connus = tuple(n for n in lus if n is not None)
        return connus if len(connus) == len(cles) else None

    def somme(self, cles: Iterable[str]) -> Fraction | None:
        """Give the sum of several values, None as soon as one is missing."""
        lus = self.nombres(*cles)
        return None if lus is None else sum(lus, Fraction(0))

    def donnees(self) -> dict[str, Donnee]:
        """Give answers, totals and conditions as the formulas read them: exact numbers, yes/no, words."""
        donnees: dict[str, Donnee] = dict(self.conditions.get(self.exercice, {}))
        donnees |= {c: exact(valeur) if isinstance(valeur, Decimal) else valeur for c, valeur in self.valeurs.items()}
        return donnees | {total.cle: self.nombre(total.cle) for total in self.formulaire.totaux}

    def passe(self, reference: Reference) -> "Dossier | None":
        """Give the dossier of a reference, with the same form and barème; None when there is none."""
        valeurs = self.references.get(reference)
        if valeurs is None:
            return None
        exercice, nature = self.exercice, reference.value
        if reference is Reference.N_1:
            exercice, nature = self.exercice - 1, NatureEtape.REEL
        return replace(self, exercice=exercice, nature=nature, valeurs=valeurs, references={})

    def champ_du_compte(self, compte: str) -> Champ | None:
        """Give the field of an account, None when the form does not ask it."""
        return next((champ for champ in self.formulaire.champs if champ.compte == compte), None)

    def definition(self, cle: str) -> Champ | Total:
        """Give the field or the total of a key.

        Raises:
            KeyError: when the form has neither.
        """
        for total in self.formulaire.totaux:
            if total.cle == cle:
                return total
        return self.formulaire.champ(cle)


def nombre(formulaire: Formulaire, valeurs: Mapping[str, Valeur], cle: str) -> Fraction | None:
    """Give the exact value of a field, or of a total from its parts; None when an answer is missing."""
    for total in formulaire.totaux:
        if total.cle == cle:
            parts = [nombre(formulaire, valeurs, part) for part in total.somme_de]
            connues = [p for p in parts if p is not None]
            return sum(connues, Fraction(0)) if len(connues) == len(parts) else None
    valeur = valeurs.get(cle)
    return None if valeur is None or isinstance(valeur, bool) else exact(valeur)


def ecrire(valeur: Fraction, unite: str = "") -> str:
    """Write a number of a control the French way, with at most two places and its unit."""
    return formater_mesure(valeur, unite, 2)


def enumerer(morceaux: Sequence[str], liaison: str = "et") -> str:
    """Write a list the French way: « a, b et c »."""
    *debut, fin = morceaux
    return f"{', '.join(debut)} {liaison} {fin}" if debut else fin


def ecrire_pourcent(valeur: Fraction) -> str:
    """Write a ratio as a percentage with at most two places."""
    return ecrire(valeur * 100, "%")
