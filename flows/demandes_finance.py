"""The run forms of what happens to a batch after its signatures, and to a due that must not be paid."""

from typing import Annotated, Any

from pydantic import Field

from flows.demandes import Formulaire, Jour, Personne, presenter
from operations.configuration import motifs_de_suspension
from schemas.configuration.reglages import charger_reglages

Lot = Annotated[int, Field(title="Numéro du lot", description="Donné quand le lot est proposé.", ge=1)]
Reference = Annotated[
    str,
    Field(
        title="Référence du versement",
        description="Celle du bordereau, par exemple 2025-EAJE-EAJE03-02.",
        min_length=1,
        max_length=40,
    ),
]


def _proposer_les_motifs(schema: dict[str, Any]) -> None:
    """Turn a text field into a list of motives, read when the form is deployed."""
    motifs = motifs_de_suspension(charger_reglages())
    schema["enum"] = list(motifs)
    schema["description"] = " ; ".join(f"{code} : {libelle}" for code, libelle in motifs.items())


class DemandeRefus(Formulaire):
    """A batch to turn down."""

    model_config = presenter("Refus d’un lot", "Jusqu’à son export : ses versements sont de nouveau dus.")

    lot: Lot
    motif: str = Field(title="Motif", description="Écrit au journal.", min_length=1, max_length=1000)
    par: Personne
    jour: Jour = None


class DemandeTransmission(Formulaire):
    """A batch whose file the bank now has."""

    model_config = presenter("Transmission à la banque", "Le fichier de virements d’un lot exporté, remis à la banque.")

    lot: Lot
    par: Personne
    jour: Jour = None


class DemandeSuspension(Formulaire):
    """A due not to be paid for now."""

    model_config = presenter(
        "Suspension", "Un versement encore à payer. Il sort de son lot, qui est à signer de nouveau s’il l’était."
    )

    reference: Reference
    motif: str = Field(
        title="Motif", description="Un motif de config/finance.yaml.", json_schema_extra=_proposer_les_motifs
    )
    texte: str = Field(title="Pourquoi", description="En clair : écrit au journal.", min_length=1, max_length=500)
    par: Personne
    jour: Jour = None


class DemandeLevee(Formulaire):
    """A suspended due that may be paid again."""

    model_config = presenter("Levée d’une suspension", "Le prochain lot de son étape prendra le versement.")

    reference: Reference
    motif: str = Field(title="Motif", description="Écrit au journal.", min_length=1, max_length=500)
    par: Personne
    jour: Jour = None


class DemandeContrepassation(Formulaire):
    """A payment to take back."""

    model_config = presenter(
        "Contre-passation",
        "La banque a payé, et l’argent n’est pas arrivé à qui il était dû. Un partenaire trop payé n’en a pas besoin : "
        "sa déclaration se corrige.",
    )

    reference: Reference
    motif: str = Field(title="Motif", description="Écrit au journal.", min_length=1, max_length=1000)
    par: Personne
    jour: Jour = None


class DemandeResultats(Formulaire):
    """A file of the bank to compare with what was sent."""

    model_config = presenter(
        "Résultats de la banque", "Un aperçu d’abord ; rien n’est écrit avant votre accord, dans l’exécution suspendue."
    )

    fichier: str = Field(
        title="Fichier de la banque",
        description="pain.002, camt.054 ou CSV : son chemin, sur le poste qui exécute les campagnes.",
        min_length=1,
        max_length=1000,
    )
    par: Personne
    jour: Jour = None
