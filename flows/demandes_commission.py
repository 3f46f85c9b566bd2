"""The run forms of the commission."""

from typing import Annotated, Any, Literal

from pydantic import Field

from flows.demandes import Formulaire, Jour, Personne, presenter
from operations.configuration import identifiants_des_commissions
from schemas.configuration.reglages import charger_reglages


def _proposer_les_seances(schema: dict[str, Any]) -> None:
    """Turn a text field into a list of the calendar's sittings, read when the form is deployed."""
    schema["enum"] = list(identifiants_des_commissions(charger_reglages().config))


IdentifiantSeance = Annotated[
    str, Field(title="Commission", description="La séance du calendrier.", json_schema_extra=_proposer_les_seances)
]


class DemandeSeance(Formulaire):
    """A sitting to prepare."""

    model_config = presenter("Séance", "L’ordre du jour, les fiches et le classeur des décisions, écrits de nouveau.")

    commission: IdentifiantSeance
    jour: Jour = None


class DemandeDecisions(Formulaire):
    """What a sitting decided: its filled workbook, or one request."""

    model_config = presenter(
        "Décisions",
        "Le classeur rempli de la séance, ou une seule demande. Une décision ne se modifie plus ensuite ; "
        "enregistrée par erreur, elle s’annule avant sa convention.",
    )

    commission: IdentifiantSeance
    par: Personne
    fichier: str = Field(
        "",
        title="Classeur rempli",
        description="Son chemin, sur le poste qui exécute les campagnes ; vide pour décider d’une seule demande.",
        max_length=1000,
    )
    appliquer: bool = Field(
        False, title="J’ai relu l’aperçu", description="Sans cette case, un classeur est seulement relu."
    )
    reference: str = Field("", title="Demande", description="Par exemple 2026-PART-0001.", max_length=40)
    sens: Literal["accord", "refus", "ajournement", "annuler"] = Field(
        "accord",
        title="Décision",
        description="Pour une seule demande. « annuler » : la décision déjà enregistrée était une erreur.",
    )
    montant: str = Field("", title="Montant accordé", description="En euros, par exemple 1 500,00.", max_length=30)
    motif: str = Field("", title="Motif", description="Le partenaire le lira.", max_length=1000)
    jour: Jour = None
