"""The database keeps by itself what is due within the right, indus within what they are, accounts to two people."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from modeles.base import transaction
from operations.contexte import Contexte
from operations.dus import preparer_dus
from operations.lots import proposer_lot
from tests.operations.argent import ETAPE, JOUR, PROPOSE, ajouter_partenaire, ajouter_reel, liberer

VERSEMENT = (
    "INSERT INTO versement (id, structure_id, prestation, exercice, nature, montant_centimes, droit_id, rang, etape,"
    " etat, reference, calcul, cree_le) VALUES (90, {structure}, 'EAJE', 2025, '{nature}', {montant}, {droit}, {rang},"
    " 'e', '{etat}', 'V90', '{{}}', '2026-03-12')"
)
RECOUVREMENT = (
    "INSERT INTO recouvrement (id, indu_id, ligne_id, montant_centimes, le, par, motif) "
    "VALUES (90, (SELECT id FROM versement WHERE nature = '{nature}'), {ligne}, {montant}, '2026-03-12', 'x', 'y')"
)
COMPTE = (
    "INSERT INTO coordonneebancaire (id, partenaire_id, iban, titulaire, du, enregistree_par, enregistree_le,"
    " contre_appel, confirmee_par, confirmee_le) VALUES (9, 1, 'FR', 't', '2026-01-01', 'c.martin', '2026-01-01',"
    " '{note}', {par}, {le})"
)
ENTAMER = RECOUVREMENT.format(nature="indu", ligne="NULL", montant=4_000)
ORDONNER = "UPDATE lot SET etat = 'ordonnance', ordonne_par = 'm.lefevre', ordonne_le = '2026-03-13' WHERE id = 9"
REFUSER = "UPDATE lot SET etat = 'refuse', decide_par = 'a.leroy', decide_le = '2026-03-13' WHERE id = 1"

INTERDITS = {
    "un centime de plus que le droit": (
        [VERSEMENT.format(structure=1, nature="solde", montant=1, droit=1, rang=9, etat="du")],
        "dépasseraient son droit",
    ),
    "un rappel sans droit plus grand": (
        [VERSEMENT.format(structure=1, nature="rappel", montant=1, droit=1, rang=9, etat="du")],
        "dépasseraient son droit",
    ),
    "deux fois le même rang d'un droit": (
        [VERSEMENT.format(structure=2, nature="indu", montant=1, droit=2, rang=1, etat="a_recouvrer")],
        "rang",
    ),
    "recouvrer plus que l'indu": (
        [RECOUVREMENT.format(nature="indu", ligne="NULL", montant=10_001)],
        "plus que ce qui",
    ),
    "recouvrer deux fois": (
        [ENTAMER, RECOUVREMENT.format(nature="indu", ligne="NULL", montant=6_001).replace("(90", "(91")],
        "plus que ce qui",
    ),
    "recouvrer ce qui n'est pas un indu": (
        [RECOUVREMENT.format(nature="solde", ligne="NULL", montant=1)],
        "plus que ce qui",
    ),
    "un recouvrement retouché": ([ENTAMER, "UPDATE recouvrement SET montant_centimes = 1"], "ne se modifie"),
    "un recouvrement effacé": ([ENTAMER, "DELETE FROM recouvrement"], "ne se modifie"),
    "un indu soldé trop tôt": (
        [ENTAMER, "UPDATE versement SET etat = 'recouvre' WHERE nature = 'indu'"],
        "montant entier rentré",
    ),
    "un indu entamé annulé": (
        [ENTAMER, "UPDATE versement SET etat = 'annule' WHERE nature = 'indu'"],
        "ne s'annule plus",
    ),
    "une retenue que rien ne justifie": (
        [
            "INSERT INTO lot (id, numero, etape, etat, propose_par, propose_le, motif, nombre, total_centimes,"
            " demonstration) VALUES (9, 'L9', 'e', 'propose', 'c.martin', '2026-03-12', '', 1, 29000, true)",
            REFUSER,
            "UPDATE lignelot SET active = false",
            "INSERT INTO lignelot (id, lot_id, versement_id, montant_centimes, retenue_centimes, active)"
            " VALUES (9, 9, (SELECT id FROM versement WHERE nature = 'solde'), 29000, 1000, true)",
            ORDONNER,
        ],
        "celui de ses lignes",
    ),
    "un calcul retouché": (["UPDATE versement SET calcul = '{\"a\": 1}'"], "ne change que d'état"),
    "une étape changée": (["UPDATE versement SET etape = 'autre'"], "ne change que d'état"),
    "un versement libéré sans lot": (
        ["UPDATE versement SET etat = 'libere' WHERE nature = 'solde'"],
        "n'est libéré qu'avec son lot",
    ),
    "un versement annulé dans son lot": (
        ["UPDATE versement SET etat = 'annule' WHERE nature = 'solde'"],
        "changement d'état du versement",
    ),
    "un versement mis en lot sans ligne": (
        [
            VERSEMENT.format(structure=2, nature="indu", montant=1, droit=2, rang=9, etat="a_recouvrer"),
            REFUSER,
            "UPDATE lignelot SET active = false",
            "UPDATE versement SET etat = 'du' WHERE nature = 'solde'",
            "UPDATE versement SET etat = 'en_lot' WHERE nature = 'solde'",
        ],
        "que par une ligne",
    ),
    "un indu rajeuni": (["UPDATE versement SET cree_le = '2026-04-01' WHERE nature = 'indu'"], "date d'un versement"),
    "un autre gestionnaire": (
        [
            "INSERT INTO partenaire (id, code, nom, nature, siren) VALUES (9, 'P9', 'x', 'commune', '215200833')",
            "UPDATE structure SET partenaire_id = 9 WHERE id = 1",
        ],
        "ne change pas de gestionnaire",
    ),
    "un compte modifié": (["UPDATE coordonneebancaire SET iban = 'FR'"], "ne se modifient pas"),
    "un compte confirmé deux fois": (["UPDATE coordonneebancaire SET confirmee_par = 'x'"], "ne se modifient pas"),
    "un partenaire à la rue sans ville": (
        ["UPDATE partenaire SET rue = 'Rue Haute', code_postal = '52000', pays = 'FR'"],
        "adresse_entiere",
    ),
    "un partenaire au numéro sans rue": (["UPDATE partenaire SET numero_voie = '12'"], "adresse_entiere"),
    "une ville vide": (
        ["UPDATE partenaire SET rue = 'Rue Haute', code_postal = '52000', ville = '', pays = 'FR'"],
        "adresse_ecrite",
    ),
    "un virement nommé avant l'export": (["UPDATE lignelot SET bout_en_bout = 'X'"], "à l'export de son lot"),
    "un compte effacé": (["DELETE FROM coordonneebancaire"], "ne s'effacent pas"),
    "un compte confirmé par la même personne": (
        [COMPTE.format(note="rappelé", par="'c.martin'", le="'2026-01-02'")],
        "deux_personnes_et_contre_appel",
    ),
    "un compte confirmé sans rappeler": (
        [COMPTE.format(note="", par="'s.dubois'", le="'2026-01-02'")],
        "deux_personnes_et_contre_appel",
    ),
}


@pytest.fixture
def argent(contexte_deux_bases: Contexte) -> Contexte:
    """S01: a solde of 300 € in a proposed batch (1). S02: an indu of 100 €."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 100_000, 70_000)
        ajouter_reel(session, 2, 60_000, 70_000)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    proposer_lot(contexte_deux_bases, ETAPE, PROPOSE, JOUR)
    return contexte_deux_bases


@pytest.mark.parametrize(("instructions", "mot"), INTERDITS.values(), ids=INTERDITS)
def test_la_base_refuse(argent: Contexte, instructions: list[str], mot: str) -> None:
    *preparation, interdite = instructions
    with argent.moteur.begin() as connexion:
        for instruction in preparation:
            connexion.execute(text(instruction))
    with pytest.raises(IntegrityError, match=mot), argent.moteur.begin() as connexion:
        connexion.execute(text(interdite))


def test_un_compte_se_confirme_une_fois_par_une_autre_personne(argent: Contexte) -> None:
    with argent.moteur.begin() as connexion:
        connexion.execute(text(COMPTE.format(note="", par="NULL", le="NULL")))
        connexion.execute(
            text(
                "UPDATE coordonneebancaire SET confirmee_par = 's.dubois', confirmee_le = '2026-01-02',"
                " contre_appel = 'rappelé' WHERE id = 9"
            )
        )
        confirmee = connexion.execute(text("SELECT confirmee_par FROM coordonneebancaire WHERE id = 9")).scalar_one()
    assert confirmee == "s.dubois"


def test_un_identifiant_de_virement_se_donne_une_fois_et_a_un_seul(argent: Contexte) -> None:
    with transaction(argent.moteur) as session:
        ajouter_reel(session, 3, 100, 0)
    preparer_dus(argent, ETAPE, JOUR)
    autre = proposer_lot(argent, ETAPE, PROPOSE, JOUR)
    assert autre is not None
    for lot in (1, autre):
        liberer(argent, lot)
    nommer = "UPDATE lignelot SET bout_en_bout = '{}' WHERE lot_id = {}"
    with argent.moteur.begin() as connexion:
        connexion.execute(text(nommer.format("reels-2025-a-01-001", 1)))
    for interdite, mot in (
        (nommer.format("reels-2025-a-01-001", autre), "bout_en_bout"),
        (nommer.format("", autre), "se donne une fois"),
        (nommer.format("x" * 36, autre), "se donne une fois|too long"),
        (nommer.format("autre", 1), "se donne une fois"),
        ("UPDATE lignelot SET bout_en_bout = NULL WHERE lot_id = 1", "se donne une fois"),
    ):
        with pytest.raises((IntegrityError, DataError), match=mot), argent.moteur.begin() as connexion:
            connexion.execute(text(interdite))
