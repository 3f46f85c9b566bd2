"""The page of a simulation: the numbers of the bilan, marked as simulated, and charts that say what the tables say."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echanges.graphiques import CLASSES_AU_PLUS, LARGEUR_BARRES, groupes_de_barres, histogramme
from echanges.simulation import dessins, page_simulation
from operations.contexte import Contexte
from operations.simulation import BilanSimulation, Hypotheses, en_valeurs, simuler
from regles.monnaie import formater_euros
from regles.simulation import formater_ecart
from tests.operations.reseau_simule import EXERCICE, JOUR, installer


class _Page(HTMLParser):
    """Reads the tables by id and the drawings, checks that elements close in order, gathers what would be fetched."""

    VIDES = frozenset({"meta", "br"})

    def __init__(self, texte: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rectangles: list[dict[str, str | None]] = []
        self.dessins = 0
        self.titres_de_dessins = 0
        self.ressources: list[str] = []
        self._ouvertes: list[str] = []
        self._table = ""
        self.feed(texte)
        assert self._ouvertes == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        valeurs = dict(attrs)
        self.ressources += [v or "" for nom, v in attrs if nom in {"src", "href"}]
        self.ressources += [tag] * (tag in {"script", "link", "iframe", "img", "image"})
        self.dessins += tag == "svg" and valeurs.get("role") == "img" and "aria-labelledby" in valeurs
        self.titres_de_dessins += tag in {"title", "desc"} and "svg" in self._ouvertes
        if tag == "rect":
            self.rectangles.append(valeurs)
        if tag == "table":
            self._table = valeurs.get("id") or ""
            self.tables[self._table] = []
        if tag == "tr":
            self.tables[self._table].append([])
        if tag in {"td", "th"}:
            self.tables[self._table][-1].append("")
        if tag not in self.VIDES:
            self._ouvertes.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._ouvertes.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VIDES:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._ouvertes):
            self.tables[self._table][-1][-1] += data.strip()


@pytest.fixture
def bilan(contexte: Contexte) -> BilanSimulation:
    installer(contexte)
    essayees = Hypotheses(
        EXERCICE, bareme=2024, parametres={"rpe.plafond": "72000"}, reponses={"taux_facturation": "1.12"}
    )
    return simuler(contexte, essayees, JOUR)


def euros(centimes: Sequence[int | None]) -> list[str]:
    return ["inconnu" if c is None else formater_euros(c) for c in centimes]


def test_les_chiffres_de_la_page_sont_ceux_du_bilan(bilan: BilanSimulation) -> None:
    page = _Page(page_simulation(en_valeurs(bilan)))
    totaux = page.tables["enveloppes"][1:]
    for rangee, enveloppe in zip(totaux, (*bilan.enveloppes, bilan.total), strict=True):
        assert rangee[0] == (enveloppe.prestation or "Total")
        assert rangee[2:4] == euros([enveloppe.avant_centimes, enveloppe.apres_centimes])
        assert rangee[4] == formater_ecart(enveloppe.difference_centimes)
    for rangee, ligne in zip(page.tables["lignes"][1:], bilan.lignes, strict=True):
        assert rangee[0] == f"{ligne.cas.structure} {ligne.cas.nom}"
        assert rangee[2:4] == euros([ligne.avant.centimes, ligne.apres.centimes])
    ecarts = [rangee[4] for rangee in page.tables["mouvements"][1:]]
    assert ecarts == [formater_ecart(ligne.difference_centimes or 0) for ligne in bilan.mouvements]
    assert [rangee[1:] for rangee in page.tables["hypotheses"][1:]] == [list(essai[1:]) for essai in bilan.essais]
    assert sum(int(rangee[1]) for rangee in page.tables["repartition"][1:]) == bilan.total.structures


def test_chaque_dessin_a_un_titre_une_description_et_un_tableau(bilan: BilanSimulation) -> None:
    texte = page_simulation(en_valeurs(bilan))
    page = _Page(texte)
    assert (page.dessins, page.titres_de_dessins) == (2, 4)
    assert all(dessin in texte for dessin in dessins(en_valeurs(bilan)))
    assert page.ressources == []
    assert re.findall(r"SIMULATION – DÉMONSTRATION", texte)
    assert "Structure &lt;1&gt;" in texte
    longueurs = [int(r["width"] or 0) for r in page.rectangles if r["class"] in {"avant", "apres"}]
    assert max(longueurs) == LARGEUR_BARRES


def test_un_droit_inconnu_est_nomme_et_n_a_pas_de_barre(contexte: Contexte) -> None:
    reel = Contexte(contexte.reglages.model_copy(update={"demonstration": False}), contexte.moteur)
    installer(reel)
    texte = page_simulation(en_valeurs(simuler(reel, Hypotheses(EXERCICE, prestations=("RPE",)))))
    page = _Page(texte)
    assert "DÉMONSTRATION" not in texte
    assert "Aucun droit n’est connu à la fois avant et après" in texte
    assert page.tables["enveloppes"][1] == ["RPE", "0", "inconnu", "2"]
    assert not any(r["class"] in {"avant", "apres"} for r in page.rectangles)
    assert all("(rpe.plafond)" in rangee[3] for rangee in page.tables["inconnues"][1:])


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=60))
def test_chaque_difference_est_dans_une_classe_et_une_seule(differences: list[int]) -> None:
    dessin = histogramme(differences)
    assert sum(classe.nombre for classe in dessin.classes) == len(differences)
    assert len(dessin.classes) <= CLASSES_AU_PLUS + 1
    for sens, signe in (("baisse", -1), ("hausse", 1)):
        comptees = sum(classe.nombre for classe in dessin.classes if classe.sens == sens)
        assert comptees == sum(d * signe > 0 for d in differences)
    assert all(
        gauche.jusque == droite.depuis for gauche, droite in zip(dessin.classes, dessin.classes[1:], strict=False)
    )


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=14))
def test_les_barres_sont_a_la_meme_echelle(montants: list[tuple[int, int]]) -> None:
    enveloppes: list[dict[str, Any]] = [{"avant_centimes": a, "apres_centimes": b} for a, b in montants]
    barres = [barre for _, _, paire in groupes_de_barres(enveloppes) for barre in paire]
    maximum = max((b.centimes for b in barres), default=0)
    assert all(0 <= b.longueur <= LARGEUR_BARRES for b in barres)
    assert all(b.longueur == b.centimes * LARGEUR_BARRES // maximum for b in barres if maximum)
