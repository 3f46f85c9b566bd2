"""The command of the rappels: the list before and after, a workbook, and the confirmation of the very list read."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commandes.codes import demander_code
from operations.contexte import ActeRefuse, contexte
from regles.dates import en_chiffres
from regles.monnaie import formater_euros

if TYPE_CHECKING:
    from operations.rappels import BilanRappels
    from regles.rappels import LigneRappel, ListeRappels

LARGEUR = 110


def rappels(
    exercices: Annotated[list[int], typer.Argument(metavar="AAAA…", help="Les exercices déjà payés : 2025 2026.")],
    prestation: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Une prestation (répétable ; défaut : toutes).")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="F.xlsx", help="Écrire aussi la liste dans un classeur.")] = None,
    confirmer: Annotated[str, typer.Option(metavar="EMPREINTE", help="Confirmer la liste de cette empreinte.")] = "",
    par: Annotated[str, typer.Option(help="Votre identifiant (config/reglages.yaml, equipe).")] = "",
    motif: Annotated[str, typer.Option(help="Quelle publication a été lue : écrit au journal.")] = "",
) -> None:
    """Recalculer les droits déjà payés avec ce qui est connu aujourd'hui : la liste, puis, confirmée, les dus."""
    from operations.rappels import calculer_rappels, confirmer_rappels

    if confirmer:
        bilan = confirmer_rappels(
            contexte(), exercices, confirmer, par, motif, prestations=prestation or (), code=demander_code(par)
        )
        typer.echo("\n".join(_suite(bilan)))
        return
    liste = calculer_rappels(contexte(), exercices, prestations=prestation or ())
    typer.echo("\n".join(_recit(liste)))
    if xlsx:
        _ecrire(liste, xlsx)


def _ecrire(liste: "ListeRappels", fichier: Path) -> None:
    from echanges.rappels import rappels_xlsx

    try:
        fichier.write_bytes(rappels_xlsx(liste))
    except OSError:
        raise ActeRefuse(f"« {fichier} » ne s'écrit pas : vérifiez le chemin et les droits d'accès.") from None
    typer.echo(f"Écrit : {fichier}")


def _recit(liste: "ListeRappels") -> Iterator[str]:
    from regles.simulation import formater_ecart

    if liste.mention:
        yield liste.mention
    annees = ", ".join(map(str, liste.exercices))
    suite = f" ({', '.join(liste.prestations)})" if liste.prestations else ""
    changees, intactes = len(liste.changees), len(liste.lignes) - len(liste.changees)
    yield f"Rappels {annees}{suite}, barème connu le {en_chiffres(liste.connu_le)} : {changees} droit(s) à revoir."
    if liste.mouvements:
        yield "\nCe qui a bougé"
        for exercice, mouvement, nombre in liste.mouvements:
            yield from _plier(f"  {exercice}  {mouvement}, {nombre} droit(s)", "        ")
    if changees:
        yield "\n" + _rangee("Structure", "Droit payé", "Avant", "Après", "Différence", "À payer")
        yield from map(_ligne, liste.changees)
    for ligne in liste.changees:
        if not ligne.mouvements or ligne.hors_bareme:
            yield from _plier(f"  {ligne.structure} : {ligne.motif}", "    ")
    yield "\n" + _rangee(
        f"Total, dont {intactes} inchangé(s)",
        "",
        formater_euros(liste.avant_centimes),
        formater_euros(liste.apres_centimes),
        formater_ecart(liste.difference_centimes),
        formater_euros(liste.a_payer_centimes),
    )
    if liste.a_recouvrer_centimes:
        yield f"À recouvrer : {formater_euros(liste.a_recouvrer_centimes)}."
    yield from _a_part(liste)
    if changees:
        yield f"\nEmpreinte de cette liste :\n{liste.empreinte}"
        yield 'Pour la confirmer, ajoutez à la même commande : --confirmer EMPREINTE --par VOUS --motif "…"'


def _rangee(nom: str, nature: str, avant: str, apres: str, difference: str, a_payer: str) -> str:
    return f"{nom:<27.27} {nature:<17} {avant:>15} {apres:>15} {difference:>15} {a_payer:>15}"


def _ligne(ligne: "LigneRappel") -> str:
    from echanges.simulation import NATURES
    from regles.simulation import formater_ecart

    return _rangee(
        f"{ligne.structure} {ligne.nom}",
        f"{ligne.exercice} {NATURES[ligne.nature]}",
        formater_euros(ligne.avant_centimes),
        formater_euros(ligne.apres_centimes),
        formater_ecart(ligne.difference_centimes),
        formater_ecart(ligne.signe_centimes) if ligne.montant_centimes else "rien",
    )


def _a_part(liste: "ListeRappels") -> Iterator[str]:
    if liste.a_part:
        yield f"\nÀ part, rien n'est écrit pour eux ({len(liste.a_part)})"
    for motif, structures in liste.motifs_a_part:
        yield from _plier(f"  {motif}", "    ")
        yield from _plier(f"    {', '.join(structures)}", "    ")


def _plier(texte: str, suite: str) -> list[str]:
    debut = texte[: len(texte) - len(texte.lstrip())]
    return textwrap.wrap(texte.lstrip(), LARGEUR, initial_indent=debut, subsequent_indent=suite)


def _suite(bilan: "BilanRappels") -> Iterator[str]:
    if bilan.deja_par:
        yield f"Liste déjà confirmée par {bilan.deja_par} : rien de plus n'est écrit."
        return
    yield f"{bilan.droits} droit(s) recalculé(s) ; les anciens restent comme ils étaient."
    for nature, (nombre, total) in sorted(bilan.dus.ecrits.items()):
        yield f"{nombre} {nature}(s) : {formater_euros(total)}."
    for etape in bilan.etapes:
        yield f"Ensuite : campagnes proposer {etape} --par VOUS"


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(rappels)
