"""A value known later: the rights already paid, before and after; a person confirms the very list they read."""

from typing import Any, Literal

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import ConfigDict, Field, SecretStr

from flows.codes import SANS_CODE, SI_VOUS_EN_AVEZ_UN, TITRE
from flows.communs import refus_en_clair, termine
from flows.demandes import DemandeRappels
from flows.versements import DELAI_DE_DECISION
from operations.contexte import ActeRefuse
from operations.rappels import RIEN, BilanRappels, Presentation
from regles.monnaie import formater_euros
from regles.rappels import ListeRappels
from tasks import rappels
from tasks.reponses import attendre
from tasks.textes_rappels import rappel_de_la_liste


class DecisionRappels(RunInput):
    """The answer to a list. The decision has no default: resuming without an answer decides nothing."""

    model_config = ConfigDict(extra="forbid", title="Décision")

    decision: Literal["Confirmer", "Renoncer"] = Field(
        title="Décision", description="Confirmer : droits et dus sont écrits, à proposer ensuite dans un lot."
    )
    par: str = Field(
        title="Votre identifiant", description="Par exemple c.martin : écrit au journal.", min_length=1, max_length=60
    )
    motif: str = Field(
        title="Motif",
        description="Quelle publication a été lue ; ou pourquoi rien n’est rappelé.",
        min_length=1,
        max_length=1000,
    )
    code: SecretStr = Field(default=SANS_CODE, title=TITRE, description=SI_VOUS_EN_AVEZ_UN, max_length=64)


@flow(
    name="Rappels",
    flow_run_name="Rappels : {demande.annees}",
    description="Recalcule les droits déjà payés, montre la liste, et attend qu’une personne confirme (Resume).",
    persist_result=False,
)
@refus_en_clair
def rappeler(demande: DemandeRappels) -> State[Any]:
    """Wait for a decision on the list, write it. On resume it all runs again: nothing is done before the decision."""
    champs, execution, refus = demande.model_dump(), str(runtime.flow_run.id), ""
    while True:
        liste = rappels.calculer(champs)
        if not liste.changees:
            rappels.publier(liste, execution)
            return termine(RIEN, f"{len(liste.a_part)} droit(s) à part" if liste.a_part else "")
        vue = rappels.presenter(execution, liste.empreinte, refus, champs)
        rappels.publier(liste, execution, vue.dernier_refus)
        reponse = _attendre_la_decision(liste, vue)
        try:
            if reponse.decision == "Renoncer":
                rappels.renoncer(champs, vue.empreinte, reponse.par, reponse.motif)
                return termine(f"Rappels non confirmés par {reponse.par} : rien n’est écrit, hors le journal.")
            bilan = rappels.confirmer(champs, vue.empreinte, reponse.par, reponse.motif, reponse.code)
        except ActeRefuse as erreur:
            refus = str(erreur)
            continue
        rappels.publier_bilan(liste, bilan, reponse.par)
        return termine(*_suite(bilan, reponse.par))


def _attendre_la_decision(liste: ListeRappels, vue: Presentation) -> DecisionRappels:
    """Suspend until someone answers. The key counts the lists shown: the same at each replay."""
    question = DecisionRappels.with_initial_data(description=rappel_de_la_liste(liste, vue.dernier_refus))
    return attendre(question, f"rappels-{vue.rang}", DELAI_DE_DECISION)


def _suite(bilan: BilanRappels, par: str) -> tuple[str, ...]:
    if bilan.deja_par:
        return (f"Liste déjà confirmée par {bilan.deja_par}.",)
    dus = [
        f"{nombre} {nature}(s), {formater_euros(total)}" for nature, (nombre, total) in sorted(bilan.dus.ecrits.items())
    ]
    etapes = f"À proposer : {', '.join(bilan.etapes)}." if bilan.etapes else ""
    return f"Rappels confirmés par {par} : {' ; '.join(dus) or 'aucun dû'}.", etapes
