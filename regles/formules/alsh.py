"""Accueil de loisirs sans hébergement: périscolaire, extrascolaire or accueil adolescents, one structure each.

Sources: lagazettedescommunes.com, « Quels sont les critères de financement par la Caf » (30 % of the hourly cost under
a yearly ceiling, × hours × régime général); Caf de l'Hérault, « Vous êtes gestionnaire d'ALSH périscolaire » (heures
réalisées, caps of the Wednesday); caf.fr, « Accueil de loisirs sans hébergement » (Plan mercredi). Whether the régime
général applies to each amount is a parameter, read only when it weighs, that is below 100 %.
"""

from collections.abc import Iterable
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.formules.commun import (
    CHARGES,
    NON_CALCULABLE,
    REGIME,
    Fonction,
    chiffrer_cout,
    controler_part,
    payer,
    pourcent,
    unite_de_prix,
)
from regles.formules.entrees import Composantes, Donnees, Entree, Formule, Genre, bloquer
from regles.monnaie import formater_nombre
from regles.trace import Calcul

LIBELLES = {
    "periscolaire": "accueil périscolaire",
    "extrascolaire": "accueil extrascolaire",
    "adolescents": "accueil adolescents",
}
NATURES = {"heures_realisees": "réalisées", "heures_facturees": "facturées"}
FONCTION = Fonction("alsh", "alsh", "Prestation de service ALSH", "h")

ACCUEIL = Entree("type_accueil", "type d'accueil", Genre.MOT, choix=tuple(LIBELLES))
REALISEES = Entree("heures_realisees", "heures réalisées", Genre.NOMBRE, "h", non_nul=True)
REALISEES_AEEH = Entree(
    "heures_realisees_aeeh", "heures réalisées des enfants bénéficiaires de l'AEEH", Genre.NOMBRE, "h"
)
FACTUREES = Entree("heures_facturees", "heures facturées", Genre.NOMBRE, "h", obligatoire=False)
FACTUREES_AEEH = Entree(
    "heures_facturees_aeeh", "heures facturées pour les enfants bénéficiaires de l'AEEH", Genre.NOMBRE, "h",
    obligatoire=False,
)  # fmt: skip
MERCREDI = Entree("heures_mercredi", "heures réalisées le mercredi", Genre.NOMBRE, "h", obligatoire=False)
JOURNEES = Entree(
    "journees_mercredi", "journées d'enfant avec repas, le mercredi", Genre.ENTIER, "journées", obligatoire=False
)
DEMI_JOURNEES = Entree(
    "demi_journees_mercredi", "demi-journées d'enfant, le mercredi", Genre.ENTIER, "demi-journées", obligatoire=False
)
PLAN_MERCREDI = Entree(
    "heures_plan_mercredi", "heures nouvelles du Plan mercredi", Genre.NOMBRE, "h", obligatoire=False
)


def controler_heures(donnees: Donnees) -> Iterable[Constat]:
    """Refuse a « dont » above its total, and Wednesday hours that their days do not explain.

    A périscolaire says its Wednesday hours, zero included: a blank would lift the caps without a word.
    """
    for part, total in (
        (REALISEES_AEEH, REALISEES),
        (FACTUREES_AEEH, FACTUREES),
        (MERCREDI, REALISEES),
        (PLAN_MERCREDI, MERCREDI),
    ):
        yield from controler_part(donnees, part, total)
    if donnees.mot("type_accueil") != "periscolaire":
        yield from _refuser_mercredi(donnees)
        return
    attendues = [MERCREDI]
    if donnees.nombre("heures_mercredi") > 0:
        attendues += [JOURNEES, DEMI_JOURNEES]
    for entree in attendues:
        if donnees.valeurs.get(entree.cle) is None:
            message = f"Il manque une réponse : {entree.libelle}."
            yield bloquer("donnee_manquante", message, entree.cle, attendu=entree.attendu)


def _refuser_mercredi(donnees: Donnees) -> Iterable[Constat]:
    for entree in (MERCREDI, PLAN_MERCREDI):
        if donnees.nombre(entree.cle) > 0:
            yield bloquer(
                "mercredi_hors_periscolaire",
                "Les heures du mercredi scolaire sont du périscolaire : elles se déclarent pour l'accueil périscolaire "
                "de la structure.",
                entree.cle,
                "type_accueil",
                lu=formater_nombre(donnees.nombre(entree.cle)),
            )


def alsh_2018(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the PS ordinaire and the Plan mercredi, in euros.

    Separate for the 12–17 since January 2018 (Caf des Pyrénées-Orientales). The published figure is the highest hourly
    PS (0.59 €/h), not the ceiling of the cost: PS = min(taux × coût horaire, prix maximum) × hours × régime général.
    """
    accueil = donnees.mot("type_accueil")
    cout = chiffrer_cout(calcul, FONCTION, donnees.nombre("charges"), donnees.nombre("heures_realisees"))

    def prix_horaire() -> tuple[str, Fraction | None]:
        taux, maximum = (v.nombre for v in calcul.parametres("alsh.taux", f"alsh.{accueil}.prix_maximum"))
        ecriture = f"min({pourcent(taux)} × {formater_nombre(cout)} ; {formater_nombre(maximum)})"
        return ecriture, min(taux * cout, maximum)

    libelle = f"Prix horaire, {LIBELLES[accueil]}"
    prix = calcul.ligne("alsh_prix", libelle, unite_de_prix(FONCTION), prix_horaire)
    heures = _heures(calcul, donnees, accueil)
    regime = _regime(calcul, donnees, "alsh_regime", "Taux de régime général retenu", f"alsh.{accueil}.regime_general")
    if heures is None or regime is None:
        prix = None
    montant = payer(calcul, FONCTION, prix, heures or Fraction(0), regime=regime)
    return [montant, _plan_mercredi(calcul, donnees)] if accueil == "periscolaire" else [montant]


def _heures(calcul: Calcul, donnees: Donnees, accueil: str) -> Fraction | None:
    def operation() -> tuple[str, Fraction | None]:
        cle = calcul.parametre(f"alsh.{accueil}.heures_retenues").mot
        if donnees.valeurs.get(cle) is None:
            message = f"Il manque une réponse : {FACTUREES.libelle}."
            calcul.constats.append(bloquer("donnee_manquante", message, cle, attendu=FACTUREES.attendu))
            return f"heures {NATURES[cle]} non déclarées", None
        return f"{formater_nombre(donnees.nombre(cle))} h {NATURES[cle]}", donnees.nombre(cle)

    declarees = calcul.ligne("heures_declarees", "Heures de l'accueil", "h", operation)
    if accueil != "periscolaire":
        return declarees
    trop = calcul.ligne(
        "heures_mercredi_retirees",
        "Heures du mercredi au-delà des plafonds",
        "h",
        lambda: _depassement(calcul, donnees),
    )
    if declarees is None or trop is None:
        return None
    ecriture = f"{formater_nombre(declarees)} h − {formater_nombre(trop)} h"
    return calcul.ligne("heures_retenues", "Heures ouvrant droit", "h", lambda: (ecriture, declarees - trop))


def _depassement(calcul: Calcul, donnees: Donnees) -> tuple[str, Fraction | None]:
    heures = donnees.nombre("heures_mercredi")
    if heures == 0:
        return "aucune heure le mercredi : 0 h", Fraction(0)
    jour, demi = (v.nombre for v in calcul.parametres("alsh.mercredi.heures_journee", "alsh.mercredi.heures_demi"))
    journees, demi_journees = donnees.nombre("journees_mercredi"), donnees.nombre("demi_journees_mercredi")
    maximum = journees * jour + demi_journees * demi
    trop = max(heures - maximum, Fraction(0))
    if trop > 0:
        calcul.constats.append(
            Constat(
                "mercredi_plafonne",
                Severite.ALERTE,
                ("heures_mercredi", "journees_mercredi", "demi_journees_mercredi"),
                f"Les heures du mercredi dépassent {formater_nombre(jour)} h par journée et {formater_nombre(demi)} h "
                f"par demi-journée : {formater_nombre(trop)} h ne sont pas retenues.",
                formater_nombre(heures),
                f"au plus {formater_nombre(maximum)} h",
            )
        )
    ecriture = (
        f"max({formater_nombre(heures)} h − ({formater_nombre(journees)} journées × {formater_nombre(jour)} h + "
        f"{formater_nombre(demi_journees)} demi-journées × {formater_nombre(demi)} h) ; 0)"
    )
    return ecriture, trop


def _plan_mercredi(calcul: Calcul, donnees: Donnees) -> Fraction | None:
    heures = donnees.nombre("heures_plan_mercredi")

    def operation() -> tuple[str, Fraction | None]:
        if heures == 0:
            return "aucune heure nouvelle du Plan mercredi : 0 €", Fraction(0)
        forfait = calcul.parametre("alsh.plan_mercredi.forfait").nombre
        return f"{formater_nombre(heures)} h × {formater_nombre(forfait)} €", heures * forfait

    return calcul.ligne("plan_mercredi", "Plan mercredi", "€", operation)


def _regime(calcul: Calcul, donnees: Donnees, code: str, libelle: str, cle: str) -> Fraction | None:
    taux = donnees.nombre("taux_regime_general")

    def operation() -> tuple[str, Fraction | None]:
        if taux == 1 or calcul.parametre(cle).mot == "applique":
            return f"{pourcent(taux)} déclarés", taux
        return f"{pourcent(taux)} déclarés, sans effet sur ce montant", Fraction(1)

    return calcul.ligne(code, libelle, "", operation)


def complement_2024(calcul: Calcul, donnees: Donnees) -> Composantes:
    """Compute the complément inclusif, in euros: per heure réalisée of a child of 3 to 17 with AEEH, on top of the PS.

    Source: Cnaf instruction C 2024-012, generalised on 1 January 2024 (loisirshandicap42.fr).
    """
    heures = donnees.nombre("heures_realisees_aeeh")
    if heures == 0:
        aucune = ("aucune heure d'enfant bénéficiaire de l'AEEH : 0 €", Fraction(0))
        return [calcul.ligne("complement_inclusif", "Complément inclusif", "€", lambda: aucune)]
    libelle = "Taux de régime général retenu pour le complément"
    regime = _regime(calcul, donnees, "complement_regime", libelle, "alsh.complement_inclusif.regime_general")

    def operation() -> tuple[str, Fraction | None]:
        montant = calcul.parametre("alsh.complement_inclusif.montant").nombre
        if regime is None:
            return NON_CALCULABLE, None
        ecriture = f"{formater_nombre(heures)} h × {formater_nombre(montant)} € × {pourcent(regime)}"
        return ecriture, heures * montant * regime

    return [calcul.ligne("complement_inclusif", "Complément inclusif", "€", operation)]


_ENTREES = (
    ACCUEIL, CHARGES, REALISEES, REALISEES_AEEH, FACTUREES, FACTUREES_AEEH, MERCREDI, JOURNEES, DEMI_JOURNEES,
    PLAN_MERCREDI, REGIME,
)  # fmt: skip
FORMULES = (Formule(2018, alsh_2018, _ENTREES, controler_heures),)
COMPLEMENT = (Formule(2024, complement_2024, (REALISEES, REALISEES_AEEH, REGIME)),)
