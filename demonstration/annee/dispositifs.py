"""Which invented partners belong to each local scheme: drawn among those whose work it is."""

from collections.abc import Mapping
from datetime import date

from sqlmodel import select

from demonstration.hasard import hasard
from demonstration.lieux import Gestionnaire
from demonstration.reseau import Reseau
from modeles.base import transaction
from modeles.tables import Adhesion, Partenaire
from operations.contexte import Contexte

DEPUIS = date(2024, 1, 1)
# By scheme: how many partners, among those that run one of these prestations.
PARTS: Mapping[str, tuple[int, frozenset[str]]] = {
    "plan_mercredi": (18, frozenset({"ALSH"})),
    "promeneurs_du_net": (9, frozenset({"CENTRE_SOCIAL", "PS_JEUNES", "PAEJ", "FJT", "EVS"})),
    "parentalite": (12, frozenset({"LAEP", "CENTRE_SOCIAL", "ESPACE_RENCONTRE", "MEDIATION_FAMILIALE", "CLAS"})),
    "animation_parentalite": (1, frozenset({"MEDIATION_FAMILIALE"})),
    "animation_pdn": (1, frozenset({"CENTRE_SOCIAL"})),
    "lieu_ressources": (3, frozenset({"RPE"})),
}


def partenaires(reseau: Reseau) -> dict[str, Gestionnaire]:
    """Give the invented partners by the code that the installation gives them."""
    return {f"G{rang:02d}": gestionnaire for rang, gestionnaire in enumerate(reseau.gestionnaires, start=1)}


def membres(reseau: Reseau, dispositif: str) -> frozenset[str]:
    """Give the codes of the members of a scheme."""
    nombre, prestations = PARTS[dispositif]
    possibles = [
        code
        for code, gestionnaire in partenaires(reseau).items()
        if any(structure.prestation in prestations for structure in gestionnaire.structures)
    ]
    return frozenset(hasard("dispositif", dispositif).sample(possibles, min(nombre, len(possibles))))


def adherer(contexte: Contexte, reseau: Reseau) -> None:
    """Record the members of every scheme."""
    with transaction(contexte.moteur) as session:
        ids = {partenaire.code: partenaire.id or 0 for partenaire in session.exec(select(Partenaire))}
        for dispositif in PARTS:
            for code in sorted(membres(reseau, dispositif)):
                session.add(Adhesion(partenaire_id=ids[code], dispositif=dispositif, du=DEPUIS))
