"""What may enter a computation asked in JSON, and how a bad request is told."""

import json
from fractions import Fraction
from typing import Any

import pytest

from schemas.calcul import DemandeIllisible, lire_demande, lire_json

DEMANDE: dict[str, Any] = {
    "prestation": "EAJE",
    "nature": "reel",
    "exercice": 2025,
    "donnees": {
        "places": 20,
        "amplitude_journaliere": "10.5",
        "charges": 400000,
        "couches_et_repas": True,
        "participations_familiales": None,
        "statut_gestionnaire": "public",
    },
}


def test_les_nombres_sont_exacts() -> None:
    demande = lire_demande(DEMANDE)
    assert (demande.prestation, demande.nature, demande.exercice) == ("EAJE", "reel", 2025)
    assert demande.donnees == {
        "places": 20,
        "amplitude_journaliere": Fraction(21, 2),
        "charges": Fraction(400000),
        "couches_et_repas": True,
        "participations_familiales": None,
        "statut_gestionnaire": "public",
    }


@pytest.mark.parametrize(
    ("donnees", "faute"),
    [
        ({"charges": 400000.5}, "donnees.charges (total des charges retenues) : lu 400000.5 (nombre à virgule sans"),
        ({"charges": "400 000"}, 'lu "400 000", attendu un nombre entre guillemets, avec un point décimal'),
        ({"charges": "4e5"}, 'lu "4e5"'),
        ({"charges": "400000,50"}, 'lu "400000,50"'),
        ({"charges": True}, "lu true, attendu un nombre"),
        ({"charges": "9" * 40}, "attendu un nombre"),
        ({"charges": [1]}, "lu [1]"),
        (
            {"places": "20.5"},
            'donnees.places (nombre de places de l\'autorisation) : lu "20.5", attendu un nombre entier',
        ),
        ({"places": 20.0}, "lu 20.0 (nombre à virgule sans guillemets), attendu un nombre entier"),
        ({"couches_et_repas": "oui"}, 'lu "oui", attendu true ou false'),
        ({"couches_et_repas": 1}, "lu 1, attendu true ou false"),
        ({"statut_gestionnaire": 3}, "lu 3, attendu « public » ou « prive »"),
        ({"heures_facturée": "1"}, "donnees.heures_facturée : clé inconnue ; vouliez-vous dire « heures_facturees » ?"),
        ({"zzz": "1"}, "donnees.zzz : clé inconnue ; attendu : places, "),
    ],
)
def test_une_reponse_illisible_dit_ou_quoi_et_l_attendu(donnees: dict[str, Any], faute: str) -> None:
    with pytest.raises(DemandeIllisible) as refus:
        lire_demande({**DEMANDE, "donnees": donnees})
    assert len(refus.value.fautes) == 1
    assert faute in refus.value.fautes[0]


@pytest.mark.parametrize(
    ("changement", "faute"),
    [
        ({"prestation": "XYZ"}, 'prestation : lu "XYZ", attendu « AIDE_DOMICILE » ou « ALSH » ou'),
        ({"prestation": ["EAJE"]}, 'prestation : lu ["EAJE"]'),
        ({"nature": "bilan"}, 'nature : lu "bilan", attendu « previsionnel » ou « actualisation » ou « reel »'),
        ({"exercice": "2025"}, 'exercice : lu "2025", attendu une année'),
        ({"exercice": True}, "exercice : lu true"),
        ({"exercice": 20255}, "exercice : lu 20255"),
        ({"donnees": []}, "donnees : un objet JSON est attendu, lu : []"),
        ({"donnee": {}}, "donnee : clé inconnue ; vouliez-vous dire « donnees » ?"),
    ],
)
def test_une_demande_mal_faite(changement: dict[str, Any], faute: str) -> None:
    with pytest.raises(DemandeIllisible) as refus:
        lire_demande({**DEMANDE, **changement})
    assert faute in str(refus.value)


def test_toutes_les_fautes_sont_dites_a_la_fois() -> None:
    donnees = {"places": 1.5, "charges": "x", "inconnu": 1}
    with pytest.raises(DemandeIllisible) as refus:
        lire_demande({**DEMANDE, "nature": "x", "exercice": None, "donnees": donnees})
    assert len(refus.value.fautes) == 5


@pytest.mark.parametrize("brut", [None, 12, "EAJE", [], {}])
def test_ce_qui_n_est_pas_une_demande(brut: object) -> None:
    with pytest.raises(DemandeIllisible):
        lire_demande(brut)


@pytest.mark.parametrize(
    ("texte", "faute"),
    [
        ("", "JSON mal formé, ligne 1"),
        ('{"a": 1,\n}', "JSON mal formé, ligne 2"),
        ('{"a": 1, "a": 2}', "clé répétée : « a »"),
        ("9" * 5000, "nombre démesuré"),
        ("[" * 100000, "structure trop profonde"),
    ],
)
def test_json_illisible(texte: str, faute: str) -> None:
    with pytest.raises(DemandeIllisible, match=faute):
        lire_json(texte)


def test_json_lu() -> None:
    assert lire_json(json.dumps(DEMANDE)) == DEMANDE
