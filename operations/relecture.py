"""What a mail of a campaign is still about at the moment of sending: who still owes on its thread, with which dates."""

from sqlmodel import Session

from modeles.tables import Courriel, Prolongation
from operations.attendus import Attendu, concernes, dates_de
from operations.contexte import Contexte
from regles.calendrier import Etape

PROLONGATION = "prolongation"  # the key of `Courriel.contexte` that names an extension


def concernes_par(contexte: Contexte, session: Session, courriel: Courriel, reglee: Etape) -> list[Attendu]:
    """Give who still owes among those a mail was decided for: who was given more time meanwhile has another thread."""
    prolongation = courriel.contexte.get(PROLONGATION, 0)
    dus = concernes(contexte, session, reglee, prolongation, a_l_ouverture=courriel.genre != "relance")
    return [a for a in dus if a.code in courriel.structures]


def dates_du_courriel(contexte: Contexte, session: Session, courriel: Courriel, reglee: Etape) -> Etape:
    """Give a step with the dates that a mail is about: as published, or moved by an extension."""
    prolongation = courriel.contexte.get(PROLONGATION, 0)
    return dates_de(contexte, reglee, session.get_one(Prolongation, prolongation) if prolongation else None)
