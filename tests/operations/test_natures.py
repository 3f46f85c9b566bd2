"""Every step of the published calendar lives by itself, whatever its nature: opened, reminded, closed."""

from collections import Counter
from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Adhesion, Structure
from operations.attendus import audience
from operations.configuration import calendriers, demarche, plan_relances
from operations.contexte import Contexte
from operations.dossiers import recevoir
from operations.prolongations import donner_un_delai
from operations.relances import ouvrir
from operations.taches import lister
from regles.calendrier import COURRIELS_AU_PLUS, Etape, actions_datees
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.reglages import RACINE
from tests.filoue.fabrique import fichier
from tests.operations import argent
from tests.operations.dossiers_exemple import PAR, rattraper, vu
from tests.operations.filoue import campagne
from tests.operations.reseau_exemple import courriels, installer

DISPOSITIFS = (
    "promeneurs_du_net", "parentalite", "animation_parentalite", "animation_pdn", "lieu_ressources", "plan_mercredi"
)  # fmt: skip
CALENDRIER = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")
# What the daily run does of each step when nobody ever answers; calls for projects remind nobody of nothing begun.
VIES = {
    "bilan-animation-pdn-2025": ["ouvrir", "relancer-j-14", "relancer-j-3", "relancer-j+1", "clore"],
    "bilans-pdn-2025": ["ouvrir", "relancer-j-14", "relancer-j-3", "relancer-j+1", "clore"],
    "bilans-lieu-ressources-2025": ["ouvrir", "relancer-j-14", "relancer-j-3", "relancer-j+1", "clore"],
    "bilans-rpe-2025": ["ouvrir", "relancer-j-14", "relancer-j-3", "relancer-j+1", "clore"],
    "renouvellement-rpe-2026": ["ouvrir", "relancer-j-30", "relancer-j-7", "relancer-j+1", "clore"],
    "previsionnels-plan-mercredi-2026": ["ouvrir", "relancer-j-7", "relancer-j+1", "clore"],
    "aap-partenaires-2026": ["ouvrir", "clore"],
    "aap-reseau-parentalite-2026": ["ouvrir", "clore"],
    "projets-parentalite-2026": ["ouvrir", "clore"],
    "aap-plan-mercredi-2026": ["ouvrir", "clore"],
    "aap-clas-2026-2027": ["ouvrir", "clore"],
    "aap-pdn-2027": ["ouvrir", "clore"],
    "aap-partenaires-2027": ["ouvrir", "clore"],
    "aap-reseau-parentalite-2027": ["ouvrir", "clore"],
}


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    """Everyone is a member of every scheme; S2 is a relay, S3 a CLAS."""
    installer(contexte)
    with transaction(contexte.moteur) as session:
        for rang in range(1, 5):
            for dispositif in DISPOSITIFS:
                session.add(Adhesion(partenaire_id=rang, dispositif=dispositif, du=date(2020, 1, 1)))
        for structure in session.exec(select(Structure)):
            structure.prestation = {"S2": "RPE", "S3": "CLAS"}.get(structure.code, structure.prestation)
    return contexte


def jours(ctx: Contexte, etape: Etape) -> list[date]:
    """The days on which the calendar plans something for a step."""
    return sorted({a.le.date() for a in actions_datees(etape, plan_relances(ctx, etape))})


def test_toutes_les_etapes_a_dossiers_du_calendrier_sont_ici(ctx: Contexte) -> None:
    suivies = {e.id for c in calendriers(ctx) if c.annee == 2026 for e in c.etapes if demarche(ctx, e).par_dossier}
    assert suivies == set(VIES)


@pytest.mark.parametrize("identifiant", VIES)
def test_la_vie_d_une_etape_a_laquelle_personne_ne_repond(ctx: Contexte, identifiant: str) -> None:
    etape = CALENDRIER.etape(identifiant)
    faites = [cle for jour in jours(ctx, etape) for cle in rattraper(ctx, identifiant, jour)]
    assert [f.removeprefix("faite ") for f in faites if f.startswith("faite")] == VIES[identifiant]
    par_personne = Counter((c.contact_id, code) for c in courriels(ctx).values() for code in c.structures)
    assert max(par_personne.values()) == len(VIES[identifiant]) - 1 <= COURRIELS_AU_PLUS
    with transaction(ctx.moteur) as session:
        partenaires = {a.partenaire.code for a in audience(ctx, session, etape)}
    appeles = {t.partenaire for t in lister(ctx, etape=identifiant)}
    assert appeles == (set() if demarche(ctx, etape).facultative else partenaires)


@pytest.mark.parametrize("identifiant", ["bilans-pdn-2025", "renouvellement-rpe-2026", "aap-clas-2026-2027"])
def test_qui_repond_le_premier_jour_n_entend_plus_parler_de_rien(ctx: Contexte, identifiant: str) -> None:
    etape = CALENDRIER.etape(identifiant)
    ouverture, *suite = jours(ctx, etape)
    rattraper(ctx, identifiant, ouverture)
    with transaction(ctx.moteur) as session:
        codes = [a.code for a in audience(ctx, session, etape)]
    for code in codes:
        for piece in demarche(ctx, etape).pieces:
            recevoir(ctx, identifiant, code, vu(piece.code), ouverture)
    assert [cle for jour in suite for cle in rattraper(ctx, identifiant, jour)][-1] == "faite clore"
    assert not [c for c in courriels(ctx).values() if c.genre == "relance"]
    assert lister(ctx) == ()


def test_un_fichier_filoue_se_prend_jusqu_au_bout_de_son_delai(contexte: Contexte) -> None:
    campagne.installer(contexte)
    ouvrir(contexte, campagne.ETAPE, date(2026, 4, 1), PAR)
    rattraper(contexte, campagne.ETAPE, date(2026, 5, 26))
    donner_un_delai(contexte, campagne.ETAPE, "EAJE01", date(2026, 6, 5), PAR, "Logiciel en panne.", date(2026, 5, 27))
    assert rattraper(contexte, campagne.ETAPE, date(2026, 6, 6)) == [
        "sautee p1-relancer-j-7", "faite p1-relancer-j+1"
    ]  # fmt: skip
    campagne.recevoir(contexte, fichier(), date(2026, 6, 15))
    campagne.recevoir(contexte, fichier(attendu=campagne.DEUXIEME), date(2026, 6, 15), nom="EAJE02.csv")
    assert [f.etat.value for f in campagne.fichiers(contexte)] == ["accepte", "refuse"]


def test_un_previsionnel_valide_et_payable_est_pret_pour_l_acompte(contexte: Contexte) -> None:
    with transaction(contexte.moteur) as session:
        argent.ajouter_partenaire(session)
        for rang in (1, 2, 3):
            argent.ajouter_structure(session, rang)
        for numero, structure in ((1, 1), (2, 2)):
            argent.ajouter_declaration(session, numero, structure, "previsionnel", 2026, "previsionnels-2026-a")
        argent.ajouter_droit(session, 1, 1_000_000)
    message = ouvrir(contexte, "acompte-1-2026", date(2026, 3, 13)).message
    assert "1 structure(s) prête(s) (S01). 2 pas encore : " in message
    assert "prévisionnel validé, droit à calculer (S02)" in message
    assert "prévisionnel non reçu (S03)" in message
