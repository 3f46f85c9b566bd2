"""Contrat local d'accompagnement à la scolarité: a share of the cost of the cycle per group, by school year.

The exercice of a CLAS is the year its school year starts: exercice 2025 is September 2025 to June 2026, as in the
calendar, which asks for the réel 2025 in June 2026. Its parameters are those of the barème of that year.
Sources: ash.tm.fr 2364 (2004-2005: 30 % of 5 599 €, published 1 680 €); familles-de-france.org 3100 (32.5 %); caf.fr,
« Contrat local d'accompagnement à la scolarité » (2 563 € a group and school year at most, plus bonuses).
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat
from regles.formules.commun import Fonction, controler_part, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre
from regles.monnaie import formater_nombre
from regles.trace import Calcul

FONCTION = Fonction("clas", "clas", "Prestation de service CLAS", "groupe", arrondi=True)
CHARGES = Entree("charges", "coût du cycle de l'année scolaire", Genre.NOMBRE, "€")
GROUPES = Entree("groupes", "nombre de groupes d'enfants de l'année scolaire", Genre.ENTIER, "groupes", non_nul=True)
BONUS = tuple(
    Entree(f"groupes_bonus_{qui}", f"nombre de groupes ouvrant droit au bonus {qui}", Genre.ENTIER, "groupes",
           obligatoire=False)
    for qui in ("enfants", "parents")
)  # fmt: skip


def controler_groupes(donnees: Donnees) -> Iterable[Constat]:
    """Refuse a bonus for more groups than there are."""
    for entree in BONUS:
        yield from controler_part(donnees, entree, GROUPES)


def clas_2004(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: rate × min(cost ÷ groups, ceiling), rounded as the barème says, × groups."""
    return [financer(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("groupes"))]


def bonus_2021(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus enfants and the bonus parents, in euros, a flat rate a group (caf.fr, without amounts)."""
    return [
        _bonus(calcul, qui, donnees.nombre(entree.cle))
        for qui, entree in zip(("enfants", "parents"), BONUS, strict=True)
    ]


def _bonus(calcul: Calcul, qui: str, groupes: Fraction) -> Fraction | None:
    def operation() -> tuple[str, Fraction | None]:
        if groupes == 0:
            return f"aucun groupe avec bonus {qui} : 0 €", Fraction(0)
        forfait = calcul.parametre(f"clas.bonus_{qui}.forfait").nombre
        return f"{formater_nombre(groupes)} groupes × {formater_nombre(forfait)} €", groupes * forfait

    return calcul.ligne(f"clas_bonus_{qui}", f"Bonus {qui}", "€", operation)


FORMULES = (Formule(2004, clas_2004, (CHARGES, GROUPES), controler_groupes),)
BONUS_FORMULES = (Formule(2021, bonus_2021, BONUS),)
