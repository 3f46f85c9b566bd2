"""Explanations as printable pages (a right, a payment): one HTML file, no external resource, every text escaped."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from regles.monnaie import INSECABLE, arrondir_au_centime, formater_euros, formater_nombre

GABARITS = Path(__file__).resolve().parents[1] / "templates" / "documents"


def document_droit(explication: Mapping[str, Any], identite: Mapping[str, str], mention: str) -> str:
    """Write the explanation of a right (`operations.calcul.expliquer`) for the person who runs the structure.

    `identite` may hold code, nom, gestionnaire, commune, siret, caf; `mention` is a banner (« DÉMONSTRATION »).
    """
    numeros = {p["cle"]: rang for rang, p in enumerate(explication["parametres"], start=1)}
    return gabarit("droit.html").render(droit=explication, identite=identite, mention=mention, numeros=numeros)


def document_versement(explication: object) -> str:
    """Write all that a payment rests on (`operations.explication.Explication`) for an auditor."""
    return gabarit("versement.html").render(explication=explication)


def gabarit(nom: str) -> Template:
    """Give a printable page's template, with the filters `euros`, `jour` and `mesure`."""
    return _environnement().get_template(nom)


@lru_cache(maxsize=1)
def _environnement() -> Environment:
    environnement = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters |= {"euros": formater_euros, "jour": _jour, "mesure": _mesure}
    return environnement


def _jour(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def _mesure(valeur: str, unite: str) -> str:
    """Write a value with its unit the French way: euros to the cent, a number without unit as a percentage."""
    try:
        nombre = Fraction(valeur) if "/" in valeur else Fraction(Decimal(valeur))
    except InvalidOperation:
        return valeur.replace("_", " ")
    if unite == "€":
        return formater_euros(arrondir_au_centime(nombre))
    if not unite:
        return f"{formater_nombre(nombre * 100, 2)}{INSECABLE}%"
    return f"{formater_nombre(nombre)}{INSECABLE}{unite}"
