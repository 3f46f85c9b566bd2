"""The flows in this process, on a real server and a real database."""

import json
from datetime import date
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State

from demonstration.actes import Acte
from demonstration.partenaires import agir
from demonstration.serveur import Serveur
from flows.courriels import regler
from flows.demandes import (
    DemandeCampagne,
    DemandeEtape,
    DemandeJour,
    DemandeProposition,
    DemandeReception,
    DemandeReglement,
    DemandeRejet,
    DemandeValidation,
)
from flows.demandes_dossiers import DemandeDelai, DemandePiece, DemandeTache
from flows.dossiers import clore_tache, prolonger, traiter_piece
from flows.droits import calculer_droits, rejeter, valider
from flows.etapes import jouer_etape
from flows.rattrapage import rattraper
from flows.receptions import recevoir
from flows.suivi import suivre
from flows.versements import proposer_lot
from operations.contexte import Contexte
from regles.dates import en_toutes_lettres

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

ETAPE = "reels-2025-a"
OUVERTURE, DEPOTS, REPRISE = date(2026, 2, 8), date(2026, 2, 11), date(2026, 3, 1)
DEUX_BONS = (Acte("EAJE01"), Acte("EAJE02"))


def artefact(serveur: Serveur, cle: str) -> dict[str, Any]:
    """The newest artifact under a key."""
    filtre = {"artifacts": {"key": {"any_": [cle]}}, "sort": "CREATED_DESC", "limit": 1}
    trouves = httpx.post(f"{serveur.api}/artifacts/filter", json=filtre).raise_for_status().json()
    return dict(trouves[0])


def nom_de_l_execution(serveur: Serveur, etat: State[Any]) -> str:
    return str(httpx.get(f"{serveur.api}/flow_runs/{etat.state_details.flow_run_id}").json()["name"])


def test_une_campagne_se_lit_dans_l_interface(petite_installation: Contexte, serveur: Serveur) -> None:
    ouverture = jouer_etape(DemandeEtape(etape=ETAPE, verbe="ouvrir", jour=OUVERTURE), return_state=True)
    assert ouverture.is_completed()
    assert "Courriels : 20 envoyé(s)." in (ouverture.message or "")
    assert nom_de_l_execution(serveur, ouverture) == "Ouverture : Réels 2025 (EAJE, RPE…)"

    for acte in DEUX_BONS:
        agir(petite_installation, acte)
    reception = recevoir(DemandeReception(jour=DEPOTS), return_state=True)
    assert reception.is_completed()
    assert "Réels 2025 (EAJE, RPE…) : 2 reçus sur 25" in (reception.message or "")
    assert nom_de_l_execution(serveur, reception) == "Boîte de dépôt : 2 accepté(s), 0 refusé(s)"
    assert (
        artefact(serveur, f"avancement-{ETAPE}")["description"]
        == "Réels 2025 (EAJE, RPE…) : 2 reçus sur 25 (DÉMONSTRATION)"
    )
    assert artefact(serveur, "lecture-des-fichiers")["data"] == 100
    assert artefact(serveur, "reception")["description"] == "Dernière réception : 2 accepté(s), 0 refusé(s)."

    synthese = artefact(serveur, f"synthese-{ETAPE}")
    assert f"Limite : **{en_toutes_lettres(date(2026, 2, 27))}**" in synthese["data"]
    assert f"relancer n° 1, {en_toutes_lettres(date(2026, 2, 20))}" in synthese["data"]
    page = artefact(serveur, "tableau-de-bord")
    assert f"/artifacts/artifact/{synthese['id']}" in page["data"]
    assert "## À faire par l’équipe" in page["data"]
    assert "COG-01-07" in page["data"]
    a_faire = json.loads(artefact(serveur, "a-faire")["data"])
    assert {"partenaire", "équipe"} <= {ligne["Qui"] for ligne in a_faire}
    assert f"/artifacts/artifact/{artefact(serveur, 'a-faire')['id']}" in page["data"]

    vide = recevoir(DemandeReception(jour=DEPOTS), return_state=True)
    assert vide.message == "Rien de nouveau dans la boîte de dépôt."

    nomme = petite_installation.reglages.var / "nomme.xlsx"
    nomme.write_bytes(b"pas un classeur")
    recu = recevoir(DemandeReception(fichier=str(nomme), jour=DEPOTS), return_state=True)
    assert "0 accepté(s), 1 refusé(s)" in (recu.message or "")
    absent = recevoir(DemandeReception(fichier="/nulle/part.xlsx", jour=DEPOTS), return_state=True)
    assert absent.is_failed()
    assert "n'existe pas" in (absent.message or "")

    validation = valider(DemandeValidation(etape=ETAPE, par="c.martin", jour=REPRISE), return_state=True)
    assert (validation.message or "").startswith("2 déclaration(s) validée(s).")
    droits = calculer_droits(DemandeCampagne(etape=ETAPE, jour=REPRISE), return_state=True)
    assert (droits.message or "").startswith("2 droit(s), dont 2 payable(s)")
    assert "DÉMONSTRATION" in artefact(serveur, f"droits-{ETAPE}")["data"]


def test_le_rattrapage_reprend_dans_l_ordre_et_dit_ce_qu_il_saute(
    petite_installation: Contexte, serveur: Serveur
) -> None:
    etat = rattraper(DemandeJour(jour=REPRISE), return_state=True)
    assert etat.is_completed()
    bilan = artefact(serveur, "rattrapage")["data"]
    fait, saute = bilan.split("## Sauté")
    assert "Réels 2025 (EAJE, RPE…) : 20 courriel(s) à envoyer pour 25 structure(s)" in fait
    assert "- Relance n° 1 : Réels 2025 (EAJE, RPE…), sautée : dépassée par" in saute
    assert "- Relance n° 2 : Réels 2025 (EAJE, RPE…), sautée : dépassée par" in saute
    encore = rattraper(DemandeJour(jour=REPRISE), return_state=True)
    assert (encore.message or "").startswith("0 action(s) jouée(s), 0 sautée(s), 0 refusée(s).")
    suivi = suivre(DemandeJour(jour=REPRISE), return_state=True)
    assert "Réels 2025 (EAJE, RPE…) : 0 reçus sur 25" in nom_de_l_execution(serveur, suivi)


@pytest.mark.parametrize(
    ("flux", "demande", "phrase"),
    [
        (
            jouer_etape,
            DemandeEtape(etape=ETAPE, verbe="relancer", rang=7, jour=REPRISE),
            "Le calendrier ne prévoit pas de « relancer » de rang 7",
        ),
        (
            proposer_lot,
            DemandeProposition(etape=ETAPE, par="a.leroy", jour=REPRISE),
            "n'est pas habilité(e) à proposer",
        ),
        (calculer_droits, DemandeCampagne(etape="cas-2026-02", jour=REPRISE), "aucun droit à calculer"),
        (
            rejeter,
            DemandeRejet(etape=ETAPE, structure="E9", par="c.martin", motif="Autre année", jour=REPRISE),
            "n'est le code d'aucune structure",
        ),
        (
            regler,
            DemandeReglement(cle="relance:x:j-7:1", suite="renvoyer", par="c.martin", motif="Adresse", jour=REPRISE),
            "Aucun courriel ne porte la clé",
        ),
        (
            traiter_piece,
            DemandePiece(etape="bilans-pdn-2025", code="P1", piece="bilan", constat="vu", par="personne", jour=REPRISE),
            "n'est pas une personne de l'équipe",
        ),
        (
            prolonger,
            DemandeDelai(
                etape="acompte-1-2026", code="P1", jusqu_au=REPRISE, motif="Départ", par="c.martin", jour=REPRISE
            ),
            "n'a pas de date limite",
        ),
        (
            clore_tache,
            DemandeTache(cle="appeler:rien", suite="Appelé", par="c.martin", jour=REPRISE),
            "Aucune tâche ne porte la clé",
        ),
        (valider, DemandeValidation(etape="inconnue", par="c.martin", jour=REPRISE), "n'est dans aucun calendrier"),
    ],
)
def test_un_refus_est_une_phrase(installation: Contexte, flux: Any, demande: Any, phrase: str) -> None:
    etat = flux(demande, return_state=True)
    assert etat.is_failed()
    assert phrase in (etat.message or "")
    assert "Traceback" not in (etat.message or "")


def test_le_jour_d_une_seance_se_dit(installation: Contexte, serveur: Serveur) -> None:
    etat = jouer_etape(DemandeEtape(etape="cas-2026-02", verbe="sieger", jour=date(2026, 2, 12)), return_state=True)
    assert etat.is_completed(), etat.message
    assert nom_de_l_execution(serveur, etat) == "Séance : Commission d’action sociale de février 2026"
