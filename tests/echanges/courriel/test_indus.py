"""What a partner reads of an indu: how much, why, how it is taken back, and that nothing is to be done now."""

import re

import pytest

from echanges.courriel.rendu import rendre
from tests.echanges.courriel.exemples import TOUTES, genre


def simple(texte: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", texte))


@pytest.mark.parametrize(
    ("nom", "attendus", "absents"),
    [
        (
            "indu",
            [
                "2 469,12 €", "Les Petits Renards", "40 000,00 €", "41 234,56 €", "1 234,56 €", "2025-EAJE-S001-03",
                "calcul-2025-S001.html", "rien à faire pour l’instant", "40 % de chaque versement", "Appelez-nous",
                "préférez rembourser en une fois",
            ],
            ["remplace celui", "mise en demeure", "IBAN", "FR76"],
        ),
        (
            "indu_seul",
            ["votre structure est connu", "remplace celui que nous vous avions annoncé le lundi 2 mars 2026",
             "Rien ne sera retenu sans vous en avoir parlé"],
            ["peu à peu"],
        ),
        (
            "indu_annule",
            ["1 234,56 € annoncés le jeudi 12 mars 2026, annulés", "Rien n’a été retenu", "rien à faire"],
            ["retiendrons", "Droit définitif"],
        ),
    ],
)  # fmt: skip
def test_les_deux_parties_disent_la_meme_chose(nom: str, attendus: list[str], absents: list[str]) -> None:
    rendu = rendre(genre(nom), TOUTES[nom])
    for partie in (simple(rendu.texte), simple(rendu.html)):
        assert [attendu for attendu in attendus if attendu not in partie] == []
        assert [absent for absent in absents if absent in partie] == []


@pytest.mark.parametrize(
    ("nom", "sujet"),
    [
        ("indu", "Régularisation 2024 et 2025 : 2 469,12 € versés en trop, 2 structures"),
        ("indu_seul", "Régularisation 2025 : 1 234,56 € versés en trop, Les Petits Renards"),
        ("indu_annule", "Régularisation 2025 annulée : rien ne sera retenu, Les Petits Renards"),
    ],
)
def test_sujets(nom: str, sujet: str) -> None:
    assert simple(rendre(genre(nom), TOUTES[nom]).sujet) == sujet
