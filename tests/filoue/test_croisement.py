"""A file beside the réel, whichever comes first: 3 % says nothing, 12 % alerts, 5 % is within the threshold."""

from fractions import Fraction

import pytest

from demonstration.filoue import Sommes, ecrire, inventer
from modeles.base import transaction
from modeles.requetes_filoue import anomalies_du_fichier
from operations.contexte import Contexte
from operations.filoue.croisement import croiser
from tests.filoue.fabrique import EXERCICE, attendu_de, declarer_reel, poser_creche, recevoir

REEL = {"heures_facturees": "35200", "heures_realisees": "33500.5", "participations_familiales": "63360"}
SOMMES = Sommes(facturees=3_520_000, realisees=3_350_050, montant=6_336_000)


def _fichier(contexte: Contexte, code: str, pour_cent: int) -> bytes:
    """A file whose billed hours are beyond the réel by a percentage; the other sums agree."""
    sommes = Sommes(SOMMES.facturees * (100 + pour_cent) // 100, SOMMES.realisees, SOMMES.montant)
    return ecrire(inventer(40, EXERCICE, code, sommes), poser_creche(contexte, code))


def _alertes(contexte: Contexte, fichier: int) -> list[str]:
    with transaction(contexte.moteur) as session:
        return [a.message for a in anomalies_du_fichier(session, fichier) if a.code == "ecart_afas"]


@pytest.mark.parametrize(("pour_cent", "alerte"), [(0, False), (3, False), (5, False), (6, True), (12, True)])
@pytest.mark.parametrize("reel_d_abord", [True, False])
def test_l_ecart_alerte_seulement_au_dela_du_seuil(
    contexte: Contexte, pour_cent: int, alerte: bool, reel_d_abord: bool
) -> None:
    octets = _fichier(contexte, "EAJE01", pour_cent)
    if reel_d_abord:
        declarer_reel(contexte, "EAJE01", REEL)
    ligne = recevoir(contexte, "EAJE01", octets)
    avant = croiser(contexte, EXERCICE)
    if not reel_d_abord:
        assert [li.ecarts for li in avant.lignes] == [None]
        assert not avant.en_alerte
        declarer_reel(contexte, "EAJE01", REEL)
    (croisement,) = croiser(contexte, EXERCICE).lignes

    assert len(_alertes(contexte, ligne.fichier)) == (alerte and reel_d_abord)
    assert [e.grandeur.cle for e in croisement.alertes] == ["heures_facturees"] * alerte
    assert croisement.ecarts is not None
    assert croisement.ecarts[0].part == Fraction(pour_cent, 100)
    assert ligne.etat == "accepte"


def test_l_alerte_dit_les_deux_valeurs_et_l_ecart(contexte: Contexte) -> None:
    octets = _fichier(contexte, "EAJE01", 12)
    declarer_reel(contexte, "EAJE01", REEL)
    (message,) = _alertes(contexte, recevoir(contexte, "EAJE01", octets).fichier)

    assert (
        message.replace("\u202f", " ")
        .replace("\u00a0", " ")
        .startswith(
            "Heures facturées : 39 424 heures dans le fichier Filoué, 35 200 heures au réel, soit un écart de +12 %."
        )
    )


def test_tout_un_exercice_se_compare_d_un_coup(contexte: Contexte) -> None:
    for code, pour_cent in (("EAJE01", 3), ("EAJE02", 12), ("EAJE03", 0)):
        recevoir(contexte, code, _fichier(contexte, code, pour_cent))
        if code != "EAJE03":
            declarer_reel(contexte, code, REEL)
    bilan = croiser(contexte, EXERCICE)

    assert [li.structure for li in bilan.en_alerte] == ["EAJE02"]
    assert [li.structure for li in bilan.sans_reel] == ["EAJE03"]
    assert bilan.phrase == "2 fichier(s) comparé(s) au réel 2025, dont 1 avec un écart à expliquer ; 1 sans réel."


def test_le_fichier_corrige_est_compare_a_la_place_du_premier(contexte: Contexte) -> None:
    declare = _fichier(contexte, "EAJE01", 12)
    declarer_reel(contexte, "EAJE01", REEL)
    recevoir(contexte, "EAJE01", declare)
    corrige = ecrire(inventer(40, EXERCICE, "corrigé", SOMMES), attendu_de("EAJE01"))
    recevoir(contexte, "EAJE01", corrige)

    assert not croiser(contexte, EXERCICE).en_alerte
