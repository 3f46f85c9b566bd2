"""Second part of `make bench`: a Filoué file read, checked, pseudonymised and added up, beside a bare polars scan.

Ratios of one run, not seconds to compare between machines. `python -m tests.bench_filoue 850000` does it for as many
lines, cut in files of 5 000, and gives the peak of memory of the whole.
"""

import io
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar

import polars as pl

from demonstration.filoue import ecrire, inventer
from echanges.filoue.table import depuis_octets, en_octets
from operations.filoue.agregat import additionner
from regles.filoue import StructureAttendue
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.filoue import charger_filoue
from schemas.configuration.reglages import RACINE
from schemas.filoue.lecture import lire
from schemas.filoue.pseudonymes import pseudonymiser
from schemas.filoue.verification import verifier

LIGNES_PAR_FICHIER, FICHIERS = 5_000, 4
EXERCICE, CONNU_LE, CLE = 2025, date(2026, 4, 20), b"\x00" * 32
CIBLE = 1.0  # seconds, for a file of 5 000 lines read and checked
T = TypeVar("T")


def fabriquer(nombre: int) -> Iterator[tuple[StructureAttendue, bytes]]:
    """Give as many invented files as needed, each with its structure."""
    for rang in range(-(-nombre // LIGNES_PAR_FICHIER)):
        attendu = StructureAttendue(f"EAJE{rang}", EXERCICE, "", f"{rang + 1}", f"{rang + 1}")
        yield attendu, ecrire(inventer(min(LIGNES_PAR_FICHIER, nombre), EXERCICE, f"bench{rang}"), attendu)


class Temps:
    """Seconds spent by stage."""

    def __init__(self) -> None:
        self.par_etape: dict[str, float] = {}

    def mesurer(self, etape: str, geste: Callable[[], T]) -> T:
        debut = time.perf_counter()
        fait = geste()
        self.par_etape[etape] = self.par_etape.get(etape, 0.0) + time.perf_counter() - debut
        return fait


def passer(nombre: int) -> tuple[int, Temps]:
    """Bring files from their bytes to the aggregate; give how many lines, and the time of each stage."""
    reglages = charger_filoue(RACINE / "config" / "filoue.yaml")
    bareme = charger_bareme(RACINE / "config", demonstration=False)
    temps, lignes, gardees = Temps(), 0, []
    for rang, (attendu, octets) in enumerate(fabriquer(nombre)):
        nue = temps.mesurer("lecture nue de polars", lambda o=octets: _lire_nu(o))
        temps.mesurer("lecture", lambda o=octets: lire(o, reglages))
        resultat = temps.mesurer(
            "lecture et contrôles", lambda o=octets, a=attendu: verifier(o, a, reglages, bareme, CONNU_LE)
        )
        assert resultat.table is not None
        table = resultat.table
        pseudonymes = temps.mesurer("pseudonymes", lambda t=table: pseudonymiser(t, CLE))
        gardees.append((rang, en_octets(pseudonymes), "CA de Chaumont"))
        lignes += len(nue)
    tables = [(rang, depuis_octets(octets), epci) for rang, octets, epci in gardees]
    temps.mesurer("agrégat", lambda: additionner(RACINE / "config", reglages, tables))
    return lignes, temps


def _lire_nu(octets: bytes) -> pl.DataFrame:
    return pl.read_csv(io.BytesIO(octets), separator=";", infer_schema=False)


def afficher(nombre: int) -> bool:
    """Print lines per second and ratios; whether a file of 5 000 lines is read and checked in less than the target."""
    lignes, temps = passer(nombre)
    nue = temps.par_etape["lecture nue de polars"]
    sys.stdout.write(f"\nFiloué, {lignes} lignes en fichiers de {LIGNES_PAR_FICHIER} :\n")
    for etape, duree in temps.par_etape.items():
        sys.stdout.write(f"  {etape:<24}{lignes / duree:>12,.0f} lignes/s{duree / nue:>9.1f} × la lecture nue\n")
    par_fichier = temps.par_etape["lecture et contrôles"] * LIGNES_PAR_FICHIER / lignes
    memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    sys.stdout.write(f"  mémoire au plus haut : {memoire:.2f} Gio\n")
    sys.stdout.write(f"Cible : {LIGNES_PAR_FICHIER} lignes en moins de {CIBLE:.0f} s — {par_fichier:.2f} s.\n")
    return par_fichier < CIBLE


if __name__ == "__main__":
    voulu = int(sys.argv[1]) if len(sys.argv) > 1 else FICHIERS * LIGNES_PAR_FICHIER
    sys.exit(0 if afficher(voulu) else 1)
