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


def presenter(titre: str, description: str) -> ConfigDict:
    """Give the title and description of a run form."""
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
ConnuLe = Annotated[
    date | None,
    WithJsonSchema({"type": "string", "format": "date"}),
    Field(
        title="Barème connu le",
        description="Avec ce qui était connu ce jour-là, par exemple avant une revalorisation. Sinon, laisser vide.",
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


class Formulaire(BaseModel):
    """A run form, whose days left empty are absent."""

    @model_serializer(mode="wrap")
    def _sans_jour_vide(self, suite: SerializerFunctionWrapHandler) -> dict[str, Any]:
        valeurs: dict[str, Any] = suite(self)
        return {cle: valeur for cle, valeur in valeurs.items() if valeur is not None}


class DemandeJour(Formulaire):
    """What a flow without choice takes."""

    model_config = presenter("Demande", "Rien à remplir : lancez.")

    jour: Jour = None


class DemandeReception(Formulaire):
    """What is received: the whole inbox, and one more file when a person names it."""

    model_config = presenter("Réception", "Rien à remplir pour relever la boîte de dépôt.")

    fichier: str = Field(
        "",
        title="Fichier à déposer d’abord",
        description="Chemin d’un classeur sur le poste qui exécute les campagnes ; vide pour relever la boîte seule.",
        max_length=1000,
    )
    jour: Jour = None


class DemandeEtape(Formulaire):
    """An action of the calendar."""

    model_config = presenter("Action du calendrier", "L’étape, ce qu’on en fait, le rang si c’est une relance.")

    etape: IdentifiantEtape
    verbe: Literal["ouvrir", "relancer", "clore", "sieger"] = Field(
        title="Action",
        description="ouvrir : courriel d’ouverture ; relancer : ceux qui doivent encore ; clore ; sieger : commission.",
    )
    rang: int = Field(0, ge=0, le=9, title="Rang de la relance", description="1 pour la première ; 0 sinon.")
    par: Personne = "calendrier"
    confirme: bool = Field(
        False,
        title="J’ai relu les destinataires",
        description="À cocher si l’exécution précédente a refusé d’écrire à trop de monde.",
    )
    jour: Jour = None


class DemandeCampagne(Formulaire):
    """A step whose rights are computed."""

    model_config = presenter("Campagne", "La campagne dont on calcule les droits.")

    etape: IdentifiantEtape
    jour: Jour = None


class DemandeValidation(Formulaire):
    """A step whose declarations a person accepts."""

    model_config = presenter("Validation", "La campagne, et la personne qui valide.")

    etape: IdentifiantEtape
    par: Personne
    motif: str = Field("", title="Motif", description="Pourquoi accepter les déclarations qui portent des alertes.")
    jour: Jour = None


class DemandeRejet(Formulaire):
    """A declaration that a person sends back."""

    model_config = presenter("Rejet", "Une déclaration reçue que l’équipe ne retient pas.")

    etape: IdentifiantEtape
    structure: str = Field(title="Structure", description="Son code, par exemple EAJE01.", min_length=1, max_length=20)
    par: Personne
    motif: str = Field(
        title="Motif", description="Le partenaire le lira : écrivez pour lui.", min_length=1, max_length=1000
    )
    jour: Jour = None


class DemandeReglement(Formulaire):
    """A mail that waits for a person."""

    model_config = presenter("Courriel à régler", "Un courriel refusé, ou dont on ignore s’il est parti.")

    cle: str = Field(title="Courriel", description="Sa clé (campagnes courriels lister).", min_length=1, max_length=150)
    suite: Literal["renvoyer", "deja_parti"] = Field(
        title="Suite", description="renvoyer : au prochain envoi ; deja_parti : noté comme parti, il ne repart pas."
    )
    par: Personne
    motif: str = Field(title="Motif", description="Pourquoi : écrit au journal.", min_length=1, max_length=1000)
    jour: Jour = None


class DemandeProposition(Formulaire):
    """A step whose dues a person gathers into a batch."""

    model_config = presenter("Proposition", "La campagne, et la personne qui propose ; deux autres signeront.")

    etape: IdentifiantEtape
    par: Personne
    jour: Jour = None


class DemandeLot(Formulaire):
    """A payment batch to decide on."""

    model_config = presenter("Lot de paiement", "Le lot proposé, que deux autres personnes vont signer, ou refuser.")

    lot: int = Field(title="Numéro du lot", description="Donné quand le lot est proposé.", ge=1)
    jour: Jour = None


class DemandeSimulation(Formulaire):
    """A question to ask, « et si »: every field but the exercice may stay as it is."""

    model_config = presenter(
        "Et si…", "Une question à poser au calcul : rien de réel n’est touché, rien n’est écrit dans la base."
    )

    exercice: int = Field(title="Exercice", description="L’année des déclarations, par exemple 2026.", ge=2000, le=2100)
    prestations: list[str] = Field(
        [], title="Prestations", description="Par exemple EAJE, puis RPE ; aucune : toutes.", max_length=20
    )
    parametres: list[str] = Field(
        [], title="Autres valeurs du barème", description="Par exemple rpe.plafond=72000.", max_length=50
    )
    reponses: list[str] = Field(
        [],
        title="Autres réponses",
        description="Par exemple heures_facturees=+3%, ou taux_facturation=1.12 pour les crèches.",
        max_length=50,
    )
    bareme: int = Field(
        0, title="Barème d’un autre exercice", description="Par exemple 2025 ; 0 : le sien.", ge=0, le=2100
    )
    connu_le: ConnuLe = None
    jour: Jour = None


class DemandeRappels(Formulaire):
    """The exercices whose paid rights are computed again."""

    model_config = presenter(
        "Rappels",
        "Les droits déjà payés, recalculés avec ce qui est connu aujourd’hui. Rien n’est dû avant votre accord.",
    )

    exercices: list[Annotated[int, Field(ge=2000, le=2100)]] = Field(
        title="Exercices", description="Par exemple 2025, puis 2026.", min_length=1, max_length=10
    )
    prestations: list[str] = Field(
        [], title="Prestations", description="Par exemple EAJE ; aucune : toutes.", max_length=20
    )
    jour: Jour = None

    @property
    def annees(self) -> str:
        """« 2025, 2026 »."""
        return ", ".join(map(str, sorted(set(self.exercices))))
