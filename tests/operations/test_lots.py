"""From rights to a released batch, on both databases."""

import hashlib
import io
import json
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import CoordonneeBancaire, Declaration, ExportLot, LigneJournal, Partenaire, Structure
from operations.codes import poser_code
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.journal import verifier_journal
from operations.lots import lots, proposer_lot, resume_lot
from operations.signatures import decider_lot, ordonner_lot
from operations.suspensions import suspendre
from regles.etats import EtatDeclaration, EtatLot, NatureVersement
from tests.operations.argent import (
    CODE,
    ETAPE,
    INSTANT,
    JOUR,
    LES_DEUX,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_droit,
    ajouter_partenaire,
    ajouter_reel,
    etats,
    liberer,
)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Four crèches: two soldes (30 000 and 5 centimes), an indu, and a right that may not be paid."""
    with transaction(contexte_deux_bases.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 100_000, 70_000)
        ajouter_reel(session, 2, 5, 0)
        ajouter_reel(session, 3, 60_000, 70_000)
        ajouter_reel(session, 4, 50_000, 0, payable=False)
    return contexte_deux_bases


def lot_propose(ctx: Contexte, par: str = PROPOSE) -> int:
    preparer_dus(ctx, ETAPE, JOUR)
    lot = proposer_lot(ctx, ETAPE, par, JOUR)
    assert lot is not None
    return lot


def test_soldes_indus_et_refus(ctx: Contexte) -> None:
    bilan = preparer_dus(ctx, ETAPE, JOUR)
    assert bilan.ecrits == {NatureVersement.SOLDE: (2, 30_005), NatureVersement.INDU: (1, 10_000)}
    assert [(r.structure, r.motifs) for r in bilan.refus] == [("S04", ("psu.plafond.p120 est inconnu",))]
    assert etats(ctx) == [("solde", 30_000, "du"), ("solde", 5, "du"), ("indu", 10_000, "a_recouvrer")]


def test_preparer_deux_fois_ne_change_rien(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    avant = etats(ctx)
    bilan = preparer_dus(ctx, ETAPE, JOUR)
    assert (bilan.ecrits, etats(ctx)) == ({}, avant)


def test_un_droit_recalcule_remplace_le_du(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 101_000, rang=2)
        ajouter_droit(session, 3, 71_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    assert etats(ctx) == [
        ("solde", 30_000, "annule"),
        ("solde", 5, "du"),
        ("indu", 10_000, "annule"),
        ("solde", 31_000, "du"),
        ("solde", 1_000, "du"),
    ]


def test_le_lot_est_fige_et_ne_se_propose_pas_deux_fois(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    assert proposer_lot(ctx, ETAPE, PROPOSE, JOUR) == lot
    resume = resume_lot(ctx, lot)
    assert (resume.nombre, resume.total_centimes, resume.mention) == (2, 30_005, "DÉMONSTRATION")
    assert [ligne.montant_centimes for ligne in resume.lignes] == [30_000, 5]


def test_trois_personnes_signent(ctx: Contexte) -> None:
    """Whoever may do it all signs once: the database keeps the two other signatures for others."""
    lot = lot_propose(ctx, LES_DEUX)
    with pytest.raises(ActeRefuse, match="proposé un lot ne peut pas l'ordonnancer"):
        ordonner_lot(ctx, lot, LES_DEUX, JOUR)
    ordonner_lot(ctx, lot, ORDONNE, JOUR)
    with pytest.raises(ActeRefuse, match="proposé ou ordonnancé un lot ne peut pas le viser"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LES_DEUX, jour=JOUR)
    assert resume_lot(ctx, lot).etat is EtatLot.ORDONNANCE
    with transaction(ctx.moteur) as session:
        refus = session.exec(select(LigneJournal).where(LigneJournal.action == "decision_refusee")).all()
    assert [ligne.par for ligne in refus] == [LES_DEUX, LES_DEUX]


def test_qui_ordonnance_ne_vise_pas(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    ordonner_lot(ctx, lot, LES_DEUX, JOUR)
    with pytest.raises(ActeRefuse, match="proposé ou ordonnancé un lot ne peut pas le viser"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LES_DEUX, jour=JOUR)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    assert (resume_lot(ctx, lot).ordonne_par, resume_lot(ctx, lot).decide_par) == (LES_DEUX, LIBERE)


def test_un_brouillon_ne_se_vise_pas(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match="n'est pas encore ordonnancé"):
        decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    assert etats(ctx)[0][2] == "en_lot"


@pytest.mark.parametrize(("par", "phrase"), [(PROPOSE, "pas habilité"), (LIBERE, "pas habilité"), ("x", "équipe")])
def test_ordonnancements_refuses(ctx: Contexte, par: str, phrase: str) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match=phrase):
        ordonner_lot(ctx, lot, par, JOUR)
    assert resume_lot(ctx, lot).etat is EtatLot.PROPOSE


@pytest.mark.parametrize("etat", ["propose", "ordonnance", "libere"])
@pytest.mark.parametrize("par", [ORDONNE, LIBERE])
def test_un_lot_s_annule_jusqu_a_son_export(ctx: Contexte, etat: str, par: str) -> None:
    lot = lot_propose(ctx)
    if etat != "propose":
        ordonner_lot(ctx, lot, ORDONNE, JOUR)
    if etat == "libere":
        decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR)
    decider_lot(ctx, lot, EtatLot.REFUSE, par, "un doute", JOUR)
    decider_lot(ctx, lot, EtatLot.REFUSE, par, "un doute", JOUR)
    assert [e[2] for e in etats(ctx)] == ["du", "du", "a_recouvrer"]
    with pytest.raises(ActeRefuse, match="déjà été décidé"):
        ordonner_lot(ctx, lot, LES_DEUX, JOUR)
    assert proposer_lot(ctx, ETAPE, PROPOSE, JOUR) == lot + 1


@pytest.mark.parametrize(
    ("decision", "par", "motif", "phrase"),
    [
        (EtatLot.LIBERE, PROPOSE, "", "pas habilité"),
        (EtatLot.LIBERE, "inconnu", "", "n'est pas une personne de l'équipe"),
        (EtatLot.REFUSE, LIBERE, " ", "motif est attendu"),
    ],
)
def test_decisions_refusees(ctx: Contexte, decision: EtatLot, par: str, motif: str, phrase: str) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match=phrase):
        decider_lot(ctx, lot, decision, par, motif, JOUR)
    resume = resume_lot(ctx, lot)
    assert resume.etat is EtatLot.PROPOSE
    assert [phrase in tentative for tentative in resume.tentatives_refusees] == [True]


def test_liberer_puis_exporter_une_fois(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    with pytest.raises(ActeRefuse, match="n'a pas son visa"):
        exporter_lot(ctx, lot, JOUR)
    liberer(ctx, lot, JOUR)
    liberer(ctx, lot, JOUR)
    premiers = exporter_lot(ctx, lot, JOUR)
    liberer(ctx, lot, JOUR)
    octets = [fait.chemin.read_bytes() for fait in premiers]
    for fait in premiers:
        fait.chemin.unlink()
    seconds = exporter_lot(ctx, lot, JOUR)
    assert seconds == premiers
    assert [fait.chemin.read_bytes() for fait in seconds] == octets
    assert [hashlib.sha256(o).hexdigest() for o in octets] == [fait.sha256 for fait in premiers]
    assert resume_lot(ctx, lot).etat is EtatLot.EXPORTE
    with pytest.raises(ActeRefuse, match="déjà été décidé"):
        decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "trop tard", JOUR)
    assert preparer_dus(ctx, ETAPE, JOUR).ecrits == {}
    assert verifier_journal(ctx).rupture is None


def test_un_lot_refuse_rend_ses_versements(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "un IBAN à vérifier", JOUR)
    assert [e[2] for e in etats(ctx)] == ["du", "du", "a_recouvrer"]
    second = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert [resume.numero for resume in lots(ctx, ETAPE)] == [f"{ETAPE}-lot-01", f"{ETAPE}-lot-02"]
    assert second is not None
    assert resume_lot(ctx, second).total_centimes == 30_005


def test_bordereaux_sans_formule_et_justes(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    csv, xlsx, *_ = exporter_lot(ctx, lot, JOUR)
    texte = csv.chemin.read_text(encoding="utf-8-sig")
    assert "DÉMONSTRATION" in texte
    assert "'=Crèche;'+Commune;FR76 •••• 0126;EAJE;solde;2025;1000,00;700,00;300,00;0,00;300,00;" in texte
    assert "TOTAL;2 ligne(s);;;;;;;;;300,05;0,00;300,05;" in texte
    feuille = load_workbook(io.BytesIO(xlsx.chemin.read_bytes()))["Bordereau"]
    cellules = [c for rangee in feuille.iter_rows() for c in rangee if c.value is not None]
    assert all(c.data_type != "f" for c in cellules)
    assert "=Crèche" in [c.value for c in cellules]
    assert [c.value for c in feuille["M"]][-3:] == [300, 0.05, 300.05]


def test_le_fichier_de_virements_porte_le_lot(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    virements = exporter_lot(ctx, lot, JOUR)[2]
    assert virements.chemin.name == f"DEMONSTRATION-virements-{ETAPE}-lot-01.xml"
    texte = virements.chemin.read_text(encoding="utf-8")
    assert re.findall(r"<CtrlSum>(.*?)<", texte) == ["300.05", "300.05"]
    assert re.findall(r"<EndToEndId>(.*?)<", texte) == [f"{ETAPE}-01-001", f"{ETAPE}-01-002"]
    assert re.findall(r"<Ustrd>(.*?)<", texte) == [
        "CAF EAJE 2025 solde S01 2025-EAJE-S01-02", "CAF EAJE 2025 solde S02 2025-EAJE-S02-01",
    ]  # fmt: skip
    assert "<Dt>2026-03-13</Dt>" in texte
    assert "<Nm>DEMONSTRATION Caf</Nm>" in texte


def test_une_ligne_mise_de_cote_garde_son_rang_et_l_adresse_part_avec_le_virement(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    suspendre(ctx, "2025-EAJE-S01-02", "pieces", "attestation à recevoir", ORDONNE, JOUR)
    with transaction(ctx.moteur) as session:
        payee = session.get_one(Partenaire, 1)
        payee.rue, payee.code_postal, payee.ville, payee.pays = "Rue de l’Église", "52000", "Chaumont", "FR"
    liberer(ctx, lot, JOUR)
    texte = exporter_lot(ctx, lot, JOUR)[2].chemin.read_text(encoding="utf-8")
    assert re.findall(r"<EndToEndId>(.*?)<", texte) == [f"{ETAPE}-01-002"]
    assert re.findall(r"<(StrtNm|PstCd|TwnNm|Ctry)>(.*?)<", texte) == [
        ("StrtNm", "Rue de l'Eglise"), ("PstCd", "52000"), ("TwnNm", "Chaumont"), ("Ctry", "FR"),
    ]  # fmt: skip


def test_le_paquet_nomme_chaque_fichier_par_son_empreinte(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    faits = {fait.format: fait for fait in exporter_lot(ctx, lot, JOUR)}
    assert list(faits) == ["csv", "xlsx", "xml", "ecritures", "pdf", "manifeste", "zip"]
    dit = json.loads(faits["manifeste"].chemin.read_text(encoding="utf-8"))
    assert (dit["nombre"], dit["total_centimes"]) == (2, 30_005)
    assert (dit["propose_par"], dit["ordonne_par"], dit["vise_par"]) == (PROPOSE, ORDONNE, LIBERE)
    assert [(f["nom"], f["sha256"]) for f in dit["fichiers"]] == [
        (faits[genre].chemin.name, faits[genre].sha256) for genre in ("csv", "xlsx", "xml", "ecritures", "pdf")
    ]
    assert dit["tete_du_journal"].split()[1] in faits["csv"].chemin.read_text(encoding="utf-8-sig")


def test_sans_compte_a_debiter_aucun_fichier_de_virements(ctx: Contexte, tmp_path: Path) -> None:
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    config = shutil.copytree(ctx.reglages.config, tmp_path / "config")
    finance = config / "demonstration" / "finance.yaml"
    finance.write_text(re.sub(r"(iban|journal|banque): .*", r"\1: inconnu", finance.read_text(encoding="utf-8")))
    sans_compte = Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)
    assert [fait.format for fait in exporter_lot(sans_compte, lot, JOUR)] == ["csv", "xlsx", "pdf", "manifeste", "zip"]


def test_un_lot_de_demonstration_ne_s_exporte_pas_pour_de_vrai(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur)
    with pytest.raises(ActeRefuse, match="Depuis la proposition"):
        exporter_lot(reel, lot)


def test_un_iban_qui_ne_tient_pas_arrete_tout_l_export(ctx: Contexte) -> None:
    """Recorded before accounts were checked, say: neither bordereau nor file, and the batch stays to export."""
    with transaction(ctx.moteur) as session:
        ajouter_partenaire(session, 2, "Autre", compte=False)
        ajouter_reel(session, 5, 4_000, 0)
        session.get_one(Structure, 5).partenaire_id = 2
        session.add(
            CoordonneeBancaire(
                partenaire_id=2, iban="FR4599999000520000000000199", titulaire="Autre", du=date(2023, 1, 1),
                enregistree_par=PROPOSE, enregistree_le=INSTANT, contre_appel="rappelé", confirmee_par=LIBERE,
                confirmee_le=INSTANT,
            )
        )  # fmt: skip
    lot = lot_propose(ctx)
    liberer(ctx, lot, JOUR)
    with pytest.raises(ActeRefuse, match=r"\(2025-EAJE-S05-01\) : l'IBAN ne tient pas"):
        exporter_lot(ctx, lot, JOUR)
    assert resume_lot(ctx, lot).etat is EtatLot.LIBERE
    with transaction(ctx.moteur) as session:
        assert session.exec(select(ExportLot)).all() == []


def corriger(ctx: Contexte, structure: int) -> None:
    """A new deposit has replaced the declaration of a structure; nobody has validated it yet."""
    with transaction(ctx.moteur) as session:
        ancienne = session.get_one(Declaration, structure)
        ancienne.etat = EtatDeclaration.REMPLACEE
        session.add(ancienne)
        session.flush()
        session.add(
            Declaration(
                id=100 + structure, structure_id=structure, prestation="EAJE", nature="reel", exercice=2025,
                etape=ETAPE, origine="test", donnees={}, recue_le=INSTANT, etat=EtatDeclaration.RECUE,
            )
        )  # fmt: skip


def test_un_du_dont_la_declaration_est_remplacee_ne_part_pas(ctx: Contexte) -> None:
    preparer_dus(ctx, ETAPE, JOUR)
    corriger(ctx, 1)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, JOUR)
    assert lot is not None
    assert resume_lot(ctx, lot).total_centimes == 5
    preparer_dus(ctx, ETAPE, JOUR)
    assert etats(ctx)[0] == ("solde", 30_000, "annule")


@pytest.mark.parametrize("evenement", ["déclaration remplacée", "droit recalculé", "droit devenu non payable"])
def test_un_lot_depasse_ne_se_libere_pas(ctx: Contexte, evenement: str) -> None:
    lot = lot_propose(ctx)
    if evenement == "déclaration remplacée":
        corriger(ctx, 1)
    else:
        with transaction(ctx.moteur) as session:
            ajouter_droit(session, 1, 99_000, payable=evenement == "droit recalculé", rang=2)
    with pytest.raises(ActeRefuse, match=r"Depuis la proposition .* S01"):
        liberer(ctx, lot, JOUR)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "un droit a changé", JOUR)
    preparer_dus(ctx, ETAPE, JOUR)
    ouverts = [(nature, montant) for nature, montant, etat in etats(ctx) if etat == "du"]
    assert ("solde", 30_000) not in ouverts
    assert (("solde", 29_000) in ouverts) == (evenement == "droit recalculé")


def test_un_lot_de_demonstration_ne_se_libere_pas_pour_de_vrai(ctx: Contexte) -> None:
    lot = lot_propose(ctx)
    poser_code(ctx, ORDONNE, CODE)
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur)
    with pytest.raises(ActeRefuse, match="Depuis la proposition"):
        ordonner_lot(reel, lot, ORDONNE, code=CODE)
    assert [r.structure for r in preparer_dus(reel, ETAPE).refus] == ["S01", "S02", "S03", "S04"]
    assert [e[2] for e in etats(ctx) if e[0] == "indu"] == ["annule"]


def test_un_droit_en_baisse_pendant_qu_un_lot_attend(ctx: Contexte) -> None:
    """The batch is turned down after an indu was written against it: only what is owed stays open."""
    lot = lot_propose(ctx)
    with transaction(ctx.moteur) as session:
        ajouter_droit(session, 1, 80_000, rang=2)
    preparer_dus(ctx, ETAPE, JOUR)
    assert ("indu", 20_000, "a_recouvrer") in etats(ctx)
    decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "le droit a baissé", JOUR)
    preparer_dus(ctx, ETAPE, JOUR)
    ouverts = [e for e in etats(ctx) if e[2] in {"du", "a_recouvrer"}]
    assert ("solde", 10_000, "du") in ouverts
    assert ("indu", 20_000, "a_recouvrer") not in ouverts
