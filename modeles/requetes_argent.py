"""Named queries over rights, dues and batches."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from modeles.tables import Convention, Declaration, Droit, LigneLot, Lot, Partenaire, Structure, Versement
from regles.etats import EtatDeclaration, EtatVersement


def declarations_de_l_etape(
    session: Session, etape: str, etat: EtatDeclaration
) -> Sequence[tuple[Declaration, Structure, Partenaire]]:
    """Declarations of a step in one state, with their structure and partner, by structure code."""
    return session.exec(
        select(Declaration, Structure, Partenaire)
        .where(
            Declaration.structure_id == Structure.id,
            Structure.partenaire_id == Partenaire.id,
            Declaration.etape == etape,
            Declaration.etat == etat,
        )
        .order_by(Structure.code)
    ).all()


def convention_de_l_exercice(session: Session, structure_id: int, exercice: int) -> Convention | None:
    """The convention in force on the last day of an exercice."""
    fin = date(exercice, 12, 31)
    return session.exec(
        select(Convention)
        .where(Convention.structure_id == structure_id, Convention.du <= fin, Convention.au >= fin)
        .order_by(col(Convention.du).desc())
    ).first()


def dernier_droit(session: Session, declaration_id: int) -> Droit | None:
    """The right computed last for a declaration."""
    return session.exec(
        select(Droit).where(Droit.declaration_id == declaration_id).order_by(col(Droit.rang).desc()).limit(1)
    ).first()


def alertes_du_droit(session: Session, droit: Droit) -> int:
    """Number of alerts on the declaration a right was computed from."""
    return session.exec(select(Declaration.alertes).where(Declaration.id == droit.declaration_id)).one()


def versements_de_la_structure(session: Session, structure_id: int, exercice: int) -> Sequence[Versement]:
    """Every due and indu of a structure for an exercice, oldest first, cancelled ones included."""
    return session.exec(
        select(Versement)
        .where(Versement.structure_id == structure_id, Versement.exercice == exercice)
        .order_by(col(Versement.id))
    ).all()


def ouverts_de_l_etape(session: Session, etape: str) -> Sequence[tuple[Versement, Droit, Declaration]]:
    """Dues and indus that no batch holds yet, from the rights of a step, by reference."""
    return session.exec(
        select(Versement, Droit, Declaration)
        .where(
            Versement.droit_id == Droit.id,
            Droit.declaration_id == Declaration.id,
            Declaration.etape == etape,
            col(Versement.etat).in_([EtatVersement.DU, EtatVersement.A_RECOUVRER]),
        )
        .order_by(Versement.reference)
    ).all()


def lots_de_l_etape(session: Session, etape: str) -> Sequence[Lot]:
    """Batches of a step, oldest first."""
    return session.exec(select(Lot).where(Lot.etape == etape).order_by(col(Lot.id))).all()


def lignes_du_lot(session: Session, lot_id: int) -> list[tuple[LigneLot, Versement, Structure, Partenaire, Droit]]:
    """Lines of a batch with all that a bordereau says of them, by structure code."""
    lignes = session.exec(
        select(LigneLot, Versement, Structure, Droit)
        .where(
            LigneLot.versement_id == Versement.id,
            Versement.structure_id == Structure.id,
            Versement.droit_id == Droit.id,
            LigneLot.lot_id == lot_id,
        )
        .order_by(Structure.code)
    ).all()
    gestionnaires = {
        p.id: p
        for p in session.exec(
            select(Partenaire).where(col(Partenaire.id).in_([structure.partenaire_id for _, _, structure, _ in lignes]))
        )
    }
    return [(li, v, s, gestionnaires[s.partenaire_id], d) for li, v, s, d in lignes]


def deja_verse(session: Session, structure_id: int, exercice: int, avant: int) -> int:
    """Cents committed for a structure and exercice by the dues written before the one of id `avant`."""
    return session.exec(
        select(func.coalesce(func.sum(Versement.montant_centimes), 0)).where(
            Versement.structure_id == structure_id,
            Versement.exercice == exercice,
            col(Versement.id) < avant,
            col(Versement.etat).in_([EtatVersement.EN_LOT, EtatVersement.LIBERE, EtatVersement.REPRISE]),
        )
    ).one()
