"""Aide et accompagnement à domicile: the whole cost of each class of staff under a ceiling, minus the participations.

Two classes: TISF and AES (formerly AVS). Sources: caf45-partenaires.fr, « Parentalité » (100 % of the running costs
minus the participations, under a ceiling); LC Cnaf 2006-135, by function since 1 January 2007 (weka.fr). That the
ceiling comes before the deduction, and counts by ETP, is to be confirmed.
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat
from regles.formules.commun import Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre, bloquer
from regles.trace import Calcul

CLASSES = {"tisf": "TISF", "aes": "AES"}
FONCTIONS = {
    classe: Fonction(f"aide_domicile.{classe}", f"aide_domicile_{classe}", f"Aide à domicile, {nom}", "ETP")
    for classe, nom in CLASSES.items()
}
ENTREES = tuple(
    entree
    for classe, nom in CLASSES.items()
    for entree in (
        Entree(f"etp_{classe}", f"équivalents temps plein de {nom}", Genre.NOMBRE, "ETP"),
        Entree(f"charges_{classe}", f"charges retenues pour les {nom}", Genre.NOMBRE, "€"),
        Entree(
            f"participations_{classe}", f"participations des familles aux interventions des {nom}", Genre.NOMBRE, "€"
        ),
    )
)


def controler_classes(donnees: Donnees) -> Iterable[Constat]:
    """Refuse charges of a class that has no ETP: their unit cost has no meaning."""
    for classe, nom in CLASSES.items():
        if donnees.nombre(f"etp_{classe}") == 0 and donnees.nombre(f"charges_{classe}") > 0:
            yield bloquer(
                "charges_sans_etp",
                f"Des charges de {nom} sont déclarées sans équivalent temps plein.",
                f"charges_{classe}",
                f"etp_{classe}",
                lu="0",
                attendu=f"les équivalents temps plein de {nom}",
            )


def aide_domicile_2007(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS of each class, in euros: min(charges ÷ ETP, ceiling) × ETP − participations."""
    return [_classe(calcul, donnees, classe) for classe in CLASSES]


def _classe(calcul: Calcul, donnees: Donnees, classe: str) -> Fraction | None:
    fonction = FONCTIONS[classe]
    etp, charges, participations = (donnees.nombre(f"{n}_{classe}") for n in ("etp", "charges", "participations"))
    if etp == 0:
        aucun = (f"aucun équivalent temps plein de {CLASSES[classe]} : 0 €", Fraction(0))
        return calcul.ligne(fonction.code, fonction.libelle, "€", lambda: aucun)
    return financer(calcul, fonction, charges, etp, deduction=participations)


FORMULES = (Formule(2007, aide_domicile_2007, ENTREES, controler_classes),)
