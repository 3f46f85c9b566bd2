"""The explanation page: what a crèche director reads, and what may never get into it."""

import re
from datetime import date
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import escape

from echanges.pages import document_droit
from operations.calcul import expliquer
from regles.calcul import Donnee, calculer_droit
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.reglages import RACINE

CONNU_LE = date(2026, 2, 8)
IDENTITE = {
    "code": "EAJE-001", "nom": "Les Petits Pas", "gestionnaire": "Commune de Valbelle", "commune": "Valbelle",
    "siret": "00000000000000", "caf": "Caf de la Haute-Marne",
}  # fmt: skip
DONNEES: dict[str, Donnee] = {
    "places": 20, "amplitude_journaliere": Fraction(10), "jours_ouverture": 150, "heures_facturees": Fraction(35200),
    "heures_realisees": Fraction(33500), "heures_exceptionnelles": Fraction(0),
    "participations_familiales": Fraction(63360), "charges": Fraction(400000), "couches_et_repas": True,
    "enfants_inscrits": 45, "enfants_handicap": 1, "journees_pedagogiques": 3, "taux_regime_general": Fraction(1),
    "statut_gestionnaire": "public",
}  # fmt: skip


def explication(*, demonstration: bool, **donnees: Donnee) -> dict[str, Any]:
    bareme = charger_bareme(RACINE / "config", demonstration=demonstration)
    droit = calculer_droit("EAJE", "reel", 2025, {**DONNEES, **donnees}, bareme, CONNU_LE)
    return expliquer(droit, connu_le=CONNU_LE)


class _Balises(HTMLParser):
    """Checks that every opened element is closed in order, and gathers what the page would fetch."""

    VIDES = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.ouvertes: list[str] = []
        self.ressources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ressources += [v or "" for nom, v in attrs if nom in {"src", "href"}]
        if tag in {"script", "link", "iframe", "img"}:
            self.ressources.append(tag)
        if tag not in self.VIDES:
            self.ouvertes.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.ouvertes.pop() == tag


def lire(page: str) -> str:
    balises = _Balises()
    balises.feed(page)
    assert balises.ouvertes == []
    assert balises.ressources == []
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)))


def test_un_droit_de_demonstration() -> None:
    faits = explication(demonstration=True)
    page = document_droit(faits, IDENTITE, "DÉMONSTRATION")
    texte = lire(page)
    assert '<html lang="fr">' in page
    assert "DÉMONSTRATION" in texte
    assert "SIMULATION" not in texte
    for attendu in ("Les Petits Pas", "Commune de Valbelle", "08/02/2026", "Votre droit est de", "10,251 €/h"):
        assert attendu in texte
    for anomalie in faits["anomalies"]:
        assert re.sub(r"\s+", " ", anomalie["message"]) in texte


def test_une_simulation_dit_ce_qui_manque_et_ne_donne_pas_de_total() -> None:
    faits = explication(demonstration=False)
    texte = lire(document_droit(faits, {}, ""))
    assert "SIMULATION" in texte
    assert "DÉMONSTRATION" not in texte
    assert "ne peut pas encore être établi" in texte
    assert "Votre droit est de" not in texte
    assert "psu.preparation.heures_par_enfant" in texte


def test_chaque_ligne_et_chaque_valeur_sont_dans_la_page() -> None:
    faits = explication(demonstration=False)
    texte = lire(document_droit(faits, IDENTITE, ""))
    for ligne in faits["lignes"]:
        assert ligne["libelle"] in texte
    for parametre in faits["parametres"]:
        assert parametre["libelle"] in texte
        assert parametre["source"] in texte
    assert "heures facturées" in texte
    assert "part_x_taux" not in texte


def test_une_declaration_a_corriger() -> None:
    texte = lire(document_droit(explication(demonstration=True, charges=None), IDENTITE, "DÉMONSTRATION"))
    assert "la déclaration est à compléter ou à corriger" in texte
    assert "Il manque une réponse" in texte
    assert "Le calcul, ligne par ligne" not in texte


@pytest.mark.parametrize("texte", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{ 7 * 7 }}"])
def test_un_nom_ne_devient_jamais_du_code(texte: str) -> None:
    page = document_droit(explication(demonstration=True), {**IDENTITE, "nom": texte}, "")
    assert lire(page)
    assert escape(texte) in page
    assert "<script" not in page
    assert "<img" not in page
