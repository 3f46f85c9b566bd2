"""The forms: the project's own is sound, and each fault is refused at its line with a French reason."""

from decimal import Decimal
from pathlib import Path

import pytest

from regles.baremes import Statut
from regles.champs import Formulaire, TypeChamp
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

MINIMAL = """\
prestation: EAJE
libelle: Essai
version: "1"
feuilles:
  - nom: Activité
    sections:
      - nom: Heures
        champs:
          - {cle: heures, libelle: Heures, type: decimal, unite: heures, minimum: 0, maximum: "10.5"}
          - {cle: dont, libelle: Dont, type: decimal, unite: heures, dont_de: heures}
          - {cle: achats, libelle: Achats, type: euros, unite: "€", compte: "60"}
totaux:
  - {cle: charges, libelle: Charges, unite: "€", somme_de: [achats], statut: a_confirmer, note: Essai}
"""


@pytest.fixture(scope="module")
def eaje() -> Formulaire:
    return charger_formulaire(RACINE / "config", "EAJE")


def test_the_project_form_has_the_fields_of_the_formula(eaje: Formulaire) -> None:
    cles = {c.cle for c in eaje.champs} | {t.cle for t in eaje.totaux}
    assert cles >= {
        "places",
        "amplitude_journaliere",
        "jours_ouverture",
        "heures_facturees",
        "heures_realisees",
        "heures_exceptionnelles",
        "participations_familiales",
        "charges",
        "couches_et_repas",
        "enfants_inscrits",
        "enfants_handicap",
        "journees_pedagogiques",
        "taux_regime_general",
        "statut_gestionnaire",
    }
    assert eaje.feuilles == ("Activité", "Charges", "Produits")
    assert eaje.champ("participations_familiales").compte == "70641"


def test_every_asked_field_is_explained_and_bounded(eaje: Formulaire) -> None:
    for champ in eaje.champs_saisis:
        assert champ.aide, champ.cle
        if champ.type is not TypeChamp.OUI_NON:
            assert champ.minimum is not None, champ.cle
            assert champ.maximum is not None, champ.cle


def test_the_list_of_retained_accounts_is_said_to_be_unconfirmed(eaje: Formulaire) -> None:
    (charges,) = [t for t in eaje.totaux if t.cle == "charges"]
    assert charges.statut is Statut.A_CONFIRMER
    assert charges.note
    assert [eaje.champ(c).compte for c in charges.somme_de] == [*(str(n) for n in range(60, 69)), "86"]


def _charger(dossier: Path, texte: str) -> Formulaire:
    (dossier / "formulaires").mkdir()
    (dossier / "formulaires" / "EAJE.yaml").write_text(texte, encoding="utf-8")
    return charger_formulaire(dossier, "EAJE")


def test_reads_a_small_form(tmp_path: Path) -> None:
    formulaire = _charger(tmp_path, MINIMAL)
    assert formulaire.champ("heures").maximum == Decimal("10.5")
    assert formulaire.champ("dont").dont_de == "heures"


@pytest.mark.parametrize(
    ("avant", "apres", "ligne", "raison"),
    [
        ("cle: dont,", "cle: heures,", 10, "clé déjà utilisé"),
        ("cle: dont,", "cle: Été,", 10, "impossible"),
        ("dont_de: heures", "dont_de: achats", 10, "n'est pas un champ du même type"),
        ("dont_de: heures", "dont_de: absent", 10, "« absent »"),
        ("somme_de: [achats]", "somme_de: [heures]", 13, "n'est pas un montant"),
        ("cle: charges,", "cle: achats,", 13, "porte la clé d'un champ"),
        ('maximum: "10.5"', "maximum: 10.5", 9, "sans guillemets"),
        ('maximum: "10.5"', 'maximum: "-1"', 9, "dépasse le maximum"),
        ('maximum: "10.5"', 'maximum: "10.5", maxi: 3', 9, "clé inconnue"),
        ('compte: "60"', 'compte: "60", decimales: 9', 11, "de 0 à 4"),
        ("type: euros", "type: texte", 11, "texte libre"),
        ("nom: Activité", 'nom: "Activité/2025"', 5, "refusé par les tableurs"),
        ("prestation: EAJE", "prestation: ALSH", 1, "décrit « ALSH »"),
    ],
)
def test_a_fault_is_refused_at_its_line(tmp_path: Path, avant: str, apres: str, ligne: int, raison: str) -> None:
    assert avant in MINIMAL
    with pytest.raises(ErreurDeConfiguration) as erreur:
        _charger(tmp_path, MINIMAL.replace(avant, apres, 1))
    assert (erreur.value.ligne, raison in erreur.value.raison) == (ligne, True), str(erreur.value)


def test_a_missing_form_is_named(tmp_path: Path) -> None:
    with pytest.raises(ErreurDeConfiguration, match=r"ALSH\.yaml"):
        charger_formulaire(tmp_path, "ALSH")
