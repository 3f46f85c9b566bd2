"""After the last reminder a person phones: a task for each partner that still owes, closed by itself or by a person."""

from datetime import date

import pytest

from modeles.base import transaction
from modeles.tables import Partenaire
from modeles.tables.dossiers import GenreTache
from operations.appels import clore_les_appels_inutiles
from operations.contexte import ActeRefuse, Contexte
from operations.prolongations import donner_un_delai
from operations.relances import clore as clore_l_etape
from operations.relances import ouvrir, relancer
from operations.taches import clore, lister, ouvrir_tache
from regles.etats import EtatTache
from tests.operations.dossiers_exemple import PAR, rattraper
from tests.operations.reseau_exemple import ETAPE, courriels, installer, repondre

OUVERTURE, AVANT, APRES, CLOTURE = date(2026, 2, 8), date(2026, 2, 20), date(2026, 2, 28), date(2026, 3, 10)
TOUTES = tuple(EtatTache)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    ouvrir(contexte_deux_bases, ETAPE, OUVERTURE)
    return contexte_deux_bases


def test_la_derniere_relance_demande_un_appel_par_partenaire(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 1, AVANT)
    assert lister(ctx) == ()
    repondre(ctx, "S5")
    assert "3 appel(s) à passer" in relancer(ctx, ETAPE, 2, APRES).message
    dites = {t.partenaire: (t.structures, t.confiee_a, t.telephone, t.echeance) for t in lister(ctx)}
    # Saturday 28 February: three working days later is Wednesday 4 March. P3 has nobody to write to: it has a phone.
    assert dites == {
        "P1": (("S1", "S2"), "CA de Chaumont", "03.25.30.62.42", date(2026, 3, 4)),
        "P2": (("S3",), "CC de l’Ouest Vosgien", "", date(2026, 3, 4)),
        "P3": (("S4",), "CA de Chaumont", "03.25.30.62.42", date(2026, 3, 4)),
    }
    assert len([c for c in courriels(ctx).values() if c.genre == "relance" and c.rang == 2]) == 3


def test_un_arret_qui_emporte_la_derniere_relance_n_emporte_pas_l_appel(ctx: Contexte) -> None:
    rattraper(ctx, ETAPE, CLOTURE)
    assert [t.partenaire for t in lister(ctx)] == ["P1", "P2", "P3", "P4"]
    assert clore_l_etape(ctx, ETAPE, CLOTURE).message.startswith("« reels-2025-a-clore » : déjà")
    assert len(lister(ctx, TOUTES)) == 4


@pytest.mark.parametrize(
    ("etape", "jour", "detail"),
    [
        (ETAPE, APRES, "après la dernière relance."),
        (ETAPE, CLOTURE, "à la clôture."),
        ("previsionnels-2026-a", date(2026, 1, 11), "aucun courriel n’était parti."),
    ],
)
def test_l_appel_dit_ce_que_le_partenaire_a_recu(ctx: Contexte, etape: str, jour: date, detail: str) -> None:
    rattraper(ctx, etape, jour)
    assert [t.detail.endswith(detail) for t in lister(ctx, etape=etape)] == [True] * 4


def test_une_campagne_que_personne_n_a_ouverte_ne_demande_aucun_appel(ctx: Contexte) -> None:
    assert rattraper(ctx, "filoue-2026", date(2026, 5, 26))[-1] == "faite clore"
    assert lister(ctx) == ()


def test_l_appel_se_clot_de_lui_meme_quand_tout_est_venu(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 2, APRES)
    repondre(ctx, "S1", "S3")
    assert clore_les_appels_inutiles(ctx, date(2026, 3, 2)) == 1
    assert clore_les_appels_inutiles(ctx, date(2026, 3, 2)) == 0
    closes = lister(ctx, (EtatTache.SANS_OBJET,))
    assert [(t.partenaire, t.suite) for t in closes] == [("P2", "La réponse est venue, ou n’est plus attendue.")]


def test_l_appel_d_une_etape_retiree_du_calendrier_n_arrete_pas_les_autres(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 2, APRES)
    with transaction(ctx.moteur) as session:
        ouvrir_tache(
            ctx, session, cle="appeler:reels-2019:P1", genre=GenreTache.APPELER,
            partenaire=session.get_one(Partenaire, 1), detail="Réels 2019", echeance=APRES,
            instant=ctx.maintenant(APRES), etape="reels-2019",
        )  # fmt: skip
    repondre(ctx, "S3")
    assert clore_les_appels_inutiles(ctx, date(2026, 3, 2)) == 1
    assert sorted(t.partenaire for t in lister(ctx)) == ["P1", "P1", "P3", "P4"]


def test_un_delai_clot_l_appel_et_sa_derniere_relance_en_demande_un_autre(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 2, APRES)
    donner_un_delai(ctx, ETAPE, "P2", date(2026, 3, 20), PAR, "Départ.", date(2026, 3, 2))
    assert clore_les_appels_inutiles(ctx, date(2026, 3, 3)) == 1
    rattraper(ctx, ETAPE, date(2026, 3, 21))
    assert [t.cle for t in lister(ctx) if t.partenaire == "P2"] == [f"appeler:{ETAPE}-p1:P2"]


def test_une_personne_dit_ce_qu_elle_a_fait(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 2, APRES)
    cle = f"appeler:{ETAPE}:P1"
    tache = clore(ctx, cle, "Appelé : envoi promis lundi.", PAR, APRES)
    assert (tache.etat, tache.suite) == (EtatTache.FAITE, "Appelé : envoi promis lundi.")
    for suite, par, phrase in (
        ("encore", PAR, "déjà close : Appelé"),
        ("", PAR, "Un motif est attendu"),
        ("fait", "inconnue", "n'est pas une personne"),
    ):
        with pytest.raises(ActeRefuse, match=phrase):
            clore(ctx, cle, suite, par, APRES)
    with pytest.raises(ActeRefuse, match="Aucune tâche ne porte la clé"):
        clore(ctx, "appeler:rien", "fait", PAR, APRES)


def test_les_taches_se_lisent_par_etape_et_par_territoire(ctx: Contexte) -> None:
    relancer(ctx, ETAPE, 2, APRES)
    assert len(lister(ctx, territoire="CA de Chaumont")) == 3
    assert len(lister(ctx, etape=ETAPE)) == 4
    assert lister(ctx, etape="autre") == ()
