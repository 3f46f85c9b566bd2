"""Checking a real workbook: 35 planted mistakes are 35 anomalies, each at its cell; a sound one has none."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import select
from typer.testing import CliRunner

from commandes.principal import application
from modeles.base import transaction
from modeles.tables import Convention, Declaration, Structure
from operations import contexte as module_contexte
from operations.contexte import ActeRefuse, Contexte
from operations.verification import annoter_copie, referentiel, verifier
from regles.anomalies import Severite
from regles.etats import EtatDeclaration
from regles.formulaire import FEUILLE_ANOMALIES
from tests.fabrique import classeur, plan_eaje, poser_structure

JOUR = date(2026, 2, 20)
HORAIRE = "7h30"
PLAFOND = "cout_au_dessus_du_plafond"
# One planted mistake per cell or control: what is written, the code of the anomaly, and the field whose cell it is at.
FAUTES: list[tuple[str, Any, str, str]] = [
    ("amplitude_journaliere", HORAIRE, "horaire_inattendu", ""),
    ("jours_ouverture", "1.220", "nombre_ambigu", ""),
    ("journees_pedagogiques", 5, "journees_pedagogiques_plafonnees", ""),
    ("couches_et_repas", "parfois", "oui_non_attendu", ""),
    ("heures_facturees", 33499.99, "taux_facturation_bas", ""),
    ("heures_facturees_aeeh", 33500, "part_superieure_au_total", ""),
    ("heures_realisees_aeeh", "480 €", "unite_inattendue", ""),
    ("heures_exceptionnelles", None, "reponse_manquante", ""),
    ("enfants_inscrits", 45.5, "entier_attendu", ""),
    ("enfants_handicap", -1, "hors_limites", ""),
    ("charges_60", "trente mille", "texte_inattendu", ""),
    ("charges_61", "12/05/2025", "date_inattendue", ""),
    ("charges_62", date(2025, 5, 12), "date_inattendue", ""),
    ("charges_63", 10.123, "trop_de_decimales", ""),
    ("charges_64", "360 k€", "unite_inattendue", ""),
    ("charges_65", "=1/0", "formule_non_calculee", ""),
    ("charges_66", "néant", "texte_inattendu", ""),
    ("charges_67", "1 2345", "nombre_mal_ecrit", ""),
    ("charges_68", 90_000_000, "hors_limites", ""),
    ("charges_86", 5000, "contributions_inegales", "produits_87"),
    ("produits_70623", "?", "texte_inattendu", ""),
    ("produits_70624", -12, "hors_limites", ""),
    ("participations_familiales", 3000, "rapport_improbable", ""),
    ("produits_70642", "#REF!", "cellule_en_erreur", ""),
    ("produits_741", "1,234", "nombre_ambigu", ""),
    ("produits_742", "12 %", "unite_inattendue", ""),
    ("produits_743", "10:30", "horaire_inattendu", ""),
    ("produits_744", None, "reponse_manquante", ""),
    ("produits_745", "voir 744", "texte_inattendu", ""),
    ("produits_746", "--", "texte_inattendu", ""),
    ("produits_747", True, "texte_inattendu", ""),
    ("produits_748", "1.2.3,4", "nombre_mal_ecrit", ""),
    ("produits_75", "100 environ", "texte_inattendu", ""),
    ("produits_76", " ", "reponse_manquante", ""),
    ("produits_77", 0.125, "trop_de_decimales", ""),
]


def test_35_mistakes_are_35_anomalies_each_at_its_cell(contexte: Contexte, tmp_path: Path) -> None:
    poser_structure(contexte, "E1")
    fichier = tmp_path / "fautes.xlsx"
    fichier.write_bytes(classeur("E1", {cle: valeur for cle, valeur, *_ in FAUTES}))
    verification = verifier(contexte, fichier, JOUR)
    assert len(FAUTES) == 35
    lus = [(a.feuille, a.cellule, a.code) for a in verification.anomalies]
    attendus = []
    for cle, _, code, ailleurs in FAUTES:
        ligne = plan_eaje().ligne_champ(ailleurs or cle)
        attendus.append((ligne.feuille, ligne.cellule, code))
    assert sorted(lus) == sorted(attendus)
    assert verification.code_de_sortie == 1
    for anomalie in verification.anomalies:
        assert anomalie.message
        assert anomalie.attendu
    ordre = {nom: rang for rang, nom in enumerate(plan_eaje().feuilles)}
    assert lus == sorted(lus, key=lambda lu: (ordre[lu[0]], int(lu[1][1:])))


def test_the_annotated_copy_marks_them(contexte: Contexte, tmp_path: Path) -> None:
    poser_structure(contexte, "E1")
    fichier, copie = tmp_path / "F.xlsx", tmp_path / "G.xlsx"
    fichier.write_bytes(classeur("E1", {"jours_ouverture": "beaucoup"}))
    annoter_copie(verifier(contexte, fichier, JOUR), copie)
    document = load_workbook(copie)
    assert FEUILLE_ANOMALIES in document.sheetnames
    ligne = plan_eaje().ligne_champ("jours_ouverture")
    assert document[ligne.feuille][ligne.cellule].comment is not None


def test_a_sound_workbook(contexte: Contexte, tmp_path: Path) -> None:
    poser_structure(contexte, "E1")
    fichier = tmp_path / "bon.xlsx"
    fichier.write_bytes(classeur("E1"))
    verification = verifier(contexte, fichier, JOUR)
    (cout,) = verification.anomalies
    assert (cout.code, cout.severite, cout.feuille) == (PLAFOND, Severite.INFORMATION, "Charges")
    assert "10,25" in cout.message
    assert verification.code_de_sortie == 0
    valeurs = verification.en_valeurs()
    assert (valeurs["structure"], valeurs["etape"], valeurs["recevable"]) == ("E1", "reels-2025-a", True)


def _declarer(contexte: Contexte, nature: str, exercice: int, etape: str, recue: date, **reponses: Any) -> None:
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure).where(Structure.code == "E1")).one()
        instant = datetime.combine(recue, time(9), tzinfo=UTC)
        etat = reponses.pop("etat", EtatDeclaration.VALIDEE)
        session.add(
            Declaration(
                structure_id=structure.id or 0, prestation="EAJE", nature=nature, exercice=exercice, etape=etape,
                origine="test", donnees=reponses, recue_le=instant, etat=etat,
            )
        )  # fmt: skip


def test_a_reel_is_compared_with_four_declarations_of_the_record(contexte: Contexte, tmp_path: Path) -> None:
    poser_structure(contexte, "E1")
    juin, novembre = date(2025, 6, 20), date(2025, 11, 20)
    _declarer(contexte, "reel", 2024, "reels-2024", date(2025, 2, 20), heures_facturees="44000", jours_ouverture=222)
    _declarer(contexte, "previsionnel", 2025, "previsionnels-2025", date(2024, 12, 15), heures_facturees="50000")
    # Written first, received last: the one received last is the reference.
    _declarer(contexte, "actualisation", 2025, "actualisations-2025-b", novembre, heures_facturees="40000")
    _declarer(contexte, "actualisation", 2025, "actualisations-2025-a", juin, heures_facturees="20000")
    rejetee = {"heures_facturees": "1", "etat": EtatDeclaration.REJETEE}
    _declarer(contexte, "actualisation", 2025, "actualisations-2025-c", date(2025, 12, 1), **rejetee)
    fichier = tmp_path / "bon.xlsx"
    fichier.write_bytes(classeur("E1"))
    (variation,) = [a for a in verifier(contexte, fichier, JOUR).anomalies if a.code != PLAFOND]
    assert (variation.code, variation.severite, variation.champ) == ("variation", Severite.ALERTE, "heures_facturees")
    assert variation.cellule == plan_eaje().ligne_champ("heures_facturees").cellule
    assert variation.message.replace("\u00a0", " ").replace("\u202f", " ") == (
        "« Heures facturées aux familles » baisse de 12 % par rapport à l'actualisation (40 000 heures), de 29,6 % par "
        "rapport au prévisionnel (50 000 heures) et de 20 % par rapport au réel 2024 (44 000 heures) : vérifiez, ou "
        "expliquez cet écart."
    )


def test_the_convention_is_weighed_when_the_workbook_arrives(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure).where(Structure.code == "E1")).one()
        session.add(
            Convention(
                structure_id=structure.id or 0, prestation="EAJE", numero="C1", du=date(2025, 1, 1),
                au=date(2025, 12, 31), attractivite=True, conditions={},
            )
        )  # fmt: skip
        session.flush()
        conditions = referentiel(contexte, session).conditions
    assert set(conditions) == {"E1"}
    assert set(conditions["E1"]) == {2025}
    assert conditions["E1"][2025]["attractivite"] is True


def test_out_of_its_campaign_a_workbook_is_checked_all_the_same(contexte: Contexte, tmp_path: Path) -> None:
    poser_structure(contexte, "E1")
    fichier = tmp_path / "bon.xlsx"
    fichier.write_bytes(classeur("E1"))
    verification = verifier(contexte, fichier, date(2026, 6, 1))
    trouvees = [(a.code, a.severite) for a in verification.anomalies if a.code != PLAFOND]
    assert trouvees == [("campagne_close", Severite.INFORMATION)]
    (close,) = [a for a in verification.anomalies if a.code == "campagne_close"]
    assert "ce classeur serait refusé. La vérification, elle, ne dépose rien." in close.message
    assert "conservé" not in close.message
    assert verification.code_de_sortie == 0


@pytest.mark.parametrize("octets", [b"", b"bonjour", classeur("E1")[:2000]], ids=["vide", "texte", "tronque"])
def test_an_unreadable_file(contexte: Contexte, tmp_path: Path, octets: bytes) -> None:
    fichier = tmp_path / "F.xlsx"
    fichier.write_bytes(octets)
    verification = verifier(contexte, fichier, JOUR)
    assert verification.code_de_sortie == 2
    assert len(verification.anomalies) == 1
    with pytest.raises(ActeRefuse):
        annoter_copie(verification, tmp_path / "G.xlsx")


def test_a_file_too_big_is_not_read(contexte: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "F.xlsx"
    with fichier.open("wb") as flux:
        flux.truncate(100 * 2**20)
    verification = verifier(contexte, fichier, JOUR)
    assert [a.code for a in verification.anomalies] == ["fichier_trop_lourd"]
    assert verification.octets == b""


def test_a_missing_file_is_refused(contexte: Contexte, tmp_path: Path) -> None:
    with pytest.raises(ActeRefuse, match="ne s'ouvre pas"):
        verifier(contexte, tmp_path / "absent.xlsx", JOUR)


@pytest.fixture
def terminal(contexte: Contexte) -> Iterator[CliRunner]:
    module_contexte.contexte.cache_clear()
    yield CliRunner()
    module_contexte.contexte.cache_clear()


def _lancer(terminal: CliRunner, *arguments: object) -> tuple[int, str]:
    sortie = terminal.invoke(application, [str(a) for a in arguments])
    return sortie.exit_code, sortie.output


def test_the_command_answers_in_text_json_and_exit_code(
    contexte: Contexte, terminal: CliRunner, tmp_path: Path
) -> None:
    poser_structure(contexte, "E1")
    fichier, copie = tmp_path / "F.xlsx", tmp_path / "G.xlsx"
    fichier.write_bytes(classeur("E1", {"jours_ouverture": "beaucoup"}))
    code, texte = _lancer(terminal, "verifier", fichier, "--annoter", copie)
    assert code == 1
    assert "À CORRIGER  Activité, cellule" in texte
    assert copie.is_file()
    code, brut = _lancer(terminal, "verifier", fichier, "--json")
    assert code == 1
    assert "jours_ouverture" in [a["champ"] for a in json.loads(brut)["anomalies"]]
    fichier.write_bytes(classeur("E1"))
    assert _lancer(terminal, "verifier", fichier)[0] == 0
    fichier.write_bytes(b"non")
    assert _lancer(terminal, "verifier", fichier)[0] == 2


def test_the_deposit_command_copies_to_the_inbox(contexte: Contexte, terminal: CliRunner, tmp_path: Path) -> None:
    fichier = tmp_path / "F.xlsx"
    fichier.write_bytes(b"octets")
    code, texte = _lancer(terminal, "deposer", fichier, fichier)
    assert code == 0
    assert "Déposé : F.xlsx" in texte
    assert sorted(p.name for p in contexte.reglages.boite_depots.iterdir()) == ["F (2).xlsx", "F.xlsx"]
    assert fichier.read_bytes() == b"octets"
