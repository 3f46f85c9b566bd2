"""The database keeps a Filoué file as it came, lets its raw bytes go once, and never lets them come back."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from modeles.base import transaction
from modeles.tables import AnomalieFiloueLue, FichierFiloue
from operations.contexte import Contexte
from regles.anomalies import Severite
from regles.etats import EtatDepot
from tests.fabrique import poser_structure

INSTANT = datetime(2026, 4, 20, 9, tzinfo=UTC)


def fichier(identifiant: int, **changements: object) -> FichierFiloue:
    champs: dict[str, object] = {
        "id": identifiant, "structure_id": 1, "etape": "filoue-2026", "exercice": 2025, "etat": EtatDepot.RECU,
        "origine": "boite", "recu_le": INSTANT, "sha256": f"s{identifiant}", "taille": 3, "empreinte_cle": "k",
        "octets_chiffres": b"abc",
    }  # fmt: skip
    return FichierFiloue(**(champs | changements))


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """A received file (id 1) with an anomaly, and a second one (id 2)."""
    poser_structure(contexte_deux_bases, "EAJE01")
    with transaction(contexte_deux_bases.moteur) as session:
        session.add_all([fichier(1), fichier(2)])
        session.flush()
        session.add(
            AnomalieFiloueLue(fichier_id=1, rang=1, code="age", severite=Severite.ALERTE, message="Âge.", ligne=2)
        )
    return contexte_deux_bases


ACCEPTER = "UPDATE fichierfiloue SET etat = 'accepte', donnees = octets_chiffres, version = 'V3' WHERE id = {}"
EFFACER = "UPDATE fichierfiloue SET octets_chiffres = NULL, efface_le = '2026-08-01 00:00:00' WHERE id = 1"
COPIE = (
    "INSERT INTO fichierfiloue (id, structure_id, etape, exercice, etat, origine, recu_le, sha256, taille,"
    " empreinte_cle, octets_chiffres, sommes, lignes, alertes, motif) SELECT 3, structure_id, etape, exercice,"
    " '{etat}', origine, recu_le, '{sha}', taille, empreinte_cle, octets_chiffres, sommes, lignes, alertes, motif"
    " FROM fichierfiloue WHERE id = 1"
)
REFUSER = "UPDATE fichierfiloue SET etat = 'refuse' WHERE id = 1"

INTERDITS = [
    ("effacé", ["DELETE FROM fichierfiloue WHERE id = 2"], "ne s'efface pas"),
    ("né accepté", [COPIE.format(etat="accepte", sha="s3")], "naît reçu"),
    ("mêmes octets", [COPIE.format(etat="recu", sha="s1")], "(?i)unique"),
    ("autre structure", ["UPDATE fichierfiloue SET structure_id = NULL WHERE id = 1"], "origine"),
    ("autre exercice", ["UPDATE fichierfiloue SET exercice = 2024 WHERE id = 1"], "origine"),
    ("autre empreinte", ["UPDATE fichierfiloue SET sha256 = 'x' WHERE id = 1"], "origine"),
    ("octets changés", ["UPDATE fichierfiloue SET octets_chiffres = 'zzz' WHERE id = 1"], "ils s'effacent"),
    ("effacé sans date", ["UPDATE fichierfiloue SET octets_chiffres = NULL WHERE id = 1"], "efface_ou_chiffre"),
    ("daté sans effacer", ["UPDATE fichierfiloue SET efface_le = '2026-08-01' WHERE id = 1"], "efface_ou_chiffre"),
    (
        "octets revenus",
        [EFFACER, "UPDATE fichierfiloue SET octets_chiffres = 'abc', efface_le = NULL WHERE id = 1"],
        "effac",
    ),
    ("redaté", [EFFACER, "UPDATE fichierfiloue SET efface_le = '2027-01-01 00:00:00' WHERE id = 1"], "définitif"),
    ("accepté sans données", ["UPDATE fichierfiloue SET etat = 'accepte' WHERE id = 1"], "accepte_est_complet"),
    ("deux acceptés", [ACCEPTER.format(1), ACCEPTER.format(2)], "(?i)unique"),
    ("refusé puis accepté", [REFUSER, ACCEPTER.format(1)], "interdit"),
    ("relu", [ACCEPTER.format(1), "UPDATE fichierfiloue SET lignes = 9 WHERE id = 1"], "réécrit"),
    ("sommes relues", [ACCEPTER.format(1), "UPDATE fichierfiloue SET sommes = '{\"a\": 1}' WHERE id = 1"], "réécrit"),
    ("lignes négatives", ["UPDATE fichierfiloue SET lignes = -1 WHERE id = 1"], "nombres_positifs"),
    ("anomalie retouchée", ["UPDATE anomaliefilouelue SET ligne = 3"], "anomalie"),
    ("anomalie effacée", ["DELETE FROM anomaliefilouelue"], "anomalie"),
]


@pytest.mark.parametrize(("instructions", "mot"), [c[1:] for c in INTERDITS], ids=[c[0] for c in INTERDITS])
def test_la_base_refuse(ctx: Contexte, instructions: list[str], mot: str) -> None:
    *preparation, interdite = instructions
    with ctx.moteur.begin() as connexion:
        for instruction in preparation:
            connexion.execute(text(instruction))
    with pytest.raises(IntegrityError, match=mot), ctx.moteur.begin() as connexion:
        connexion.execute(text(interdite))


def test_un_fichier_refuse_peut_revenir_un_fichier_accepte_etre_remplace(ctx: Contexte) -> None:
    with ctx.moteur.begin() as connexion:
        connexion.execute(text(REFUSER))
        connexion.execute(text(COPIE.format(etat="recu", sha="s1")))
        connexion.execute(text(ACCEPTER.format(2)))
        connexion.execute(text("UPDATE fichierfiloue SET etat = 'remplace' WHERE id = 2"))
        connexion.execute(text(ACCEPTER.format(3)))
        connexion.execute(text(EFFACER))
        etats = connexion.execute(text("SELECT etat FROM fichierfiloue ORDER BY id")).scalars().all()
    assert etats == ["refuse", "remplace", "accepte"]
