"""Bank accounts: how an IBAN is shown, and the key of a French RIB, which the check digits of an IBAN do not hold.

Source of the key: 97 − ((89 × banque + 15 × guichet + 3 × compte) mod 97), letters turned into digits (CFONB).
"""

AVEC_CLE_RIB = frozenset({"FR", "MC"})
_CHIFFRES = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def masquer(iban: str) -> str:
    """Show an account without giving it away: « FR76 •••• 1234 »."""
    return f"{iban[:4]} •••• {iban[-4:]}"


def cle_rib_juste(iban: str) -> bool:
    """Whether the RIB inside a compact IBAN holds; always true for a country without a RIB."""
    if iban[:2] not in AVEC_CLE_RIB:
        return True
    banque, guichet, compte, cle = iban[4:9], iban[9:14], iban[14:25], iban[25:27]
    somme = sum(
        poids * int(partie.translate(_CHIFFRES)) for poids, partie in ((89, banque), (15, guichet), (3, compte))
    )
    return (somme + int(cle)) % 97 == 0
