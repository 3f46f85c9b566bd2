"""Named queries over requests for a grant and what the sittings decided."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from modeles.tables import ActionJouee, Annulation, Decision, Demande, Dossier, Piece
from regles.calendrier import Verbe
from regles.etats import EtatAction, EtatDemande, EtatPiece, SensDecision


def en_vigueur() -> ColumnElement[bool]:
    """Condition true for the decisions that nobody has annulled."""
    return col(Decision.id).not_in(select(Annulation.decision_id))


def seances_closes(session: Session) -> frozenset[str]:
    """The steps whose closing was played: for a sitting, its agenda is fixed."""
    return frozenset(
        session.exec(
            select(ActionJouee.etape).where(ActionJouee.verbe == Verbe.CLORE, ActionJouee.etat == EtatAction.FAITE)
        )
    )


def demandes_a_completer(session: Session, seance: str) -> Sequence[Demande]:
    """The requests that a sitting expects and that are not on its agenda, by reference; "": those that wait for one."""
    return session.exec(
        select(Demande)
        .where(Demande.commission == seance, Demande.etat == EtatDemande.DEPOSEE)
        .order_by(Demande.reference)
    ).all()


def demandes_de_la_seance(session: Session, seance: str) -> Sequence[Demande]:
    """The requests of a sitting, by reference: expected, on its agenda, or decided there even if postponed since."""
    decidees = select(Decision.demande_id).where(Decision.commission == seance, en_vigueur())
    return session.exec(
        select(Demande)
        .where(or_(col(Demande.id).in_(decidees), Demande.commission == seance), Demande.etat != EtatDemande.RETIREE)
        .order_by(Demande.reference)
    ).all()


def pieces_des_demandes(session: Session, dossiers: Collection[int]) -> Sequence[Piece]:
    """The documents proper to the requests of some dossiers, withdrawn ones left out, that stand; oldest first."""
    return session.exec(
        select(Piece)
        .join(Demande, col(Piece.demande_id) == Demande.id)
        .where(col(Piece.dossier_id).in_(dossiers), Piece.etat == EtatPiece.RECUE, Demande.etat != EtatDemande.RETIREE)
        .order_by(col(Piece.id))
    ).all()


def demandes_ouvertes(session: Session, dossier: int) -> Sequence[Demande]:
    """The requests of a dossier that no sitting has decided and nobody has withdrawn, by reference."""
    return session.exec(
        select(Demande)
        .where(Demande.dossier_id == dossier, col(Demande.etat).in_([EtatDemande.DEPOSEE, EtatDemande.INSCRITE]))
        .order_by(Demande.reference)
    ).all()


def decision_de(session: Session, demande_id: int, seance: str) -> Decision | None:
    """What a sitting decided on a request and nobody has annulled, or None."""
    return session.exec(
        select(Decision).where(Decision.demande_id == demande_id, Decision.commission == seance, en_vigueur())
    ).first()


def decisions_de(session: Session, demande_id: int, seance: str) -> Sequence[Decision]:
    """All that a sitting decided on a request, annulled or not, by rank."""
    return session.exec(
        select(Decision)
        .where(Decision.demande_id == demande_id, Decision.commission == seance)
        .order_by(col(Decision.rang))
    ).all()


def accorde(
    session: Session, enveloppe: str, exercice: int, *, partenaire: int | None = None, seance: str | None = None
) -> int:
    """Cents accorded on an envelope: by every sitting or by one, to everybody or to one partner."""
    requete = (
        select(func.coalesce(func.sum(Decision.montant_centimes), 0))
        .join(Demande, col(Decision.demande_id) == Demande.id)
        .join(Dossier, col(Demande.dossier_id) == Dossier.id)
        .where(
            Decision.sens == SensDecision.ACCORD,
            en_vigueur(),
            Demande.enveloppe == enveloppe,
            Demande.exercice == exercice,
        )
    )
    if partenaire is not None:
        requete = requete.where(Dossier.partenaire_id == partenaire)
    if seance is not None:
        requete = requete.where(Decision.commission == seance)
    return int(session.exec(requete).one() or 0)
