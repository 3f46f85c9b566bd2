"""What tells a partner where its dossier stands, once something was received or turned down."""

from datetime import datetime

from sqlmodel import Session, select

from modeles.tables import Courriel, Piece
from operations.attendus import Attendu
from operations.configuration import demarche
from operations.contexte import Contexte
from operations.destinataires import contacts_pour
from regles.calendrier import Etape
from regles.etats import EtatCourriel

RECU = "dossier_recu"


def accuser_reception(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    attendu: Attendu,
    piece: Piece,
    instant: datetime,
    repere: str = "",
) -> int:
    """Put in the outbox what tells the partner where its dossier stands; one that has not left yet says it already.

    `repere` names in its key what calls for it, when that is not the new state of the document.
    """
    ecrits = 0
    for contact in contacts_pour(session, attendu.partenaire.id or 0, demarche(contexte, reglee).roles):
        en_attente = session.exec(
            select(Courriel).where(
                Courriel.genre == RECU,
                Courriel.etape == reglee.id,
                Courriel.contact_id == contact.id,
                Courriel.etat == EtatCourriel.A_ENVOYER,
            )
        )
        if any(attendu.code in c.structures for c in en_attente):
            continue
        session.add(
            Courriel(
                cle=f"{RECU}:{piece.id}:{repere or piece.etat}:{contact.id}",
                genre=RECU,
                etape=reglee.id,
                contact_id=contact.id or 0,
                structures=[attendu.code],
                contexte={"dossier": piece.dossier_id},
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
        ecrits += 1
    session.flush()
    return ecrits
