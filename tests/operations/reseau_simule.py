"""A small network for the simulations: three crèches and two relais, with declarations of every nature for 2026."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from modeles.base import transaction
from modeles.tables import Convention, Declaration, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.contexte import Contexte
from regles.etats import EtatDeclaration

EXERCICE = 2026
JOUR = date(2026, 9, 1)
CRECHE: dict[str, Any] = {
    "places": 20, "amplitude_journaliere": "10", "jours_ouverture": 220, "heures_facturees": "35200",
    "heures_realisees": "33500", "heures_exceptionnelles": "0", "participations_familiales": "63360.55",
    "charges": "400000.10", "couches_et_repas": True, "enfants_inscrits": 45, "enfants_handicap": 1,
    "journees_pedagogiques": 3, "taux_regime_general": "0.98", "statut_gestionnaire": "public",
}  # fmt: skip
RELAIS: dict[str, Any] = {"charges": "130000", "etp_animateur": "1.5"}
# Structure, prestation, then each declaration: nature, state, age in days, what differs from the usual answers.
DECLARATIONS: list[tuple[str, str, list[tuple[str, EtatDeclaration, int, dict[str, Any]]]]] = [
    ("EAJE01", "EAJE", [
        ("previsionnel", EtatDeclaration.VALIDEE, 200, {"heures_facturees": "30000"}),
        ("reel", EtatDeclaration.RECUE, 5, {}),
        ("actualisation", EtatDeclaration.VALIDEE, 2, {"heures_facturees": "31000"}),
    ]),
    ("EAJE02", "EAJE", [
        ("actualisation", EtatDeclaration.VALIDEE, 90, {"heures_facturees": "31000"}),
        ("actualisation", EtatDeclaration.VALIDEE, 10, {"heures_facturees": "39000"}),
        ("previsionnel", EtatDeclaration.VALIDEE, 1, {"heures_facturees": "30000"}),
    ]),
    ("EAJE03", "EAJE", [
        ("reel", EtatDeclaration.REJETEE, 5, {"heures_facturees": "1"}),
        ("previsionnel", EtatDeclaration.VALIDEE, 200, {"couches_et_repas": False}),
    ]),
    ("EAJE04", "EAJE", []),
    ("RPE01", "RPE", [("previsionnel", EtatDeclaration.VALIDEE, 200, {})]),
    ("RPE02", "RPE", [("previsionnel", EtatDeclaration.VALIDEE, 200, {"charges": "60000"})]),
]  # fmt: skip
BASE = {
    "EAJE01": "reel",
    "EAJE02": "actualisation",
    "EAJE03": "previsionnel",
    "RPE01": "previsionnel",
    "RPE02": "previsionnel",
}


def installer(ctx: Contexte) -> None:
    """Write the network, its conventions and its declarations."""
    with transaction(ctx.moteur) as session:
        session.add(Partenaire(id=1, code="P1", nom="Commune", nature=NaturePartenaire.COMMUNE, siren="215201211"))
        session.flush()
        for rang, (code, prestation, declarations) in enumerate(DECLARATIONS, start=1):
            session.add(
                Structure(
                    id=rang, code=code, nom=f"Structure <{rang}>", partenaire_id=1, prestation=prestation,
                    siret="21520121100014", commune_insee="52121", commune="Chaumont", epci_siren="200068658",
                    epci="CA de Chaumont", places=20 if prestation == "EAJE" else None,
                    statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="0.98",
                )
            )  # fmt: skip
            session.flush()
            session.add(
                Convention(
                    structure_id=rang, prestation=prestation, numero=f"C{rang}", du=date(2023, 1, 1),
                    au=date(2027, 12, 31), forfait_territoire_centimes=112_350 if prestation == "EAJE" else 0,
                    attractivite=prestation == "EAJE", conditions={"mission_renforcee": True},
                )
            )  # fmt: skip
            for numero, (nature, etat, age, ecarts) in enumerate(declarations):
                usuelles = CRECHE if prestation == "EAJE" else RELAIS
                session.add(
                    Declaration(
                        structure_id=rang, prestation=prestation, nature=nature, exercice=EXERCICE,
                        etape=f"e{numero}", origine="test", donnees=usuelles | ecarts, etat=etat,
                        recue_le=datetime.combine(JOUR, datetime.min.time(), UTC) - timedelta(days=age),
                    )
                )  # fmt: skip
