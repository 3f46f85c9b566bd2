"""The cleaned lines handed over: columns of the version, pseudonyms and months, byte for byte the same."""

import csv
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from demonstration.filoue import COLONNES, HABITUDES, Retouches, ecrire
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.remise import BilanRemise, remettre
from operations.journal import histoire
from regles.filoue import VersionFiloue
from schemas.configuration.reglages import RACINE
from tests.filoue.fabrique import EXERCICE, JOUR, PAR, attendu_de, dix_enfants, poser_creche, recevoir

V3 = VersionFiloue.V3


def _remettre(contexte: Contexte, dossier: Path, version: VersionFiloue = V3) -> BilanRemise:
    return remettre(contexte, EXERCICE, version, dossier, PAR, JOUR)


def _regler(contexte: Contexte, config: Path, avant: str, apres: str) -> Contexte:
    """The same installation with another line in config/filoue.yaml."""
    shutil.copytree(RACINE / "config", config)
    filoue = config / "filoue.yaml"
    texte = filoue.read_text(encoding="utf-8")
    assert avant in texte
    filoue.write_text(texte.replace(avant, apres), encoding="utf-8")
    return replace(contexte, reglages=contexte.reglages.model_copy(update={"config": config}))


def _lignes(chemin: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(chemin.read_text(encoding="utf-8")), delimiter=";"))


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    """Two crèches, one file of an old version with a comma and ISO dates for the second."""
    recevoir(contexte, "EAJE01", ecrire(dix_enfants("a"), poser_creche(contexte, "EAJE01")))
    habitude = replace(HABITUDES["v1_anciens"], decimale=",", forme_date="%Y-%m-%d")
    sans_matricule = Retouches({(2, "MATRICULE"): "", (3, "NOMBRE_HEURES_REALISEES"): "illisible"})
    recevoir(contexte, "EAJE02", ecrire(dix_enfants("b"), poser_creche(contexte, "EAJE02"), habitude, sans_matricule))
    return contexte


@pytest.mark.parametrize("version", VersionFiloue)
def test_chaque_version_a_ses_colonnes_et_toutes_les_lignes(
    ctx: Contexte, tmp_path: Path, version: VersionFiloue
) -> None:
    bilan = _remettre(ctx, tmp_path, version)
    page, fichier = bilan.chemins
    lignes = _lignes(fichier)

    assert tuple(lignes[0]) == COLONNES[version]
    assert (len(lignes), bilan.lignes) == (20, 20)
    assert bilan.fichiers[0].sha256 in page.read_text(encoding="utf-8")


def test_ce_qui_identifie_est_remplace_et_le_reste_est_ecrit_a_la_maniere_de_la_cnaf(
    ctx: Contexte, tmp_path: Path
) -> None:
    lignes = _lignes(_remettre(ctx, tmp_path).chemins[1])
    for ligne, enfant in zip(lignes, [*dix_enfants("a"), *dix_enfants("b")], strict=True):
        assert len(ligne["MATRICULE"]) in {0, 64}
        assert ligne["DATE_NAISSANCE_INDIVIDU"] == f"{enfant.naissance:01/%m/%Y}"
        assert ligne["VILLE_FAMILLE"] == ""
        assert ligne["CODE_POSTAL_FAMILLE"] == enfant.code_postal
        assert ligne["NOMBRE_HEURES_FACTUREES"] == f"{enfant.facturees // 100}.{enfant.facturees % 100:02d}"
        assert ligne["PREMIERJOUR"] == f"{enfant.premier:%d/%m/%Y}"
    assert lignes[10]["MATRICULE"] == ""  # none was given
    assert lignes[11]["NOMBRE_HEURES_REALISEES"] == ""  # unreadable
    assert {ligne["IDEQU"] for ligne in lignes} == {"5200001", "5200002"}  # the second file had none: the Caf's record


def test_demandee_deux_fois_la_remise_a_les_memes_octets_et_une_ligne_au_journal(ctx: Contexte, tmp_path: Path) -> None:
    premiere, seconde = _remettre(ctx, tmp_path / "a"), _remettre(ctx, tmp_path / "b")

    assert [c.read_bytes() for c in premiere.chemins] == [c.read_bytes() for c in seconde.chemins]
    (ligne,) = histoire(ctx, "filoue", "2025-V3")
    assert (ligne.action, ligne.par) == ("remettre", PAR)
    assert json.loads(ligne.details)["lignes"] == 20
    recevoir(ctx, "EAJE01", ecrire(dix_enfants("corrigé"), attendu_de("EAJE01")))
    _remettre(ctx, tmp_path / "a")
    assert len(histoire(ctx, "filoue", "2025-V3")) == 2


def test_un_fichier_par_structure_quand_les_reglages_le_disent(ctx: Contexte, tmp_path: Path) -> None:
    autre = _regler(ctx, tmp_path / "config", "un_fichier_par: departement", "un_fichier_par: structure")
    bilan = _remettre(autre, tmp_path / "sortie")

    assert [(f.nom, f.lignes) for f in bilan.fichiers] == [
        (f"DEMONSTRATION-filoue-2025-V3-{code}.csv", 10) for code in ("EAJE01", "EAJE02")
    ]


def test_la_forme_vient_des_reglages(ctx: Contexte, tmp_path: Path) -> None:
    autre = _regler(
        ctx,
        tmp_path / "config",
        'V3: {separateur: ";", encodage: utf-8, fin_de_ligne: "\\n", separateur_decimal: ".", format_date: "%d/%m/%Y"}',
        'V3: {separateur: "|", encodage: utf-8-sig, fin_de_ligne: "\\r\\n", separateur_decimal: ",", '
        'format_date: "%Y-%m-%d"}',
    )
    octets = _remettre(autre, tmp_path / "sortie").chemins[1].read_bytes()

    assert octets.startswith(b"\xef\xbb\xbfNUMERO_CAF|NUMERO_DOSSIER_AFC|")
    assert octets.count(b"\r\n") == 21
    assert b"|2025-12-" in octets


def test_la_page_dit_ce_qui_remplace_et_qui_manque(ctx: Contexte, tmp_path: Path) -> None:
    poser_creche(ctx, "EAJE03")
    bilan = _remettre(ctx, tmp_path)
    page = bilan.chemins[0].read_text(encoding="utf-8")

    assert bilan.absentes == ("EAJE03",)
    for mots in ("un pseudonyme de la famille", "le mois de naissance", "la valeur n’est pas conservée", "EAJE03"):
        assert mots in page


@pytest.mark.parametrize("par", ["inconnu", "a.leroy"])
def test_seule_une_personne_habilitee_remet(ctx: Contexte, tmp_path: Path, par: str) -> None:
    with pytest.raises(ActeRefuse):
        remettre(ctx, EXERCICE, V3, tmp_path, par, JOUR)
    assert histoire(ctx, "filoue", "2025-V3") == []


def test_un_dossier_ou_l_on_n_ecrit_pas_ne_laisse_rien_au_journal(ctx: Contexte, tmp_path: Path) -> None:
    occupe = tmp_path / "occupe"
    occupe.write_text("un fichier")
    with pytest.raises(ActeRefuse, match="ne s'écrit pas"):
        _remettre(ctx, occupe)
    assert histoire(ctx, "filoue", "2025-V3") == []


def test_les_fichiers_remis_ne_sont_lisibles_que_par_ce_compte(ctx: Contexte, tmp_path: Path) -> None:
    for chemin in _remettre(ctx, tmp_path).chemins:
        assert chemin.stat().st_mode & 0o077 == 0
