"""What the bank answers: the preview of a file, then what is sure of it, written by a person."""

from typing import Any, Literal

from prefect import flow, runtime
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from pydantic import ConfigDict, Field, SecretStr

from flows.codes import SANS_CODE, SI_VOUS_EN_AVEZ_UN, TITRE
from flows.communs import refus_en_clair, termine
from flows.demandes_finance import DemandeResultats
from flows.versements import DELAI_DE_DECISION
from operations.contexte import ActeRefuse
from tasks import actions, finance, resultats, textes
from tasks.reponses import attendre
from tasks.textes_resultats import phrase, rappel_de_l_apercu


class DecisionResultats(RunInput):
    """The answer to a preview. The decision has no default: resuming without an answer writes nothing."""

    model_config = ConfigDict(extra="forbid", title="Décision")

    decision: Literal["Appliquer", "Renoncer"] = Field(
        title="Décision", description="Appliquer : ce qui est sûr est écrit ; le reste est à regarder par une personne."
    )
    code: SecretStr = Field(default=SANS_CODE, title=TITRE, description=SI_VOUS_EN_AVEZ_UN, max_length=64)


@flow(
    name="Résultats de la banque",
    flow_run_name="Résultats de la banque, par {demande.par}",
    description="Compare un fichier de la banque à ce qui a été envoyé, montre l’aperçu, et attend (Resume).",
    persist_result=False,
)
@refus_en_clair
def rapprocher(demande: DemandeResultats) -> State[Any]:
    """Show what a file says, wait for an answer, write it. The answer holds for the very preview that was shown."""
    execution, dernier = str(runtime.flow_run.id), ""
    while True:
        apercu = resultats.comparer(demande.fichier, demande.par, demande.jour)
        resultats.publier(apercu, execution, dernier)
        if not apercu.payees and not apercu.rejetees:
            return termine("Rien à écrire.", phrase(apercu))
        refus = finance.codes_refuses(demande.par)
        question = DecisionResultats.with_initial_data(description=rappel_de_l_apercu(apercu, demande.par, dernier))
        reponse = attendre(question, f"resultats-{resultats.empreinte(apercu)}-{len(refus)}", DELAI_DE_DECISION)
        if reponse.decision == "Renoncer":
            return termine(f"« {apercu.fichier} » laissé de côté par {demande.par} : rien n’est écrit.")
        try:
            bilan = resultats.appliquer(demande.fichier, demande.par, demande.jour, reponse.code)
        except ActeRefuse as non:
            if finance.codes_refuses(demande.par) == refus:
                raise
            dernier = str(non)
            continue
        resultats.publier(bilan, execution)
        return termine(phrase(bilan), textes.envoi(actions.envoyer_courriels(demande.jour)))
