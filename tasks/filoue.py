"""The Filoué files in the orchestrator: ids, codes and counts only, whatever a file holds."""

from datetime import date

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from operations.contexte import contexte
from operations.filoue import instruction, retention, suivi
from operations.filoue.instruction import BilanFiloue
from operations.filoue.retention import BilanEffacement
from tasks import textes_filoue
from tasks.communs import tache


@tache("Lire les fichiers Filoue", rejouable=True)
def instruire(jour: date | None) -> BilanFiloue:
    """Read every file not yet done; publish what became of each."""
    bilan = instruction.instruire(contexte(), jour)
    if bilan.lignes:
        create_table_artifact(
            table=[
                {
                    "Structure": ligne.structure or "inconnue",
                    "Fichier": ligne.etat.value,
                    "Lignes": str(ligne.lignes or ""),
                    "Alertes": str(ligne.alertes or ""),
                    "Motif": ligne.motif,
                    "À reprendre": ligne.a_reprendre,
                }
                for ligne in bilan.lignes
            ],
            key="reception-filoue",
            description=f"Dernière réception. {bilan.phrase}",
        )
    return bilan


@tache("Publier le suivi Filoue", rejouable=True)
def publier_suivi(jour: date | None, etape: str = "") -> str:
    """Publish the response rate of a campaign; give its sentence."""
    ou = suivi.suivre(contexte(), jour, etape)
    create_markdown_artifact(
        markdown=textes_filoue.suivi(ou), key=f"reponses-{ou.etape}", description=f"{ou.phrase} {ou.mention}".strip()
    )
    return ou.phrase


@tache("Effacer ce qui a passe sa conservation", rejouable=True)
def effacer(jour: date | None) -> BilanEffacement:
    """Erase the raw bytes past their retention; say which files, by number."""
    bilan = retention.effacer(contexte(), jour)
    if bilan.effaces:
        create_markdown_artifact(
            markdown=f"# Conservation des fichiers Filoué\n\n{bilan.phrase}",
            key="filoue-effacement",
            description=f"{len(bilan.effaces)} fichier(s) Filoué effacé(s).",
        )
    return bilan
