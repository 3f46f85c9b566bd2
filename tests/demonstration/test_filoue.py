import csv
import io
from decimal import Decimal

import pytest

from demonstration.filoue import COLONNES, HABITUDES, Habitude, Retouches, Sommes, additionner, ecrire, inventer
from regles.filoue import VersionFiloue
from tests.filoue.fabrique import ATTENDU, fichier


@pytest.mark.parametrize("habitude", HABITUDES.values(), ids=HABITUDES)
def test_chaque_logiciel_ecrit_les_colonnes_de_sa_version_et_les_sommes_des_enfants(habitude: Habitude) -> None:
    enfants = inventer(40, 2025, "colonnes")
    texte = ecrire(enfants, ATTENDU, habitude).decode(habitude.encodage)
    lignes = list(csv.DictReader(io.StringIO(texte), delimiter=";"))

    assert set(lignes[0]) == set(COLONNES[habitude.version])
    assert len(lignes) == 40
    montants = (Decimal(ligne["MONTANT_FACTURE"].replace(",", ".")) for ligne in lignes)
    assert sum(montants) * 100 == additionner(enfants).montant


@pytest.mark.parametrize("nombre", [1, 7, 400])
def test_les_sommes_visees_sont_atteintes_au_centieme(nombre: int) -> None:
    visees = Sommes(facturees=3_520_001, realisees=3_350_007, montant=6_336_013)
    enfants = inventer(nombre, 2025, "sommes", visees)

    assert additionner(enfants) == visees
    assert all(enfant.realisees <= enfant.facturees for enfant in enfants)


def test_le_meme_sujet_donne_les_memes_enfants_et_un_autre_d_autres() -> None:
    assert inventer(5, 2025, "a") == inventer(5, 2025, "a") != inventer(5, 2025, "b")


def test_les_habitudes_vues_chez_les_editeurs_sont_la() -> None:
    ancien = fichier(habitude=HABITUDES["v1_anciens"]).decode()
    assert ancien.startswith("TOP_ALLOC;MATRICULE;")
    assert not ancien.endswith("\n")
    rembourre = ecrire(inventer(1, 2025, "r", Sommes(31_000, 30_000, 6_200)), ATTENDU, HABITUDES["v2_remplissage"])
    assert b";062.00;" in rembourre
    assert fichier(habitude=HABITUDES["v3_virgule_crlf_bom"]).startswith(b"\xef\xbb\xbfNUMERO_CAF;")


def test_une_retouche_ne_touche_que_sa_cellule() -> None:
    faute = fichier(Retouches({(2, "REGIME"): "7"})).decode().split("\n")
    sain = fichier().decode().split("\n")
    rang = COLONNES[VersionFiloue.V3].index("REGIME")

    assert faute[1].split(";")[rang] == "7"
    assert [*faute[:1], *faute[2:]] == [*sain[:1], *sain[2:]]
