"""The Filoué files of the invented crèches beside the réels that they declared: 3 % apart says nothing, 12 % alerts."""

from collections.abc import Iterator
from datetime import date
from email import message_from_bytes, policy
from fractions import Fraction

import pytest

from demonstration.actes import CAMPAGNE, Acte
from demonstration.annee.filoue import ECARTS, fichier_filoue
from demonstration.annee.horloge import Heure
from demonstration.annee.monde import Monde, ouvrir_monde
from demonstration.installation import installer
from demonstration.partenaires import agir
from demonstration.reseau import charger_reseau
from operations import relances
from operations.courriels import envoyer_en_attente
from operations.filoue.cles import creer_cle
from operations.filoue.croisement import croiser
from operations.filoue.instruction import BilanFiloue
from operations.filoue.recus import lire_recu
from operations.filoue.suivi import suivre
from operations.journee import recevoir
from operations.reception import deposer
from tests.demonstration.reduit import config_reduite

EXERCICE = 2025
SANS_ECART, SOUS_LE_SEUIL, AU_DELA = "EAJE01", "EAJE02", "EAJE12"
OUVERTURE, REELS, FILOUE = date(2026, 2, 8), date(2026, 2, 12), date(2026, 4, 20)


@pytest.fixture(scope="module")
def recus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Monde, BilanFiloue]]:
    """Three crèches have declared their réel by workbook; in April their files come, and are read."""
    dossier = tmp_path_factory.mktemp("filoue")
    monde = ouvrir_monde(dossier, config_reduite(dossier, peu_de_creches=True))
    ici, creches = monde.contexte, (SANS_ECART, SOUS_LE_SEUIL, AU_DELA)
    installer(ici)
    creer_cle(ici)
    monde.horloge.regler(OUVERTURE, Heure.MATIN)
    relances.ouvrir(ici, CAMPAGNE)
    envoyer_en_attente(ici)
    monde.horloge.regler(REELS, Heure.RECEPTION)
    for code in creches:
        agir(ici, Acte(code, etape=CAMPAGNE))
    declares, _ = recevoir(ici)
    assert declares.acceptes == len(creches)
    monde.horloge.regler(FILOUE, Heure.RECEPTION)
    for code in creches:
        fichier = fichier_filoue(ici, code, EXERCICE, 1000, juste=True)
        chemin = dossier / fichier.nom
        chemin.write_bytes(fichier.octets)
        deposer(ici, chemin)
    _, lus = recevoir(ici)
    yield monde, lus
    ici.moteur.dispose()


def lettre(monde: Monde, code: str) -> str:
    """The answer to a crèche's file, as its partner reads it."""
    for chemin in (monde.contexte.reglages.var / "courriels" / FILOUE.isoformat()).glob("reponse_filoue*.eml"):
        courriel = message_from_bytes(chemin.read_bytes(), policy=policy.default)
        corps = courriel.get_body(("plain",))
        assert corps is not None
        texte = " ".join(str(corps.get_content()).split())
        if charger_reseau(monde.contexte.reglages.config).lieu(code)[1].nom in texte:
            return texte
    raise AssertionError(code)


def test_les_ecarts_plantes_sont_ceux_de_part_et_d_autre_du_seuil(recus: tuple[Monde, BilanFiloue]) -> None:
    bilan = croiser(recus[0].contexte, EXERCICE)
    lus = {ligne.structure: ligne.ecarts for ligne in bilan.lignes}
    for code in (SANS_ECART, SOUS_LE_SEUIL, AU_DELA):
        ecarts = lus[code]
        assert ecarts is not None
        assert ecarts[0].part is not None
        assert round(ecarts[0].part, 4) == round(ECARTS.get(code, Fraction(1)) - 1, 4)
    assert [ligne.structure for ligne in bilan.en_alerte] == [AU_DELA]
    assert bilan.phrase == "3 fichier(s) comparé(s) au réel 2025, dont 1 avec un écart à expliquer ; 0 sans réel."


def test_seul_le_second_est_dit_au_partenaire(recus: tuple[Monde, BilanFiloue]) -> None:
    monde, _ = recus
    dite = lettre(monde, AU_DELA)
    assert "soit un écart de +12 %" in dite
    assert "au réel" in dite
    for code in (SANS_ECART, SOUS_LE_SEUIL):
        assert "écart" not in lettre(monde, code)


def test_l_equipe_le_voit_au_recu_et_au_suivi_et_rien_n_est_refuse(recus: tuple[Monde, BilanFiloue]) -> None:
    monde, lus = recus
    par_code = {ligne.structure: ligne for ligne in lus.lignes}
    assert {code: ligne.etat for code, ligne in par_code.items()} == dict.fromkeys(par_code, "accepte")
    assert {code: ligne.alertes for code, ligne in par_code.items()} == {SANS_ECART: 0, SOUS_LE_SEUIL: 0, AU_DELA: 1}
    ((_, dit),) = lire_recu(monde.contexte, par_code[AU_DELA].fichier).points
    assert dit.startswith("Heures facturées")
    assert " ".join(dit.split()).endswith("soit un écart de +12 %.")
    assert lire_recu(monde.contexte, par_code[SOUS_LE_SEUIL].fichier).points == ()
    suivi = suivre(monde.contexte, identifiant="filoue-2026")
    assert (suivi.recues, suivi.alertes) == (3, 1)
