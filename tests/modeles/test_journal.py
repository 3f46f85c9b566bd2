"""The journal's chain: whole when written normally, broken wherever a line is touched."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from modeles.base import creer_moteur, transaction
from modeles.journal import inscrire, rupture
from modeles.tables import LigneJournal
from operations.contexte import Contexte

INSTANT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ecrire(ctx: Contexte, nombre: int) -> None:
    for rang in range(nombre):
        with transaction(ctx.moteur) as session:
            inscrire(session, le=INSTANT, par="c.martin", objet="lot", objet_id=rang, action="proposer", motif="é")


def attenter(ctx: Contexte, instruction: str) -> None:
    """Play the intruder who can put the triggers aside."""
    with ctx.moteur.begin() as connexion:
        if ctx.moteur.dialect.name == "postgresql":
            connexion.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for moment in ("update", "delete"):
                connexion.execute(text(f"DROP TRIGGER garde_journal_{moment}"))
        connexion.execute(text(instruction))


def test_une_chaine_ecrite_normalement_est_entiere(contexte_deux_bases: Contexte) -> None:
    ecrire(contexte_deux_bases, 5)
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session) is None


@pytest.mark.parametrize(
    ("atteinte", "ligne"),
    [
        ("UPDATE journal SET par = 'x' WHERE numero = 3", 3),
        ("UPDATE journal SET motif = '' WHERE numero = 1", 1),
        ("DELETE FROM journal WHERE numero = 2", 3),
        ("DELETE FROM journal WHERE numero = 1", 2),
        ("UPDATE journal SET details = '[]' WHERE numero = 4", 4),
        ("UPDATE journal SET le = '2026-03-02 09:00:00.000001+00:00' WHERE numero = 2", 2),
        ("UPDATE journal SET enregistre_le = '2026-03-02 09:00:00+00:00' WHERE numero = 5", 5),
    ],
)
def test_une_atteinte_se_voit(contexte_deux_bases: Contexte, atteinte: str, ligne: int) -> None:
    ecrire(contexte_deux_bases, 5)
    attenter(contexte_deux_bases, atteinte)
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session) == ligne


def test_un_instant_illisible_est_une_rupture(contexte: Contexte) -> None:
    """SQLite keeps any text where an instant should be."""
    ecrire(contexte, 3)
    attenter(contexte, "UPDATE journal SET le = 'hier' WHERE numero = 2")
    with transaction(contexte.moteur) as session:
        assert rupture(session) == 2


def test_apres_une_ligne_sure_seule_la_suite_est_relue(contexte_deux_bases: Contexte) -> None:
    ecrire(contexte_deux_bases, 5)
    with transaction(contexte_deux_bases.moteur) as session:
        sure = session.get_one(LigneJournal, 3)
        assert rupture(session, sure) is None
    attenter(contexte_deux_bases, "UPDATE journal SET par = 'x' WHERE numero = 5")
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session, sure) == 5


def _ecrire_ailleurs(url: str) -> None:
    moteur = creer_moteur(url)
    for rang in range(10):
        with transaction(moteur) as session:
            inscrire(session, le=INSTANT, par="c.martin", objet="lot", objet_id=rang, action="proposer")


def test_quatre_processus_ecrivent_une_seule_chaine(contexte_deux_bases: Contexte) -> None:
    url = contexte_deux_bases.reglages.base_url
    with ProcessPoolExecutor(4) as processus:
        list(processus.map(_ecrire_ailleurs, [url] * 4))
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session) is None
        assert session.connection().execute(text("SELECT count(*) FROM journal")).scalar_one() == 40
