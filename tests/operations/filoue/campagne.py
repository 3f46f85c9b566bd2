"""A Filoué campaign for the tests: three crèches, the first two named in the files, a key, invented children."""

from datetime import date
from pathlib import Path

from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import AnomalieFiloueLue, FichierFiloue, Structure
from operations.contexte import Contexte
from operations.filoue.cles import creer_cle
from operations.filoue.instruction import BilanFiloue, instruire
from operations.reception import enregistrer_arrivees
from regles.filoue import StructureAttendue
from tests.fabrique import deposer_octets, poser_structure
from tests.filoue.fabrique import ATTENDU, EXERCICE

ETAPE = "filoue-2026"
JOUR = date(2026, 4, 20)
MATRICULE, VILLE = b"0001382", b"LANGRES"
DEUXIEME = StructureAttendue("EAJE02", EXERCICE, "521", "200100099", "5200088")


def installer(ctx: Contexte) -> None:
    """Three crèches (two partners, one person each), the third one not recorded in Filoué, and a key."""
    for rang, attendu in ((1, ATTENDU), (2, DEUXIEME), (3, None)):
        code = f"EAJE{rang:02d}"
        poser_structure(ctx, code, partenaire="P1" if rang < 3 else "P2")
        if attendu is None:
            continue
        with transaction(ctx.moteur) as session:
            structure = session.exec(select(Structure).where(Structure.code == code)).one()
            structure.dossier_afc, structure.idequ = attendu.dossier_afc, attendu.idequ
    creer_cle(ctx)


def recevoir(ctx: Contexte, octets: bytes, jour: date = JOUR, nom: str = "export.csv") -> BilanFiloue:
    """Put a file in the inbox and read it."""
    deposer_octets(ctx, nom, octets)
    enregistrer_arrivees(ctx, jour)
    return instruire(ctx, jour)


def fichiers(ctx: Contexte) -> list[FichierFiloue]:
    """Every file, oldest first."""
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(FichierFiloue).order_by(col(FichierFiloue.id))))


def anomalies(ctx: Contexte, fichier: int) -> list[AnomalieFiloueLue]:
    with transaction(ctx.moteur) as session:
        return list(
            session.exec(
                select(AnomalieFiloueLue)
                .where(AnomalieFiloueLue.fichier_id == fichier)
                .order_by(col(AnomalieFiloueLue.rang))
            )
        )


def sur_le_disque(ctx: Contexte) -> dict[Path, bytes]:
    """Every file of the installation but the key."""
    return {
        chemin: chemin.read_bytes()
        for chemin in ctx.reglages.var.rglob("*")
        if chemin.is_file() and "cles" not in chemin.parts
    }
