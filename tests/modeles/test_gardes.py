"""The database refuses by itself what must never happen, on both databases."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.tables import Declaration, Droit, ExportLot, LigneLot, Lot, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.contexte import Contexte
from regles.etats import EtatDeclaration, EtatLot, EtatVersement, NatureVersement

INSTANT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def lot(contexte_deux_bases: Contexte) -> Contexte:
    """A proposed batch (id 1) of one due (id 1) of 100 €, and a second due (id 2) outside it."""
    with transaction(contexte_deux_bases.moteur) as session:
        session.add(Partenaire(id=1, code="P1", nom="Commune", nature=NaturePartenaire.COMMUNE, siren="215200833"))
        session.flush()
        session.add(
            Structure(
                id=1, code="S1", nom="Crèche", partenaire_id=1, prestation="EAJE", siret="21520083300010",
                commune_insee="52121", commune="Chaumont", epci_siren="200068658", epci="CA de Chaumont",
                places=20, statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Declaration(
                id=1, structure_id=1, prestation="EAJE", nature="reel", exercice=2025, etape="e", origine="test",
                donnees={}, recue_le=INSTANT, etat=EtatDeclaration.VALIDEE,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            Droit(
                id=1, declaration_id=1, connu_le=date(2026, 3, 1), calcule_le=INSTANT, montant_centimes=10_000,
                payable=True, demonstration=True, empreinte="e", explication={},
            )
        )  # fmt: skip
        session.flush()
        for rang in (1, 2):
            session.add(
                Versement(
                    id=rang, structure_id=1, prestation="EAJE", exercice=2025, nature=NatureVersement.SOLDE,
                    montant_centimes=10_000, etat=EtatVersement.DU, reference=f"V{rang}", cree_le=INSTANT,
                    droit_id=1 if rang == 1 else None,
                )
            )  # fmt: skip
        session.flush()
        session.add(
            Lot(
                id=1, numero="L1", etape="e", etat=EtatLot.PROPOSE, propose_par="c.martin", propose_le=INSTANT,
                nombre=1, total_centimes=10_000, demonstration=True,
            )
        )  # fmt: skip
        session.flush()
        session.add(LigneLot(id=1, lot_id=1, versement_id=1, montant_centimes=10_000))
        inscrire(session, le=INSTANT, par="c.martin", objet="lot", objet_id=1, action="proposer")
    return contexte_deux_bases


LIBERER = "UPDATE lot SET etat = 'libere', decide_par = 'a.leroy', decide_le = '2026-03-03' WHERE id = 1"
NOUVEAU_LOT = (
    "INSERT INTO lot (id, numero, etape, etat, propose_par, propose_le, motif, nombre, total_centimes, demonstration) "
    "VALUES (2, 'L2', 'e', 'propose', 'c.martin', '2026-03-03', '', 1, 10000, true)"
)
NOUVELLE_LIGNE = "INSERT INTO lignelot (id, lot_id, versement_id, montant_centimes, active) VALUES "

COPIE_VERSEMENT = (
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, etat, cree_le, reference, montant_centimes,"
    " droit_id) SELECT 3, structure_id, prestation, exercice, nature, etat, cree_le, 'V3', {montant}, {droit}"
    " FROM versement WHERE id = 1"
)

DEPOT = (
    "INSERT INTO depot (id, sha256, nom_fichier, taille, octets, origine, recu_le, etat, motif) "
    "VALUES (1, 's', 'f.xlsx', 1, 'x', 'boite', '2026-02-12', 'recu', '')"
)

INTERDITS = [
    ("même personne", ["UPDATE lot SET etat = 'libere', decide_par = propose_par WHERE id = 1"], "deux_personnes"),
    ("personne", ["UPDATE lot SET etat = 'libere' WHERE id = 1"], "deux_personnes"),
    ("total retouché", ["UPDATE lot SET total_centimes = 1 WHERE id = 1"], "figé"),
    ("lot né libéré", [NOUVEAU_LOT.replace("'propose', 'c", "'libere', 'c")], "naît proposé"),
    ("export sans libération", ["UPDATE lot SET etat = 'exporte', decide_par = 'a.leroy' WHERE id = 1"], "interdit"),
    ("décision changée", [LIBERER, "UPDATE lot SET decide_par = 'j.moreau' WHERE id = 1"], "définitive"),
    ("retour en arrière", [LIBERER, "UPDATE lot SET etat = 'propose' WHERE id = 1"], "interdit"),
    ("lot effacé", ["DELETE FROM lot WHERE id = 1"], "ne s'efface pas"),
    ("versement dans deux lots", [NOUVEAU_LOT, NOUVELLE_LIGNE + "(2, 2, 1, 10000, true)"], "active"),
    ("autre montant", [NOUVEAU_LOT, NOUVELLE_LIGNE + "(2, 2, 2, 9999, true)"], "montant du versement"),
    ("ligne après libération", [LIBERER, NOUVELLE_LIGNE + "(2, 1, 2, 10000, true)"], "lot proposé"),
    ("ligne retouchée", ["UPDATE lignelot SET montant_centimes = 1 WHERE id = 1"], "figée"),
    ("ligne retirée d'un lot libéré", [LIBERER, "UPDATE lignelot SET active = false WHERE id = 1"], "figée"),
    ("total différent des lignes", ["UPDATE lignelot SET active = false WHERE id = 1", LIBERER], "celui de ses lignes"),
    ("montant d'un versement", ["UPDATE versement SET montant_centimes = 1 WHERE id = 1"], "que d'état"),
    (
        "versement libéré repris",
        ["UPDATE versement SET etat = 'libere' WHERE id = 1", "UPDATE versement SET etat = 'du' WHERE id = 1"],
        "définitif",
    ),
    ("indu versé", ["UPDATE versement SET etat = 'a_recouvrer' WHERE id = 2"], "indu_jamais_verse"),
    ("versement nul", [COPIE_VERSEMENT.format(montant=0, droit="NULL")], "strictement_positif"),
    ("deux soldes pour un droit", [COPIE_VERSEMENT.format(montant=5, droit="droit_id")], "droit"),
    ("droit retouché", ["UPDATE droit SET montant_centimes = 1 WHERE id = 1"], "ne se modifie"),
    ("droit effacé", ["DELETE FROM droit WHERE id = 1"], "ne se modifie"),
    ("déclaration effacée", ["DELETE FROM declaration WHERE id = 1"], "ne s'efface pas"),
    ("déclaration déplacée", ["UPDATE declaration SET exercice = 2024 WHERE id = 1"], "une nouvelle la remplace"),
    ("octets d'un dépôt", [DEPOT, "UPDATE depot SET octets = 'z' WHERE id = 1"], "octets"),
    ("dépôt effacé", [DEPOT, "DELETE FROM depot WHERE id = 1"], "ne s'efface pas"),
    ("journal retouché", ["UPDATE journal SET par = 'x' WHERE numero = 1"], "journal"),
    ("journal effacé", ["DELETE FROM journal WHERE numero = 1"], "journal"),
]  # fmt: skip


@pytest.mark.parametrize(("instructions", "mot"), [c[1:] for c in INTERDITS], ids=[c[0] for c in INTERDITS])
def test_la_base_refuse(lot: Contexte, instructions: list[str], mot: str) -> None:
    *preparation, interdite = instructions
    with lot.moteur.begin() as connexion:
        for instruction in preparation:
            connexion.execute(text(instruction))
    with pytest.raises(IntegrityError, match=mot), lot.moteur.begin() as connexion:
        connexion.execute(text(interdite))


def test_une_autre_personne_libere(lot: Contexte) -> None:
    with lot.moteur.begin() as connexion:
        connexion.execute(text(LIBERER))
        assert connexion.execute(text("SELECT etat FROM lot")).scalar_one() == "libere"


def test_un_export_est_fige(lot: Contexte) -> None:
    with transaction(lot.moteur) as session:
        session.add(
            ExportLot(
                id=1, lot_id=1, format="csv", nom_fichier="l.csv", sha256="0" * 64, octets=b"x", exporte_le=INSTANT
            )
        )
    for interdite in ("UPDATE exportlot SET nom_fichier = 'y'", "DELETE FROM exportlot"):
        with pytest.raises(IntegrityError, match="export"), lot.moteur.begin() as connexion:
            connexion.execute(text(interdite))


def test_remplacer_ou_vider_ne_contourne_pas_les_gardes(lot: Contexte) -> None:
    """SQLite's INSERT OR REPLACE and PostgreSQL's TRUNCATE meet the guards against erasing."""
    if lot.moteur.dialect.name == "sqlite":
        contournement = NOUVEAU_LOT.replace("INSERT", "INSERT OR REPLACE").replace("(2, 'L2'", "(1, 'L1'")
    else:
        contournement = "TRUNCATE journal"
    with pytest.raises(IntegrityError, match=r"s.efface"), lot.moteur.begin() as connexion:
        connexion.execute(text(contournement))
