"""A code typed by a person: a structure's, or a partner's."""

from sqlmodel import Session, select

from modeles.requetes import structure_par_code
from modeles.tables import Partenaire
from operations.attendus import Attendu
from operations.contexte import ActeRefuse


def reconnaitre_attendu(session: Session, code: str) -> Attendu:
    """Find who has a code.

    Raises:
        ActeRefuse: nobody.
    """
    structure = structure_par_code(session, code)
    if structure is not None:
        return Attendu(session.get_one(Partenaire, structure.partenaire_id), structure)
    partenaire = session.exec(select(Partenaire).where(Partenaire.code == code)).first()
    if partenaire is None:
        raise ActeRefuse(f"« {code} » n'est le code d'aucune structure ni d'aucun partenaire du réseau.")
    return Attendu(partenaire)
