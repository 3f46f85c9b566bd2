"""The rappels as the team runs them: the list published, an answer turned down, a list that changed, then the dues."""

from collections.abc import Iterator
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from demonstration.serveur import Serveur
from flows.demandes import DemandeRappels
from flows.rappels import rappeler
from modeles.base import transaction
from modeles.tables import Convention
from operations.codes import poser_code
from operations.contexte import Contexte
from operations.rappels import calculer_rappels
from regles.monnaie import formater_euros
from tests.flows.suspendues import Suspendue, suspendue
from tests.flows.test_flux import artefact
from tests.operations.argent import CODE, ETAPE, etats
from tests.operations.revalorisations import APRES, AVANT, calculer_et_payer, peupler

pytestmark = [pytest.mark.prefect, pytest.mark.xdist_group("prefect")]

DEMANDE = DemandeRappels(exercices=[2025], jour=APRES)
FAUX = "chapeau de paille"
REPONSE = {"decision": "Confirmer", "motif": "revalorisation lue"}


@pytest.fixture
def execution(installation: Contexte) -> Iterator[Suspendue]:
    """A run over a crèche paid before the revaluation."""
    peupler(installation, 1)
    calculer_et_payer(installation, AVANT)
    with suspendue(rappeler, DEMANDE) as lancee:
        yield lancee


def repondre(execution: Suspendue, **reponse: str) -> State[Any]:
    return execution.repondre(**REPONSE | reponse)


def test_une_personne_confirme_la_liste_qu_elle_a_lue(
    installation: Contexte, serveur: Serveur, execution: Suspendue
) -> None:
    (ligne,) = calculer_rappels(installation, (2025,), APRES).changees
    assert execution.jouer().is_paused()
    publie = artefact(serveur, "rappels-2025")["data"]
    assert all(dit in publie for dit in (formater_euros(ligne.montant_centimes), "Prix plafond P107", "**Resume**"))
    assert repondre(execution, par="a.leroy").is_paused()
    assert "pas habilité" in artefact(serveur, "rappels-2025")["data"]
    assert [e[0] for e in etats(installation)] == ["solde"]

    poser_code(installation, "c.martin", CODE)
    assert repondre(execution, par="c.martin", code=FAUX).is_paused()
    assert "encore 4 essai(s)" in artefact(serveur, "rappels-2025")["data"]
    fini = repondre(execution, par="c.martin", code=CODE)
    assert fini.is_completed()
    assert FAUX not in str(execution.gardes())
    assert CODE not in str(execution.gardes())
    assert f"1 rappel(s), {formater_euros(ligne.montant_centimes)}. À proposer : {ETAPE}." in (fini.message or "")
    assert etats(installation)[-1] == ("rappel", ligne.montant_centimes, "du")
    assert "Confirmés par c.martin" in artefact(serveur, "rappels-2025")["data"]


def test_une_liste_qui_change_pendant_l_attente_se_relit(
    installation: Contexte, serveur: Serveur, execution: Suspendue
) -> None:
    assert execution.jouer().is_paused()
    with transaction(installation.moteur) as session:
        convention = session.get_one(Convention, 1)
        convention.forfait_territoire_centimes = 10_000
        session.add(convention)
    assert repondre(execution, par="c.martin").is_paused()
    assert "La liste a changé depuis que vous l’avez lue" in artefact(serveur, "rappels-2025")["data"]
    (ligne,) = calculer_rappels(installation, (2025,), APRES).changees
    fini = repondre(execution, par="c.martin", decision="Renoncer")
    assert "non confirmés par c.martin" in (fini.message or "")
    assert calculer_rappels(installation, (2025,), APRES).changees == (ligne,)


def test_rien_a_rappeler_se_dit_sans_attendre(installation: Contexte, serveur: Serveur) -> None:
    etat = rappeler(DemandeRappels(exercices=[2026, 2025], jour=APRES), return_state=True)
    assert (etat.message or "").startswith("Rien à confirmer")
    assert "0 droit(s) à revoir" in artefact(serveur, "rappels-2025-2026")["description"]
    refus = rappeler(DemandeRappels(exercices=[2025], prestations=["EAGE"], jour=APRES), return_state=True)
    assert refus.is_failed()
    assert "Prestation inconnue" in (refus.message or "")
