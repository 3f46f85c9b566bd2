"""What the team has to do by hand: opened once, closed by a person, or by itself when what it was for has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.tables import Partenaire, Structure, Tache
from modeles.tables.dossiers import GenreTache
from modeles.transitions import Acte, consigner, passer
from operations.boite_envoi import exiger_motif
from operations.contexte import ActeRefuse, Contexte
from operations.projets import interlocuteurs
from regles.etats import EtatTache

AUTOMATE = "calendrier"
SUITE_AU_PLUS = 500
DETAIL_AU_PLUS = 500


@dataclass(frozen=True, slots=True)
class TacheVue:
    """A task as it is shown. `confiee_a` is the territory of the development officer; `telephone` theirs, maybe ""."""

    cle: str
    genre: GenreTache
    etape: str
    partenaire: str
    nom: str
    structures: tuple[str, ...]
    confiee_a: str
    telephone: str
    detail: str
    etat: EtatTache
    creee_le: datetime
    echeance: date
    suite: str = ""


def ouvrir_tache(
    contexte: Contexte,
    session: Session,
    *,
    cle: str,
    genre: GenreTache,
    partenaire: Partenaire,
    structures: Sequence[Structure] = (),
    detail: str,
    echeance: date,
    instant: datetime,
    etape: str = "",
    par: str = AUTOMATE,
) -> Tache | None:
    """Open a task in the caller's transaction; None when its key already stands, whatever became of it.

    It goes to the territory of the first structure it speaks of, or of the partner's first one when it names none.
    """
    if session.exec(select(Tache.id).where(Tache.cle == cle)).first() is not None:
        return None
    situees = (
        structures
        or session.exec(
            select(Structure).where(Structure.partenaire_id == partenaire.id).order_by(Structure.code)
        ).all()
    )
    appele = next(iter(interlocuteurs(contexte, situees)), None)
    tache = Tache(
        cle=cle,
        genre=genre,
        etape=etape,
        partenaire_id=partenaire.id or 0,
        structures=[s.code for s in structures],
        confiee_a=appele.territoire if appele else "",
        telephone=appele.telephone if appele else "",
        detail=detail[:DETAIL_AU_PLUS],
        etat=EtatTache.OUVERTE,
        creee_le=instant,
        echeance=echeance,
    )
    session.add(tache)
    session.flush()
    consigner(session, tache, Acte(instant, par, "ouvrir"), {"partenaire": partenaire.code, "etape": etape})
    return tache


def lister(
    contexte: Contexte,
    etats: Collection[EtatTache] = (EtatTache.OUVERTE,),
    etape: str = "",
    territoire: str = "",
) -> tuple[TacheVue, ...]:
    """Give the tasks in some states, the most pressing first; of a step or of a territory when one is named."""
    with transaction(contexte.moteur) as session:
        demande = (
            select(Tache, Partenaire)
            .where(Tache.partenaire_id == Partenaire.id, col(Tache.etat).in_(etats))
            .order_by(col(Tache.echeance), col(Tache.id))
        )
        if etape:
            demande = demande.where(Tache.etape == etape)
        if territoire:
            demande = demande.where(Tache.confiee_a == territoire)
        return tuple(_vue(tache, partenaire) for tache, partenaire in session.exec(demande))


def clore(contexte: Contexte, cle: str, suite: str, par: str, jour: date | None = None) -> TacheVue:
    """Note what a person did about a task.

    Raises:
        ActeRefuse: someone outside the team, nothing said of what was done, an unknown task, or one already closed.
    """
    contexte.exiger_personne(par)
    suite = exiger_motif(suite)
    if len(suite) > SUITE_AU_PLUS:
        raise ActeRefuse(f"La suite donnée tient en {SUITE_AU_PLUS} caractères au plus.")
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        tache = session.exec(select(Tache).where(Tache.cle == cle).with_for_update()).first()
        if tache is None:
            raise ActeRefuse(f"Aucune tâche ne porte la clé « {cle} » (campagnes taches lister).")
        if tache.etat is not EtatTache.OUVERTE:
            raise ActeRefuse(f"La tâche « {cle} » est déjà close : {tache.suite}")
        terminer(session, tache, EtatTache.FAITE, suite, par, instant)
        return _vue(tache, session.get_one(Partenaire, tache.partenaire_id))


def terminer(session: Session, tache: Tache, etat: EtatTache, suite: str, par: str, instant: datetime) -> None:
    """Close an open task in the caller's transaction: done by a person, or of no use any more."""
    tache.close_le, tache.close_par, tache.suite = instant, par, suite
    passer(session, tache, etat, Acte(instant, par, "clore", suite))


def _vue(tache: Tache, partenaire: Partenaire) -> TacheVue:
    return TacheVue(
        tache.cle,
        tache.genre,
        tache.etape,
        partenaire.code,
        partenaire.nom,
        tuple(tache.structures),
        tache.confiee_a,
        tache.telephone,
        tache.detail,
        tache.etat,
        tache.creee_le,
        tache.echeance,
        tache.suite,
    )
