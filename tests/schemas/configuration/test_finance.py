"""The account that pays: unknown until entered, right when it is, invented in demonstration only."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from regles.adresse_postale import FormeAdresse
from regles.dates import jours_ouvres_apres
from schemas.configuration.finance import charger_finance, fermetures_t2
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "demonstration").mkdir()
    for nom in ("finance.yaml", "demonstration/finance.yaml"):
        shutil.copy(RACINE / "config" / nom, tmp_path / nom)
    return tmp_path


def test_le_compte_de_la_caf_est_inconnu_hors_demonstration(config: Path) -> None:
    assert not charger_finance(config, demonstration=False).emetteur.est_connu
    invente = charger_finance(config, demonstration=True).emetteur
    assert invente.est_connu
    assert (invente.nom, invente.bic_connu) == ("DEMONSTRATION Caf", "")
    assert charger_finance(config, demonstration=False).virement.adresse is FormeAdresse.AUCUNE
    assert charger_finance(config, demonstration=True).virement.adresse is FormeAdresse.STRUCTUREE
    assert not charger_finance(config, demonstration=False).comptes.sont_connus
    assert charger_finance(config, demonstration=True).comptes.sont_connus


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ("iban: inconnu", "iban: FR7699999000520000099999949", "cet IBAN ne tient pas"),
        ("bic: inconnu", "bic: AGRI", "ce BIC n'a pas la forme"),
        ("jours_ouvres: 1 ", "jours_ouvres: 0 ", "jours_ouvres"),
        ('objet: ""', "objet: subs", "objet"),
        (
            "adresse: aucune",
            "adresse: libre",
            "« libre » n'est pas admis ; attendu : 'aucune', 'structuree' ou 'hybride'",
        ),
        ("  adresse: aucune", "", "clé manquante : « virement.adresse »"),
        ("{defaut: inconnu}", "{EAJE: '656'}", "« defaut » est attendu"),
        ("tiers: inconnu", "tiers: '=1+1'", "tiers"),
    ],
)
def test_une_faute_est_dite_a_sa_ligne(config: Path, avant: str, apres: str, raison: str) -> None:
    fichier = config / "finance.yaml"
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match=raison) as refus:
        charger_finance(config, demonstration=False)
    assert refus.value.ligne > 0


def test_le_compte_invente_dit_qu_il_l_est(config: Path) -> None:
    fichier = config / "demonstration" / "finance.yaml"
    fichier.write_text(fichier.read_text(encoding="utf-8").replace("DEMONSTRATION Caf", "Caf"), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match="DEMONSTRATION"):
        charger_finance(config, demonstration=True)


@pytest.mark.parametrize(
    ("jour", "nombre", "attendu"),
    [
        (date(2026, 3, 12), 1, date(2026, 3, 13)),
        (date(2026, 3, 13), 1, date(2026, 3, 16)),
        (date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday, the weekend, Easter Monday
        (date(2026, 12, 24), 2, date(2026, 12, 29)),
        (date(2026, 4, 30), 1, date(2026, 5, 4)),
        (date(2026, 7, 13), 1, date(2026, 7, 14)),  # a French holiday on which T2 is open
    ],
)
def test_les_virements_s_executent_un_jour_ou_t2_est_ouvert(jour: date, nombre: int, attendu: date) -> None:
    assert jours_ouvres_apres(jour, nombre, fermetures_t2()) == attendu
