"""Exact money: rationals inside a computation, integer cents at the line that is paid.

`Decimal` cannot hold 0.03 / 0.13, so a chain of operations through a division may land just under a half cent
that it should hit (see docs/adr/0002). Amounts under way are therefore `Fraction`; the single rounding, half up,
is `arrondir_au_centime`.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import NewType

Centimes = NewType("Centimes", int)

INSECABLE = "\u00a0"
FINE_INSECABLE = "\u202f"


def exact(valeur: str | int | Decimal | Fraction) -> Fraction:
    """Turn a declared or configured number into an exact rational.

    Raises:
        TypeError: for a float or a boolean, which have no place near money.
        ValueError: when a text is not a finite decimal number.
    """
    if isinstance(valeur, bool) or not isinstance(valeur, str | int | Decimal | Fraction):
        raise TypeError(f"nombre exact attendu, reçu {type(valeur).__name__} : {valeur!r}")
    if isinstance(valeur, str):
        try:
            valeur = Decimal(valeur)
        except InvalidOperation:
            raise ValueError(f"nombre décimal attendu, reçu {valeur!r}") from None
    if isinstance(valeur, Decimal) and not valeur.is_finite():
        raise ValueError(f"nombre fini attendu, reçu {valeur}")
    return Fraction(valeur)


def _arrondir_en_unites(valeur: Fraction, decimales: int) -> int:
    echelle: int = 10**decimales
    entier, reste = divmod(abs(valeur.numerator) * echelle, valeur.denominator)
    if 2 * reste >= valeur.denominator:
        entier += 1
    return -entier if valeur < 0 else entier


def arrondir(valeur: Fraction, decimales: int) -> Decimal:
    """Round half up (away from zero on a tie) to `decimales` places, exactly, whatever the number of digits.

    The Decimal is built from its digits: an operation such as `scaleb` would round it again, to 28 of them.
    """
    return Decimal(f"{_arrondir_en_unites(valeur, decimales)}E-{decimales}")


def arrondir_au_centime(euros: Fraction) -> Centimes:
    """Round an amount in euros to integer cents, half up: the only rounding of a right."""
    return Centimes(_arrondir_en_unites(euros, 2))


def en_euros(centimes: int) -> Decimal:
    """Give cents as a two-place Decimal in euros, for display and exports."""
    return Decimal(centimes).scaleb(-2).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def formater_nombre(valeur: Fraction | Decimal | int, decimales: int = 4) -> str:
    """Write a number the French way; at most `decimales` places, « ≈ » in front when that hides digits."""
    rationnel = Fraction(valeur)
    arrondi = arrondir(rationnel, decimales)
    prefixe = "" if Fraction(arrondi) == rationnel else f"≈{INSECABLE}"
    texte = f"{arrondi:,f}"
    if "." in texte:
        texte = texte.rstrip("0").rstrip(".")
    return prefixe + texte.replace(",", FINE_INSECABLE).replace(".", ",")


def formater_mesure(valeur: Fraction | Decimal | int, unite: str, decimales: int = 4) -> str:
    """Write a number and its unit, held together: « 35 200 heures », « 12,50 € » (euros never have one place)."""
    texte = formater_nombre(valeur, decimales)
    if unite == "€" and re.search(r",[0-9]$", texte):
        texte += "0"
    return f"{texte}{INSECABLE}{unite}" if unite else texte


def typographier(texte: str) -> str:
    """Put a no-break space before the signs that French never leaves alone at the start of a line."""
    return re.sub(r" (?=[%€:;?!»÷×])|(?<=«) ", INSECABLE, texte)


def formater_euros(centimes: int) -> str:
    """Write an amount in cents as « 1 234,56 € »."""
    texte = f"{en_euros(centimes):,.2f}".replace(",", FINE_INSECABLE).replace(".", ",")
    return f"{texte}{INSECABLE}€"
