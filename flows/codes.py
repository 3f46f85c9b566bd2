"""Asking a person for their code in a suspended run, before an act on money."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from prefect.input import RunInput
from pydantic import ConfigDict, Field, SecretStr

from operations.contexte import ActeRefuse
from tasks import finance
from tasks.reponses import attendre
from tasks.textes import rappel_du_code

R = TypeVar("R")
DELAI_DU_CODE = timedelta(hours=1)
SANS_CODE = SecretStr("")
LISIBLE = "Lisible pendant que vous le tapez ; effacé d’ici dès qu’il est lu."
TITRE = "Votre code personnel"
SI_VOUS_EN_AVEZ_UN = f"Vide si vous n’en avez pas. {LISIBLE}"


class Code(RunInput):
    """The personal code of whoever started the run."""

    model_config = ConfigDict(extra="forbid", title="Code personnel")

    code: SecretStr = Field(title=TITRE, description=LISIBLE, max_length=64)


def avec_le_code(par: str, quoi: str, faire: Callable[[SecretStr], R]) -> R:
    """Do an act of a person; whoever has a code types it in the suspended run, as often as it is wrong.

    `quoi` says in French what is about to be done, for whoever reads the form.
    """
    if not finance.code_attendu(par):
        return faire(SANS_CODE)
    dernier = ""
    while True:
        refus = finance.codes_refuses(par)
        question = Code.with_initial_data(description=rappel_du_code(par, quoi, dernier))
        code = attendre(question, f"code-{len(refus)}", DELAI_DU_CODE).code
        try:
            return faire(code)
        except ActeRefuse as non:
            if finance.codes_refuses(par) == refus:
                raise
            dernier = str(non)
