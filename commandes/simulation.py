"""The command that asks « et si »: rights before and after other hypotheses. It writes only the files asked for."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commandes.baremes import Json, lire_bareme, lire_jour

if TYPE_CHECKING:
    from operations.simulation import BilanSimulation, Hypotheses
    from regles.simulation import Enveloppe, LigneSimulation

MONTRES = 10
LARGEUR = 100
Liste = list[str] | None


def simuler(
    exercice: Annotated[int | None, typer.Option(metavar="AAAA", help="L'exercice des déclarations.")] = None,
    prestation: Annotated[
        Liste, typer.Option(metavar="CODE", help="Une prestation (répétable ; défaut : toutes).")
    ] = None,
    structure: Annotated[
        Liste, typer.Option(metavar="CODE", help="Une structure (répétable ; défaut : toutes).")
    ] = None,
    parametre: Annotated[
        Liste, typer.Option(metavar="CLE=VALEUR", help="Une autre valeur du barème : rpe.plafond=72000 (répétable).")
    ] = None,
    reponse: Annotated[
        Liste,
        typer.Option(
            metavar="CLE=VALEUR|+3%",
            help="Une autre réponse : heures_facturees=+3%, taux_facturation=1.12 (répétable).",
        ),
    ] = None,
    bareme: Annotated[int | None, typer.Option(metavar="AAAA", help="Le barème d'un autre exercice.")] = None,
    connu_le: Annotated[str, typer.Option(metavar="AAAA-MM-JJ", help="Avec ce qui était connu ce jour-là.")] = "",
    fichier: Annotated[
        str, typer.Option(metavar="D.json", help="Les réponses d'une structure, comme pour « calculer » ; sans base.")
    ] = "",
    sortie: Annotated[
        Path | None, typer.Option(metavar="DOSSIER", help="Écrire aussi une page et un classeur.")
    ] = None,
    en_json: Json = False,
) -> None:
    """Essayer d'autres hypothèses sur un exercice : les droits avant et après. Rien de réel n'est touché."""
    from operations.simulation import Hypotheses, ecrire_fichiers, en_valeurs, lire_saisies

    hypotheses = Hypotheses(
        exercice=exercice or 0,
        prestations=tuple(prestation or ()),
        structures=tuple(structure or ()),
        parametres=lire_saisies("--parametre", parametre or ()),
        reponses=lire_saisies("--reponse", reponse or ()),
        bareme=bareme,
        connu_le=lire_jour(connu_le) if connu_le else None,
    )
    bilan = _du_fichier(fichier, hypotheses) if fichier else _de_la_base(hypotheses)
    chemins = ecrire_fichiers(bilan, sortie) if sortie else ()
    if en_json:
        typer.echo(json.dumps(en_valeurs(bilan), ensure_ascii=False, indent=2))
        return
    typer.echo("\n".join([*_recit(bilan), *(f"Écrit : {chemin}" for chemin in chemins)]))


def _de_la_base(hypotheses: "Hypotheses") -> "BilanSimulation":
    from operations.contexte import ActeRefuse, contexte
    from operations.simulation import simuler as operation

    if not hypotheses.exercice:
        raise ActeRefuse("Dites l'exercice des déclarations : --exercice 2026 (ou --fichier D.json).")
    return operation(contexte(), hypotheses, suivi=_suivre if sys.stderr.isatty() else None)


def _du_fichier(fichier: str, hypotheses: "Hypotheses") -> "BilanSimulation":
    from dataclasses import replace

    from commandes.calcul import lire_fichier
    from operations.contexte import ActeRefuse
    from operations.simulation import simuler_demande
    from schemas.calcul import lire_demande, lire_json
    from schemas.configuration.yaml_strict import lire_yaml

    if hypotheses.prestations or hypotheses.structures:
        raise ActeRefuse("Un fichier ne dit qu'une structure : retirez --prestation et --structure.")
    chemin = Path(fichier)
    demande = lire_demande(
        lire_yaml(chemin)[0] if chemin.suffix in {".yaml", ".yml"} else lire_json(lire_fichier(fichier))
    )
    if hypotheses.exercice not in {0, demande.exercice}:
        raise ActeRefuse(
            f"Le fichier déclare l'exercice {demande.exercice}, pas {hypotheses.exercice} (autre barème : --bareme)."
        )
    ici, mention = lire_bareme()
    return simuler_demande(ici, mention, demande, replace(hypotheses, exercice=demande.exercice), lire_jour(""))


def _suivre(fait: int, total: int) -> None:
    if fait % 20 == 0 or fait == total:
        typer.echo(f"\r{fait} / {total} structures", nl=fait == total, err=True)


def _recit(bilan: "BilanSimulation") -> list[str]:
    lignes = [bilan.mention, *_plier(f"Et si… exercice {bilan.hypotheses.exercice} : {_base(bilan)}"), ""]
    for quoi, avant, apres in bilan.essais:
        lignes += _plier(f"{quoi} : {avant} → {apres}", 2)
    if bilan.sans_effet:
        lignes += _plier(f"Sans effet, aucun de ces droits ne s'appuie sur : {', '.join(bilan.sans_effet)}.", 2)
    lignes += ["", _rangee("Prestation", "Structures", "Avant", "Après", "Différence", "En %")]
    lignes += [_enveloppe(enveloppe.prestation, enveloppe) for enveloppe in bilan.enveloppes]
    lignes += [_enveloppe("Total", bilan.total)]
    if bilan.mouvements:
        lignes += [
            "",
            f"Les plus grands mouvements ({min(MONTRES, len(bilan.mouvements))} sur {len(bilan.mouvements)})",
        ]
        lignes += [_mouvement(ligne) for ligne in bilan.mouvements[:MONTRES]]
    if bilan.inconnues:
        lignes += ["", f"Droits inconnus, comptés dans aucun total ({len(bilan.inconnues)})"]
        for ligne in bilan.inconnues:
            lignes += _inconnue(ligne)
    if bilan.sans_declaration:
        lignes += ["", *_plier(f"Sans déclaration, donc absentes du calcul : {', '.join(bilan.sans_declaration)}.")]
    return lignes


def _base(bilan: "BilanSimulation") -> str:
    from collections import Counter

    from echanges.simulation import NATURES

    natures = Counter(ligne.cas.nature for ligne in bilan.lignes)
    detail = ", ".join(f"{nombre} {NATURES[nature]}" for nature, nombre in natures.most_common())
    recues = sum(ligne.cas.recue for ligne in bilan.lignes)
    suite = f", dont {recues} à valider" if recues else ""
    return f"{len(bilan.lignes)} déclaration(s) ({detail}{suite}), barème connu le {bilan.connu_avant:%d/%m/%Y}"


def _plier(texte: str, retrait: int = 0) -> list[str]:
    import textwrap

    marge = " " * retrait
    return textwrap.wrap(texte, LARGEUR, initial_indent=marge, subsequent_indent=f"{marge}    ")


def _rangee(nom: str, structures: str, avant: str, apres: str, difference: str, part: str) -> str:
    return f"{nom:<20.20} {structures:>10} {avant:>19} {apres:>19} {difference:>17} {part:>9}"


def _enveloppe(nom: str, enveloppe: "Enveloppe") -> str:
    from regles.monnaie import formater_euros
    from regles.simulation import formater_ecart, formater_variation

    if not enveloppe.structures:
        return _rangee(nom, "0", "inconnu", "inconnu", "", "")
    avant, apres = enveloppe.avant_centimes, enveloppe.apres_centimes
    return _rangee(
        nom,
        str(enveloppe.structures),
        formater_euros(avant),
        formater_euros(apres),
        formater_ecart(apres - avant),
        formater_variation(avant, apres),
    )


def _mouvement(ligne: "LigneSimulation") -> str:
    from regles.monnaie import formater_euros
    from regles.simulation import formater_ecart, formater_variation

    avant, apres = ligne.avant.centimes or 0, ligne.apres.centimes or 0
    nom = f"{ligne.cas.structure} {ligne.cas.nom}"
    ecart = f"{formater_ecart(apres - avant):>17} {formater_variation(avant, apres):>9}"
    return f"{nom:<31.31} {formater_euros(avant):>19} {formater_euros(apres):>19} {ecart}"


def _inconnue(ligne: "LigneSimulation") -> list[str]:
    lignes = [f"  {ligne.cas.structure} {ligne.cas.nom}"]
    for quand, resultat in (("avant", ligne.avant), ("après", ligne.apres)):
        if resultat.centimes is None:
            lignes += _plier(f"{quand} : {' ; '.join(resultat.manque)}", 4)
    return lignes


def ajouter(application: typer.Typer) -> None:
    """Register this command."""
    application.command()(simuler)
