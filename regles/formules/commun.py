"""What the formulas share: the answers they all read, the roundings, and the one shape of a prestation de service.

    PS = taux × min(coût unitaire, prix plafond) × unités × taux de régime général − déductions

Sources of the shape: caf42.fr, « Les prestations de service revalorisées » (rate of a unit cost under a yearly
ceiling), and the page of each prestation quoted by its module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.baremes import ErreurDeBareme, ValeurDatee
from regles.formules.entrees import Donnees, Entree, Genre, bloquer
from regles.monnaie import arrondir, formater_nombre
from regles.trace import Calcul

NON_CALCULABLE = "non calculable : une ligne précédente manque"
DECIMALES_D_ARRONDI = {"centime": 2, "euro": 0}

CHARGES = Entree("charges", "total des charges retenues", Genre.NOMBRE, "€")
PARTICIPATIONS = Entree("participations_familiales", "participations familiales", Genre.NOMBRE, "€")
REGIME = Entree("taux_regime_general", "taux de ressortissants du régime général", Genre.NOMBRE, maximum=1)


@dataclass(frozen=True, slots=True)
class Fonction:
    """What a prestation finances, and where the barème keeps it: `<cle>.taux`, `<cle>.plafond`.

    `code` starts the code of its lines; `unite` is the unit of the cost (« ETP »), empty for once a structure. The
    barème may also hold a rounding of the price (`<cle>.arrondi`), or the shape itself, when no source read gives it
    (`<cle>.formule`: this shape is then the only one its definition admits).
    """

    cle: str
    code: str
    libelle: str
    unite: str = ""
    arrondi: bool = False
    formule: bool = False


def financer(
    calcul: Calcul,
    fonction: Fonction,
    charges: Fraction,
    unites: Fraction = Fraction(1),
    *,
    unites_financees: Fraction | None = None,
    regime: Fraction | None = None,
    deduction: Fraction | None = None,
) -> Fraction | None:
    """Write the lines of one capped right and give it in euros, never negative (None: a parameter is unknown).

    `charges` over `unites` (not zero) is the unit cost; `unites_financees` are paid for (default: all of them);
    `deduction`, in euros, comes off last. Once a structure, the capped cost is the right itself.
    """
    cout = chiffrer_cout(calcul, fonction, charges, unites)
    if not fonction.unite:
        return _plafonner(calcul, fonction, cout, fonction.code, fonction.libelle)
    libelle = f"{fonction.libelle} : part financée par {fonction.unite}"
    prix = _plafonner(calcul, fonction, cout, f"{fonction.code}_prix", libelle)
    payees = unites if unites_financees is None else unites_financees
    return payer(calcul, fonction, prix, payees, regime=regime, deduction=deduction)


def chiffrer_cout(calcul: Calcul, fonction: Fonction, charges: Fraction, unites: Fraction) -> Fraction:
    """Write the line of the unit cost, in euros per unit (the cost itself when it is counted once a structure)."""
    ecriture = f"{formater_nombre(charges)} €"
    if fonction.unite:
        ecriture += f" ÷ {formater_nombre(unites)} {fonction.unite}"
    libelle = f"{fonction.libelle} : coût" + (" unitaire" if fonction.unite else " retenu")
    calcul.ligne(f"{fonction.code}_cout", libelle, unite_de_prix(fonction), lambda: (ecriture, charges / unites))
    return charges / unites


def _plafonner(calcul: Calcul, fonction: Fonction, cout: Fraction, code: str, libelle: str) -> Fraction | None:
    def operation() -> tuple[str, Fraction | None]:
        facultatifs = {"arrondi": fonction.arrondi, "formule": fonction.formule}
        noms = ["taux", "plafond", *(nom for nom, utile in facultatifs.items() if utile)]
        lues = dict(zip(noms, calcul.parametres(*(f"{fonction.cle}.{nom}" for nom in noms)), strict=True))
        taux, plafond = lues["taux"].nombre, lues["plafond"].nombre
        ecriture = f"{pourcent(taux)} × min({formater_nombre(cout)} ; {formater_nombre(plafond)})"
        prix = taux * min(cout, plafond)
        return arrondir_selon(lues["arrondi"], ecriture, prix) if fonction.arrondi else (ecriture, prix)

    return calcul.ligne(code, libelle, unite_de_prix(fonction), operation)


def payer(
    calcul: Calcul,
    fonction: Fonction,
    prix: Fraction | None,
    unites: Fraction,
    *,
    regime: Fraction | None = None,
    deduction: Fraction | None = None,
) -> Fraction | None:
    """Write the line of the amount: price × units × régime général − deduction, in euros, floored at zero."""

    def operation() -> tuple[str, Fraction | None]:
        if prix is None:
            return NON_CALCULABLE, None
        brut = prix * unites * (1 if regime is None else regime) - (deduction or 0)
        facteurs = [formater_nombre(prix)]
        facteurs += [f"{formater_nombre(unites)} {fonction.unite}"] if fonction.unite else []
        facteurs += [] if regime is None else [pourcent(regime)]
        ecriture = " × ".join(facteurs) + (f" − {formater_nombre(deduction)} €" if deduction else "")
        if brut >= 0:
            return ecriture, brut
        calcul.constats.append(
            Constat(
                "droit_ramene_a_zero",
                Severite.ALERTE,
                (),
                f"{fonction.libelle} : les participations dépassent le financement, le droit est ramené à 0 €.",
            )
        )
        return f"{ecriture} = {formater_nombre(brut)}, ramené à 0", Fraction(0)

    return calcul.ligne(fonction.code, fonction.libelle, "€", operation)


def unite_de_prix(fonction: Fonction) -> str:
    """Give the unit of a price: « €/ETP », or « € » when it is counted once a structure."""
    return f"€/{fonction.unite}" if fonction.unite else "€"


def arrondir_selon(arrondi: ValeurDatee, ecriture: str, valeur: Fraction) -> tuple[str, Fraction]:
    """Round a price as the barème says (`aucun`, `centime`, `euro`), and say it.

    Raises:
        ErreurDeBareme: for another word.
    """
    if arrondi.mot == "aucun":
        return ecriture, valeur
    decimales = DECIMALES_D_ARRONDI.get(arrondi.mot)
    if decimales is None:
        raise ErreurDeBareme(f"{arrondi.cle} : arrondi « {arrondi.mot} » inconnu de la formule")
    article = "à l'" if arrondi.mot == "euro" else "au "
    return f"{ecriture}, arrondi {article}{arrondi.mot}", Fraction(arrondir(valeur, decimales))


def pourcent(taux: Fraction) -> str:
    """Write a rate in percent, the French way."""
    return f"{formater_nombre(taux * 100)} %"


def controler_part(donnees: Donnees, part: Entree, total: Entree) -> Iterable[Constat]:
    """Refuse a « dont » larger than its total; there is nothing to say while one of them is blank."""
    if donnees.valeurs.get(part.cle) is None or donnees.valeurs.get(total.cle) is None:
        return
    if donnees.nombre(part.cle) > donnees.nombre(total.cle):
        yield bloquer(
            "part_superieure_au_total",
            f"« {part.libelle} » fait partie de « {total.libelle} » et ne peut pas le dépasser.",
            part.cle,
            total.cle,
            lu=formater_nombre(donnees.nombre(part.cle)),
            attendu=f"au plus {formater_nombre(donnees.nombre(total.cle))}",
        )
