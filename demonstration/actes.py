"""What an invented partner can do with a workbook, and the mistakes it can make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Saisie = str | int | None
CAMPAGNE = "reels-2025-a"


class Geste(StrEnum):
    """How a partner makes the file it drops.

    Answer in the workbook of the opening mail; correct the annotated copy that came back; send the same file again;
    save in the format of 1997; send an archive cut short.
    """

    REPONDRE = "repondre"
    CORRIGER = "corriger"
    RENVOYER = "renvoyer"
    VIEUX_FORMAT = "vieux_format"
    ARCHIVE_COUPEE = "archive_coupee"


@dataclass(frozen=True, slots=True)
class Acte:
    """A file that a partner drops for a structure, to answer a step.

    `saisies` are typed instead of the right answers (None: the cell is left blank). `activite`: thousandths of a usual
    year. `en_francais`: figures typed as French text (« 1 234,56 € »). `nom` replaces the file's name.
    """

    structure: str
    geste: Geste = Geste.REPONDRE
    saisies: Mapping[str, Saisie] = field(default_factory=dict)
    activite: int = 1000
    en_francais: bool = False
    nom: str = ""
    etape: str = CAMPAGNE


@dataclass(frozen=True, slots=True)
class Erreur:
    """A mistake: what is typed, and the blocking anomaly that each field must give."""

    saisies: Mapping[str, Saisie]
    anomalies: Mapping[str, str]


# Those of the crèches, by structure.
ERREURS: Mapping[str, Erreur] = {
    "EAJE03": Erreur(
        {"heures_facturees": "44 452,755", "participations_familiales": "94.682"},
        {"heures_facturees": "trop_de_decimales", "participations_familiales": "nombre_ambigu"},
    ),
    "EAJE07": Erreur(
        {"couches_et_repas": "à voir", "charges_64": -5000, "amplitude_journaliere": "7h30"},
        {
            "couches_et_repas": "oui_non_attendu",
            "charges_64": "hors_limites",
            "amplitude_journaliere": "horaire_inattendu",
        },
    ),
    "EAJE08": Erreur(
        {"heures_realisees": "environ 24 000", "charges_60": "24 k€"},
        {"heures_realisees": "texte_inattendu", "charges_60": "unite_inattendue"},
    ),
    "EAJE12": Erreur({"heures_facturees_aeeh": 41250}, {"heures_facturees_aeeh": "part_superieure_au_total"}),
    "EAJE15": Erreur(
        {"charges_61": None, "produits_744": None, "enfants_inscrits": None},
        {
            "charges_61": "reponse_manquante",
            "produits_744": "reponse_manquante",
            "enfants_inscrits": "reponse_manquante",
        },
    ),
    "EAJE19": Erreur({"charges_86": 3200, "produits_87": 4500}, {"produits_87": "contributions_inegales"}),
    "EAJE22": Erreur(
        {"heures_facturees": 0, "heures_facturees_aeeh": 0, "heures_exceptionnelles": 37000},
        {"heures_facturees": "heures_toutes_exceptionnelles"},
    ),
}

# Those that any form can receive.
ERREURS_COMMUNES: tuple[Erreur, ...] = (
    Erreur(
        {"charges_61": None, "produits_744": None},
        {"charges_61": "reponse_manquante", "produits_744": "reponse_manquante"},
    ),
    Erreur({"charges_60": "3 k€"}, {"charges_60": "unite_inattendue"}),
    Erreur(
        {"charges_64": -5000, "charges_62": "à préciser"},
        {"charges_64": "hors_limites", "charges_62": "texte_inattendu"},
    ),
    Erreur({"charges_86": 1200, "produits_87": 2100}, {"produits_87": "contributions_inegales"}),
)
