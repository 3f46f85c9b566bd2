"""More time for one partner: its own limit, reminders and closing, the step's published dates never moving."""

from datetime import date

import pytest
from icalendar import Calendar
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Courriel, Prolongation
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dossiers import recevoir
from operations.prolongations import donner_un_delai, prevoir_prolongation
from operations.reception import enregistrer_arrivees, instruire
from operations.relances import apercu, clore, ouvrir, relancer
from operations.suites import lister_suites
from operations.taches import lister
from regles.etats import EtatDepot
from tests.fabrique import classeur, deposer_octets, poser_structure
from tests.operations.commission import fonds
from tests.operations.dossiers_exemple import AAP, PAR, RPE, installer_les_dossiers, rattraper, vu
from tests.operations.reseau_exemple import ETAPE, courriels, installer, message, repondre, texte

# reels-2025-a: 8/02 to 27/02/2026, closed on 10/03.
OUVERTURE, AVANT, APRES, CLOTURE = date(2026, 2, 8), date(2026, 2, 20), date(2026, 2, 28), date(2026, 3, 10)
DONNE, DELAI, RELANCE_AVANT, RELANCE_APRES, FIN = (
    date(2026, 2, 25), date(2026, 3, 20), date(2026, 3, 13), date(2026, 3, 21), date(2026, 3, 30)
)  # fmt: skip
MOTIF = "Départ de la comptable."


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def ecrites(ctx: Contexte, genre: str) -> dict[str, list[str]]:
    """The mails of a genre: what their key says beyond the step and the person, and whom they speak of."""
    return {c.cle.split(":", 1)[1].rsplit(":", 1)[0]: c.structures for c in courriels(ctx).values() if c.genre == genre}


def test_un_delai_a_ses_propres_relances_et_sa_propre_cloture(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    relancer(ctx, ETAPE, 1, AVANT)
    bilan = donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)
    assert (bilan.relances, bilan.fin, bilan.pour, bilan.courriels) == ((RELANCE_AVANT, RELANCE_APRES), FIN, ("S3",), 2)
    assert rattraper(ctx, ETAPE, APRES) == ["faite relancer-j+1"]
    assert ecrites(ctx, "relance")[f"{ETAPE}:j+1"] == ["S1", "S2", "S5"]
    assert rattraper(ctx, ETAPE, CLOTURE) == ["faite clore"]
    assert rattraper(ctx, ETAPE, RELANCE_AVANT) == ["faite p1-relancer-j-7"]
    assert rattraper(ctx, ETAPE, RELANCE_APRES) == ["faite p1-relancer-j+1"]
    assert ecrites(ctx, "relance")[f"{ETAPE}-p1:j+1"] == ["S3"]
    assert rattraper(ctx, ETAPE, FIN) == []
    assert rattraper(ctx, ETAPE, date(2026, 3, 31)) == ["faite p1-clore"]
    assert rattraper(ctx, ETAPE, date(2026, 5, 1)) == []


def test_la_cloture_nomme_les_delais_en_cours_sans_les_compter_absents(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)
    message = clore(ctx, ETAPE, CLOTURE).message
    assert "close, 4 structure(s) sans réponse (S1, S2, S4, S5)." in message
    assert "délai en cours (S3, jusqu’au 20/03/2026)" in message
    ouvertes = lister_suites(ctx, ETAPE, CLOTURE)
    assert ouvertes.codes("délai en cours") == ("S3",)
    assert ouvertes.codes("appel à passer") == ("P1", "P3", "P4")


@pytest.mark.parametrize(
    ("jour", "genre"),
    [(DELAI, "délai en cours"), (RELANCE_APRES, "délai en cours"), (date(2026, 3, 22), "sans réponse")],
)
def test_qui_a_un_delai_n_a_qu_une_ligne_dans_les_suites(contexte: Contexte, jour: date, genre: str) -> None:
    installer(contexte)
    ouvrir(contexte, ETAPE, OUVERTURE)
    donner_un_delai(contexte, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)
    (ligne,) = [li for li in lister_suites(contexte, ETAPE, jour).lignes if li.code == "S3"]
    assert ligne.genre == genre
    assert ligne.decision.startswith("attendre" if genre == "délai en cours" else "appeler, ou donner un délai")


def test_un_delai_apres_la_cloture_rouvre_pour_ce_partenaire_seul(contexte: Contexte) -> None:
    for code, partenaire in (("EAJE01", "P1"), ("EAJE02", "P2")):
        poser_structure(contexte, code, partenaire)
    ouvrir(contexte, ETAPE, OUVERTURE)
    clore(contexte, ETAPE, CLOTURE)
    donner_un_delai(contexte, ETAPE, "EAJE01", DELAI, PAR, MOTIF, date(2026, 3, 12))
    for code in ("EAJE01", "EAJE02"):
        deposer_octets(contexte, f"{code}.xlsx", classeur(code))
    enregistrer_arrivees(contexte, date(2026, 3, 18))
    bilan = instruire(contexte, date(2026, 3, 18))
    assert {li.structure: (li.etat, li.en_retard) for li in bilan.lignes} == {
        "EAJE01": (EtatDepot.ACCEPTE, False),
        "EAJE02": (EtatDepot.REFUSE, True),
    }
    assert rattraper(contexte, ETAPE, date(2026, 3, 21)) == [
        "sautee relancer-j-7", "sautee relancer-j+1", "sautee p1-relancer-j-7", "sautee p1-relancer-j+1"
    ]  # fmt: skip


@pytest.mark.parametrize(("recu_le", "etat"), [(FIN, EtatDepot.ACCEPTE), (date(2026, 3, 31), EtatDepot.REFUSE)])
def test_la_reception_prend_jusqu_au_dernier_jour_du_delai(contexte: Contexte, recu_le: date, etat: EtatDepot) -> None:
    poser_structure(contexte, "EAJE01")
    ouvrir(contexte, ETAPE, OUVERTURE)
    donner_un_delai(contexte, ETAPE, "P1", DELAI, PAR, MOTIF, DONNE)
    deposer_octets(contexte, "EAJE01.xlsx", classeur("EAJE01"))
    enregistrer_arrivees(contexte, recu_le)
    assert [li.etat for li in instruire(contexte, recu_le).lignes] == [etat]


def test_le_courriel_dit_la_nouvelle_date_et_les_relances_la_reprennent(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "P2", DELAI, PAR, MOTIF, DONNE)
    envoyer_en_attente(ctx, DONNE)
    delai = next(c for c in courriels(ctx).values() if c.genre == "prolongation")
    dit = texte(delai).replace("\u00a0", " ")
    assert "votre date limite est maintenant le vendredi 20 mars 2026 inclus" in dit.lower()
    assert "Crèche S3" in dit
    assert MOTIF not in dit
    for jour in (RELANCE_AVANT, RELANCE_APRES):
        rattraper(ctx, ETAPE, jour)
        envoyer_en_attente(ctx, jour)
    avant, apres = [
        c for c in courriels(ctx).values() if c.genre == "relance" and "-p1:" in c.cle and c.contact_id == 2
    ]
    assert "vendredi 20 mars 2026" in avant.sujet.replace("\u00a0", " ")
    assert "jusqu’au lundi 30 mars 2026" in apres.sujet.replace("\u00a0", " ")


def echeances(courriel: Courriel) -> dict[str, date]:
    """The days of the diary file that any diary takes at once, by identifier."""
    (fichier,) = [p for p in message(courriel).iter_attachments() if p.get_filename() == "echeance.ics"]
    evenements = Calendar.from_ical(fichier.get_payload(decode=True)).walk("VEVENT")
    return {str(e["uid"]).partition("@")[0]: e.decoded("dtstart") for e in evenements}


def test_plus_de_temps_pour_une_structure_ne_deplace_pas_la_date_des_autres(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "S1", DELAI, PAR, MOTIF, AVANT)
    envoyer_en_attente(ctx, AVANT)
    ouverture, delai = (c for c in courriels(ctx).values() if c.contact_id == 1)
    assert echeances(ouverture) == {f"{ETAPE}.P1": date(2026, 2, 27)}
    assert echeances(delai) == {f"{ETAPE}.P1.S1": DELAI}
    for code in ("S2", "S5"):  # all that Alix answers for
        donner_un_delai(ctx, ETAPE, code, DELAI, PAR, MOTIF, DONNE)
    envoyer_en_attente(ctx, DONNE)
    assert echeances(list(courriels(ctx).values())[-1]) == {f"{ETAPE}.P1": DELAI}


def test_une_relance_deja_decidee_ne_part_plus_a_qui_recoit_un_delai(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    relancer(ctx, ETAPE, 1, AVANT)
    donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, AVANT)
    bilan = envoyer_en_attente(ctx, AVANT)
    assert "toutes les structures ont répondu" in bilan.motifs
    assert ecrites(ctx, "prolongation")


def test_le_dernier_delai_compte_et_le_premier_se_tait(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)
    donner_un_delai(ctx, ETAPE, "P2", date(2026, 4, 10), PAR, MOTIF, date(2026, 3, 10))
    assert rattraper(ctx, ETAPE, date(2026, 4, 3)) == [
        "sautee relancer-j-7", "sautee relancer-j+1", "faite clore", "faite p2-relancer-j-7"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("de_s1", "pour", "fils"),
    [
        (DELAI, ("S2",), [(DELAI, ["S1"]), (DELAI, ["S2"])]),
        (date(2026, 4, 10), ("S2",), [(date(2026, 4, 10), ["S1"]), (DELAI, ["S2"])]),
        (date(2026, 3, 19), ("S1", "S2"), [(DELAI, ["S1", "S2"])]),
    ],
)
def test_un_delai_du_partenaire_ne_raccourcit_pas_celui_d_une_structure(
    ctx: Contexte, de_s1: date, pour: tuple[str, ...], fils: list[tuple[date, list[str]]]
) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "S1", de_s1, PAR, MOTIF, DONNE)
    assert prevoir_prolongation(ctx, ETAPE, "P1", DELAI, DONNE).pour == pour
    assert donner_un_delai(ctx, ETAPE, "P1", DELAI, PAR, MOTIF, DONNE).pour == pour
    with pytest.raises(ActeRefuse, match="P1 a déjà jusqu'au vendredi 20"):
        donner_un_delai(ctx, ETAPE, "P1", DELAI, PAR, MOTIF, DONNE)
    delais = apercu(ctx, ETAPE, 1, DONNE).delais
    assert [(d.limite, [code for p in d.destinataires for code, _ in p.structures]) for d in delais] == fils


def test_l_apercu_d_un_delai_n_ecrit_rien(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    prevu = prevoir_prolongation(ctx, ETAPE, "P1", DELAI, DONNE)
    assert (prevu.numero, prevu.pour) == (0, ("S1", "S2"))
    assert "S1, S2 auraient jusqu'au vendredi 20" in prevu.message
    with transaction(ctx.moteur) as session:
        assert session.exec(select(Prolongation)).all() == []


def test_l_apercu_d_une_relance_montre_aussi_celles_des_delais(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, AVANT)
    donner_un_delai(ctx, ETAPE, "S4", date(2026, 4, 10), PAR, MOTIF, DONNE)
    prevu = apercu(ctx, ETAPE, 1, DONNE)
    assert {code for p in prevu.destinataires for code, _ in p.structures} == {"S1", "S2", "S5"}
    premier, second = prevu.delais
    assert (premier.numero, premier.limite, premier.le) == (1, DELAI, RELANCE_AVANT)
    assert [(p.adresse, p.structures) for p in premier.destinataires] == [
        (adresse, (("S3", "Crèche S3"),)) for adresse in ("bao@langres.example", "cleo@langres.example")
    ]
    assert (second.numero, second.destinataires, second.sans_contact) == (2, (), ("P3 Ville P3",))
    repondre(ctx, "S3")
    assert [d.numero for d in apercu(ctx, ETAPE, 2, DONNE).delais] == [2]
    rattraper(ctx, ETAPE, date(2026, 4, 3))
    assert apercu(ctx, ETAPE, 1, date(2026, 4, 3)).delais == ()  # both have left, or were not needed
    assert apercu(ctx, ETAPE, 0, DONNE).delais == ()  # the mail that gives the time stands for an opening


@pytest.mark.parametrize(
    ("etape", "code", "limite", "jour", "phrase"),
    [
        (ETAPE, "S3", date(2026, 2, 27), DONNE, "se répond déjà jusqu'au vendredi 27"),
        (ETAPE, "S3", date(2026, 3, 9), CLOTURE, "est déjà passé"),
        (ETAPE, "S3", date(2027, 2, 28), DONNE, "dimanche 28.février.2027 vient plus d'un an après .*vérifiez l'année"),
        (ETAPE, "S3", DELAI, date(2026, 2, 7), "n'est pas encore ouverte .elle ouvre le dimanche 8"),
        (ETAPE, "INCONNU", DELAI, DONNE, "n'est le code d'aucune structure"),
        ("inconnue", "S3", DELAI, DONNE, "n'est dans aucun calendrier"),
        ("acompte-1-2026", "S3", DELAI, DONNE, "n'a pas de date limite"),
        ("cas-2026-04", "P2", DELAI, DONNE, "n'a pas de date limite"),
        ("filoue-2026", "S3", date(2026, 6, 1), date(2026, 5, 20), "personne ne l'a ouverte"),
    ],
)
def test_ce_qui_ne_se_prolonge_pas_est_dit(
    contexte: Contexte, etape: str, code: str, limite: date, jour: date, phrase: str
) -> None:
    installer(contexte)
    with pytest.raises(ActeRefuse, match=phrase):
        donner_un_delai(contexte, etape, code, limite, PAR, MOTIF, jour)


def test_un_delai_demande_un_motif_une_personne_et_quelqu_un_qui_doive(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    with pytest.raises(ActeRefuse, match="motif"):
        donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, " ", DONNE)
    with pytest.raises(ActeRefuse, match="pas habilité"):
        donner_un_delai(ctx, ETAPE, "S3", DELAI, "a.leroy", MOTIF, DONNE)
    donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)
    with pytest.raises(ActeRefuse, match="S3 a déjà jusqu'au vendredi 20"):
        donner_un_delai(ctx, ETAPE, "S3", DELAI, PAR, MOTIF, DONNE)


def test_un_dossier_prolonge_se_recoit_et_ses_relances_suivent_les_jours_ouvres(contexte: Contexte) -> None:
    installer_les_dossiers(contexte)
    ouvrir(contexte, RPE, date(2026, 4, 14))
    rattraper(contexte, RPE, date(2026, 6, 8))
    bilan = donner_un_delai(contexte, RPE, "S3", date(2026, 7, 13), PAR, MOTIF, date(2026, 6, 10))
    assert bilan.relances == (date(2026, 6, 29), date(2026, 7, 10), date(2026, 7, 15))  # the 14th is a holiday
    with pytest.raises(ActeRefuse, match="est close pour S2"):
        recevoir(contexte, RPE, "S2", vu("sphinx"), date(2026, 7, 1))
    assert "complet" in recevoir(contexte, RPE, "S3", vu("sphinx"), date(2026, 7, 1)).message
    assert rattraper(contexte, RPE, date(2026, 7, 24)) == [
        "sautee p1-relancer-j-14", "sautee p1-relancer-j-3", "sautee p1-relancer-j+1", "faite p1-clore"
    ]  # fmt: skip
    assert [t.etat.value for t in lister(contexte, etape=RPE)] == ["ouverte", "ouverte"]


def test_un_delai_ne_deplace_pas_la_date_de_la_commission_et_le_dit(contexte: Contexte) -> None:
    fonds.installer(contexte)
    ouvrir(contexte, AAP, date(2025, 11, 28))
    envoyer_en_attente(contexte, date(2025, 11, 28))
    reference = fonds.demander(contexte, date(2025, 12, 20), complete=False)
    dites = f"demandes déjà enregistrées : {reference} « Ludothèque itinérante » (complète au plus tard le 10/01/2026)."
    assert dites in prevoir_prolongation(contexte, AAP, "P1", date(2026, 1, 25), date(2026, 1, 5)).message
    envoyer_en_attente(contexte, date(2026, 1, 5))
    donner_un_delai(contexte, AAP, "P1", date(2026, 1, 25), PAR, MOTIF, date(2026, 1, 6))
    envoyer_en_attente(contexte, date(2026, 1, 6))
    (delai,) = [c for c in courriels(contexte).values() if c.genre == "prolongation"]
    dit = " ".join(texte(delai).split())
    assert "votre date limite est maintenant le dimanche 25 janvier 2026" in dit.lower()
    assert f"Votre demande {reference} « Ludothèque itinérante » est bien enregistrée" in dit
    assert "complet au plus tard le samedi 10 janvier 2026 inclus" in dit
