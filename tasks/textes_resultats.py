"""What the team reads of the bank's answers, in Markdown: paid, rejected, to be looked at by a person."""

from operations.rapprochement import BilanRapprochement
from regles.monnaie import formater_euros
from tasks.textes import bandeau, liste, proteger, tableau

PAYEES_MONTREES = 30


def phrase(bilan: BilanRapprochement) -> str:
    """Say a file in one sentence."""
    ou = "" if bilan.ecrit else " (aperçu, rien n’est écrit)"
    return (
        f"« {bilan.fichier} » : {len(bilan.payees)} virement(s) payé(s), {formater_euros(bilan.total_paye_centimes)}, "
        f"{len(bilan.rejetees)} rejeté(s), {len(bilan.a_regarder)} à regarder{ou}."
    )


def page(bilan: BilanRapprochement, mention: str, execution: str, refus: str) -> str:
    """Say all that a file holds, and how to answer while nothing is written."""
    parties = [
        *bandeau(mention),
        f"# Résultats de la banque : {proteger(bilan.fichier)}",
        f"- Payés : **{len(bilan.payees)}**, {formater_euros(bilan.total_paye_centimes)}",
        f"- Rejetés, de nouveau dus : **{len(bilan.rejetees)}**",
        f"- À regarder par une personne : **{len(bilan.a_regarder)}**",
        f"- Déjà notés : {bilan.deja} ; en cours à la banque : {bilan.en_cours} ; sans résultat encore : "
        f"{bilan.attendues} ; crédits d’un autre objet : {bilan.autres_credits}",
        *liste("À regarder : rien n’est écrit pour eux", bilan.a_regarder),
    ]
    if bilan.rejetees:
        rejets = [(reference, formater_euros(centimes), code) for reference, centimes, code in bilan.rejetees]
        parties += ["\n## Rejetés\n", tableau(("Versement", "Montant", "Code de la banque"), rejets)]
    if bilan.payees:
        payes = [(reference, formater_euros(centimes)) for reference, centimes, _ in bilan.payees]
        parties += ["\n## Payés\n", tableau(("Versement", "Montant"), payes[:PAYEES_MONTREES])]
        if payes[PAYEES_MONTREES:]:
            parties.append(f"\n… et {len(payes) - PAYEES_MONTREES} autre(s).")
    if bilan.ecrit:
        return "\n".join([*parties, f"\nÉcrit. Avis de paiement à envoyer : {bilan.courriels}."])
    return "\n".join([*parties, *_votre_decision(bilan, execution, refus)])


def _votre_decision(bilan: BilanRapprochement, execution: str, refus: str) -> list[str]:
    if not bilan.payees and not bilan.rejetees:
        return ["\nRien à écrire."]
    return [
        "\n## Votre décision\n",
        f"**La dernière réponse n’a pas été retenue** : {proteger(refus)}\n" if refus else "",
        f"Rien n’est écrit. Ouvrez [cette exécution](/runs/flow-run/{execution}), puis **Resume** en haut à droite "
        f"(dans le menu **⋮** si la fenêtre est étroite). Empreinte du fichier : `{bilan.sha256}`.",
    ]


def rappel_de_l_apercu(bilan: BilanRapprochement, par: str, refus: str) -> str:
    """Say a preview in a few lines, above the form."""
    return "\n".join(
        [
            *([f"**Réponse précédente non retenue** : {proteger(refus)}\n"] if refus else []),
            f"{proteger(phrase(bilan))}\n",
            f"Réponse de **{proteger(par)}**. Tout est dans l’onglet « Artifacts » de cette exécution.",
        ]
    )
