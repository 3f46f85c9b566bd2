"""What the team finds in « Artifacts »: progress, tables and summaries, each under a lasting key."""

from datetime import date

from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact

from operations import lots, suivi
from operations.configuration import etape, plan_relances
from operations.contexte import Contexte, contexte
from operations.droits import BilanDroits
from operations.dus import BilanDus
from operations.exports import ExportFait
from operations.suivi import Avancement
from operations.tableau.synthese import dresser
from regles.calendrier import Etape, actions_datees
from regles.dates import en_chiffres, en_toutes_lettres
from regles.etats import EtatLot
from tasks import textes, textes_tableau
from tasks.communs import tache

A_FAIRE = {EtatLot.PROPOSE: "à ordonnancer", EtatLot.ORDONNANCE: "à viser"}


@tache("Publier le suivi", rejouable=True)
def publier_avancement(identifiant: str, jour: date | None) -> str:
    """Publish progress, table and summary of a step; give « … : 24 reçus sur 29 », or nothing."""
    ici = contexte()
    ou = suivi.avancement(ici, identifiant, jour)
    if not ou.attendues:  # the network has nobody to answer it
        return ""
    _publier(ici, etape(ici, identifiant), ou, jour)
    return ou.phrase


@tache("Publier le tableau de bord", rejouable=True)
def publier_tableau_de_bord(jour: date | None) -> list[str]:
    """Refresh every open step, the page that gathers them and the list of what waits; give the steps' sentences."""
    ici = contexte()
    dresse = dresser(ici, jour)
    lignes = []
    for ou in dresse.campagnes:
        suivie = etape(ici, ou.etape)
        lignes.append(
            {
                "Campagne": ou.libelle,
                "artefact": str(_publier(ici, suivie, ou, jour)),
                "Reçus": f"{ou.recues} / {ou.attendues}",
                "Validés": str(ou.validees),
                "Limite": _limite(suivie),
                "Ensuite": _suite(ici, suivie, dresse.jour),
            }
        )
    liste = create_table_artifact(
        table=textes_tableau.lignes_a_faire(dresse),
        key="a-faire",
        description=f"Ce qui attend quelqu’un : {dresse.phrase}.",
    )
    create_markdown_artifact(
        key="tableau-de-bord",
        markdown=textes_tableau.tableau_de_bord(dresse, lignes, str(liste)),
        description=f"Tableau de bord au {en_chiffres(dresse.jour)} : {dresse.phrase}.",
    )
    return [ou.phrase for ou in dresse.campagnes]


def _publier(ici: Contexte, suivie: Etape, ou: Avancement, jour: date | None) -> object:
    """Publish a step; give the id of its summary."""
    ce_jour = ici.maintenant(jour).date()
    create_progress_artifact(progress=_pourcentage(ou), key=f"avancement-{suivie.id}", description=ou.phrase)
    detail = create_table_artifact(
        table=textes.lignes_du_suivi(ou),
        key=f"suivi-{suivie.id}",
        description=f"{ou.phrase}. Une ligne par structure, d’abord celles qui manquent.",
    )
    return create_markdown_artifact(
        markdown=textes.synthese(ou, _limite(suivie), _suite(ici, suivie, ce_jour), str(detail)),
        key=f"synthese-{suivie.id}",
        description=ou.phrase,
    )


def _pourcentage(ou: Avancement) -> float:
    return round(100 * ou.recues / ou.attendues, 1)


def _limite(suivie: Etape) -> str:
    if suivie.limite is None:
        return "sans limite"
    suite = " (à confirmer)" if suivie.est_approximative("limite") else ""
    return en_toutes_lettres(suivie.limite) + suite


def _suite(ici: Contexte, suivie: Etape, ce_jour: date) -> str:
    """Say the next dated action of a step."""
    for action in actions_datees(suivie, plan_relances(ici, suivie)):
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
def publier_proposition(identifiant: str, dus: BilanDus, avis: str, lot: int | None) -> None:
    """Publish what was prepared for payment, who is told of an indu, and the batch if there is one."""
    ici = contexte()
    suite = "Rien à payer : aucun lot n’est proposé." if lot is None else textes.lot(lots.resume_lot(ici, lot))
    create_markdown_artifact(
        markdown="\n".join([textes.dus(dus), "", textes.proteger(avis), "", suite]),
        key=f"proposition-{identifiant}",
        description=f"Ce qui est dû et lot proposé : {etape(ici, identifiant).libelle}.",
    )


@tache("Montrer le lot", rejouable=True)
def publier_lot(lot: int, execution: str) -> None:
    """Publish the frozen batch and how to answer."""
    resume = lots.resume_lot(contexte(), lot)
    create_markdown_artifact(
        markdown=textes.demande_de_decision(resume, execution),
        key=f"lot-{resume.numero}",
        description=f"Lot {resume.numero} : {A_FAIRE[resume.etat]} ou à refuser (Resume).",
    )


@tache("Publier les bordereaux", rejouable=True)
def publier_export(lot: int, faits: tuple[ExportFait, ...]) -> None:
    """Publish the names, total and sha256 of the exported files."""
    resume = lots.resume_lot(contexte(), lot)
    create_markdown_artifact(
        markdown=textes.export(resume, faits),
        key=f"lot-{resume.numero}",
        description=f"Lot {resume.numero} visé et exporté.",
    )


@tache("Publier le refus", rejouable=True)
def publier_refus(lot: int) -> None:
    """Publish that a batch was turned down and why."""
    resume = lots.resume_lot(contexte(), lot)
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
