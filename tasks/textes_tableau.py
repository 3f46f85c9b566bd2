"""The team's board in Markdown: campaigns, who is late, what each must do, amounts, indicators. Never a child."""

from collections.abc import Mapping, Sequence

from operations.indicateurs import Indicateur
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.synthese import Groupe, Tableau
from regles.dates import en_chiffres
from regles.monnaie import formater_euros
from tasks.textes import bandeau, proteger, tableau

LIGNES_MONTREES = 10
TITRES = {
    Acteur.PARTENAIRE: "En retard chez les partenaires",
    Acteur.EQUIPE: "À faire par l’équipe",
    Acteur.FINANCE: "À faire par la finance",
}
COLONNES_A_FAIRE = ("Structure ou partenaire", "À propos de", "Quoi", "Depuis", "Retard", "Territoire")
COLONNES_GROUPE = (
    "Structures",
    "En retard",
    "Attendu des partenaires",
    "À faire à la Caf",
    "À proposer",
    "En lot",
    "Indus",
)


def tableau_de_bord(dresse: Tableau, campagnes: Sequence[Mapping[str, str]], liste: str) -> str:
    """Put the board on one page; `campagnes` are its open steps, `liste` the id of the whole list of what waits."""
    retards, equipe, finance = dresse.en_retard, dresse.pour(Acteur.EQUIPE), dresse.pour(Acteur.FINANCE)
    return "\n".join(
        [
            *bandeau(dresse.mention),
            f"# Tableau de bord au {en_chiffres(dresse.jour)}\n",
            f"**{len(retards)}** en retard chez les partenaires ; à faire : **{len(equipe)}** par l’équipe, "
            f"**{len(finance)}** par la finance. [La liste entière](/artifacts/artifact/{liste}).\n",
            "## Campagnes en cours\n",
            *_campagnes(campagnes),
            *_affaires(Acteur.FINANCE, finance, dresse),
            *_affaires(Acteur.EQUIPE, equipe, dresse),
            *_affaires(Acteur.PARTENAIRE, retards, dresse),
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
            "Montant": _montant(affaire),
            "Contact": affaire.fiche.contact,
        }
        for affaire in dresse.affaires
    ]


def _campagnes(lignes: Sequence[Mapping[str, str]]) -> list[str]:
    rangees = [
        f"| [{proteger(li['Campagne'])}](/artifacts/artifact/{li['artefact']}) | {li['Reçus']} | {li['Validés']} "
        f"| {li['Limite']} | {proteger(li['Ensuite'])} |"
        for li in lignes
    ]
    entete = ["| Campagne | Reçus | Validés | Limite | Ensuite |", "| --- | --- | --- | --- | --- |"]
    return [*entete, *rangees] if lignes else ["Aucune campagne n’est ouverte."]


def _affaires(acteur: Acteur, siennes: Sequence[Affaire], dresse: Tableau) -> list[str]:
    if not siennes:
        return []
    reste = len(siennes) - LIGNES_MONTREES
    return [
        f"\n## {TITRES[acteur]} ({len(siennes)})\n",
        tableau(
            (*COLONNES_A_FAIRE, "Montant"), [(*_cellules(a, dresse), _montant(a)) for a in siennes[:LIGNES_MONTREES]]
        ),
        *([f"\n… et {reste} autre(s), dans la liste."] if reste > 0 else []),
    ]


def _cellules(affaire: Affaire, dresse: Tableau) -> tuple[str, ...]:
    fiche, retard = affaire.fiche, affaire.retard(dresse.jour)
    return (
        f"{fiche.code} {fiche.nom}".strip(),
        affaire.sujet,
        affaire.quoi,
        en_chiffres(affaire.depuis) if affaire.depuis else "",
        f"{retard} j" if retard else "",
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
