"""The same bytes sent again: the partner is told what became of them the first time, once per arrival."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from modeles.requetes import contacts_actifs
from modeles.tables import Courriel, Depot, Structure
from operations.lettres_depots import DEJA_RECU, REPONSE
from regles.etats import EtatCourriel, EtatDepot

DOUBLON = "doublon"  # what the journal calls such an arrival


@dataclass(frozen=True, slots=True)
class Arrivee:
    """A file that came: the name it bore, when it came."""

    nom_fichier: str
    le: datetime


def repondre(session: Session, depot: Depot, arrivee: Arrivee, instant: datetime) -> int:
    """Put in the outbox, in the transaction that records the arrival, one mail a contact; give their number.

    None for a copy that came with the first file or before it, nor when the answer to the first is still to come, nor
    for a deposit answered to nobody: who sent it is not known, or its campaign.
    """
    if arrivee.le <= depot.recu_le:
        return 0
    premiere = session.exec(
        select(Courriel).where(Courriel.genre == REPONSE, col(Courriel.cle).startswith(f"{REPONSE}:{depot.id}:"))
    ).first()
    if depot.etat is EtatDepot.RECU or premiere is None or depot.structure_id is None:
        return 0
    structure = session.get_one(Structure, depot.structure_id)
    envoi = f"{DEJA_RECU}:{depot.id}:{arrivee.le.astimezone(UTC):%Y%m%dT%H%M%S}"
    deja = set(session.exec(select(Courriel.cle).where(col(Courriel.cle).startswith(f"{envoi}:"))))
    contacts = [c for c in contacts_actifs(session, structure.partenaire_id) if f"{envoi}:{c.id}" not in deja]
    for contact in contacts:
        session.add(
            Courriel(
                cle=f"{envoi}:{contact.id}",
                genre=DEJA_RECU,
                etape=premiere.etape,
                contact_id=contact.id or 0,
                structures=[structure.code],
                contexte={
                    "depot": depot.id,
                    "nom_fichier": arrivee.nom_fichier,
                    "renvoye_le": arrivee.le.isoformat(),
                    "hors_delai": bool(premiere.contexte.get("hors_delai")),
                },
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
    return len(contacts)
