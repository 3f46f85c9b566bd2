"""Views of a Filoué campaign, as (genre, view) by name."""

from dataclasses import replace
from datetime import date

from echanges.courriel.vues_filoue import Assistance, PointFiloue, StructureFiloue, VueFiloue, VueReponseFiloue
from tests.echanges.courriel.exemples import CADRE

RENARDS = StructureFiloue("EAJE01", "Les Petits Renards", "Chaumont", "521", "200100042", "5200077")
COUCOUS = StructureFiloue("EAJE02", "Les <Coucous> & Cie", "Langres", "", "", "", date(2026, 4, 12))
ASSISTANCE = Assistance("01 71 25 12 75", "enquete@cnaf.example")
CAMPAGNE = VueFiloue(
    CADRE, "Campagne Filoué 2026", 2025, date(2026, 5, 15), date(2026, 5, 25), date(2026, 4, 1), (RENARDS, COUCOUS),
    ASSISTANCE,
)  # fmt: skip
RECU = VueReponseFiloue(
    cadre=CADRE, libelle="Campagne Filoué 2026", structure=RENARDS, exercice=2025, recu="F2025-12",
    recu_le=date(2026, 4, 20), accepte=True, en_retard=False, hors_delai=False, fin=date(2026, 5, 25),
    echeance=date(2026, 5, 15), lignes=52, sommes=("heures facturées : 35 200 h",), a_corriger=(), a_expliquer=(),
    autres=0, assistance=ASSISTANCE,
)  # fmt: skip
POINT = PointFiloue(12, "MATRICULE", "Ce matricule n’a pas la forme attendue.")
VUES: dict[str, tuple[str, VueFiloue | VueReponseFiloue]] = {
    "ouverture": ("filoue_ouverture", CAMPAGNE),
    "ouverture tardive": ("filoue_ouverture", replace(CAMPAGNE, jour=date(2026, 5, 18))),
    "relance": ("filoue_relance", CAMPAGNE),
    "relance une": ("filoue_relance", replace(CAMPAGNE, structures=(RENARDS,))),
    "relance après": ("filoue_relance_apres", replace(CAMPAGNE, jour=date(2026, 5, 16))),
    "accepté": ("reponse_filoue", RECU),
    "alertes": ("reponse_filoue", replace(RECU, a_expliquer=(POINT,), autres=37, en_retard=True)),
    "refusé": ("reponse_filoue", replace(RECU, accepte=False, a_corriger=(PointFiloue(0, "", "Autre année."), POINT))),
    "hors délai": ("reponse_filoue", replace(RECU, accepte=False, hors_delai=True, recu_le=date(2026, 5, 26))),
}
