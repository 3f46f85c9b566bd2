"""The outbox: sent once, rechecked at sending, never sent again by itself after a crash."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import col, select

from echanges.classeur import isolement
from modeles.base import transaction
from modeles.tables import AnomalieDepot, Contact, Courriel, Depot, LigneJournal, Structure
from operations import courriels as module
from operations.classeurs import produire_modele
from operations.contexte import Contexte
from operations.courriels import envoyer_en_attente, verrou_envoi
from operations.relances import ouvrir, relancer
from regles.anomalies import Severite
from regles.etats import EtatCourriel, EtatDepot
from schemas.configuration.reglages import ModeCourriel
from tests.operations.reseau_exemple import (
    ETAPE,
    courriels,
    installer,
    message,
    ouvrir_sans_courriel,
    pieces,
    repondre,
    texte,
)

OUVERTURE, AVANT, APRES = date(2026, 2, 8), date(2026, 2, 20), date(2026, 2, 28)
ALIX = f"relance:{ETAPE}:j-7:1"


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


@pytest.fixture
def ouverte(ctx: Contexte) -> Contexte:
    """The same, once the opening is behind."""
    ouvrir_sans_courriel(ctx)
    return ctx


def etats(ctx: Contexte) -> list[str]:
    return sorted(c.etat.value for c in courriels(ctx).values())


def fichiers(ctx: Contexte) -> list[Path]:
    return sorted((ctx.reglages.var / "courriels").rglob("*.eml"))


def mettre(ctx: Contexte, **champs: Any) -> None:
    """Put every mail in a state, as a run that died would have left it."""
    with transaction(ctx.moteur) as session:
        for courriel in session.exec(select(Courriel)):
            for champ, valeur in champs.items():
                setattr(courriel, champ, valeur)


def test_l_ouverture_porte_les_classeurs_l_echeance_et_les_contacts(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    bilan = envoyer_en_attente(ctx, OUVERTURE)
    assert (bilan.envoyes, bilan.motifs) == (3, [])
    alix = courriels(ctx)[f"ouverture:{ETAPE}:0:1"]
    assert (alix.destinataire, alix.etat) == ("alix@chaumont.example", EtatCourriel.ENVOYE)
    assert alix.sujet == message(alix)["Subject"]
    assert alix.sujet.startswith("[DÉMONSTRATION] Réels 2025")
    assert len([p for p in pieces(alix) if p.endswith(".xlsx")]) == 3
    assert pieces(alix)[-2:] == ["agenda-caf.ics", "echeance.ics"]
    dit = texte(alix)
    assert "« agenda-caf.ics » porte toutes vos dates à venir" in dit.replace("\u00a0", " ")
    assert "vos 3 structures" in dit
    assert "vendredi 27 février 2026 inclus" in dit
    assert "03 25 30 62 42" in dit
    assert "03 25 56 74 45" in dit
    bao = courriels(ctx)[f"ouverture:{ETAPE}:0:2"]
    assert "CC de l’Ouest Vosgien, aucun numéro direct" in texte(bao)
    assert [f.read_bytes() for f in fichiers(ctx) if f.name == f"ouverture.{ETAPE}.0.1.eml"] == [alix.octets]


def test_un_partenaire_lit_le_nom_de_la_prestation(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        session.exec(select(Structure).where(Structure.code == "S1")).one().prestation = "AIDE_DOMICILE"
    ouvrir(ctx, ETAPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    dit = texte(courriels(ctx)[f"ouverture:{ETAPE}:0:1"]).replace("\u00a0", " ")
    assert "(Chaumont, Aide et accompagnement à domicile, code S1)" in dit
    assert "(Chaumont, EAJE, code S2)" in dit


def test_renvoyer_ne_fait_rien(ctx: Contexte) -> None:
    ouvrir(ctx, ETAPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    avant = courriels(ctx)
    bilan = envoyer_en_attente(ctx, AVANT)
    assert bilan == module.BilanEnvoi()
    assert [c.octets for c in courriels(ctx).values()] == [c.octets for c in avant.values()]


def test_ceux_qui_repondent_avant_l_envoi_ne_sont_pas_relances(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    repondre(ouverte, "S2", "S3")
    bilan = envoyer_en_attente(ouverte, AVANT)
    assert (bilan.envoyes, bilan.sans_objet) == (1, 2)
    alix = courriels(ouverte)[ALIX]
    assert "Crèche S1" in texte(alix)
    assert "Crèche S2" not in texte(alix)
    assert bilan.motifs == ["toutes les structures ont répondu"] * 2


def test_avant_puis_apres_la_limite_le_ton_change(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    envoyer_en_attente(ouverte, AVANT)
    relancer(ouverte, ETAPE, 2, APRES)
    envoyer_en_attente(ouverte, APRES)
    avant, apres = courriels(ouverte)[ALIX], courriels(ouverte)[f"relance:{ETAPE}:j+1:1"]
    assert "notez-les dans votre agenda" in texte(avant)
    assert "jusqu’au lundi 9 mars 2026 inclus" in texte(apres)
    assert "echeance.ics" in pieces(avant)
    assert "echeance.ics" not in pieces(apres)
    assert message(avant)["Message-ID"] != message(apres)["Message-ID"]


def test_une_relance_partie_apres_la_cloture_est_sans_objet(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 2, APRES)
    assert envoyer_en_attente(ouverte, date(2026, 3, 10)).sans_objet == 3
    assert fichiers(ouverte) == []


def test_un_contact_desactive_ne_recoit_rien(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    with transaction(ouverte.moteur) as session:
        session.get_one(Contact, 2).actif = False
    bilan = envoyer_en_attente(ouverte, AVANT)
    assert (bilan.envoyes, bilan.sans_objet, bilan.motifs) == (2, 1, ["le contact n'est plus actif"])


def test_une_adresse_mal_formee_est_refusee_sans_arreter_les_autres(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    with transaction(ouverte.moteur) as session:
        session.get_one(Contact, 1).courriel = "alix chaumont"
    bilan = envoyer_en_attente(ouverte, AVANT)
    assert (bilan.envoyes, bilan.refuses) == (2, 1)
    with transaction(ouverte.moteur) as session:
        motifs = session.exec(select(LigneJournal.motif).where(LigneJournal.apres == "refuse")).all()
    assert motifs == ["adresse de courriel mal formée"]


def test_simulation_un_arret_entre_la_prise_et_l_envoi_se_finit(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    mettre(ouverte, etat=EtatCourriel.EN_COURS)
    assert envoyer_en_attente(ouverte, AVANT).envoyes == 3
    assert len(fichiers(ouverte)) == 3


def test_simulation_un_arret_entre_l_envoi_et_sa_note_ne_renvoie_pas(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    envoyer_en_attente(ouverte, AVANT)
    octets = [f.read_bytes() for f in fichiers(ouverte)]
    mettre(ouverte, etat=EtatCourriel.EN_COURS, octets=None, envoye_le=None, sujet="", destinataire="")
    repondre(ouverte, "S1", "S2", "S3", "S5")
    bilan = envoyer_en_attente(ouverte, date(2026, 2, 21))
    assert (bilan.envoyes, bilan.sans_objet) == (3, 0)
    assert [f.read_bytes() for f in fichiers(ouverte)] == octets
    assert courriels(ouverte)[ALIX].destinataire == "alix@chaumont.example"


def en_mode(ctx: Contexte, mode: ModeCourriel, **champs: Any) -> Contexte:
    courriel = ctx.reglages.fichier.courriel.model_copy(update={"mode": mode, **champs})
    fichier = ctx.reglages.fichier.model_copy(update={"courriel": courriel})
    return Contexte(ctx.reglages.model_copy(update={"fichier": fichier}), ctx.moteur)


class Boite:
    """A server that answers `reponses` by address, and keeps what it takes."""

    def __init__(self) -> None:
        self.reponses: dict[str, str] = {}
        self.recus: list[tuple[str, bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        reponse = self.reponses.get(address, "250 OK")
        if reponse.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reponse

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.recus.append((envelope.rcpt_tos[0], envelope.content))
        return "250 OK"


class Serveur(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def boite() -> Boite:
    return Boite()


@pytest.fixture
def smtp(boite: Boite) -> Iterator[dict[str, Any]]:
    """The settings of a real server in clear, on this machine."""
    controleur = Serveur(boite, hostname="127.0.0.1", port=0)
    controleur.start()
    yield {"smtp_hote": "127.0.0.1", "smtp_port": controleur.port, "smtp_securite": "aucune"}
    controleur.stop()


def test_redirection_le_vrai_destinataire_est_dit(ouverte: Contexte, boite: Boite, smtp: dict[str, Any]) -> None:
    redirige = en_mode(ouverte, ModeCourriel.REDIRECTION, **smtp, autorises=("bao@langres.example",))
    relancer(ouverte, ETAPE, 1, AVANT)
    assert envoyer_en_attente(redirige, AVANT).envoyes == 3
    assert sorted(a for a, _ in boite.recus) == ["bao@langres.example"] + ["recette@caf52.example"] * 2
    alix = courriels(ouverte)[ALIX]
    assert alix.destinataire == "recette@caf52.example"
    assert alix.sujet.startswith("[TEST] [DÉMONSTRATION]")
    assert "serait parti à alix@chaumont.example" in texte(alix)
    assert "[TEST]" not in courriels(ouverte)[f"relance:{ETAPE}:j-7:2"].sujet


def test_smtp_refus_definitif_et_provisoire(ouverte: Contexte, boite: Boite, smtp: dict[str, Any]) -> None:
    boite.reponses = {
        "alix@chaumont.example": "550 5.1.1 <alix@chaumont.example> inconnue",
        "bao@langres.example": "451 4.7.1 plus tard",
    }
    reel = en_mode(ouverte, ModeCourriel.REEL, **smtp)
    relancer(ouverte, ETAPE, 1, AVANT)
    bilan = envoyer_en_attente(reel, AVANT)
    assert (bilan.envoyes, bilan.refuses, bilan.a_reessayer) == (1, 1, 1)
    bao = courriels(ouverte)[f"relance:{ETAPE}:j-7:2"]
    assert (bao.etat, bao.tentatives) == (EtatCourriel.A_ENVOYER, 1)
    assert bao.prochain_essai_le > bao.decide_le
    with transaction(ouverte.moteur) as session:
        assert not any("alix" in motif for motif in session.exec(select(LigneJournal.motif)))
    boite.reponses = {}
    assert envoyer_en_attente(reel, AVANT).envoyes == 0
    assert envoyer_en_attente(reel, date(2026, 2, 21)).envoyes == 1
    assert [a for a, _ in boite.recus] == ["cleo@langres.example", "bao@langres.example"]


def test_smtp_on_n_essaie_pas_sans_fin(ouverte: Contexte, boite: Boite, smtp: dict[str, Any]) -> None:
    boite.reponses = {"alix@chaumont.example": "451 4.7.1 plus tard"}
    reel = en_mode(ouverte, ModeCourriel.REEL, **smtp)
    relancer(ouverte, ETAPE, 1, AVANT)
    mettre(ouverte, tentatives=module.ESSAIS_AU_PLUS - 1)
    assert envoyer_en_attente(reel, AVANT).refuses == 1


def test_smtp_un_arret_pendant_l_envoi_attend_une_personne(
    ouverte: Contexte, boite: Boite, smtp: dict[str, Any]
) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    mettre(ouverte, etat=EtatCourriel.EN_COURS)
    reel = en_mode(ouverte, ModeCourriel.REEL, **smtp)
    bilan = envoyer_en_attente(reel, AVANT)
    assert (bilan.envoyes, bilan.a_verifier) == (0, 3)
    assert envoyer_en_attente(reel, AVANT) == module.BilanEnvoi()
    assert boite.recus == []
    assert etats(ouverte) == ["a_verifier"] * 3


def test_smtp_un_serveur_absent_laisse_la_suite_intacte(ouverte: Contexte) -> None:
    relancer(ouverte, ETAPE, 1, AVANT)
    muet = en_mode(ouverte, ModeCourriel.REEL, smtp_hote="127.0.0.1", smtp_port=1, smtp_securite="aucune")
    bilan = envoyer_en_attente(muet, AVANT)
    assert (bilan.envoyes, bilan.a_reessayer) == (0, 1)
    assert sorted(c.tentatives for c in courriels(ouverte).values()) == [0, 0, 1]
    assert etats(ouverte) == ["a_envoyer"] * 3


def test_un_seul_envoi_a_la_fois(ouverte: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTENTE_DU_VERROU_S", 0)
    relancer(ouverte, ETAPE, 1, AVANT)
    pris, fini = threading.Event(), threading.Event()

    def tenir() -> None:
        with verrou_envoi(ouverte):
            pris.set()
            fini.wait(30)

    fil = threading.Thread(target=tenir)
    fil.start()
    pris.wait(30)
    with pytest.raises(module.ActeRefuse, match="Un autre envoi"):
        envoyer_en_attente(ouverte, AVANT)
    fini.set()
    fil.join()
    assert envoyer_en_attente(ouverte, AVANT).envoyes == 3


def deposer(ctx: Contexte, etat: EtatDepot, *anomalies: AnomalieDepot, **contexte: Any) -> None:
    """Write a decided deposit of S1, and the answer to Alix that the reception puts in the outbox."""
    nom, octets = produire_modele(ctx, "EAJE", "reel", 2025, "S1")
    instant = ctx.maintenant(date(2026, 2, 25))
    with transaction(ctx.moteur) as session:
        structure = session.exec(select(Structure).where(col(Structure.code) == "S1")).one()
        session.add(
            Depot(
                id=1, sha256=hashlib.sha256(octets).hexdigest(), nom_fichier=nom, taille=len(octets), octets=octets,
                origine="test", recu_le=instant, etat=etat, structure_id=structure.id,
            )
        )  # fmt: skip
        session.flush()
        session.add_all(anomalies)
        session.add(
            Courriel(
                cle="reponse_depot:1:1", genre="reponse_depot", etape=ETAPE, contact_id=1, structures=["S1"],
                contexte={"depot": 1, **contexte}, etat=EtatCourriel.A_ENVOYER, prochain_essai_le=instant,
                decide_le=instant,
            )
        )  # fmt: skip


def anomalie(severite: Severite) -> AnomalieDepot:
    return AnomalieDepot(
        depot_id=1, rang=1, code="x", severite=severite, message="Cette case attend un nombre d'heures.",
        feuille="Activité", cellule="C9", champ="heures_realisees", lu="beaucoup",
        attendu="un nombre, par exemple 35 200",
    )  # fmt: skip


def test_la_reponse_a_un_depot_accepte(ctx: Contexte) -> None:
    deposer(ctx, EtatDepot.ACCEPTE, anomalie(Severite.ALERTE))
    assert envoyer_en_attente(ctx, date(2026, 2, 25)).envoyes == 1
    (courriel,) = courriels(ctx).values()
    assert "Bien reçu : Crèche S1" in courriel.sujet.replace("\u00a0", " ")
    assert "Un point mérite une explication" in texte(courriel)
    assert pieces(courriel) == []


def test_la_reponse_a_un_depot_refuse_rend_le_classeur_annote(ctx: Contexte) -> None:
    deposer(ctx, EtatDepot.REFUSE, anomalie(Severite.BLOQUANTE))
    assert envoyer_en_attente(ctx, date(2026, 2, 25)).envoyes == 1
    (courriel,) = courriels(ctx).values()
    dit = texte(courriel)
    assert "Activité, cellule C9, « Heures réalisées" in dit.replace("\u00a0", " ")
    assert "Lu : beaucoup" in dit
    assert "au plus tard le vendredi 27 février 2026 inclus" in dit
    (piece,) = pieces(courriel)
    assert piece.endswith("-a-corriger.xlsx")
    assert piece in dit


def test_sans_copie_annotee_la_reponse_part_et_le_dit(ctx: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolement, "DELAI_MAX", 0.01)
    deposer(ctx, EtatDepot.REFUSE, anomalie(Severite.BLOQUANTE))
    assert envoyer_en_attente(ctx, date(2026, 2, 25)).envoyes == 1
    (courriel,) = courriels(ctx).values()
    assert pieces(courriel) == []
    assert "Nous n’avons pas pu vous en joindre une copie annotée." in texte(courriel)


def test_la_reponse_a_un_depot_hors_delai_invite_a_appeler(ctx: Contexte) -> None:
    deposer(ctx, EtatDepot.REFUSE, hors_delai=True)
    envoyer_en_attente(ctx, date(2026, 2, 25))
    (courriel,) = courriels(ctx).values()
    assert "nous regarderons ensemble ce qui est possible" in texte(courriel)


def test_un_refus_est_rappele_dans_la_relance(ouverte: Contexte) -> None:
    deposer(ouverte, EtatDepot.REFUSE, anomalie(Severite.BLOQUANTE))
    relancer(ouverte, ETAPE, 2, APRES)
    envoyer_en_attente(ouverte, APRES)
    dit = texte(courriels(ouverte)[f"relance:{ETAPE}:j+1:1"])
    assert dit.count("comportait des points à corriger") == 1
    assert "reçu le mercredi 25 février 2026" in dit
