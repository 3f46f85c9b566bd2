"""Named queries over dossiers, their documents, the time given to some, and the members of local schemes."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, func, or_, select

from modeles.tables import Adhesion, Dossier, LigneJournal, Partenaire, Piece, Prolongation, Structure
from regles.etats import EtatDossier, EtatPiece


def partenaires(session: Session) -> Sequence[Partenaire]:
    """Every partner, by code."""
    return session.exec(select(Partenaire).order_by(Partenaire.code)).all()


def membres(session: Session, dispositif: str, du: date, au: date) -> Sequence[Partenaire]:
    """The partners of a local scheme on any day of a period, by code."""
    adherents = select(Adhesion.partenaire_id).where(
        Adhesion.dispositif == dispositif,
        col(Adhesion.du) <= au,
        or_(col(Adhesion.au).is_(None), col(Adhesion.au) >= du),
    )
    return session.exec(select(Partenaire).where(col(Partenaire.id).in_(adherents)).order_by(Partenaire.code)).all()


def adhesions_au_dispositif(session: Session, dispositif: str) -> Sequence[Adhesion]:
    """All that was ever recorded of the members of a local scheme."""
    return session.exec(select(Adhesion).where(Adhesion.dispositif == dispositif)).all()


def dossiers_de_l_etape(session: Session, etape: str) -> Sequence[tuple[Dossier, Partenaire, Structure | None]]:
    """The dossiers of a step with whom they are expected from, oldest first."""
    lignes = session.exec(
        select(Dossier, Partenaire, Structure)
        .join(Partenaire, col(Dossier.partenaire_id) == Partenaire.id)
        .join(Structure, col(Dossier.structure_id) == Structure.id, isouter=True)
        .where(Dossier.etape == etape)
        .order_by(col(Dossier.id))
    )
    return [(dossier, partenaire, structure) for dossier, partenaire, structure in lignes]


def prolongations_de_l_etape(session: Session, etape: str) -> Sequence[Prolongation]:
    """The extensions given for a step, the last one last."""
    return session.exec(select(Prolongation).where(Prolongation.etape == etape).order_by(col(Prolongation.id))).all()


def prolongations_par_etape(session: Session) -> dict[str, list[Prolongation]]:
    """The extensions that stand, by step: of each partner or structure the last one, unless its partner has longer."""
    dernieres: dict[tuple[str, int, int | None], Prolongation] = {}
    for prolongation in session.exec(select(Prolongation).order_by(col(Prolongation.id))):
        dernieres[prolongation.etape, prolongation.partenaire_id, prolongation.structure_id] = prolongation
    debout: dict[str, list[Prolongation]] = {}
    for (etape, partenaire, _), prolongation in dernieres.items():
        globale = dernieres.get((etape, partenaire, None))
        if globale is None or globale.limite <= prolongation.limite:
            debout.setdefault(etape, []).append(prolongation)
    return debout


def pieces_des_dossiers(session: Session, dossiers: Collection[int]) -> dict[int, list[Piece]]:
    """The documents of some dossiers that no other one replaces, by dossier, oldest first."""
    trouvees: dict[int, list[Piece]] = {}
    for piece in session.exec(
        select(Piece)
        .where(col(Piece.dossier_id).in_(dossiers), Piece.etat != EtatPiece.REMPLACEE, col(Piece.demande_id).is_(None))
        .order_by(col(Piece.id))
    ):
        trouvees.setdefault(piece.dossier_id, []).append(piece)
    return trouvees


def pieces_a_decider(session: Session, dossiers: Collection[Dossier]) -> dict[int, list[Piece]]:
    """The documents that came once their dossier had been left without a sequel for the last time, by dossier."""
    clos = {str(d.id): d for d in dossiers if d.etat is EtatDossier.SANS_SUITE}
    fermetures = dict(
        session.exec(
            select(LigneJournal.objet_id, func.max(LigneJournal.numero))
            .where(
                LigneJournal.objet == "dossier",
                LigneJournal.apres == EtatDossier.SANS_SUITE,
                col(LigneJournal.objet_id).in_(clos),
            )
            .group_by(LigneJournal.objet_id)
        ).all()
    )
    trouvees: dict[int, list[Piece]] = {}
    for dossier, pieces in pieces_des_dossiers(session, [d.id or 0 for d in clos.values()]).items():
        arrivees = select(LigneJournal.objet_id).where(
            LigneJournal.objet == "piece",
            LigneJournal.apres == EtatPiece.RECUE,
            LigneJournal.numero > fermetures.get(str(dossier), 0),
            col(LigneJournal.objet_id).in_([str(p.id) for p in pieces]),
        )
        apres = set(session.exec(arrivees))
        if venues := [p for p in pieces if str(p.id) in apres]:
            trouvees[dossier] = venues
    return trouvees
