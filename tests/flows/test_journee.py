"""The morning without an orchestrator, as the simulated year plays it, is the morning of the daily flow."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from demonstration.actes import Acte, Geste
from demonstration.annee.dispositifs import adherer
from demonstration.annee.horloge import Heure
from demonstration.annee.monde import ouvrir_monde
from demonstration.installation import installer
from demonstration.partenaires import agir
from demonstration.reseau import charger_reseau
from flows.demandes import DemandeJour
from flows.rattrapage import rattraper
from modeles.base import transaction
from modeles.tables import ActionJouee, Courriel, Depot, Dossier, LigneJournal, Tache
from operations.contexte import Contexte
from operations.journee import matin

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

OUVERTURE, DEPOTS = date(2026, 2, 8), date(2026, 2, 9)
RETOUR = date(2026, 3, 10)  # reminders missed, closings due
FICHIERS = (Acte("EAJE01"), Acte("EAJE12", Geste.ARCHIVE_COUPEE, nom="declaration EAJE12.xlsx"))


# What a morning writes: the ledger, the outbox with its bytes, files, dossiers, calls, and the order of it all.
COLONNES: tuple[tuple[Any, ...], ...] = (
    (ActionJouee.cle, ActionJouee.etat, ActionJouee.le),
    (Courriel.cle, Courriel.etat, Courriel.octets),
    (Depot.sha256, Depot.etat, Depot.recu_le),
    (Dossier.etape, Dossier.etat, Dossier.cree_le),
    (Tache.cle, Tache.etat, Tache.echeance),
    (LigneJournal.objet, LigneJournal.objet_id, LigneJournal.action),
)


def etat(contexte: Contexte) -> list[list[tuple[Any, ...]]]:
    with transaction(contexte.moteur) as session:
        return [[tuple(ligne) for ligne in session.exec(select(*colonnes))] for colonnes in COLONNES]


def test_le_matin_sans_orchestrateur_est_celui_du_flux(petite_installation: Contexte, tmp_path: Path) -> None:
    avec, config = petite_installation, petite_installation.reglages.config
    sans = ouvrir_monde(tmp_path / "sans", config)
    installer(sans.contexte)
    for contexte in (avec, sans.contexte):
        adherer(contexte, charger_reseau(config))
    for jour in (OUVERTURE, DEPOTS, RETOUR):
        sans.horloge.regler(jour, Heure.MATIN)
        assert rattraper(DemandeJour(jour=jour), return_state=True).is_completed()
        assert matin(sans.contexte).refusees == ()
        assert etat(avec) == etat(sans.contexte)
        if jour == OUVERTURE:
            for contexte in (avec, sans.contexte):
                for acte in FICHIERS:
                    agir(contexte, acte)
    registre, courriels, fichiers, *_ = etat(avec)
    assert {ligne[1] for ligne in fichiers} == {"accepte", "refuse"}
    assert {ligne[1] for ligne in registre} == {"faite", "sautee"}
    assert len(courriels) > len(registre)
    sans.contexte.moteur.dispose()
