"""Prestation de service unique (EAJE): the price of an hour, the hours, the days and hours without the children.

Each public function is named after the first exercice it applies to. Sources of the shapes: caf.fr, Caf du Nord, « La
prestation de service unique » (66 % of the cost under a ceiling, minus the participations); guide of the PSU 2014
(bands at 107 and 117 %); caf45-partenaires.fr, « Réforme de la prise en compte du taux de facturation » (straight line
from 107 to 120 % since 2025). The place of the régime général rate, on the whole of it, makes the shares of the Caf and
the MSA add up to the full right. Every figure is a parameter of the barème.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial

from regles.anomalies import Constat, Severite
from regles.baremes import ParametreInconnu
from regles.formules.commun import CHARGES, NON_CALCULABLE, PARTICIPATIONS, REGIME, arrondir_selon, pourcent
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre, bloquer
from regles.monnaie import formater_nombre
from regles.trace import Calcul

PLACES = Entree("places", "nombre de places de l'autorisation", Genre.ENTIER, "places", non_nul=True)
HEURES_FACTUREES = Entree("heures_facturees", "heures facturées aux familles", Genre.NOMBRE, "h")
ENFANTS_INSCRITS = Entree("enfants_inscrits", "nombre d'enfants inscrits", Genre.ENTIER, "enfants", non_nul=True)

_ENTREES_2014 = (
    PLACES,
    Entree("amplitude_journaliere", "amplitude journalière d'ouverture", Genre.NOMBRE, "h", non_nul=True, maximum=24),
    Entree("jours_ouverture", "nombre de jours d'ouverture", Genre.ENTIER, "jours", non_nul=True, maximum=366),
    HEURES_FACTUREES,
    Entree("heures_realisees", "heures réalisées (présence des enfants)", Genre.NOMBRE, "h"),
    Entree("heures_exceptionnelles", "heures exceptionnelles admises par la Cnaf", Genre.NOMBRE, "h"),
    PARTICIPATIONS,
    CHARGES,
    Entree("couches_et_repas", "couches et repas fournis", Genre.OUI_NON),
    REGIME,
)
_JOURNEES = Entree("journees_pedagogiques", "nombre de journées pédagogiques", Genre.ENTIER, "jours")


def controler_heures(donnees: Donnees) -> Iterable[Constat]:
    """Refuse hours that leave the billing rate undefined, or that would wipe the right out."""
    facturees, realisees = donnees.nombre("heures_facturees"), donnees.nombre("heures_realisees")
    if realisees == 0:
        yield bloquer(
            "heures_realisees_nulles",
            "Aucune heure réalisée n'est déclarée : le taux de facturation ne peut pas être calculé.",
            "heures_realisees",
            lu="0",
            attendu="les heures de présence des enfants",
        )
    if facturees == 0 and donnees.nombre("heures_exceptionnelles") > 0:
        yield bloquer(
            "heures_toutes_exceptionnelles",
            "Toutes les heures sont déclarées en heures exceptionnelles : le taux de facturation serait nul et le "
            "droit aussi. Les heures facturées aux familles vont dans leur propre case.",
            "heures_facturees",
            "heures_exceptionnelles",
            lu="0",
            attendu="les heures facturées aux familles",
        )
    elif facturees == 0:
        yield bloquer(
            "heures_facturees_nulles",
            "Aucune heure facturée n'est déclarée : le prix de revient ne peut pas être calculé.",
            "heures_facturees",
            lu="0",
            attendu="les heures facturées aux familles",
        )


def plafond_2014(calcul: Calcul, donnees: Donnees, taux: Fraction) -> tuple[str, Fraction]:
    """Give the ceiling by steps: up to 107 %, up to 117 %, above; in €/h. Source: guide of the PSU, 2014."""
    seuil_bas = calcul.parametre("psu.plafond.seuil_bas").nombre
    seuil_haut = calcul.parametre("psu.plafond.seuil_bande_haute").nombre
    if taux <= seuil_bas:
        bande, borne = "basse", f"au plus {pourcent(seuil_bas)}"
    elif taux <= seuil_haut:
        bande, borne = "moyenne", f"de {pourcent(seuil_bas)} à {pourcent(seuil_haut)}"
    else:
        bande, borne = "haute", f"plus de {pourcent(seuil_haut)}"
    prix = calcul.parametre(f"psu.plafond.bande_{bande}.{_fourniture(donnees)}").nombre
    return f"taux de {pourcent(taux)}, {borne} : {formater_nombre(prix)} €/h", prix


def plafond_2025(calcul: Calcul, donnees: Donnees, taux: Fraction) -> tuple[str, Fraction]:
    """Give the linear ceiling: P107, a straight line down to P120 at 120 %, P120; in €/h.

    Source: caf45-partenaires.fr, « Réforme de la prise en compte du taux de facturation ». Only the parameters that
    the rate calls for are read: P120 does not weigh on a structure at 107 % or less.
    """
    fourniture = _fourniture(donnees)
    seuil_bas, seuil_haut = (v.nombre for v in calcul.parametres("psu.plafond.seuil_bas", "psu.plafond.seuil_haut"))
    p107, p120 = f"psu.plafond.p107.{fourniture}", f"psu.plafond.p120.{fourniture}"
    if taux <= seuil_bas:
        prix = calcul.parametre(p107).nombre
        return f"taux de {pourcent(taux)}, au plus {pourcent(seuil_bas)} : {formater_nombre(prix)} €/h", prix
    if taux >= seuil_haut:
        prix = calcul.parametre(p120).nombre
        return f"taux de {pourcent(taux)}, au moins {pourcent(seuil_haut)} : {formater_nombre(prix)} €/h", prix
    haut, bas = (v.nombre for v in calcul.parametres(p107, p120))
    prix = haut - (haut - bas) * (taux - seuil_bas) / (seuil_haut - seuil_bas)
    ecriture = (
        f"{formater_nombre(haut)} − ({formater_nombre(haut)} − {formater_nombre(bas)}) × "
        f"({pourcent(taux)} − {pourcent(seuil_bas)}) ÷ ({pourcent(seuil_haut)} − {pourcent(seuil_bas)})"
    )
    return ecriture, prix


def journees_2024(calcul: Calcul, donnees: Donnees, prix: Fraction | None) -> Fraction | None:
    """Pay the journées pédagogiques: days × hours per place × places × price, in euros.

    Source: caf45-partenaires.fr, « Financement des journées pédagogiques ».
    """
    declarees = donnees.nombre("journees_pedagogiques")

    def operation() -> tuple[str, Fraction | None]:
        if declarees == 0:
            return "aucune journée pédagogique déclarée : 0 €", Fraction(0)
        maximum, heures = (
            v.nombre
            for v in calcul.parametres(
                "psu.journees_pedagogiques.maximum", "psu.journees_pedagogiques.heures_par_place"
            )
        )
        if declarees > maximum:
            _alerter_journees(calcul, declarees, maximum)
        places, retenues = donnees.nombre("places"), min(declarees, maximum)
        sur = f" (sur {formater_nombre(declarees)})" if declarees > maximum else ""
        ecriture = f"{retenues} journée(s){sur} × {formater_nombre(heures)} h × {formater_nombre(places)} places"
        return _valoriser(ecriture, retenues * heures * places, prix)

    return calcul.ligne("journees_pedagogiques", "Journées pédagogiques", "€", operation)


def concertation_2014(calcul: Calcul, donnees: Donnees, prix: Fraction | None) -> Fraction | None:
    """Pay the heures de concertation: hours per place × places × price, in euros. Replaced in 2025."""
    return _hors_presence(
        calcul, "concertation", "Heures de concertation", "psu.concertation.heures_par_place",
        donnees.nombre("places"), "places", prix,
    )  # fmt: skip


def preparation_2025(calcul: Calcul, donnees: Donnees, prix: Fraction | None) -> Fraction | None:
    """Pay the hours preparing each child's arrival: hours per child × children × price, in euros.

    Source: Cnaf instruction C 2024-013, quoted by caf.fr without its number of hours.
    """
    return _hors_presence(
        calcul, "preparation", "Heures de préparation à l'accueil", "psu.preparation.heures_par_enfant",
        donnees.nombre("enfants_inscrits"), "enfants", prix,
    )  # fmt: skip


Plafond = Callable[[Calcul, Donnees, Fraction], tuple[str, Fraction]]
HorsPresence = Callable[[Calcul, Donnees, Fraction | None], Fraction | None]


def _calculer(plafond: Plafond, complements: tuple[HorsPresence, ...], calcul: Calcul, donnees: Donnees) -> Composantes:
    taux = donnees.nombre("heures_facturees") / donnees.nombre("heures_realisees")
    _signaler_taux(calcul, taux)
    heures = _heures_ouvrant_droit(calcul, donnees, taux)
    prix = _prix_unitaire(calcul, donnees, taux, plafond)
    parts = [_socle(calcul, donnees, heures, prix), *(c(calcul, donnees, prix) for c in complements)]
    regime = donnees.nombre("taux_regime_general")

    def operation() -> tuple[str, Fraction | None]:
        connues = [p for p in parts if p is not None]
        if len(connues) < len(parts):
            return NON_CALCULABLE, None
        ecriture = " + ".join(formater_nombre(p) for p in connues)
        return f"({ecriture}) × {pourcent(regime)}", sum(connues, Fraction(0)) * regime

    calcul.ligne("psu", "Prestation de service unique", "€", operation)
    return [None if part is None else part * regime for part in parts]


def _heures_ouvrant_droit(calcul: Calcul, donnees: Donnees, taux: Fraction) -> Fraction:
    facturees, exceptionnelles = donnees.nombre("heures_facturees"), donnees.nombre("heures_exceptionnelles")
    places, amplitude = donnees.nombre("places"), donnees.nombre("amplitude_journaliere")
    jours = donnees.nombre("jours_ouverture")
    capacite = places * amplitude * jours
    calcul.ligne(
        "taux_facturation", "Taux de facturation", "", lambda: (
            f"{formater_nombre(facturees)} h facturées ÷ {formater_nombre(donnees.nombre('heures_realisees'))} h "
            f"réalisées, soit {pourcent(taux)}", taux)
    )  # fmt: skip
    calcul.ligne(
        "capacite_theorique", "Capacité théorique", "h", lambda: (
            f"{formater_nombre(places)} places × {formater_nombre(amplitude)} h × {formater_nombre(jours)} jours",
            capacite)
    )  # fmt: skip
    if facturees > capacite:
        calcul.constats.append(
            Constat(
                "capacite_atteinte",
                Severite.ALERTE,
                ("heures_facturees", "places", "amplitude_journaliere", "jours_ouverture"),
                "Les heures facturées dépassent la capacité théorique : seules "
                f"{formater_nombre(capacite)} h sont retenues.",
                formater_nombre(facturees),
                f"au plus {formater_nombre(capacite)} h",
            )
        )
    retenues = min(facturees, capacite) + exceptionnelles
    calcul.ligne(
        "heures_ouvrant_droit", "Heures ouvrant droit", "h", lambda: (
            f"min({formater_nombre(facturees)} ; {formater_nombre(capacite)}) + {formater_nombre(exceptionnelles)}",
            retenues)
    )  # fmt: skip
    return retenues


def _prix_unitaire(calcul: Calcul, donnees: Donnees, taux: Fraction, plafond: Plafond) -> Fraction | None:
    def prix_de_revient() -> tuple[str, Fraction | None]:
        cle = calcul.parametre("psu.prix_de_revient.denominateur").mot
        charges, heures = donnees.nombre("charges"), donnees.nombre(cle)
        nature = "facturées" if cle == "heures_facturees" else "réalisées"
        return f"{formater_nombre(charges)} € de charges ÷ {formater_nombre(heures)} h {nature}", charges / heures

    def prix_plafond() -> tuple[str, Fraction | None]:
        arrondi = calcul.parametre("psu.plafond.arrondi")
        ecriture, valeur = plafond(calcul, donnees, taux)
        return arrondir_selon(arrondi, ecriture, valeur)

    revient = calcul.ligne("prix_de_revient", "Prix de revient horaire", "€/h", prix_de_revient)
    maximum = calcul.ligne("prix_plafond", "Prix plafond horaire", "€/h", prix_plafond)

    def prix_unitaire() -> tuple[str, Fraction | None]:
        part, arrondi = calcul.parametres("psu.taux", "psu.prix_unitaire.arrondi")
        if revient is None or maximum is None:
            return NON_CALCULABLE, None
        ecriture = f"{pourcent(part.nombre)} × min({formater_nombre(revient)} ; {formater_nombre(maximum)})"
        return arrondir_selon(arrondi, ecriture, part.nombre * min(revient, maximum))

    return calcul.ligne("prix_unitaire", "Prix unitaire de la PSU", "€/h", prix_unitaire)


def _socle(calcul: Calcul, donnees: Donnees, heures: Fraction, prix: Fraction | None) -> Fraction | None:
    participations = donnees.nombre("participations_familiales")

    def operation() -> tuple[str, Fraction | None]:
        if prix is None:
            return NON_CALCULABLE, None
        brut = heures * prix - participations
        ecriture = f"{formater_nombre(heures)} h × {formater_nombre(prix)} − {formater_nombre(participations)} €"
        if brut >= 0:
            return ecriture, brut
        calcul.constats.append(
            Constat(
                "socle_nul",
                Severite.ALERTE,
                ("participations_familiales",),
                "Les participations familiales dépassent le financement des heures : le socle est ramené à 0 €.",
            )
        )
        return f"{ecriture} = {formater_nombre(brut)}, ramené à 0", Fraction(0)

    return calcul.ligne("socle", "Socle : heures financées moins participations des familles", "€", operation)


def _hors_presence(
    calcul: Calcul, code: str, libelle: str, cle: str, nombre: Fraction, unites: str, prix: Fraction | None
) -> Fraction | None:
    def operation() -> tuple[str, Fraction | None]:
        heures = calcul.parametre(cle).nombre
        return _valoriser(f"{formater_nombre(heures)} h × {formater_nombre(nombre)} {unites}", heures * nombre, prix)

    return calcul.ligne(code, libelle, "€", operation)


def _valoriser(ecriture: str, heures: Fraction, prix: Fraction | None) -> tuple[str, Fraction | None]:
    if prix is None:
        return NON_CALCULABLE, None
    return f"{ecriture} × {formater_nombre(prix)}", heures * prix


def _signaler_taux(calcul: Calcul, taux: Fraction) -> None:
    """Write what the billing rate calls for. The thresholds do not weigh on the amount: they are not cited."""

    def constater(code: str, severite: Severite, message: str, attendu: str = "") -> None:
        champs = ("heures_facturees", "heures_realisees")
        calcul.constats.append(Constat(code, severite, champs, message, pourcent(taux), attendu))

    if taux < 1:
        constater(
            "taux_facturation_bas",
            Severite.ALERTE,
            f"Le taux de facturation est de {pourcent(taux)} : moins d'heures facturées que réalisées. Des heures "
            "gratuites ou exceptionnelles doivent l'expliquer.",
            "100 % au moins",
        )
        return
    seuils = []
    for cle in ("psu.controle.taux_eleve", "psu.controle.taux_tres_eleve"):
        try:
            seuils.append(calcul.bareme.valeur(cle, calcul.exercice, calcul.connu_le).nombre)
        except ParametreInconnu:
            return
    eleve, tres_eleve = seuils
    if taux > tres_eleve:
        constater(
            "taux_facturation_tres_eleve",
            Severite.ALERTE,
            f"Le taux de facturation est de {pourcent(taux)}, plus de {pourcent(tres_eleve)} : les heures facturées "
            "et réalisées sont à vérifier.",
            f"{pourcent(tres_eleve)} au plus",
        )
    elif taux >= eleve:
        constater(
            "taux_facturation_eleve",
            Severite.INFORMATION,
            f"Le taux de facturation est de {pourcent(taux)} : à partir de {pourcent(eleve)}, le prix plafond est "
            "le plus bas.",
        )


def _alerter_journees(calcul: Calcul, declarees: Fraction, maximum: Fraction) -> None:
    calcul.constats.append(
        Constat(
            "journees_pedagogiques_plafonnees",
            Severite.ALERTE,
            ("journees_pedagogiques",),
            f"{formater_nombre(declarees)} journées pédagogiques déclarées, {formater_nombre(maximum)} financées.",
            formater_nombre(declarees),
            f"au plus {formater_nombre(maximum)}",
        )
    )


def _fourniture(donnees: Donnees) -> str:
    return "avec_couches_et_repas" if donnees.oui("couches_et_repas") else "sans_couches_et_repas"


psu_2014 = partial(_calculer, plafond_2014, (concertation_2014,))
psu_2024 = partial(_calculer, plafond_2014, (journees_2024, concertation_2014))
psu_2025 = partial(_calculer, plafond_2025, (journees_2024, preparation_2025))

FORMULES = (
    Formule(2014, psu_2014, _ENTREES_2014, controler_heures),
    Formule(2024, psu_2024, (*_ENTREES_2014, _JOURNEES), controler_heures),
    Formule(2025, psu_2025, (*_ENTREES_2014, _JOURNEES, ENFANTS_INSCRITS), controler_heures),
)
