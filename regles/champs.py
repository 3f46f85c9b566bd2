"""Declared fields: what a partner is asked, in which unit, between which bounds.

The fields of a prestation are data (config/formulaires/<PRESTATION>.yaml); this module only says what a field is.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from regles.baremes import Statut


class TypeChamp(StrEnum):
    """Kind of answer: a whole number, a number with at most `decimales` places, euros, yes/no, or a word.

    A word (`TEXTE`) only comes from the Caf's own record: a partner is never asked for free text.
    """

    ENTIER = "entier"
    DECIMAL = "decimal"
    EUROS = "euros"
    OUI_NON = "oui_non"
    TEXTE = "texte"


class Origine(StrEnum):
    """Who answers: the partner in the form, or the Caf's own record of the structure (shown, not asked)."""

    PARTENAIRE = "partenaire"
    CAF = "caf"


@dataclass(frozen=True, slots=True)
class Champ:
    """One declared field.

    `cle` is the key used by formulas and controls; `feuille` and `section` place it in the form; `compte` is the
    accounting account for charges and produits; `dont_de` names the total it is a part of.
    """

    cle: str
    libelle: str
    feuille: str
    section: str
    type: TypeChamp
    unite: str
    aide: str = ""
    obligatoire: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimales: int = 2
    compte: str = ""
    sens: str = ""
    dont_de: str = ""
    origine: Origine = Origine.PARTENAIRE


@dataclass(frozen=True, slots=True)
class Total:
    """A figure that is not typed but added up from fields. `statut` and `note` say how sure the list is."""

    cle: str
    libelle: str
    unite: str
    somme_de: tuple[str, ...]
    statut: Statut
    note: str


@dataclass(frozen=True, slots=True)
class Formulaire:
    """The form of a prestation: its fields in reading order, and the version printed in each workbook."""

    prestation: str
    libelle: str
    version: str
    champs: tuple[Champ, ...]
    totaux: tuple[Total, ...] = ()

    def champ(self, cle: str) -> Champ:
        """Give a field by its key.

        Raises:
            KeyError: when the form has no such field.
        """
        for champ in self.champs:
            if champ.cle == cle:
                return champ
        raise KeyError(cle)

    @property
    def champs_saisis(self) -> tuple[Champ, ...]:
        """The fields the partner fills."""
        return tuple(c for c in self.champs if c.origine is Origine.PARTENAIRE)

    @property
    def feuilles(self) -> tuple[str, ...]:
        """The sheets of the form, in order."""
        return tuple(dict.fromkeys(c.feuille for c in self.champs_saisis))
