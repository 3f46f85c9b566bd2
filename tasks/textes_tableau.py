"""The team's board in Markdown: campaigns, who is late, what each must do, amounts, indicators. Never a child."""

from collections.abc import Mapping, Sequence

from operations.indicateurs import Indicateur
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.synthese import Groupe, Tableau
from regles.dates import en_chiffres
from regles.monnaie import formater_euros
from tasks.textes import bandeau, cellule, plier, proteger, tableau

LIGNES_MONTREES = 10
TITRES = {
    Acteur.PARTENAIRE: "En retard chez les partenaires",
    Acteur.EQUIPE: "À faire par l’équipe",
    Acteur.FINANCE: "À faire par la finance",
}
COLONNES_A_FAIRE = ("Retard", "Quoi", "Structure ou partenaire", "À propos de", "Depuis", "Montant", "Territoire")
LARGEURS = (40, 24, 22)  # in characters: what, who and about what stand on one screen of 1500 pixels, as « Depuis »
LARGEUR_D_UNE_CAMPAGNE = 40
COLONNES_GROUPE = (
    "Structures",
    "Partenaires en retard",
    "Attendu des partenaires",
    "À faire à la Caf",
    "À proposer",
    "En lot",
    "Indus",
)


def tableau_de_bord(dresse: Tableau, campagnes: Sequence[Mapping[str, str]], liste: str) -> str:
    """Put the board on one page; `campagnes` are its open steps, `liste` the id of the whole list of what waits."""
    return "\n".join(
        [
            *bandeau(dresse.mention),
            f"# Tableau de bord au {en_chiffres(dresse.jour)}\n",
            f"**{dresse.phrase}**. [La liste entière](/artifacts/artifact/{liste}).\n",
            "Une campagne close n’attend plus le partenaire : l’équipe décide, et le retard se compte chez elle.\n",
            "## Campagnes en cours\n",
            *_campagnes(campagnes),
            *_affaires(Acteur.EQUIPE, dresse.pour(Acteur.EQUIPE), dresse),
            *_affaires(Acteur.FINANCE, dresse.pour(Acteur.FINANCE), dresse),
            *_affaires(Acteur.PARTENAIRE, dresse.retards(Acteur.PARTENAIRE), dresse),
            *_groupes("Par territoire", ("Territoire", "Téléphone"), dresse.territoires),
            *_groupes("Par prestation", ("Prestation",), dresse.prestations),
            *_indicateurs(dresse.indicateurs),
        ]
    )


def lignes_a_faire(dresse: Tableau) -> list[dict[str, str]]:
    """Give the rows of everything that waits, the latest first; what calls for an act stands before what scrolls."""
    return [
        {
            "Qui": affaire.acteur.value,
            **dict(zip(COLONNES_A_FAIRE, _cellules(affaire, dresse), strict=True)),
            "Contact": affaire.fiche.contact,
        }
        for affaire in dresse.affaires
    ]


def _campagnes(lignes: Sequence[Mapping[str, str]]) -> list[str]:
    rangees = [
        f"| {_lien(li['Campagne'], li['artefact'])} | {li['Reçus']} "
        f"| {li['Validés']} | {cellule(plier(li['Ensuite'], 26))} | {cellule(plier(li['Limite'], 24))} |"
        for li in lignes
    ]
    entete = ["| Campagne | Reçus | Validés | Ensuite | Limite |", "| --- | --- | --- | --- | --- |"]
    return [*entete, *rangees] if lignes else ["Aucune campagne n’est ouverte."]


def _lien(titre: str, artefact: str) -> str:
    """Link to a page; the UI takes no line break inside a link."""
    lignes = plier(titre, LARGEUR_D_UNE_CAMPAGNE).splitlines()
    return "<br>".join(f"[{proteger(ligne)}](/artifacts/artifact/{artefact})" for ligne in lignes)


def _affaires(acteur: Acteur, siennes: Sequence[Affaire], dresse: Tableau) -> list[str]:
    if not siennes:
        return []
    reste = len(siennes) - LIGNES_MONTREES
    return [
        f"\n## {TITRES[acteur]} ({len(siennes)})\n",
        tableau(COLONNES_A_FAIRE, [_cellules(a, dresse) for a in siennes[:LIGNES_MONTREES]]),
        *([f"\n… et {reste} autre(s), dans la liste."] if reste > 0 else []),
    ]


def _cellules(affaire: Affaire, dresse: Tableau) -> tuple[str, ...]:
    fiche, retard = affaire.fiche, affaire.retard(dresse.jour)
    dits = (affaire.quoi, f"{fiche.code} {fiche.nom}".strip(), affaire.sujet)
    return (
        f"{retard} j" if retard else "",
        *(plier(dit, largeur) for dit, largeur in zip(dits, LARGEURS, strict=True)),
        en_chiffres(affaire.depuis) if affaire.depuis else "",
        _montant(affaire),
        f"{fiche.territoire} {fiche.telephone}".strip() if fiche.code else "",
    )


def _montant(affaire: Affaire) -> str:
    return "" if affaire.montant_centimes is None else formater_euros(affaire.montant_centimes)


def _groupes(titre: str, premieres: tuple[str, ...], groupes: Sequence[Groupe]) -> list[str]:
    rangees = [
        (
            *((g.nom, g.telephone or "boîte partagée") if len(premieres) > 1 else (g.nom,)),
            *map(str, (g.structures, g.en_retard, g.partenaires, g.equipe)),
            *map(formater_euros, (g.a_payer_centimes, g.en_lot_centimes, g.indus_centimes)),
        )
        for g in groupes
    ]
    return [f"\n## {titre}\n", tableau((*premieres, *COLONNES_GROUPE), rangees)]


def _indicateurs(indicateurs: Sequence[Indicateur]) -> list[str]:
    rangees = [(i.code or "–", i.libelle, i.valeur_dite, i.cible_dite, i.reponses_dites) for i in indicateurs]
    annee = f" ({indicateurs[0].exercice})" if indicateurs else ""
    return [
        f"\n## Indicateurs du CPOG{annee}\n",
        tableau(("Code", "Indicateur", "Valeur", "Cible", "Structures ayant répondu"), rangees),
    ]
