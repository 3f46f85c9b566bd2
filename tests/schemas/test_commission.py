"""The tables of the commission: read to the cent, each fault at its cell."""

import pytest

from regles.commission import Cofinanceur
from regles.etats import SensDecision
from regles.grille import FichierRefuse, Grille, ValeurCellule
from schemas.commission import DECISIONS, DEMANDES, Faute, dans_l_ordre, grille_du_csv, lire_decisions, lire_demandes

DEMANDE: tuple[ValeurCellule, ...] = (
    "P1", "", "aap-partenaires-2026", "partenaires", 2026, "Ludothèque", "2 500,50", 5000.5,
    "MSA : 1 000 ; Commune de Langres : 200,25",
)  # fmt: skip


def grille(titres: tuple[str, ...], *lignes: tuple[ValeurCellule | None, ...], feuille: str = "Feuille 1") -> Grille:
    cellules = {
        (rang, colonne): valeur
        for rang, ligne in enumerate([titres, *lignes], start=1)
        for colonne, valeur in enumerate(ligne, start=1)
        if valeur not in (None, "")
    }
    return Grille({"Notice": {}, feuille: cellules}, {})


def lisible(fautes: tuple[Faute, ...]) -> list[tuple[str, str]]:
    return [(f.cellule, f.message.replace("\u202f", " ").replace("\xa0", " ")) for f in fautes]


def test_une_demande_se_lit_au_centime() -> None:
    (lu,), fautes = lire_demandes(grille(DEMANDES, DEMANDE))
    assert fautes == ()
    assert (lu.projet.demande_centimes, lu.projet.budget_centimes) == (250_050, 500_050)
    assert lu.projet.cofinanceurs == (Cofinanceur("MSA", 100_000), Cofinanceur("Commune de Langres", 20_025))
    assert lu.projet.part_propre_centimes == 129_975


@pytest.mark.parametrize(
    ("colonne", "valeur", "cellule", "phrase"),
    [
        (0, "", "A2", "à remplir"),
        (4, "deux mille", "E2", "Un nombre est attendu"),
        (5, "x" * 301, "F2", "300 caractères au plus"),
        (6, "1,234", "G2", "peut se lire"),
        (6, 0.001, "G2", "trop de décimales"),
        (6, "-3", "G2", "plus grand que zéro"),
        (6, "2,5 k€", "G2", "ni en milliers"),
        (6, "", "G2", "un montant en euros est attendu"),
        (7, 2500, "H2", "Le budget (2 500,00 €) est plus petit"),
        (8, "MSA 1000", "I2", "« Nom : montant » est attendu"),
        (8, "MSA : beaucoup", "I2", "cofinanceur « MSA » : Un nombre est attendu"),
        (8, "MSA : 0", "I2", "cofinanceur « MSA » : Un montant plus grand que zéro"),
    ],
)
def test_une_cellule_fausse_dit_laquelle(colonne: int, valeur: ValeurCellule, cellule: str, phrase: str) -> None:
    ligne = (*DEMANDE[:colonne], valeur, *DEMANDE[colonne + 1 :])
    lues, fautes = lire_demandes(grille(DEMANDES, ligne))
    assert lues == ()
    ((ou, dit),) = lisible(fautes)
    assert ou == cellule
    assert phrase in dit


def test_des_colonnes_absentes_se_nomment() -> None:
    _, fautes = lire_demandes(grille(("Partenaire", "Objet", "Enveloppe")))
    assert lisible(fautes) == [
        ("A1", "colonne(s) absente(s) de la ligne de titres : Appel à projets, Exercice, Montant demandé, Budget.")
    ]
    _, fautes = lire_demandes(grille(("N°", "Nom")))
    assert "Aucune feuille n’a de colonne « Partenaire »" in str(fautes[0])


def test_une_cellule_en_erreur_se_dit() -> None:
    lue = grille(DEMANDES, (*DEMANDE[:6], "", *DEMANDE[7:]))
    lues, fautes = lire_demandes(Grille(lue.feuilles, {("Feuille 1", 2, 7): "#REF!"}))
    assert lues == ()
    assert [f.cellule for f in fautes] == ["G2"]


def test_un_csv_se_lit_comme_un_classeur() -> None:
    texte = ";".join(DEMANDES) + "\r\n" + ";".join(map(str, DEMANDE[:8])) + ';"MSA : 1 000"\r\n'
    (lu,), fautes = lire_demandes(grille_du_csv(texte.replace("5000.5", "5000,50").encode("utf-8-sig")))
    assert fautes == ()
    assert lu.projet.budget_centimes == 500_050
    with pytest.raises(FichierRefuse):
        grille_du_csv("é".encode("latin-1"))


@pytest.mark.parametrize(
    ("ligne", "cellule", "phrase"),
    [
        (
            ("R1", "peut-être", None, None),
            "B2",
            "« accord », « refus » ou « ajournement » est attendu, lu « peut-être »",
        ),
        (("R1", "accord", None, None), "C2", "un montant en euros est attendu"),
        (("R1", "accord", 10.005, None), "C2", "trop de décimales"),
        (("R1", "accord", -5, None), "C2", "plus grand que zéro"),
        (("R1", "refus", None, None), "D2", "à remplir"),
        (("R1", "refus", 12, "Non."), "C2", "à laisser vide"),
        (("R1", None, 500, None), "B2", "est attendu"),
        ((None, "refus", None, "Non."), "A2", "à remplir"),
    ],
)
def test_une_decision_fausse_dit_sa_cellule(ligne: tuple[ValeurCellule | None, ...], cellule: str, phrase: str) -> None:
    lues, fautes = lire_decisions(grille(DECISIONS, ligne))
    assert lues == ()
    ((ou, dit),) = lisible(fautes)
    assert ou == cellule
    assert phrase in dit


def test_les_decisions_se_lisent_comme_on_les_ecrit() -> None:
    lues, fautes = lire_decisions(
        grille(
            DECISIONS,
            ("R1", "Accordée", "1 500,50 €", None),
            ("R2", " AJOURNÉ ", None, "À  revoir."),
            ("R3", None, None, None),
            feuille="Décisions",
        )
    )
    assert fautes == ()
    assert [(d.reference, d.sens, d.montant_centimes, d.motif) for d in lues] == [
        ("R1", SensDecision.ACCORD, 150_050, ""),
        ("R2", SensDecision.AJOURNEMENT, None, "À revoir."),
    ]


def test_une_demande_decidee_sur_deux_lignes_se_dit() -> None:
    lues, fautes = lire_decisions(
        grille(DECISIONS, ("R1", "refus", None, "Non."), ("R2", "accord", 5, None), ("R1", "accord", 10, None))
    )
    assert [d.reference for d in lues] == ["R1", "R2"]
    assert lisible(fautes) == [("A4", "déjà écrit en A2 : une seule ligne est attendue.")]


def test_les_fautes_se_lisent_en_descendant() -> None:
    fautes = (Faute("B10", ""), Faute("AA2", ""), Faute("C2", ""), Faute("", "tout le fichier"))
    assert [f.cellule for f in dans_l_ordre(fautes)] == ["", "C2", "AA2", "B10"]
