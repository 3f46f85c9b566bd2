"""Filoué files for these tests: sound lines of cas/alertes.yaml, changed cell by cell."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from regles.baremes import Bareme
from regles.filoue import StructureAttendue, VersionFiloue
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.filoue import ReglagesFiloue, charger_filoue
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import lire_yaml
from schemas.filoue.verification import ResultatFiloue, verifier

ATTENDU = StructureAttendue("EAJE01", 2025, code_organisme="521", dossier_afc="202300123", idequ="5200077")
CONNU_LE = date(2026, 4, 1)
CLE = bytes(range(32))


@cache
def cas() -> dict[str, Any]:
    donnees: dict[str, Any] = lire_yaml(Path(__file__).parent / "cas" / "alertes.yaml")[0]
    return donnees


@cache
def reglages() -> ReglagesFiloue:
    return charger_filoue(RACINE / "config" / "filoue.yaml")


@cache
def bareme() -> Bareme:
    return charger_bareme(RACINE / "config", demonstration=False)


def ligne(change: Mapping[str, str] | None = None) -> dict[str, str]:
    return cas()["ligne_saine"] | dict(change or {})


def fichier(
    *changes: Mapping[str, str], version: VersionFiloue = VersionFiloue.V3, fin: str = "\n", codage: str = "utf-8"
) -> bytes:
    """One line a change, in the order of the version's columns."""
    colonnes = reglages().versions[version].colonnes
    lignes = [";".join(colonnes), *(";".join(ligne(change)[c] for c in colonnes) for change in changes)]
    return fin.join(lignes).encode(codage)


def verifier_ici(
    octets: bytes, attendu: StructureAttendue = ATTENDU, regles: ReglagesFiloue | None = None
) -> ResultatFiloue:
    return verifier(octets, attendu, regles or reglages(), bareme(), CONNU_LE)
