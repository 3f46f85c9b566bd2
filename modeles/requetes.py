"""Named queries over the network, deposits and declarations."""

from collections.abc import Collection, Sequence

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from modeles.tables import AnomalieDepot, Contact, Convention, Declaration, Depot, Partenaire, Structure
from regles.etats import EtatDeclaration, EtatDepot


def structure_par_code(session: Session, code: str) -> Structure | None:
    """The structure of a code, or None."""
    return session.exec(select(Structure).where(Structure.code == code)).first()


def structures_attendues(
    session: Session, prestations: Sequence[str], sauf: Collection[int] = ()
) -> Sequence[tuple[Structure, Partenaire]]:
    """The structures of some prestations with their partner, by code: those a step expects an answer from.

    `sauf`: those (ids) that are left out, having answered.
    """
    lues = session.exec(
        select(Structure, Partenaire)
        .where(Structure.partenaire_id == Partenaire.id, col(Structure.prestation).in_(prestations))
        .order_by(Structure.code)
    )
    return [(structure, partenaire) for structure, partenaire in lues if structure.id not in sauf]


def structures_redevables(
    session: Session, etape: str, prestations: Sequence[str]
) -> Sequence[tuple[Structure, Partenaire]]:
    """The structures that still owe an answer to a step: no current declaration, or one the team rejected."""
    ont_repondu = session.exec(
        select(Declaration.structure_id).where(
            Declaration.etape == etape,
            col(Declaration.etat).in_([EtatDeclaration.RECUE, EtatDeclaration.VALIDEE]),
        )
    )
    return structures_attendues(session, prestations, sauf=set(ont_repondu))


def contacts_actifs(session: Session, partenaire_id: int) -> Sequence[Contact]:
    """The people to write to for a partner, oldest record first."""
    return session.exec(
        select(Contact)
        .where(Contact.partenaire_id == partenaire_id, col(Contact.actif).is_(True))
        .order_by(col(Contact.id))
    ).all()


def declaration_courante(session: Session, structure_id: int, etape: str) -> Declaration | None:
    """The declaration that stands for a structure in a step: the one not replaced, whatever the team said of it."""
    return session.exec(
        select(Declaration).where(
            Declaration.structure_id == structure_id,
            Declaration.etape == etape,
            Declaration.etat != EtatDeclaration.REMPLACEE,
        )
    ).first()


def declarations_en_vigueur(
    session: Session, structures: Sequence[int], natures: Collection[tuple[str, int]]
) -> Sequence[Declaration]:
    """The standing declarations of some natures and exercices, any step, in the order they were received.

    Neither replaced nor rejected: what the next declaration may be compared with.
    """
    return session.exec(
        select(Declaration)
        .where(
            col(Declaration.structure_id).in_(structures),
            tuple_(col(Declaration.nature), col(Declaration.exercice)).in_(natures),
            col(Declaration.etat).in_([EtatDeclaration.RECUE, EtatDeclaration.VALIDEE]),
        )
        .order_by(col(Declaration.recue_le), col(Declaration.id))
    ).all()


def declarations_de_reference(
    session: Session, structures: Sequence[int], nature: str, exercice: int
) -> dict[int, Declaration]:
    """For each structure that has one, its last standing declaration of a nature and exercice, any step."""
    return {d.structure_id: d for d in declarations_en_vigueur(session, structures, [(nature, exercice)])}


def conventions_des_structures(session: Session, structures: Sequence[int]) -> Sequence[Convention]:
    """The conventions of some structures, the first to come into force first."""
    return session.exec(
        select(Convention).where(col(Convention.structure_id).in_(structures)).order_by(col(Convention.du))
    ).all()


def depot_par_sha256(session: Session, sha256: str) -> Depot | None:
    """The deposit of these bytes, or None."""
    return session.exec(select(Depot).where(Depot.sha256 == sha256)).first()


def depots_a_instruire(session: Session) -> Sequence[Depot]:
    """The deposits not yet read, oldest first."""
    return session.exec(select(Depot).where(Depot.etat == EtatDepot.RECU).order_by(col(Depot.id))).all()


def anomalies_du_depot(session: Session, depot_id: int) -> Sequence[AnomalieDepot]:
    """The anomalies of a deposit, in the order of the report."""
    return session.exec(
        select(AnomalieDepot).where(AnomalieDepot.depot_id == depot_id).order_by(col(AnomalieDepot.rang))
    ).all()
