"""The simulated year on a small network: its checks hold, they would see a fault, stops change what they must."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

from demonstration.annee.arrets import jours
from demonstration.annee.bilan import ENTETE, LigneEtape, lignes, totaux
from demonstration.annee.comparaison import Bilan, comparer, dresser
from demonstration.annee.conduites import envois
from demonstration.annee.controles import Controles, InvariantRompu
from demonstration.annee.dossiers import remises
from demonstration.annee.jeu import Consigne, Partie, conclure, lancer
from demonstration.annee.monde import Monde, ouvrir_monde
from demonstration.annee.oracle import consulter
from regles.etats import EtatAction
from tests.demonstration.reduit import config_reduite

pytestmark = pytest.mark.xdist_group("scenario")

DERNIER = date(2026, 1, 21)
RELANCE = date(2026, 1, 4)  # the reminder that the calendar publishes for the first prévisionnels
# Ten days across openings; six across openings (14 and 16 January), reminders (13th), a limit (16th), a closing (17th).
ARRETS = ((date(2025, 12, 5), date(2025, 12, 14)), (date(2026, 1, 13), date(2026, 1, 18)))
GESTIONNAIRES = (0, 3)  # seven crèches, and what the series add


@dataclass(frozen=True)
class Jouee:
    """A year played to its end: its world, what it came to, and how."""

    monde: Monde
    bilan: Bilan
    partie: Partie


def tres_petite_config(dossier: Path) -> Path:
    """The reduced configuration with fewer crèches still: three years of it are played at once."""
    config = config_reduite(dossier)
    reseau = config / "demonstration" / "reseau.yaml"
    ecrit = yaml.safe_load(reseau.read_text(encoding="utf-8"))
    ecrit["gestionnaires"] = [ecrit["gestionnaires"][rang] for rang in GESTIONNAIRES]
    reseau.write_text(yaml.safe_dump(ecrit, allow_unicode=True), encoding="utf-8")
    return config


@pytest.fixture(scope="module")
def annees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Jouee]]:
    """The same months, plain, killed on the way, and with ten days off twice."""
    dossier = tmp_path_factory.mktemp("annee")
    config = tres_petite_config(dossier)
    consignes = {
        "entiere": Consigne(dossier / "entiere", config, dernier=DERNIER),
        "tuee": Consigne(dossier / "tuee", config, morts=3, vies=(100, 600), dernier=DERNIER),
        "arretee": Consigne(dossier / "arretee", config, frozenset(jours(ARRETS)), dernier=DERNIER),
    }
    encours = {nom: lancer(consigne) for nom, consigne in consignes.items()}
    jouees = {}
    for nom, consigne in consignes.items():
        partie = conclure(consigne, encours[nom])
        monde = ouvrir_monde(consigne.var, config)
        jouees[nom] = Jouee(monde, dresser(monde), partie)
    yield jouees
    for jouee in jouees.values():
        jouee.monde.contexte.moteur.dispose()


def controles(monde: Monde) -> Controles:
    ici = monde.contexte
    return Controles(monde, envois(ici), remises(ici), ())


def ligne(monde: Monde, etape: str) -> LigneEtape:
    return next(ligne for ligne in lignes(monde, consulter(monde.contexte)) if ligne.etape == etape)


def test_chaque_jour_tout_est_verifie(annees: dict[str, Jouee]) -> None:
    faits = annees["entiere"].partie.faits
    assert faits["journal entier"] == 82
    assert faits["aucun courriel à qui ne doit rien"] > 50
    assert faits["tous ceux qui doivent sont écrits"] > 50
    assert faits["jamais payé plus que le droit"] > 20
    assert set(faits) == set(annees["arretee"].partie.faits) - {"rien ne part quand le serveur est arrêté"}


def test_le_tableau_dit_chaque_etape(annees: dict[str, Jouee]) -> None:
    monde = annees["entiere"].monde
    previsionnels = ligne(monde, "previsionnels-2026-a")
    assert (previsionnels.ouverte, previsionnels.close) == (date(2025, 12, 7), date(2026, 1, 11))
    assert sum(previsionnels.relances) == 2
    assert 0 < previsionnels.recus <= previsionnels.attendus
    assert len(str(previsionnels)) == len(ENTETE)
    assert ligne(monde, "acompte-1-2026").recus > 0
    assert any("chaîne entière" in total for total in totaux(monde))


def test_tuee_et_relancee_le_jour_meme_l_annee_est_la_meme_a_l_octet(annees: dict[str, Jouee]) -> None:
    entiere, tuee = annees["entiere"], annees["tuee"]
    assert tuee.partie.morts == 3
    assert tuee.bilan == entiere.bilan
    assert len(entiere.bilan.lettres) > 50


def test_dix_jours_d_arret_ne_changent_que_ce_que_dit_la_regle(annees: dict[str, Jouee]) -> None:
    entiere, arretee = annees["entiere"], annees["arretee"]
    verdict = comparer(entiere.monde.contexte, entiere.bilan, arretee.bilan, ARRETS)
    assert verdict.fautes == ()
    assert arretee.bilan.droits == entiere.bilan.droits
    assert arretee.bilan.dus == entiere.bilan.dus
    assert arretee.bilan.courriels != entiere.bilan.courriels
    assert arretee.bilan.registre["previsionnels-2026-a-ouvrir"] == (date(2025, 12, 15), EtatAction.FAITE)


def test_un_ecart_que_la_regle_n_explique_pas_est_une_faute(annees: dict[str, Jouee]) -> None:
    entiere, arretee = annees["entiere"], annees["arretee"]
    sans_le_dire = comparer(entiere.monde.contexte, entiere.bilan, arretee.bilan)
    assert any("pas le même sans arrêt" in faute for faute in sans_le_dire.fautes)
    assert any("n'est pas comme sans arrêt" in faute for faute in sans_le_dire.fautes)


def test_une_relance_a_qui_a_repondu_serait_vue(annees: dict[str, Jouee]) -> None:
    veille = controles(annees["entiere"].monde)
    veille.verifier(RELANCE)
    for code in veille.oracle.attendus["previsionnels-2026-a"]:
        veille.oracle.quitte["previsionnels-2026-a", code] = veille.monde.horloge().replace(year=2025, month=11, day=2)
    with pytest.raises(InvariantRompu, match="aucun courriel à qui ne doit rien"):
        controles_avec(veille).verifier(RELANCE)


def test_une_relance_oubliee_serait_vue(annees: dict[str, Jouee]) -> None:
    veille = controles(annees["entiere"].monde)
    veille.verifier(RELANCE)
    veille.oracle.quitte.clear()
    with pytest.raises(InvariantRompu, match="tous ceux qui doivent sont écrits"):
        controles_avec(veille).verifier(RELANCE)


def controles_avec(veille: Controles) -> Controles:
    """Look again with the same oracle, and no memory of the mails."""
    autre = controles(veille.monde)
    autre.verifier(date(2025, 11, 1))
    autre.oracle = veille.oracle
    return autre


def test_un_courriel_apres_la_cloture_serait_vu(annees: dict[str, Jouee]) -> None:
    veille = controles(annees["entiere"].monde)
    veille.oracle.fins = {**veille.oracle.fins, "previsionnels-2026-a": date(2026, 1, 3)}
    with pytest.raises(InvariantRompu, match="aucun courriel après la clôture"):
        veille.verifier(RELANCE)
