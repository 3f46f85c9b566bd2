"""The thresholds of the controls: those of each prestation are sourced, and a fault is refused at its line."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regles.anomalies import Severite
from regles.baremes import Statut
from regles.champs import Formulaire
from regles.controles import Cout, Rapport, Reference, Seuils, Somme, Variation
from schemas.configuration.controles import charger_seuils
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration, lire_yaml

CONFIG = RACINE / "config"
PRESTATIONS = sorted(fichier.stem for fichier in (CONFIG / "formulaires").glob("*.yaml"))
MINIMAL = """\
prestation: EAJE
seuils:
  - {cle: un, libelle: Un, valeur: "1", unite: ratio, statut: a_confirmer, source: choix local}
  - {cle: deux, libelle: Deux, valeur: "2", unite: ratio, statut: a_confirmer, source: choix local}
sommes:
  - {parties: [charges_60, charges_64], total: charges, severite: alerte, statut: a_confirmer, source: choix local}
rapports:
  - libelle: Heures par jour
    numerateur: [heures_realisees]
    denominateur: [jours_ouverture]
    unite: h/jour
    minimum: "1"
    maximum: "24"
    statut: a_confirmer
    source: choix local
couts:
  - ligne: prix_de_revient
    libelle: Prix de revient
    champs: [charges]
    plafond: prix_plafond
    facteur: "2"
    n_1: "0.3"
    statut: a_confirmer
    source: choix local
variations:
  statut: a_confirmer
  source: choix local
  champs:
    - {cle: charges, previsionnel: "0.1", n_1: "0.2", ecart_minimal: "0"}
    - {cle: places, actualisation: "0.1", ecart_minimal: "1"}
"""


@pytest.fixture(scope="module")
def formulaire() -> Formulaire:
    return charger_formulaire(CONFIG, "EAJE")


def _charger(dossier: Path, formulaire: Formulaire, texte: str) -> Seuils:
    (dossier / "controles").mkdir()
    (dossier / "controles" / "EAJE.yaml").write_text(texte, encoding="utf-8")
    return charger_seuils(dossier, formulaire)


def _sources(noeud: Any) -> list[tuple[str, str]]:
    """Each status and source of a file, wherever it is."""
    if isinstance(noeud, list):
        return [paire for enfant in noeud for paire in _sources(enfant)]
    if not isinstance(noeud, dict):
        return []
    siennes = [(noeud["statut"], noeud["source"])] if "statut" in noeud else []
    return siennes + [paire for enfant in noeud.values() for paire in _sources(enfant)]


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_every_threshold_of_the_project_says_where_it_comes_from(prestation: str) -> None:
    seuils = charger_seuils(CONFIG, charger_formulaire(CONFIG, prestation))
    assert seuils.eventuel("equilibre.ecart") is not None
    contenu, _ = lire_yaml(CONFIG / "controles" / f"{prestation}.yaml")
    for statut, source in _sources(contenu):
        assert statut in {Statut.PUBLIE, Statut.A_CONFIRMER}
        assert statut == Statut.A_CONFIRMER or "choix local" not in source


def test_a_prestation_without_its_file_is_refused_with_a_sentence(tmp_path: Path, formulaire: Formulaire) -> None:
    with pytest.raises(ErreurDeConfiguration, match="EAJE a un formulaire mais pas de contrôles"):
        charger_seuils(tmp_path, formulaire)


def test_reads_small_thresholds(tmp_path: Path, formulaire: Formulaire) -> None:
    seuils = _charger(tmp_path, formulaire, MINIMAL)
    assert seuils.nombre("deux") == seuils.eventuel("deux") == 2
    assert seuils.eventuel("trois") is None
    with pytest.raises(KeyError):
        seuils.nombre("trois")
    assert seuils.sommes == (Somme(("charges_60", "charges_64"), "charges", Severite.ALERTE),)
    heures = Rapport("Heures par jour", ("heures_realisees",), ("jours_ouverture",), "h/jour", Decimal(1), Decimal(24))
    assert seuils.rapports == (heures,)
    revient = Cout("prix_de_revient", "Prix de revient", ("charges",), "prix_plafond", "", Decimal(2), Decimal("0.3"))
    assert seuils.couts == (revient,)
    assert seuils.variations == (
        Variation("charges", {Reference.PREVISIONNEL: Decimal("0.1"), Reference.N_1: Decimal("0.2")}, Decimal(0)),
        Variation("places", {Reference.ACTUALISATION: Decimal("0.1")}, Decimal(1)),
    )


@pytest.mark.parametrize(
    ("avant", "apres", "ligne", "raison"),
    [
        ("cle: deux", "cle: un", 4, "seuil répété"),
        ("cle: places", "cle: charges", 30, "variation répété"),
        ("{cle: charges, previsionnel", "{cle: loyers, previsionnel", 29, "« loyers »"),
        ("cle: places", "cle: couches_et_repas", 30, "« couches_et_repas » n'est ni un nombre"),
        ("charges_60, charges_64", "charges_60, loyers", 6, "« loyers »"),
        ("charges_60, charges_64", "charges_60", 6, "au moins deux parties"),
        ("total: charges", "total: loyers", 6, "« loyers »"),
        ("severite: alerte", "severite: information", 6, "attendu : 'bloquante' ou 'alerte'"),
        ("[heures_realisees]", "[loyers]", 9, "« loyers »"),
        ("[jours_ouverture]", "[]", 8, "un numérateur et un dénominateur"),
        ('minimum: "1"', 'minimum: "25"', 8, "dépasse le maximum 24"),
        ('    minimum: "1"\n    maximum: "24"\n', "", 8, "un minimum ou un maximum"),
        ("champs: [charges]", "champs: [loyers]", 19, "« loyers »"),
        ("champs: [charges]", "champs: []", 19, "de quelles réponses"),
        ('facteur: "2"', 'facteur: "1"', 21, "plus d'une fois le plafond"),
        ('n_1: "0.3"', 'n_1: "-0.3"', 22, "négatif"),
        ('valeur: "1"', "valeur: 1.5", 3, "sans guillemets"),
        ("source: choix local}", 'source: " "}', 3, "d'où il vient"),
        ('n_1: "0.2"', 'n_1: "-0.2"', 29, "négatif"),
        ('n_1: "0.2"', 'n_1: "NaN"', 29, "un nombre est attendu"),
        (', actualisation: "0.1"', "", 30, "rien ne serait comparé"),
        ("prestation: EAJE", "prestation: ALSH", 1, "décrit « ALSH »"),
    ],
)
def test_a_fault_is_refused_at_its_line(
    tmp_path: Path, formulaire: Formulaire, avant: str, apres: str, ligne: int, raison: str
) -> None:
    with pytest.raises(ErreurDeConfiguration) as erreur:
        _charger(tmp_path, formulaire, MINIMAL.replace(avant, apres, 1))
    assert (erreur.value.ligne, raison in erreur.value.raison) == (ligne, True), str(erreur.value)
