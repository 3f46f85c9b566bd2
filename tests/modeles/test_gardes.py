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


ORDONNER = "UPDATE lot SET etat = 'ordonnance', ordonne_par = 'm.lefevre', ordonne_le = '2026-03-03' WHERE id = 1"
VISER = "UPDATE lot SET etat = 'libere', decide_par = 'a.leroy', decide_le = '2026-03-03' WHERE id = 1"
SIGNER = [ORDONNER, VISER]
REVENIR = (
    "UPDATE lot SET etat = 'propose', ordonne_par = NULL, ordonne_le = NULL, decide_par = NULL, decide_le = NULL "
    "WHERE id = 1"
)
EXPORTER = "UPDATE lot SET etat = 'exporte' WHERE id = 1"
TRANSMETTRE = "UPDATE lot SET etat = 'transmis', transmis_par = 'a.leroy', transmis_le = '2026-03-04' WHERE id = 1"
EN_LOT = "UPDATE versement SET etat = 'en_lot' WHERE id = 1"
LIBERER = "UPDATE versement SET etat = 'libere' WHERE id = 1"
RENDRE = "UPDATE versement SET etat = 'du' WHERE id = 1"
SUSPENDRE = (
    "INSERT INTO suspension (id, versement_id, motif, texte, par, le, levee_par, levee_motif) "
    "VALUES (1, 1, 'service-fait', 'à vérifier', 'c.martin', '2026-03-03', '', '')"
)
ECARTER = "UPDATE lignelot SET active = false, etat = 'suspendue' WHERE id = 1"
PAYER = "UPDATE lignelot SET etat = 'payee', resultat_le = '2026-03-05' WHERE id = 1"
REJETER = (
    "UPDATE lignelot SET etat = 'rejetee', active = false, code_rejet = 'AC04', resultat_le = '2026-03-05' WHERE id = 1"
)
TRANSMIS = [EN_LOT, *SIGNER, LIBERER, EXPORTER, TRANSMETTRE]
CONTREPASSER = (
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, etat, cree_le, reference, montant_centimes,"
    " droit_id, rang, contrepasse_id) SELECT 3, structure_id, prestation, exercice, 'indu', 'a_recouvrer', cree_le,"
    " 'V3', {montant}, 1, 2, 1 FROM versement WHERE id = 1"
)
ENCORE = CONTREPASSER.format(montant=10_000).translate(str.maketrans("3", "4")).replace("1, 2, 1 F", "1, 3, 1 F")

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

COLONNES_DU_JOURNAL = (
    "le, enregistre_le, par, objet, objet_id, action, avant, apres, motif, details, precedente, empreinte"
)
LIGNE_ZERO = f"INSERT INTO journal (numero, {COLONNES_DU_JOURNAL}) SELECT 0, {COLONNES_DU_JOURNAL} FROM journal"  # noqa: S608
INTERDITS = [
    ("ordonnancé par qui propose", [ORDONNER.replace("'m.lefevre'", "propose_par")], "deux_personnes"),
    ("ordonnancé par personne", ["UPDATE lot SET etat = 'ordonnance' WHERE id = 1"], "deux_personnes"),
    ("visé par qui propose", [ORDONNER, VISER.replace("'a.leroy'", "propose_par")], "trois_personnes"),
    ("visé par qui ordonnance", [ORDONNER, VISER.replace("'a.leroy'", "ordonne_par")], "trois_personnes"),
    ("visé par personne", [ORDONNER, "UPDATE lot SET etat = 'libere' WHERE id = 1"], "trois_personnes"),
    ("visé sans être ordonnancé", [VISER], "interdit"),
    ("la signature d'avant", [ORDONNER.replace("m.lefevre", "avant la troisième signature")], "définitive"),
    ("signature changée", [ORDONNER, "UPDATE lot SET ordonne_par = 'x' WHERE id = 1"], "définitive"),
    ("visa et signature changée", [ORDONNER, VISER.replace("SET", "SET ordonne_par = 'x',")], "définitive"),
    ("brouillon signé", [*SIGNER, "UPDATE lot SET etat = 'propose' WHERE id = 1"], "brouillon_sans_signature"),
    ("exporté sans visa", [ORDONNER, EXPORTER], "interdit"),
    ("transmis par personne", [*SIGNER, EXPORTER, "UPDATE lot SET etat = 'transmis'"], "transmis_par"),
    ("transmission changée", [*TRANSMIS, "UPDATE lot SET transmis_par = 'x'"], "définitive"),
    ("annulé après l'export", [*SIGNER, EXPORTER, "UPDATE lot SET etat = 'refuse'"], "interdit"),
    ("revenu après l'export", [*SIGNER, EXPORTER, REVENIR], "interdit"),
    ("exécuté sans résultats", [*TRANSMIS, "UPDATE lot SET etat = 'execute'"], "chaque ligne payée"),
    ("ligne écartée sans suspension", [ECARTER], "définitive"),
    ("ligne écartée d'un lot signé", [SUSPENDRE, ORDONNER, ECARTER], "définitive|figée"),
    ("ligne payée avant la transmission", [*SIGNER, EXPORTER, PAYER], "d'un lot transmis"),
    ("ligne rejetée sans code", [*TRANSMIS, REJETER.replace("'AC04'", "''")], "rejet_a_son_code"),
    ("ligne payée puis rejetée", [*TRANSMIS, PAYER, REJETER], "définitive"),
    ("ligne rejetée restée active", [*TRANSMIS, REJETER.replace("active = false, ", "")], "active_selon"),
    ("code de rejet changé", [*TRANSMIS, REJETER, "UPDATE lignelot SET code_rejet = 'X'"], "définitive"),
    ("versement rendu d'une ligne active", [*TRANSMIS, RENDRE], "définitif"),
    ("versement rendu de son lot", [EN_LOT, RENDRE], "n'est pas rendu"),
    ("versement remis en lot", [EN_LOT, *SIGNER, LIBERER, EN_LOT], "définitif"),
    ("versement payé rendu", [*TRANSMIS, PAYER, RENDRE], "définitif"),
    ("compte d'un lot refait", [SUSPENDRE, "UPDATE lot SET nombre = 2 WHERE id = 1"], "figé"),
    ("lot vidé", [SUSPENDRE, ECARTER, "UPDATE lot SET nombre = 0, total_centimes = 0"], "jamais_vide"),
    ("suspendu entré dans un lot", [SUSPENDRE.replace("(1, 1", "(1, 2"), NOUVEAU_LOT, NOUVELLE_LIGNE
     + "(2, 2, 2, 10000, true)"], "suspendu n'entre"),
    ("deux suspensions", [SUSPENDRE, SUSPENDRE.replace("(1, 1", "(2, 1")], "versement_id|uq_suspension"),
    ("suspension effacée", [SUSPENDRE, "DELETE FROM suspension"], "ne s'efface"),
    ("suspension changée", [SUSPENDRE, "UPDATE suspension SET motif = 'x'"], "ne change pas"),
    ("suspension levée par personne", [SUSPENDRE, "UPDATE suspension SET levee_le = '2026-03-04'"], "levee_par"),
    ("versement payé suspendu", [*TRANSMIS, SUSPENDRE], "encore à payer"),
    ("contre-passation d'un versement qui attend", [*TRANSMIS, CONTREPASSER.format(montant=10_000)],
     "la banque a payé"),
    ("contre-passation en partie", [*TRANSMIS, PAYER, CONTREPASSER.format(montant=9_999)], "en entier"),
    ("contre-passation annulée", [*TRANSMIS, PAYER, CONTREPASSER.format(montant=10_000),
     "UPDATE versement SET etat = 'annule' WHERE id = 3"], "ni ne s'annule"),
    ("contre-passé deux fois", [*TRANSMIS, PAYER, CONTREPASSER.format(montant=10_000), ENCORE], "contrepasse"),
    ("total retouché", ["UPDATE lot SET total_centimes = 1 WHERE id = 1"], "figé"),
    ("lot né libéré", [NOUVEAU_LOT.replace("'propose', 'c", "'libere', 'c")], "naît proposé"),
    ("décision changée", [*SIGNER, "UPDATE lot SET decide_par = 'j.moreau' WHERE id = 1"], "définitive"),
    ("lot effacé", ["DELETE FROM lot WHERE id = 1"], "ne s'efface pas"),
    ("versement dans deux lots", [NOUVEAU_LOT, NOUVELLE_LIGNE + "(2, 2, 1, 10000, true)"], "active"),
    ("autre montant", [NOUVEAU_LOT, NOUVELLE_LIGNE + "(2, 2, 2, 9999, true)"], "montant du versement"),
    ("ligne après libération", [*SIGNER, NOUVELLE_LIGNE + "(2, 1, 2, 10000, true)"], "lot proposé"),
    ("ligne retouchée", ["UPDATE lignelot SET montant_centimes = 1 WHERE id = 1"], "figée"),
    ("ligne retirée d'un lot libéré", [*SIGNER, "UPDATE lignelot SET active = false WHERE id = 1"], "figée"),
    ("total différent des lignes", [SUSPENDRE, ECARTER, ORDONNER], "celui de ses lignes"),
    ("montant d'un versement", ["UPDATE versement SET montant_centimes = 1 WHERE id = 1"], "que d'état"),
    ("versement libéré repris", [EN_LOT, *SIGNER, LIBERER, RENDRE], "définitif"),
    ("indu versé", ["UPDATE versement SET etat = 'a_recouvrer' WHERE id = 2"], "changement d'état"),
    ("versement nul", [COPIE_VERSEMENT.format(montant=0, droit="NULL")], "strictement_positif"),
    ("deux soldes pour un droit", [COPIE_VERSEMENT.format(montant=5, droit="droit_id")], "droit"),
    ("droit retouché", ["UPDATE droit SET montant_centimes = 1 WHERE id = 1"], "ne se modifie"),
    ("droit effacé", ["DELETE FROM droit WHERE id = 1"], "ne se modifie"),
    ("déclaration effacée", ["DELETE FROM declaration WHERE id = 1"], "ne s'efface pas"),
    ("déclaration déplacée", ["UPDATE declaration SET exercice = 2024 WHERE id = 1"], "une nouvelle la remplace"),
    ("octets d'un dépôt", [DEPOT, "UPDATE depot SET octets = 'z' WHERE id = 1"], "octets"),
    ("dépôt effacé", [DEPOT, "DELETE FROM depot WHERE id = 1"], "ne s'efface pas"),
    ("journal retouché", ["UPDATE journal SET par = 'x' WHERE numero = 1"], "journal"),
    ("journal numéroté avant 1", [LIGNE_ZERO], "commence à la ligne 1"),
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


PERMIS = {
    "trois personnes": ([ORDONNER], VISER),
    "un visa annulé avant l'export": ([*SIGNER], "UPDATE lot SET etat = 'refuse', decide_par = 'x' WHERE id = 1"),
    "un retour en brouillon": ([*SIGNER], REVENIR),
    "un versement rendu au brouillon": ([EN_LOT, *SIGNER, LIBERER, REVENIR], EN_LOT),
    "une ligne écartée": ([SUSPENDRE, EN_LOT, *SIGNER, LIBERER, REVENIR, EN_LOT, ECARTER], RENDRE),
    "un rejet rendu": ([*TRANSMIS, REJETER], RENDRE),
    "un lot exécuté": ([*TRANSMIS, PAYER], "UPDATE lot SET etat = 'execute'"),
    "une contre-passation": ([*TRANSMIS, PAYER], CONTREPASSER.format(montant=10_000)),
    "une suspension levée": (
        [SUSPENDRE],
        "UPDATE suspension SET levee_le = '2026-03-04', levee_par = 'x', levee_motif = 'vu'",
    ),
}


@pytest.mark.parametrize(("preparation", "permise"), PERMIS.values(), ids=PERMIS)
def test_la_base_permet(lot: Contexte, preparation: list[str], permise: str) -> None:
    with lot.moteur.begin() as connexion:
        for instruction in preparation:
            connexion.execute(text(instruction))
        assert connexion.execute(text(permise)).rowcount == 1


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
