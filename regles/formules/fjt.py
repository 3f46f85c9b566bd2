"""Foyer de jeunes travailleurs: 31.8 % of the salaries of the socio-educational function, under a yearly amount.

Sources: caf.fr, « Foyer jeunes travailleurs » (31.8 %; qualified staff in full, part of associated staff and
direction); Caf de Loir-et-Cher, « Logement » (these within 2 ETP; that both share them is to be confirmed).
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat
from regles.formules.commun import NON_CALCULABLE, Fonction, financer
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre, bloquer
from regles.monnaie import formater_nombre
from regles.trace import Calcul

FONCTION = Fonction("fjt", "fjt", "Prestation de service FJT")
QUALIFIES = Entree("salaires_socio_educatifs", "salaires du personnel socio-éducatif qualifié", Genre.NOMBRE, "€")
ASSOCIES = Entree("salaires_associes", "salaires du personnel associé et de direction", Genre.NOMBRE, "€")
ETP_ASSOCIES = Entree(
    "etp_associes", "équivalents temps plein du personnel associé et de direction", Genre.NOMBRE, "ETP"
)


def controler_associes(donnees: Donnees) -> Iterable[Constat]:
    """Refuse salaries without ETP: their share within the limit could not be computed."""
    if donnees.nombre("salaires_associes") > 0 and donnees.nombre("etp_associes") == 0:
        yield bloquer(
            "salaires_sans_etp",
            "Des salaires de personnel associé ou de direction sont déclarés sans équivalent temps plein.",
            "salaires_associes",
            "etp_associes",
            lu="0",
            attendu="les équivalents temps plein de ces personnels",
        )


def fjt_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS, in euros: 31.8 % × min(salaries retained, ceiling of the structure)."""
    salaires, etp = donnees.nombre("salaires_associes"), donnees.nombre("etp_associes")

    def operation() -> tuple[str, Fraction | None]:
        if salaires == 0:
            return "aucun personnel associé ou de direction : 0 €", Fraction(0)
        maximum = calcul.parametre("fjt.etp_associes.maximum").nombre
        retenus = min(etp, maximum)
        ecriture = f"{formater_nombre(salaires)} € × {formater_nombre(retenus)} ÷ {formater_nombre(etp)} ETP"
        return ecriture, salaires * retenus / etp

    associes = calcul.ligne("fjt_associes", "Personnel associé et de direction retenu", "€", operation)
    if associes is None:
        return [calcul.ligne("fjt", FONCTION.libelle, "€", lambda: (NON_CALCULABLE, None))]
    return [financer(calcul, FONCTION, donnees.nombre("salaires_socio_educatifs") + associes)]


FORMULES = (Formule(2024, fjt_2024, (QUALIFIES, ASSOCIES, ETP_ASSOCIES), controler_associes),)
