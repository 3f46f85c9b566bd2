"""What the team reads of a simulation, in Markdown: envelopes the drawings of the page, movers, unknown rights."""

from base64 import b64encode
from collections.abc import Iterable

from echanges.simulation import dessins
from operations.simulation import BilanSimulation, en_valeurs
from regles.monnaie import formater_euros
from regles.simulation import Enveloppe, LigneSimulation, formater_ecart, formater_variation
from tasks.textes import LIGNES_MONTREES, liste, proteger, tableau

DESSINS = ("Enveloppe de chaque prestation, avant et après", "Nombre de structures selon la différence de leur droit")


def synthese(bilan: BilanSimulation, chemins: Iterable[str]) -> str:
    """Say what was tried and what it changes."""
    parties = [
        f"**{bilan.mention}** : une question posée au calcul, rien de plus. Aucun de ces montants n’est dû ni payé.\n",
        f"# Et si… l’enveloppe {bilan.hypotheses.exercice}",
        *liste("Ce qui est essayé", [f"{quoi} : {avant} → {apres}" for quoi, avant, apres in bilan.essais]),
    ]
    if bilan.sans_effet:
        parties.append(f"\nSans effet, aucun de ces droits ne s’appuie sur : {proteger(', '.join(bilan.sans_effet))}.")
    enveloppes = [*bilan.enveloppes, bilan.total]
    parties += [
        f"\n## {len(bilan.lignes)} déclaration(s)\n",
        tableau(("Prestation", "Structures", "Avant", "Après", "Différence", "En %"), map(_rangee, enveloppes)),
        *map(_image, dessins(en_valeurs(bilan)), DESSINS),
    ]
    if bilan.mouvements:
        montrees = bilan.mouvements[:LIGNES_MONTREES]
        parties += [
            f"\n## Les plus grands mouvements ({len(montrees)} sur {len(bilan.mouvements)})\n",
            tableau(("Structure", "Avant", "Après", "Différence", "En %"), map(_mouvement, montrees)),
        ]
    if bilan.inconnues:
        parties += [
            f"\n## Droits inconnus, comptés dans aucun total ({len(bilan.inconnues)})\n",
            tableau(("Structure", "Ce qui manque"), map(_inconnue, bilan.inconnues)),
        ]
    if bilan.sans_declaration:
        parties.append(f"\nSans déclaration, donc absentes du calcul : {proteger(', '.join(bilan.sans_declaration))}.")
    parties += liste("À imprimer, à travailler", list(chemins))
    return "\n".join(parties)


def _rangee(enveloppe: Enveloppe) -> tuple[str, ...]:
    nom = enveloppe.prestation or "Total"
    if not enveloppe.structures:
        return nom, "0", "inconnu", "inconnu", "", ""
    return nom, str(enveloppe.structures), *_montants(enveloppe.avant_centimes, enveloppe.apres_centimes)


def _mouvement(ligne: LigneSimulation) -> tuple[str, ...]:
    montants = _montants(ligne.avant.centimes or 0, ligne.apres.centimes or 0)
    return f"{ligne.cas.structure} {ligne.cas.nom}", *montants


def _montants(avant: int, apres: int) -> tuple[str, ...]:
    return formater_euros(avant), formater_euros(apres), formater_ecart(apres - avant), formater_variation(avant, apres)


def _inconnue(ligne: LigneSimulation) -> tuple[str, str]:
    manque = dict.fromkeys([*ligne.avant.manque, *ligne.apres.manque])
    return f"{ligne.cas.structure} {ligne.cas.nom}", " ; ".join(manque)


def _image(svg: str, dit: str) -> str:
    """Embed a drawing: the UI shows a picture whose bytes are in its address."""
    return f"\n![{dit}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"
