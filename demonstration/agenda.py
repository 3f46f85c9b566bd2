"""What each invented partner does, and when: most answer well, some make mistakes, some are late, some never answer.

Two structures answer nothing at all (EAJE21, EAJE25): they appear nowhere below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Saisie = str | int | None


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
    """A file that a partner drops for a structure.

    `saisies` are typed instead of the right answers (None: the cell is left blank). `activite`: thousandths of a usual
    year. `en_francais`: figures typed as French text (« 1 234,56 € »). `nom` replaces the file's name.
    """

    structure: str
    geste: Geste = Geste.REPONDRE
    saisies: Mapping[str, Saisie] = field(default_factory=dict)
    activite: int = 1000
    en_francais: bool = False
    nom: str = ""


@dataclass(frozen=True, slots=True)
class Erreur:
    """A mistake: what is typed, and the blocking anomaly that each field must give."""

    saisies: Mapping[str, Saisie]
    anomalies: Mapping[str, str]


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


def _bons(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code) for code in codes)


def _fautifs(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code, saisies=ERREURS[code].saisies) for code in codes)


def _corriges(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code, Geste.CORRIGER) for code in codes)


AGENDA: Mapping[date, tuple[Acte, ...]] = {
    date(2026, 2, 16): (*_bons("EAJE01", "EAJE02", "EAJE10", "EAJE14", "EAJE17", "EAJE20"), *_fautifs("EAJE03")),
    date(2026, 2, 19): (
        *_bons("EAJE06", "EAJE09", "EAJE11"),
        Acte("EAJE16", saisies={"charges_62": 61_000}),
        *_fautifs("EAJE08"),
        *_corriges("EAJE03"),
    ),
    date(2026, 2, 24): (
        *_bons("EAJE04", "EAJE23"),
        *_fautifs("EAJE12"),
        *_corriges("EAJE08"),
        Acte("EAJE10", Geste.RENVOYER, nom="Copie de déclaration.xlsx"),
        Acte("EAJE28", Geste.VIEUX_FORMAT, nom="reel 2025.xls"),
    ),
    date(2026, 2, 26): (
        Acte("EAJE13", en_francais=True),
        Acte("EAJE16", nom="Remparts des Petits, version définitive.xlsx"),
        Acte("EAJE24", activite=450),
        *_bons("EAJE28"),
        *_fautifs("EAJE15", "EAJE19"),
        *_corriges("EAJE12"),
    ),
    date(2026, 2, 27): (
        *_bons("EAJE27"),
        *_fautifs("EAJE07", "EAJE22"),
        *_corriges("EAJE15"),
        Acte("EAJE26", Geste.ARCHIVE_COUPEE, nom="declaration.xlsx"),
    ),
    date(2026, 3, 5): (*_bons("EAJE05", "EAJE18", "EAJE26"), *_corriges("EAJE19", "EAJE22")),
    date(2026, 3, 10): _bons("EAJE29"),
}
