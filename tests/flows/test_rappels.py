"""The rappels as the team runs them: the list published, an answer turned down, a list that changed, then the dues."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import Scheduled

from demonstration.serveur import Serveur
from flows.demandes import DemandeRappels
from flows.rappels import rappeler
from modeles.base import transaction
from modeles.tables import Convention
from operations.contexte import Contexte
from operations.rappels import calculer_rappels
from regles.monnaie import formater_euros
from tests.flows.test_flux import artefact
from tests.operations.argent import ETAPE, etats
from tests.operations.revalorisations import APRES, AVANT, calculer_et_payer, peupler

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

DEMANDE = DemandeRappels(exercices=[2025], jour=APRES)
REPONSE = {"decision": "Confirmer", "motif": "revalorisation lue"}


@pytest.fixture
def client(installation: Contexte) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as ouvert:
        yield ouvert


@pytest.fixture
def execution(installation: Contexte, client: SyncPrefectClient) -> Iterator[UUID]:
    """A run of a deployment, as a worker would pick it up, over a crèche paid before the revaluation."""
    peupler(installation, 1)
    calculer_et_payer(installation, AVANT)
    deploiement = client.create_deployment(client.create_flow(rappeler), name="rappels-essai")
    parametres = {"demande": DEMANDE.model_dump(mode="json")}
    yield client.create_flow_run_from_deployment(deploiement, parameters=parametres, state=Scheduled()).id
    client.delete_deployment(deploiement)


def jouer(client: SyncPrefectClient, execution: UUID) -> State[Any]:
    """Play the run as a worker does, from its first line, until it waits or ends."""
    run = client.read_flow_run(execution)
    parametres = {"demande": DemandeRappels(**run.parameters["demande"])}
    with suppress(Pause):
        run_flow(rappeler, flow_run=run, parameters=parametres, return_type="state")
    etat = client.read_flow_run(execution).state
    assert etat is not None
    return etat


def repondre(client: SyncPrefectClient, execution: UUID, **reponse: str) -> State[Any]:
    client.resume_flow_run(execution, run_input=REPONSE | reponse)
    return jouer(client, execution)


def test_une_personne_confirme_la_liste_qu_elle_a_lue(
    installation: Contexte, serveur: Serveur, client: SyncPrefectClient, execution: UUID
) -> None:
    (ligne,) = calculer_rappels(installation, (2025,), APRES).changees
    assert jouer(client, execution).is_paused()
    publie = artefact(serveur, "rappels-2025")["data"]
    assert all(dit in publie for dit in (formater_euros(ligne.montant_centimes), "Prix plafond P107", "**Resume**"))
    assert repondre(client, execution, par="a.leroy").is_paused()
    assert "pas habilité" in artefact(serveur, "rappels-2025")["data"]
    assert [e[0] for e in etats(installation)] == ["solde"]

    fini = repondre(client, execution, par="c.martin")
    assert fini.is_completed()
    assert f"1 rappel(s), {formater_euros(ligne.montant_centimes)}. À proposer : {ETAPE}." in (fini.message or "")
    assert etats(installation)[-1] == ("rappel", ligne.montant_centimes, "du")
    assert "Confirmés par c.martin" in artefact(serveur, "rappels-2025")["data"]


def test_une_liste_qui_change_pendant_l_attente_se_relit(
    installation: Contexte, serveur: Serveur, client: SyncPrefectClient, execution: UUID
) -> None:
    assert jouer(client, execution).is_paused()
    with transaction(installation.moteur) as session:
        convention = session.get_one(Convention, 1)
        convention.forfait_territoire_centimes = 10_000
        session.add(convention)
    assert repondre(client, execution, par="c.martin").is_paused()
    assert "La liste a changé depuis que vous l’avez lue" in artefact(serveur, "rappels-2025")["data"]
    (ligne,) = calculer_rappels(installation, (2025,), APRES).changees
    fini = repondre(client, execution, par="c.martin", decision="Renoncer")
    assert "non confirmés par c.martin" in (fini.message or "")
    assert calculer_rappels(installation, (2025,), APRES).changees == (ligne,)


def test_rien_a_rappeler_se_dit_sans_attendre(installation: Contexte, serveur: Serveur) -> None:
    etat = rappeler(DemandeRappels(exercices=[2026, 2025], jour=APRES), return_state=True)
    assert (etat.message or "").startswith("Rien à confirmer")
    assert "0 droit(s) à revoir" in artefact(serveur, "rappels-2025-2026")["description"]
    refus = rappeler(DemandeRappels(exercices=[2025], prestations=["EAGE"], jour=APRES), return_state=True)
    assert refus.is_failed()
    assert "Prestation inconnue" in (refus.message or "")
