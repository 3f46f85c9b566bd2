"""One mail a person and a day, whatever the steps; what leaves together is claimed, finished and settled together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Contact, Courriel, Structure
from modeles.tables.reseau import StatutGestionnaire
from operations import courriels as module
from operations.boite_envoi import Suite, lister, regler
from operations.contexte import Contexte
from operations.courriels import BilanEnvoi, envoyer_en_attente
from operations.dossiers import noter_intention
from operations.relances import ouvrir
from regles.calendrier import PARIS
from regles.etats import EtatCourriel
from schemas.configuration.reglages import ModeCourriel
from tests.operations.dossiers_exemple import PAR, RPE, installer_les_dossiers, rattraper
from tests.operations.reseau_exemple import courriels, installer, message, pieces, repondre, texte
from tests.operations.test_courriels import en_mode

LUNDI, MARDI, MERCREDI = date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)
CRECHES, LOISIRS = "ouverture:reels-2025-a:0:1", "ouverture:reels-2025-b:0:1"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Alix answers for three crèches of two partners and a leisure centre; Bao and Cléo for one crèche."""
    ctx = contexte_deux_bases
    installer(ctx)
    with transaction(ctx.moteur) as session:
        session.add(
            Structure(
                code="S6", nom="Accueil S6", partenaire_id=1, prestation="ALSH", siret="21520121100014",
                commune_insee="52448", commune="Saint-Dizier", epci_siren="200068666",
                epci="CA du Grand Saint-Dizier Der et Vallées", type_accueil="extrascolaire",
                statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
            )
        )  # fmt: skip
    return ctx


@pytest.fixture
def decidee(ctx: Contexte) -> Contexte:
    """Both openings decided on one day, nothing sent yet."""
    for etape in ("reels-2025-b", "reels-2025-a"):
        ouvrir(ctx, etape, LUNDI)
    return ctx


def changer(ctx: Contexte, choisir: Callable[[Courriel], bool] = lambda _: True, **champs: Any) -> None:
    with transaction(ctx.moteur) as session:
        for courriel in filter(choisir, session.exec(select(Courriel))):
            for champ, valeur in champs.items():
                setattr(courriel, champ, valeur)


def partis(ctx: Contexte) -> list[str]:
    return sorted(f.stem for f in (ctx.reglages.var / "courriels").rglob("*.eml"))


def test_deux_campagnes_un_courriel_les_dates_d_abord(decidee: Contexte) -> None:
    bilan = envoyer_en_attente(decidee, LUNDI)
    assert (bilan.envoyes, bilan.reunis, bilan.reportes) == (3, 1, 0)
    porteur, porte = courriels(decidee)[LOISIRS], courriels(decidee)[CRECHES]
    assert (porteur.etat, porte.etat) == (EtatCourriel.ENVOYE, EtatCourriel.ENVOYE)
    assert (porteur.porteur, porte.porteur) == (LOISIRS, LOISIRS)
    assert porte.sujet == porteur.sujet == message(porteur)["Subject"]
    assert "2 échéances avec la Caf, la première le vendredi 27 février 2026" in porteur.sujet.replace("\u00a0", " ")
    dit = texte(porteur).replace("\u00a0", " ")
    ordre = [
        "1. Réels 2025 (EAJE",
        "2. Réels 2025 (ALSH)",
        "Échéance 1 sur 2. Réels 2025 : à renvoyer",
        "Classeur : ",
        "Échéance 2 sur 2.",
        "Une question ?",
    ]
    assert [dit.index(mot) for mot in ordre] == sorted(dit.index(mot) for mot in ordre)
    assert dit.count("Bonjour Alix") == dit.count("Une question ?") == 1
    assert "03 25 30 62 42" in dit
    assert "03 25 56 74 45" in dit
    assert len([p for p in pieces(porteur) if p.endswith(".xlsx")]) == 4
    assert [p for p in pieces(porteur) if p.endswith(".ics")] == ["echeance.ics"]
    assert porte.octets is None


def test_un_seul_agenda_porte_toutes_les_dates(decidee: Contexte) -> None:
    envoyer_en_attente(decidee, LUNDI)
    (ics,) = [p for p in message(courriels(decidee)[LOISIRS]).iter_attachments() if p.get_filename() == "echeance.ics"]
    dates = {e["uid"].split("@")[0]: e.decoded("dtstart") for e in Calendar.from_ical(ics.get_content()).walk("VEVENT")}
    assert dates["reels-2025-a.P1"] == date(2026, 2, 27)
    assert dates["reels-2025-b.P1"] == date(2026, 3, 6)
    assert dates["actualisation-juin-2026.P1"] == date(2026, 7, 10)
    assert min(dates.values()) >= LUNDI


def test_seul_il_garde_sa_forme(decidee: Contexte) -> None:
    repondre(decidee, "S1", "S2", "S5", "S3")
    bilan = envoyer_en_attente(decidee, LUNDI)
    assert (bilan.envoyes, bilan.reunis, bilan.sans_objet) == (1, 0, 3)
    seul = courriels(decidee)[LOISIRS]
    assert seul.porteur == ""
    assert "échéances avec la Caf" not in seul.sujet


def test_le_jour_meme_le_suivant_attend_demain_neuf_heures_et_le_dit(ctx: Contexte) -> None:
    ouvrir(ctx, "reels-2025-a", LUNDI)
    assert envoyer_en_attente(ctx, LUNDI).envoyes == 3
    ouvrir(ctx, "reels-2025-b", LUNDI)
    bilan = envoyer_en_attente(ctx, LUNDI)
    assert (bilan.envoyes, bilan.reportes) == (0, 1)
    assert bilan.motifs == ["un courriel est déjà parti ce jour à cette personne : celui-ci attend le 17/02"]
    attend = courriels(ctx)[LOISIRS]
    assert attend.etat is EtatCourriel.A_ENVOYER
    assert attend.prochain_essai_le == datetime(2026, 2, 17, 9, tzinfo=PARIS)
    assert attend.tentatives == 0
    assert envoyer_en_attente(ctx, LUNDI) == BilanEnvoi()
    assert envoyer_en_attente(ctx, MARDI).envoyes == 1


def test_reporte_il_ne_reste_jamais_au_jour_meme(contexte_deux_bases: Contexte) -> None:
    # Friday 5 June: the relays' reports are taken until Sunday 7, and leave on working days only.
    ctx, vendredi, appel = contexte_deux_bases, date(2026, 6, 5), "aap-plan-mercredi-2026"
    installer_les_dossiers(ctx)
    noter_intention(ctx, appel, "P1", PAR, date(2026, 5, 4))
    for etape in (appel, RPE):
        rattraper(ctx, etape, vendredi)
        envoyer_en_attente(ctx, vendredi)
    reportes = [c for c in courriels(ctx).values() if c.etat is EtatCourriel.A_ENVOYER]
    assert [c.prochain_essai_le.astimezone(PARIS).date() for c in reportes] == [date(2026, 6, 6)]


def test_reporte_il_est_relu_demain(ctx: Contexte) -> None:
    for etape in ("reels-2025-a", "reels-2025-b"):
        ouvrir(ctx, etape, LUNDI)
        envoyer_en_attente(ctx, LUNDI)
    with transaction(ctx.moteur) as session:
        session.get_one(Contact, 1).actif = False
    assert envoyer_en_attente(ctx, MARDI).sans_objet == 1
    assert len(partis(ctx)) == 3


def test_une_reponse_a_un_depot_n_attend_jamais(decidee: Contexte) -> None:
    envoyer_en_attente(decidee, LUNDI)
    instant = decidee.maintenant(LUNDI)
    with transaction(decidee.moteur) as session:
        session.add(
            Courriel(
                cle="indu:x:1", genre="indu", etape="reels-2025-a", contact_id=1, structures=["S1"],
                contexte={"indus": []}, etat=EtatCourriel.A_ENVOYER, prochain_essai_le=instant, decide_le=instant,
            )
        )  # fmt: skip
    assert envoyer_en_attente(decidee, LUNDI).reportes == 0
    assert courriels(decidee)["indu:x:1"].etat is EtatCourriel.SANS_OBJET


def test_l_ouverture_en_retard_tient_lieu_de_la_relance_du_jour(decidee: Contexte) -> None:
    instant = decidee.maintenant(LUNDI)
    with transaction(decidee.moteur) as session:
        session.add(
            Courriel(
                cle="relance:reels-2025-a:j-7:1", genre="relance", etape="reels-2025-a", contact_id=1, rang=1,
                structures=["S1"], contexte={}, etat=EtatCourriel.A_ENVOYER, prochain_essai_le=instant,
                decide_le=instant,
            )
        )  # fmt: skip
    bilan = envoyer_en_attente(decidee, LUNDI)
    assert (bilan.envoyes, bilan.reunis, bilan.sans_objet) == (3, 1, 1)
    assert bilan.motifs == [module.DEJA_DIT]


def test_simulation_un_pli_interrompu_avant_le_depart_se_finit(decidee: Contexte) -> None:
    changer(decidee, lambda c: c.contact_id == 1, etat=EtatCourriel.EN_COURS, porteur=LOISIRS)
    bilan = envoyer_en_attente(decidee, LUNDI)
    assert (bilan.envoyes, bilan.reunis) == (3, 1)
    assert partis(decidee) == ["ouverture.reels-2025-a.0.2", "ouverture.reels-2025-a.0.3", "ouverture.reels-2025-b.0.1"]


def test_simulation_un_pli_parti_se_note_entier_a_son_jour(decidee: Contexte) -> None:
    envoyer_en_attente(decidee, LUNDI)
    avant = partis(decidee)
    changer(
        decidee, lambda c: c.contact_id == 1, etat=EtatCourriel.EN_COURS, octets=None, envoye_le=None, destinataire=""
    )
    repondre(decidee, "S1", "S2", "S5")
    bilan = envoyer_en_attente(decidee, MARDI)
    assert (bilan.envoyes, bilan.reunis, bilan.sans_objet) == (1, 1, 0)
    assert partis(decidee) == avant
    for cle in (CRECHES, LOISIRS):
        note = courriels(decidee)[cle]
        assert note.envoye_le is not None
        assert (note.etat, note.envoye_le.date()) == (EtatCourriel.ENVOYE, LUNDI)


def test_smtp_un_pli_interrompu_attend_une_personne_qui_regle_les_deux(decidee: Contexte) -> None:
    reel = en_mode(decidee, ModeCourriel.REEL, smtp_hote="127.0.0.1", smtp_port=1, smtp_securite="aucune")
    changer(decidee, lambda c: c.contact_id == 1, etat=EtatCourriel.EN_COURS, porteur=LOISIRS)
    changer(decidee, lambda c: c.contact_id != 1, etat=EtatCourriel.ENVOYE)
    bilan = envoyer_en_attente(reel, LUNDI)
    assert (bilan.envoyes, bilan.a_verifier) == (0, 1)
    assert {c.cle for c in lister(decidee)} == {CRECHES, LOISIRS}
    regler(decidee, CRECHES, Suite.DEJA_PARTI, "c.martin", "vu avec elle", LUNDI)
    assert lister(decidee) == ()
    assert {c.etat for c in courriels(decidee).values()} == {EtatCourriel.ENVOYE}


def test_ce_qui_a_pu_partir_compte_pour_le_jour(ctx: Contexte) -> None:
    ouvrir(ctx, "reels-2025-a", LUNDI)
    changer(ctx, etat=EtatCourriel.A_VERIFIER)
    ouvrir(ctx, "reels-2025-b", LUNDI)
    assert envoyer_en_attente(ctx, LUNDI).reportes == 1
    regler(ctx, CRECHES, Suite.RENVOYER, "c.martin", "rien reçu", MARDI)
    bilan = envoyer_en_attente(ctx, MARDI)
    assert (bilan.envoyes, bilan.reunis) == (1, 1)


def test_une_partie_qui_ne_s_ecrit_pas_n_arrete_pas_les_autres(
    decidee: Contexte, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparer = module.preparer

    def capricieuse(contexte: Contexte, courriel: Courriel, *reste: Any) -> Any:
        if courriel.cle == LOISIRS:
            raise OSError("disque plein")
        return preparer(contexte, courriel, *reste)

    monkeypatch.setattr(module, "preparer", capricieuse)
    bilan = envoyer_en_attente(decidee, LUNDI)
    assert (bilan.envoyes, bilan.a_reessayer, bilan.reunis) == (3, 1, 0)
    assert (courriels(decidee)[CRECHES].etat, courriels(decidee)[CRECHES].porteur) == (EtatCourriel.ENVOYE, "")
    monkeypatch.setattr(module, "preparer", preparer)
    assert envoyer_en_attente(decidee, MARDI).envoyes == 1


def test_a_l_heure_des_actions_les_courriels_attendent_d_etre_tous_decides(ctx: Contexte) -> None:
    ouvrir(ctx, "reels-2025-a", LUNDI)
    changer(ctx, prochain_essai_le=datetime(2026, 2, 15, 9, tzinfo=PARIS))
    neuf_heures_une, trente = (
        replace(ctx, horloge=lambda minute=minute: datetime(2026, 2, 15, 9, minute, tzinfo=PARIS)) for minute in (1, 30)
    )
    bilan = envoyer_en_attente(neuf_heures_une)
    assert (bilan.envoyes, bilan.motifs) == (0, [module.D_AUTRES_SUIVENT])
    assert envoyer_en_attente(trente).envoyes == 3
