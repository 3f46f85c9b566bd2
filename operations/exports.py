"""Export of a released batch: bytes made once, frozen in the database, given again on request."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from echanges.bordereau import EnteteBordereau, LigneBordereau, bordereau_csv, bordereau_xlsx
from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes_argent import convention_de_l_exercice, deja_verse, lignes_du_lot
from modeles.tables import ExportLot, LigneJournal, Lot
from operations.contexte import ActeRefuse, Contexte
from operations.versements import lot_ou_refus
from regles.calendrier import PARIS
from regles.etats import EtatLot


@dataclass(frozen=True, slots=True)
class ExportFait:
    """One exported file and the sha256 of its bytes."""

    format: str
    chemin: Path
    sha256: str


def exporter_lot(contexte: Contexte, lot: int, jour: date | None = None) -> tuple[ExportFait, ...]:
    """Export a released batch under var/exports/<numero>; asked again, the frozen bytes are written again.

    Raises:
        ActeRefuse: a batch that nobody released.
    """
    with transaction(contexte.moteur) as session:
        trouve = lot_ou_refus(session, lot)
        if trouve.etat not in {EtatLot.LIBERE, EtatLot.EXPORTE}:
            raise ActeRefuse(f"Le lot {trouve.numero} n'est pas libéré : rien ne s'exporte.")
        if trouve.etat is EtatLot.LIBERE:
            _figer(contexte, session, trouve, jour)
        exports = session.exec(select(ExportLot).where(ExportLot.lot_id == lot).order_by(ExportLot.format)).all()
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
    entete, lignes = _bordereau(session, lot)
    prefixe = "DEMONSTRATION-" if lot.demonstration else ""
    sommes = {}
    for forme, octets in (("csv", bordereau_csv(entete, lignes)), ("xlsx", bordereau_xlsx(entete, lignes))):
        sommes[forme] = hashlib.sha256(octets).hexdigest()
        session.add(
            ExportLot(
                lot_id=lot.id or 0,
                format=forme,
                nom_fichier=f"{prefixe}bordereau-{lot.numero}.{forme}",
                sha256=sommes[forme],
                octets=octets,
                exporte_le=instant,
            )
        )
    lot.etat = EtatLot.EXPORTE
    session.add(lot)
    inscrire(
        session,
        le=instant,
        par=lot.decide_par or "",
        objet="lot",
        objet_id=lot.numero,
        action="exporter",
        avant=EtatLot.LIBERE,
        apres=EtatLot.EXPORTE,
        details={"total_centimes": lot.total_centimes, "sha256": sommes},
    )


def _bordereau(session: Session, lot: Lot) -> tuple[EnteteBordereau, list[LigneBordereau]]:
    tete = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc()).limit(1)).one()
    libere_le = lot.decide_le.astimezone(PARIS) if lot.decide_le else None
    entete = EnteteBordereau(
        numero=lot.numero,
        etape=lot.etape,
        propose_par=lot.propose_par,
        libere_par=lot.decide_par or "",
        libere_le=f"{libere_le:%d/%m/%Y}" if libere_le else "",
        tete_du_journal=f"{tete.numero} {tete.empreinte}",
        mention="DÉMONSTRATION" if lot.demonstration else "",
    )
    lignes = []
    for ligne, versement, structure, partenaire, droit in lignes_du_lot(session, lot.id or 0):
        convention = convention_de_l_exercice(session, structure.id or 0, versement.exercice)
        lignes.append(
            LigneBordereau(
                reference=versement.reference,
                exercice=versement.exercice,
                prestation=versement.prestation,
                convention=convention.numero if convention else "",
                siret=structure.siret,
                structure=structure.nom,
                gestionnaire=partenaire.nom,
                droit_centimes=droit.montant_centimes or 0,
                deja_verse_centimes=deja_verse(session, structure.id or 0, versement.exercice, versement.id or 0),
                net_centimes=ligne.montant_centimes,
                empreinte=droit.empreinte,
            )
        )
    return entete, lignes
