"""What the team reads of the rappels, in Markdown: what moved, each right before and after, totals, what is apart."""

from echanges.simulation import NATURES
from operations.rappels import BilanRappels
from regles.monnaie import formater_euros
from regles.rappels import LigneRappel, ListeRappels
from regles.simulation import formater_ecart
from tasks.textes import LIBELLES_DES_DUS, liste, proteger, tableau

COLONNES = ("Structure", "Droit payé", "Avant", "Après", "Différence", "À payer (− : à recouvrer)", "Pourquoi")


def titre(rappels: ListeRappels) -> str:
    """« Rappels 2025, 2026 : 17 droit(s) à revoir, 35 402,10 € à payer »."""
    annees = ", ".join(map(str, rappels.exercices))
    return (
        f"Rappels {annees} : {len(rappels.changees)} droit(s) à revoir, "
        f"{formater_euros(rappels.a_payer_centimes)} à payer"
    )


def tout(rappels: ListeRappels) -> str:
    """Say the whole list: a person decides on it."""
    intacts = len(rappels.lignes) - len(rappels.changees)
    parties = [
        *_bandeau(rappels),
        f"# {titre(rappels)}\n",
        f"- Droits avant : **{formater_euros(rappels.avant_centimes)}**, après : "
        f"**{formater_euros(rappels.apres_centimes)}**, soit {formater_ecart(rappels.difference_centimes)}",
        f"- À payer : **{formater_euros(rappels.a_payer_centimes)}**",
        f"- À recouvrer : **{formater_euros(rappels.a_recouvrer_centimes)}**",
        f"- Droits payés que rien ne change : **{intacts}**",
        *liste(
            "Ce qui a bougé", [f"{annee} : {quoi}, {nombre} droit(s)" for annee, quoi, nombre in rappels.mouvements]
        ),
    ]
    if rappels.changees:
        parties += ["\n## Droit par droit\n", tableau(COLONNES, map(_rangee, rappels.changees))]
    a_part = [f"{motif} {', '.join(structures)}" for motif, structures in rappels.motifs_a_part]
    return "\n".join([*parties, *liste("À part : rien n’est écrit pour eux", a_part)])


def _bandeau(rappels: ListeRappels) -> list[str]:
    return [f"**{rappels.mention}** : réseau et montants inventés.\n"] if rappels.mention else []


def _rangee(ligne: LigneRappel) -> tuple[str, ...]:
    return (
        f"{ligne.structure} {ligne.nom}",
        f"{ligne.exercice} {NATURES[ligne.nature]}",
        formater_euros(ligne.avant_centimes),
        formater_euros(ligne.apres_centimes),
        formater_ecart(ligne.difference_centimes),
        formater_ecart(ligne.signe_centimes) if ligne.montant_centimes else "rien",
        ligne.motif,
    )


def demande_de_decision(rappels: ListeRappels, execution: str, refus: str) -> str:
    """Add to the list how to answer, and why the last answer was turned down."""
    if not rappels.changees:
        return tout(rappels)
    parties = [tout(rappels), "\n## Votre décision\n"]
    if refus:
        parties.append(f"**La dernière réponse n’a pas été retenue** : {proteger(refus)}\n")
    parties.append(
        f"Ouvrez [cette exécution](/runs/flow-run/{execution}), puis **Resume** en haut à droite (dans le menu **⋮** "
        f"si la fenêtre est étroite). Empreinte de cette liste : `{rappels.empreinte}`."
    )
    return "\n".join(parties)


def rappel_de_la_liste(rappels: ListeRappels, refus: str) -> str:
    """Say the list in a few lines, above the form."""
    return "\n".join(
        [
            *_bandeau(rappels),
            *([f"**Réponse précédente non retenue** : {proteger(refus)}\n"] if refus else []),
            f"**{formater_euros(rappels.a_payer_centimes)}** à payer et "
            f"**{formater_euros(rappels.a_recouvrer_centimes)}** à recouvrer pour **{len(rappels.changees)}** droit(s) "
            f"déjà payé(s) : {formater_euros(rappels.avant_centimes)} avant, {formater_euros(rappels.apres_centimes)} "
            "après.\n",
            *(f"- {annee} : {proteger(str(quoi))}" for annee, quoi, _ in rappels.mouvements),
            "\nToute la liste est dans l’onglet « Artifacts » de cette exécution.",
        ]
    )


def bilan(rappels: ListeRappels, ecrit: BilanRappels, par: str) -> str:
    """Say what the confirmation wrote, and what comes next."""
    return "\n".join(
        [
            tout(rappels),
            f"\n## Confirmés par {proteger(par)}\n",
            f"- Droits recalculés : **{ecrit.droits}** ; les anciens restent comme ils étaient",
            *(
                f"- {LIBELLES_DES_DUS[nature]} : **{nombre}**, {formater_euros(total)}"
                for nature, (nombre, total) in sorted(ecrit.dus.ecrits.items())
            ),
            *(f"- Ensuite : *Deployments*, `proposition`, étape {proteger(etape)}" for etape in ecrit.etapes),
        ]
    )
