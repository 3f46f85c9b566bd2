"""From the inbox to declarations: kept once, decided once, whatever stops on the way."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, SQLModel, col, select

from modeles.base import transaction
from modeles.journal import rupture
from modeles.tables import AnomalieDepot, Courriel, Declaration, Depot, LigneJournal
from operations.contexte import ActeRefuse, Contexte
from operations.reception import compter_doublons, deposer, enregistrer_arrivees, instruire
from regles.calendrier import PARIS
from regles.etats import EtatCourriel, EtatDeclaration, EtatDepot
from tests.fabrique import classeur, deposer_octets, poser_structure

AVANT, PENDANT, LIMITE = date(2026, 2, 1), date(2026, 2, 20), date(2026, 2, 27)
EN_RETARD, DERNIER_JOUR, TROP_TARD = date(2026, 2, 28), date(2026, 3, 9), date(2026, 3, 10)


def _toutes(contexte: Contexte, table: type[SQLModel]) -> Sequence[Any]:
    with Session(contexte.moteur) as session:
        return session.exec(select(table).order_by(*table.__table__.primary_key)).all()  # type: ignore[attr-defined]


def _recevoir(contexte: Contexte, nom: str, octets: bytes, jour: date = PENDANT) -> Any:
    deposer_octets(contexte, nom, octets)
    enregistrer_arrivees(contexte, jour)
    return instruire(contexte, jour)


def _fichiers(contexte: Contexte, dossier: str) -> list[str]:
    chemin = contexte.reglages.boite_depots.parent / dossier
    return sorted(p.name for p in chemin.iterdir()) if chemin.is_dir() else []


def _actions(contexte: Contexte) -> list[str]:
    return [f"{li.objet}.{li.action}" for li in _toutes(contexte, LigneJournal)]


def test_a_sound_workbook_becomes_a_declaration_and_is_answered(contexte_deux_bases: Contexte) -> None:
    contexte = contexte_deux_bases
    poser_structure(contexte, "E1", contacts=2)
    bilan = _recevoir(contexte, "Mon réel.xlsx", classeur("E1"))
    assert (bilan.acceptes, bilan.refuses, bilan.en_retard, bilan.a_reprendre) == (1, 0, 0, ())
    (depot,) = _toutes(contexte, Depot)
    assert (depot.etat, depot.nom_fichier) == (EtatDepot.ACCEPTE, "Mon réel.xlsx")
    (declaration,) = _toutes(contexte, Declaration)
    assert (declaration.etat, declaration.nature, declaration.exercice, declaration.etape, declaration.depot_id) == (
        EtatDeclaration.RECUE,
        "reel",
        2025,
        "reels-2025-a",
        depot.id,
    )
    assert declaration.donnees["charges"] == "400000"
    courriels = _toutes(contexte, Courriel)
    assert [c.cle for c in courriels] == [f"reponse_depot:{depot.id}:{c.contact_id}" for c in courriels]
    assert len(courriels) == 2
    assert courriels[0].contexte["accepte"] is True
    assert {c.etat for c in courriels} == {EtatCourriel.A_ENVOYER}
    assert _actions(contexte) == ["depot.recevoir", "declaration.recevoir", "depot.instruire"]
    with transaction(contexte.moteur) as session:
        assert rupture(session) is None
    assert _fichiers(contexte, "arrivee") == []


def test_a_workbook_with_mistakes_is_refused_with_all_of_them(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    fautes = {f"charges_{n}": "?" for n in range(60, 69)} | {f"produits_74{n}": "?" for n in range(1, 9)}
    fautes |= {f"produits_7{n}": "?" for n in range(5, 10)}
    bilan = _recevoir(contexte, "F.xlsx", classeur("E1", fautes))
    assert (bilan.acceptes, bilan.refuses) == (0, 1)
    assert bilan.lignes[0].resume == "22 points à corriger."
    assert _toutes(contexte, Declaration) == []
    anomalies = _toutes(contexte, AnomalieDepot)
    assert [a.rang for a in anomalies] == list(range(1, 23))
    (courriel,) = _toutes(contexte, Courriel)
    assert len(courriel.contexte["anomalies"]) == 20
    assert courriel.contexte["bloquantes"] == 22


def test_alerts_are_kept_with_the_declaration(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    _recevoir(contexte, "F.xlsx", classeur("E1", {"journees_pedagogiques": 5}))
    (declaration,) = _toutes(contexte, Declaration)
    assert declaration.alertes == 1


def test_the_same_bytes_twice_are_one_deposit(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    octets = classeur("E1")
    _recevoir(contexte, "a.xlsx", octets)
    bilan = _recevoir(contexte, "b.xlsx", octets)
    assert bilan.lignes == ()
    assert len(_toutes(contexte, Depot)) == 1
    assert [c.genre for c in _toutes(contexte, Courriel)] == ["reponse_depot"]
    assert compter_doublons(contexte) == 1
    assert _actions(contexte)[-1] == "depot.doublon"
    assert len(_fichiers(contexte, "traites")) == 2


def test_a_newer_deposit_supersedes_and_history_stays(contexte_deux_bases: Contexte) -> None:
    contexte = contexte_deux_bases
    poser_structure(contexte, "E1")
    _recevoir(contexte, "a.xlsx", classeur("E1"))
    with transaction(contexte.moteur) as session:
        session.exec(select(Declaration)).one().etat = EtatDeclaration.VALIDEE
    bilan = _recevoir(contexte, "b.xlsx", classeur("E1", {"enfants_inscrits": 46}))
    assert (bilan.acceptes, bilan.remplacees) == (1, 1)
    anciens, nouveaux = _toutes(contexte, Declaration)
    assert (anciens.etat, nouveaux.etat) == (EtatDeclaration.REMPLACEE, EtatDeclaration.RECUE)
    assert [d.etat for d in _toutes(contexte, Depot)] == [EtatDepot.REMPLACE, EtatDepot.ACCEPTE]
    du_depot, remplacement = [li for li in _toutes(contexte, LigneJournal) if li.action == "remplacer"]
    assert (du_depot.objet, du_depot.avant, du_depot.apres) == ("depot", "accepte", "remplace")
    assert (remplacement.objet, remplacement.avant, remplacement.apres) == ("declaration", "validee", "remplacee")
    assert "son droit à recalculer" in remplacement.motif


def test_two_deposits_of_a_structure_in_one_batch_keep_the_last(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    for rang in (1, 2):
        chemin = deposer_octets(contexte, f"{3 - rang}.xlsx", classeur("E1", {"enfants_inscrits": 45 + rang}))
        os.utime(chemin, ns=(rang, rang))
    enregistrer_arrivees(contexte, PENDANT)
    assert instruire(contexte, PENDANT).remplacees == 1
    courante = [d for d in _toutes(contexte, Declaration) if d.etat is EtatDeclaration.RECUE]
    assert [d.donnees["enfants_inscrits"] for d in courante] == [47]


def test_a_refused_correction_leaves_the_declaration_in_place(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    _recevoir(contexte, "a.xlsx", classeur("E1"))
    _recevoir(contexte, "b.xlsx", classeur("E1", {"enfants_inscrits": "?"}))
    assert [d.etat for d in _toutes(contexte, Declaration)] == [EtatDeclaration.RECUE]
    assert [d.etat for d in _toutes(contexte, Depot)] == [EtatDepot.ACCEPTE, EtatDepot.REFUSE]


@pytest.mark.parametrize(("jour", "en_retard"), [(LIMITE, 0), (EN_RETARD, 1), (DERNIER_JOUR, 1)])
def test_late_but_before_closing_is_accepted_and_marked(contexte: Contexte, jour: date, en_retard: int) -> None:
    poser_structure(contexte, "E1")
    bilan = _recevoir(contexte, "F.xlsx", classeur("E1"), jour)
    assert (bilan.acceptes, bilan.en_retard) == (1, en_retard)
    (courriel,) = _toutes(contexte, Courriel)
    assert courriel.contexte["en_retard"] is bool(en_retard)


def test_lateness_is_that_of_the_reception_not_of_the_reading(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    deposer_octets(contexte, "F.xlsx", classeur("E1"))
    enregistrer_arrivees(contexte, LIMITE)
    bilan = instruire(contexte, TROP_TARD)
    assert (bilan.acceptes, bilan.en_retard) == (1, 0)


def test_after_closing_it_is_kept_answered_and_left_to_a_person(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    bilan = _recevoir(contexte, "F.xlsx", classeur("E1"), TROP_TARD)
    (ligne,) = bilan.a_reprendre
    assert ligne.structure == "E1"
    assert "après la clôture" in ligne.a_reprendre
    (depot,) = _toutes(contexte, Depot)
    assert (depot.etat, depot.motif) == (EtatDepot.REFUSE, "Arrivé après la clôture de la campagne.")
    assert _toutes(contexte, Declaration) == []
    (courriel,) = _toutes(contexte, Courriel)
    assert courriel.contexte["hors_delai"] is True
    assert "arrivé après la clôture" in courriel.contexte["anomalies"][0]["message"]


def test_before_the_opening_it_waits_then_is_read(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    bilan = _recevoir(contexte, "F.xlsx", classeur("E1"), AVANT)
    assert (bilan.lignes, bilan.en_attente) == ((), 1)
    assert _toutes(contexte, Courriel) == []
    bilan = instruire(contexte, PENDANT)
    assert (bilan.acceptes, bilan.en_attente) == (1, 0)


def test_an_unknown_or_borrowed_identity_is_answered_to_nobody(contexte: Contexte) -> None:
    poser_structure(contexte, "E1", "P1")
    poser_structure(contexte, "E2", "P2")
    deposer_octets(contexte, "a.xlsx", classeur("E9"))
    deposer_octets(contexte, "b.xlsx", classeur("E1", None, structure="E2"))
    enregistrer_arrivees(contexte, PENDANT)
    bilan = instruire(contexte, PENDANT)
    assert bilan.refuses == 2
    assert [ligne.structure for ligne in bilan.a_reprendre] == ["", ""]
    assert _toutes(contexte, Courriel) == []
    assert [d.structure_id for d in _toutes(contexte, Depot)] == [None, None]


def test_an_unreadable_file_is_answered_when_its_name_says_whose_it_is(contexte: Contexte) -> None:
    poser_structure(contexte, "E1")
    poser_structure(contexte, "E10", "P2")
    deposer_octets(contexte, "EAJE_e1_reel.xlsx", b"tronqu\xe9\x00")
    deposer_octets(contexte, "reel E1 2025.xlsx", b"coup\xe9\x00")
    deposer_octets(contexte, "F.xlsx", b"autre\x00")
    enregistrer_arrivees(contexte, PENDANT)
    bilan = instruire(contexte, PENDANT)
    assert sorted(ligne.structure for ligne in bilan.lignes) == ["", "E1", "E1"]
    assert len(_toutes(contexte, Courriel)) == 2


def test_a_structure_without_contact_is_flagged(contexte: Contexte) -> None:
    poser_structure(contexte, "E1", contacts=0)
    bilan = _recevoir(contexte, "F.xlsx", classeur("E1"))
    assert bilan.acceptes == 1
    assert "aucun contact actif" in bilan.a_reprendre[0].a_reprendre


def test_a_batch_of_29_in_one_go(contexte: Contexte) -> None:
    octets = {}
    for numero in range(1, 30):
        poser_structure(contexte, f"E{numero}")
        changements = {"heures_realisees": "?"} if numero % 5 == 0 else {}
        octets[f"E{numero}"] = classeur(f"E{numero}", changements)
    for code, contenu in octets.items():
        deposer_octets(contexte, f"{code}.xlsx", contenu)
    enregistrer_arrivees(contexte, PENDANT)
    vus: list[tuple[int, int]] = []
    bilan = instruire(contexte, PENDANT, lambda fait, total: vus.append((fait, total)))
    assert vus == [(rang, 29) for rang in range(1, 30)]
    assert (bilan.acceptes, bilan.refuses) == (24, 5)
    refusees = {ligne.structure for ligne in bilan.lignes if ligne.etat is EtatDepot.REFUSE}
    assert refusees == {"E5", "E10", "E15", "E20", "E25"}
    assert bilan.phrase == "24 accepté(s), 5 refusé(s)."
    assert instruire(contexte, PENDANT).lignes == ()


@pytest.mark.parametrize("nom", [".cache.xlsx", "F.xlsx.part", "F.tmp", "~$F.xlsx", "F.xlsx.crdownload"])
def test_a_file_being_copied_is_left(contexte: Contexte, nom: str) -> None:
    deposer_octets(contexte, nom, b"en cours")
    assert enregistrer_arrivees(contexte, PENDANT) == []
    assert _fichiers(contexte, "arrivee") == [nom]


def _dater(chemin: Path, instant: datetime) -> None:
    os.utime(chemin, (instant.timestamp(), instant.timestamp()))


def test_a_workbook_half_copied_waits_until_it_is_whole_or_left_alone(contexte: Contexte) -> None:
    octets = classeur("E1")
    moitie = deposer_octets(contexte, "moitie.xlsx", octets[: len(octets) // 2])
    deposer_octets(contexte, "entier.xlsx", classeur("E2"))
    assert len(enregistrer_arrivees(contexte)) == 1
    assert _fichiers(contexte, "arrivee") == ["moitie.xlsx"]
    moitie.write_bytes(octets)
    assert len(enregistrer_arrivees(contexte)) == 1
    _dater(deposer_octets(contexte, "coupe.xlsx", octets[:900]), datetime.now(PARIS) - timedelta(minutes=1))
    assert len(enregistrer_arrivees(contexte)) == 1


def test_the_receipt_is_dated_by_the_arrival_not_by_the_reading(contexte: Contexte) -> None:
    vendredi = datetime.now(PARIS).replace(microsecond=0) - timedelta(days=3)
    _dater(deposer_octets(contexte, "a.xlsx", classeur("E1")), vendredi)
    enregistrer_arrivees(contexte)
    assert _toutes(contexte, Depot)[0].recu_le == vendredi


def test_a_file_is_no_older_than_the_last_reading_nor_to_come(contexte: Contexte) -> None:
    avant = datetime.now(PARIS)
    enregistrer_arrivees(contexte)
    _dater(deposer_octets(contexte, "copie ancienne.xlsx", classeur("E1")), avant - timedelta(days=900))
    _dater(deposer_octets(contexte, "horloge folle.xlsx", classeur("E2")), avant + timedelta(days=900))
    enregistrer_arrivees(contexte)
    apres = datetime.now(PARIS)
    marge = timedelta(seconds=1)
    assert [avant - marge <= d.recu_le <= apres for d in _toutes(contexte, Depot)] == [True, True]


def test_two_receptions_at_once_record_each_file_once(contexte_deux_bases: Contexte) -> None:
    contexte = contexte_deux_bases
    for rang in range(12):
        deposer_octets(contexte, f"{rang}.xlsx", b"%d" % (rang % 8))
    with ThreadPoolExecutor(4) as executeur:
        faits = list(executeur.map(lambda _: enregistrer_arrivees(contexte, PENDANT), range(4)))
    assert sorted(i for nouveaux in faits for i in nouveaux) == sorted(d.id for d in _toutes(contexte, Depot))
    assert sorted(_actions(contexte)) == ["depot.doublon"] * 4 + ["depot.recevoir"] * 8
    assert (_fichiers(contexte, "arrivee"), _fichiers(contexte, "en_cours")) == ([], [])


def test_a_file_too_big_goes_to_quarantine_with_a_sentence(contexte: Contexte) -> None:
    with (contexte.reglages.boite_depots / "gros.xlsx").open("wb") as flux:
        flux.truncate(50 * 2**20)
    assert enregistrer_arrivees(contexte, PENDANT) == []
    phrase, fichier = sorted(_fichiers(contexte, "quarantaine"), reverse=True)
    assert (fichier.endswith("gros.xlsx"), phrase.endswith("gros.xlsx.txt")) == (True, True)
    assert _toutes(contexte, Depot) == []
    assert _actions(contexte) == ["arrivee.quarantaine"]


def test_deposer_leaves_the_original_and_never_replaces(contexte: Contexte, tmp_path: Path) -> None:
    fichier = tmp_path / "Réel été.xlsx"
    fichier.write_bytes(b"un")
    assert deposer(contexte, fichier).name == "Réel été.xlsx"
    fichier.write_bytes(b"deux")
    second = deposer(contexte, fichier)
    assert (second.name, second.read_bytes()) == ("Réel été (2).xlsx", b"deux")
    assert sorted(p.name for p in contexte.reglages.boite_depots.iterdir()) == ["Réel été (2).xlsx", "Réel été.xlsx"]
    for refuse in (tmp_path / "absent.xlsx", tmp_path):
        with pytest.raises(ActeRefuse, match="n'existe pas"):
            deposer(contexte, refuse)
    verrou = tmp_path / "~$F.xlsx"
    verrou.write_bytes(b"")
    with pytest.raises(ActeRefuse, match="fichier de travail"):
        deposer(contexte, verrou)


def test_a_very_long_name_is_received(contexte: Contexte) -> None:
    nom = "é" * 120 + ".xlsx"
    deposer_octets(contexte, nom, b"x")
    assert len(enregistrer_arrivees(contexte, PENDANT)) == 1
    assert _toutes(contexte, Depot)[0].nom_fichier.endswith("éé.xlsx")


class _Panne(Exception):
    """The machine stops here."""


@pytest.fixture
def panne(contexte: Contexte) -> Iterator[Callable[[int, str], None]]:
    """Make the n-th commit, or the n-th statement after which the process dies before its commit, raise."""
    compte = {"reste": -1, "quand": ""}

    def programmer(rang: int, quand: str) -> None:
        compte.update(reste=rang, quand=quand)

    def compter(quand: str) -> None:
        if compte["quand"] == quand:
            compte["reste"] -= 1
            if compte["reste"] == 0:
                compte["quand"] = ""
                raise _Panne

    def avant(_: Any) -> None:
        compter("avant")

    def apres(_: Any) -> None:
        compter("apres")

    event.listen(Session, "before_commit", avant)
    event.listen(Session, "after_commit", apres)
    yield programmer
    event.remove(Session, "before_commit", avant)
    event.remove(Session, "after_commit", apres)


@pytest.mark.parametrize("quand", ["avant", "apres"])
@pytest.mark.parametrize("rang", range(1, 8))
def test_killed_anywhere_and_restarted_nothing_is_lost_nor_twice(
    contexte: Contexte, panne: Callable[[int, str], None], rang: int, quand: str
) -> None:
    for numero in (1, 2):
        poser_structure(contexte, f"E{numero}")
    octets = classeur("E1")
    deposer_octets(contexte, "a.xlsx", octets)
    deposer_octets(contexte, "b.xlsx", classeur("E2", {"enfants_inscrits": "?"}))
    deposer_octets(contexte, "c.xlsx", octets)
    panne(rang, quand)
    pannes = 0
    for _ in range(3):
        try:
            enregistrer_arrivees(contexte, PENDANT)
            instruire(contexte, PENDANT)
        except _Panne:
            pannes += 1
    assert pannes == 1
    assert sorted(d.etat for d in _toutes(contexte, Depot)) == [EtatDepot.ACCEPTE, EtatDepot.REFUSE]
    assert len(_toutes(contexte, Declaration)) == 1
    assert len(_toutes(contexte, Courriel)) == 2
    assert compter_doublons(contexte) == 1
    actions = sorted(_actions(contexte))
    assert actions == [
        "declaration.recevoir",
        "depot.doublon",
        "depot.instruire",
        "depot.instruire",
        "depot.recevoir",
        "depot.recevoir",
    ]
    assert (_fichiers(contexte, "arrivee"), _fichiers(contexte, "en_cours")) == ([], [])
    assert len(_fichiers(contexte, "traites")) == 3


@pytest.mark.parametrize("rang", range(1, 7))
def test_killed_between_two_moves_of_files(contexte: Contexte, monkeypatch: pytest.MonkeyPatch, rang: int) -> None:
    poser_structure(contexte, "E1")
    octets = classeur("E1")
    deposer_octets(contexte, "a.xlsx", octets)
    deposer_octets(contexte, "b.xlsx", octets)
    with (contexte.reglages.boite_depots / "gros.xlsx").open("wb") as flux:
        flux.truncate(50 * 2**20)
    reste = [rang]
    vrai = Path.replace

    def deplacer(chemin: Path, cible: Path) -> Path:
        reste[0] -= 1
        if reste[0] == 0:
            raise _Panne
        return vrai(chemin, cible)

    monkeypatch.setattr(Path, "replace", deplacer)
    with pytest.raises(_Panne):
        enregistrer_arrivees(contexte, PENDANT)
    enregistrer_arrivees(contexte, PENDANT)
    instruire(contexte, PENDANT)
    assert len(_toutes(contexte, Depot)) == 1
    assert compter_doublons(contexte) == 1
    assert len(_fichiers(contexte, "traites")) == 2
    assert len(_fichiers(contexte, "quarantaine")) == 2
    assert _actions(contexte).count("arrivee.quarantaine") == 1


def test_a_deposit_keeps_the_exact_bytes(contexte: Contexte) -> None:
    octets = classeur("E1")
    deposer_octets(contexte, "F.xlsx", octets)
    (identifiant,) = enregistrer_arrivees(contexte, PENDANT)
    with transaction(contexte.moteur) as session:
        depot = session.exec(select(Depot).where(col(Depot.id) == identifiant)).one()
    assert (depot.octets, depot.taille, depot.etat) == (octets, len(octets), EtatDepot.RECU)
