"""Nothing that names a child is left anywhere: every byte written, printed or logged by the whole chain is searched."""

import logging
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from demonstration.filoue import ecrire
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.filoue.agregat import ecrire_agregat
from operations.filoue.croisement import croiser
from operations.filoue.depot import deposer
from operations.filoue.instruction import instruire
from operations.filoue.remise import remettre
from operations.filoue.retention import effacer
from operations.filoue.suivi import suivre
from operations.reception import enregistrer_arrivees
from operations.reception import instruire as instruire_les_classeurs
from regles.filoue import VersionFiloue
from tests.filoue.fabrique import EXERCICE, JOUR, PAR, declarer_reel, poser_creche
from tests.filoue.plantes import (
    CODE_POSTAL,
    MATRICULES,
    chercher,
    enfants_plantes,
    fichiers_plantes,
    fouiller_base,
    fouiller_dossier,
    fouiller_textes,
)


def test_la_recherche_trouve_ce_qui_est_plante(contexte: Contexte, tmp_path: Path) -> None:
    fichiers = fichiers_plantes(poser_creche(contexte, "EAJE01"))
    for nom, octets in fichiers.items():
        assert chercher(octets), nom
    (tmp_path / f"{MATRICULES[0]}.txt").write_bytes(b"rien")
    assert list(fouiller_dossier(tmp_path))


def _jouer(contexte: Contexte, jour: date) -> None:
    """What follows the arrival of files: read, answer, compare, add up, hand over."""
    enregistrer_arrivees(contexte, jour)
    instruire_les_classeurs(contexte, jour)
    instruire(contexte, jour)
    envoyer_en_attente(contexte, jour)
    croiser(contexte, EXERCICE)
    suivre(contexte, jour)
    exports = contexte.reglages.var / "exports"
    ecrire_agregat(contexte, EXERCICE, exports)
    for version in VersionFiloue:
        remettre(contexte, EXERCICE, version, exports, PAR, jour)


def test_toute_la_chaine_ne_laisse_rien_qui_identifie(
    contexte: Contexte, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    attendu = poser_creche(contexte, "EAJE01")
    declarer_reel(contexte, "EAJE01", {"heures_facturees": "100", "participations_familiales": "0"})
    for nom, octets in fichiers_plantes(attendu).items():
        (contexte.reglages.boite_depots / nom).write_bytes(octets)
        _jouer(contexte, JOUR)
    with pytest.raises(ActeRefuse) as refus:
        deposer(contexte, contexte.reglages.var / f"{MATRICULES[0]}.csv", PAR, jour=JOUR)
    avant = [*fouiller_base(contexte), *fouiller_dossier(contexte.reglages.var)]
    effacer(contexte, JOUR + timedelta(days=400))
    apres = [*fouiller_base(contexte), *fouiller_dossier(contexte.reglages.var)]

    assert sorted(set(avant)) == []
    assert sorted(set(apres)) == []
    assert fouiller_textes([str(refus.value), *capfd.readouterr(), caplog.text]) == []


def test_le_fichier_arrive_en_clair_repart_chiffre_et_le_code_postal_reste(contexte: Contexte) -> None:
    attendu = poser_creche(contexte, "EAJE01")
    octets = ecrire(enfants_plantes(), attendu)
    (contexte.reglages.boite_depots / "eaje01.csv").write_bytes(octets)
    assert list(fouiller_dossier(contexte.reglages.var))
    _jouer(contexte, JOUR)

    assert list(fouiller_dossier(contexte.reglages.var)) == []
    remis = contexte.reglages.var / "exports" / f"DEMONSTRATION-filoue-{EXERCICE}-V3.csv"
    assert remis.read_text(encoding="utf-8").count(f";{CODE_POSTAL};") == len(enfants_plantes())


def test_une_exception_de_lecture_ne_cite_rien(contexte: Contexte) -> None:
    attendu = replace(poser_creche(contexte, "EAJE01"), idequ="")
    for nom, octets in fichiers_plantes(attendu).items():
        (contexte.reglages.boite_depots / nom).write_bytes(octets)
    enregistrer_arrivees(contexte, JOUR)
    bilan = instruire(contexte, JOUR)

    assert len(bilan.lignes) > 10
    assert fouiller_textes([repr(bilan), bilan.phrase]) == []
