"""The journal verified: a chain cut at its end is whole in itself, the exports remember where it was."""

import pytest
from typer.testing import CliRunner

from commandes.principal import application
from modeles.base import transaction
from modeles.journal import inscrire
from operations.contexte import Contexte
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.journal import verifier_journal
from operations.lots import proposer_lot
from tests.modeles.test_journal import attenter, ecrire
from tests.operations.argent import ETAPE, INSTANT, JOUR, PROPOSE, ajouter_partenaire, ajouter_reel, liberer


@pytest.fixture
def exporte(contexte_deux_bases: Contexte) -> Contexte:
    """A batch of one line, exported."""
    ici = contexte_deux_bases
    with transaction(ici.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 100_000, 70_000)
    preparer_dus(ici, ETAPE, JOUR)
    assert proposer_lot(ici, ETAPE, PROPOSE, JOUR) == 1
    liberer(ici, 1)
    exporter_lot(ici, 1, JOUR)
    return ici


def test_un_journal_entier_est_compare_a_chaque_export(exporte: Contexte) -> None:
    etat = verifier_journal(exporte)
    assert (etat.rupture, etat.ancres, etat.defaut) == (None, 1, "")


@pytest.mark.parametrize("suite", [0, 4])
def test_une_fin_coupee_se_voit_meme_prolongee(exporte: Contexte, suite: int) -> None:
    """The export follows the line of its visa: cut before it, then continued past it or not."""
    lignes = verifier_journal(exporte).lignes
    attenter(exporte, f"DELETE FROM journal WHERE numero > {lignes - 3}")  # noqa: S608
    with transaction(exporte.moteur) as session:
        for rang in range(suite):
            inscrire(session, le=INSTANT, par=PROPOSE, objet="lot", objet_id=rang, action="proposer")
    etat = verifier_journal(exporte)
    assert etat.rupture == lignes - 1
    assert f"{ETAPE}-lot-01" in etat.defaut


def test_un_export_qui_n_a_plus_sa_ligne_ne_garantit_rien(exporte: Contexte) -> None:
    with exporte.moteur.begin() as connexion:
        if connexion.dialect.name == "sqlite":
            connexion.exec_driver_sql("DROP TRIGGER garde_exportlot_update")
        else:
            connexion.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connexion.exec_driver_sql("UPDATE exportlot SET octets = 'rien'")
    assert verifier_journal(exporte).rupture == 1


def test_un_journal_vide_dans_une_base_qui_a_servi_est_rompu(exporte: Contexte) -> None:
    attenter(exporte, "DELETE FROM journal")
    etat = verifier_journal(exporte)
    assert (etat.rupture, "il est vide" in etat.defaut) == (1, True)


def test_une_base_neuve_a_un_journal_entier(contexte: Contexte) -> None:
    assert verifier_journal(contexte).rupture is None


@pytest.mark.parametrize("valeur", ["le = 'infinity'", "par = CAST(x'ff' AS TEXT)"])
def test_une_derniere_ligne_illisible_est_une_rupture(contexte_deux_bases: Contexte, valeur: str) -> None:
    if "CAST" in valeur and contexte_deux_bases.moteur.dialect.name == "postgresql":
        pytest.skip("PostgreSQL n'enregistre aucun texte qui ne soit de l'UTF-8")
    ecrire(contexte_deux_bases, 3)
    attenter(contexte_deux_bases, f"UPDATE journal SET {valeur} WHERE numero = 3")  # noqa: S608
    assert verifier_journal(contexte_deux_bases).rupture == 3


def test_la_commande_dit_ce_qui_manque(exporte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commandes.versements.contexte", lambda: exporte)
    dit = CliRunner().invoke(application, ["journal", "verifier"])
    assert dit.exit_code == 0
    assert "1 ligne(s) comparée(s)" in dit.output
    attenter(exporte, "DELETE FROM journal WHERE numero > 2")
    dit = CliRunner().invoke(application, ["journal", "verifier"])
    assert dit.exit_code == 1
    assert "il s'arrête à la ligne 2, l'export du lot reels-2025-a-lot-01 en garde l'empreinte" in dit.output
