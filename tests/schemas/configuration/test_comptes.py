"""The shared accounts: what a form takes, leaves and changes of them, and what it may not."""

import shutil
from pathlib import Path

import pytest

from regles.baremes import Statut
from regles.champs import Formulaire
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration

COMMUNS = RACINE / "config" / "formulaires" / "commun"
FORMULAIRE = """\
prestation: RPE
libelle: Essai
version: "1"
feuilles:
  - nom: Charges
    sections:
      - reprend: charges_courantes
        sans: ["66", "67"]
        changer:
          "60": {libelle: Achats du relais}
      - nom: Part
        champs:
          - {cle: part, libelle: dont jeux, type: euros, unite: "€", dont_de: charges_60}
  - nom: Produits
    sections:
      - reprend: prestations
        avec: ["70641"]
totaux:
  - reprend: charges
    libelle: Coût du relais
  - {reprend: produits}
"""
RIEN = """\
      - nom: Rien
        champs:
          - {cle: heures, libelle: Heures, type: decimal, unite: heures}
"""


def _charger(dossier: Path, texte: str = FORMULAIRE, communs: str = "") -> Formulaire:
    shutil.copytree(COMMUNS, dossier / "formulaires" / "commun")
    if communs:
        (dossier / "formulaires" / "commun" / "comptes.yaml").write_text(communs, encoding="utf-8")
    (dossier / "formulaires" / "RPE.yaml").write_text(texte, encoding="utf-8")
    return charger_formulaire(dossier, "RPE")


def test_a_form_takes_shared_accounts_and_says_what_is_its_own(tmp_path: Path) -> None:
    formulaire = _charger(tmp_path)
    comptes = [c.compte for c in formulaire.champs if c.compte]
    assert comptes == ["60", "61", "62", "63", "64", "65", "68", "70623", "70624", "70641"]
    assert formulaire.champ("charges_60").libelle == "Achats du relais"
    assert formulaire.champ("charges_60").aide.startswith("Fournitures")
    assert {c.section for c in formulaire.champs} == {
        "Charges de fonctionnement",
        "Part",
        "Prestations et participations",
    }


def test_a_total_adds_up_its_side_without_the_parts(tmp_path: Path) -> None:
    charges, produits = _charger(tmp_path).totaux
    assert (charges.cle, charges.libelle, charges.statut) == ("charges", "Coût du relais", Statut.A_CONFIRMER)
    assert charges.somme_de == tuple(f"charges_{n}" for n in (60, 61, 62, 63, 64, 65, 68))
    assert produits.somme_de == ("produits_70623", "produits_70624", "participations_familiales")
    assert "À confirmer par la Caf" in charges.note


@pytest.mark.parametrize(
    ("avant", "apres", "ligne", "raison"),
    [
        ("reprend: charges_courantes", "reprend: charge", 7, "« charge » n'est pas une section commune (connues : ch"),
        ('sans: ["66", "67"]', 'sans: ["66", "99"]', 8, "le compte 99 n'est pas de la section « Charges de"),
        ('sans: ["66", "67"]', 'sans: ["66", "66"]', 8, "« sans » nomme deux fois le compte 66"),
        ('sans: ["66", "67"]', 'sans: ["60"]', 10, "le compte 60 n'est pas demandé : rien à y changer"),
        ('avec: ["70641"]', 'avec: ["70623"]', 17, "« avec » ne change rien : le compte 70623 est demandé à tous"),
        ('avec: ["70641"]', 'sans: ["70641"]', 17, "« sans » ne change rien : le compte 70641 n'est demandé que"),
        ("{libelle: Achats du relais}", "{libelle: Achats}", 10, "« libelle » est déjà le texte commun"),
        ("{libelle: Achats du relais}", "{}", 10, "rien n'est changé"),
        ("{libelle: Achats du relais}", "{maximum: 3}", 10, "clé inconnue"),
        ("{libelle: Achats du relais}", '{libelle: ""}', 10, "un texte non vide"),
        ("      - nom: Part\n", "      - reprend: subventions\n", 11, "n'a ni nom, ni sens, ni champs à elle"),
        ("      - nom: Part\n        champs:", "      - champs:", 11, "une section a un nom et des champs"),
        ("      - nom: Part\n", '      - nom: Part\n        sans: ["60"]\n', 11, "ne valent que pour une section"),
        ("cle: part,", "cle: charges_61,", 13, "clé déjà utilisé"),
        ("{reprend: produits}", "{reprend: produit}", 21, "« produit » n'est pas un total commun"),
        ("{reprend: produits}", '{reprend: produits, unite: "€"}', 21, "ne change que son libellé et sa note"),
        ("{reprend: produits}", "{libelle: Total}", 21, "un total a une clé"),
        ("libelle: Coût du relais", "libelle: Charges retenues", 20, "« libelle » est déjà le texte commun"),
        ("      - reprend: prestations\n        avec: [\"70641\"]\n", RIEN, 22, "aucun montant à additionner"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_at_its_line(
    tmp_path: Path, avant: str, apres: str, ligne: int, raison: str
) -> None:
    assert avant in FORMULAIRE
    with pytest.raises(ErreurDeConfiguration) as erreur:
        _charger(tmp_path, FORMULAIRE.replace(avant, apres, 1))
    assert (erreur.value.fichier.name, erreur.value.ligne) == ("RPE.yaml", ligne), str(erreur.value)
    assert raison in erreur.value.raison, str(erreur.value)


@pytest.mark.parametrize(
    ("avant", "apres", "raison"),
    [
        ('compte: "61"', 'compte: "60"', "compte en double : 60"),
        ("cle: charges_61", "cle: charges_60", "clé en double : charges_60"),
        ("libelle: Achats,", "libelle: Achats, montant: 3,", "clé inconnue"),
        ("maximum: 50000000", "maximum: 0.5", "sans guillemets"),
        ("sens: charge\n", "sens: charges\n", "n'est pas admis"),
    ],
)
def test_a_fault_of_the_shared_file_is_refused_there(tmp_path: Path, avant: str, apres: str, raison: str) -> None:
    communs = (COMMUNS / "comptes.yaml").read_text(encoding="utf-8")
    assert avant in communs
    with pytest.raises(ErreurDeConfiguration) as erreur:
        _charger(tmp_path, communs=communs.replace(avant, apres, 1))
    assert erreur.value.fichier.name == "comptes.yaml"
    assert raison in erreur.value.raison, str(erreur.value)


def test_a_missing_shared_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "formulaires").mkdir()
    (tmp_path / "formulaires" / "RPE.yaml").write_text(FORMULAIRE, encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match=r"comptes\.yaml"):
        charger_formulaire(tmp_path, "RPE")
