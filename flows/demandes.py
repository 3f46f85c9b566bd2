"""The run forms: one pydantic model a flow, since the UI shows titles and descriptions inside a model only.

A model's `description` is given in `json_schema_extra`, or the form would show the (English) docstring.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)

from operations.configuration import identifiants_des_etapes
from schemas.configuration.reglages import charger_reglages


def _proposer_les_etapes(schema: dict[str, Any]) -> None:
    """Turn a text field into a list of the calendar's steps, read when the form is deployed."""
    schema["enum"] = list(identifiants_des_etapes(charger_reglages().config))


def _formulaire(titre: str, description: str) -> ConfigDict:
    return ConfigDict(extra="forbid", title=titre, json_schema_extra={"description": description})


IdentifiantEtape = Annotated[
    str, Field(title="Étape", description="L’étape du calendrier.", json_schema_extra=_proposer_les_etapes)
]
# Left out when there is none: the form validates its default, and would refuse null as well as an empty text.
Jour = Annotated[
    date | None,
    WithJsonSchema({"type": "string", "format": "date"}),
    Field(
        title="Jour joué",
        description="En démonstration seulement : la date à laquelle l’acte est joué. Sinon, laisser vide.",
        json_schema_extra=lambda schema: schema.pop("default", None),
    ),
]
Personne = Annotated[
    str,
    Field(
        title="Votre identifiant",
        description="Écrit au journal, par exemple c.martin (liste : config/reglages.yaml).",
        min_length=1,
        max_length=60,
    ),
]


class _Demande(BaseModel):
    """A form, whose played day is absent when there is none."""

    @model_serializer(mode="wrap")
    def _sans_jour_vide(self, suite: SerializerFunctionWrapHandler) -> dict[str, Any]:
        valeurs: dict[str, Any] = suite(self)
        return {cle: valeur for cle, valeur in valeurs.items() if cle != "jour" or valeur is not None}


class DemandeJour(_Demande):
    """What a flow without choice takes."""

    model_config = _formulaire("Demande", "Rien à remplir : lancez.")

    jour: Jour = None


class DemandeReception(_Demande):
    """What is received: the whole inbox, and one more file when a person names it."""

    model_config = _formulaire("Réception", "Rien à remplir pour relever la boîte de dépôt.")

    fichier: str = Field(
        "",
        title="Fichier à déposer d’abord",
        description="Chemin d’un classeur sur le poste qui exécute les campagnes ; vide pour relever la boîte seule.",
        max_length=1000,
    )
    jour: Jour = None


class DemandeEtape(_Demande):
    """An action of the calendar."""

    model_config = _formulaire("Action du calendrier", "L’étape, ce qu’on en fait, le rang si c’est une relance.")

    etape: IdentifiantEtape
    verbe: Literal["ouvrir", "relancer", "clore"] = Field(
        title="Action", description="ouvrir : courriel d’ouverture ; relancer : ceux qui doivent encore ; clore."
    )
    rang: int = Field(0, ge=0, le=9, title="Rang de la relance", description="1 pour la première ; 0 sinon.")
    par: Personne = "calendrier"
    confirme: bool = Field(
        False,
        title="J’ai relu les destinataires",
        description="À cocher si l’exécution précédente a refusé d’écrire à trop de monde.",
    )
    jour: Jour = None


class DemandeCampagne(_Demande):
    """A step whose rights are computed."""

    model_config = _formulaire("Campagne", "La campagne dont on calcule les droits.")

    etape: IdentifiantEtape
    jour: Jour = None


class DemandeValidation(_Demande):
    """A step whose declarations a person accepts."""

    model_config = _formulaire("Validation", "La campagne, et la personne qui valide.")

    etape: IdentifiantEtape
    par: Personne
    motif: str = Field("", title="Motif", description="Pourquoi accepter les déclarations qui portent des alertes.")
    jour: Jour = None


class DemandeProposition(_Demande):
    """A step whose dues a person gathers into a batch."""

    model_config = _formulaire("Proposition", "La campagne, et la personne qui propose ; une autre libérera.")

    etape: IdentifiantEtape
    par: Personne
    jour: Jour = None


class DemandeLot(_Demande):
    """A payment batch to decide on."""

    model_config = _formulaire("Lot de paiement", "Le lot proposé, que quelqu’un d’autre va libérer ou refuser.")

    lot: int = Field(title="Numéro du lot", description="Donné quand le lot est proposé.", ge=1)
    jour: Jour = None
