"""An indu is told once to those concerned, before anything is withheld; cancelled after that, it is told again."""

from datetime import date

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Contact, Convention, Courriel, Droit
from operations.avis_indus import BilanAvis, notifier_indus
from operations.calcul import expliquer
from operations.configuration import bareme
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import BilanEnvoi, envoyer_en_attente
from operations.dus import preparer_dus
from regles.cibles import calculer_cible
from regles.etats import EtatCourriel
from tests.operations.argent import (
    ETAPE,
    INSTANT,
    JOUR,
    ajouter_declaration,
    ajouter_partenaire,
    ajouter_reprise,
    ajouter_structure,
    etats,
)
from tests.operations.reseau_exemple import message, texte

LENDEMAIN = date(2026, 3, 13)


def poser_droit(ctx: Contexte, declaration: int, montant: int, rang: int = 1) -> None:
    """Record a right with a true explanation, as a computation writes it."""
    calcule = calculer_cible("EAJE", "reel", 2025, montant, bareme(ctx), JOUR)
    with transaction(ctx.moteur) as session:
        session.add(
            Droit(
                declaration_id=declaration, connu_le=JOUR, calcule_le=INSTANT, montant_centimes=montant, payable=True,
                demonstration=True, empreinte=f"{declaration}-{montant}", rang=rang,
                explication=expliquer(calcule, connu_le=JOUR),
            )
        )  # fmt: skip


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """S01 and S02 of one partner owe back 100,00 and 50,00 €, S03 of another 10,00 €; S04 is due a solde."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session, nom="Commune")
        ajouter_partenaire(session, 2, "Association")
        for rang, (partenaire, nom, adresse) in enumerate(
            [
                (1, "Alix", "alix@commune.example"),
                (1, "Bao", "bao@commune.example"),
                (2, "Alix", "Alix@commune.example"),
            ]
        ):
            session.add(Contact(id=rang + 1, partenaire_id=partenaire, nom=nom, courriel=adresse))
        for rang, partenaire, retenue in ((1, 1, "0.4"), (2, 1, "0.4"), (3, 2, "0.4"), (4, 2, "0.4")):
            ajouter_structure(session, rang, partenaire, retenue)
            ajouter_declaration(session, rang, rang)
        for rang, paye in ((1, 50_000), (2, 30_000), (3, 7_000)):
            ajouter_reprise(session, rang, paye)
    for rang, droit in ((1, 40_000), (2, 25_000), (3, 6_000), (4, 9_000)):
        poser_droit(contexte_deux_bases, rang, droit)
    preparer_dus(contexte_deux_bases, ETAPE, JOUR)
    return contexte_deux_bases


def avis(ctx: Contexte, jour: date = JOUR) -> BilanAvis:
    return notifier_indus(ctx, ETAPE, jour)


def envoyer(ctx: Contexte, jour: date = JOUR) -> BilanEnvoi:
    return envoyer_en_attente(ctx, jour)


def courriels(ctx: Contexte) -> list[Courriel]:
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(Courriel).order_by(col(Courriel.id))))


def test_un_courriel_par_personne_pour_tous_ses_indus(ctx: Contexte) -> None:
    bilan = avis(ctx)
    assert (bilan.courriels, bilan.annonces, bilan.sans_contact) == (
        2, ["2025-EAJE-S01-02", "2025-EAJE-S02-02", "2025-EAJE-S03-02"], (),
    )  # fmt: skip
    assert bilan.phrase == "2 courriel(s) à envoyer pour annoncer 3 indu(s)."
    assert [(c.cle, c.structures) for c in courriels(ctx)] == [
        ("indu:2025-EAJE-S01-02:1", ["S01", "S02", "S03"]),
        ("indu:2025-EAJE-S01-02:2", ["S01", "S02"]),
    ]


def test_une_fois_pour_toutes(ctx: Contexte) -> None:
    avis(ctx)
    assert avis(ctx).courriels == 0
    envoyer(ctx)
    with transaction(ctx.moteur) as session:
        session.add(Contact(id=9, partenaire_id=1, nom="Nouvelle", courriel="nouvelle@commune.example"))
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    assert (avis(ctx, LENDEMAIN).courriels, avis(ctx, LENDEMAIN).phrase) == (0, "")
    assert envoyer(ctx, LENDEMAIN).envoyes == 0


def test_ce_que_dit_le_courriel(ctx: Contexte) -> None:
    avis(ctx)
    assert envoyer(ctx).envoyes == 2
    _, seule = courriels(ctx)
    assert "Régularisation 2025 : 150,00 € versés en trop, 2 structures" in seule.sujet.replace("\u00a0", " ")
    dit = texte(seule).replace("\u00a0", " ").replace("\u202f", " ")
    for attendu in (
        "Vous n’avez rien à faire pour l’instant",
        "code S01), exercice 2025 Droit définitif : 400,00 € Déjà versé : 500,00 € Versé en trop : 100,00 €",
        "« calcul-2025-S02.html », joint",
        "au plus 40 % de chaque versement",
        "CA de Chaumont :",
        "DÉMONSTRATION",
    ):
        assert attendu in dit
    assert "FR76" not in dit
    pieces = {str(p.get_filename()): p.get_content() for p in message(seule).iter_attachments()}
    assert list(pieces) == ["calcul-2025-S01.html", "calcul-2025-S02.html"]
    assert "400,00" in str(pieces["calcul-2025-S01.html"])


@pytest.mark.parametrize(
    ("parts", "attendu"),
    [
        ((None, None), "Rien ne sera retenu sans vous en avoir parlé"),
        (("1", "1"), "au plus la totalité de chaque versement"),
        (("0.4", "0.25"), "au plus la part que fixe la convention de la structure payée (40 % au plus)"),
    ],
)
def test_la_retenue_est_celle_des_conventions(
    ctx: Contexte, parts: tuple[str | None, str | None], attendu: str
) -> None:
    with transaction(ctx.moteur) as session:
        for convention in session.exec(select(Convention)):
            convention.retenue_maximale = parts[convention.structure_id % 2] or "0"
            session.add(convention)
    avis(ctx)
    envoyer(ctx)
    assert attendu in texte(courriels(ctx)[1]).replace("\u00a0", " ")


def test_annule_avant_l_envoi_il_ne_part_pas(ctx: Contexte) -> None:
    avis(ctx)
    for rang in (1, 2, 3):
        poser_droit(ctx, rang, 80_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    assert avis(ctx).courriels == 0
    bilan = envoyer(ctx)
    assert (bilan.envoyes, bilan.sans_objet, bilan.motifs) == (0, 2, ["l'indu est annulé"] * 2)


def test_annule_apres_l_annonce_il_se_dit_une_fois(ctx: Contexte) -> None:
    avis(ctx)
    envoyer(ctx)
    poser_droit(ctx, 1, 80_000, rang=2)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    assert ("indu", 10_000, "annule") in etats(ctx)
    bilan = avis(ctx, LENDEMAIN)
    assert (bilan.courriels, bilan.annonces, bilan.annulations) == (2, [], ["2025-EAJE-S01-02"])
    assert bilan.phrase == "2 courriel(s) à envoyer pour annoncer 1 annulation(s) d’indu."
    assert avis(ctx, LENDEMAIN).courriels == 0
    assert envoyer(ctx, LENDEMAIN).envoyes == 2
    dit = texte(courriels(ctx)[-1]).replace("\u00a0", " ")
    assert "exercice 2025 : 100,00 € annoncés le jeudi 12 mars 2026, annulés (référence 2025-EAJE-S01-02)" in dit
    assert "Rien n’a été retenu" in dit
    assert avis(ctx, LENDEMAIN).courriels == 0


def test_remplace_apres_l_annonce_la_nouvelle_le_dit(ctx: Contexte) -> None:
    avis(ctx)
    envoyer(ctx)
    poser_droit(ctx, 1, 45_000, rang=2)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    bilan = avis(ctx, LENDEMAIN)
    assert (bilan.courriels, bilan.annonces, bilan.annulations) == (2, ["2025-EAJE-S01-03"], [])
    assert envoyer(ctx, LENDEMAIN).envoyes == 2
    dit = texte(courriels(ctx)[-1]).replace("\u00a0", " ")
    assert "Versé en trop : 50,00 €" in dit
    assert "Ce montant remplace celui que nous vous avions annoncé le jeudi 12 mars 2026" in dit


def test_une_annulation_remplacee_avant_l_envoi_ne_part_pas(ctx: Contexte) -> None:
    avis(ctx)
    envoyer(ctx)
    poser_droit(ctx, 1, 80_000, rang=2)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    avis(ctx, LENDEMAIN)
    poser_droit(ctx, 1, 45_000, rang=3)
    preparer_dus(ctx, ETAPE, LENDEMAIN)
    assert avis(ctx, LENDEMAIN).annonces == ["2025-EAJE-S01-04"]
    bilan = envoyer(ctx, LENDEMAIN)
    assert (bilan.envoyes, bilan.sans_objet) == (2, 2)
    assert bilan.motifs == ["un autre indu, annoncé à part, le remplace"] * 2


def test_sans_personne_a_qui_ecrire_l_equipe_le_sait(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        for contact in session.exec(select(Contact).where(Contact.partenaire_id == 2)):
            contact.actif = False
            session.add(contact)
    bilan = avis(ctx)
    assert bilan.sans_contact == ("P2 Association",)
    assert bilan.phrase.endswith("Indu à annoncer autrement, personne à qui écrire : P2 Association.")
    assert avis(ctx).sans_contact == ("P2 Association",)


def test_une_adresse_refusee_se_redit_a_l_equipe_et_s_ecrit_a_une_autre(ctx: Contexte) -> None:
    avis(ctx)
    with transaction(ctx.moteur) as session:
        for courriel in session.exec(select(Courriel)):
            courriel.etat = EtatCourriel.REFUSE
            session.add(courriel)
    assert avis(ctx).sans_contact == ("P1 Commune", "P2 Association")
    with transaction(ctx.moteur) as session:
        session.add(Contact(id=9, partenaire_id=1, nom="Nouvelle", courriel="nouvelle@commune.example"))
    bilan = avis(ctx)
    assert (bilan.courriels, bilan.annonces) == (1, ["2025-EAJE-S01-02", "2025-EAJE-S02-02"])


def test_une_etape_inconnue_est_refusee(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="dans aucun calendrier"):
        notifier_indus(ctx, "inconnue", JOUR)
