"""The rappels from the run form to the dues a person confirms."""

from typing import Any

from prefect.artifacts import create_markdown_artifact
from pydantic import SecretStr

from operations import rappels
from operations.contexte import contexte
from operations.rappels import BilanRappels, Presentation
from regles.rappels import ListeRappels
from tasks import textes_rappels
from tasks.communs import tache


@tache("Recalculer les droits payes", rejouable=True)
def calculer(demande: dict[str, Any]) -> ListeRappels:
    """Compute the list; `demande` holds the fields of the run form."""
    return rappels.calculer_rappels(contexte(), demande["exercices"], demande.get("jour"), demande["prestations"])


@tache("Retenir la liste a montrer", rejouable=True)
def presenter(execution: str, empreinte: str, refus: str, demande: dict[str, Any]) -> Presentation:
    """Write which list the run shows; give the one shown when the run is played again."""
    return rappels.presenter_rappels(contexte(), execution, empreinte, refus, demande.get("jour"))


@tache("Montrer la liste", rejouable=True)
def publier(liste: ListeRappels, execution: str, refus: str = "") -> None:
    """Publish the list, and how to answer when there is anything to confirm."""
    create_markdown_artifact(
        markdown=textes_rappels.demande_de_decision(liste, execution, refus),
        key=_cle(liste),
        description=f"{textes_rappels.titre(liste)}.",
    )


@tache("Ecrire droits et dus", rejouable=True)
def confirmer(demande: dict[str, Any], empreinte: str, par: str, motif: str, code: SecretStr) -> BilanRappels:
    """Write the rights and dues of the list a person has read; the same list again is nothing."""
    return rappels.confirmer_rappels(
        contexte(), demande["exercices"], empreinte, par, motif, demande.get("jour"), demande["prestations"],
        code.get_secret_value(),
    )  # fmt: skip


@tache("Inscrire le renoncement", rejouable=True)
def renoncer(demande: dict[str, Any], empreinte: str, par: str, motif: str) -> None:
    """Write that a person does not confirm the list."""
    rappels.renoncer_aux_rappels(contexte(), empreinte, par, motif, demande.get("jour"))


@tache("Publier ce qui est du", rejouable=True)
def publier_bilan(liste: ListeRappels, bilan: BilanRappels, par: str) -> None:
    """Publish what was written, and what comes next."""
    create_markdown_artifact(
        markdown=textes_rappels.bilan(liste, bilan, par),
        key=_cle(liste),
        description=f"{textes_rappels.titre(liste)} : confirmés par {par}.",
    )


def _cle(liste: ListeRappels) -> str:
    return f"rappels-{'-'.join(map(str, liste.exercices))}"
