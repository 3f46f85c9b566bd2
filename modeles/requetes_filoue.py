"""Named queries over the Filoué files."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from modeles.requetes import structures_attendues
from modeles.tables import AnomalieFiloueLue, FichierFiloue, LigneJournal, Partenaire, Structure
from regles.etats import EtatDepot

# A list of files never loads their contents, and the statistics never the encrypted bytes.
SANS_BRUTS = (defer(col(FichierFiloue.octets_chiffres)),)  # type: ignore[arg-type]
SANS_OCTETS = (*SANS_BRUTS, defer(col(FichierFiloue.donnees)))  # type: ignore[arg-type]


def structures_sans_filoue(
    session: Session, prestations: Sequence[str], exercice: int
) -> Sequence[tuple[Structure, Partenaire]]:
    """The structures of some prestations without an accepted file for an exercice, by code."""
    ont_repondu = session.exec(
        select(FichierFiloue.structure_id).where(
            FichierFiloue.exercice == exercice, FichierFiloue.etat == EtatDepot.ACCEPTE
        )
    )
    return structures_attendues(session, prestations, sauf={s for s in ont_repondu if s is not None})


def fichiers_de_l_etape(session: Session, etape: str) -> Sequence[FichierFiloue]:
    """The files of a step, oldest first, without their contents."""
    return session.exec(
        select(FichierFiloue).where(FichierFiloue.etape == etape).options(*SANS_OCTETS).order_by(col(FichierFiloue.id))
    ).all()


def fichier_accepte(session: Session, structure_id: int, exercice: int) -> FichierFiloue | None:
    """The file that stands for a structure and an exercice."""
    return session.exec(
        select(FichierFiloue).where(
            FichierFiloue.structure_id == structure_id,
            FichierFiloue.exercice == exercice,
            FichierFiloue.etat == EtatDepot.ACCEPTE,
        )
    ).first()


def fichier_connu(session: Session, sha256: str) -> FichierFiloue | None:
    """The file of these bytes, unless it was refused: a refused file may come again."""
    return session.exec(
        select(FichierFiloue)
        .where(FichierFiloue.sha256 == sha256, FichierFiloue.etat != EtatDepot.REFUSE)
        .options(*SANS_OCTETS)
    ).first()


def fichiers_a_lire(session: Session) -> Sequence[int]:
    """The ids of the files not yet read, oldest first."""
    trouves = session.exec(
        select(FichierFiloue.id).where(FichierFiloue.etat == EtatDepot.RECU).order_by(col(FichierFiloue.id))
    )
    return [identifiant or 0 for identifiant in trouves]


def fichiers_a_effacer(session: Session, avant: datetime) -> Sequence[int]:
    """The ids of the files received before an instant whose raw bytes are still there, oldest first."""
    trouves = session.exec(
        select(FichierFiloue.id)
        .where(col(FichierFiloue.efface_le).is_(None), FichierFiloue.recu_le < avant)
        .order_by(col(FichierFiloue.id))
    )
    return [identifiant or 0 for identifiant in trouves]


def anomalies_du_fichier(session: Session, fichier_id: int) -> Sequence[AnomalieFiloueLue]:
    """The anomalies kept of a file, in the order of the report."""
    return session.exec(
        select(AnomalieFiloueLue)
        .where(AnomalieFiloueLue.fichier_id == fichier_id)
        .order_by(col(AnomalieFiloueLue.rang))
    ).all()


def empreintes_de_cle(session: Session) -> Sequence[str]:
    """The fingerprints of the keys that have served."""
    return session.exec(select(FichierFiloue.empreinte_cle).distinct()).all()


def arrivee_inscrite(session: Session, arrivee: str) -> bool:
    """Whether an arrival is already in the journal as a Filoué file."""
    trouvee = select(LigneJournal.numero).where(
        LigneJournal.objet == "fichierfiloue", col(LigneJournal.details).contains(arrivee)
    )
    return session.exec(trouvee.limit(1)).first() is not None
