"""The board as the team reads it in « Artifacts »."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from operations.indicateurs import Indicateur, Mesure
from operations.tableau.affaires import Acteur, Affaire
from operations.tableau.annuaire import Fiche
from operations.tableau.synthese import Groupe, Tableau
from regles.baremes import Statut
from schemas.configuration.indicateurs import Cible
from tasks.textes_tableau import lignes_a_faire, tableau_de_bord

JOUR = date(2026, 3, 2)
FICHE = Fiche(
    "S1", "Crèche | <b>", "Commune", "EAJE", "CA de Chaumont", "03.25.30.62.42", "Alix, alix@chaumont.example"
)
CAMPAGNE = {
    "Campagne": "Réels 2025",
    "artefact": "abc",
    "Reçus": "1 / 5",
    "Validés": "0",
    "Limite": "x",
    "Ensuite": "y",
}


def tableau(*affaires: Affaire) -> Tableau:
    cible = Cible(valeur=Decimal(1), statut=Statut.PUBLIE, source="webinaire")
    mesure = Mesure(Fraction(24), Fraction(29), 24, 29)
    return Tableau(
        JOUR, "DÉMONSTRATION", (), affaires,
        (Groupe("CA de Chaumont", "", 5, 1, 2, 3, 30_000, 0, 10_000),), (),
        (Indicateur("COG-01-07", "Part des EAJE", "part", 2025, mesure, cible),),
    )  # fmt: skip


def affaire(acteur: Acteur, quoi: str, limite: date | None = None) -> Affaire:
    return Affaire(acteur, "Réels 2025", FICHE, quoi, date(2026, 2, 8), limite, 12_345)


def test_la_page_dit_qui_doit_agir_et_renvoie_a_la_liste() -> None:
    retards = [affaire(Acteur.PARTENAIRE, f"sans réponse {rang}", date(2026, 2, 27)) for rang in range(12)]
    page = tableau_de_bord(
        tableau(*retards, affaire(Acteur.PARTENAIRE, "à temps", JOUR), affaire(Acteur.FINANCE, "lot à viser")),
        [CAMPAGNE],
        "def",
    )
    assert page.startswith("**DÉMONSTRATION**")
    assert "# Tableau de bord au 02/03/2026" in page
    assert "[La liste entière](/artifacts/artifact/def)" in page
    assert "| [Réels 2025](/artifacts/artifact/abc) | 1 / 5 |" in page
    assert "## En retard chez les partenaires (12)" in page
    assert page.count("sans réponse") == 10
    assert "… et 2 autre(s), dans la liste." in page
    assert "à temps" not in page
    assert "## À faire par la finance (1)" in page
    assert "À faire par l’équipe (" not in page
    assert "S1 Crèche \\| \\<b\\>" in page
    assert "| CA de Chaumont | boîte partagée | 5 | 1 | 2 | 3 | 300,00" in page
    assert "## Indicateurs du CPOG (2025)" in page
    assert "24 sur 29, soit 82,8" in page


def test_sans_campagne_ni_affaire() -> None:
    page = tableau_de_bord(tableau(), [], "def")
    assert "Aucune campagne n’est ouverte." in page
    assert "**0 en retard chez les partenaires ; à faire : 0 par l’équipe, 0 par la finance**" in page


def test_la_liste_dit_depuis_quand_et_qui_appeler() -> None:
    (ligne,) = lignes_a_faire(tableau(affaire(Acteur.PARTENAIRE, "sans réponse", date(2026, 2, 27))))
    assert (ligne["Qui"], ligne["Depuis"], ligne["Retard"]) == ("partenaire", "08/02/2026", "3 j")
    assert ligne["Territoire"] == "CA de Chaumont 03.25.30.62.42"
    assert ligne["Contact"] == "Alix, alix@chaumont.example"


def test_ce_qui_decide_tient_dans_la_fenetre() -> None:
    """The UI never breaks a cell: what and how late come first, and a long sentence is folded, whole."""
    quoi = "droit non payable : Aucune convention n’est en vigueur le 01/01/2026, premier jour de la période à payer."
    dresse = tableau(affaire(Acteur.EQUIPE, quoi, date(2026, 2, 27)))
    (ligne,) = lignes_a_faire(dresse)
    assert list(ligne)[:4] == ["Qui", "Retard", "Quoi", "Structure ou partenaire"]
    assert list(ligne).index("Depuis") < list(ligne).index("Territoire")
    assert max(map(len, ligne["Quoi"].splitlines())) <= 40
    assert " ".join(ligne["Quoi"].splitlines()) == quoi
    page = tableau_de_bord(
        dresse, [CAMPAGNE | {"Campagne": "Appel à projets | Fonds locaux des partenaires 2026"}], "def"
    )
    assert "| Retard | Quoi | Structure ou partenaire |" in page
    assert "| 3 j | droit non payable : Aucune convention<br>n’est en vigueur" in page
    lien = "(/artifacts/artifact/abc)"
    assert f"[Appel à projets \\| Fonds locaux des]{lien}<br>[partenaires 2026]{lien}" in page
