"""Named queries over rights, dues and batches."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, and_, col, func, or_, select

from modeles.tables import (
    Convention,
    CoordonneeBancaire,
    Declaration,
    Droit,
    LigneLot,
    Lot,
    Partenaire,
    Recouvrement,
    Structure,
    Suspension,
    Versement,
)
from regles.etats import LOTS_A_SIGNER, LOTS_VISES, EtatDeclaration, EtatLigne, EtatLot, EtatVersement, NatureVersement
from regles.versements import ENGAGES

LigneComplete = tuple[LigneLot, Versement, Structure, Partenaire, Droit]


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


def convention_au(session: Session, structure_id: int, jour: date) -> Convention | None:
    """The convention of a structure in force on a day."""
    return session.exec(
        select(Convention)
        .where(Convention.structure_id == structure_id, Convention.du <= jour, Convention.au >= jour)
        .order_by(col(Convention.du).desc())
    ).first()


def coordonnee_au(session: Session, partenaire_id: int, jour: date) -> CoordonneeBancaire | None:
    """The confirmed bank account of a partner in force on a day: the last to come into force."""
    return coordonnees_au(session, [partenaire_id], jour).get(partenaire_id)


def coordonnees_au(session: Session, partenaires: Collection[int], jour: date) -> dict[int, CoordonneeBancaire]:
    """The same for each of these partners (by id) that has one."""
    comptes = session.exec(
        select(CoordonneeBancaire)
        .where(
            col(CoordonneeBancaire.partenaire_id).in_(partenaires),
            CoordonneeBancaire.du <= jour,
            col(CoordonneeBancaire.confirmee_par).is_not(None),
        )
        .order_by(col(CoordonneeBancaire.du), col(CoordonneeBancaire.id))
    )
    return {compte.partenaire_id: compte for compte in comptes}


def declarations_de_l_exercice(
    session: Session, exercice: int, etats: Sequence[EtatDeclaration], structure_id: int | None = None
) -> Sequence[tuple[Declaration, Structure, Partenaire]]:
    """Declarations of an exercice in some states, by structure code then age; of one structure when asked."""
    requete = select(Declaration, Structure, Partenaire).where(
        Declaration.structure_id == Structure.id,
        Structure.partenaire_id == Partenaire.id,
        Declaration.exercice == exercice,
        col(Declaration.etat).in_(etats),
    )
    if structure_id is not None:
        requete = requete.where(Structure.id == structure_id)
    return session.exec(requete.order_by(Structure.code, col(Declaration.recue_le), col(Declaration.id))).all()


def engages_de(session: Session, declaration_id: int) -> Sequence[Versement]:
    """What is committed on any right of a declaration, oldest first: in a batch, paid, or an indu recovered in part."""
    versements = session.exec(
        select(Versement)
        .where(Versement.droit_id == Droit.id, Droit.declaration_id == declaration_id)
        .order_by(col(Versement.id))
    ).all()
    return [v for v in versements if v.etat in ENGAGES or recouvre(session, v.id or 0)]


def declarations_validees(
    session: Session, structures: Collection[int], exercices: Collection[int]
) -> Sequence[Declaration]:
    """The validated declarations of some structures and exercices."""
    return session.exec(
        select(Declaration).where(
            col(Declaration.structure_id).in_(structures),
            col(Declaration.exercice).in_(exercices),
            Declaration.etat == EtatDeclaration.VALIDEE,
        )
    ).all()


def declarations_engagees(
    session: Session, structures: Collection[int], exercices: Collection[int]
) -> Sequence[Declaration]:
    """The declarations, replaced ones included, on which a payment of these structures and exercices is committed."""
    return session.exec(
        select(Declaration).where(
            Versement.droit_id == Droit.id,
            Droit.declaration_id == Declaration.id,
            col(Versement.structure_id).in_(structures),
            col(Versement.exercice).in_(exercices),
            col(Versement.etat).in_(ENGAGES),
        )
    ).all()


def lot_en_attente(session: Session, structure_id: int, exercice: int) -> str | None:
    """The number of a batch that waits for a signature and pays a structure for an exercice, or None."""
    return session.exec(
        select(Lot.numero)
        .where(
            LigneLot.lot_id == Lot.id,
            LigneLot.versement_id == Versement.id,
            Versement.structure_id == structure_id,
            Versement.exercice == exercice,
            col(LigneLot.active).is_(True),
            col(Lot.etat).in_(LOTS_A_SIGNER),
        )
        .order_by(col(Lot.id))
    ).first()


def recouvre(session: Session, indu_id: int, *, rentre: bool = False) -> int:
    """Cents of an indu withheld (from the proposal of a batch) or paid back; only what has come in when `rentre`."""
    requete = (
        select(func.coalesce(func.sum(Recouvrement.montant_centimes), 0))
        .outerjoin(LigneLot, col(LigneLot.id) == Recouvrement.ligne_id)
        .outerjoin(Lot, col(Lot.id) == LigneLot.lot_id)
        .where(Recouvrement.indu_id == indu_id)
    )
    tenus = LOTS_VISES if rentre else frozenset(EtatLot)
    actif = and_(col(LigneLot.active).is_(True), col(Lot.etat).in_(tenus))
    return int(session.exec(requete.where(or_(col(Recouvrement.ligne_id).is_(None), actif))).one())


def indus_ouverts(session: Session, partenaire_id: int | None = None) -> Sequence[tuple[Versement, Structure]]:
    """The indus still to recover, of a partner or of all, oldest first; locked until the end of the transaction."""
    requete = select(Versement, Structure).where(
        Versement.structure_id == Structure.id, Versement.etat == EtatVersement.A_RECOUVRER
    )
    if partenaire_id is not None:
        requete = requete.where(Structure.partenaire_id == partenaire_id)
    return session.exec(requete.order_by(col(Versement.cree_le), col(Versement.id)).with_for_update(of=Versement)).all()


def retenues_de_la_ligne(session: Session, ligne_id: int) -> Sequence[tuple[Recouvrement, Versement]]:
    """What is withheld on a line of a batch, with the indu of each part, oldest first."""
    return session.exec(
        select(Recouvrement, Versement)
        .where(Recouvrement.indu_id == Versement.id, Recouvrement.ligne_id == ligne_id)
        .order_by(col(Versement.cree_le), col(Versement.id))
    ).all()


def suspendus(session: Session) -> frozenset[int]:
    """The dues (ids) under an open suspension."""
    return frozenset(session.exec(select(Suspension.versement_id).where(col(Suspension.levee_le).is_(None))))


def suspension_ouverte(session: Session, versement_id: int) -> Suspension | None:
    """The open suspension of a due."""
    return session.exec(
        select(Suspension).where(Suspension.versement_id == versement_id, col(Suspension.levee_le).is_(None))
    ).first()


def ligne_active(session: Session, versement_id: int) -> tuple[LigneLot, Lot] | None:
    """The line that holds a due, with its batch."""
    return session.exec(
        select(LigneLot, Lot).where(
            LigneLot.lot_id == Lot.id, LigneLot.versement_id == versement_id, col(LigneLot.active).is_(True)
        )
    ).first()


def dernier_droit(session: Session, declaration_id: int) -> Droit | None:
    """The right computed last for a declaration."""
    return session.exec(
        select(Droit).where(Droit.declaration_id == declaration_id).order_by(col(Droit.rang).desc()).limit(1)
    ).first()


def declarations_des_droits(session: Session, droits: Sequence[Droit]) -> dict[int, Declaration]:
    """The declaration of each of these rights, by its id."""
    ids = {droit.declaration_id for droit in droits}
    return {d.id or 0: d for d in session.exec(select(Declaration).where(col(Declaration.id).in_(ids)))}


def derniers_droits(session: Session, declarations: Collection[int]) -> dict[int, int]:
    """The right (id) computed last for each of these declarations that has one."""
    lus = session.exec(
        select(Droit.declaration_id, Droit.id)
        .where(col(Droit.declaration_id).in_(declarations))
        .order_by(col(Droit.rang))
    )
    return {declaration: droit or 0 for declaration, droit in lus}


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
    """Dues and indus computed under a step that nothing has begun to pay or recover, by reference."""
    lignes = session.exec(
        select(Versement, Droit, Declaration)
        .where(
            Versement.droit_id == Droit.id,
            Droit.declaration_id == Declaration.id,
            Versement.etape == etape,
            col(Versement.etat).in_([EtatVersement.DU, EtatVersement.A_RECOUVRER]),
            col(Versement.contrepasse_id).is_(None),
        )
        .order_by(Versement.reference)
    ).all()
    return [ligne for ligne in lignes if not recouvre(session, ligne[0].id or 0)]


def lots_de_l_etape(session: Session, etape: str) -> Sequence[Lot]:
    """Batches of a step, oldest first."""
    return session.exec(select(Lot).where(Lot.etape == etape).order_by(col(Lot.id))).all()


def lignes_du_lot(session: Session, lot_id: int) -> list[LigneComplete]:
    """Lines of a batch, but those set aside, with all that a bordereau says of them, by structure code then rank."""
    lignes = session.exec(
        select(LigneLot, Versement, Structure, Droit)
        .where(
            LigneLot.versement_id == Versement.id,
            Versement.structure_id == Structure.id,
            Versement.droit_id == Droit.id,
            LigneLot.lot_id == lot_id,
            LigneLot.etat != EtatLigne.SUSPENDUE,
        )
        .order_by(Structure.code, col(LigneLot.id))
    ).all()
    gestionnaires = {
        p.id: p
        for p in session.exec(
            select(Partenaire).where(col(Partenaire.id).in_([structure.partenaire_id for _, _, structure, _ in lignes]))
        )
    }
    return [(li, v, s, gestionnaires[s.partenaire_id], d) for li, v, s, d in lignes]


def compte_deja_paye(session: Session, coordonnee_id: int, lot: Lot) -> bool:
    """Whether a batch released before this one paid to the account."""
    requete = select(LigneLot.id).where(
        LigneLot.lot_id == Lot.id,
        LigneLot.coordonnee_id == coordonnee_id,
        Lot.id != lot.id,
        col(LigneLot.active).is_(True),
        col(Lot.etat).in_(LOTS_VISES),
    )
    if lot.decide_le is not None:
        requete = requete.where(col(Lot.decide_le) < lot.decide_le)
    return session.exec(requete.limit(1)).first() is not None


def indus_de_l_etape(session: Session, etape: str) -> Sequence[tuple[Versement, Structure, Partenaire]]:
    """Every indu computed under a step, cancelled ones included, payments taken back left out, oldest first."""
    return session.exec(
        select(Versement, Structure, Partenaire)
        .where(
            Versement.structure_id == Structure.id,
            Structure.partenaire_id == Partenaire.id,
            Versement.etape == etape,
            Versement.nature == NatureVersement.INDU,
            col(Versement.contrepasse_id).is_(None),
        )
        .order_by(col(Versement.id))
    ).all()


def indus_par_reference(session: Session, references: Sequence[str]) -> Sequence[tuple[Versement, Structure, Droit]]:
    """Some indus with the right they rest on, oldest first."""
    return session.exec(
        select(Versement, Structure, Droit)
        .where(
            Versement.structure_id == Structure.id,
            Versement.droit_id == Droit.id,
            col(Versement.reference).in_(references),
        )
        .order_by(col(Versement.id))
    ).all()
