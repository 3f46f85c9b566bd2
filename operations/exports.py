"""Export of a released batch: bytes made once, frozen in the database, given again on request.

Frozen first, written next: killed between any two writes and asked again, the folder ends with the same bytes.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from echanges.bordereau import bordereau_csv, bordereau_xlsx
from echanges.ecritures import Plan, ecritures_csv
from echanges.paquet import archiver, manifeste
from echanges.synthese import synthese_pdf
from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes_argent import lignes_du_lot
from modeles.tables import ExportLot, Lot
from modeles.transitions import Acte, passer
from operations.bordereaux import lire_annexes, lire_bordereau
from operations.configuration import reglages_finance
from operations.contexte import ActeRefuse, Contexte
from operations.lots import lot_ou_refus
from operations.suspensions import motifs
from operations.virements import est_possible, fichier_de_virements
from regles.calendrier import PARIS
from regles.etats import LOTS_VISES, EtatLot

AUTOMATE = "calendrier"


@dataclass(frozen=True, slots=True)
class ExportFait:
    """One exported file and the sha256 of its bytes; `altere`: somebody had changed it on disk, it is put back."""

    format: str
    chemin: Path
    sha256: str
    altere: bool = False


def exporter_lot(contexte: Contexte, lot: int, jour: date | None = None) -> tuple[ExportFait, ...]:
    """Export a released batch under var/exports/<numero>; asked again, the frozen bytes are put back where they miss.

    Raises:
        ActeRefuse: a batch that nobody released, or whose file of transfers has a fault: no file is made. Or a folder
            that cannot be written: the batch is exported, its files are still to be written.
    """
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        trouve = lot_ou_refus(session, lot)
        if trouve.etat not in LOTS_VISES:
            raise ActeRefuse(f"Le lot {trouve.numero} n'a pas son visa : rien ne s'exporte.")
        dossier = contexte.reglages.var / "exports" / trouve.numero
        alteres: dict[str, str] = {}
        if trouve.etat is EtatLot.LIBERE:
            _figer(contexte, session, trouve, jour)
        elif alteres := _alteres(session, lot, dossier):
            inscrire(
                session, le=contexte.maintenant(jour), par=AUTOMATE, objet="lot", objet_id=trouve.numero,
                action="remettre des fichiers", motif="modifiés sur le disque depuis l'export",
                details={"sha256_trouves": alteres},
            )  # fmt: skip
    with transaction(contexte.moteur) as session:
        verrouiller(session)  # one export writes at a time
        exports = _exports(session, lot)
        _ecrire(dossier, exports)
    return tuple(
        ExportFait(export.format, dossier / export.nom_fichier, export.sha256, export.nom_fichier in alteres)
        for export in exports
    )


def dire_les_alteres(faits: Sequence[ExportFait]) -> str:
    """Say which files had been changed on disk since the export, "" for none."""
    noms = ", ".join(fait.chemin.name for fait in faits if fait.altere)
    return noms and (
        f"Attention, modifié sur le disque depuis l'export : {noms}. Les octets de l'export sont remis, et le journal "
        "le dit. Cherchez qui a modifié quoi, et vérifiez ce que la banque a reçu."
    )


def _exports(session: Session, lot: int) -> Sequence[ExportLot]:
    return session.exec(select(ExportLot).where(ExportLot.lot_id == lot).order_by(col(ExportLot.id))).all()


def _alteres(session: Session, lot: int, dossier: Path) -> dict[str, str]:
    """Give the files of a batch whose bytes on disk are no longer those of the export: name, sha256 found."""
    alteres = {}
    for export in _exports(session, lot):
        chemin = dossier / export.nom_fichier
        if chemin.is_file() and (trouve := hashlib.sha256(chemin.read_bytes()).hexdigest()) != export.sha256:
            alteres[export.nom_fichier] = trouve
    return alteres


def _ecrire(dossier: Path, exports: Sequence[ExportLot]) -> None:
    """Write the files that miss or differ, each whole or not at all, and on the disk for good.

    Raises:
        ActeRefuse: a folder that cannot be written.
    """
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        for export in exports:
            chemin, provisoire = dossier / export.nom_fichier, dossier / f".{export.nom_fichier}.tmp"
            provisoire.unlink(missing_ok=True)
            if chemin.exists() and chemin.read_bytes() == export.octets:
                continue
            with provisoire.open("xb") as fichier:
                fichier.write(export.octets)
                fichier.flush()
                os.fsync(fichier.fileno())
            provisoire.replace(chemin)
        for parent in (dossier, dossier.parent):
            _tenir_les_noms(parent)
    except OSError:
        raise ActeRefuse(
            f"« {dossier} » ne s'écrit pas : vérifiez la place et les droits d'accès, puis exportez de nouveau. Les "
            "octets du lot sont gardés."
        ) from None


def _tenir_les_noms(dossier: Path) -> None:
    """Bring the names of a folder to the disk."""
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def _figer(contexte: Contexte, session: Session, lot: Lot, jour: date | None) -> None:
    instant = contexte.maintenant(jour)
    sommes = {}
    for genre, nom, octets in _paquet(contexte, session, lot, instant):
        sommes[genre] = hashlib.sha256(octets).hexdigest()
        session.add(
            ExportLot(
                lot_id=lot.id or 0, format=genre, nom_fichier=nom, sha256=sommes[genre], octets=octets,
                exporte_le=instant,
            )
        )  # fmt: skip
    acte = Acte(instant, lot.decide_par or "", "exporter")
    passer(session, lot, EtatLot.EXPORTE, acte, {"total_centimes": lot.total_centimes, "sha256": sommes})


def _paquet(contexte: Contexte, session: Session, lot: Lot, instant: datetime) -> list[tuple[str, str, bytes]]:
    """Make every file of a batch: (kind, name, bytes), the archive of them all last."""
    lues, codes = lignes_du_lot(session, lot.id or 0), motifs(contexte)
    entete, lignes = lire_bordereau(session, lot, lues, codes)
    annexes = lire_annexes(session, lot, lues, instant, codes)

    def nommer(quoi: str, suffixe: str) -> str:
        return f"{'DEMONSTRATION-' if lot.demonstration else ''}{quoi}-{lot.numero}.{suffixe}"

    fichiers = [
        ("csv", nommer("bordereau", "csv"), bordereau_csv(entete, lignes)),
        ("xlsx", nommer("bordereau", "xlsx"), bordereau_xlsx(entete, lignes, annexes)),
    ]
    if est_possible(contexte) and (virements := fichier_de_virements(contexte, session, lot, instant)):
        fichiers.append(("xml", nommer("virements", "xml"), virements))
    comptes = reglages_finance(contexte).comptes
    if comptes.sont_connus:
        plan = Plan(comptes.journal, comptes.charges, comptes.tiers, comptes.banque, comptes.indus)
        jour = instant.astimezone(PARIS).date()
        fichiers.append(("ecritures", nommer("ecritures", "csv"), ecritures_csv(plan, lignes, jour)))
    nommes = [(nom, octets) for _, nom, octets in fichiers]
    fichiers.append(("pdf", nommer("synthese", "pdf"), synthese_pdf(entete, lignes, nommes)))
    tete = {
        "lot": lot.numero,
        "etape": lot.etape,
        "nombre": lot.nombre,
        "total_centimes": lot.total_centimes,
        "propose_par": lot.propose_par,
        "ordonne_par": lot.ordonne_par,
        "vise_par": lot.decide_par,
        "exporte_le": instant.astimezone(PARIS).isoformat(),
        "tete_du_journal": entete.tete_du_journal,
        "demonstration": lot.demonstration,
    }
    nommes = [(nom, octets) for _, nom, octets in fichiers]
    fichiers.append(("manifeste", nommer("manifeste", "json"), manifeste(tete, nommes)))
    nommes = [(nom, octets) for _, nom, octets in fichiers]
    return [*fichiers, ("zip", nommer("paquet", "zip"), archiver(nommes))]
