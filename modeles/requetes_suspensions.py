"""Named queries over the suspensions of dues."""

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from modeles.tables import Partenaire, Structure, Suspension, Versement
from regles.etats import EtatVersement


def suspensions_levees(session: Session, versements: Collection[int]) -> Sequence[Suspension]:
    """The suspensions of some dues (by id) that somebody has lifted, oldest first."""
    return session.exec(
        select(Suspension)
        .where(col(Suspension.versement_id).in_(versements), col(Suspension.levee_le).is_not(None))
        .order_by(col(Suspension.id))
    ).all()


def suspendus_de_l_etape(session: Session, etape: str) -> Sequence[tuple[Suspension, Versement, Structure, Partenaire]]:
    """The dues of a step under an open suspension, by structure code then reference."""
    return session.exec(
        select(Suspension, Versement, Structure, Partenaire)
        .where(
            Suspension.versement_id == Versement.id,
            Versement.structure_id == Structure.id,
            Structure.partenaire_id == Partenaire.id,
            Versement.etape == etape,
            Versement.etat == EtatVersement.DU,
            col(Suspension.levee_le).is_(None),
        )
        .order_by(Structure.code, Versement.reference)
    ).all()
