"""Plausible figures of an invented crèche for a year: hours, cents, thousandths.

Orders of magnitude are those of published crèche budgets: 55 to 75 % of the theoretical capacity used, 1.00 to 1.18
hours billed for one hour of presence, 10 to 12.50 € of cost per hour billed, three quarters of it in staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from demonstration.chiffres.commun import MILLE, Donnees, charges_par_compte, completer
from regles.champs import Formulaire
from regles.monnaie import en_euros

# Share of the produits that are neither the families' nor the local authority's, in thousandths of the charges.
PARTS_PRODUITS: Mapping[str, int] = {"70623": 405, "70624": 85, "745": 9, "75": 6, "77": 3, "79": 4}


@dataclass(frozen=True, slots=True)
class Profil:
    """What does not change much from a year to the next.

    Units: hours in tenths, hourly amounts in cents, occupation, rate of billing and contributions in thousandths.
    `equilibre` is the account of the local authority that balances the budget.
    """

    places: int
    statut: str
    equilibre: str
    taux_regime_general: str
    amplitude_dixiemes: int
    jours: int
    occupation: int
    taux_facturation: int
    participation_horaire: int
    cout_horaire: int
    inscrits: int
    handicap: int
    pedagogiques: int
    couches_et_repas: bool
    contributions: int


def tirer_profil(alea: Random, places: int, statut: str, equilibre: str) -> Profil:
    """Draw the lasting profile of a structure."""
    return Profil(
        places=places,
        statut=statut,
        equilibre=equilibre,
        taux_regime_general=alea.choice(("1", "0.98", "0.97", "0.95", "0.93", "0.9")),
        amplitude_dixiemes=alea.choice((100, 100, 105, 110, 115)),
        jours=alea.randint(214, 228),
        occupation=alea.randint(560, 740),
        taux_facturation=alea.choice((1012, 1021, 1038, 1052, 1064, 1070, 1083, 1097, 1112, 1130, 1149, 1170)),
        participation_horaire=alea.randint(125, 215),
        cout_horaire=alea.randint(1005, 1240),
        inscrits=places * alea.randint(19, 26) // 10,
        handicap=alea.choice((0, 0, 0, 1, 1, 2)) if places >= 12 else alea.choice((0, 0, 1)),
        pedagogiques=alea.choice((0, 1, 2, 3, 3)),
        couches_et_repas=alea.randint(1, 10) <= 8,
        contributions=alea.choice((0, 0, 8, 15, 22)),
    )


def donnees_de_l_annee(profil: Profil, formulaire: Formulaire, alea: Random, activite: int = MILLE) -> Donnees:
    """Draw a full set of answers for a year, close to the profile; `activite` in thousandths of a usual year.

    Keys are those of the form, with what the Caf knows and the totals; hours and euros are decimal texts.
    """
    jours = profil.jours + alea.randint(-2, 2)
    capacite = profil.places * profil.amplitude_dixiemes * jours // 10
    realisees = capacite * (profil.occupation + alea.randint(-12, 12)) * activite // MILLE**2
    facturees = realisees * (profil.taux_facturation + alea.randint(-5, 5)) // MILLE
    aeeh = facturees * profil.handicap // max(profil.inscrits, 1)
    participations = facturees * (profil.participation_horaire + alea.randint(-3, 4))
    charges = facturees * (profil.cout_horaire + alea.randint(-12, 12)) * (2 * MILLE - activite) // (100 * MILLE)
    donnees: Donnees = {
        "places": profil.places,
        "taux_regime_general": profil.taux_regime_general,
        "statut_gestionnaire": profil.statut,
        "amplitude_journaliere": f"{Decimal(profil.amplitude_dixiemes) / 10:g}",
        "jours_ouverture": jours,
        "journees_pedagogiques": profil.pedagogiques,
        "couches_et_repas": profil.couches_et_repas,
        "heures_facturees": str(facturees),
        "heures_facturees_aeeh": str(aeeh),
        "heures_realisees": str(realisees),
        "heures_realisees_aeeh": str(aeeh * MILLE // profil.taux_facturation),
        "heures_exceptionnelles": "0",
        "enfants_inscrits": max(profil.inscrits + alea.randint(-1, 1), profil.handicap),
        "enfants_handicap": profil.handicap,
    }
    return completer(donnees | _budget(profil, charges, participations), formulaire)


def _budget(profil: Profil, charges: int, participations_centimes: int) -> Donnees:
    """Share the charges (whole euros) among the accounts, and balance them; families' cents stay cents."""
    comptes = charges_par_compte(charges)
    produits = {compte: charges * part // MILLE for compte, part in PARTS_PRODUITS.items()}
    produits[profil.equilibre] = max(charges - sum(produits.values()) - participations_centimes // 100, 0)
    nature = charges * profil.contributions // MILLE
    return {
        **{f"charges_{compte}": str(montant) for compte, montant in (comptes | {"86": nature}).items()},
        **{f"produits_{compte}": str(montant) for compte, montant in (produits | {"87": nature}).items()},
        "participations_familiales": str(en_euros(participations_centimes)),
    }
