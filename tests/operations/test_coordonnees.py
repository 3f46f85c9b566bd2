"""Bank accounts: checked, recorded by one person, confirmed by another after a call, shown masked."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import CoordonneeBancaire, LigneJournal
from operations.contexte import ActeRefuse, Contexte
from operations.coordonnees import EtatCompte, confirmer, enregistrer, lister
from tests.operations.argent import JOUR, LES_DEUX, LIBERE, PROPOSE, ajouter_partenaire

IBAN = "FR76 3000 6000 0112 3456 7890 189"
AUTRE = "FR14 2004 1010 0505 0001 3M02 606"
ETRANGER = "BE68 5390 0754 7034"
COMPACT = IBAN.replace(" ", "")
APPEL = "rappelé au 03 25 00 00 00 (accueil), réponse de la trésorière"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Two partners without any account."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session, compte=False)
        ajouter_partenaire(session, 2, "Association", compte=False)
    return contexte_deux_bases


def poser(ctx: Contexte, iban: str = IBAN, du: date = JOUR, par: str = PROPOSE) -> int:
    return enregistrer(ctx, "P1", iban, "TRESORERIE DE CHAUMONT", du, par, JOUR).id


def etats(ctx: Contexte, jour: date = JOUR) -> list[EtatCompte]:
    return [compte.etat for compte in lister(ctx, jour=jour)]


def journal(ctx: Contexte) -> list[LigneJournal]:
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(LigneJournal).order_by(col(LigneJournal.numero))))


def test_enregistrer_puis_confirmer(ctx: Contexte) -> None:
    compte = enregistrer(ctx, "P1", IBAN.lower(), "  TRESORERIE  DE CHAUMONT ", JOUR, PROPOSE, JOUR)
    assert (compte.iban, compte.titulaire) == ("FR76 •••• 0189", "TRESORERIE DE CHAUMONT")
    assert (compte.etat, compte.confirmee_par) == (EtatCompte.A_CONFIRMER, None)
    confirme = confirmer(ctx, compte.id, LIBERE, APPEL, JOUR)
    assert (confirme.etat, confirme.confirmee_par) == (EtatCompte.EN_VIGUEUR, LIBERE)
    with transaction(ctx.moteur) as session:
        assert session.get_one(CoordonneeBancaire, compte.id).iban == COMPACT


def test_deux_fois_ne_change_rien(ctx: Contexte) -> None:
    premier = poser(ctx)
    assert poser(ctx) == premier
    confirmer(ctx, premier, LIBERE, APPEL, JOUR)
    confirmer(ctx, premier, LIBERE, "un autre appel", JOUR)
    assert poser(ctx) == premier
    assert [ligne.action for ligne in journal(ctx)] == ["enregistrer", "confirmer"]
    with transaction(ctx.moteur) as session:
        assert session.get_one(CoordonneeBancaire, premier).contre_appel == APPEL


@pytest.mark.parametrize("iban", [IBAN, AUTRE, ETRANGER, COMPACT, "fr76-3000-6000-0112-3456-7890-189"])
def test_ibans_admis(ctx: Contexte, iban: str) -> None:
    assert poser(ctx, iban)


@pytest.mark.parametrize(
    ("iban", "phrase"),
    [
        ("FR76 3000 6000 0112 3456 7890 188", "clé de contrôle"),
        ("FR76 3000 6000 0112 3456 7890", "longueur"),
        ("ZZ68 5390 0754 7034", "pays"),
        ("", "IBAN"),
        ("bonjour", "IBAN"),
        ("FR06 3000 6000 0112 3456 7890 188", "clé RIB"),
    ],
)
def test_ibans_refuses_sans_etre_redits(ctx: Contexte, iban: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase) as refus:
        poser(ctx, iban)
    assert not iban or iban not in str(refus.value)
    assert lister(ctx, jour=JOUR) == ()


@pytest.mark.parametrize(
    ("partenaire", "titulaire", "par", "phrase"),
    [
        ("P9", "Commune", PROPOSE, "aucun partenaire"),
        ("P1", "  ", PROPOSE, "titulaire"),
        ("P1", "x" * 141, PROPOSE, "140 caractères"),
        ("P1", "Commune", LIBERE, "Pour enregistrer un compte bancaire, il faut être habilité"),
        ("P1", "Commune", "inconnu", "n'est pas une personne de l'équipe"),
    ],
)
def test_enregistrements_refuses(ctx: Contexte, partenaire: str, titulaire: str, par: str, phrase: str) -> None:
    with pytest.raises(ActeRefuse, match=phrase):
        enregistrer(ctx, partenaire, IBAN, titulaire, JOUR, par, JOUR)
    assert lister(ctx, jour=JOUR) == ()


def test_la_meme_personne_ne_fait_pas_les_deux(ctx: Contexte) -> None:
    compte = poser(ctx, par=LES_DEUX)
    with pytest.raises(ActeRefuse, match="La base de données l'interdit : la personne qui a enregistré un compte"):
        confirmer(ctx, compte, LES_DEUX, APPEL, JOUR)
    assert etats(ctx) == [EtatCompte.A_CONFIRMER]
    derniere = journal(ctx)[-1]
    assert (derniere.par, derniere.action, derniere.objet_id) == (LES_DEUX, "confirmation_refusee", str(compte))
    assert confirmer(ctx, compte, LIBERE, APPEL, JOUR).etat is EtatCompte.EN_VIGUEUR


@pytest.mark.parametrize(
    ("identifiant", "par", "appel", "phrase"),
    [
        (1, PROPOSE, APPEL, "Pour confirmer un compte bancaire, il faut être habilité"),
        (1, LIBERE, " ", "contre-appel"),
        (1, LIBERE, "x" * 501, "500 caractères"),
        (99, LIBERE, APPEL, "n'existe pas"),
    ],
)
def test_confirmations_refusees(ctx: Contexte, identifiant: int, par: str, appel: str, phrase: str) -> None:
    poser(ctx)
    with pytest.raises(ActeRefuse, match=phrase):
        confirmer(ctx, identifiant, par, appel, JOUR)
    assert etats(ctx) == [EtatCompte.A_CONFIRMER]


def test_une_confirmation_ne_se_refait_pas_par_un_autre(ctx: Contexte) -> None:
    compte = poser(ctx)
    confirmer(ctx, compte, LIBERE, APPEL, JOUR)
    with pytest.raises(ActeRefuse, match=r"déjà été confirmé par a\.leroy"):
        confirmer(ctx, compte, LES_DEUX, APPEL, JOUR)


def test_un_compte_en_remplace_un_autre_a_son_jour(ctx: Contexte) -> None:
    confirmer(ctx, poser(ctx), LIBERE, APPEL, JOUR)
    second = poser(ctx, AUTRE, date(2026, 5, 1))
    confirmer(ctx, second, LIBERE, APPEL, JOUR)
    assert etats(ctx) == [EtatCompte.EN_VIGUEUR, EtatCompte.A_VENIR]
    assert etats(ctx, date(2026, 5, 1)) == [EtatCompte.REMPLACE, EtatCompte.EN_VIGUEUR]


def test_en_clair_pour_qui_libere_et_le_journal_le_dit(ctx: Contexte) -> None:
    poser(ctx)
    with pytest.raises(ActeRefuse, match="Pour lire un compte bancaire en clair"):
        lister(ctx, en_clair_pour=PROPOSE, jour=JOUR)
    assert [c.iban for c in lister(ctx, "P1", en_clair_pour=LIBERE, jour=JOUR)] == [IBAN]
    assert [(li.par, li.action, li.objet_id) for li in journal(ctx)][1:] == [(LIBERE, "lire en clair", "P1")]
    assert lister(ctx, "P2", jour=JOUR) == ()


def test_le_journal_ne_porte_aucun_compte_entier(ctx: Contexte) -> None:
    confirmer(ctx, poser(ctx), LIBERE, f"relu {IBAN}", JOUR)
    lister(ctx, en_clair_pour=LIBERE, jour=JOUR)
    tout = " ".join(f"{li.objet_id} {li.motif} {li.details}" for li in journal(ctx))
    assert COMPACT not in tout.replace(" ", "")
    assert "FR76 •••• 0189" in tout
