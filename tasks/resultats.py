"""What the bank answers, from a named file to the lines of batches."""

import hashlib
from datetime import date
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from pydantic import SecretStr

from operations import rapprochement
from operations.contexte import contexte
from operations.rapprochement import BilanRapprochement
from tasks import textes_resultats
from tasks.communs import tache

CLE = "resultats-de-la-banque"


@tache("Comparer a ce qui a ete envoye", rejouable=True)
def comparer(fichier: str, par: str, jour: date | None) -> BilanRapprochement:
    """Compare a file with what was sent; nothing is written."""
    return rapprochement.rapprocher(contexte(), Path(fichier), par, jour)


@tache("Ecrire ce qui est sur", rejouable=True)
def appliquer(fichier: str, par: str, jour: date | None, code: SecretStr) -> BilanRapprochement:
    """Write what is sure; the same file again changes nothing."""
    return rapprochement.rapprocher(contexte(), Path(fichier), par, jour, appliquer=True, code=code.get_secret_value())


@tache("Montrer les resultats", rejouable=True)
def publier(bilan: BilanRapprochement, execution: str, refus: str = "") -> None:
    """Publish a preview with how to answer, or what was written."""
    create_markdown_artifact(
        markdown=textes_resultats.page(bilan, contexte().reglages.mention, execution, refus),
        key=CLE,
        description=textes_resultats.phrase(bilan),
    )


def empreinte(bilan: BilanRapprochement) -> str:
    """Give what tells a preview from another: the file, and all that would be written or looked at."""
    dit = (bilan.sha256, bilan.payees, bilan.rejetees, bilan.a_regarder)
    return hashlib.sha256(repr(dit).encode()).hexdigest()[:16]
