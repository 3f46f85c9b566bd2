"""Dossiers of documents: opened for their audience, received once, complete by themselves, reminded while they owe."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from echanges.courriel.rendu import rendre
from modeles.base import transaction
from modeles.tables import Courriel
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dossiers import Sortie, clore_sans_suite, noter_intention, recevoir, refuser_piece, rouvrir
from operations.dossiers_etat import ecrire_etat, lister_dossiers
from operations.lettres import projeter
from operations.pieces import Apport
from operations.projets import Projet
from operations.relances import apercu, clore, ouvrir
from operations.suites import lister_suites
from operations.suivi import avancement
from regles.etats import EtatDossier
from tests.operations.commission import fonds
from tests.operations.dossiers_exemple import (
    AAP,
    PAR,
    PDF,
    PDN,
    RPE,
    etats,
    fichier,
    installer_les_dossiers,
    paquet,
    pieces_gardees,
    rattraper,
    vu,
)
from tests.operations.reseau_exemple import courriels, pieces, texte

# bilans-rpe-2025: published 14/04 to 28/05/2026. Reminders on working days: 14/05 is Ascension Day, the 25th Pentecost.
OUVERTURE, AVANT, LIMITE, APRES, FIN = (
    date(2026, 4, 14), date(2026, 5, 15), date(2026, 5, 28), date(2026, 5, 29), date(2026, 6, 7)
)  # fmt: skip
AAP_OUVERTURE, AAP_AVANT, AAP_APRES = date(2025, 11, 28), date(2026, 1, 2), date(2026, 1, 13)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer_les_dossiers(contexte_deux_bases)
    return contexte_deux_bases


def test_l_ouverture_ecrit_un_dossier_a_chacun_de_son_public_et_une_seule_fois(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    assert etats(ctx, RPE) == {"S2": "attendu", "S3": "attendu"}
    assert "déjà faite" in ouvrir(ctx, RPE, OUVERTURE).message
    assert sorted(c.structures for c in courriels(ctx).values()) == [["S2"], ["S3"], ["S3"]]


def test_une_ouverture_que_personne_n_attend_le_dit(ctx: Contexte) -> None:
    assert "Personne n’est attendu" in ouvrir(ctx, "bilans-lieu-ressources-2025", date(2026, 1, 16)).message
    assert "Personne n’est attendu" not in ouvrir(ctx, RPE, OUVERTURE).message


def test_un_bilan_s_adresse_aux_membres_de_l_annee(ctx: Contexte) -> None:
    """Not to who left the scheme before the exercice; and it opens by itself, 45 days before its limit."""
    assert rattraper(ctx, PDN, date(2026, 1, 14)) == ["faite ouvrir"]
    assert etats(ctx, PDN) == {"P1": "attendu", "P2": "attendu"}


def test_la_vie_d_un_bilan(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    recevoir(ctx, RPE, "S2", vu("sphinx"), date(2026, 5, 4))
    assert etats(ctx, RPE) == {"S2": "complet", "S3": "attendu"}
    assert rattraper(ctx, RPE, AVANT) == ["faite relancer-j-14"]
    assert [c.structures for c in courriels(ctx).values() if c.genre == "relance"] == [["S3"], ["S3"]]
    recevoir(ctx, RPE, "S3", vu("sphinx"), date(2026, 5, 20))
    assert rattraper(ctx, RPE, date(2026, 5, 26)) == ["sautee relancer-j-3"]
    assert rattraper(ctx, RPE, date(2026, 6, 8)) == ["sautee relancer-j+1", "faite clore"]


def test_un_appel_a_projets_s_annonce_a_tous_et_ne_relance_que_qui_a_commence(ctx: Contexte, tmp_path: Path) -> None:
    assert rattraper(ctx, AAP, AAP_OUVERTURE) == ["faite ouvrir"]
    assert etats(ctx, AAP) == dict.fromkeys(["P1", "P2", "P3", "P4"], "attendu")
    noter_intention(ctx, AAP, "P2", PAR, date(2025, 12, 10))
    recevoir(ctx, AAP, "P1", Apport("formulaire", PAR, fichier(tmp_path, "demande.pdf")), date(2025, 12, 12))
    assert etats(ctx, AAP) == {"P1": "en_cours", "P2": "en_cours", "P3": "attendu", "P4": "attendu"}
    assert rattraper(ctx, AAP, AAP_AVANT) == ["faite relancer-j-10"]
    relances = [c.structures for c in courriels(ctx).values() if c.genre == "relance"]
    assert sorted(relances) == [["P1"], ["P2"], ["P2"]]


def test_la_cloture_d_une_etape_jamais_ouverte_dit_que_rien_n_est_parti(contexte: Contexte) -> None:
    installer_les_dossiers(contexte)
    rattraper(contexte, AAP, date(2026, 1, 12))
    assert clore(contexte, AAP, date(2026, 1, 23)).message.endswith("close, personne ne doit plus rien.")
    message = clore(contexte, "aap-plan-mercredi-2026", date(2026, 6, 10)).message
    assert "aucun courriel, personne n’a été prévenu" in message
    assert "ne doit plus rien" not in message
    message = clore(contexte, RPE, date(2026, 6, 8)).message
    assert "2 structure(s) sans réponse (S2, S3). Son ouverture n’est jamais partie" in message


def test_rien_ne_s_envoie_a_qui_a_complete_entre_temps(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    recevoir(ctx, RPE, "S2", vu("sphinx"), OUVERTURE)
    bilan = envoyer_en_attente(ctx, OUVERTURE)
    assert "le dossier est complet, ou n'est plus attendu" in bilan.motifs


def test_les_courriels_disent_ce_qui_est_venu_et_ce_qui_manque(ctx: Contexte, tmp_path: Path) -> None:
    ouvrir(ctx, AAP, AAP_OUVERTURE)
    envoyer_en_attente(ctx, AAP_OUVERTURE)
    ouverture = next(c for c in courriels(ctx).values() if c.structures == ["P2"])
    dit = texte(ouverture).replace("\u00a0", " ")
    assert "Rien ne vous y oblige" in dit
    assert "- Budget prévisionnel du projet : attendue" in dit
    assert "lundi 12 janvier 2026 inclus" in dit
    assert "echeance.ics" in pieces(ouverture)
    recevoir(ctx, AAP, "P2", Apport("formulaire", PAR, fichier(tmp_path, "demande.pdf")), date(2025, 12, 12))
    refus = refuser_piece(ctx, AAP, "P2", "formulaire", PAR, "La page 2 manque", date(2025, 12, 12))
    assert "refusée : La page 2 manque. Il manque : Formulaire de demande" in refus.message
    recevoir(ctx, AAP, "P2", Apport("budget", PAR, fichier(tmp_path, "budget.pdf", PDF + b"2")), date(2025, 12, 12))
    envoyer_en_attente(ctx, date(2025, 12, 12))
    recus = [c for c in courriels(ctx).values() if c.genre == "dossier_recu"]
    assert len(recus) == 2  # one a person, whatever the documents of the day
    dit = texte(recus[0]).replace("\u00a0", " ")
    assert "- Formulaire de demande : à refaire : La page 2 manque" in dit
    assert "- Budget prévisionnel du projet : reçue le vendredi 12 décembre 2025" in dit
    assert "- Statuts de l’association : facultative" in dit
    assert "Une pièce est à refaire" in recus[0].sujet.replace("\u00a0", " ")


def test_ce_qui_se_repond_ailleurs_n_est_jamais_demande_par_courriel(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    envoyer_en_attente(ctx, OUVERTURE)
    for jour in (AVANT, date(2026, 5, 29)):
        rattraper(ctx, RPE, jour)
        envoyer_en_attente(ctx, jour)
    recevoir(ctx, RPE, "S2", vu("sphinx"), date(2026, 6, 1))
    refuser_piece(ctx, RPE, "S2", "sphinx", PAR, "L’enquête n’est pas validée.", date(2026, 6, 2))
    envoyer_en_attente(ctx, date(2026, 6, 2))
    siens = [c for c in courriels(ctx).values() if c.structures == ["S2"] and c.octets]
    assert len(siens) == 4
    for courriel in siens:
        assert "Sphinx" in texte(courriel)
        for mot in ("pièces attendues d", "vos pièces", "En répondant à ce courriel", "répondez simplement"):
            assert mot.lower() not in f"{courriel.sujet} {texte(courriel)}".lower(), (courriel.cle, mot)


def test_une_piece_venue_pour_une_demande_n_est_pas_redemandee(contexte_deux_bases: Contexte, tmp_path: Path) -> None:
    ctx = contexte_deux_bases
    fonds.installer(ctx)
    ouvrir(ctx, AAP, AAP_OUVERTURE)
    envoyer_en_attente(ctx, AAP_OUVERTURE)
    demande = fonds.demander(ctx, date(2025, 12, 10), complete=False)
    fonds.completer(ctx, demande, date(2025, 12, 12), "formulaire")
    rattraper(ctx, AAP, AAP_AVANT)
    envoyer_en_attente(ctx, AAP_AVANT)
    (rappel,) = [c for c in courriels(ctx).values() if c.genre == "relance"]
    dit = " ".join(texte(rappel).split())
    assert "Formulaire de demande : reçue le vendredi 12" in dit
    assert "Budget prévisionnel du projet : attendue" in dit
    (due,) = lister_suites(ctx, AAP, AAP_APRES).lignes
    assert (due.genre, due.detail) == ("dossier incomplet", "manque : Budget prévisionnel du projet")
    fonds.completer(ctx, demande, AAP_AVANT, "budget")
    statuts = Apport("statuts", PAR, fichier(tmp_path, "statuts.pdf"))
    assert "Dossier complet" in recevoir(ctx, AAP, "P1", statuts, AAP_AVANT).message
    envoyer_en_attente(ctx, AAP_AVANT)
    assert "Dossier complet" in list(courriels(ctx).values())[-1].sujet


@pytest.mark.parametrize(
    ("jour", "seance", "avant_le"),
    [
        (AAP_AVANT, "de février 2026", "samedi 10 janvier 2026"),
        (AAP_APRES, "d’avril 2026", "lundi 9 mars 2026"),
    ],
)
def test_un_rappel_cite_la_demande_enregistree_et_sa_seule_date(
    contexte: Contexte, jour: date, seance: str, avant_le: str
) -> None:
    fonds.installer(contexte)
    ouvrir(contexte, AAP, AAP_OUVERTURE)
    envoyer_en_attente(contexte, AAP_OUVERTURE)
    reference = fonds.demander(contexte, date(2025, 12, 10), complete=False)
    envoyer_en_attente(contexte, date(2025, 12, 10))
    rattraper(contexte, AAP, jour)
    fonds.jouer_jusqu_au(contexte, min(jour, date(2026, 1, 11)))
    with transaction(contexte.moteur) as session:
        (rappel,) = [c for c in session.exec(select(Courriel)) if c.genre == "relance"]
        projet = projeter(contexte, session, rappel, jour)
    assert isinstance(projet, Projet)
    rendu = rendre(projet.genre, projet.vue)
    for dit in (rendu.texte, re.sub("<[^>]+>", "", rendu.html)):
        dit = " ".join(dit.split())
        assert f"Votre demande {reference} « Ludothèque itinérante » est bien enregistrée." in dit
        assert f"Pour passer à la commission d’action sociale {seance}, son dossier doit être complet" in dit
        assert f"au plus tard le {avant_le} inclus" in dit
        assert "nous n’avons encore rien reçu" not in dit
        assert "22 janvier" not in dit
        assert "L’échéance" not in dit
    assert avant_le in " ".join(rendu.sujet.split())


def test_un_rappel_nomme_toujours_le_partenaire_dont_il_parle(ctx: Contexte) -> None:
    ouvrir(ctx, AAP, AAP_OUVERTURE)
    envoyer_en_attente(ctx, AAP_OUVERTURE)
    noter_intention(ctx, AAP, "P4", PAR, date(2025, 12, 10))
    rattraper(ctx, AAP, AAP_AVANT)
    envoyer_en_attente(ctx, AAP_AVANT)
    (rappel,) = [c for c in courriels(ctx).values() if c.genre == "relance"]  # Alix answers for P1 and P4
    assert "Ville P4 (code P4)" in texte(rappel)
    assert "dit vouloir y répondre" in texte(rappel)


def test_les_memes_octets_deux_fois_ne_font_qu_une_piece(ctx: Contexte, tmp_path: Path) -> None:
    ouvrir(ctx, AAP, AAP_OUVERTURE)
    apport = Apport("formulaire", PAR, fichier(tmp_path, "demande.pdf"))
    recevoir(ctx, AAP, "P1", apport, AAP_OUVERTURE)
    assert "déjà là" in recevoir(ctx, AAP, "P1", apport, AAP_OUVERTURE).message
    refuser_piece(ctx, AAP, "P1", "formulaire", PAR, "Illisible.", AAP_OUVERTURE)
    assert (
        "refusé pour « Formulaire de demande » : Illisible." in recevoir(ctx, AAP, "P1", apport, AAP_OUVERTURE).message
    )
    autre = Apport("formulaire", PAR, fichier(tmp_path, "mieux.pdf", PDF + b" net"))
    recevoir(ctx, AAP, "P1", autre, AAP_OUVERTURE)
    assert [(p.nom_fichier, p.etat.value) for p in pieces_gardees(ctx)] == [
        ("demande.pdf", "remplacee"), ("mieux.pdf", "recue")
    ]  # fmt: skip


def test_le_meme_constat_deux_fois_ne_se_dit_qu_une(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    for _ in range(2):
        bilan = recevoir(ctx, RPE, "S2", vu("sphinx"), date(2026, 5, 4))
        envoyer_en_attente(ctx, date(2026, 5, 4))
    assert "Rien n'a changé" in bilan.message
    assert len(pieces_gardees(ctx)) == 1
    assert len([c for c in courriels(ctx).values() if c.genre == "dossier_recu"]) == 1
    refuser_piece(ctx, RPE, "S2", "sphinx", PAR, "L’enquête n’est pas validée.", date(2026, 5, 4))
    assert recevoir(ctx, RPE, "S2", vu("sphinx"), date(2026, 5, 4)).etat is EtatDossier.COMPLET


def test_un_dossier_complet_dont_une_piece_est_refusee_redevient_du(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    recevoir(ctx, RPE, "S3", vu("sphinx"), OUVERTURE)
    refuser_piece(ctx, RPE, "S3", "sphinx", PAR, "L’enquête n’est pas validée.", date(2026, 4, 20))
    assert etats(ctx, RPE)["S3"] == "en_cours"
    assert rattraper(ctx, RPE, AVANT) == ["faite relancer-j-14"]


def test_sans_suite_puis_rouvert(ctx: Contexte) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    clore_sans_suite(ctx, RPE, "S3", Sortie.DISPENSER, PAR, "Relais fermé en 2025.", OUVERTURE)
    clore_sans_suite(ctx, RPE, "S2", Sortie.RENONCER, PAR, "Ne répondra pas.", OUVERTURE)
    assert rattraper(ctx, RPE, AVANT) == ["sautee relancer-j-14"]
    assert "rouvert" in rouvrir(ctx, RPE, "S3", PAR, "Il a rouvert.", AVANT).message
    assert etats(ctx, RPE) == {"S2": "sans_suite", "S3": "attendu"}
    assert rattraper(ctx, RPE, date(2026, 5, 26)) == ["faite relancer-j-3"]


@pytest.mark.parametrize(
    ("recue_le", "en_retard"),
    [(OUVERTURE, False), (LIMITE, False), (APRES, True), (FIN, True)],
)
def test_le_retard_se_compte_a_l_arrivee_de_la_derniere_piece(ctx: Contexte, recue_le: date, en_retard: bool) -> None:
    """A statement recorded after the closing speaks of the day the document came."""
    ouvrir(ctx, RPE, OUVERTURE)
    apport = Apport("sphinx", PAR, constat="vu dans Sphinx", recue_le=recue_le)
    recevoir(ctx, RPE, "S3", apport, date(2026, 6, 20))
    ligne = next(li for li in lister_dossiers(ctx, RPE, date(2026, 6, 20)).lignes if li.code == "S3")
    assert (ligne.complet_le, ligne.en_retard) == (recue_le, en_retard)


def test_l_etat_et_le_suivi_disent_ou_en_est_chacun(ctx: Contexte, tmp_path: Path) -> None:
    ouvrir(ctx, RPE, OUVERTURE)
    recevoir(ctx, RPE, "S2", vu("sphinx"), OUVERTURE)
    ou = lister_dossiers(ctx, RPE, APRES)
    assert ou.phrase.endswith("1 complet(s), 0 commencé(s), 1 sans réponse, 0 sans suite (sur 2).")
    assert [li.code for li in ou.retards] == ["S3"]
    suivi = avancement(ctx, RPE, APRES)
    assert (suivi.attendues, suivi.recues, suivi.manquantes, suivi.en_retard) == (2, 1, 1, True)
    assert [(li["Structure"], li["État"]) for li in suivi.lignes] == [
        ("S3 Crèche S3", "rien reçu"), ("S2 Crèche S2", "complet")
    ]  # fmt: skip
    ecrire_etat(ou, tmp_path / "etat.xlsx")
    assert (tmp_path / "etat.xlsx").read_bytes().startswith(b"PK")


def test_l_apercu_d_une_etape_a_dossiers(ctx: Contexte) -> None:
    prevu = apercu(ctx, AAP, 0, AAP_OUVERTURE)
    assert [len(p.structures) for p in prevu.destinataires] == [2, 1, 1]  # Alix answers for two partners
    assert prevu.sans_contact == ("P3 Ville P3",)
    assert apercu(ctx, AAP, 1, AAP_OUVERTURE).destinataires == ()
    assert courriels(ctx) == {}


@pytest.mark.parametrize(
    ("nom", "octets", "phrase"),
    [
        ("vide.pdf", b"", "est vide"),
        ("lourd.pdf", PDF + b"0" * (10 * 2**20), "dépasse 10 Mo"),
        ("programme.pdf", b"MZ\x90\x00", "n'est pas un document accepté"),
        ("page.html", b"<html>", "n'est pas un document accepté"),
        ("archive.docx", paquet("lisez-moi.txt"), "n'est pas un document accepté"),
        ("bilan.pdf", paquet("word/document.xml"), "contient en fait un fichier docx"),
        ("image.exe", b"\xff\xd8\xff\xe0", "contient en fait un fichier jpg"),
        ("bilan.docx", paquet("word/document.xml", "word/vbaProject.bin"), "contient des macros"),
    ],
)
def test_un_fichier_hostile_n_entre_pas(ctx: Contexte, tmp_path: Path, nom: str, octets: bytes, phrase: str) -> None:
    ouvrir(ctx, AAP, AAP_OUVERTURE)
    with pytest.raises(ActeRefuse, match=phrase):
        recevoir(ctx, AAP, "P1", Apport("budget", PAR, fichier(tmp_path, nom, octets)), AAP_OUVERTURE)
    assert pieces_gardees(ctx) == []


@pytest.mark.parametrize(
    ("nom", "octets"),
    [
        ("b.pdf", PDF),
        ("b.JPEG", b"\xff\xd8\xff\xe0"),
        ("b.png", b"\x89PNG\r\n\x1a\n"),
        ("b.docx", paquet("[Content_Types].xml", "word/document.xml")),
        ("b.xlsx", paquet("xl/workbook.xml")),
        ("b.ods", b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"),
    ],
)
def test_les_formats_courants_entrent_tels_quels(contexte: Contexte, tmp_path: Path, nom: str, octets: bytes) -> None:
    installer_les_dossiers(contexte)
    recevoir(contexte, AAP, "P1", Apport("budget", PAR, fichier(tmp_path, nom, octets)), AAP_OUVERTURE)
    (piece,) = pieces_gardees(contexte)
    assert (piece.nom_fichier, piece.octets) == (nom, octets)


@pytest.mark.parametrize(
    ("code", "apport", "jour", "phrase"),
    [
        ("S1", vu("sphinx"), OUVERTURE, "n'attend rien de S1"),
        ("INCONNU", vu("sphinx"), OUVERTURE, "n'est le code d'aucune structure ni d'aucun partenaire"),
        ("S3", vu("budget"), OUVERTURE, "n'attend pas de pièce « budget » : sphinx"),
        ("S3", Apport("sphinx", PAR), OUVERTURE, "Donnez le fichier reçu"),
        ("S3", Apport("sphinx", "inconnue", constat="vu"), OUVERTURE, "n'est pas une personne de l'équipe"),
        ("S3", Apport("sphinx", PAR, constat="vu", recue_le=APRES), OUVERTURE, "ne se reçoit pas d'avance"),
        (
            "S3",
            Apport("sphinx", PAR, constat="vu", recue_le=date(2026, 4, 13)),
            AVANT,
            "13/04/2026 vient avant l'ouverture de .* le 14/04/2026 : vérifiez l'année",
        ),
        ("S3", vu("sphinx"), date(2026, 6, 8), "est close pour S3 depuis le dimanche 7"),
        ("S3", Apport("sphinx", PAR, Path("/absent.pdf")), OUVERTURE, "ne s'ouvre pas"),
    ],
)
def test_ce_qui_ne_se_recoit_pas_est_dit(
    contexte: Contexte, code: str, apport: Apport, jour: date, phrase: str
) -> None:
    installer_les_dossiers(contexte)
    ouvrir(contexte, RPE, OUVERTURE)
    with pytest.raises(ActeRefuse, match=phrase):
        recevoir(contexte, RPE, code, apport, jour)
    assert pieces_gardees(contexte) == []


def test_les_mots_de_l_equipe_sont_dans_le_courriel_de_chaque_nature(contexte: Contexte, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(contexte.reglages.config, config)
    demarches = config / "demarches.yaml"
    dits = "\n".join(
        f"  {etape}:\n    mots: {{ouverture: Les mots de {etape}.}}" for etape in ("reels-2025-a", "filoue-2026")
    )
    demarches.write_text(demarches.read_text(encoding="utf-8") + f"\n{dits}\n", encoding="utf-8")
    ctx = Contexte(contexte.reglages.model_copy(update={"config": config}), contexte.moteur)
    installer_les_dossiers(ctx)
    for etape, jour in (("reels-2025-a", date(2026, 2, 8)), (RPE, OUVERTURE), ("filoue-2026", date(2026, 5, 2))):
        ouvrir(ctx, etape, jour, PAR)
        envoyer_en_attente(ctx, jour)
        attendus = "l’enquête nationale Sphinx" if etape == RPE else f"Les mots de {etape}."
        partis = [c for c in courriels(ctx).values() if c.etape == etape and c.octets is not None]
        assert partis
        assert all(attendus in texte(c) for c in partis)
