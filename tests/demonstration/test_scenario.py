"""The whole campaign in this process: what it ends on, twice the same, and the same when killed on the way."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from demonstration.actes import CAMPAGNE
from demonstration.agenda import PREVISIONNELS
from demonstration.bilan import resumer
from demonstration.equipe import ACOMPTE, CUMULARD, LIBERE_PAR, PROPOSE_PAR
from demonstration.operateurs import OperateurDirect
from demonstration.pas import Scene
from demonstration.scenario import jouer, reste_a_jouer, scenario
from modeles.base import transaction
from modeles.tables import Courriel, Declaration, Depot, Droit, LigneLot, Lot, Recouvrement, Structure, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.lots import lots
from operations.suivi import avancement
from regles.etats import EtatCourriel, EtatDepot, EtatLot, EtatVersement, NatureVersement
from schemas.configuration.reglages import RACINE, charger_reglages
from tests.conftest import DEUX_BASES, moteur_de_test
from tests.demonstration.reduit import SANS_CONVENTION, environnement

pytestmark = pytest.mark.xdist_group("scenario")

VIES = (200, 4000)  # how much it writes before it is killed
COLONNES: dict[type[SQLModel], tuple[Any, ...]] = {
    Courriel: (Courriel.cle, Courriel.etat, Courriel.destinataire, Courriel.octets, Courriel.envoye_le),
    Depot: (Depot.sha256, Depot.nom_fichier, Depot.etat, Depot.recu_le, Depot.motif),
    Declaration: (Declaration.structure_id, Declaration.etape, Declaration.donnees, Declaration.etat),
    Droit: (Droit.montant_centimes, Droit.payable, Droit.empreinte, Droit.connu_le),
    Versement: (Versement.reference, Versement.nature, Versement.montant_centimes, Versement.etat),
    Lot: (Lot.numero, Lot.etat, Lot.nombre, Lot.total_centimes, Lot.propose_par, Lot.decide_par),
    LigneLot: (LigneLot.montant_centimes, LigneLot.retenue_centimes, LigneLot.active),
    Recouvrement: (Recouvrement.montant_centimes, Recouvrement.motif),
}


def etat_final(contexte: Contexte) -> dict[str, list[str]]:
    """Everything that a second mail, a lost file or a double payment would change.

    Left aside: the answers to a file that came again, one for each time it comes, under a key of its own.
    """
    etat = {}
    with transaction(contexte.moteur) as session:
        for table, colonnes in COLONNES.items():
            lignes: Any = session.exec(select(*colonnes)).all()
            etat[table.__name__] = sorted(ligne for ligne in map(repr, lignes) if not ligne.startswith("('deja_recu:"))
    fichiers = (contexte.reglages.var / "courriels").glob("*/*.eml")
    ecrits = (f for f in fichiers if not f.name.startswith("deja_recu."))
    etat["eml"] = sorted(f"{f.name} {hashlib.sha256(f.read_bytes()).hexdigest()}" for f in ecrits)
    return etat


def jouer_ici(contexte: Contexte) -> list[str]:
    dits: list[str] = []
    jouer(Scene(contexte, OperateurDirect(contexte)), dits.append)
    return dits


@pytest.fixture(params=DEUX_BASES[1:])
def petit_monde(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Contexte]:
    """The reduced network's context on PostgreSQL (test_annee is killed on SQLite); the environment says the same."""
    environnement(monkeypatch, tmp_path, peu_de_creches=True)
    with moteur_de_test(request.param) as (url, moteur):
        monkeypatch.setenv("CAMPAGNES_BASE_URL", url)
        yield Contexte(charger_reglages(), moteur)


def verses(contexte: Contexte, etape: str) -> dict[str, str]:
    """What each structure was paid, or owes back, under a step."""
    with transaction(contexte.moteur) as session:
        lus = session.exec(
            select(Structure.code, Versement.nature).where(
                Versement.structure_id == Structure.id,
                Versement.etape == etape,
                Versement.etat != EtatVersement.ANNULE,
            )
        )
        return dict(lus.all())


@dataclass(frozen=True)
class Temoin:
    """The year played once without a stop: its context, what each step said, and what it ends on."""

    contexte: Contexte
    dits: list[str]
    etat: dict[str, list[str]]


@pytest.fixture(scope="module")
def temoin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Temoin]:
    """Played on SQLite; the tests that look at it put it back as it was."""
    dossier = tmp_path_factory.mktemp("temoin")
    with pytest.MonkeyPatch.context() as rustine, moteur_de_test("sqlite") as (url, moteur):
        environnement(rustine, dossier, peu_de_creches=True)
        rustine.setenv("CAMPAGNES_BASE_URL", url)
        contexte = Contexte(charger_reglages(), moteur)
        dits = jouer_ici(contexte)
        yield Temoin(contexte, dits, etat_final(contexte))


def test_l_annee_entiere_deux_fois_pareille(temoin: Temoin) -> None:
    petit_monde, dits = temoin.contexte, temoin.dits
    assert len(dits) == len(scenario(petit_monde))
    for campagne in (*PREVISIONNELS, CAMPAGNE, "reels-2025-b"):
        ou = avancement(petit_monde, campagne)
        assert ou.attendues * 80 // 100 <= ou.recues == ou.validees
    verifier_l_argent(petit_monde)
    with transaction(petit_monde.moteur) as session:
        assert set(session.exec(select(Courriel.etat))) <= {EtatCourriel.ENVOYE, EtatCourriel.SANS_OBJET}
        refuses = session.exec(select(Depot).where(Depot.etat == EtatDepot.REFUSE)).all()
        assert len(refuses) >= 10
    assert "La base de données l'interdit" in "".join(dits)
    assert verifier_journal(petit_monde).rupture is None
    exports = sorted(f.name for f in (petit_monde.reglages.var / "exports").glob("*/*"))
    assert len(exports) == 35
    assert all(nom.startswith("DEMONSTRATION") for nom in exports)
    bilan = list(resumer(petit_monde))
    assert len(bilan) <= 28
    assert "DÉMONSTRATION" in bilan[0]
    assert any(SANS_CONVENTION in ligne and "convention" in ligne for ligne in bilan)

    assert reste_a_jouer(petit_monde) == 0
    assert jouer_ici(petit_monde) == []
    (petit_monde.reglages.var / "demonstration" / "pas.txt").unlink()
    assert len(jouer_ici(petit_monde)) == len(dits)
    assert etat_final(petit_monde) == temoin.etat


def verifier_l_argent(contexte: Contexte) -> None:
    """Acomptes in two batches, rappels, soldes; the ended convention gets nothing; the account waits to be sure."""
    premier, second, rappel = lots(contexte, ACOMPTE)
    assert (premier.etat, premier.propose_par, premier.decide_par) == (EtatLot.EXPORTE, CUMULARD, LIBERE_PAR)
    assert len(premier.tentatives_refusees) == 1
    assert (second.etat, second.propose_par) == (EtatLot.EXPORTE, PROPOSE_PAR)
    assert premier.nombre > second.nombre > 0
    assert "EAJE15" in {ligne.structure for ligne in second.lignes}
    acomptes = verses(contexte, ACOMPTE)
    assert set(acomptes.values()) <= {NatureVersement.ACOMPTE, NatureVersement.RAPPEL}
    assert {ligne.nature for ligne in rappel.lignes} == {NatureVersement.RAPPEL}
    assert rappel.etat is EtatLot.EXPORTE
    assert SANS_CONVENTION not in acomptes
    soldes = verses(contexte, CAMPAGNE)
    assert soldes["EAJE24"] == NatureVersement.INDU
    assert soldes["LAEP01"] == NatureVersement.SOLDE
    assert SANS_CONVENTION not in verses(contexte, "reels-2025-b")


def test_tuee_n_importe_ou_et_relancee_elle_finit_pareil(petit_monde: Contexte, temoin: Temoin) -> None:
    hasard = Random(2026)  # noqa: S311
    morts = 0
    while True:
        commande = [sys.executable, "-m", "tests.demonstration.condamne", str(hasard.randint(*VIES))]
        fin = subprocess.run(commande, cwd=RACINE, capture_output=True, text=True, check=False)
        if fin.returncode == 0:
            break
        assert fin.returncode == -9, fin.stderr
        morts += 1
    assert morts >= 2, morts
    assert etat_final(petit_monde) == temoin.etat
    assert verifier_journal(petit_monde).rupture is None
