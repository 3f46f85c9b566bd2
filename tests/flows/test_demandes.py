"""The run forms: French titles, a list of steps, and a played day that one may leave empty."""

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from flows.demandes import (
    DemandeCampagne,
    DemandeEtape,
    DemandeJour,
    DemandeLot,
    DemandeProposition,
    DemandeRappels,
    DemandeReception,
    DemandeReglement,
    DemandeRejet,
    DemandeSimulation,
    DemandeValidation,
)
from flows.demandes_commission import DemandeDecisions, DemandeSeance
from flows.demandes_dossiers import DemandeDelai, DemandeDossier, DemandePiece, DemandeTache
from flows.demandes_finance import (
    DemandeContrepassation,
    DemandeLevee,
    DemandeRefus,
    DemandeResultats,
    DemandeSuspension,
    DemandeTransmission,
)
from operations.configuration import identifiants_des_etapes
from schemas.configuration.reglages import RACINE

FORMULAIRES: dict[type[BaseModel], dict[str, Any]] = {
    DemandeJour: {},
    DemandeReception: {},
    DemandeEtape: {"etape": "reels-2025-a", "verbe": "ouvrir"},
    DemandeCampagne: {"etape": "reels-2025-a"},
    DemandeValidation: {"etape": "reels-2025-a", "par": "c.martin"},
    DemandeRejet: {"etape": "reels-2025-a", "structure": "EAJE01", "par": "c.martin", "motif": "Autre année"},
    DemandeReglement: {"cle": "relance:e:j-7:1", "suite": "renvoyer", "par": "c.martin", "motif": "Adresse"},
    DemandeProposition: {"etape": "reels-2025-a", "par": "c.martin"},
    DemandeLot: {"lot": 1},
    DemandeSimulation: {"exercice": 2026},
    DemandeRappels: {"exercices": [2025, 2026]},
    DemandeSeance: {"commission": "cas-2026-02"},
    DemandeDecisions: {"commission": "cas-2026-02", "par": "s.dubois"},
    DemandePiece: {"etape": "bilans-rpe-2025", "code": "RPE01", "piece": "sphinx", "par": "c.martin"},
    DemandeDossier: {"etape": "bilans-rpe-2025", "code": "RPE01", "geste": "annoncer", "par": "c.martin"},
    DemandeDelai: {
        "etape": "reels-2025-a",
        "code": "EAJE01",
        "jusqu_au": "2026-03-20",
        "motif": "Départ",
        "par": "c.martin",
    },
    DemandeRefus: {"lot": 1, "motif": "Un doute", "par": "a.leroy"},
    DemandeTransmission: {"lot": 1, "par": "a.leroy"},
    DemandeSuspension: {"reference": "R1", "motif": "pieces", "texte": "Attestation attendue", "par": "m.lefevre"},
    DemandeLevee: {"reference": "R1", "motif": "Attestation reçue", "par": "m.lefevre"},
    DemandeContrepassation: {"reference": "R1", "motif": "Revenu", "par": "a.leroy"},
    DemandeResultats: {"fichier": "retour.xml", "par": "a.leroy"},
    DemandeTache: {"cle": "appeler:reels-2025-a:P1", "suite": "Appelé", "par": "c.martin"},
}


@pytest.mark.parametrize("formulaire", FORMULAIRES)
def test_chaque_champ_a_un_titre_et_une_aide(formulaire: type[BaseModel]) -> None:
    schema = formulaire.model_json_schema()
    assert schema["description"] != formulaire.__doc__
    assert all(champ["title"] and champ["description"] for champ in schema["properties"].values())
    assert not any("anyOf" in champ for champ in schema["properties"].values())


@pytest.mark.parametrize("formulaire", FORMULAIRES)
def test_le_jour_joue_vient_en_dernier_et_peut_rester_vide(formulaire: type[BaseModel]) -> None:
    *_, (nom, champ) = formulaire.model_json_schema()["properties"].items()
    assert nom == "jour"
    assert (champ["type"], champ["format"]) == ("string", "date")
    assert "default" not in champ
    demande = formulaire(**FORMULAIRES[formulaire])
    assert "jour" not in demande.model_dump()
    assert formulaire(**FORMULAIRES[formulaire], jour="2026-02-08").model_dump(mode="json")["jour"] == "2026-02-08"
    assert formulaire(**FORMULAIRES[formulaire], jour=date(2026, 2, 8)).model_dump()["jour"] == date(2026, 2, 8)


def test_les_etapes_se_choisissent_dans_une_liste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAGNES_CONFIG", str(RACINE / "config"))
    choix = DemandeCampagne.model_json_schema()["properties"]["etape"]["enum"]
    assert choix == list(identifiants_des_etapes(RACINE / "config"))
    assert len(choix) >= 28


def test_les_motifs_de_suspension_se_choisissent_dans_une_liste() -> None:
    champ = DemandeSuspension.model_json_schema()["properties"]["motif"]
    assert "pieces" in champ["enum"]
    assert "pieces : Pièce justificative absente" in champ["description"]


@pytest.mark.parametrize(
    ("formulaire", "valeurs"),
    [
        (DemandeEtape, {"etape": "e", "verbe": "supprimer"}),
        (DemandeEtape, {"etape": "e", "verbe": "relancer", "rang": -1}),
        (DemandeProposition, {"etape": "e", "par": ""}),
        (DemandeLot, {"lot": 0}),
        (DemandeSuspension, {"reference": "R1", "motif": "pieces", "texte": "", "par": "m.lefevre"}),
        (DemandeRappels, {"exercices": []}),
        (DemandeJour, {"date": "2026-02-08"}),
    ],
)
def test_une_demande_mal_remplie_est_refusee(formulaire: type[BaseModel], valeurs: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        formulaire(**valeurs)
