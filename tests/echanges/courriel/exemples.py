"""Views that several tests render."""

from dataclasses import replace
from datetime import date

from echanges.courriel.groupe import VueGroupe, VueReunie, echeance_de
from echanges.courriel.rendu import rendre_le_corps
from echanges.courriel.vues import (
    Cadre,
    InduCite,
    Interlocuteur,
    PointReleve,
    StructureCitee,
    Vue,
    VueCampagne,
    VueDejaRecu,
    VueIndus,
    VueRejet,
    VueReponse,
)

CADRE = Cadre(
    caf="Caf de la Haute-Marne",
    courriel_caf="action-sociale@caf52.example",
    nom="Dominique Petit",
    interlocuteurs=(Interlocuteur("CA de Chaumont", "03.25.30.62.42"), Interlocuteur("CC de l’Ouest Vosgien", "")),
    demonstration=False,
)
RENARDS = StructureCitee("S001", "Les Petits Renards", "Chaumont", "EAJE", "EAJE-S001.xlsx", activite="EAJE")
COUCOUS = StructureCitee("S002", "Les <Coucous> & Cie", "Langres", "EAJE", refuse_le=date(2026, 2, 12), activite="EAJE")


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
TROP_VERSE = InduCite("2025-EAJE-S001-03", RENARDS, 2025, 4_000_000, 123_456, "calcul-2025-S001.html")
INDUS = VueIndus(CADRE, "Réels 2025", (TROP_VERSE, replace(TROP_VERSE, structure=COUCOUS, exercice=2024)),
                 "40 % de chaque versement")  # fmt: skip
ANNULE = replace(TROP_VERSE, calcul="", annonce_le=date(2026, 3, 12))
REJET = VueRejet(
    CADRE, "Réels 2025", RENARDS, date(2026, 2, 20), "Les heures facturées sont celles de 2024 ; voyez 2025.",
    date(2026, 2, 27),
)  # fmt: skip
DEJA = VueDejaRecu(
    CADRE, "Réels 2025", RENARDS, "retenu", "12", date(2026, 2, 20), date(2026, 2, 25), "encore.xlsx", "", (),
    date(2026, 2, 27),
)  # fmt: skip


def groupe(*parties: tuple[str, VueReunie], agenda: str = "echeance.ics") -> VueGroupe:
    """Several campaign mails made one, in the order given."""
    return VueGroupe(
        CADRE,
        tuple(
            echeance_de(vue, f"{getattr(vue, 'libelle', 'Commission d’action sociale')} (EAJE, RPE…)")
            for _, vue in parties
        ),
        tuple(rendre_le_corps(nom, vue) for nom, vue in parties),
        agenda,
    )


def nombreuses(nombre: int) -> tuple[StructureCitee, ...]:
    """Many structures with long names, as a town has."""
    return tuple(
        replace(
            RENARDS,
            code=f"ALSH-{rang:03d}",
            nom=f"Accueil de loisirs périscolaire intercommunal du groupe scolaire n° {rang}",
            commune="Saint-Dizier",
            fichier=f"AFAS_reel_2025_ALSH_accueil-de-loisirs-periscolaire-intercommunal-{rang:03d}.xlsx",
        )
        for rang in range(1, nombre + 1)
    )


TOUTES: dict[str, Vue | VueGroupe] = {
    "ouverture": campagne(date(2026, 2, 8), RENARDS, COUCOUS),
    "relance": campagne(date(2026, 2, 20), RENARDS, COUCOUS),
    "relance_apres": campagne(date(2026, 2, 28)),
    "ouverture_de_vingt": campagne(date(2026, 2, 8), *nombreuses(20)),
    "groupe": groupe(
        ("relance_apres", replace(campagne(date(2026, 2, 28)), fin=date(2026, 3, 4))),
        (
            "ouverture",
            replace(
                campagne(date(2026, 2, 8), RENARDS, COUCOUS),
                limite=date(2026, 3, 6),
                libelle="Réels 2025 des accueils de loisirs",
            ),
        ),
    ),
    "groupe_sans_agenda": groupe(*[("relance_apres", campagne(date(2026, 2, 28), *nombreuses(5)))] * 2, agenda=""),
    "accepte": ACCEPTE,
    "alertes": replace(ACCEPTE, a_expliquer=(HEURES,), en_retard=True, recu_le=date(2026, 3, 2)),
    "refuse": REFUSE,
    "indu": INDUS,
    "indu_seul": replace(INDUS, indus=(replace(TROP_VERSE, annonce_le=date(2026, 3, 2)),), retenue=""),
    "indu_annule": VueIndus(CADRE, "Réels 2025", (ANNULE,)),
    "deja_retenu": DEJA,
    "deja_remplace": replace(DEJA, sort="remplace"),
    "deja_rejete": replace(DEJA, sort="rejete", motif="Ce sont les heures de 2024."),
    "deja_refuse": replace(DEJA, sort="refuse", a_corriger=(HEURES, MONTANT), copie="retour-a-corriger.xlsx"),
    "deja_refuse_illisible": replace(DEJA, sort="refuse", a_corriger=(HEURES,), echeance=None),
    "deja_hors_delai": replace(DEJA, sort="hors_delai", echeance=None),
    "deja_hors_delai_prolonge": replace(DEJA, sort="hors_delai"),
    "deja_attendu_ailleurs": replace(DEJA, attendue="Actualisation de novembre 2026"),
    "deja_refuse_attendu_ailleurs": replace(DEJA, sort="refuse", a_corriger=(HEURES,), attendue="Actualisation"),
    "rejet": REJET,
    "rejet_clos": replace(REJET, echeance=None),
    "hors_delai": replace(ACCEPTE, accepte=False, hors_delai=True, recu_le=date(2026, 3, 12)),
}


def genre(nom: str) -> str:
    if nom.startswith("indu"):
        return "indu_annule" if nom == "indu_annule" else "indu"
    for autre in ("deja", "rejet"):
        if nom.startswith(autre):
            return {"deja": "deja_recu"}.get(autre, autre)
    for autre in ("groupe", "ouverture"):
        if nom.startswith(autre):
            return autre
    return nom if nom in {"ouverture", "relance", "relance_apres"} else "reponse_depot"
