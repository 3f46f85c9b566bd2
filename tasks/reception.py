"""The inbox: register what arrived, check it all in one batch with its progress."""

from datetime import date
from pathlib import Path
from uuid import UUID

from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact

from operations import reception
from operations.contexte import contexte
from operations.reception import BilanReception
from tasks import textes
from tasks.communs import tache

PAS_D_AVANCEMENT = 10  # percent: an update is a request to the server


class _Progression:
    """A progress artifact made at the first file read, and updated by steps of ten percent."""

    def __init__(self) -> None:
        self._artefact: UUID | None = None
        self._dernier = 0

    def __call__(self, faits: int, total: int) -> None:
        """Note that `faits` files out of `total` are read."""
        pourcentage = 100 * faits // total if total else 100
        description = f"{faits} fichier(s) lu(s) sur {total}"
        if self._artefact is None:
            cree = create_progress_artifact(progress=pourcentage, key="lecture-des-fichiers", description=description)
            self._artefact = cree if isinstance(cree, UUID) else None
        elif pourcentage == 100 or pourcentage >= self._dernier + PAS_D_AVANCEMENT:
            update_progress_artifact(self._artefact, progress=pourcentage, description=description)
        else:
            return
        self._dernier = pourcentage


@tache("Deposer le fichier nomme")
def deposer(fichier: str) -> str:
    """Copy the file that a person named to the inbox; give its path there."""
    return str(reception.deposer(contexte(), Path(fichier)))


@tache("Prendre les nouveaux fichiers", rejouable=True)
def enregistrer_arrivees(jour: date | None) -> list[int]:
    """Keep the bytes of every file of the inbox; give the new deposits."""
    return reception.enregistrer_arrivees(contexte(), jour)


@tache("Lire et instruire les fichiers", rejouable=True)
def instruire(jour: date | None) -> BilanReception:
    """Read and control every deposit not yet done, as one batch; publish what became of each."""
    bilan = reception.instruire(contexte(), jour, _Progression())
    if bilan.lignes:
        create_table_artifact(
            table=textes.lignes_de_reception(bilan), key="reception", description=f"Dernière réception : {bilan.phrase}"
        )
    return bilan
