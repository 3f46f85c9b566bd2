"""Export of a released batch: bytes made once, frozen in the database, given again on request."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from echanges.bordereau import bordereau_csv, bordereau_xlsx
from echanges.ecritures import Plan, ecritures_csv
from echanges.paquet import archiver, manifeste
from echanges.synthese import synthese_pdf
from modeles.base import transaction
from modeles.journal import verrouiller
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


@dataclass(frozen=True, slots=True)
class ExportFait:
    """One exported file and the sha256 of its bytes."""

    format: str
    chemin: Path
    sha256: str


def exporter_lot(contexte: Contexte, lot: int, jour: date | None = None) -> tuple[ExportFait, ...]:
    """Export a released batch under var/exports/<numero>; asked again, the frozen bytes are written again.

    Raises:
        ActeRefuse: a batch that nobody released, or whose file of transfers has a fault: no file is made.
    """
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        trouve = lot_ou_refus(session, lot)
        if trouve.etat not in LOTS_VISES:
            raise ActeRefuse(f"Le lot {trouve.numero} n'a pas son visa : rien ne s'exporte.")
        if trouve.etat is EtatLot.LIBERE:
            _figer(contexte, session, trouve, jour)
        exports = session.exec(select(ExportLot).where(ExportLot.lot_id == lot).order_by(col(ExportLot.id))).all()
        numero = trouve.numero
    dossier = contexte.reglages.var / "exports" / numero
    dossier.mkdir(parents=True, exist_ok=True)
    faits = []
    for export in exports:
        chemin = dossier / export.nom_fichier
        provisoire = chemin.with_suffix(".tmp")
        provisoire.write_bytes(export.octets)
        provisoire.replace(chemin)
        faits.append(ExportFait(export.format, chemin, export.sha256))
    return tuple(faits)


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
    codes = motifs(contexte)
    entete, lignes = lire_bordereau(session, lot, codes)
    annexes = lire_annexes(session, lot, instant, codes)

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
