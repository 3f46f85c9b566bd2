"""A partner's postal address as columns of a row: whole or blank, and such as a transfer can carry it."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from pycountry import countries

FRANCE = "FR"
ENTIERE = "une adresse est entière ou absente"
# Columns in the order they are read, with the longest text their field takes in a transfer (pain.001.001.09).
COLONNES: Mapping[str, int] = {"numero_voie": 16, "rue": 70, "pays": 2, "code_postal": 16, "ville": 35}


def lire_partie(colonne: str, valeur: str | None, lues: Mapping[str, Any]) -> str | None:
    """Check a part of an address against the columns read before it, a faulty one left out.

    Raises:
        ValueError: a French sentence.
    """
    numero, rue = lues.get("numero_voie"), lues.get("rue")
    if valeur is None:
        if colonne == "rue" and numero:
            raise ValueError(f"valeur attendue avec le numéro, cellule vide ({ENTIERE})")
        if rue:
            raise ValueError(f"valeur attendue avec la rue, cellule vide ({ENTIERE})")
        return None
    if "rue" in lues and rue is None:
        raise ValueError(f"à laisser vide sans la rue ({ENTIERE}), lu « {valeur} »")
    if colonne == "pays":
        return _pays(valeur)
    if colonne == "code_postal" and lues.get("pays") == FRANCE and not re.fullmatch(r"[0-9]{5}", valeur):
        raise ValueError(f"cinq chiffres attendus pour la France, lu « {valeur} »")
    if colonne == "rue" and numero and len(f"{numero} {valeur}") > COLONNES["rue"]:
        raise ValueError(f"{COLONNES['rue']} signes au plus avec le numéro : à abréger, lu « {valeur} »")
    return _ecrivable(valeur, COLONNES[colonne])


def _pays(valeur: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", valeur) or countries.get(alpha_2=valeur) is None:
        raise ValueError(f"code de pays à deux lettres attendu (FR pour la France), lu « {valeur} »")
    return valeur


def _ecrivable(valeur: str, longueur: int) -> str:
    """Refuse a text that a transfer cannot hold: too long, or not a sign of it in the characters of the SEPA."""
    if len(valeur) > longueur:
        raise ValueError(f"{longueur} signes au plus : à abréger, lu « {valeur} »")
    if not re.search(r"[A-Za-z0-9]", unicodedata.normalize("NFKD", valeur)):
        raise ValueError(f"ni lettre ni chiffre que les banques sachent écrire, lu « {valeur} »")
    return valeur
