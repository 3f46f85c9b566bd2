"""The whole campaign in this process: what it ends on, twice the same, and the same when killed on the way."""

import hashlib
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlmodel import select

from demonstration.bilan import resumer
from demonstration.operateurs import OperateurDirect
from demonstration.scenario import CAMPAGNE, LIBERE_PAR, PROPOSE_PAR, Scene, jouer, reste_a_jouer, scenario
from modeles.base import creer_moteur, transaction
from modeles.schema import migrer
from modeles.tables import Courriel, Declaration, Depot, Droit, LigneLot, Lot, Structure, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.suivi import avancement
from operations.versements import lots
from regles.etats import EtatCourriel, EtatDepot, EtatLot, EtatVersement, NatureVersement
from schemas.configuration.reglages import RACINE

pytestmark = pytest.mark.xdist_group("scenario")

COLONNES = {
    Courriel: (Courriel.cle, Courriel.etat, Courriel.destinataire, Courriel.octets, Courriel.envoye_le),
    Depot: (Depot.sha256, Depot.nom_fichier, Depot.etat, Depot.recu_le, Depot.motif),
    Declaration: (Declaration.structure_id, Declaration.etape, Declaration.donnees, Declaration.etat),
    Droit: (Droit.montant_centimes, Droit.payable, Droit.empreinte, Droit.connu_le),
    Versement: (Versement.reference, Versement.nature, Versement.montant_centimes, Versement.etat),
    Lot: (Lot.numero, Lot.etat, Lot.nombre, Lot.total_centimes, Lot.propose_par, Lot.decide_par),
    LigneLot: (LigneLot.montant_centimes, LigneLot.active),
}


def etat_final(contexte: Contexte) -> dict[str, list[str]]:
    """Everything that a second mail, a lost file or a double payment would change."""
    etat = {}
    with transaction(contexte.moteur) as session:
        for table, colonnes in COLONNES.items():
            lignes: Any = session.exec(select(*colonnes)).all()
            etat[table.__name__] = sorted(map(repr, lignes))
    fichiers = (contexte.reglages.var / "courriels").glob("*/*.eml")
    etat["eml"] = sorted(f"{f.name} {hashlib.sha256(f.read_bytes()).hexdigest()}" for f in fichiers)
    return etat


def jouer_ici(contexte: Contexte) -> list[str]:
    dits: list[str] = []
    jouer(Scene(contexte, OperateurDirect(contexte)), dits.append)
    return dits


def test_la_campagne_entiere(contexte: Contexte) -> None:
    dits = jouer_ici(contexte)
    assert len(dits) == len(scenario(contexte))
    ou = avancement(contexte, CAMPAGNE)
    assert (ou.attendues, ou.recues, ou.validees) == (29, 25, 25)
    (lot,) = lots(contexte, CAMPAGNE)
    assert (lot.etat, lot.propose_par, lot.decide_par, lot.nombre) == (EtatLot.EXPORTE, PROPOSE_PAR, LIBERE_PAR, 24)
    assert len(lot.tentatives_refusees) == 1
    assert "La base de données l'interdit" in "".join(dits)
    with transaction(contexte.moteur) as session:
        assert set(session.exec(select(Courriel.etat))) <= {EtatCourriel.ENVOYE, EtatCourriel.SANS_OBJET}
        assert len(session.exec(select(Depot).where(Depot.etat == EtatDepot.REFUSE)).all()) == 10
        (indu,) = session.exec(select(Versement).where(Versement.nature == NatureVersement.INDU)).all()
        assert indu.etat is EtatVersement.A_RECOUVRER
        indue = session.get_one(Structure, indu.structure_id)
        assert indue.code == "EAJE24"
    assert verifier_journal(contexte).rupture is None
    exports = sorted(f.name for f in (contexte.reglages.var / "exports").glob("*/*"))
    assert len(exports) == 2
    assert all(nom.startswith("DEMONSTRATION") for nom in exports)
    bilan = "\n".join(resumer(contexte))
    assert "25 reçus sur 29 (DÉMONSTRATION)" in bilan
    assert "make ui" in bilan

    avant = etat_final(contexte)
    assert reste_a_jouer(contexte) == 0
    assert jouer_ici(contexte) == []
    (contexte.reglages.var / "demonstration" / "pas.txt").unlink()
    assert len(jouer_ici(contexte)) == len(dits)
    assert etat_final(contexte) == avant


def test_tuee_n_importe_ou_et_relancee_elle_finit_pareil(
    contexte_deux_bases: Contexte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tue, reference = contexte_deux_bases, tmp_path / "reference"
    reference.mkdir()
    moteur = creer_moteur(f"sqlite:///{reference / 'campagnes.db'}")
    migrer(moteur)
    temoin = Contexte(tue.reglages.model_copy(update={"var": reference}), moteur)
    jouer_ici(temoin)

    hasard = Random(2026)  # noqa: S311
    morts = 0
    while True:
        commande = [sys.executable, "-m", "tests.demonstration.condamne", str(hasard.randint(1, 500))]
        fin = subprocess.run(commande, cwd=RACINE, capture_output=True, text=True, check=False)
        if fin.returncode == 0:
            break
        assert fin.returncode == -9, fin.stderr
        morts += 1
    assert morts >= 3, morts
    assert etat_final(tue) == etat_final(temoin)
    assert verifier_journal(tue).rupture is None
