"""Named queries over a whole batch: read once for all its lines, what its export says of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import LargeBinary, cast
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, case, col, func, select

from modeles.tables import (
    Convention,
    CoordonneeBancaire,
    Declaration,
    Depot,
    ExportLot,
    LigneJournal,
    LigneLot,
    Lot,
    Partenaire,
    Structure,
    Versement,
)
from regles.etats import LOTS_PARTIS, LOTS_VISES, EtatLigne, EtatVersement, NatureVersement

TETE_DE_BORDEREAU = 4_000  # bytes


def paiements_du_lot(session: Session, lot_id: int) -> Sequence[tuple[int, str, int, str | None]]:
    """What a batch pays: rank of the line in it, reference, net in cents (above zero), account frozen with the line."""
    rangs = (
        select(LigneLot.id, func.row_number().over(order_by=col(LigneLot.id)).label("rang"))
        .where(LigneLot.lot_id == lot_id)
        .subquery()
    )
    return session.exec(
        select(rangs.c.rang, Versement.reference, LigneLot.montant_centimes, CoordonneeBancaire.iban)
        .select_from(LigneLot)
        .join(rangs, rangs.c.id == LigneLot.id)
        .join(Versement, col(Versement.id) == LigneLot.versement_id)
        .outerjoin(CoordonneeBancaire, col(CoordonneeBancaire.id) == LigneLot.coordonnee_id)
        .where(LigneLot.montant_centimes > 0, LigneLot.etat != EtatLigne.SUSPENDUE)
        .order_by(Versement.reference)
    ).all()


def payes_par_le_lot(session: Session, lot_id: int) -> dict[str, Partenaire]:
    """The partner that each due of a batch is paid to, by the reference of the due."""
    lues = session.exec(
        select(Versement.reference, Partenaire)
        .join(LigneLot, col(LigneLot.versement_id) == Versement.id)
        .join(Structure, col(Structure.id) == Versement.structure_id)
        .join(Partenaire, col(Partenaire.id) == Structure.partenaire_id)
        .where(LigneLot.lot_id == lot_id)
    ).all()
    return dict(lues)


def comptes_du_lot(session: Session, lot_id: int) -> dict[int, CoordonneeBancaire]:
    """The bank accounts frozen with the lines of a batch, by id."""
    comptes = session.exec(
        select(CoordonneeBancaire).where(
            col(CoordonneeBancaire.id).in_(select(LigneLot.coordonnee_id).where(LigneLot.lot_id == lot_id))
        )
    )
    return {compte.id or 0: compte for compte in comptes}


def references_exportees(session: Session, sauf: int) -> frozenset[str]:
    """The references paid by every batch already exported, but one; what the bank rejected is to be paid again."""
    return frozenset(
        session.exec(
            select(Versement.reference).where(
                LigneLot.versement_id == Versement.id,
                LigneLot.lot_id == Lot.id,
                LigneLot.montant_centimes > 0,
                col(LigneLot.active).is_(True),
                col(Lot.etat).in_(LOTS_PARTIS),
                Lot.id != sauf,
            )
        )
    )


def identifiants_exportes(session: Session, sauf: int) -> Sequence[tuple[str | None, str]]:
    """The identifier of each transfer of every batch exported but one, rejected ones included, and its due's reference.

    No identifier for what was exported before transfers had one.
    """
    return session.exec(
        select(LigneLot.bout_en_bout, Versement.reference).where(
            LigneLot.versement_id == Versement.id,
            LigneLot.lot_id == Lot.id,
            LigneLot.montant_centimes > 0,
            LigneLot.etat != EtatLigne.SUSPENDUE,
            col(Lot.etat).in_(LOTS_PARTIS),
            Lot.id != sauf,
        )
    ).all()


def conventions_des_structures_au(session: Session, jours: Mapping[int, date]) -> dict[int, Convention]:
    """For each structure (by id) that has one, its convention in force on its day."""
    en_vigueur: dict[int, Convention] = {}
    for convention in session.exec(
        select(Convention).where(col(Convention.structure_id).in_(jours)).order_by(col(Convention.du))
    ):
        if convention.du <= jours[convention.structure_id] <= convention.au:
            en_vigueur[convention.structure_id] = convention
    return en_vigueur


def deja_verses(session: Session, versements: Collection[int]) -> dict[int, int]:
    """For each due (by id), cents committed before it for its structure and exercice, indus taken off."""
    anterieur = aliased(Versement)
    verses = [EtatVersement.EN_LOT, EtatVersement.LIBERE, EtatVersement.REPRISE]
    indus = [EtatVersement.A_RECOUVRER, EtatVersement.RECOUVRE]
    signe = case(
        (col(anterieur.nature) == NatureVersement.INDU, -col(anterieur.montant_centimes)),
        else_=col(anterieur.montant_centimes),
    )
    sommes = session.exec(
        select(Versement.id, func.coalesce(func.sum(signe), 0))
        .join(
            anterieur,
            and_(
                col(anterieur.structure_id) == Versement.structure_id,
                col(anterieur.exercice) == Versement.exercice,
                col(anterieur.id) < Versement.id,
                col(anterieur.etat).in_(verses + indus),
            ),
        )
        .where(col(Versement.id).in_(versements))
        .group_by(col(Versement.id))
    )
    trouves = {identifiant or 0: int(somme) for identifiant, somme in sommes}
    return {identifiant: trouves.get(identifiant, 0) for identifiant in versements}


def paiements_anterieurs(session: Session, lot: Lot) -> Sequence[tuple[Versement, LigneLot, str]]:
    """What earlier batches paid to the structures of a batch, with the number of each, oldest first."""
    siens, payes = aliased(LigneLot), aliased(Versement)
    structures = (
        select(payes.structure_id).join(siens, col(siens.versement_id) == payes.id).where(siens.lot_id == lot.id)
    )
    return session.exec(
        select(Versement, LigneLot, Lot.numero)
        .where(
            LigneLot.versement_id == Versement.id,
            LigneLot.lot_id == Lot.id,
            col(LigneLot.active).is_(True),
            col(Lot.etat).in_(LOTS_VISES),
            col(Lot.id) < lot.id,
            col(Versement.structure_id).in_(structures),
        )
        .order_by(col(Lot.id))
    ).all()


def comptes_payes_avant(session: Session, lot: Lot) -> frozenset[int]:
    """The bank accounts (ids) to which an earlier batch has paid; what the bank rejected reached no account."""
    return frozenset(
        identifiant
        for identifiant in session.exec(
            select(LigneLot.coordonnee_id).where(
                LigneLot.lot_id == Lot.id,
                col(LigneLot.active).is_(True),
                col(Lot.etat).in_(LOTS_VISES),
                col(Lot.id) < lot.id,
            )
        )
        if identifiant is not None
    )


def debuts_des_bordereaux(session: Session) -> Sequence[tuple[str, bytes]]:
    """The number of each exported batch, and the first bytes of its bordereau: its head."""
    debut = func.substr(cast(col(ExportLot.octets), LargeBinary), 1, TETE_DE_BORDEREAU, type_=LargeBinary)
    return session.exec(select(Lot.numero, debut).where(ExportLot.lot_id == Lot.id, ExportLot.format == "csv")).all()


def empreintes_des_depots(session: Session, declarations: Collection[int]) -> dict[int, str]:
    """The sha256 of the file each declaration was read from; nothing for one taken over from before this system."""
    lues = session.exec(
        select(Declaration.id, Depot.sha256).where(
            Declaration.depot_id == Depot.id, col(Declaration.id).in_(declarations)
        )
    )
    return {identifiant or 0: sha256 for identifiant, sha256 in lues}


def validations(session: Session, declarations: Collection[int]) -> dict[int, LigneJournal]:
    """The line of the journal by which each declaration was accepted, the last one."""
    lignes = session.exec(
        select(LigneJournal)
        .where(
            LigneJournal.objet == "declaration",
            LigneJournal.action == "valider",
            col(LigneJournal.objet_id).in_([str(identifiant) for identifiant in declarations]),
        )
        .order_by(col(LigneJournal.numero))
    )
    return {int(ligne.objet_id): ligne for ligne in lignes}
