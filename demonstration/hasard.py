"""Reproducible draws and invented identifiers: the same on every machine, and obviously invented."""

import unicodedata
from random import Random

from stdnum import iban, luhn

GRAINE = 52
BANQUE, GUICHET = "99999", "00052"  # no French bank has this code


def hasard(*sujet: str | int) -> Random:
    """Give the random generator of a subject: always the same for the same words."""
    return Random("-".join(map(str, (GRAINE, *sujet))))  # noqa: S311


def sans_accent(texte: str) -> str:
    """« Élodie » gives « Elodie »; ligatures and curly quotes are dropped."""
    return unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()


def domaine(prefixe: str, nom: str) -> str:
    """Give an invented domain name: ("mairie", "Val-de-Meuse") gives mairie-val-de-meuse.example."""
    mots = "".join(c if c.isalnum() else " " for c in sans_accent(nom).lower()).split()
    return "-".join((prefixe, *mots) if prefixe else mots) + ".example"


def adresse(nom: str, chez: str) -> str:
    """Give the address of a person: « Élodie Mougin » at x.example gives elodie.mougin@x.example."""
    return f"{sans_accent(nom).lower().replace(' ', '.')}@{chez}"


def siren_invente(rang: int) -> str:
    """Give a SIREN with a right key in the unassigned 9995 range."""
    racine = f"9995{rang:04d}"
    return racine + luhn.calc_check_digit(racine)


def siret_invente(siren: str, rang: int) -> str:
    """Give the SIRET of the `rang`-th establishment of an invented SIREN."""
    racine = f"{siren}{rang:04d}"
    return racine + luhn.calc_check_digit(racine)


def iban_invente(rang: int) -> str:
    """Give a French IBAN with right keys (RIB and IBAN) at a bank that does not exist."""
    compte = f"{rang:011d}"
    cle = 97 - (89 * int(BANQUE) + 15 * int(GUICHET) + 3 * int(compte)) % 97
    rib = f"{BANQUE}{GUICHET}{compte}{cle:02d}"
    return f"FR{iban.calc_check_digits(f'FR00{rib}')}{rib}"
