"""Views that several tests render."""

from dataclasses import replace
from datetime import date

from echanges.courriel.vues import (
    Cadre,
    Interlocuteur,
    PointReleve,
    StructureCitee,
    VueCampagne,
    VueReponse,
)

CADRE = Cadre(
    caf="Caf de la Haute-Marne",
    courriel_caf="action-sociale@caf52.example",
    nom="Dominique Petit",
    interlocuteurs=(Interlocuteur("CA de Chaumont", "03.25.30.62.42"), Interlocuteur("CC de l’Ouest Vosgien", "")),
    demonstration=False,
)
RENARDS = StructureCitee("S001", "Les Petits Renards", "Chaumont", "EAJE", "EAJE-S001.xlsx")
COUCOUS = StructureCitee("S002", "Les <Coucous> & Cie", "Langres", "EAJE", refuse_le=date(2026, 2, 12))


def campagne(jour: date, *structures: StructureCitee, cadre: Cadre = CADRE) -> VueCampagne:
    return VueCampagne(
        cadre,
        "Réels 2025",
        "données réelles",
        2025,
        date(2026, 2, 27),
        date(2026, 3, 9),
        jour,
        structures or (RENARDS,),
    )


HEURES = PointReleve("Activité", "D12", "Les heures réalisées dépassent les facturées.", "35 200", "33 500 au plus")
MONTANT = PointReleve("Charges", "C8", "Cette case attend un montant.", "<b>mille</b>", "un montant, 1 234,56")
ACCEPTE = VueReponse(
    CADRE, "Réels 2025", RENARDS, True, "12", date(2026, 2, 25), "retour.xlsx", False, date(2026, 2, 27),
    date(2026, 3, 9), (), (),
)  # fmt: skip
REFUSE = replace(ACCEPTE, accepte=False, a_corriger=(HEURES, MONTANT), copie="retour-a-corriger.xlsx")
TOUTES = {
    "ouverture": campagne(date(2026, 2, 8), RENARDS, COUCOUS),
    "relance": campagne(date(2026, 2, 20), RENARDS, COUCOUS),
    "relance_apres": campagne(date(2026, 2, 28)),
    "accepte": ACCEPTE,
    "alertes": replace(ACCEPTE, a_expliquer=(HEURES,), en_retard=True, recu_le=date(2026, 3, 2)),
    "refuse": REFUSE,
    "hors_delai": replace(ACCEPTE, accepte=False, hors_delai=True, recu_le=date(2026, 3, 12)),
}


def genre(nom: str) -> str:
    return nom if nom in {"ouverture", "relance", "relance_apres"} else "reponse_depot"
