"""What each Filoué mail says, in both parts."""

import pytest

from echanges.courriel.rendu import Rendu, rendre
from tests.echanges.courriel.exemples_filoue import VUES
from tests.echanges.courriel.test_rendu import lire, simple


@pytest.fixture(params=VUES)
def rendu(request: pytest.FixtureRequest) -> Rendu:
    return rendre(*VUES[request.param])


def test_les_deux_parties_disent_qui_appeler(rendu: Rendu) -> None:
    for texte in (simple(rendu.texte), lire(rendu).texte):
        assert "CA de Chaumont : 03 25 30 62 42" in texte
        assert "01 71 25 12 75" in texte
        assert "enquete@cnaf.example" in texte


def test_le_html_est_accessible(rendu: Rendu) -> None:
    lecteur = lire(rendu)
    balises = [nom for nom, _ in lecteur.balises]
    assert (balises.count("h1"), balises.count("title")) == (1, 1)
    assert balises.count("caption") == balises.count("table")
    assert "<Coucous>" not in rendu.html
    assert "classeur" not in rendu.html


@pytest.mark.parametrize(
    ("nom", "attendus"),
    [
        ("ouverture", ["statistiques nationales", "au plus tard le vendredi 15 mai 2026 inclus", "5200077"]),
        ("ouverture", ["Dossier AFC : à demander", "jamais qui", "moyen sécurisé", "12 avril 2026 comportait"]),
        ("ouverture", ["export « Filoué » de l’année 2025", "Il ne change aucun de vos versements"]),
        ("ouverture tardive", ["jusqu’au lundi 25 mai 2026 inclus"]),
        ("relance", ["Les fichiers de 2 structures manquent"]),
        ("relance une", ["Le fichier d’une structure manque"]),
        ("relance après", ["jusqu’au lundi 25 mai 2026 inclus", "son absence ne retarde aucun versement"]),
        ("accepté", ["F2025-12", "52 ligne(s)", "heures facturées : 35 200 h", "rien d’autre à faire"]),
        ("alertes", ["38 points sont à vérifier", "Ligne 12, colonne MATRICULE", "Et 37 autre(s)", "après la date"]),
        ("refusé", ["2 points nous empêchent", "Le fichier", "Autre année.", "15 mai 2026 inclus", "dossier AFC 2001"]),
        ("hors délai", ["close depuis le lundi 25 mai 2026", "sans joindre le fichier"]),
    ],
)
def test_ce_que_dit_chaque_courriel(nom: str, attendus: list[str]) -> None:
    rendu = rendre(*VUES[nom])
    for texte in (simple(rendu.texte), lire(rendu).texte):
        for attendu in attendus:
            assert attendu in texte


@pytest.mark.parametrize(
    ("nom", "sujet"),
    [
        ("ouverture", "Campagne Filoué 2026 : à transmettre au plus tard le vendredi 15 mai 2026"),
        ("accepté", "Bien reçu : fichier Filoué 2025, Les Petits Renards (reçu n° F2025-12)"),
        ("refusé", "À corriger : fichier Filoué 2025, Les Petits Renards (reçu n° F2025-12)"),
        ("hors délai", "Reçu hors délai : fichier Filoué 2025, Les Petits Renards (reçu n° F2025-12)"),
    ],
)
def test_sujets(nom: str, sujet: str) -> None:
    assert rendre(*VUES[nom]).sujet.replace("\u00a0", " ") == sujet
