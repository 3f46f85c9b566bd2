"""The key: made once, for one account, never made again in silence once it has served."""

import shutil
from pathlib import Path

import pytest

from modeles.base import transaction
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.cles import Cles, chemin_de_la_cle, chiffrer, creer_cle, dechiffrer, lire_cles
from operations.filoue.depot import deposer
from tests.fabrique import poser_structure
from tests.filoue.fabrique import fichier
from tests.operations.filoue.campagne import JOUR


def lire(ctx: Contexte) -> Cles:
    with transaction(ctx.moteur) as session:
        return lire_cles(ctx, session)


@pytest.fixture
def utilisee(contexte: Contexte, tmp_path: Path) -> Contexte:
    """A key with which a file was received."""
    poser_structure(contexte, "EAJE01")
    creer_cle(contexte)
    (tmp_path / "f.csv").write_bytes(fichier())
    deposer(contexte, tmp_path / "f.csv", "c.martin", "EAJE01", jour=JOUR)
    return contexte


def test_la_cle_est_hors_de_la_base_et_pour_un_seul_compte(contexte: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="pas encore de clé"):
        lire(contexte)
    chemin = creer_cle(contexte)
    assert chemin.stat().st_mode & 0o777 == 0o600
    cles = lire(contexte)
    assert len({cles.chiffrement, cles.pseudonymes}) == 2
    assert "chiffrement" not in repr(cles)
    with pytest.raises(ActeRefuse, match="elle ne se remplace pas"):
        creer_cle(contexte)


def test_son_chemin_se_choisit(contexte: Contexte, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAGNES_FILOUE_CLE", str(tmp_path / "ailleurs" / "cle"))
    assert creer_cle(contexte) == tmp_path / "ailleurs" / "cle"
    assert not (contexte.reglages.var / "cles").exists()


@pytest.mark.parametrize("droits", [0o640, 0o604, 0o660])
def test_lisible_par_d_autres_elle_est_refusee(contexte: Contexte, droits: int) -> None:
    creer_cle(contexte).chmod(droits)
    with pytest.raises(ActeRefuse, match="chmod 600"):
        lire(contexte)


@pytest.mark.parametrize("contenu", [b"", b"abc", b"AAAA", b"\xff" * 44])
def test_abimee_elle_est_refusee(contexte: Contexte, contenu: bytes) -> None:
    creer_cle(contexte).write_bytes(contenu)
    with pytest.raises(ActeRefuse, match="abîmée"):
        lire(contexte)


def test_perdue_elle_n_est_pas_refaite(utilisee: Contexte) -> None:
    chemin_de_la_cle(utilisee).unlink()
    for acte in (lambda: lire(utilisee), lambda: creer_cle(utilisee)):
        with pytest.raises(ActeRefuse, match="a disparu"):
            acte()
    assert not chemin_de_la_cle(utilisee).exists()


def test_une_autre_cle_est_refusee(utilisee: Contexte, contexte: Contexte, tmp_path: Path) -> None:
    autre = tmp_path / "autre.cle"
    shutil.copy(chemin_de_la_cle(utilisee), autre)
    chemin_de_la_cle(utilisee).write_bytes(b"A" * 43 + b"=\n")
    with pytest.raises(ActeRefuse, match="n'est pas celle qui a servi"):
        lire(utilisee)
    shutil.copy(autre, chemin_de_la_cle(utilisee))
    assert lire(utilisee).empreinte


def test_un_chiffre_altere_ou_deplace_se_voit(contexte: Contexte) -> None:
    creer_cle(contexte)
    cles = lire(contexte)
    chiffres = chiffrer(cles, b"secret", "empreinte")
    assert b"secret" not in chiffres
    assert chiffres != chiffrer(cles, b"secret", "empreinte")
    assert dechiffrer(cles, chiffres, "empreinte") == b"secret"
    for faux, empreinte in (
        (chiffres[:-1] + bytes([chiffres[-1] ^ 1]), "empreinte"),
        (chiffres, "autre"),
        (b"", "empreinte"),
    ):
        with pytest.raises(ActeRefuse, match="ne se déchiffre pas"):
            dechiffrer(cles, faux, empreinte)
