"""The journal's chain: whole when written normally, broken wherever a line is touched."""

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import Session

from modeles.base import creer_moteur, transaction
from modeles.journal import inscrire, rupture
from modeles.tables import LigneJournal
from operations.contexte import Contexte
from tests.conftest import sans_postgres

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
            for moment in ("insert", "update", "delete"):
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


@pytest.mark.parametrize("numero", [0, -7])
def test_une_ligne_forgee_avant_la_premiere_se_voit(contexte_deux_bases: Contexte, numero: int) -> None:
    ecrire(contexte_deux_bases, 2)
    colonnes = "le, enregistre_le, par, objet, objet_id, action, avant, apres, motif, details, precedente, empreinte"
    copie = f"INSERT INTO journal (numero, {colonnes}) SELECT {numero}, {colonnes} FROM journal WHERE numero = 1"  # noqa: S608
    attenter(contexte_deux_bases, copie)
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session) == numero


@pytest.mark.parametrize(
    "valeur",
    [
        "le = 'hier'",
        "le = ''",
        "le = 1772442000",
        "le = 1772442000.5",
        "le = CAST(le AS BLOB)",
        "motif = CAST(motif AS BLOB)",
        "motif = CAST(x'ff' AS TEXT)",
        "le = CAST(x'ff' AS TEXT)",
        "empreinte = CAST(x'ff' AS TEXT)",
        "precedente = CAST(x'ff' AS TEXT)",
    ],
)
def test_ce_qui_ne_se_lit_pas_est_une_rupture(contexte: Contexte, valeur: str) -> None:
    """SQLite keeps any value anywhere."""
    ecrire(contexte, 3)
    attenter(contexte, f"UPDATE journal SET {valeur} WHERE numero = 2")  # noqa: S608
    with transaction(contexte.moteur) as session:
        assert rupture(session) == 2


@pytest.mark.parametrize("colonne", ["numero", "le", "motif", "precedente", "empreinte"])
def test_une_valeur_effacee_d_une_table_refaite_est_une_rupture(contexte: Contexte, colonne: str) -> None:
    ecrire(contexte, 3)
    for instruction in ("CREATE TABLE sosie AS SELECT * FROM journal", "DROP TABLE journal",
                        "ALTER TABLE sosie RENAME TO journal",
                        f"UPDATE journal SET {colonne} = NULL WHERE numero = 1"):  # fmt: skip  # noqa: S608
        with contexte.moteur.begin() as connexion:
            connexion.execute(text(instruction))
    with transaction(contexte.moteur) as session:
        assert rupture(session) == 1


@sans_postgres
@pytest.mark.parametrize(
    "instant", ["'infinity'", "'-infinity'", "timestamptz '2026-03-02 09:00:00+00 BC'", "le + interval '10000 years'"]
)
@pytest.mark.parametrize("contexte_deux_bases", ["postgresql"], indirect=True)
def test_un_instant_hors_du_temps_est_une_rupture(contexte_deux_bases: Contexte, instant: str) -> None:
    ecrire(contexte_deux_bases, 3)
    attenter(contexte_deux_bases, f"UPDATE journal SET le = {instant} WHERE numero = 2")  # noqa: S608
    with transaction(contexte_deux_bases.moteur) as session:
        assert rupture(session) == 2


@sans_postgres
@pytest.mark.parametrize("contexte_deux_bases", ["postgresql"], indirect=True)
def test_une_valeur_effacee_sous_postgresql_est_une_rupture(contexte_deux_bases: Contexte) -> None:
    ecrire(contexte_deux_bases, 3)
    with contexte_deux_bases.moteur.connect() as connexion, connexion.begin() as rien_ne_reste:
        connexion.execute(text("SET LOCAL session_replication_role = replica"))
        connexion.execute(text("ALTER TABLE journal ALTER COLUMN le DROP NOT NULL"))
        connexion.execute(text("UPDATE journal SET le = NULL WHERE numero = 2"))
        assert rupture(Session(connexion)) == 2
        rien_ne_reste.rollback()


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
