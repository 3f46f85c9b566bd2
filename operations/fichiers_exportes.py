"""The files of an export on the disk: held to the frozen bytes, put back, what was altered kept aside."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from modeles.tables import ExportLot, Lot
from operations.contexte import ActeRefuse, Contexte

DEBUT_D_EMPREINTE = 12


@dataclass(frozen=True, slots=True)
class Ecarts:
    """What of an export is not on the disk as it was frozen: names that miss, names altered and the sha256 found."""

    manquants: tuple[str, ...]
    alteres: dict[str, str]

    @property
    def phrase(self) -> str:
        """What was altered, in French; "" for nothing."""
        noms = ", ".join(self.alteres)
        return noms and f"Attention, modifié sur le disque depuis l'export : {noms}."


def dossier_du_lot(contexte: Contexte, lot: Lot) -> Path:
    """Give the folder where the files of a batch are written."""
    return contexte.reglages.var / "exports" / lot.numero


def exports_du_lot(session: Session, lot: int) -> Sequence[ExportLot]:
    """Give the frozen files of a batch, in the order they were made."""
    return session.exec(select(ExportLot).where(ExportLot.lot_id == lot).order_by(col(ExportLot.id))).all()


def exiger_intacts(contexte: Contexte, session: Session, lot: Lot) -> None:
    """Check that the files of a batch are on the disk as they were frozen.

    Raises:
        ActeRefuse: some miss, differ or cannot be read.
    """
    dossier = dossier_du_lot(contexte, lot)
    try:
        ecarts = comparer(dossier, exports_du_lot(session, lot.id or 0))
    except OSError:
        raise ActeRefuse(f"« {dossier} » ne se lit pas : vérifiez les droits d'accès, puis recommencez.") from None
    manque = f"Il manque dans « {dossier} » : {', '.join(ecarts.manquants)}." if ecarts.manquants else ""
    if dits := [phrase for phrase in (manque, ecarts.phrase) if phrase]:
        raise ActeRefuse(
            f"{' '.join(dits)} Le lot {lot.numero} n'est pas noté transmis. « campagnes exporter {lot.id} » remet les "
            "octets de l'export ; vérifiez ce que la banque a reçu, puis recommencez."
        )


def comparer(dossier: Path, exports: Sequence[ExportLot]) -> Ecarts:
    """Hold the files of a folder to the frozen bytes.

    Raises:
        OSError: something there cannot be read.
    """
    manquants, alteres = [], {}
    for export in exports:
        chemin = dossier / export.nom_fichier
        if not chemin.exists():
            manquants.append(export.nom_fichier)
        elif (trouve := hashlib.sha256(chemin.read_bytes()).hexdigest()) != export.sha256:
            alteres[export.nom_fichier] = trouve
    return Ecarts(tuple(manquants), alteres)


def remettre(dossier: Path, exports: Sequence[ExportLot]) -> Ecarts:
    """Write the files that miss or differ, each whole or not at all, and on the disk for good.

    What was altered is kept beside, under its name and the beginning of its sha256. Gives what was found.

    Raises:
        ActeRefuse: a folder that cannot be read or written; what is altered there is said.
    """
    ecarts = Ecarts((), {})
    try:
        ecarts = comparer(dossier, exports)
        dossier.mkdir(parents=True, exist_ok=True)
        for export in exports:
            _remettre_un(dossier, export, ecarts)
        for parent in (dossier, dossier.parent):
            _tenir_les_noms(parent)
    except OSError:
        refus = (
            f"« {dossier} » ne s'écrit pas : vérifiez la place et les droits d'accès, puis exportez de nouveau. Les "
            "octets du lot sont gardés."
        )
        raise ActeRefuse(f"{refus} {ecarts.phrase}".strip()) from None
    return ecarts


def _remettre_un(dossier: Path, export: ExportLot, ecarts: Ecarts) -> None:
    nom = export.nom_fichier
    provisoire = dossier / f".{nom}.tmp"
    provisoire.unlink(missing_ok=True)
    if nom not in ecarts.manquants and nom not in ecarts.alteres:
        return
    with provisoire.open("xb") as fichier:
        fichier.write(export.octets)
        fichier.flush()
        os.fsync(fichier.fileno())
    if nom in ecarts.alteres:
        (dossier / nom).replace(dossier / f"{nom}.altere-{ecarts.alteres[nom][:DEBUT_D_EMPREINTE]}")
    provisoire.replace(dossier / nom)


def _tenir_les_noms(dossier: Path) -> None:
    """Bring the names of a folder to the disk."""
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
