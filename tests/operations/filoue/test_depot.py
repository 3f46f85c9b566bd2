"""A Filoué file arrives by the inbox or by hand: encrypted at once, read once, answered, replaced by its correction."""

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from sqlmodel import select

from echanges.filoue.table import depuis_octets
from modeles.base import transaction
from modeles.tables import Courriel, Depot, FichierFiloue, LigneJournal
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.filoue.cles import chemin_de_la_cle
from operations.filoue.depot import deposer, nom_a_dire
from operations.filoue.instruction import instruire
from operations.filoue.recus import lire_recu
from operations.reception import enregistrer_arrivees
from regles.etats import EtatDepot
from tests.fabrique import deposer_octets
from tests.filoue.fabrique import ALERTES, ATTENDU, BLOCAGES, fichier, fichiers_hostiles
from tests.operations.filoue.campagne import (
    DEUXIEME,
    ETAPE,
    JOUR,
    MATRICULE,
    anomalies,
    fichiers,
    installer,
    recevoir,
    sur_le_disque,
)
from tests.operations.reseau_exemple import pieces, texte


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    installer(contexte_deux_bases)
    return contexte_deux_bases


def reponses(ctx: Contexte) -> list[Courriel]:
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(Courriel).where(Courriel.genre == "reponse_filoue").order_by(Courriel.cle)))


def test_un_fichier_de_la_boite_devient_des_pseudonymes(ctx: Contexte) -> None:
    bilan = recevoir(ctx, fichier())
    assert bilan.phrase == "Filoué : 1 accepté(s)."
    (recu,) = fichiers(ctx)
    assert (recu.etat, recu.etape, recu.exercice, recu.lignes) == (EtatDepot.ACCEPTE, ETAPE, 2025, 10)
    assert (recu.sommes["lignes"], recu.version) == (10, "V3")
    assert recu.donnees is not None
    table = depuis_octets(recu.donnees)
    assert table.shape[0] == 10
    assert not {"MATRICULE", "DATE_NAISSANCE_INDIVIDU", "VILLE_FAMILLE"} & set(table.columns)
    assert table["PSEUDONYME_ENFANT"].dtype == pl.String


def test_rien_ne_reste_en_clair(ctx: Contexte) -> None:
    """Neither in the inbox nor put away nor in the database, whatever the name and the end of the file."""
    recevoir(ctx, fichier(), nom="Filoue de Zoe Dupont.xlsx")
    with transaction(ctx.moteur) as session:
        assert session.exec(select(Depot)).all() == []
    for octets in sur_le_disque(ctx).values():
        assert MATRICULE not in octets
        assert b"Dupont" not in octets
    with transaction(ctx.moteur) as session:
        details = [ligne.details + ligne.motif for ligne in session.exec(select(LigneJournal))]
    assert not any("Dupont" in dit or MATRICULE.decode() in dit for dit in details)
    (recu,) = fichiers(ctx)
    assert recu.octets_chiffres is not None
    assert MATRICULE not in recu.octets_chiffres


def test_un_classeur_reste_un_classeur(ctx: Contexte) -> None:
    deposer_octets(ctx, "EAJE01.csv", b"Structure;Nom\nEAJE01;Essai\n")
    assert len(enregistrer_arrivees(ctx, JOUR)) == 1
    assert fichiers(ctx) == []


def test_les_memes_octets_ne_comptent_qu_une_fois(ctx: Contexte) -> None:
    recevoir(ctx, fichier())
    assert recevoir(ctx, fichier(), nom="encore.csv").lignes == ()
    assert len(fichiers(ctx)) == 1
    with transaction(ctx.moteur) as session:
        doublons = session.exec(select(LigneJournal).where(LigneJournal.action == "doublon")).all()
    assert len(doublons) == 1


def test_une_arrivee_reprise_apres_un_arret_est_seulement_effacee(ctx: Contexte) -> None:
    """Killed between the database and the erasure: the next run knows the arrival, and erases."""
    enregistrer_arrivees(ctx, JOUR)
    pris = ctx.reglages.boite_depots.parent / "en_cours" / "abc__export.csv"
    for _ in range(2):
        pris.write_bytes(fichier())
        enregistrer_arrivees(ctx, JOUR)
        assert not pris.exists()
    assert len(fichiers(ctx)) == 1


def test_un_fichier_corrige_remplace_le_precedent(ctx: Contexte) -> None:
    recevoir(ctx, fichier())
    bilan = recevoir(ctx, fichier(ALERTES["taux vide"]), date(2026, 4, 22))
    assert bilan.remplaces == 1
    assert [f.etat for f in fichiers(ctx)] == [EtatDepot.REMPLACE, EtatDepot.ACCEPTE]


def avec_code_organisme(ctx: Contexte, dossier: Path) -> Contexte:
    """The same installation, once the Caf has recorded its number."""
    config = dossier / "config"
    shutil.copytree(ctx.reglages.config, config)
    filoue = config / "filoue.yaml"
    texte_lu = filoue.read_text(encoding="utf-8")
    filoue.write_text(texte_lu.replace('code_organisme: ""', f'code_organisme: "{ATTENDU.code_organisme}"'), "utf-8")
    return Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)


@pytest.mark.parametrize("nom", BLOCAGES)
def test_ce_qui_bloque_est_refuse_avec_sa_phrase(ctx: Contexte, tmp_path: Path, nom: str) -> None:
    ctx = avec_code_organisme(ctx, tmp_path)
    bilan = recevoir(ctx, fichier(BLOCAGES[nom]), nom="export-EAJE01.csv")
    (ligne,) = bilan.lignes
    assert (ligne.etat, ligne.structure) == (EtatDepot.REFUSE, "EAJE01")
    assert ligne.motif.endswith(".")
    (recu,) = fichiers(ctx)
    assert (recu.donnees, recu.sommes, recu.motif) == (None, {}, ligne.motif)
    envoyer_en_attente(ctx, JOUR)
    (courriel,) = reponses(ctx)
    assert "de l’enregistrer." in texte(courriel)
    assert pieces(courriel) == []


def test_un_fichier_refuse_peut_revenir_tel_quel(ctx: Contexte) -> None:
    for jour in (JOUR, date(2026, 4, 21)):
        (ligne,) = recevoir(ctx, fichier(BLOCAGES["autre IDEQU"]), jour).lignes
        assert ligne.etat is EtatDepot.REFUSE
    assert len(fichiers(ctx)) == 2


def test_sans_structure_une_personne_la_dit(ctx: Contexte, tmp_path: Path) -> None:
    sans_identifiant = fichier(BLOCAGES["en-tête inconnu"])
    (ligne,) = recevoir(ctx, sans_identifiant).lignes
    assert (ligne.structure, ligne.etat) == ("", EtatDepot.REFUSE)
    assert "--structure" in ligne.a_reprendre
    assert reponses(ctx) == []
    chemin = tmp_path / "x.csv"
    chemin.write_bytes(fichier())
    identifiant = deposer(ctx, chemin, "c.martin", "EAJE02", jour=JOUR)
    instruire(ctx, JOUR)
    recu = lire_recu(ctx, identifiant)
    assert (recu.structure, recu.etat) == ("EAJE02", EtatDepot.REFUSE)
    assert DEUXIEME.idequ in recu.motif


def test_un_code_dans_le_nom_suffit(ctx: Contexte) -> None:
    (ligne,) = recevoir(ctx, fichier(), nom="filoue EAJE03.csv").lignes
    assert ligne.structure == "EAJE01"
    v1 = b"\n".join(li.split(b";", 3)[3] for li in fichier().splitlines())
    (ligne,) = recevoir(ctx, v1, nom="filoue_EAJE03.csv").lignes
    assert (ligne.structure, ligne.etat) == ("EAJE03", EtatDepot.ACCEPTE)


def test_apres_la_cloture_le_fichier_est_garde_et_non_lu(ctx: Contexte) -> None:
    (ligne,) = recevoir(ctx, fichier(), date(2026, 5, 26)).lignes
    assert (ligne.etat, ligne.motif) == (EtatDepot.REFUSE, "Arrivé après la clôture de la campagne.")
    envoyer_en_attente(ctx, date(2026, 5, 26))
    (courriel,) = reponses(ctx)
    assert courriel.sujet.startswith("[DÉMONSTRATION] Reçu hors délai")
    assert "il n’a pas été lu" in texte(courriel)


def test_en_retard_il_est_pris_en_compte(ctx: Contexte) -> None:
    (ligne,) = recevoir(ctx, fichier(), date(2026, 5, 16)).lignes
    assert (ligne.etat, ligne.en_retard) == (EtatDepot.ACCEPTE, True)


def test_le_recu_dit_les_sommes_et_les_points_sans_valeur(ctx: Contexte) -> None:
    recevoir(ctx, fichier(ALERTES["matricule mal formé"]))
    envoyer_en_attente(ctx, JOUR)
    (courriel,) = reponses(ctx)
    dit = texte(courriel)
    (recu,) = fichiers(ctx)
    assert f"Votre numéro de reçu : F2025-{recu.id}." in dit.replace("\u00a0", " ")
    assert "10 ligne(s) d’enfants" in dit
    assert "Ligne 2, colonne MATRICULE" in dit
    assert "heures facturées" in dit
    assert "12A4567" not in dit
    assert "01 71 25 12 75" in dit
    assert courriel.octets is not None
    assert not any(valeur in courriel.octets for valeur in (MATRICULE, b"12A4567", b"LANGRES"))
    (anomalie,) = anomalies(ctx, recu.id or 0)
    assert (anomalie.ligne, anomalie.colonne) == (2, "MATRICULE")


@pytest.mark.parametrize("nom", fichiers_hostiles())
def test_des_octets_hostiles_n_arretent_personne(ctx: Contexte, tmp_path: Path, nom: str) -> None:
    """Whatever the bytes: a Filoué file is refused or accepted in words, the sound file beside it is accepted."""
    deposer_octets(ctx, "a.csv", fichiers_hostiles()[nom])
    recevoir(ctx, fichier(), nom="b.csv")
    assert EtatDepot.RECU not in {f.etat for f in fichiers(ctx)}
    assert EtatDepot.ACCEPTE in {f.etat for f in fichiers(ctx)}


def test_par_la_commande(ctx: Contexte, tmp_path: Path) -> None:
    chemin = tmp_path / "f.csv"
    chemin.write_bytes(fichier())
    with pytest.raises(ActeRefuse, match="n'est pas une personne"):
        deposer(ctx, chemin, "inconnu", jour=JOUR)
    with pytest.raises(ActeRefuse, match="n'est le code d'aucun"):
        deposer(ctx, chemin, "c.martin", "EAJE99", jour=JOUR)
    identifiant = deposer(ctx, chemin, "c.martin", oppositions=4, jour=JOUR)
    assert chemin.exists()
    instruire(ctx, JOUR)
    (recu,) = fichiers(ctx)
    assert (recu.id, recu.oppositions, recu.origine) == (identifiant, 4, "commande")
    with pytest.raises(ActeRefuse, match="déjà reçus"):
        deposer(ctx, chemin, "c.martin", jour=JOUR)
    chemin.write_bytes(b"a;b\n1;2\n")
    with pytest.raises(ActeRefuse, match="n'est pas un fichier Filoué"):
        deposer(ctx, chemin, "c.martin", jour=JOUR)


def test_sans_cle_le_fichier_attend_dans_la_boite(ctx: Contexte) -> None:
    cle = chemin_de_la_cle(ctx)
    gardee = cle.read_bytes()
    cle.unlink()
    bilan = recevoir(ctx, fichier())
    assert bilan.phrase == "Filoué : 1 en clair dans la boîte de dépôt, faute de clé."
    assert fichiers(ctx) == []
    cle.touch(mode=0o600)
    cle.write_bytes(gardee)
    enregistrer_arrivees(ctx, JOUR)
    assert instruire(ctx, JOUR).phrase == "Filoué : 1 accepté(s)."


def test_le_nom_d_un_fichier_filoue_ne_s_annonce_pas(ctx: Contexte, tmp_path: Path) -> None:
    chemin = tmp_path / "Zoe Dupont.csv"
    chemin.write_bytes(fichier())
    assert nom_a_dire(chemin) == "fichier Filoué"
    chemin.write_bytes(b"autre chose")
    assert nom_a_dire(chemin) == "Zoe Dupont.csv"
    assert nom_a_dire(tmp_path / "parti.csv") == "fichier déjà pris"


def test_un_fichier_altere_n_arrete_pas_les_autres(ctx: Contexte) -> None:
    """A file altered in the database is left for a person, and the next one is read."""
    deposer_octets(ctx, "a.csv", fichier())
    enregistrer_arrivees(ctx, JOUR)
    with transaction(ctx.moteur) as session:
        sain = session.exec(select(FichierFiloue)).one()
        session.add(
            FichierFiloue(
                structure_id=sain.structure_id, etape=ETAPE, exercice=2025, etat=EtatDepot.RECU, origine="boite",
                recu_le=sain.recu_le, sha256="x", taille=1, empreinte_cle=sain.empreinte_cle, sommes={},
                octets_chiffres=sain.octets_chiffres,
            )
        )  # fmt: skip
    bilan = instruire(ctx, JOUR)
    assert [li.etat for li in bilan.lignes] == [EtatDepot.ACCEPTE, EtatDepot.RECU]
    assert "ne se déchiffre pas" in bilan.lignes[1].a_reprendre
