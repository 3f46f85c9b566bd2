"""A database of an earlier version, with its payments, comes to the last without losing a line nor a guard."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from modeles.base import creer_moteur
from modeles.schema import configuration_alembic, migrer
from tests.conftest import DEUX_BASES, base_postgres

RESEAU = [
    "INSERT INTO partenaire (id, code, nom, nature, siren) VALUES (1, 'P1', 'Commune', 'commune', '215200833')",
    "INSERT INTO structure (id, code, nom, partenaire_id, prestation, siret, commune_insee, commune, epci_siren, epci,"
    " places, statut_gestionnaire, taux_regime_general) VALUES (1, 'S1', 'Crèche', 1, 'EAJE', '21520083300010',"
    " '52121', 'Chaumont', '200068658', 'CA', 20, 'public', '1')",
    "INSERT INTO convention (id, structure_id, numero, du, au, forfait_territoire_centimes, attractivite,"
    " hausse_places) VALUES (1, 1, 'C1', '2023-01-01', '2027-12-31', 0, true, '0')",
]
ARGENT = [
    "INSERT INTO declaration (id, structure_id, prestation, nature, exercice, etape, origine, donnees, recue_le,"
    " alertes, etat) VALUES (1, 1, 'EAJE', 'reel', 2025, 'reels-2025-a', 'depot', '{}', '2026-02-20', 0, 'validee')",
    "INSERT INTO droit (id, declaration_id, rang, connu_le, calcule_le, montant_centimes, payable, demonstration,"
    " empreinte, explication) VALUES (1, 1, 1, '2026-03-01', '2026-03-01', 10000, true, false, 'e', '{}')",
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, montant_centimes, droit_id, etat,"
    " reference, cree_le) VALUES (1, 1, 'EAJE', 2025, 'solde', 9000, 1, 'annule', 'V1', '2026-03-01')",
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, montant_centimes, droit_id, etat,"
    " reference, cree_le) VALUES (2, 1, 'EAJE', 2025, 'solde', 10000, 1, 'du', 'V2', '2026-03-02')",
    "INSERT INTO lot (id, numero, etape, etat, propose_par, propose_le, motif, nombre, total_centimes, demonstration)"
    " VALUES (1, 'L1', 'reels-2025-a', 'propose', 'c.martin', '2026-03-03', '', 1, 10000, false)",
    "INSERT INTO lignelot (id, lot_id, versement_id, montant_centimes, active) VALUES (1, 1, 2, 10000, true)",
]


@pytest.fixture(params=DEUX_BASES)
def vierge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without a table."""
    with ExitStack() as pile:
        postgres = request.param == "postgresql"
        url = pile.enter_context(base_postgres()) if postgres else f"sqlite:///{tmp_path / 'vierge.db'}"
        moteur = creer_moteur(url)
        pile.callback(moteur.dispose)
        yield moteur


@pytest.fixture
def ancienne(vierge: Engine) -> Engine:
    """A database of version 0001 with a paid and a proposed due."""
    with vierge.begin() as connexion:
        command.upgrade(configuration_alembic(connexion), "0001")
        for instruction in (*RESEAU, *ARGENT):
            connexion.execute(text(instruction))
    return vierge


def test_la_seconde_version_garde_tout(ancienne: Engine) -> None:
    migrer(ancienne)
    with ancienne.connect() as connexion:
        versements = connexion.execute(text("SELECT reference, rang, etape FROM versement ORDER BY id")).all()
        assert [tuple(v) for v in versements] == [("V1", 1, "reels-2025-a"), ("V2", 2, "reels-2025-a")]
        assert connexion.execute(text("SELECT prestation FROM convention")).scalar_one() == "EAJE"
        assert connexion.execute(text("SELECT retenue_centimes FROM lignelot")).scalar_one() == 0


@pytest.mark.parametrize(
    ("interdite", "mot"),
    [
        ("UPDATE versement SET montant_centimes = 1 WHERE id = 2", "ne change que"),
        ("DELETE FROM lot", "ne s'efface pas"),
        ("UPDATE structure SET places = NULL", "places_d_une_creche"),
        ("UPDATE structure SET prestation = 'ALSH'", "type_d_un_alsh"),
        ("UPDATE versement SET etat = 'payé' WHERE id = 2", "changement d'état"),
        ("UPDATE lignelot SET retenue_centimes = 5", "figée"),
        ("UPDATE lot SET etat = 'ordonnance', ordonne_par = propose_par, ordonne_le = propose_le", "deux_personnes"),
        ("INSERT INTO contact (id, partenaire_id, nom, courriel, actif) VALUES (1, 9, 'x', 'x', true)", "(?i)foreign"),
    ],
)
def test_la_seconde_version_protege_comme_la_premiere(ancienne: Engine, interdite: str, mot: str) -> None:
    migrer(ancienne)
    with pytest.raises(IntegrityError, match=mot), ancienne.begin() as connexion:
        connexion.execute(text(interdite))


@pytest.fixture
def deuxieme(vierge: Engine) -> Engine:
    """A database of version 0002 with the same network and a due."""
    with vierge.begin() as connexion:
        command.upgrade(configuration_alembic(connexion), "0002")
        convention = RESEAU[2].replace("hausse_places)", "hausse_places, prestation)").replace("'0')", "'0', 'EAJE')")
        for instruction in (*RESEAU[:2], convention, *ARGENT[:2], ARGENT[3]):
            connexion.execute(text(instruction))
    return vierge


def test_la_troisieme_version_nomme_les_structures_dans_filoue(deuxieme: Engine) -> None:
    migrer(deuxieme)
    with deuxieme.connect() as connexion:
        assert connexion.execute(text("SELECT code, dossier_afc, idequ FROM structure")).one() == ("S1", None, None)
        assert connexion.execute(text("SELECT reference FROM versement")).scalar_one() == "V2"
        assert connexion.execute(text("SELECT count(*) FROM fichierfiloue")).scalar_one() == 0


@pytest.mark.parametrize(
    ("interdite", "mot"),
    [
        ("UPDATE versement SET montant_centimes = 1 WHERE id = 2", "ne change que"),
        ("UPDATE structure SET places = NULL", "places_d_une_creche"),
        (
            "INSERT INTO fichierfiloue (structure_id, etape, exercice, etat, origine, recu_le, sha256, taille,"
            " empreinte_cle, octets_chiffres, sommes, lignes, alertes, motif) VALUES (1, 'e', 2025, 'accepte', 'boite',"
            " '2026-04-20', 's', 1, 'k', 'x', '{}', 0, 0, '')",
            "naît reçu",
        ),
    ],
)
def test_la_troisieme_version_garde_et_protege(deuxieme: Engine, interdite: str, mot: str) -> None:
    migrer(deuxieme)
    with pytest.raises(IntegrityError, match=mot), deuxieme.begin() as connexion:
        connexion.execute(text(interdite))


LOT = ARGENT[4].replace("10000", "2500")
VERSEMENT = (
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, montant_centimes, droit_id, rang, etape,"
    " etat, reference, calcul, cree_le) VALUES (1, 1, 'EAJE', 2025, 'solde', 2500, 1, 1, 'reels-2025-a', 'du', 'V1',"
    " '{}', '2026-03-02')"
)
LIGNE = (
    "INSERT INTO lignelot (id, lot_id, versement_id, montant_centimes, retenue_centimes, active)"
    " VALUES (1, 1, 1, 2500, 0, true)"
)
RANGS = "1234"
DECIDES = [
    *(LOT.replace("(1, 'L1'", f"({rang}, 'L{rang}'") for rang in RANGS),
    *(
        VERSEMENT.replace("(1, 1", f"({rang}, 1").replace("1, 1, 're", f"1, {rang}, 're").replace("V1", f"V{rang}")
        for rang in RANGS
    ),
    *(LIGNE.replace("1, 1, 1", f"{rang}, {rang}, {rang}") for rang in RANGS),
    "UPDATE versement SET etat = 'en_lot'",
    "UPDATE lot SET etat = 'libere', decide_par = 'a.leroy', decide_le = '2026-03-04' WHERE id IN (2, 3)",
    "UPDATE versement SET etat = 'libere' WHERE id IN (2, 3)",
    "UPDATE lot SET etat = 'exporte' WHERE id = 3",
    "UPDATE lot SET etat = 'refuse', decide_par = 'a.leroy', decide_le = '2026-03-04', motif = 'non' WHERE id = 4",
    "UPDATE lignelot SET active = false WHERE id = 4",
    "UPDATE versement SET etat = 'du' WHERE id = 4",
]


@pytest.fixture
def cinquieme(vierge: Engine) -> Engine:
    """A database of version 0005 with a batch proposed (1), released (2), exported (3) and turned down (4)."""
    with vierge.begin() as connexion:
        command.upgrade(configuration_alembic(connexion), "0005")
        convention = RESEAU[2].replace("hausse_places)", "hausse_places, prestation)").replace("'0')", "'0', 'EAJE')")
        for instruction in (*RESEAU[:2], convention, *ARGENT[:2], *DECIDES):
            connexion.execute(text(instruction))
    return vierge


def test_la_sixieme_version_garde_les_lots_decides_a_deux(cinquieme: Engine) -> None:
    migrer(cinquieme)
    with cinquieme.connect() as connexion:
        lus = connexion.execute(text("SELECT etat, ordonne_par, decide_par FROM lot ORDER BY id")).all()
        assert [tuple(lu) for lu in lus] == [
            ("propose", None, None),
            ("libere", "avant la troisième signature", "a.leroy"),
            ("exporte", "avant la troisième signature", "a.leroy"),
            ("refuse", None, "a.leroy"),
        ]
        assert connexion.execute(text("SELECT DISTINCT etat, code_rejet FROM lignelot")).one() == ("en_attente", "")
        assert connexion.execute(text("SELECT bout_en_bout FROM lignelot")).scalars().all() == [None] * len(RANGS)
        assert connexion.execute(text("SELECT code, rue, ville FROM partenaire")).one() == ("P1", None, None)


@pytest.mark.parametrize(
    ("interdite", "mot"),
    [
        ("UPDATE lot SET etat = 'libere', decide_par = 'x' WHERE id = 1", "interdit"),
        ("UPDATE lot SET etat = 'ordonnance', ordonne_par = propose_par WHERE id = 1", "deux_personnes"),
        ("UPDATE lot SET ordonne_par = 'm.lefevre' WHERE id = 2", "définitive"),
        ("UPDATE lot SET etat = 'n''importe quoi' WHERE id = 1", "interdit"),
        ("UPDATE lignelot SET etat = 'payee', resultat_le = '2026-03-05' WHERE id = 3", "d'un lot transmis"),
        ("UPDATE versement SET montant_centimes = 1 WHERE id = 1", "ne change que"),
        ("UPDATE lignelot SET bout_en_bout = 'L3-001' WHERE id = 3", "à l'export de son lot"),
        ("UPDATE partenaire SET ville = 'Chaumont'", "adresse_entiere"),
        ("UPDATE versement SET etat = 'du' WHERE id = 3", "définitif"),
        ("UPDATE structure SET partenaire_id = 9", "ne change pas de gestionnaire"),
        ("DELETE FROM recouvrement", "ne se modifie"),
    ],
)
def test_la_sixieme_version_protege(cinquieme: Engine, interdite: str, mot: str) -> None:
    migrer(cinquieme)
    with cinquieme.begin() as connexion:
        connexion.execute(
            text(
                "INSERT INTO versement (id, structure_id, prestation, exercice, nature, montant_centimes, droit_id,"
                " rang, etape, etat, reference, calcul, cree_le) VALUES (9, 1, 'EAJE', 2025, 'indu', 5, 1, 9, 'e',"
                " 'a_recouvrer', 'V9', '{}', '2026-03-02')"
            )
        )
        connexion.execute(
            text(
                "INSERT INTO recouvrement (id, indu_id, montant_centimes, le, par, motif)"
                " VALUES (1, 9, 1, '2026-03-05', 'x', 'y')"
            )
        )
    with pytest.raises(IntegrityError, match=mot), cinquieme.begin() as connexion:
        connexion.execute(text(interdite))


def test_un_lot_decide_a_deux_s_exporte_et_se_transmet_encore(cinquieme: Engine) -> None:
    migrer(cinquieme)
    with cinquieme.begin() as connexion:
        for instruction in (
            "UPDATE lot SET etat = 'exporte' WHERE id = 2",
            "UPDATE lot SET etat = 'transmis', transmis_par = 'a.leroy', transmis_le = '2026-03-06' WHERE id IN (2, 3)",
        ):
            assert connexion.execute(text(instruction)).rowcount
