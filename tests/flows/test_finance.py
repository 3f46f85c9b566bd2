"""A batch after its signatures, and a due that must not be paid, from the run forms to what waits again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.states import Failed

from demonstration.serveur import Serveur
from flows.demandes import DemandeLot
from flows.demandes_finance import (
    DemandeContrepassation,
    DemandeLevee,
    DemandeRefus,
    DemandeResultats,
    DemandeSuspension,
    DemandeTransmission,
)
from flows.finance import contrepasser, lever, refuser, suspendre, transmettre
from flows.resultats import rapprocher
from flows.versements import liberer_lot
from modeles.base import transaction
from modeles.tables import CoordonneeBancaire
from operations.codes import poser_code
from operations.contexte import Contexte
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.lots import proposer_lot, resume_lot
from operations.rapprochement import rapprocher as rapprocher_en_direct
from operations.signatures import ordonner_lot, transmettre_lot
from regles.etats import EtatLot
from tasks import liberations
from tests.flows.suspendues import suspendue
from tests.flows.test_flux import artefact
from tests.operations.argent import (
    CODE,
    ETAPE,
    INSTANT,
    JOUR,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_declaration,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    ajouter_structure,
    liberer,
)

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

S01, S02 = "2025-EAJE-S01-01", "2025-EAJE-S02-01"
FAUX = "chapeau de paille"
LENDEMAIN = date(2026, 3, 13)


@pytest.fixture
def propose(installation: Contexte) -> Contexte:
    """A proposed batch (1) of 300,00 € and 0,05 €."""
    with transaction(installation.moteur) as session:
        ajouter_partenaire(session, nom="Commune")
        ajouter_reel(session, 1, 30_000, 0)
        ajouter_reel(session, 2, 5, 0)
    preparer_dus(installation, ETAPE, JOUR)
    assert proposer_lot(installation, ETAPE, PROPOSE, JOUR) == 1
    return installation


@pytest.fixture
def exporte(propose: Contexte) -> Contexte:
    liberer(propose, 1)
    exporter_lot(propose, 1, JOUR)
    return propose


def releve(ctx: Contexte, *lignes: str) -> Path:
    fichier = ctx.reglages.var / "retour.csv"
    fichier.write_text("\n".join(["reference;resultat;code;montant;date", *lignes, ""]), encoding="utf-8")
    return fichier


def test_de_la_remise_a_la_banque_a_la_contre_passation(exporte: Contexte) -> None:
    remis = transmettre(DemandeTransmission(lot=1, par=LIBERE, jour=LENDEMAIN), return_state=True)
    assert remis.message == "Lot n° 1 transmis : chaque ligne attend le résultat de la banque."
    assert resume_lot(exporte, 1).etat is EtatLot.TRANSMIS
    rapprocher_en_direct(exporte, releve(exporte, f"{S01};payé;;;"), LIBERE, LENDEMAIN, appliquer=True)
    demande = DemandeContrepassation(reference=S01, motif="revenu", par=LIBERE, jour=LENDEMAIN)
    fait = contrepasser(demande, return_state=True)
    assert fait.is_completed()
    assert "2025-EAJE-S01-02, à recouvrer" in (fait.message or "")


def test_un_lot_se_refuse_meme_vise(propose: Contexte, serveur: Serveur) -> None:
    liberer(propose, 1)
    fait = refuser(DemandeRefus(lot=1, motif="export impossible", par=LIBERE, jour=JOUR), return_state=True)
    assert "de nouveau à proposer" in (fait.message or "")
    assert resume_lot(propose, 1).etat is EtatLot.REFUSE
    assert "export impossible" in artefact(serveur, "lot-reels-2025-a-lot-01")["data"]


@pytest.mark.parametrize(
    ("flux", "demande", "phrase"),
    [
        (transmettre, DemandeTransmission(lot=1, par=LIBERE, jour=JOUR), "n'est pas exporté"),
        (transmettre, DemandeTransmission(lot=1, par="x", jour=JOUR), "n'est pas une personne de l'équipe"),
        (refuser, DemandeRefus(lot=1, motif="doute", par=PROPOSE, jour=JOUR), "n'est pas habilité"),
        (lever, DemandeLevee(reference=S01, motif="reçue", par=ORDONNE, jour=JOUR), "n'est pas suspendu"),
        (
            suspendre,
            DemandeSuspension(reference="X", motif="pieces", texte="attendue", par=ORDONNE, jour=JOUR),
            "Aucun versement",
        ),
        (
            contrepasser,
            DemandeContrepassation(reference=S01, motif="revenu", par=LIBERE, jour=JOUR),
            "n'est pas payé d'après la banque",
        ),
        (rapprocher, DemandeResultats(fichier="/nulle/part.xml", par=LIBERE, jour=JOUR), "/nulle/part.xml"),
        (rapprocher, DemandeResultats(fichier="/nulle/part.xml", par=ORDONNE, jour=JOUR), "n'est pas habilité"),
    ],
)
def test_un_refus_est_une_phrase(propose: Contexte, flux: Any, demande: Any, phrase: str) -> None:
    etat = flux(demande, return_state=True)
    assert etat.is_failed()
    assert phrase in (etat.message or "")
    assert "Traceback" not in (etat.message or "")


@pytest.fixture
def liberation(propose: Contexte) -> Iterator[str]:
    """The deployment that waits for signatures; no worker takes its runs here."""
    with get_client(sync_client=True) as client:
        deploiement = client.create_deployment(client.create_flow(liberer_lot), name="libération")
        yield str(deploiement)
        client.delete_deployment(deploiement)


def attente(execution: FlowRun) -> bool:
    return execution.state is not None and not execution.state.is_final()


def test_un_lot_qui_perd_ses_signatures_est_attendu_de_nouveau(propose: Contexte, liberation: str) -> None:
    """One run at a time waits for a batch; once it has ended, badly or not, another one is started."""
    siennes = DeploymentFilter(id=DeploymentFilterId(any_=[liberation]))
    with get_client(sync_client=True) as client:
        for _ in range(2):
            assert "l’attend" in liberations.demander(1, JOUR)
        (premiere,) = client.read_flow_runs(deployment_filter=siennes)
        assert premiere.name == "Libération du lot n° 1"
        client.set_flow_run_state(premiere.id, Failed(message="le fichier de virements a une faute"), force=True)
        liberer(propose, 1)
        demande = DemandeSuspension(reference=S01, motif="pieces", texte="attendue", par=ORDONNE, jour=JOUR)
        fait = suspendre(demande, return_state=True)
        assert "Ses signatures sont retirées. À ordonnancer par quelqu’un d’autre" in (fait.message or "")
        executions = client.read_flow_runs(deployment_filter=siennes)
        assert sorted(attente(execution) for execution in executions) == [False, True]
    assert resume_lot(propose, 1).etat is EtatLot.PROPOSE
    leve = lever(DemandeLevee(reference=S01, motif="reçue", par=ORDONNE, jour=JOUR), return_state=True)
    assert "n’est plus suspendu" in (leve.message or "")


def test_sans_deploiement_la_commande_est_dite(propose: Contexte) -> None:
    ordonner_lot(propose, 1, ORDONNE, JOUR)
    demande = DemandeSuspension(reference=S01, motif="pieces", texte="attendue", par=ORDONNE, jour=JOUR)
    assert (suspendre(demande, return_state=True).message or "").endswith("campagnes ordonner 1.")
    vide = demande.model_copy(update={"reference": S02})
    assert (suspendre(vide, return_state=True).message or "").endswith("n'a plus de ligne : il est refusé.")


def test_un_export_refuse_dit_quoi_faire(propose: Contexte) -> None:
    with transaction(propose.moteur) as session:
        ajouter_partenaire(session, 2, compte=False)
        session.add(
            CoordonneeBancaire(
                partenaire_id=2, iban="FR7612345678901234567890123", titulaire="Commune", du=date(2023, 1, 1),
                enregistree_par=PROPOSE, enregistree_le=INSTANT, confirmee_par=LIBERE, confirmee_le=INSTANT,
                contre_appel="rappelé",
            )
        )  # fmt: skip
        ajouter_structure(session, 3, 2)
        ajouter_declaration(session, 3, 3)
        ajouter_droit(session, 3, 700)
    preparer_dus(propose, ETAPE, JOUR)
    assert proposer_lot(propose, ETAPE, PROPOSE, JOUR) == 2
    liberer(propose, 2)
    etat = liberer_lot(DemandeLot(lot=2, jour=JOUR), return_state=True)
    assert etat.is_failed()
    assert "l'IBAN ne tient pas" in (etat.message or "")
    assert "Le lot n° 2 garde son visa, rien n’est exporté" in (etat.message or "")


def test_les_resultats_attendent_l_accord_d_une_personne(exporte: Contexte, serveur: Serveur) -> None:
    """A preview, a wrong code, a preview that moved, then the write: nothing of a code stays in Prefect."""
    poser_code(exporte, LIBERE, CODE)
    with suspendue(transmettre, DemandeTransmission(lot=1, par=LIBERE, jour=JOUR)) as remise:
        assert remise.jouer().is_paused()
        assert "Le lot n° 1 va être noté transmis" in str(remise.gardes())
        assert remise.repondre(code=CODE).is_completed()
        assert CODE not in str(remise.gardes())
    fichier = releve(exporte, f"{S01};payé;;300,00;", f"{S02};rejeté;AC04;;", "INCONNUE;payé;;;")
    demande = DemandeResultats(fichier=str(fichier), par=LIBERE, jour=LENDEMAIN)
    with suspendue(rapprocher, demande) as execution:
        assert execution.jouer().is_paused()
        publie = artefact(serveur, "resultats-de-la-banque")["data"]
        assert all(dit in publie for dit in (S01, "AC04", "INCONNUE", "**Resume**", "Rien n’est écrit"))
        assert execution.repondre(decision="Appliquer", code=FAUX).is_paused()
        assert "encore 4 essai(s)" in artefact(serveur, "resultats-de-la-banque")["data"]
        releve(exporte, f"{S01};payé;;300,00;", f"{S02};payé;;;")
        assert execution.repondre(decision="Appliquer", code=CODE).is_paused()
        assert resume_lot(exporte, 1).etat is EtatLot.TRANSMIS
        fini = execution.repondre(decision="Appliquer", code=CODE)
        assert fini.is_completed()
        assert "2 virement(s) payé(s)" in (fini.message or "")
        gardes = str(execution.gardes())
    assert resume_lot(exporte, 1).etat is EtatLot.EXECUTE
    assert (FAUX in gardes, CODE in gardes) == (False, False)
    encore = rapprocher(demande, return_state=True)
    assert (encore.message or "").startswith("Rien à écrire.")


def test_renoncer_n_ecrit_rien(exporte: Contexte) -> None:
    transmettre_lot(exporte, 1, LIBERE, JOUR)
    demande = DemandeResultats(fichier=str(releve(exporte, f"{S01};payé;;;")), par=LIBERE, jour=LENDEMAIN)
    with suspendue(rapprocher, demande) as execution:
        execution.jouer()
        assert "rien n’est écrit" in (execution.repondre(decision="Renoncer").message or "")
    assert len(rapprocher_en_direct(exporte, Path(demande.fichier), LIBERE, LENDEMAIN).payees) == 1
