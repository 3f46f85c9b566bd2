"""The French report of a verification."""

import pytest

from regles.anomalies import Anomalie, Severite
from schemas.rapport import en_json, en_texte, resumer, titre

B = Anomalie(
    "reponse_manquante", Severite.BLOQUANTE, "Une réponse est attendue.", "Activité", "C6", "x", "", "un nombre"
)
A = Anomalie("capacite_atteinte", Severite.ALERTE, "Trop d'heures.", "Activité", "C12", "y", "9", "au plus 8")
N = Anomalie("campagne_close", Severite.INFORMATION, "La campagne est close.")


@pytest.mark.parametrize(
    ("anomalies", "phrase"),
    [
        ([], "Aucune anomalie."),
        ([B], "1 point à corriger."),
        ([B, B, A], "2 points à corriger et 1 point à vérifier."),
        ([B, A, A, N], "1 point à corriger, 2 points à vérifier et 1 point à savoir."),
    ],
)
def test_the_summary_is_one_sentence(anomalies: list[Anomalie], phrase: str) -> None:
    assert resumer(anomalies) == phrase


def test_the_text_gives_place_title_reading_and_expectation() -> None:
    texte = en_texte("F.xlsx", [B, A, N], {"x": "Jours d'ouverture"})
    assert texte.startswith("F.xlsx : 1 point à corriger, 1 point à vérifier et 1 point à savoir.")
    assert "À CORRIGER  Activité, cellule C6, « Jours d'ouverture » : Réponse manquante" in texte
    assert "À VÉRIFIER  Activité, cellule C12 : Plus d'heures que la capacité" in texte
    assert "    Lu : 9\n    Attendu : au plus 8" in texte
    assert "À SAVOIR  le fichier : Campagne close" in texte


def test_the_json_is_complete() -> None:
    rapport = en_json("F.xlsx", {"structure": "E1"}, [B, A])
    assert (rapport["bloquantes"], rapport["alertes"], rapport["informations"]) == (1, 1, 0)
    assert rapport["structure"] == "E1"
    assert rapport["anomalies"][1] == {
        "code": "capacite_atteinte",
        "titre": "Plus d'heures que la capacité",
        "severite": "alerte",
        "feuille": "Activité",
        "cellule": "C12",
        "champ": "y",
        "message": "Trop d'heures.",
        "lu": "9",
        "attendu": "au plus 8",
    }


def test_an_unlisted_code_is_still_readable() -> None:
    assert titre("autre_chose") == "Autre chose"
    assert titre("fichier_macros") == "Fichier refusé"
