"""What did not leave waits for a person, who says why; nothing is sent twice, nor to who has left."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Courriel, LigneJournal
from operations.adresses import desactiver_contact
from operations.boite_envoi import Suite, lister, regler
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.relances import relancer
from regles.etats import EtatCourriel
from tests.operations.reseau_exemple import ETAPE, courriels, installer, ouvrir_sans_courriel, repondre

AVANT, APRES = date(2026, 2, 20), date(2026, 2, 23)
ALIX, BAO, CLEO = (f"relance:{ETAPE}:j-7:{contact}" for contact in (1, 2, 3))
PAR, MOTIF = "c.martin", "vu avec la mairie (alix@chaumont.example)"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Alix's mail is uncertain, Bao's refused, Cléo's has left."""
    installer(contexte_deux_bases)
    ouvrir_sans_courriel(contexte_deux_bases)
    relancer(contexte_deux_bases, ETAPE, 1, AVANT)
    restes = {ALIX: EtatCourriel.A_VERIFIER, BAO: EtatCourriel.REFUSE, CLEO: EtatCourriel.ENVOYE}
    with transaction(contexte_deux_bases.moteur) as session:
        for courriel in session.exec(select(Courriel)):
            courriel.etat, courriel.motif, courriel.tentatives = restes[courriel.cle], "451 plus tard", 8
    return contexte_deux_bases


def journal(ctx: Contexte, objet: str) -> list[tuple[str, str, str, str, str]]:
    with transaction(ctx.moteur) as session:
        lignes = session.exec(
            select(LigneJournal).where(LigneJournal.objet == objet).order_by(col(LigneJournal.numero))
        ).all()
    return [(li.par, li.action, li.avant, li.apres, li.motif) for li in lignes]


def test_ce_qui_attend_une_personne_se_liste(ctx: Contexte) -> None:
    assert [(c.cle, c.nom, c.structures, c.motif) for c in lister(ctx)] == [
        (ALIX, "Alix", ("S1", "S2", "S5"), "451 plus tard"),
        (BAO, "Bao", ("S3",), "451 plus tard"),
    ]
    assert [c.cle for c in lister(ctx, {EtatCourriel.REFUSE})] == [BAO]


@pytest.mark.parametrize("cle", [ALIX, BAO])
def test_renvoye_il_part_une_fois(ctx: Contexte, cle: str) -> None:
    assert regler(ctx, cle, Suite.RENVOYER, PAR, MOTIF, APRES).etat is EtatCourriel.A_ENVOYER
    assert envoyer_en_attente(ctx, APRES).envoyes == 1
    assert courriels(ctx)[cle].etat is EtatCourriel.ENVOYE
    assert cle not in {c.cle for c in lister(ctx)}
    avant = "a_verifier" if cle == ALIX else "refuse"
    assert journal(ctx, "courriel") == [
        (PAR, "regler", avant, "a_envoyer", "vu avec la mairie (adresse)"),
        ("envoi", "prendre", "a_envoyer", "en_cours", ""),
        ("envoi", "envoyer", "en_cours", "envoye", ""),
    ]


def test_renvoye_a_qui_a_repondu_entre_temps_il_ne_part_pas(ctx: Contexte) -> None:
    repondre(ctx, "S3")
    regler(ctx, BAO, Suite.RENVOYER, PAR, MOTIF, APRES)
    assert envoyer_en_attente(ctx, APRES).sans_objet == 1


def test_deja_parti_il_ne_repart_pas(ctx: Contexte) -> None:
    assert regler(ctx, ALIX, Suite.DEJA_PARTI, PAR, MOTIF, APRES).etat is EtatCourriel.ENVOYE
    assert envoyer_en_attente(ctx, APRES).envoyes == 0


@pytest.mark.parametrize(
    ("cle", "suite", "par", "motif", "phrase"),
    [
        (ALIX, Suite.RENVOYER, "a.leroy", MOTIF, "n'est pas habilité"),
        (ALIX, Suite.RENVOYER, PAR, " ", "Un motif est attendu"),
        ("relance:x:j-7:1", Suite.RENVOYER, PAR, MOTIF, "Aucun courriel ne porte la clé"),
        (CLEO, Suite.RENVOYER, PAR, MOTIF, "n'attend personne : il est « envoye »"),
        (BAO, Suite.DEJA_PARTI, PAR, MOTIF, "il n'est pas parti"),
    ],
)
def test_ce_qui_ne_se_regle_pas_est_refuse(
    ctx: Contexte, cle: str, suite: Suite, par: str, motif: str, phrase: str
) -> None:
    avant = [(c.cle, c.etat) for c in courriels(ctx).values()]
    with pytest.raises(ActeRefuse, match=phrase):
        regler(ctx, cle, suite, par, motif, APRES)
    assert [(c.cle, c.etat) for c in courriels(ctx).values()] == avant
    assert journal(ctx, "courriel") == []


def test_une_personne_partie_ne_recoit_plus_rien(ctx: Contexte) -> None:
    bilan = desactiver_contact(ctx, " ALIX@chaumont.example ", PAR, MOTIF, APRES)
    assert (bilan.nom, bilan.partenaires) == ("Alix", ("P1 Ville P1", "P4 Ville P4"))
    assert bilan.sans_contact == bilan.partenaires
    regler(ctx, ALIX, Suite.RENVOYER, PAR, MOTIF, APRES)
    assert envoyer_en_attente(ctx, APRES).motifs == ["le contact n'est plus actif"]
    assert journal(ctx, "contact") == [(PAR, "desactiver", "actif", "inactif", "vu avec la mairie (adresse)")] * 2
    with pytest.raises(ActeRefuse, match="Aucun contact actif"):
        desactiver_contact(ctx, "alix@chaumont.example", PAR, MOTIF, APRES)
