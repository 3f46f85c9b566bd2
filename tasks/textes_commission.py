"""What the team reads of a sitting in artifacts."""

from echanges.commission import EnveloppeEtudiee
from operations.commission.decisions import BilanSaisie
from operations.commission.seances import BilanSeance
from regles.monnaie import formater_euros
from tasks.textes import bandeau, proteger, tableau


def ordre_du_jour(bilan: BilanSeance) -> str:
    """Say the agenda of a sitting by envelope, and where its documents are."""
    d = bilan.dossier
    parties = [
        *bandeau(d.mention),
        f"# {proteger(d.libelle)}",
        f"Séance : **{proteger(d.quand)}**. {proteger(bilan.phrase)}\n",
    ]
    for enveloppe in d.enveloppes:
        parties += _enveloppe(enveloppe)
    parties.append("\n## Documents\n")
    parties += [f"- [{proteger(chemin.name)}]({chemin.as_uri()}) : `{chemin}`" for chemin in bilan.chemins]
    return "\n".join(parties)


def _enveloppe(e: EnveloppeEtudiee) -> list[str]:
    reste = "inconnu" if e.reste_centimes is None else formater_euros(e.reste_centimes)
    lignes = [
        (
            x.reference,
            x.partenaire,
            x.objet,
            formater_euros(x.demande_centimes),
            ", ".join(x.manquantes) or "complet",
            x.decision or x.etat,
        )
        for x in e.demandes
    ]
    return [
        f"\n## {proteger(e.libelle)} {e.exercice}\n",
        f"Reste avant la séance : **{reste}** ({e.certitude}) ; demandé : **{formater_euros(e.demande_centimes)}**.\n",
        tableau(("Demande", "Partenaire", "Objet", "Demandé", "Pièces manquantes", "Où elle en est"), lignes),
    ]


def saisie(bilan: BilanSaisie, mention: str) -> str:
    """Say what a filled workbook decides, cell by cell when something is wrong."""
    titre = "Décisions enregistrées" if bilan.applique else "Décisions relues : rien n’est écrit"
    parties = [*bandeau(mention), f"# {titre}"]
    if bilan.fautes:
        parties += ["\n## À corriger\n", tableau(("Cellule", "Quoi"), [(f.cellule, f.message) for f in bilan.fautes])]
    lignes = [
        (
            d.reference,
            d.sens.value,
            "" if d.montant_centimes is None else formater_euros(d.montant_centimes),
            d.suite,
        )
        for d in bilan.decisions
    ]
    parties += [
        f"\n{len(lignes)} décision(s), **{formater_euros(bilan.accorde_centimes)}** accordés.\n",
        tableau(("Demande", "Décision", "Montant", "Ensuite"), lignes),
    ]
    if bilan.sans_decision:
        parties.append(f"\nSans décision : {', '.join(bilan.sans_decision)}.")
    return "\n".join(parties)
