"""Views of dossiers, of more time and of requests for a grant, as (genre, view) by name."""

from dataclasses import replace
from datetime import date

from echanges.courriel.rendu import VueRendue
from echanges.courriel.vues_commission import DemandeCitee, SeanceCitee, VueAnnulation, VueDecision, VueDemandes
from echanges.courriel.vues_dossiers import DemandeEnCours, DossierCite, PieceCitee, VueDossier, VueRecuDossier
from echanges.courriel.vues_paiements import PaiementCite, VuePaiements
from tests.echanges.courriel.exemples import CADRE, COUCOUS, RENARDS, campagne, groupe
from tests.echanges.courriel.exemples_filoue import CAMPAGNE as FILOUE

FORMULAIRE = PieceCitee("Formulaire de demande", True)
BUDGET = PieceCitee("Budget prévisionnel du projet", True, date(2026, 3, 2))
RIB = PieceCitee("Relevé d’identité bancaire", True, refus="Le nom n’est pas celui de <l’association>.")
STATUTS = PieceCitee("Statuts de l’association", False)
DOSSIER = DossierCite("P001", "Communauté de communes du Bassin de Joinville en Champagne", "", (FORMULAIRE, STATUTS))
COMMENCE = DossierCite(
    "RPE-01", "Relais petite enfance itinérant", "Joinville, RPE", (FORMULAIRE, BUDGET, RIB, STATUTS)
)
APPEL = VueDossier(
    CADRE, "Appel à projets « Plan mercredi »", date(2026, 5, 30), date(2026, 6, 9), date(2026, 3, 11), (DOSSIER,),
    facultative=True, mots="L’appel à projets concerne les communes et EPCI signataires.",
)  # fmt: skip
BILAN = replace(
    APPEL, libelle="Bilans annuels 2025 des relais petite enfance", facultative=False, structures=(COMMENCE, DOSSIER)
)
SEANCE = SeanceCitee("Commission d’action sociale de juin 2026", date(2026, 6, 15), date(2026, 5, 15), a_confirmer=True)
DEMANDE = DemandeCitee(
    "D2026-0012", "Association Les Petits Renards", "Ateliers parents-enfants itinérants dans les villages", 1_250_000,
    ("Budget prévisionnel du projet", "Relevé d’identité bancaire"),
)  # fmt: skip
CITEE = DemandeEnCours("D2026-0012", "Ateliers parents-enfants", SEANCE)
AVEC_DEMANDE = replace(APPEL, structures=(replace(DOSSIER, demandes=(CITEE,)),))
DEMANDES = VueDemandes(CADRE, (DEMANDE, replace(DEMANDE, reference="D2026-0013", manquantes=())), SEANCE)
DECISION = VueDecision(CADRE, SEANCE, DEMANDE, 1_000_000, "")
ANNULEE = VueAnnulation(CADRE, SEANCE, DEMANDE, "accord", 1_000_000, "Le montant d’une autre demande a été saisi.")
SUIVANTE = replace(SEANCE, libelle="Commission d’action sociale de novembre 2026", jour=date(2026, 11, 16))
REPORTEE = replace(CITEE, seance=replace(SUIVANTE, limite=date(2026, 10, 31)))
AVEC_REPORTEE = replace(APPEL, jour=date(2026, 6, 2), structures=(replace(DOSSIER, demandes=(REPORTEE,)),))

AVIS = VuePaiements(
    CADRE, "reels-2025-a-lot-01", date(2026, 3, 16), "FR76 •••• 0126",
    (
        PaiementCite("2025-EAJE-E01-02", RENARDS, 2025, "solde", 21_352_290, 6_119_625, 6_119_625, (), "calcul.html"),
        PaiementCite(
            "2025-ALSH-ALSH-001-02", COUCOUS, 2025, "solde", 1_000_000, 300_000, 288_000,
            (("2024-ALSH-ALSH-001-03", 12_000),), "calcul-2025-ALSH-001-solde.html",
        ),
    ),
)  # fmt: skip

AUTRES: dict[str, tuple[str, VueRendue]] = {
    "appel ouvert": ("dossier_ouverture", APPEL),
    "bilan ouvert": ("dossier_ouverture", BILAN),
    "bilan ouvert tard": ("dossier_ouverture", replace(BILAN, jour=date(2026, 6, 2))),
    "dossier prolongé": ("dossier_prolongation", BILAN),
    "dossier relancé": ("dossier_relance", BILAN),
    "appel relancé": ("dossier_relance", APPEL),
    "appel prolongé, demande en cours": ("dossier_prolongation", AVEC_DEMANDE),
    "appel relancé, demande en cours": ("dossier_relance", AVEC_DEMANDE),
    "appel relancé après, demande en cours": ("dossier_relance_apres", AVEC_REPORTEE),
    "dossier relancé après": ("dossier_relance_apres", replace(BILAN, jour=date(2026, 6, 2))),
    "pièce reçue": ("dossier_recu", VueRecuDossier(CADRE, APPEL.libelle, COMMENCE, False, date(2026, 5, 30), False)),
    "dossier complet": ("dossier_recu", VueRecuDossier(CADRE, APPEL.libelle, DOSSIER, True, None, True)),
    "prolongation": ("prolongation", campagne(date(2026, 2, 20), RENARDS)),
    "prolongation filoué": ("filoue_prolongation", FILOUE),
    "demande reçue": ("demande_recue", DEMANDES),
    "demande sans séance": ("demande_recue", replace(DEMANDES, seance=None)),
    "demande relancée": ("demande_relance", replace(DEMANDES, demandes=(DEMANDE,))),
    "demande reportée": ("demande_reportee", replace(DEMANDES, seance=SUIVANTE, quittee=SEANCE)),
    "demande inscrite": ("demande_inscrite", replace(DEMANDES, demandes=(replace(DEMANDE, manquantes=()),))),
    "pièce refusée": (
        "demande_piece_refusee", replace(DEMANDES, demandes=(DEMANDE,), piece="Budget prévisionnel", motif="Illisible.")
    ),
    "accord": ("decision_accord", DECISION),
    "refus": ("decision_refus", replace(DECISION, montant_centimes=None, motif="L’enveloppe de l’année est épuisée.")),
    "ajournement": (
        "decision_ajournement",
        replace(DECISION, montant_centimes=None, motif="Le plan de financement est à revoir.", suivante=SUIVANTE),
    ),
    "accord annulé": ("decision_annulee", ANNULEE),
    "refus annulé": ("decision_annulee", replace(ANNULEE, sens="refus", montant_centimes=None)),
    "ajournement annulé": ("decision_annulee", replace(ANNULEE, sens="ajournement", montant_centimes=None)),
    "avis de paiement": ("avis_paiement", AVIS),
    "avis sans date": ("avis_paiement", replace(AVIS, le=None, compte="", paiements=AVIS.paiements[:1])),
    "tout réuni": (
        "groupe",
        groupe(
            ("relance", campagne(date(2026, 2, 20))), ("dossier_relance", BILAN), ("filoue_relance", FILOUE),
            ("demande_relance", replace(DEMANDES, demandes=(DEMANDE,))),
        ),
    ),
}  # fmt: skip
