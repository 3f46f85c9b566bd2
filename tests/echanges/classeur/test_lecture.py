import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from echanges.classeur.lecture import LecteurIsole
from echanges.classeur.protocole import decoder, encoder_grille
from regles.grille import FORMULE_NON_CALCULEE, Grille
from tests.echanges.classeur import fabrique as f

INSTANT = datetime.fromisoformat("2025-12-31T08:30:00")


@pytest.fixture(scope="module")
def lecteur() -> Iterator[LecteurIsole]:
    with LecteurIsole() as ouvert:
        yield ouvert


@pytest.mark.parametrize(
    ("ecrite", "lue"),
    [
        (12, 12),
        (12.0, 12),
        (-3, -3),
        (12.5, 12.5),
        (1e300, 1e300),
        (True, True),
        ("1 234,56 €", "1 234,56 €"),
        ("00123", "00123"),
        ("  ", "  "),
        ("=1+1", None),
        (date(2025, 12, 31), date(2025, 12, 31)),
        (INSTANT, INSTANT),
        (time(8, 30), time(8, 30)),
        (timedelta(hours=35), "35:00:00"),
    ],
)
def test_chaque_valeur_est_rendue_a_son_adresse(ecrite: Any, lue: Any, lecteur: LecteurIsole) -> None:
    cellules = lecteur.lire(f.sain({"C7": ecrite, "E9": "fin"})).feuilles["Activité"]
    assert cellules.get((7, 3)) == lue
    assert type(cellules.get((7, 3))) is type(lue)
    assert cellules[9, 5] == "fin"
    assert len(cellules) == (1 if lue is None else 2)


@pytest.mark.parametrize(
    "format_nombre", ["#,##0", "#,##0.00", "0.0000", '#,##0.00\\ "€"', '0" jours"', '#,##0.00" h"']
)
def test_un_nombre_reste_un_nombre_sous_tous_les_formats(format_nombre: str, lecteur: LecteurIsole) -> None:
    classeur = Workbook()
    feuille = classeur.worksheets[0]
    feuille["C5"] = 35200.5
    feuille["C5"].number_format = format_nombre
    assert lecteur.lire(f.enregistrer(classeur)).feuilles["Sheet"][5, 3] == 35200.5


@pytest.mark.parametrize(
    ("cellule", "erreur"),
    [
        ('<c r="C4" t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c r="C4" t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c r="C4"><f>SUM(A1:A3)</f></c>', FORMULE_NON_CALCULEE),
        ('<c r="C4"><f>SUM(A1:A3)</f><v></v></c>', FORMULE_NON_CALCULEE),
        ('<c r="C4"><v>1e999</v></c>', "nombre illisible"),
    ],
)
def test_une_cellule_en_erreur_est_listee_et_ne_vaut_rien(cellule: str, erreur: str, lecteur: LecteurIsole) -> None:
    grille = lecteur.lire(f.avec_feuille(f'<row r="4">{cellule}<c r="D4"><v>1</v></c></row>'))
    assert grille.erreurs == {("Activité", 4, 3): erreur}
    assert grille.feuilles["Activité"] == {(4, 4): 1}


@pytest.mark.parametrize(
    ("cellule", "valeur"),
    [
        ('<c r="C4"><f>6*7</f><v>42</v></c>', 42),
        ('<c r="C4" t="str"><f>"a"</f><v>a</v></c>', "a"),
        ('<c r="C4" t="str"><f>""</f><v></v></c>', None),
        ('<c r="C4" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c r="C4"/>', None),
    ],
)
def test_une_formule_calculee_donne_son_resultat(cellule: str, valeur: Any, lecteur: LecteurIsole) -> None:
    grille = lecteur.lire(f.avec_feuille(f'<row r="4">{cellule}</row>'))
    assert grille.erreurs == {}
    assert grille.feuilles["Activité"].get((4, 3)) == valeur


def test_un_meme_processus_lit_les_fichiers_d_une_campagne() -> None:
    with LecteurIsole() as lecteur:
        lus = [lecteur.lire(f.sain({"C1": rang})).feuilles["Activité"][1, 3] for rang in range(29)]
    assert lus == list(range(29))


valeurs = st.one_of(
    st.text(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
)
cellules = st.dictionaries(st.tuples(st.integers(1, 5000), st.integers(1, 100)), valeurs, max_size=5)


@given(st.dictionaries(st.text(min_size=1), cellules, max_size=3), st.text())
def test_ce_qui_passe_entre_les_processus_revient_egal(feuilles: dict[str, Any], texte: str) -> None:
    grille = Grille(feuilles, {("Activité", 1, 2): texte})
    recue = decoder(encoder_grille(grille))
    assert recue == grille
    for nom, attendues in feuilles.items():
        assert [type(v) for v in recue.feuilles[nom].values()] == [type(v) for v in attendues.values()]


def test_les_caracteres_de_controle_ne_passent_pas() -> None:
    """« _x0000_ » is how a spreadsheet writes NUL, which PostgreSQL refuses: one file would stop all the others."""
    classeur = Workbook()
    feuille = classeur.active
    assert feuille is not None
    feuille["A1"] = "Ré_x0000_el_x0007_"
    tampon = io.BytesIO()
    classeur.save(tampon)
    with LecteurIsole() as lecteur:
        assert lecteur.lire(tampon.getvalue()).feuilles["Sheet"][1, 1] == "Réel"
