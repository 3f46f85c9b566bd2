"""The bonuses of the EAJE, per place and per year, on all the places of the structure, added to the PSU.

Each public function is named after the first exercice it applies to. Every figure is a parameter of the barème; the
conditions of a convention (attractivité, forfait of the territory, rise of places) are answers of the computation.
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat
from regles.baremes import ParametreInconnu
from regles.formules.commun import CHARGES, PARTICIPATIONS
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre, bloquer
from regles.formules.psu import ENFANTS_INSCRITS, HEURES_FACTUREES, PLACES
from regles.monnaie import formater_nombre
from regles.trace import Calcul

ENFANTS_HANDICAP = Entree(
    "enfants_handicap", "nombre d'enfants en situation de handicap ou en cours de repérage", Genre.ENTIER, "enfants"
)
FORFAIT = Entree(
    "forfait_territoire", "forfait par place de la convention territoriale globale", Genre.NOMBRE, "€ par place",
    obligatoire=False,
)  # fmt: skip
HAUSSE = Entree("hausse_places", "hausse du nombre de places du territoire", Genre.NOMBRE, obligatoire=False)
ATTRACTIVITE = Entree("attractivite", "condition du bonus attractivité remplie", Genre.OUI_NON, obligatoire=False)
GESTIONNAIRE = Entree("statut_gestionnaire", "statut du gestionnaire", Genre.MOT, choix=("public", "prive"))


def mixite_2019(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus mixité sociale, in euros: by band of the average hourly participation, bounds included.

    Source: unccas.org, « Bonus inclusion handicap et mixité sociale ».
    """
    participations, heures = donnees.nombre("participations_familiales"), donnees.nombre("heures_facturees")
    places = donnees.nombre("places")
    moyenne = participations / heures
    calcul.ligne(
        "participation_horaire", "Participation horaire moyenne des familles", "€/h", lambda: (
            f"{formater_nombre(participations)} € ÷ {formater_nombre(heures)} h facturées", moyenne)
    )  # fmt: skip

    def operation() -> tuple[str, Fraction | None]:
        rang, borne = _tranche_mixite(calcul, moyenne)
        if rang is None:
            return f"participation de plus de {formater_nombre(borne)} €/h : 0 €", Fraction(0)
        montant = calcul.parametre(f"bonus.mixite.montant_{rang}").nombre
        condition = f"participation d'au plus {formater_nombre(borne)} €/h"
        return f"{condition} : {formater_nombre(places)} places × {formater_nombre(montant)} €", places * montant

    return [calcul.ligne("bonus_mixite", "Bonus mixité sociale", "€", operation)]


def _tranche_mixite(calcul: Calcul, moyenne: Fraction) -> tuple[int | None, Fraction]:
    """Give the band and its bound (no band: the last bound). An unknown bound names all those that follow."""
    cles = [f"bonus.mixite.borne_{rang}" for rang in (1, 2, 3)]
    borne = Fraction(0)
    for indice, cle in enumerate(cles):
        try:
            borne = calcul.parametre(cle).nombre
        except ParametreInconnu:
            calcul.parametres(*cles[indice:])
        if moyenne <= borne:
            return indice + 1, borne
    return None, borne


def controler_enfants(donnees: Donnees) -> Iterable[Constat]:
    """Refuse more children concerned than children enrolled."""
    concernes, inscrits = donnees.nombre("enfants_handicap"), donnees.nombre("enfants_inscrits")
    if concernes > inscrits:
        yield bloquer(
            "enfants_handicap_trop_nombreux",
            "Les enfants en situation de handicap sont comptés parmi les enfants inscrits : ils ne peuvent pas être "
            "plus nombreux.",
            "enfants_handicap",
            "enfants_inscrits",
            lu=formater_nombre(concernes),
            attendu=f"au plus {formater_nombre(inscrits)}",
        )


def handicap_2019(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus inclusion handicap, in euros: share × rate of its band × cost per place, under a cap.

    Sources: unccas.org and lesprosdelapetiteenfance.fr, 2019. No text read gives the order of the factors nor the band
    of a share equal to a threshold: `bonus.handicap.formule` carries that doubt in the trace.
    """
    concernes, inscrits = donnees.nombre("enfants_handicap"), donnees.nombre("enfants_inscrits")
    places, charges = donnees.nombre("places"), donnees.nombre("charges")
    libelle = "Bonus inclusion handicap"
    if concernes == 0:
        return [calcul.ligne("bonus_handicap", libelle, "€", lambda: ("aucun enfant concerné : 0 €", Fraction(0)))]
    part, cout = concernes / inscrits, charges / places
    calcul.ligne(
        "part_handicap", "Part des enfants en situation de handicap", "", lambda: (
            f"{formater_nombre(concernes)} ÷ {formater_nombre(inscrits)} enfants inscrits, soit "
            f"{formater_nombre(part * 100)} %", part)
    )  # fmt: skip
    calcul.ligne(
        "cout_par_place", "Coût par place", "€/place", lambda: (
            f"{formater_nombre(charges)} € ÷ {formater_nombre(places)} places", cout)
    )  # fmt: skip

    def operation() -> tuple[str, Fraction | None]:
        _, plafond, bas, haut = calcul.parametres(
            "bonus.handicap.formule", "bonus.handicap.plafond", "bonus.handicap.seuil_1", "bonus.handicap.seuil_2"
        )
        rang = 1 if part < bas.nombre else 2 if part < haut.nombre else 3
        taux = calcul.parametre(f"bonus.handicap.taux_{rang}").nombre
        ecriture = (
            f"{formater_nombre(places)} places × min({formater_nombre(part * 100)} % × {formater_nombre(taux * 100)} % "
            f"× {formater_nombre(cout)} ; {formater_nombre(plafond.nombre)})"
        )
        return ecriture, places * min(part * taux * cout, plafond.nombre)

    return [calcul.ligne("bonus_handicap", libelle, "€", operation)]


def territoire_2020(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus territoire, in euros: places × forfait of the convention (Caf de Saône-et-Loire, caf.fr)."""
    places, forfait = donnees.nombre("places"), donnees.nombre("forfait_territoire")

    def operation() -> tuple[str, Fraction | None]:
        if forfait == 0:
            return "aucun forfait de convention territoriale globale : 0 €", Fraction(0)
        return f"{formater_nombre(places)} places × {formater_nombre(forfait)} €", places * forfait

    return [calcul.ligne("bonus_territoire", "Bonus territoire CTG", "€", operation)]


def attractivite_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus attractivité, in euros, when the convention records its condition (banquedesterritoires.fr)."""
    places, statut = donnees.nombre("places"), donnees.mot("statut_gestionnaire")

    def operation() -> tuple[str, Fraction | None]:
        if not donnees.oui("attractivite"):
            return "condition non enregistrée dans la convention : 0 €", Fraction(0)
        montant = calcul.parametre(f"bonus.attractivite.{statut}").nombre
        nature = "public" if statut == "public" else "privé"
        ecriture = f"gestionnaire {nature} : {formater_nombre(places)} places × {formater_nombre(montant)} €"
        return ecriture, places * montant

    return [calcul.ligne("bonus_attractivite", "Bonus attractivité", "€", operation)]


def trajectoire_2025(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the bonus trajectoire de développement, in euros: by rise of the territory's places.

    Only for places that have the bonus territoire. Source: Caf des Alpes-Maritimes, newsletter 24, January 2026.
    """
    places, hausse = donnees.nombre("places"), donnees.nombre("hausse_places")

    def operation() -> tuple[str, Fraction | None]:
        if hausse == 0:
            return "aucune hausse de places enregistrée : 0 €", Fraction(0)
        if donnees.nombre("forfait_territoire") == 0:
            return "réservé aux places qui ont le bonus territoire : 0 €", Fraction(0)
        atteint = 0
        for rang in (1, 2, 3):
            if hausse < calcul.parametre(f"bonus.trajectoire.seuil_{rang}").nombre:
                break
            atteint = rang
        ecriture = f"hausse de {formater_nombre(hausse * 100)} %"
        if atteint == 0:
            return f"{ecriture}, sous le premier palier : 0 €", Fraction(0)
        montant = calcul.parametre(f"bonus.trajectoire.montant_{atteint}").nombre
        return f"{ecriture} : {formater_nombre(places)} places × {formater_nombre(montant)} €", places * montant

    return [calcul.ligne("bonus_trajectoire", "Bonus trajectoire de développement", "€", operation)]


MIXITE = (Formule(2019, mixite_2019, (PLACES, PARTICIPATIONS, HEURES_FACTUREES)),)
HANDICAP = (Formule(2019, handicap_2019, (PLACES, CHARGES, ENFANTS_INSCRITS, ENFANTS_HANDICAP), controler_enfants),)
TERRITOIRE = (Formule(2020, territoire_2020, (PLACES, FORFAIT)),)
ATTRACTIVITE_FORMULES = (Formule(2024, attractivite_2024, (PLACES, ATTRACTIVITE, GESTIONNAIRE)),)
TRAJECTOIRE = (Formule(2025, trajectoire_2025, (PLACES, FORFAIT, HAUSSE)),)
