"""The drawn figures: coherent with the form, payable, and quiet under the controls, whatever the prestation."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from demonstration.chiffres import Annee, Donnees, Lieu, chiffrer, conditions
from demonstration.reseau import charger_reseau
from operations.configuration import bareme, formulaire
from operations.contexte import Contexte
from operations.droits import typer_entrees
from regles.anomalies import Severite
from regles.calcul import calculer_droit
from regles.champs import Champ, TypeChamp
from regles.controles import BaremeDuJour, Dossier, Reference, controler
from schemas.configuration.controles import charger_seuils
from schemas.configuration.reglages import RACINE
from schemas.declarations.verification import depuis_json

CONFIG = RACINE / "config"
RESEAU = charger_reseau(CONFIG)
PRESTATIONS = sorted({equipement.prestation for equipement in RESEAU.equipements})
JOUR = date(2026, 3, 1)
REEL = Annee("reel", 2025)


def lieux(prestation: str) -> list[Lieu]:
    return [Lieu(*RESEAU.lieu(e.code)) for e in RESEAU.equipements if e.prestation == prestation]


def repondre(contexte: Contexte, lieu: Lieu, annee: Annee) -> Donnees:
    return chiffrer(CONFIG, lieu, formulaire(contexte, lieu.equipement.prestation), annee)


def dans_les_bornes(champ: Champ, valeur: object) -> bool:
    if champ.type in {TypeChamp.OUI_NON, TypeChamp.TEXTE}:
        return True
    nombre = Decimal(str(valeur))
    return (champ.minimum is None or nombre >= champ.minimum) and (champ.maximum is None or nombre <= champ.maximum)


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_chaque_reponse_tient_dans_son_formulaire(contexte: Contexte, prestation: str) -> None:
    forme = formulaire(contexte, prestation)
    for lieu in lieux(prestation):
        for annee in (REEL, Annee("previsionnel", 2026), Annee("reel", 2024)):
            donnees = repondre(contexte, lieu, annee)
            assert set(donnees) == {c.cle for c in forme.champs} | {t.cle for t in forme.totaux}
            assert not any(isinstance(valeur, float) for valeur in donnees.values())
            hors = [c.cle for c in forme.champs if not dans_les_bornes(c, donnees[c.cle])]
            assert not hors, (lieu.equipement.code, annee)
            assert abs(Decimal(donnees["charges"]) - Decimal(donnees["produits"])) < 2


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_une_annee_ordinaire_ne_donne_aucune_alerte(contexte: Contexte, prestation: str) -> None:
    forme, connu = formulaire(contexte, prestation), BaremeDuJour(bareme(contexte), JOUR)
    seuils = charger_seuils(CONFIG, forme)
    for lieu in lieux(prestation):
        passees = {Reference.PREVISIONNEL: Annee("previsionnel", 2025), Reference.N_1: Annee("reel", 2024)}
        convention = typer_entrees(prestation, conditions(CONFIG, lieu))
        dossier = Dossier(
            forme,
            REEL.exercice,
            depuis_json(forme, repondre(contexte, lieu, REEL)),
            {reference: depuis_json(forme, repondre(contexte, lieu, annee)) for reference, annee in passees.items()},
            {2024: convention, 2025: convention},
            connu,
        )
        constats = [c for c in controler(dossier, seuils) if c.severite is not Severite.INFORMATION]
        assert not constats, (lieu.equipement.code, constats)


@pytest.mark.parametrize("prestation", PRESTATIONS)
def test_chaque_reponse_donne_un_droit_plausible(contexte: Contexte, prestation: str) -> None:
    for lieu in lieux(prestation):
        donnees = repondre(contexte, lieu, REEL) | conditions(CONFIG, lieu)
        entrees = typer_entrees(prestation, donnees)
        droit = calculer_droit(prestation, REEL.nature, REEL.exercice, entrees, bareme(contexte), JOUR)
        assert droit.montant is not None, droit.manquants
        assert Fraction(donnees["charges"]) > droit.montant > 500


def test_une_demi_annee_donne_un_droit_bien_moindre(contexte: Contexte) -> None:
    (lieu, *_) = lieux("ALSH")
    droits = []
    for activite in (1000, 450):
        entrees = typer_entrees("ALSH", repondre(contexte, lieu, Annee("reel", 2025, activite)))
        droits.append(calculer_droit("ALSH", "reel", 2025, entrees, bareme(contexte), JOUR).montant or 0)
    assert droits[1] < droits[0] * Fraction(60, 100)


def test_les_memes_chiffres_a_chaque_appel_d_autres_chaque_annee(contexte: Contexte) -> None:
    for prestation in PRESTATIONS:
        annees = [[repondre(contexte, lieu, annee) for lieu in lieux(prestation)] for annee in (REEL, REEL)]
        assert annees[0] == annees[1]
        assert annees[0] != [repondre(contexte, lieu, Annee("reel", 2024)) for lieu in lieux(prestation)]
