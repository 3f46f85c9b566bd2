"""What the team finds in « Artifacts »: progress, tables and summaries, each under a lasting key."""

from dataclasses import dataclass
from datetime import date, timedelta

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact

from operations import suivi, versements
from operations.configuration import calendriers, etape, plan_relances
from operations.contexte import Contexte, contexte
from operations.droits import BilanDroits
from operations.exports import ExportFait
from operations.suivi import Avancement
from operations.versements import BilanDus
from regles.calendrier import Etape, actions_datees
from regles.dates import en_toutes_lettres
from tasks import textes
from tasks.communs import tache

UN_AN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Publication:
    """A step just published: where it stands, and the id of its summary."""

    ou: Avancement
    synthese: object


@tache("Publier le suivi", rejouable=True)
def publier_avancement(identifiant: str, jour: date | None) -> str:
    """Publish progress, table and summary of a step; give « Réels 2025 EAJE : 24 reçus sur 29 », or nothing."""
    publication = _publier(contexte(), etape(contexte(), identifiant), jour)
    return publication.ou.phrase if publication else ""


@tache("Publier le tableau de bord", rejouable=True)
def publier_tableau_de_bord(jour: date | None) -> list[str]:
    """Refresh every open step and the page that gathers them; give their sentences."""
    ici = contexte()
    ce_jour = ici.maintenant(jour).date()
    lignes, phrases = [], []
    for suivie in _ouvertes(ici, ce_jour):
        publication = _publier(ici, suivie, jour)
        if publication is None:
            continue
        ou = publication.ou
        phrases.append(ou.phrase)
        lignes.append(
            {
                "Campagne": ou.libelle,
                "artefact": str(publication.synthese),
                "Reçus": f"{ou.recues} / {ou.attendues}",
                "Validés": str(ou.validees),
                "Limite": _limite(suivie),
                "Ensuite": _suite(ici, suivie, ce_jour),
            }
        )
    create_markdown_artifact(
        key="tableau-de-bord",
        markdown=textes.tableau_de_bord(lignes, ici.reglages.mention),
        description="Campagnes en cours, sur une page.",
    )
    return phrases


def _publier(ici: Contexte, suivie: Etape, jour: date | None) -> Publication | None:
    """Publish a step, unless the network has nobody to answer it."""
    ou = suivi.avancement(ici, suivie.id, jour)
    if not ou.attendues:
        return None
    ce_jour = ici.maintenant(jour).date()
    create_progress_artifact(progress=_pourcentage(ou), key=f"avancement-{suivie.id}", description=ou.phrase)
    detail = create_table_artifact(
        table=textes.lignes_du_suivi(ou),
        key=f"suivi-{suivie.id}",
        description=f"{ou.phrase}. Une ligne par structure, d’abord celles qui manquent.",
    )
    synthese = create_markdown_artifact(
        markdown=textes.synthese(ou, _limite(suivie), _suite(ici, suivie, ce_jour), str(detail)),
        key=f"synthese-{suivie.id}",
        description=ou.phrase,
    )
    return Publication(ou, synthese)


def _pourcentage(ou: Avancement) -> float:
    return round(100 * ou.recues / ou.attendues, 1)


def _ouvertes(ici: Contexte, ce_jour: date) -> list[Etape]:
    """Give the declaration steps opened within the last year."""
    return [
        candidate
        for calendrier in calendriers(ici)
        for candidate in calendrier.etapes
        if candidate.nature.est_declaration
        and candidate.ouverture is not None
        and candidate.ouverture <= ce_jour < candidate.ouverture + UN_AN
    ]


def _limite(suivie: Etape) -> str:
    if suivie.limite is None:
        return "sans limite"
    suite = " (à confirmer)" if suivie.est_approximative("limite") else ""
    return en_toutes_lettres(suivie.limite) + suite


def _suite(ici: Contexte, suivie: Etape, ce_jour: date) -> str:
    """Say the next dated action of a step."""
    for action in actions_datees(suivie, plan_relances(ici)):
        if action.le.date() > ce_jour:
            rang = f" n° {action.rang}" if action.rang else ""
            return f"{action.verbe.value}{rang}, {en_toutes_lettres(action.le.date())}"
    return "plus rien au calendrier"


@tache("Publier les droits", rejouable=True)
def publier_droits(identifiant: str, bilan: BilanDroits) -> None:
    """Publish the rights of a step."""
    ici = contexte()
    create_markdown_artifact(
        markdown=textes.droits(bilan, etape(ici, identifiant).libelle, ici.reglages.mention),
        key=f"droits-{identifiant}",
        description=f"Droits calculés : {etape(ici, identifiant).libelle}.",
    )


@tache("Publier la proposition", rejouable=True)
def publier_proposition(identifiant: str, dus: BilanDus, lot: int | None) -> None:
    """Publish what was prepared for payment, and the batch if there is one."""
    ici = contexte()
    suite = "Rien à payer : aucun lot n’est proposé." if lot is None else textes.lot(versements.resume_lot(ici, lot))
    create_markdown_artifact(
        markdown="\n".join([textes.dus(dus), "", suite]),
        key=f"proposition-{identifiant}",
        description=f"Soldes, indus et lot proposé : {etape(ici, identifiant).libelle}.",
    )


@tache("Montrer le lot", rejouable=True)
def publier_lot(lot: int, execution: str) -> None:
    """Publish the frozen batch and how to answer."""
    resume = versements.resume_lot(contexte(), lot)
    create_markdown_artifact(
        markdown=textes.demande_de_decision(resume, execution),
        key=f"lot-{resume.numero}",
        description=f"Lot {resume.numero} : à libérer ou à refuser (Resume).",
    )


@tache("Publier les bordereaux", rejouable=True)
def publier_export(lot: int, faits: tuple[ExportFait, ...]) -> None:
    """Publish the names, total and sha256 of the exported files."""
    resume = versements.resume_lot(contexte(), lot)
    create_markdown_artifact(
        markdown=textes.export(resume, faits),
        key=f"lot-{resume.numero}",
        description=f"Lot {resume.numero} libéré et exporté.",
    )


@tache("Publier le refus", rejouable=True)
def publier_refus(lot: int) -> None:
    """Publish that a batch was turned down and why."""
    resume = versements.resume_lot(contexte(), lot)
    create_markdown_artifact(
        markdown=textes.refus(resume),
        key=f"lot-{resume.numero}",
        description=f"Lot {resume.numero} refusé.",
    )


@tache("Publier le bilan", rejouable=True)
def publier_rattrapage(faites: list[str], sautees: list[str], refusees: list[str], avancements: list[str]) -> None:
    """Publish what the daily run did."""
    parties = [
        "# Rattrapage du jour",
        *textes.liste("Fait", faites),
        *textes.liste("Sauté : dépassé par une action plus récente", sautees),
        *textes.liste("Refusé, à voir", refusees),
        *textes.liste("Où en sont les campagnes", avancements),
    ]
    if not (faites or sautees or refusees):
        parties.insert(1, "\nRien n’était en retard.")
    create_markdown_artifact(
        markdown="\n".join(parties), key="rattrapage", description="Ce que le dernier rattrapage a fait."
    )
