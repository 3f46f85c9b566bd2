"""The same bytes again: no second deposit, but an answer that says what became of the first."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Declaration, Depot
from operations.contexte import Contexte
from operations.courriels import envoyer_en_attente
from operations.prolongations import donner_un_delai
from operations.reception import enregistrer_arrivees, instruire
from operations.rejets import rejeter
from tests.fabrique import classeur, deposer_octets, poser_structure
from tests.operations.reseau_exemple import ETAPE, courriels, message, pieces, texte

PREMIER, SECOND, CLOS = date(2026, 2, 20), date(2026, 2, 24), date(2026, 3, 12)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    poser_structure(contexte_deux_bases, "E1")
    return contexte_deux_bases


def recevoir(ctx: Contexte, nom: str, octets: bytes, jour: date) -> None:
    deposer_octets(ctx, nom, octets)
    enregistrer_arrivees(ctx, jour)
    instruire(ctx, jour)
    envoyer_en_attente(ctx, jour)


def reponses(ctx: Contexte) -> list[str]:
    """What was said of the files that came again."""
    with transaction(ctx.moteur) as session:
        assert all(d.nom_fichier != "encore.xlsx" for d in session.exec(select(Depot)))
    return [texte(c) for c in courriels(ctx).values() if c.genre == "deja_recu"]


def declarations(ctx: Contexte) -> list[str]:
    """The steps that have an answer."""
    with transaction(ctx.moteur) as session:
        return [d.etape for d in session.exec(select(Declaration).order_by(col(Declaration.id)))]


def test_refuse_les_points_sont_redits_avec_la_copie(ctx: Contexte) -> None:
    octets = classeur("E1", {"heures_realisees": "?"})
    recevoir(ctx, "réel.xlsx", octets, PREMIER)
    recevoir(ctx, "encore.xlsx", octets, SECOND)
    (dit,) = reponses(ctx)
    assert "renvoyé le mardi 24 février 2026 « encore.xlsx »" in dit
    assert "même fichier que celui du vendredi 20 février 2026, reçu sous le numéro 1" in dit
    assert "Ce point reste à corriger" in dit
    assert "au plus tard le vendredi 27 février 2026 inclus" in dit
    (reponse,) = [c for c in courriels(ctx).values() if c.genre == "deja_recu"]
    assert pieces(reponse) == ["réel-a-corriger.xlsx"]


def test_retenu_il_n_y_a_rien_a_faire_une_reponse_par_envoi(ctx: Contexte) -> None:
    octets = classeur("E1")
    for jour in (PREMIER, SECOND, date(2026, 2, 25)):
        recevoir(ctx, "réel.xlsx" if jour == PREMIER else "encore.xlsx", octets, jour)
    assert ["Il est déjà enregistré" in dit for dit in reponses(ctx)] == [True, True]


def test_une_copie_arrivee_avec_le_premier_n_a_pas_d_autre_reponse(ctx: Contexte) -> None:
    """Replayed on its own day, an arrival says nothing more either."""
    octets = classeur("E1")
    for jour in (PREMIER, PREMIER, SECOND, SECOND):
        recevoir(ctx, "réel.xlsx" if jour == PREMIER else "encore.xlsx", octets, jour)
    assert len(reponses(ctx)) == 1


def test_remplace_on_dit_lequel_compte(ctx: Contexte) -> None:
    octets = classeur("E1")
    recevoir(ctx, "réel.xlsx", octets, PREMIER)
    recevoir(ctx, "corrigé.xlsx", classeur("E1", {"enfants_inscrits": 46}), PREMIER)
    recevoir(ctx, "encore.xlsx", octets, SECOND)
    assert ["un classeur plus récent : c’est lui qui compte" in dit for dit in reponses(ctx)] == [True]


def test_rejete_le_motif_est_redit(ctx: Contexte) -> None:
    octets = classeur("E1")
    recevoir(ctx, "réel.xlsx", octets, PREMIER)
    rejeter(ctx, ETAPE, "E1", "c.martin", "Ce sont les heures de 2024.", PREMIER)
    recevoir(ctx, "encore.xlsx", octets, SECOND)
    assert ["Ce sont les heures de 2024." in dit for dit in reponses(ctx)] == [True]


def test_hors_delai_on_invite_a_appeler(ctx: Contexte) -> None:
    octets = classeur("E1")
    recevoir(ctx, "réel.xlsx", octets, CLOS)
    recevoir(ctx, "encore.xlsx", octets, date(2026, 3, 13))
    assert ["nous regarderons ensemble" in dit for dit in reponses(ctx)] == [True]


def test_hors_delai_puis_prolonge_on_dit_comment_le_renvoyer(ctx: Contexte) -> None:
    octets = classeur("E1")
    recevoir(ctx, "réel.xlsx", octets, CLOS)
    donner_un_delai(ctx, ETAPE, "E1", date(2026, 3, 20), "c.martin", "Départ de la comptable.", CLOS)
    recevoir(ctx, "encore.xlsx", octets, date(2026, 3, 13))
    (dit,) = reponses(ctx)
    assert "un délai vous a été donné : votre réponse est attendue au plus tard le vendredi 20 mars 2026 inclus" in dit
    assert "enregistrez-le de nouveau" in dit


def test_pas_encore_lu_ou_d_on_ne_sait_qui_rien_de_plus(ctx: Contexte) -> None:
    octets, inconnu = classeur("E1"), classeur("E9")
    for nom in ("a.xlsx", "b.xlsx"):
        deposer_octets(ctx, nom, octets)
    deposer_octets(ctx, "c.xlsx", inconnu)
    enregistrer_arrivees(ctx, PREMIER)
    instruire(ctx, PREMIER)
    deposer_octets(ctx, "encore.xlsx", inconnu)
    enregistrer_arrivees(ctx, PREMIER)
    assert [c.genre for c in courriels(ctx).values()] == ["reponse_depot"]


JUIN, NOVEMBRE = "actualisation-juin-2026", "actualisation-novembre-2026"
EN_JUIN, AVANT_NOVEMBRE, EN_NOVEMBRE = date(2026, 7, 2), date(2026, 11, 21), date(2026, 11, 25)


def actualisation(changements: dict[str, object] | None = None) -> bytes:
    return classeur("E1", changements, nature="Actualisation", exercice=2026)


def test_le_fichier_de_juin_ne_repond_pas_a_novembre_et_on_le_dit(ctx: Contexte) -> None:
    octets = actualisation()
    recevoir(ctx, "juin.xlsx", octets, EN_JUIN)
    recevoir(ctx, "encore.xlsx", octets, AVANT_NOVEMBRE)
    recevoir(ctx, "encore.xlsx", octets, EN_NOVEMBRE)
    recevoir(ctx, "novembre.xlsx", actualisation({"enfants_inscrits": 46}), EN_NOVEMBRE)
    recevoir(ctx, "encore.xlsx", octets, date(2026, 11, 26))
    assert declarations(ctx) == [JUIN, NOVEMBRE]
    attend = ["« Actualisation de novembre 2026 » attend toujours votre réponse" in dit for dit in reponses(ctx)]
    assert attend == [False, True, False]
    dit = reponses(ctx)[1]
    assert "même fichier que celui du jeudi 2 juillet 2026, reçu sous le numéro 1" in dit
    assert "envoyé pour la campagne « Actualisation de juin 2026 »" in dit
    assert "au plus tard le lundi 7 décembre 2026 inclus" in dit
    assert "vous n’avez rien d’autre à faire" not in dit
    sujets = [str(message(c)["Subject"]) for c in courriels(ctx).values() if c.genre == "deja_recu"]
    assert ["Réponse toujours attendue" in sujet for sujet in sujets] == attend


def test_refuse_en_juin_il_reste_a_corriger_pour_novembre(ctx: Contexte) -> None:
    octets = actualisation({"heures_realisees": "?"})
    recevoir(ctx, "juin.xlsx", octets, EN_JUIN)
    recevoir(ctx, "encore.xlsx", octets, EN_NOVEMBRE)
    (dit,) = reponses(ctx)
    assert "Ce point reste à corriger" in dit
    assert "Renvoyez votre classeur corrigé en répondant à ce courriel, au plus tard le lundi 7 décembre 2026" in dit
