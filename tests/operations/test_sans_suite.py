"""A dossier left without a sequel stays so until a person takes it up again: requests, late documents, departures."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Adhesion, Annulation, Demande, Dossier, LigneJournal, Structure
from operations.commission.annulations import annuler
from operations.commission.decisions import decider
from operations.commission.demandes import retirer
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dossiers import Sortie, clore_sans_suite, noter_intention, recevoir, refuser_piece, rouvrir
from operations.dossiers_etat import lister_dossiers
from operations.pieces import Apport
from operations.prolongations import donner_un_delai
from operations.relances import apercu, ouvrir
from operations.suites import PARTI, PIECE_ARRIVEE, lister_suites
from operations.tableau.affaires import Acteur
from operations.tableau.synthese import dresser
from regles.etats import EtatDemande, SensDecision
from tests.operations.commission import fonds
from tests.operations.dossiers_exemple import (
    AAP,
    PAR,
    PDN,
    RPE,
    etats,
    fichier,
    installer_les_dossiers,
    pieces_gardees,
    rattraper,
    vu,
)
from tests.operations.reseau_exemple import courriels

DEPOT, CLOS, RELANCE = date(2025, 12, 10), date(2025, 12, 12), date(2025, 12, 29)  # 14 days before the cut-off
OUVERTURE, AVANT, ENSUITE = date(2026, 4, 14), date(2026, 5, 15), date(2026, 5, 26)  # bilans-rpe-2025
PDN_OUVERTURE, PDN_RELANCE = date(2026, 1, 14), date(2026, 2, 16)
MOTIF = "Le partenaire renonce."


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer_les_dossiers(contexte_deux_bases)
    return contexte_deux_bases


def clore(ctx: Contexte, etape: str, code: str, jour: date, motif: str = MOTIF) -> str:
    return clore_sans_suite(ctx, etape, code, Sortie.RENONCER, PAR, motif, jour).message


def test_un_dossier_ne_se_clot_pas_sur_des_demandes_encore_ouvertes(contexte_deux_bases: Contexte) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx)
    references = [fonds.demander(ctx, DEPOT, objet, complete=False) for objet in ("Ludothèque", "Jardin")]
    with pytest.raises(ActeRefuse, match="2 demandes en cours") as refus:
        clore(ctx, AAP, "P1", CLOS)
    for reference in references:
        assert f"campagnes commission retirer {reference}" in str(refus.value)
    retirer(ctx, references[0], PAR, MOTIF, CLOS)
    with pytest.raises(ActeRefuse, match=f"1 demande en cours : {references[1]} « Jardin »"):
        clore(ctx, AAP, "P1", CLOS)
    retirer(ctx, references[1], PAR, MOTIF, CLOS)
    clore(ctx, AAP, "P1", CLOS)
    fonds.jouer_jusqu_au(ctx, RELANCE)
    assert "demande_relance" not in fonds.genres(ctx)


def test_une_demande_ne_rouvre_pas_un_dossier_sans_suite(contexte_deux_bases: Contexte) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx)
    clore(ctx, AAP, "P1", DEPOT)
    with pytest.raises(ActeRefuse, match=f"campagnes dossiers rouvrir {AAP} P1"):
        fonds.demander(ctx, CLOS)
    rouvrir(ctx, AAP, "P1", PAR, "Il revient.", CLOS)
    fonds.demander(ctx, CLOS)
    assert etats(ctx, AAP)["P1"] == "complet"


def test_une_decision_ne_s_annule_pas_sur_un_dossier_sans_suite(contexte_deux_bases: Contexte) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx)
    reference = fonds.demander(ctx, DEPOT, complete=False)
    for piece in fonds.OBLIGATOIRES:
        recevoir(ctx, AAP, "P1", vu(piece), DEPOT)
    fonds.jouer_jusqu_au(ctx, fonds.LIMITE + timedelta(days=1))
    decider(ctx, fonds.FEVRIER, reference, SensDecision.REFUS, fonds.DECIDE, motif="Hors sujet.", jour=fonds.SEANCE)
    refuser_piece(ctx, AAP, "P1", "budget", PAR, "Faux.", fonds.SEANCE)
    clore(ctx, AAP, "P1", fonds.SEANCE)
    with pytest.raises(ActeRefuse, match=f"campagnes dossiers rouvrir {AAP} P1"):
        annuler(ctx, fonds.FEVRIER, reference, fonds.DECIDE, "Erreur.", fonds.SEANCE)
    with transaction(ctx.moteur) as session:
        session.add(Annulation(decision_id=1, motif="Erreur.", par=fonds.DECIDE, le=ctx.maintenant(fonds.SEANCE)))
    with pytest.raises(IntegrityError, match="il se rouvre d'abord"), transaction(ctx.moteur) as session:
        session.exec(update(Demande).values(etat="inscrite"))


@pytest.mark.parametrize("etat", ["deposee", "inscrite"])
def test_la_base_refuse_de_clore_sur_une_demande_ouverte(contexte_deux_bases: Contexte, etat: str) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx)
    fonds.demander(ctx, DEPOT, complete=False)
    with transaction(ctx.moteur) as session:
        session.exec(update(Demande).values(etat=etat))
    with pytest.raises(IntegrityError, match="n'est pas sans suite"), transaction(ctx.moteur) as session:
        session.exec(update(Dossier).values(etat="sans_suite"))
    with transaction(ctx.moteur) as session:
        session.exec(update(Demande).values(etat="retiree"))
        session.exec(update(Dossier).values(etat="sans_suite"))
    with pytest.raises(IntegrityError, match="il se rouvre d'abord"), transaction(ctx.moteur) as session:
        session.add(
            Demande(
                reference="D2", dossier_id=1, objet="Jardin", enveloppe="partenaires", exercice=2026,
                montant_demande_centimes=1, budget_centimes=2, cofinanceurs=[], deposee_le=ctx.maintenant(CLOS),
                commission=fonds.FEVRIER, etat=EtatDemande(etat),
            )
        )  # fmt: skip


def test_une_piece_arrivee_apres_est_gardee_et_l_equipe_decide(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    clore(ctx, RPE, "S3", OUVERTURE)
    bilan = recevoir(ctx, RPE, "S3", vu("sphinx"), AVANT)
    assert etats(ctx, RPE)["S3"] == "sans_suite"
    assert f"campagnes dossiers rouvrir {RPE} S3" in bilan.message
    (ligne,) = [li for li in lister_suites(ctx, RPE, AVANT).lignes if li.genre == PIECE_ARRIVEE]
    assert (ligne.code, "Enquête nationale Sphinx validée" in ligne.detail) == ("S3", True)
    assert [a.fiche.code for a in dresser(ctx, AVANT).pour(Acteur.EQUIPE) if PIECE_ARRIVEE in a.quoi] == ["S3"]
    rouvrir(ctx, RPE, "S3", PAR, "La pièce est bonne.", AVANT)
    assert etats(ctx, RPE)["S3"] == "complet"
    assert not lister_suites(ctx, RPE, AVANT).codes(PIECE_ARRIVEE)


def test_une_piece_prise_en_compte_a_la_reouverture_est_accusee(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    clore(ctx, RPE, "S3", OUVERTURE)
    assert rouvrir(ctx, RPE, "S3", PAR, "Il revient.", OUVERTURE).courriels == 0  # nothing came: nothing to say
    clore(ctx, RPE, "S3", OUVERTURE)
    recevoir(ctx, RPE, "S3", vu("sphinx"), AVANT)
    envoyer_en_attente(ctx, AVANT)
    assert rouvrir(ctx, RPE, "S3", PAR, "La pièce est bonne.", ENSUITE).courriels == 2  # both people of P2
    envoyer_en_attente(ctx, ENSUITE)
    partis = [c for c in courriels(ctx).values() if c.genre == "dossier_recu" and c.octets is not None]
    assert ["Dossier complet" in c.sujet for c in partis] == [True, True]


def test_clore_de_nouveau_laisse_le_dossier_sans_suite_et_le_dit_au_journal(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    clore(ctx, RPE, "S3", OUVERTURE)
    recevoir(ctx, RPE, "S3", vu("sphinx"), AVANT)
    clore(ctx, RPE, "S3", AVANT, "Trop tard pour l’enquête.")
    clore(ctx, RPE, "S3", AVANT, "Encore.")  # nothing has come since: nothing to say
    assert not lister_suites(ctx, RPE, AVANT).codes(PIECE_ARRIVEE)
    with transaction(ctx.moteur) as session:
        lignes = session.exec(select(LigneJournal).where(LigneJournal.action == "renoncer"))
        assert [ligne.motif for ligne in lignes] == [MOTIF, "Trop tard pour l’enquête."]


def test_une_piece_tardive_d_un_dossier_sans_suite_n_est_pas_perdue(ctx: Contexte, tmp_path: Path) -> None:
    """After the closing, more time cannot be given to who owes nothing: the document is kept all the same."""
    ouvrir(ctx, RPE, OUVERTURE)
    clore(ctx, RPE, "S3", OUVERTURE)
    recevoir(ctx, RPE, "S3", Apport("sphinx", PAR, fichier(tmp_path, "bilan.pdf")), date(2026, 6, 20))
    assert [p.nom_fichier for p in pieces_gardees(ctx)] == ["bilan.pdf"]
    assert etats(ctx, RPE)["S3"] == "sans_suite"


def test_ce_qui_ferait_devoir_un_dossier_sans_suite_demande_de_le_rouvrir(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    recevoir(ctx, RPE, "S2", vu("sphinx"), OUVERTURE)
    refuser_piece(ctx, RPE, "S2", "sphinx", PAR, "Illisible.", OUVERTURE)
    clore(ctx, RPE, "S2", OUVERTURE)
    recevoir(ctx, RPE, "S2", vu("sphinx", "vu chez eux"), AVANT)
    with pytest.raises(ActeRefuse, match="rouvrez d'abord"):
        refuser_piece(ctx, RPE, "S2", "sphinx", PAR, "Toujours illisible.", AVANT)
    with pytest.raises(ActeRefuse, match="rouvrez d'abord"):
        noter_intention(ctx, RPE, "S2", PAR, AVANT)


def partir(ctx: Contexte, partenaire: int, le: date | None) -> None:
    """Record the last day of a member of the Promeneurs du Net."""
    with transaction(ctx.moteur) as session:
        session.exec(select(Adhesion).where(Adhesion.partenaire_id == partenaire)).one().au = le


def test_qui_quitte_le_dispositif_n_est_plus_relance_et_reste_a_l_equipe(ctx: Contexte) -> None:
    ouvrir(ctx, PDN, PDN_OUVERTURE)
    envoyer_en_attente(ctx, PDN_OUVERTURE)
    partir(ctx, 1, date(2026, 1, 31))
    assert rattraper(ctx, PDN, PDN_RELANCE) == ["faite relancer-j-14"]
    assert {code for c in courriels(ctx).values() if c.genre == "relance" for code in c.structures} == {"P2"}
    (ligne,) = [li for li in lister_suites(ctx, PDN, PDN_RELANCE).lignes if li.code == "P1"]
    assert (ligne.genre, ligne.detail) == (PARTI, "parti le 31/01/2026")
    assert f"campagnes dossiers clore {PDN} P1" in ligne.decision
    assert [li.code for li in lister_dossiers(ctx, PDN, date(2026, 3, 2)).retards] == ["P2"]
    with pytest.raises(ActeRefuse, match="ne doit plus rien"):
        donner_un_delai(ctx, PDN, "P1", date(2026, 3, 20), PAR, "Il insiste.", PDN_RELANCE)
    recevoir(ctx, PDN, "P1", vu("bilan"), PDN_RELANCE)
    assert not lister_suites(ctx, PDN, PDN_RELANCE).codes(PARTI)


@pytest.mark.parametrize(
    ("parti_le", "doit"),
    [
        (None, True),
        (date(2024, 12, 31), False),  # entered late: it was never of the year
        (date(2025, 6, 30), True),  # of the year, and gone before the step opened: its bilan is due
        (PDN_OUVERTURE - timedelta(days=1), True),
        (PDN_OUVERTURE, False),
        (date(2026, 3, 10), False),  # the last day of reception
        (date(2026, 3, 11), True),
    ],
)
def test_partir_pendant_que_l_etape_court(contexte: Contexte, parti_le: date | None, doit: bool) -> None:
    installer_les_dossiers(contexte)
    ouvrir(contexte, PDN, PDN_OUVERTURE)
    partir(contexte, 1, parti_le)
    codes = {code for p in apercu(contexte, PDN, 1, PDN_RELANCE).destinataires for code, _ in p.structures}
    assert ("P1" in codes) is doit


def test_une_structure_qui_ferme_pendant_que_l_etape_court_n_est_plus_relancee(contexte: Contexte) -> None:
    installer_les_dossiers(contexte)
    ouvrir(contexte, RPE, OUVERTURE)
    with transaction(contexte.moteur) as session:
        session.exec(select(Structure).where(Structure.code == "S3")).one().fermee_le = date(2026, 4, 30)
    rattraper(contexte, RPE, AVANT)
    assert {code for c in courriels(contexte).values() if c.genre == "relance" for code in c.structures} == {"S2"}


def test_un_ancien_membre_qui_repond_a_un_appel_est_relance_comme_les_autres(contexte: Contexte) -> None:
    installer_les_dossiers(contexte)  # P3 has left the scheme in 2024
    noter_intention(contexte, "aap-pdn-2027", "P3", PAR, date(2026, 12, 2))
    prevu = apercu(contexte, "aap-pdn-2027", 1, date(2026, 12, 21))
    assert prevu.sans_contact == ("P3 Ville P3",)
