"""A declaration sent back: the partner reads why, owes again, and its correction takes the place."""

from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Declaration, LigneJournal
from operations.adresses import desactiver_contact
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.reception import enregistrer_arrivees, instruire
from operations.rejets import rejeter
from operations.relances import relancer
from operations.suivi import avancement
from regles.etats import EtatCourriel, EtatDeclaration
from tests.fabrique import classeur, deposer_octets, poser_structure
from tests.operations.reseau_exemple import ETAPE, courriels, ouvrir_sans_courriel, texte

RECU, RELU, APRES, CLOS = date(2026, 2, 20), date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 12)
MOTIF = "Les heures facturées sont celles de 2024. Reprenez celles du logiciel, édition de janvier."
REJET = "rejet:1:1"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """E1 has declared; its answer has left."""
    ctx = contexte_deux_bases
    poser_structure(ctx, "E1")
    recevoir(ctx, classeur("E1"))
    envoyer_en_attente(ctx, RECU)
    return ctx


def recevoir(ctx: Contexte, octets: bytes, jour: date = RECU) -> None:
    deposer_octets(ctx, "réel.xlsx", octets)
    enregistrer_arrivees(ctx, jour)
    instruire(ctx, jour)


def etats(ctx: Contexte) -> list[EtatDeclaration]:
    with transaction(ctx.moteur) as session:
        return [d.etat for d in session.exec(select(Declaration).order_by(Declaration.id))]  # type: ignore[arg-type]


def test_le_partenaire_lit_pourquoi_et_jusqu_a_quand(ctx: Contexte) -> None:
    bilan = rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU)
    assert (bilan.courriels, bilan.message) == (1, "Déclaration de E1 rejetée : 1 courriel(s) à envoyer.")
    assert etats(ctx) == [EtatDeclaration.REJETEE]
    assert envoyer_en_attente(ctx, RELU).envoyes == 1
    dit = texte(courriels(ctx)[REJET])
    assert MOTIF in dit
    assert "envoi du vendredi 20 février 2026 pour Crèche E1" in dit
    assert "au plus tard le vendredi 27 février 2026 inclus" in dit
    with transaction(ctx.moteur) as session:
        (ligne,) = session.exec(select(LigneJournal).where(LigneJournal.action == "rejeter"))
    assert (ligne.par, ligne.avant, ligne.apres, ligne.motif) == ("c.martin", "recue", "rejetee", MOTIF)


def test_la_structure_doit_a_nouveau_et_la_relance_le_rappelle(ctx: Contexte) -> None:
    ouvrir_sans_courriel(ctx)
    assert avancement(ctx, ETAPE, RELU).recues == 1
    rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU)
    relancer(ctx, ETAPE, 2, APRES)
    envoyer_en_attente(ctx, APRES)
    relance = texte(courriels(ctx)[f"relance:{ETAPE}:j+1:1"])
    assert "Le classeur reçu le vendredi 20 février 2026 comportait des points à corriger." in relance


def test_la_correction_prend_la_place(ctx: Contexte) -> None:
    rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU)
    recevoir(ctx, classeur("E1", {"enfants_inscrits": 46}), RELU)
    assert etats(ctx) == [EtatDeclaration.REMPLACEE, EtatDeclaration.RECUE]
    envoyer_en_attente(ctx, RELU)
    rejet = courriels(ctx)[REJET]
    assert (rejet.etat, rejet.motif) == (EtatCourriel.SANS_OBJET, "le partenaire a déjà renvoyé un classeur")


def test_deux_fois_n_ecrit_qu_une_fois(ctx: Contexte) -> None:
    rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU)
    assert "était déjà rejetée" in rejeter(ctx, ETAPE, "E1", "s.dubois", "encore", RELU).message
    assert [cle for cle in courriels(ctx) if cle.startswith("rejet:")] == [REJET]


def test_apres_la_cloture_on_en_parle(ctx: Contexte) -> None:
    bilan = rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, CLOS)
    assert "au soir : convenez-en avec lui" in bilan.message
    envoyer_en_attente(ctx, CLOS)
    dit = texte(courriels(ctx)[REJET])
    assert "nous chercherons une solution avec vous" in dit
    assert "au plus tard" not in dit


def test_sans_contact_l_equipe_est_prevenue(ctx: Contexte) -> None:
    desactiver_contact(ctx, "contact0@p1.example", "c.martin", "partie", RELU)
    assert "aucun contact actif" in rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU).message


@pytest.mark.parametrize(
    ("etape", "structure", "par", "motif", "phrase"),
    [
        ("inconnue", "E1", "c.martin", MOTIF, "n'est dans aucun calendrier"),
        (ETAPE, "E9", "c.martin", MOTIF, "n'est le code d'aucune structure"),
        ("previsionnels-2026-a", "E1", "c.martin", MOTIF, "n'a rien déclaré"),
        (ETAPE, "E1", "a.leroy", MOTIF, "n'est pas habilité"),
        (ETAPE, "E1", "c.martin", "  ", "Un motif est attendu"),
        (ETAPE, "E1", "c.martin", "x" * 1001, "1000 caractères au plus"),
    ],
)
def test_ce_qui_ne_se_rejette_pas_est_refuse(
    ctx: Contexte, etape: str, structure: str, par: str, motif: str, phrase: str
) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        rejeter(ctx, etape, structure, par, motif, RELU)
    assert etats(ctx) == [EtatDeclaration.RECUE]


def test_une_declaration_validee_ne_se_rejette_plus(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        session.exec(select(Declaration)).one().etat = EtatDeclaration.VALIDEE
    with pytest.raises(ActeRefuse, match="seule une déclaration reçue se rejette"):
        rejeter(ctx, ETAPE, "E1", "c.martin", MOTIF, RELU)
