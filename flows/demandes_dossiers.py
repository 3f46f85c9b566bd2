"""The run forms of dossiers, of more time and of tasks."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from flows.demandes import Formulaire, IdentifiantEtape, Jour, Personne, presenter

CodeAttendu = Annotated[
    str, Field(title="Code", description="Celui de la structure, ou du partenaire.", min_length=1, max_length=20)
]
RecueLe = Annotated[
    date | None,
    WithJsonSchema({"type": "string", "format": "date"}),
    Field(
        title="Arrivée le",
        description="Si ce n’est pas aujourd’hui : le retard se compte de ce jour-là.",
        json_schema_extra=lambda schema: schema.pop("default", None),
    ),
]


class DemandePiece(Formulaire):
    """A document received, or turned down."""

    model_config = presenter("Pièce d’un dossier", "Une pièce arrivée, ou vue ailleurs ; ou une pièce à refuser.")

    etape: IdentifiantEtape
    code: CodeAttendu
    piece: str = Field(
        title="Pièce",
        description="Son code dans config/demarches.yaml, par exemple bilan.",
        min_length=1,
        max_length=40,
    )
    geste: Literal["recevoir", "refuser"] = Field("recevoir", title="Geste", description="La recevoir, ou la refuser.")
    fichier: str = Field(
        "",
        title="Fichier reçu",
        description="Son chemin, sur le poste qui exécute les campagnes ; il est gardé tel quel.",
        max_length=1000,
    )
    constat: str = Field(
        "", title="Ou vue ailleurs", description="Par exemple : vu dans Sphinx le 27/05.", max_length=500
    )
    recue_le: RecueLe = None
    motif: str = Field("", title="Motif du refus", description="Le partenaire le lira.", max_length=500)
    par: Personne
    jour: Jour = None


class DemandeDossier(Formulaire):
    """What a person decides of a dossier."""

    model_config = presenter("Dossier à décider", "Il souhaite répondre, renonce, en est dispensé, ou on le reprend.")

    etape: IdentifiantEtape
    code: CodeAttendu
    geste: Literal["annoncer", "renoncer", "dispenser", "rouvrir"] = Field(
        title="Décision", description="annoncer : il souhaite répondre ; renoncer, dispenser : plus rien n’est attendu."
    )
    motif: str = Field("", title="Motif", description="Écrit au journal ; inutile pour « annoncer ».", max_length=500)
    par: Personne
    jour: Jour = None


class DemandeDelai(Formulaire):
    """More time for a partner."""

    model_config = presenter("Délai", "Pour un partenaire ou une structure ; les dates de l’étape ne changent pas.")

    etape: IdentifiantEtape
    code: CodeAttendu
    jusqu_au: date = Field(title="Jusqu’au", description="Son nouveau dernier jour, ce jour compris.")
    motif: str = Field(title="Motif", description="Écrit au journal.", min_length=1, max_length=500)
    par: Personne
    confirme: bool = Field(
        False, title="J’ai relu ce que cela entraîne", description="Sans cette case, l’exécution le dit seulement."
    )
    jour: Jour = None


class DemandeTache(Formulaire):
    """A task done."""

    model_config = presenter("Tâche faite", "Un appel passé, une adresse retrouvée (liste : campagnes taches lister).")

    cle: str = Field(title="Clé", description="Par exemple appeler:bilans-rpe-2025:P12.", min_length=1, max_length=150)
    suite: str = Field(title="Suite", description="Ce qui a été fait, et convenu.", min_length=1, max_length=500)
    par: Personne
    jour: Jour = None
