"""The Filoué step lives as the others: opened by a person, reminded, followed, closed. It never holds a payment."""

from datetime import date
from fractions import Fraction

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import ActionJouee, LigneJournal, Structure
from operations.attendus import etapes_ouvertes
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dus import preparer_dus
from operations.filoue.suivi import barre, suivre
from operations.lots import proposer_lot
from operations.relances import actions_a_jouer, apercu, clore, jouer, ouvrir, relancer, sauter
from operations.suivi import avancement
from regles.etats import EtatAction, NatureVersement
from tests.filoue.fabrique import ALERTES, BLOCAGES, fichier
from tests.operations import argent
from tests.operations.filoue.campagne import ETAPE, fichiers, installer, recevoir
from tests.operations.reseau_exemple import courriels, pieces, texte

OUVERTURE, AVANT, LIMITE = date(2026, 4, 1), date(2026, 5, 8), date(2026, 5, 15)
APRES, CLOTURE = date(2026, 5, 16), date(2026, 5, 26)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def actions(ctx: Contexte, jour: date) -> tuple[list[str], list[str]]:
    """What the daily run does for the step; keys played and skipped."""
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)
    jouees = [jouer(ctx, a, jour).etat.value + " " + a.cle for a in a_jouer if a.etape == ETAPE]
    return jouees, [sauter(ctx, a, jour).cle for a in a_sauter if a.etape == ETAPE]


def test_une_personne_ouvre_le_jour_qu_elle_choisit(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="une personne de l'équipe"):
        ouvrir(ctx, ETAPE, OUVERTURE)
    assert len(apercu(ctx, ETAPE, 0, OUVERTURE).destinataires) == 2
    bilan = ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    assert (bilan.courriels, bilan.structures) == (2, 3)
    assert ouvrir(ctx, ETAPE, date(2026, 4, 2), "s.dubois").message.startswith(f"« {ETAPE}-ouvrir » : déjà faite")
    with transaction(ctx.moteur) as session:
        ligne = session.exec(select(LigneJournal).where(LigneJournal.objet == "etape")).one()
    assert (ligne.par, ligne.action, ligne.objet_id) == ("c.martin", "ouvrir", ETAPE)
    assert "à la main" in ligne.motif
    assert [e.id for e in etapes_ouvertes(ctx, OUVERTURE) if e.id == ETAPE] == [ETAPE]


def test_elle_ne_s_ouvre_plus_apres_la_cloture(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="close depuis le lundi 25"):
        ouvrir(ctx, ETAPE, CLOTURE, "c.martin")
    assert ouvrir(ctx, ETAPE, date(2026, 5, 20), "c.martin").courriels == 2


def test_personne_n_a_ouvert_personne_n_est_relance(ctx: Contexte) -> None:
    assert actions(ctx, AVANT) == ([f"sautee {ETAPE}-relancer-j-7"], [])
    assert courriels(ctx) == {}
    ouvrir(ctx, ETAPE, date(2026, 5, 10), "c.martin")
    assert actions(ctx, date(2026, 5, 11)) == ([], [])
    assert actions(ctx, APRES) == ([f"faite {ETAPE}-relancer-j+1"], [])


def test_les_relances_suivent_la_limite_et_epargnent_qui_a_repondu(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    assert actions(ctx, date(2026, 5, 7)) == ([], [])
    recevoir(ctx, fichier())
    recevoir(ctx, fichier(BLOCAGES["autre année"]), nom="EAJE02.csv")
    assert actions(ctx, AVANT) == ([f"faite {ETAPE}-relancer-j-7"], [])
    relances = {c.cle: c.structures for c in courriels(ctx).values() if c.genre == "relance"}
    assert sorted(relances.values()) == [["EAJE02"], ["EAJE03"]]
    bilan = clore(ctx, ETAPE, CLOTURE)
    assert "close, 2 structure(s) sans réponse (EAJE02, EAJE03)." in bilan.message


def test_un_refus_seul_reste_a_relancer_un_accepte_non(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    recevoir(ctx, fichier())
    recevoir(ctx, fichier(BLOCAGES["autre année"]))
    assert relancer(ctx, ETAPE, 1, AVANT).structures == 2


def test_une_structure_fermee_avant_l_annee_ne_doit_rien(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        for code, ouverte, fermee in (("EAJE01", None, date(2024, 8, 31)), ("EAJE02", date(2026, 1, 5), None)):
            structure = session.exec(select(Structure).where(Structure.code == code)).one()
            structure.ouverte_le, structure.fermee_le = ouverte, fermee
    assert avancement(ctx, ETAPE, OUVERTURE).attendues == 1


def test_le_courriel_d_ouverture_nomme_les_structures_sans_classeur(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    assert envoyer_en_attente(ctx, OUVERTURE).envoyes == 2
    premier, second = (c for c in courriels(ctx).values())
    assert pieces(premier) == ["agenda-caf.ics", "echeance.ics"]
    dit = texte(premier).replace("\u00a0", " ")
    assert "Dossier AFC : 200100042. IDEQU : 5200077." in dit
    assert "statistiques nationales" in dit
    assert "enquete.petite-enfance@cnaf.fr" in dit
    assert "03 25 30 62 42" in dit
    assert "Dossier AFC : à demander. IDEQU : à demander." in texte(second).replace("\u00a0", " ")


def test_qui_a_repondu_entre_temps_n_est_pas_ecrit(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    envoyer_en_attente(ctx, OUVERTURE)
    relancer(ctx, ETAPE, 1, AVANT)
    recevoir(ctx, fichier())
    envoyer_en_attente(ctx, AVANT)
    relance = courriels(ctx)[f"relance:{ETAPE}:j-7:1"]
    assert "EAJE02" in texte(relance)
    assert "EAJE01" not in texte(relance)


def test_l_avancement_compte_les_fichiers(ctx: Contexte) -> None:
    recevoir(ctx, fichier(ALERTES["taux vide"]))
    recevoir(ctx, fichier(BLOCAGES["autre année"]), nom="EAJE02.csv")
    ou = avancement(ctx, ETAPE, OUVERTURE)
    assert (ou.attendues, ou.recues, ou.validees, ou.manquantes) == (3, 1, 1, 2)
    assert {ligne["Structure"][:6]: ligne["État"] for ligne in ou.lignes}["EAJE01"] == "reçu, 10 ligne(s)"


def test_le_taux_de_reponse_dans_le_temps(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    recevoir(ctx, fichier(), date(2026, 4, 14))
    recevoir(ctx, fichier(ALERTES["taux vide"]), date(2026, 4, 28))
    ou = suivre(ctx, date(2026, 4, 29))
    assert (ou.attendues, ou.recues, ou.taux, ou.cible) == (3, 1, Fraction(1, 3), 1)
    assert [(s.debut, s.recues) for s in ou.semaines] == [
        (date(2026, 3, 30), 0),
        (date(2026, 4, 6), 0),
        (date(2026, 4, 13), 1),
        (date(2026, 4, 20), 1),
        (date(2026, 4, 27), 1),
    ]
    assert [m.code for m in ou.manquantes] == ["EAJE02", "EAJE03"]
    assert ou.phrase.endswith("1 reçus sur 3, soit 33,3 % (cible 100 %).")
    assert ou.oppositions is None
    assert barre(ou.taux, 9) == "███░░░░░░"
    with pytest.raises(ActeRefuse, match="pas une campagne Filoué"):
        suivre(ctx, OUVERTURE, "reels-2025-a")


def test_un_filoue_absent_ne_bloque_aucun_versement(contexte: Contexte) -> None:
    """Not a file, the campaign opened then closed: the solde is proposed and released."""
    with transaction(contexte.moteur) as session:
        argent.ajouter_partenaire(session)
        argent.ajouter_reel(session, 1, 100_000, 70_000)
    ouvrir(contexte, ETAPE, OUVERTURE, "c.martin")
    clore(contexte, ETAPE, CLOTURE)
    assert fichiers(contexte) == []
    bilan = preparer_dus(contexte, argent.ETAPE, CLOTURE)
    assert bilan.ecrits == {NatureVersement.SOLDE: (1, 30_000)}
    lot = proposer_lot(contexte, argent.ETAPE, argent.PROPOSE, CLOTURE)
    assert lot is not None
    argent.liberer(contexte, lot, CLOTURE)
    assert argent.etats(contexte) == [("solde", 30_000, "libere")]


def test_une_action_faite_ne_se_rejoue_pas(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, "c.martin")
    relancer(ctx, ETAPE, 1, AVANT)
    assert relancer(ctx, ETAPE, 1, AVANT).courriels == 0
    with transaction(ctx.moteur) as session:
        etats = {j.cle: j.etat for j in session.exec(select(ActionJouee))}
    assert etats == {f"{ETAPE}-ouvrir": EtatAction.FAITE, f"{ETAPE}-relancer-j-7": EtatAction.FAITE}
