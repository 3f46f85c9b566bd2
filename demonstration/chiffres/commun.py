"""What the figures of every prestation share: a budget spread over the accounts, and the totals of the form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from regles.champs import Formulaire, TypeChamp

Donnees = dict[str, Any]
MILLE = 1000
# Share of each account in the charges, in thousandths; staff (64) takes the rest.
PARTS_CHARGES: Mapping[str, int] = {"60": 75, "61": 45, "62": 30, "63": 28, "65": 4, "66": 2, "67": 2, "68": 22}


def charges_par_compte(charges: int) -> dict[str, int]:
    """Share charges (whole euros) among the accounts, to the last euro."""
    comptes = {compte: charges * part // MILLE for compte, part in PARTS_CHARGES.items()}
    comptes["64"] = charges - sum(comptes.values())
    return comptes


def completer(donnees: Donnees, formulaire: Formulaire) -> Donnees:
    """Answer « 0 » to what is left out, and add up the totals of the form."""
    reponses = {c.cle: donnees.get(c.cle, 0 if c.type is TypeChamp.ENTIER else "0") for c in formulaire.champs}
    for total in formulaire.totaux:
        reponses[total.cle] = str(sum((Decimal(reponses[cle]) for cle in total.somme_de), Decimal(0)))
    return reponses
