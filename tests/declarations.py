"""Sound answers of each prestation, as a partner types them, with a balanced budget: no control has anything to say."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from regles.champs import Formulaire
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.reglages import RACINE
from tests.fabrique import REPONSES

ALSH: dict[str, Any] = {
    "jours_ouverture": 175,
    "heures_realisees": 40000,
    "heures_realisees_aeeh": 600,
    "heures_facturees": 41000.5,
    "heures_facturees_aeeh": 620,
    "enfants_aeeh": 3,
    "heures_mercredi": 0,
    "journees_mercredi": 0,
    "demi_journees_mercredi": 0,
    "heures_plan_mercredi": 0,
    "charges_64": 60000,
    "charges_60": 14000,
    "produits_70642": 30000,
}
MERCREDI = {
    "heures_mercredi": 8000,
    "journees_mercredi": 800,
    "demi_journees_mercredi": 250,
    "heures_plan_mercredi": 1000,
}

# By prestation, and by kind of accueil for an ALSH. The accounts not given are 0; account 744 balances the budget.
ACTIVITE: Mapping[str, dict[str, Any]] = {
    "EAJE": REPONSES,
    "RPE": {"etp_animateur": 1.5, "charges_60": 17500.5, "charges_64": 68000, "produits_70623": 37000},
    "MEDIATION_FAMILIALE": {
        "etp_reels": 1.5,
        "charges_61": 18000,
        "charges_64": 90000,
        "participations_familiales": 6000,
    },
    "AIDE_DOMICILE": {
        "etp_tisf": 6,
        "heures_tisf": 7200.5,
        "charges_tisf": 300000,
        "participations_tisf": 9000,
        "etp_aes": 4,
        "heures_aes": 5000,
        "charges_aes": 168000,
        "participations_aes": 6000.25,
        "charges_62": 30000,
        "charges_64": 468000,
    },
    "CENTRE_SOCIAL": {
        "cout_pilotage": 150000,
        "etp_referent_familles": 1,
        "cout_referent_familles": 45000.4,
        "cout_logistique_familles": 10000,
        "charges_61": 60000,
        "charges_64": 340000,
        "produits_70642": 20000,
    },
    "EVS": {"charges_60": 6000, "charges_64": 30000, "produits_70642": 1500.5},
    "ALSH periscolaire": ALSH | MERCREDI,
    "ALSH extrascolaire": ALSH,
    "ALSH adolescents": ALSH,
    "PS_JEUNES": {"etp_animateur": 1, "charges_62": 1000, "charges_64": 40000},
    "ESPACE_RENCONTRE": {"heures": 600.5, "charges_61": 8000, "charges_64": 56000},
    "FJT": {
        "residents": 120,
        "residents_16_25": 95,
        "etp_socio_educatifs": 3,
        "salaires_socio_educatifs": 120000,
        "etp_associes": 1.5,
        "salaires_associes": 50000,
        "charges_61": 180000,
        "charges_64": 420000,
        "produits_70642": 350000,
    },
    "PAEJ": {"etp": 2, "charges_61": 18000, "charges_64": 90000},
    "LAEP": {"heures_ouverture": 240, "heures_organisation": 120.5, "charges_60": 2000, "charges_64": 26000},
    "CLAS": {
        "groupes": 4,
        "groupes_bonus_enfants": 2,
        "groupes_bonus_parents": 1,
        "enfants_accompagnes": 40,
        "charges_60": 3000,
        "charges_64": 25000,
    },
}


@lru_cache
def formulaire_de(prestation: str) -> Formulaire:
    """The form of the project for a prestation."""
    return charger_formulaire(RACINE / "config", prestation)


def reponses_de(genre: str) -> dict[str, Any]:
    """Every answer of a sound declaration: a prestation, or « ALSH » and its kind of accueil."""
    formulaire = formulaire_de(genre.split()[0])
    reponses = {c.cle: 0 for c in formulaire.champs_saisis if c.compte} | {"charges_86": 1500, "produits_87": 1500}
    reponses |= ACTIVITE[genre]
    charges, produits = (sum(reponses[cle] for cle in total.somme_de) for total in formulaire.totaux)
    return reponses | {"produits_744": reponses["produits_744"] + charges - produits}
