"""What the team reads in artifacts: Markdown built from plain values. Names of structures only, never a child."""

import re
import textwrap
from collections.abc import Iterable, Sequence

from operations.courriels import BilanEnvoi
from operations.droits import BilanDroits
from operations.dus import BilanDus
from operations.exports import ExportFait, dire_les_alteres
from operations.lots import LigneResume, ResumeLot
from operations.reception import BilanReception
from operations.suivi import Avancement
from operations.virements import SANS_COMPTE
from regles.calendrier import PARIS
from regles.etats import EtatDepot, EtatLot, NatureVersement
from regles.monnaie import formater_euros

LIGNES_MONTREES = 10
ECARTS_MONTRES = 3
LARGEUR_DES_RAISONS = 70
LIBELLES_DES_DUS = {
    NatureVersement.ACOMPTE: "Acomptes préparés",
    NatureVersement.SOLDE: "Soldes préparés",
    NatureVersement.RAPPEL: "Rappels préparés",
    NatureVersement.INDU: "Indus à recouvrer",
}
COLONNES_DU_SUIVI = ("Structure", "État", "Reçu le", "Alertes", "Gestionnaire", "Territoire")
_SPECIAUX = re.compile(r"([\\`*_\[\]<>|#~])")


def proteger(texte: str) -> str:
    """Neutralise what Markdown or HTML would make of a name."""
    return _SPECIAUX.sub(r"\\\1", texte).replace("\n", " ")


def plier(texte: str, largeur: int) -> str:
    """Break a text into lines: the UI never breaks a cell, and one too long pushes the next columns off the screen."""
    return textwrap.fill(texte, largeur, break_long_words=False, break_on_hyphens=False)


def tableau(colonnes: Sequence[str], lignes: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; cells are protected, and keep their line breaks."""
    rangees = [f"| {' | '.join(map(cellule, ligne))} |" for ligne in lignes]
    return "\n".join([f"| {' | '.join(colonnes)} |", f"|{' --- |' * len(colonnes)}", *rangees])


def cellule(texte: str) -> str:
    """Write a cell of a Markdown table: protected, its line breaks kept."""
    return "<br>".join(map(proteger, texte.splitlines()))


def bandeau(mention: str) -> list[str]:
    """Give the line that says figures are not real, or nothing."""
    return [f"**{mention}** : réseau et montants inventés.\n"] if mention else []


def synthese(avancement: Avancement, limite: str, suite: str, detail: str) -> str:
    """Say where a step stands: figures, deadline, what comes next, who owes; `detail` is the id of the full table."""
    absentes = [ligne for ligne in avancement.lignes if ligne["rang"] in {"0", "1"}]
    parties = [
        *bandeau(avancement.mention),
        f"# {proteger(avancement.libelle)} : {avancement.recues} reçus sur {avancement.attendues}",
        f"- Validées : **{avancement.validees}**",
        f"- Manquantes : **{avancement.manquantes}**, dont {avancement.refusees} à corriger par le partenaire",
        f"- Courriels envoyés : **{avancement.courriels_envoyes}**",
        f"- Limite : **{limite}**" + (" — **dépassée**" if avancement.en_retard else ""),
        f"- Ensuite : {suite}",
    ]
    if absentes:
        parties += [
            "\n## Ce qui manque\n",
            tableau(
                ("Structure", "Gestionnaire", "Territoire", "État"),
                [(a["Structure"], a["Gestionnaire"], a["Territoire"], a["État"]) for a in absentes],
            ),
        ]
    parties.append(f"\nLe détail, structure par structure : [le tableau](/artifacts/artifact/{detail}).")
    return "\n".join(parties)


def lignes_du_suivi(avancement: Avancement) -> list[dict[str, str]]:
    """Give the rows of the follow-up table; what calls for an act stands before the columns that scroll."""
    return [{colonne: ligne[colonne] for colonne in COLONNES_DU_SUIVI} for ligne in avancement.lignes]


def lignes_de_reception(bilan: BilanReception) -> list[dict[str, str]]:
    """Give what became of each file of a reception, those that call for a person first."""
    return [
        {
            "Structure": ligne.structure or "inconnue",
            "Fichier": ligne.etat.value,
            "En retard": "oui" if ligne.en_retard else "",
            "Résumé": ligne.resume,
            "À reprendre": ligne.a_reprendre,
        }
        for ligne in sorted(bilan.lignes, key=lambda li: (not li.a_reprendre, li.etat is EtatDepot.ACCEPTE))
    ]


def droits(bilan: BilanDroits, libelle: str, mention: str) -> str:
    """Say the rights of a step; simulations apart, with the parameter that makes them so."""
    payables = [ligne for ligne in bilan.lignes if ligne.payable]
    simulations = [ligne for ligne in bilan.lignes if not ligne.payable]
    parties = [
        *bandeau(mention),
        f"# Droits : {proteger(libelle)}",
        f"{len(payables)} droit(s) payable(s), total **{formater_euros(bilan.total_centimes)}** "
        f"({bilan.nouveaux} nouveau(x) à cette exécution).\n",
        tableau(
            ("Structure", "Droit"),
            [(f"{li.structure} {li.nom}", formater_euros(li.montant_centimes or 0)) for li in payables],
        ),
    ]
    if simulations:
        parties += [
            "\n## Simulations : montrées, jamais payables\n",
            tableau(
                ("Structure", "Pourquoi"),
                [(f"{li.structure} {li.nom}", plier(" ; ".join(li.motifs), LARGEUR_DES_RAISONS)) for li in simulations],
            ),
        ]
    return "\n".join(parties)


def dus(bilan: BilanDus) -> str:
    """Say what was prepared from the rights."""
    parties = [
        *(
            f"- {LIBELLES_DES_DUS[nature]} : **{nombre}**, {formater_euros(total)}"
            for nature, (nombre, total) in sorted(bilan.ecrits.items())
        ),
        f"- Droits non payables : **{len(bilan.refus)}**",
    ]
    if bilan.refus:
        raisons = [(f"{r.structure} {r.nom}", plier(" ; ".join(r.motifs), LARGEUR_DES_RAISONS)) for r in bilan.refus]
        parties += ["", tableau(("Structure", "Pourquoi"), raisons)]
    return "\n".join(parties)


def lot(resume: ResumeLot) -> str:
    """Present a frozen batch to the person who signs, and say where the answer is given."""
    par_montant = sorted(resume.lignes, key=lambda ligne: -ligne.montant_centimes)
    alertes = sum(bool(ligne.alertes) for ligne in resume.lignes)
    parties = [
        *bandeau(resume.mention),
        f"# Lot {resume.numero} : {resume.nombre} versement(s), {formater_euros(resume.total_centimes)}",
        f"Proposé par **{proteger(resume.propose_par)}** le {resume.propose_le.astimezone(PARIS):%d/%m/%Y à %H:%M}"
        + (f", ordonnancé par **{proteger(resume.ordonne_par)}**" if resume.ordonne_par else "")
        + ". Le lot est figé : seule une suspension en retire une ligne.\n",
        f"{alertes} ligne(s) dont la déclaration portait des alertes, acceptées avec un motif.\n" if alertes else "",
        _ecarts(resume),
        _comptes_nouveaux(resume),
        _lignes_du_lot(par_montant[:LIGNES_MONTREES]),
    ]
    reste = par_montant[LIGNES_MONTREES:]
    if reste:
        parties.append(f"\n… et {len(reste)} autre(s), {formater_euros(sum(li.montant_centimes for li in reste))}.")
    return "\n".join(parties)


def _lignes_du_lot(lignes: Sequence[LigneResume]) -> str:
    """Write the table one signs on: what is paid, to which account and what was noticed before what explains it."""
    retenues = any(ligne.retenue_centimes for ligne in lignes)
    return tableau(
        ("Structure", "À verser", "Compte", "Alertes", "Droit", *(("Dû", "Indu retenu") if retenues else ("Nature",))),
        [
            (
                f"{ligne.structure} {ligne.nom}\n{ligne.gestionnaire}",
                formater_euros(ligne.montant_centimes),
                "nouveau" if ligne.compte_nouveau else "",
                str(ligne.alertes or ""),
                formater_euros(ligne.droit_centimes),
                *((_du(ligne), _retenue(ligne)) if retenues else (ligne.nature.value,)),
            )
            for ligne in lignes
        ],
    )


def _du(ligne: LigneResume) -> str:
    return f"{ligne.nature} {formater_euros(ligne.du_centimes)}"


def _retenue(ligne: LigneResume) -> str:
    return formater_euros(ligne.retenue_centimes) if ligne.retenue_centimes else ""


def _ecarts(resume: ResumeLot) -> str:
    """Name the biggest changes since the last payment of the same kind."""
    dits = [
        f"{proteger(li.structure)} {formater_euros(li.montant_centimes)} au lieu de "
        f"{formater_euros(li.precedent_centimes or 0)}"
        for li in resume.ecarts[:ECARTS_MONTRES]
    ]
    reste = len(resume.ecarts) - len(dits)
    suite = f", et {reste} autre(s)" if reste > 0 else ""
    return f"**Plus gros écarts avec le versement précédent** : {' ; '.join(dits)}{suite}.\n" if dits else ""


def _comptes_nouveaux(resume: ResumeLot) -> str:
    """Name the structures paid for the first time to an account, wherever they stand in the batch."""
    if not resume.comptes_nouveaux:
        return ""
    return (
        f"**Premier versement à ce compte** : {', '.join(map(proteger, resume.comptes_nouveaux))}. Le contre-appel de "
        "chacun est noté avec sa confirmation (`campagnes coordonnees lister`).\n"
    )


def demande_de_decision(resume: ResumeLot, execution: str) -> str:
    """Add to the batch how to answer, and why the last answer was turned down."""
    parties = [lot(resume), "\n## Votre décision\n"]
    if resume.dernier_refus:
        parties.append(f"**La dernière réponse n’a pas été retenue** : {proteger(resume.dernier_refus)}\n")
    parties.append(
        f"Ouvrez [cette exécution](/runs/flow-run/{execution}), puis **Resume** en haut à droite (dans le menu **⋮** "
        f"si la fenêtre est étroite) : le formulaire demande votre décision, votre identifiant et, si vous en avez un, "
        f"votre code personnel. {_qui_signe(resume)} Trois personnes différentes signent un lot : la base de données "
        "refuse qu’une même personne signe deux fois."
    )
    return "\n".join(parties)


def _qui_signe(resume: ResumeLot) -> str:
    """Say which signature is awaited, and whose it cannot be."""
    if resume.etat is EtatLot.PROPOSE:
        return f"À **ordonnancer** par quelqu’un d’autre que {proteger(resume.propose_par)}."
    return (
        f"Ordonnancé par {proteger(resume.ordonne_par or '')} : à **viser** par une troisième personne, à la direction "
        "comptable et financière."
    )


def rappel_du_code(par: str, quoi: str, refus: str) -> str:
    """Say whose code is asked for, before what, and why the last one was turned down."""
    dernier = f"**Réponse précédente non retenue** : {proteger(refus)}\n\n" if refus else ""
    return f"{dernier}{proteger(quoi)} par **{proteger(par)}** : tapez votre code personnel."


def rappel_du_lot(resume: ResumeLot) -> str:
    """Say a batch in a few lines, above the form: why the last answer was turned down, how much, whose turn it is."""
    premiere = max(resume.lignes, key=lambda ligne: ligne.montant_centimes)
    alertes = sum(bool(ligne.alertes) for ligne in resume.lignes)
    return "\n".join(
        [
            *bandeau(resume.mention),
            f"**Réponse précédente non retenue** : {proteger(resume.dernier_refus)}\n" if resume.dernier_refus else "",
            f"**{formater_euros(resume.total_centimes)}** en **{resume.nombre} versement(s)**, proposés par "
            f"**{proteger(resume.propose_par)}** (lot {resume.numero}, figé). {_qui_signe(resume)}\n",
            f"Le plus élevé : {formater_euros(premiere.montant_centimes)}, {proteger(premiere.nom)}. "
            "Tout le lot est dans l’onglet « Artifacts » de cette exécution.\n",
            _ecarts(resume),
            _comptes_nouveaux(resume),
            f"**{alertes}** ligne(s) dont la déclaration portait des alertes.\n" if alertes else "",
        ]
    )


def export(resume: ResumeLot, faits: Sequence[ExportFait]) -> str:
    """Say what was exported, so that finance can check the bytes it received."""
    fichiers = [(fait.chemin.name, fait.sha256) for fait in faits]
    return "\n".join(
        [
            *bandeau(resume.mention),
            f"# Lot {resume.numero} visé : {formater_euros(resume.total_centimes)}",
            f"{resume.nombre} versement(s), proposés par **{proteger(resume.propose_par)}**, ordonnancés par "
            f"**{proteger(resume.ordonne_par or '')}**, visés par **{proteger(resume.decide_par or '')}**.\n",
            tableau(("Fichier", "sha256"), fichiers),
            f"\n**{proteger(alteres)}**" if (alteres := dire_les_alteres(faits)) else "",
            f"\n{SANS_COMPTE}" if resume.total_centimes and "xml" not in {fait.format for fait in faits} else "",
            f"\nDossier : `{faits[0].chemin.parent}`" if faits else "",
        ]
    )


def refus(resume: ResumeLot) -> str:
    """Say that a batch was turned down."""
    return "\n".join(
        [
            *bandeau(resume.mention),
            f"# Lot {resume.numero} refusé : {formater_euros(resume.total_centimes)}",
            f"Refusé par **{proteger(resume.decide_par or '')}** : {proteger(resume.motif)}\n",
            "Ses versements sont de nouveau dus : une nouvelle proposition peut les reprendre.",
        ]
    )


def envoi(bilan: BilanEnvoi) -> str:
    """Say what became of the outbox; nothing when it was empty."""
    comptes = (
        (bilan.envoyes, "envoyé(s)"),
        (bilan.reunis, "parti(s) dans le courriel d’une autre campagne"),
        (bilan.reportes, "reporté(s) au prochain jour"),
        (bilan.sans_objet, "devenu(s) sans objet"),
        (bilan.a_reessayer, "à réessayer"),
        (bilan.refuses, "refusé(s)"),
        (bilan.a_verifier, "à vérifier par quelqu’un"),
    )
    dits = ", ".join(f"{nombre} {quoi}" for nombre, quoi in comptes if nombre)
    return f"Courriels : {dits}." if dits else ""


def liste(titre: str, phrases: Sequence[str]) -> list[str]:
    """Write a titled list, or nothing when there is nothing to say."""
    return [f"\n## {titre}\n", *(f"- {proteger(phrase)}" for phrase in phrases)] if phrases else []
