"""Commands of the Commission d'action sociale: requests, their documents, sittings, decisions, conventions."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.contexte import ActeRefuse, contexte
from regles.etats import EtatDemande, SensDecision
from regles.monnaie import formater_euros

if TYPE_CHECKING:
    from schemas.commission import Faute

Par = Annotated[str, typer.Option("--par", help="Votre identifiant (config/reglages.yaml, equipe).")]
Reference = Annotated[str, typer.Argument(help="Référence de la demande, par exemple 2026-PART-0001.")]
Seance = Annotated[str, typer.Argument(help="Commission du calendrier, par exemple cas-2026-04.")]
Motif = Annotated[str, typer.Option("--motif", help="Pourquoi.")]
Appliquer = Annotated[bool, typer.Option("--appliquer", help="Écrire, une fois l'aperçu relu.")]
ETATS = {
    EtatDemande.DEPOSEE: "déposée",
    EtatDemande.INSCRITE: "inscrite",
    EtatDemande.ACCORDEE: "accordée",
    EtatDemande.REFUSEE: "refusée",
    EtatDemande.RETIREE: "retirée",
}
JOUR = {"formats": ["%d/%m/%Y"], "metavar": "JJ/MM/AAAA"}


def _montant(texte: str, nom: str) -> int:
    from schemas.commission import lire_montant

    lu = lire_montant(texte)
    if not isinstance(lu, int):
        raise ActeRefuse(f"{nom} : {lu.message} (lu « {lu.lu} »)" if lu else f"{nom} : un montant est attendu.")
    return lu


def _montrer_les_fautes(fautes: "tuple[Faute, ...]") -> None:
    for faute in fautes:
        typer.echo(str(faute), err=True)
    if fautes:
        typer.echo(f"{len(fautes)} point(s) à corriger : rien n'est écrit.", err=True)
        raise typer.Exit(1)


def deposer(
    partenaire: Annotated[str, typer.Argument(help="Code du partenaire.")],
    appel: Annotated[str, typer.Option(help="Appel à projets auquel elle répond, par exemple aap-partenaires-2026.")],
    enveloppe: Annotated[str, typer.Option(help="Clé de config/enveloppes.yaml, par exemple partenaires.")],
    exercice: Annotated[int, typer.Option(help="Année financée.")],
    objet: Annotated[str, typer.Option(help="Le projet, en quelques mots.")],
    montant: Annotated[str, typer.Option(help="Montant demandé, en euros : « 2 500,00 ».")],
    budget: Annotated[str, typer.Option(help="Budget entier du projet, en euros.")],
    par: Par,
    cofinanceur: Annotated[
        list[str] | None, typer.Option(help="« Commune de Langres : 1 500 » ; autant de fois que nécessaire.")
    ] = None,
    structure: Annotated[str, typer.Option(help="Code de la structure concernée, s'il y en a une.")] = "",
) -> None:
    """Enregistrer une demande de subvention, et dire au partenaire où elle va et ce qui manque."""
    from operations.commission.demandes import deposer as operation
    from regles.commission import Projet
    from schemas.commission import lire_cofinanceur

    try:
        autres = tuple(lire_cofinanceur(texte) for texte in cofinanceur or ())
    except ValueError as erreur:
        raise ActeRefuse(str(erreur)) from None
    projet = Projet(
        partenaire, appel, enveloppe, exercice, " ".join(objet.split()), _montant(montant, "--montant"),
        _montant(budget, "--budget"), autres, structure,
    )  # fmt: skip
    bilan = operation(contexte(), projet, par)
    typer.echo(bilan.message)
    typer.echo(f"Part propre du partenaire : {formater_euros(bilan.part_propre_centimes)}.")


def importer(
    fichier: Annotated[Path, typer.Argument(help="Tableau xlsx, ou CSV en UTF-8 (« ; »).")],
    par: Par,
    appliquer: Appliquer = False,
) -> None:
    """Enregistrer les demandes d'un tableau : toutes, ou aucune s'il y a une faute. Sans --appliquer, un aperçu."""
    from operations.commission.demandes import importer as operation

    bilan = operation(contexte(), fichier, par, appliquer=appliquer)
    _montrer_les_fautes(bilan.fautes)
    for demande in bilan.demandes:
        typer.echo(demande.message)
    typer.echo(
        f"{len(bilan.demandes)} demande(s)." + ("" if bilan.applique else " Aperçu : relancez avec --appliquer.")
    )


def piece(
    reference: Reference,
    code: Annotated[str, typer.Argument(help="La pièce, par exemple budget ; bilan_du_projet après un accord.")],
    par: Par,
    fichier: Annotated[Path | None, typer.Option(help="Le fichier reçu.")] = None,
    constat: Annotated[str, typer.Option(help="Ou : où la pièce a été vue.")] = "",
    recue_le: Annotated[datetime | None, typer.Option(**JOUR, help="Jour de sa réception (aujourd'hui).")] = None,
) -> None:
    """Enregistrer une pièce propre à une demande."""
    from operations.commission.pieces import recevoir
    from operations.pieces import Apport

    apport = Apport(code, par, fichier, constat, recue_le.date() if recue_le else None)
    typer.echo(recevoir(contexte(), reference, apport).message)


def refuser_piece(
    reference: Reference,
    code: Annotated[str, typer.Argument(help="La pièce, par exemple budget.")],
    par: Par,
    motif: Motif,
) -> None:
    """Refuser une pièce d'une demande : le partenaire lit pourquoi, et la doit de nouveau."""
    from operations.commission.pieces import refuser

    typer.echo(refuser(contexte(), reference, code, par, motif).message)


def retirer(reference: Reference, par: Par, motif: Motif) -> None:
    """Retirer une demande qu'aucune commission n'a décidée."""
    from operations.commission.demandes import retirer as operation

    typer.echo(operation(contexte(), reference, par, motif))


def lister(
    seance: Annotated[str, typer.Argument(help="Commission du calendrier ; vide pour toutes les demandes.")] = "",
) -> None:
    """Lister les demandes : où elles vont, où elles en sont."""
    from operations.commission.suivi import lister as operation

    for ligne in operation(contexte(), seance):
        typer.echo(f"{ligne.reference}  {ETATS[ligne.etat]:<10} {ligne.commission or 'en attente':<12} "
                   f"{formater_euros(ligne.montant_centimes):>14}  {ligne.partenaire} : {ligne.objet}")  # fmt: skip
        if ligne.accorde_centimes is not None:
            typer.echo(f"    accordé : {formater_euros(ligne.accorde_centimes)}")
        if ligne.manquantes:
            typer.echo(f"    manque : {', '.join(ligne.manquantes)}")


def enveloppes(exercice: Annotated[int, typer.Argument(help="Année, par exemple 2026.")]) -> None:
    """Montrer chaque enveloppe : son montant, ce qui est accordé, ce qui reste, ce qui attend une décision."""
    from operations.commission.suivi import etat_des_enveloppes

    for e in etat_des_enveloppes(contexte(), exercice):
        montant = "inconnu" if e.montant_centimes is None else formater_euros(e.montant_centimes)
        reste = "inconnu" if e.reste_centimes is None else formater_euros(e.reste_centimes)
        typer.echo(f"{e.libelle} {exercice} : {montant} ({e.certitude})")
        typer.echo(
            f"    accordé {formater_euros(e.accorde_centimes)}, reste {reste}, en attente de décision "
            f"{formater_euros(e.en_attente_centimes)}"
        )


def preparer(seance: Seance) -> None:
    """Écrire l'ordre du jour, les fiches des demandes et le classeur des décisions d'une séance."""
    from operations.commission.seances import preparer as operation

    bilan = operation(contexte(), seance)
    typer.echo(bilan.phrase)
    for chemin in bilan.chemins:
        typer.echo(str(chemin))


def decider(
    seance: Seance,
    reference: Reference,
    sens: Annotated[SensDecision, typer.Argument(help="accord, refus ou ajournement.")],
    par: Par,
    montant: Annotated[str, typer.Option(help="Montant accordé, en euros.")] = "",
    motif: Annotated[str, typer.Option("--motif", help="Pourquoi : le partenaire le lira.")] = "",
) -> None:
    """Enregistrer ce qu'une séance a décidé d'une demande, et l'annoncer au partenaire."""
    from operations.commission.decisions import decider as operation

    centimes = _montant(montant, "--montant") if montant else None
    bilan = operation(contexte(), seance, reference, sens, par, montant_centimes=centimes, motif=motif)
    typer.echo(f"{reference} : {bilan.sens}. {bilan.suite} {bilan.courriels} courriel(s) à envoyer.")


def saisir(
    seance: Seance,
    fichier: Annotated[Path, typer.Argument(help="Le classeur de la séance, rempli.")],
    par: Par,
    appliquer: Appliquer = False,
) -> None:
    """Enregistrer les décisions d'un classeur rempli : toutes, ou aucune s'il y a une faute. Sinon, un aperçu."""
    from operations.commission.decisions import decider_seance

    bilan = decider_seance(contexte(), seance, fichier, par, appliquer=appliquer)
    _montrer_les_fautes(bilan.fautes)
    for d in bilan.decisions:
        montant = "" if d.montant_centimes is None else f", {formater_euros(d.montant_centimes)}"
        typer.echo(f"{d.reference} : {d.sens}{montant}{'' if d.nouvelle else ' (déjà enregistrée)'}")
    typer.echo(f"{len(bilan.decisions)} décision(s), {formater_euros(bilan.accorde_centimes)} accordés.")
    if bilan.sans_decision:
        typer.echo(f"Sans décision : {', '.join(bilan.sans_decision)}.")
    if not bilan.applique:
        typer.echo("Aperçu : relancez avec --appliquer.")


def inscrire(
    seance: Seance,
    reference: Reference,
    par: Par,
    motif: Annotated[str, typer.Option("--motif", help="Pourquoi, pour le journal.")],
) -> None:
    """Inscrire une demande complète à un ordre du jour arrêté : pièces venues à temps mais saisies après, urgence."""
    from operations.commission.inscriptions import inscrire as operation

    typer.echo(operation(contexte(), seance, reference, par, motif).message)


def annuler(
    seance: Seance,
    reference: Reference,
    par: Par,
    motif: Annotated[str, typer.Option("--motif", help="Ce qui s'est passé : qui a lu la décision le lira.")],
) -> None:
    """Annuler une décision enregistrée par erreur, avant sa convention : la demande est de nouveau à décider."""
    from operations.commission.annulations import annuler as operation

    typer.echo(operation(contexte(), seance, reference, par, motif).message)


def conventionner(
    reference: Reference,
    numero: Annotated[str, typer.Option(help="Numéro de la convention signée.")],
    du: Annotated[datetime, typer.Option(**JOUR, help="Premier jour du projet.")],
    au: Annotated[datetime, typer.Option(**JOUR, help="Dernier jour du projet.")],
    par: Par,
    siret: Annotated[str, typer.Option(help="SIRET, quand aucune structure du partenaire ne le dit.")] = "",
    commune: Annotated[str, typer.Option(help="Code Insee de la commune, de même.")] = "",
) -> None:
    """Enregistrer la convention d'une demande accordée : elle se paie alors comme les autres droits."""
    from operations.commission.engagements import ConventionPosee
    from operations.commission.engagements import conventionner as operation

    posee = ConventionPosee(numero, du.date(), au.date(), siret, commune)
    typer.echo(operation(contexte(), reference, posee, par).message)


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    commission = typer.Typer(
        help="La Commission d'action sociale : demandes, séances, décisions.", no_args_is_help=True
    )
    for commande in (
        deposer, importer, piece, retirer, lister, enveloppes, preparer, inscrire, decider, saisir, annuler,
        conventionner,
    ):  # fmt: skip
        commission.command()(commande)
    commission.command("refuser-piece")(refuser_piece)
    application.add_typer(commission, name="commission")
