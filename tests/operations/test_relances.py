"""What the calendar decides: one mail a person, never to who answered, each action once, nothing lost by an outage."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import ActionJouee, Contact, LigneJournal
from operations.contexte import ActeRefuse, Contexte
from operations.relances import actions_a_jouer, apercu, clore, jouer, ouvrir, relancer, sauter
from regles.calendrier import ActionDatee
from regles.etats import EtatAction, EtatCourriel, EtatDeclaration
from tests.operations.reseau_exemple import ETAPE, courriels, installer, ouvrir_sans_courriel, repondre

OUVERTURE, AVANT, APRES, CLOTURE = date(2026, 2, 8), date(2026, 2, 20), date(2026, 2, 28), date(2026, 3, 10)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def structures(ctx: Contexte) -> dict[str, list[str]]:
    """Key of each mail without its genre and step, and the structures it speaks of."""
    return {cle.split(":", 2)[2]: c.structures for cle, c in courriels(ctx).items()}


def test_un_courriel_par_personne_pour_toutes_ses_structures(ctx: Contexte) -> None:
    bilan = ouvrir(ctx, ETAPE, OUVERTURE)
    assert (bilan.etat, bilan.courriels, bilan.structures) == (EtatAction.FAITE, 3, 5)
    # Alix is the contact of two partners, under one address.
    assert sorted(structures(ctx).values()) == [["S1", "S2", "S5"], ["S3"], ["S3"]]
    assert {c.etat for c in courriels(ctx).values()} == {EtatCourriel.A_ENVOYER}
    assert bilan.sans_contact == ("P3 Ville P3",)
    assert "Sans contact : P3 Ville P3" in bilan.message
    assert "RPE" in bilan.message


def test_la_seconde_fois_ne_fait_rien(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    bilan = ouvrir(ctx, ETAPE, OUVERTURE)
    assert (bilan.courriels, len(courriels(ctx))) == (0, 3)
    assert "déjà faite le dimanche 8" in bilan.message


def test_deux_processus_a_la_fois_n_ecrivent_qu_une_fois(ctx: Contexte) -> None:
    with ThreadPoolExecutor(4) as executeur:
        bilans = list(executeur.map(lambda _: ouvrir(ctx, ETAPE, OUVERTURE), range(4)))
    assert sorted(b.courriels for b in bilans) == [0, 0, 0, 3]
    assert len(courriels(ctx)) == 3


def test_une_relance_ne_va_qu_a_ceux_qui_doivent(ctx: Contexte) -> None:
    ouvrir_sans_courriel(ctx)
    repondre(ctx, "S1", "S3")
    repondre(ctx, "S5", etat=EtatDeclaration.REJETEE)
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert (bilan.courriels, bilan.structures) == (1, 3)
    assert structures(ctx) == {"1:1": ["S2", "S5"]}


def test_quand_tous_ont_repondu_la_relance_est_sautee(ctx: Contexte) -> None:
    ouvrir_sans_courriel(ctx)
    repondre(ctx, "S1", "S2", "S3", "S4", "S5")
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert bilan.etat is EtatAction.SAUTEE
    assert "toutes les structures ont répondu" in bilan.message
    assert courriels(ctx) == {}


def test_l_acte_et_ses_courriels_vont_ensemble_au_journal(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE, par="c.martin")
    with transaction(ctx.moteur) as session:
        (ligne,) = session.exec(select(LigneJournal))
    assert (ligne.par, ligne.objet, ligne.objet_id, ligne.action) == ("c.martin", "etape", ETAPE, "ouvrir")
    assert '"courriels": 3' in ligne.details
    assert "@" not in ligne.details


def test_trop_de_courriels_demandent_une_confirmation(ctx: Contexte) -> None:
    relances = ctx.reglages.fichier.relances.model_copy(update={"plafond_courriels": 2})
    fichier = ctx.reglages.fichier.model_copy(update={"relances": relances})
    prudent = Contexte(ctx.reglages.model_copy(update={"fichier": fichier}), ctx.moteur)
    with pytest.raises(ActeRefuse, match="3 courriels, plus que le plafond de 2"):
        ouvrir(prudent, ETAPE, OUVERTURE)
    assert courriels(ctx) == {}
    assert ouvrir(prudent, ETAPE, OUVERTURE, confirme=True).courriels == 3


@pytest.mark.parametrize(
    ("verbe", "jour", "phrase"),
    [
        ("ouvrir", date(2026, 2, 7), "est prévue le dimanche 8"),
        ("relancer", date(2026, 2, 19), "est prévue le vendredi 20"),
        ("clore", date(2026, 3, 9), "est prévue le mardi 10"),
    ],
)
def test_rien_ne_se_joue_avant_son_jour(ctx: Contexte, verbe: str, jour: date, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        {"ouvrir": ouvrir, "clore": clore, "relancer": lambda c, e, j: relancer(c, e, 1, j)}[verbe](ctx, ETAPE, jour)


def test_un_rang_ou_un_acte_inconnu_est_refuse(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="de rang 3"):
        relancer(ctx, ETAPE, 3, AVANT)
    with pytest.raises(ActeRefuse, match="Le calendrier ne prévoit pas"):
        clore(ctx, "cas-2026-02", AVANT)


@pytest.mark.parametrize("identifiant", ["reels-2025-b", "filoue-2026", "cas-2026-02"])
def test_ce_qui_n_est_pas_collecte_est_seulement_note(ctx: Contexte, identifiant: str) -> None:
    jour = date(2026, 5, 8) if identifiant == "filoue-2026" else date(2026, 2, 15)
    acte = relancer(ctx, identifiant, 1, jour) if identifiant == "filoue-2026" else ouvrir(ctx, identifiant, jour)
    assert acte.etat is EtatAction.FAITE
    assert "à tenir à la main" in acte.message
    assert courriels(ctx) == {}


def rattraper(ctx: Contexte, jour: date) -> tuple[list[str], list[str]]:
    """What the daily run does for the step; keys played and skipped."""
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)

    def de_l_etape(actions: tuple[ActionDatee, ...]) -> list[ActionDatee]:
        return [a for a in actions if a.etape == ETAPE]

    jouees = [jouer(ctx, a, jour).cle for a in de_l_etape(a_jouer)]
    sautees = [sauter(ctx, a, jour).cle for a in de_l_etape(a_sauter)]
    return [c.removeprefix(f"{ETAPE}-") for c in jouees], [c.removeprefix(f"{ETAPE}-") for c in sautees]


def test_une_annee_sans_incident(ctx: Contexte) -> None:
    joues = {jour: rattraper(ctx, jour)[0] for jour in (OUVERTURE, AVANT, date(2026, 2, 27), APRES, CLOTURE)}
    assert joues == {
        OUVERTURE: ["ouvrir"],
        AVANT: ["relancer-1"],
        date(2026, 2, 27): [],
        APRES: ["relancer-2"],
        CLOTURE: ["clore"],
    }
    assert rattraper(ctx, date(2026, 3, 20)) == ([], [])


def test_un_arret_de_dix_jours_ne_donne_qu_une_relance(ctx: Contexte) -> None:
    rattraper(ctx, date(2026, 2, 19))
    assert rattraper(ctx, date(2026, 3, 1)) == (["relancer-2"], ["relancer-1"])
    assert {c.rang for c in courriels(ctx).values() if c.genre == "relance"} == {2}
    assert rattraper(ctx, date(2026, 3, 1)) == ([], [])


def test_un_horaire_arrive_trop_tard_saute_de_lui_meme(ctx: Contexte) -> None:
    """Late runs of an orchestrator come in no order: the first reminder after the second writes nothing."""
    ouvrir(ctx, ETAPE, OUVERTURE)
    relancer(ctx, ETAPE, 2, date(2026, 3, 1))
    bilan = relancer(ctx, ETAPE, 1, date(2026, 3, 1))
    assert (bilan.etat, bilan.courriels) == (EtatAction.SAUTEE, 0)


def test_une_ouverture_manquee_tient_lieu_de_relance(ctx: Contexte) -> None:
    bilan = relancer(ctx, ETAPE, 1, AVANT)
    assert bilan.etat is EtatAction.SAUTEE
    assert "l'ouverture n'est pas encore partie" in bilan.message
    assert ouvrir(ctx, ETAPE, AVANT).courriels == 3


def test_un_arret_jusqu_apres_la_cloture_n_ecrit_a_personne(ctx: Contexte) -> None:
    assert rattraper(ctx, date(2026, 3, 12)) == (["clore"], ["ouvrir", "relancer-1", "relancer-2"])
    assert courriels(ctx) == {}


def test_la_cloture_dit_qui_manque(ctx: Contexte) -> None:
    repondre(ctx, "S1", "S2", "S3")
    assert clore(ctx, ETAPE, CLOTURE).message.endswith("close, 2 structure(s) sans réponse (S4, S5).")


def test_l_apercu_dit_a_qui_sans_rien_ecrire(ctx: Contexte) -> None:
    repondre(ctx, "S3")
    prevu = apercu(ctx, ETAPE, 1, AVANT)
    assert [(p.adresse, [code for code, _ in p.structures]) for p in prevu.destinataires] == [
        ("alix@chaumont.example", ["S1", "S2", "S5"])
    ]
    assert prevu.sans_contact == ("P3 Ville P3",)
    assert "RPE" in prevu.a_la_main
    with transaction(ctx.moteur) as session:
        assert session.exec(select(ActionJouee)).all() == []
    assert courriels(ctx) == {}


def test_sans_aucun_contact_l_ouverture_le_dit(contexte: Contexte) -> None:
    installer(contexte)
    with transaction(contexte.moteur) as session:
        for contact in session.exec(select(Contact)):
            contact.actif = False
    bilan = ouvrir(contexte, ETAPE, OUVERTURE)
    assert (bilan.courriels, bilan.structures) == (0, 5)
    assert len(bilan.sans_contact) == 4
