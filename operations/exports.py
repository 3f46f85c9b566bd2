"""Export of a released batch: bytes made once, frozen in the database, given again on request.

Frozen first, written next: killed between any two writes and asked again, the folder ends with the same bytes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

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
from operations.fichiers_exportes import dossier_du_lot, exports_du_lot, remettre
from operations.lots import lot_ou_refus
from operations.signatures import exiger_payable
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
        ActeRefuse: a batch that nobody released, that is no longer payable as it was signed, or whose file of transfers
            has a fault: no file is made. Or a folder that cannot be written: the batch is exported, its files are still
            to be written.
    """
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        trouve = lot_ou_refus(session, lot)
        if trouve.etat not in LOTS_VISES:
            raise ActeRefuse(f"Le lot {trouve.numero} n'a pas son visa : rien ne s'exporte.")
        if trouve.etat is EtatLot.LIBERE:
            exiger_payable(contexte, session, trouve, contexte.maintenant(jour).date())
            _figer(contexte, session, trouve, jour)
    dossier = dossier_du_lot(contexte, trouve)
    with transaction(contexte.moteur) as session:
        verrouiller(session)  # one export writes at a time
        exports = exports_du_lot(session, lot)
        ecarts = remettre(dossier, exports)
        if ecarts.alteres:
            inscrire(
                session, le=contexte.maintenant(jour), par=AUTOMATE, objet="lot", objet_id=trouve.numero,
                action="remettre des fichiers", motif="modifiés sur le disque depuis l'export",
                details={"sha256_trouves": ecarts.alteres},
            )  # fmt: skip
    return tuple(
        ExportFait(export.format, dossier / export.nom_fichier, export.sha256, export.nom_fichier in ecarts.alteres)
        for export in exports
    )


def dire_les_alteres(faits: Sequence[ExportFait]) -> str:
    """Say which files had been changed on disk since the export, "" for none."""
    noms = ", ".join(fait.chemin.name for fait in faits if fait.altere)
    return noms and (
        f"Attention, modifié sur le disque depuis l'export : {noms}. Les octets de l'export sont remis, ce qui a été "
        "trouvé est gardé à côté (.altere-…), et le journal le dit. Cherchez qui a modifié quoi, et vérifiez ce que la "
        "banque a reçu."
    )


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
