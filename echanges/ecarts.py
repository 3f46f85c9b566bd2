"""What changes in a batch since the last payment of the same kind: amounts and accounts, the biggest change first."""

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook

from echanges.feuilles import Valeur, remplir
from regles.monnaie import en_euros

FEUILLE = "Écarts avec le lot précédent"
COLONNES = (
    ("Gestionnaire", 38),
    ("Structure", 34),
    ("Prestation", 20),
    ("Nature", 10),
    ("Lot précédent", 26),
    ("Net précédent", 15),
    ("Net de ce lot", 15),
    ("Écart", 15),
    ("Compte", 30),
)


@dataclass(frozen=True, slots=True)
class LigneEcart:
    """A payment beside the last one of the same structure, prestation and nature. Amounts in cents.

    `lot_precedent` and `precedent_centimes` are empty when there is none.
    """

    gestionnaire: str
    structure: str
    prestation: str
    nature: str
    lot_precedent: str
    precedent_centimes: int | None
    net_centimes: int
    compte_change: bool

    @property
    def ecart_centimes(self) -> int:
        """The change, in cents; all of the payment when it is the first."""
        return self.net_centimes - (self.precedent_centimes or 0)

    @property
    def compte(self) -> str:
        """What is to be said of the account."""
        if not self.compte_change:
            return "inchangé"
        return "premier versement" if self.precedent_centimes is None else "CHANGÉ depuis le lot précédent"


def ajouter_ecarts(classeur: Workbook, lignes: Sequence[LigneEcart]) -> None:
    """Add the sheet of changes: a changed account first, then the biggest change."""
    tries = sorted(lignes, key=lambda li: (li.compte != "CHANGÉ depuis le lot précédent", -abs(li.ecart_centimes)))
    rangees: list[list[Valeur]] = [
        [
            li.gestionnaire, li.structure, li.prestation, li.nature, li.lot_precedent or "aucun",
            "" if li.precedent_centimes is None else en_euros(li.precedent_centimes),
            en_euros(li.net_centimes), en_euros(li.ecart_centimes), li.compte,
        ]
        for li in tries
    ]  # fmt: skip
    remplir(classeur.create_sheet(FEUILLE), FEUILLE, COLONNES, rangees)
