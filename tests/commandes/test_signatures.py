"""A batch from its draft to the bank, from the terminal: signed, a due set aside, a payment taken back, a code."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from commandes import codes, coordonnees, indus, rappels, resultats, signatures, versements
from commandes.principal import application
from demonstration.hasard import iban_invente
from modeles.base import transaction
from modeles.tables import LigneLot
from modeles.transitions import Acte
from operations.codes import poser_code
from operations.contexte import Contexte
from operations.resultats import noter_resultat
from regles.etats import EtatLigne
from tests.operations.argent import CODE, ETAPE, LES_DEUX, LIBERE, ORDONNE, PROPOSE, ajouter_partenaire, ajouter_reel

S01, S02 = "2025-EAJE-S01-01", "2025-EAJE-S02-01"


@pytest.fixture(autouse=True)
def terminal(contexte: Contexte, monkeypatch: pytest.MonkeyPatch) -> Contexte:
    """The commands, and a proposed batch (1) of 300,00 € and 0,05 €."""
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session, nom="Commune")
        ajouter_reel(session, 1, 30_000, 0)
        ajouter_reel(session, 2, 5, 0)
    for module in (codes, coordonnees, indus, rappels, resultats, signatures, versements):
        monkeypatch.setattr(module, "contexte", lambda: contexte)
    code, sortie = lancer("proposer", ETAPE, "--par", PROPOSE)
    assert (code, "campagnes ordonner 1" in sortie) == (0, True)
    return contexte


def lancer(*arguments: str, tape: str = "") -> tuple[int, str]:
    resultat = CliRunner().invoke(application, list(arguments), input=tape)
    return resultat.exit_code, resultat.output.replace("\u202f", " ").replace("\u00a0", " ")


def reussir(*arguments: str, tape: str = "") -> str:
    code, sortie = lancer(*arguments, tape=tape)
    assert code == 0, sortie
    return sortie


def test_du_brouillon_a_la_banque(terminal: Contexte) -> None:
    assert "campagnes viser 1" in reussir("ordonner", "1", "--par", ORDONNE)
    assert "paquet-reels-2025-a-lot-01.zip" in reussir("viser", "1", "--par", LIBERE)
    assert "sha256" in reussir("exporter", "1")
    assert "attend le résultat de la banque" in reussir("transmettre", "1", "--par", LIBERE)
    with transaction(terminal.moteur) as session:
        acte = Acte(terminal.maintenant(date(2026, 3, 18)), LIBERE, "résultat")
        for ligne in session.exec(select(LigneLot)):
            noter_resultat(session, ligne, EtatLigne.PAYEE, "", acte)
    sortie = reussir("contrepasser", S01, "--motif", "revenu", "--par", LIBERE)
    assert "2025-EAJE-S01-02, à recouvrer" in sortie
    sortie = reussir("expliquer", S01)
    assert f"proposé par {PROPOSE}, ordonnancé par {ORDONNE}" in sortie
    page = (terminal.reglages.var / "documents" / "versements" / f"versement-{S01}.html").read_text(encoding="utf-8")
    for dit in ("exécuté", "Ordonnancé par", "Visé par", "payée"):
        assert dit in page


def test_une_suspension_se_dit_jusqu_au_bout() -> None:
    reussir("ordonner", "1", "--par", ORDONNE)
    suspendre = ("suspendre", S01, "--motif", "pieces", "--texte", "attestation attendue", "--par", ORDONNE)
    sortie = reussir(*suspendre)
    assert "Lot reels-2025-a-lot-01 : 1 ligne(s), 0,05 €. Ses signatures sont retirées" in sortie
    sortie = reussir("suspendus")
    assert f"{S01}          300,00 €  S01 =Crèche" in sortie
    assert "Pièce justificative absente ou insuffisante : attestation attendue (m.lefevre, le " in sortie
    assert "--motif service-fait" in sortie
    assert "refusé" in reussir(*(a.replace(S01, S02) for a in suspendre))
    assert lancer(*suspendre)[0] == 2
    assert "n'est plus suspendu" in reussir("lever", S01, "--motif", "reçue", "--par", LIBERE)
    assert "Lot n° 2" in reussir("proposer", ETAPE, "--par", PROPOSE)
    assert "de nouveau à proposer" in reussir("refuser", "2", "--motif", "un doute", "--par", LIBERE)


def test_un_code_se_tape_deux_fois_et_ne_s_affiche_jamais() -> None:
    tape = "trois petits chats\ntrois petits chats\n"
    assert "chats" not in reussir("code", "poser", "--par", ORDONNE, tape=tape)
    assert lancer("code", "poser", "--par", LIBERE, tape="trois petits chats\nautre chose\n")[0] != 0
    code, sortie = lancer("ordonner", "1", "--par", ORDONNE, tape="chapeau de paille\n")
    assert (code, "encore 4 essai(s)" in sortie, "paille" in sortie) == (2, True, False)
    assert "ordonnancé" in reussir("ordonner", "1", "--par", ORDONNE, tape="trois petits chats\n")
    change = "trois petits chats\nchapeau de paille\nchapeau de paille\n"
    assert "posé" in reussir("code", "poser", "--par", ORDONNE, tape=change)
    neuf = "souris verte\nsouris verte\n"
    assert lancer("code", "poser", "--par", LIBERE, tape=neuf)[0] == 2
    assert "posé" in reussir("code", "poser", "--par", LIBERE, "--devant", ORDONNE, tape=f"{neuf}chapeau de paille\n")


def test_chaque_acte_demande_le_code_de_qui_en_a_un(avec_un_code: Path) -> None:
    """Asked for unseen, whatever the act; wrong, then blocked, it stops each of them."""
    for commande in (
        ("proposer", ETAPE),
        ("ordonner", "1"),
        ("viser", "1"),
        ("refuser", "1", "--motif", "un doute"),
        ("transmettre", "1"),
        ("suspendre", S01, "--motif", "pieces", "--texte", "attestation attendue"),
        ("lever", S01, "--motif", "reçue"),
        ("contrepasser", S01, "--motif", "revenu"),
        ("resultats", str(avec_un_code), "--appliquer"),
        ("indus", "encaisser", S01, "1", "--motif", "virement"),
        ("coordonnees", "enregistrer", "P1", "--titulaire", "Commune", "--iban", iban_invente(9)),
        ("coordonnees", "confirmer", "1", "--contre-appel", "rappelé à l'accueil"),
        ("rappels", "2025", "--confirmer", "0" * 64, "--motif", "publiée"),
    ):
        code, sortie = lancer(*commande, "--par", LES_DEUX, tape="chapeau de paille\n")
        assert f"Code personnel de {LES_DEUX}" in sortie, commande
        assert (code, f"e code de {LES_DEUX}" in sortie.splitlines()[-1], "paille" in sortie) == (2, True, False)


def test_un_apercu_des_resultats_ne_demande_pas_de_code(avec_un_code: Path) -> None:
    assert "Code personnel" not in lancer("resultats", str(avec_un_code), "--par", LES_DEUX)[1]


@pytest.fixture
def avec_un_code(terminal: Contexte, tmp_path: Path) -> Path:
    """Somebody who may do everything has a code; what the bank answers, in a file."""
    poser_code(terminal, LES_DEUX, CODE)
    releve = tmp_path / "resultats.csv"
    releve.write_text(f"reference;resultat;code;montant;date\n{S01};payé;;;\n", encoding="utf-8")
    return releve
