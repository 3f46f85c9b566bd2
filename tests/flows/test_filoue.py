"""The Filoué campaign in the interface: opened by hand, read, followed, erased; no child in the server's database."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from demonstration.serveur import Serveur
from flows.demandes import DemandeEtape, DemandeJour, DemandeReception
from flows.etapes import jouer_etape
from flows.filoue import effacer, suivre
from flows.receptions import recevoir
from modeles.base import transaction
from modeles.tables import FichierFiloue
from operations.contexte import Contexte
from tests.fabrique import deposer_octets
from tests.filoue.fabrique import ALERTES, fichier
from tests.flows.test_flux import artefact
from tests.operations.filoue.campagne import ETAPE, JOUR, MATRICULE, installer

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

OUVERTURE = date(2026, 4, 1)


def test_une_campagne_filoue_se_lit_dans_l_interface(installation: Contexte, serveur: Serveur) -> None:
    installer(installation)
    sans_personne = jouer_etape(DemandeEtape(etape=ETAPE, verbe="ouvrir", jour=OUVERTURE), return_state=True)
    assert sans_personne.is_failed()
    assert "une personne de l'équipe" in (sans_personne.message or "")
    ouverte = jouer_etape(DemandeEtape(etape=ETAPE, verbe="ouvrir", par="c.martin", jour=OUVERTURE), return_state=True)
    assert "2 courriel(s) à envoyer pour 3 structure(s)" in (ouverte.message or "")

    deposer_octets(installation, "Filoue Zoe Dupont.csv", fichier(ALERTES["matricule mal formé"]))
    recu = recevoir(DemandeReception(jour=JOUR), return_state=True)
    assert "Filoué : 1 accepté(s)." in (recu.message or "")
    assert "accueillis en 2025 : 1 reçus sur 3" in (recu.message or "")

    suivi = suivre(DemandeJour(jour=JOUR + timedelta(days=7)), return_state=True)
    assert "1 reçus sur 3, soit 33,3" in (suivi.message or "")
    page = artefact(serveur, f"reponses-{ETAPE}")["data"]
    assert "DÉMONSTRATION" in page
    assert "██████░░░░░░░░░░░░░░ 33,3" in page
    assert "EAJE03" in page.split("Ce qui manque")[1]
    assert artefact(serveur, f"avancement-{ETAPE}")["data"] == pytest.approx(33.3)

    efface = effacer(DemandeJour(jour=JOUR + timedelta(days=91)), return_state=True)
    assert "1 fichier(s) Filoué effacé(s)" in (efface.message or "")
    with transaction(installation.moteur) as session:
        assert session.exec(select(FichierFiloue.octets_chiffres)).one() is None
    _rien_d_un_enfant(Path(serveur.dossier))


def _rien_d_un_enfant(dossier: Path) -> None:
    fichiers = [chemin for chemin in dossier.rglob("*") if chemin.is_file()]
    assert fichiers
    for chemin in fichiers:
        octets = chemin.read_bytes()
        assert not any(valeur in octets for valeur in (MATRICULE, b"12A4567", b"Dupont")), chemin.name
