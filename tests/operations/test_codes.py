"""The personal code: asked for with each act on money, counted, blocked, journalled, and written nowhere."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from demonstration.hasard import iban_invente
from modeles.base import transaction
from modeles.journal import lignes_de
from modeles.tables import CodePersonnel, LigneJournal
from operations.codes import code_attendu, codes_refuses, exiger_code, poser_code
from operations.contexte import ActeRefuse, Contexte
from operations.contrepassations import contrepasser
from operations.coordonnees import confirmer, enregistrer
from operations.dus import preparer_dus
from operations.exports import exporter_lot
from operations.indus import encaisser
from operations.lots import proposer_lot, resume_lot
from operations.rappels import confirmer_rappels
from operations.rapprochement import rapprocher
from operations.signatures import decider_lot, ordonner_lot, transmettre_lot
from operations.suspensions import lever_suspension, suspendre
from regles.calendrier import PARIS
from regles.etats import EtatLot
from tests.operations.argent import (
    CODE,
    ETAPE,
    JOUR,
    LES_DEUX,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_partenaire,
    ajouter_reel,
    liberer,
    poser_les_codes,
)

SOLDE = "2025-EAJE-S01-01"
MIDI = datetime(2026, 3, 12, 12, tzinfo=PARIS)


def a(ctx: Contexte, instant: datetime) -> Contexte:
    return Contexte(ctx.reglages, ctx.moteur, lambda: instant)


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    ici = a(contexte, MIDI)
    poser_les_codes(ici, PROPOSE, ORDONNE, LIBERE)
    return ici


def test_chaque_signature_demande_son_code(contexte_deux_bases: Contexte) -> None:
    ctx = a(contexte_deux_bases, MIDI)
    poser_les_codes(ctx, PROPOSE, ORDONNE, LIBERE)
    with transaction(ctx.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 30_000, 0)
    preparer_dus(ctx, ETAPE, JOUR)
    for code in ("", "autre chose", f"{CODE} m"):
        with pytest.raises(ActeRefuse, match=r"code"):
            proposer_lot(ctx, ETAPE, PROPOSE, JOUR, code)
    lot = proposer_lot(ctx, ETAPE, PROPOSE, JOUR, f"{CODE} c")
    assert lot is not None
    with pytest.raises(ActeRefuse, match=r"Ce n'est pas le code de m\.lefevre : encore 4 essai"):
        ordonner_lot(ctx, lot, ORDONNE, JOUR, f"{CODE} c")
    assert resume_lot(ctx, lot).etat is EtatLot.PROPOSE
    ordonner_lot(ctx, lot, ORDONNE, JOUR, f"{CODE} m")
    with pytest.raises(ActeRefuse, match="est attendu"):
        decider_lot(ctx, lot, EtatLot.REFUSE, LIBERE, "un doute", JOUR)
    decider_lot(ctx, lot, EtatLot.LIBERE, LIBERE, jour=JOUR, code=f"{CODE} a")
    assert resume_lot(ctx, lot).etat is EtatLot.LIBERE


def test_trop_d_essais_bloquent_un_moment_puis_tout_revient(ctx: Contexte) -> None:
    for restants in (4, 3, 2, 1):
        with pytest.raises(ActeRefuse, match=f"encore {restants} essai"):
            exiger_code(ctx, ORDONNE, "faux")
    with pytest.raises(ActeRefuse, match="bloqué jusqu'à 12:15"):
        exiger_code(ctx, ORDONNE, "faux")
    juste = f"{CODE} m"
    for minutes in (0, 14):
        with pytest.raises(ActeRefuse, match="bloqué jusqu'à 12:15"):
            exiger_code(a(ctx, MIDI + timedelta(minutes=minutes)), ORDONNE, juste)
    apres = a(ctx, MIDI + timedelta(minutes=15))
    exiger_code(apres, ORDONNE, juste)
    with pytest.raises(ActeRefuse, match="encore 4 essai"):
        exiger_code(apres, ORDONNE, "faux")
    exiger_code(apres, LIBERE, f"{CODE} a")
    assert len(codes_refuses(ctx, ORDONNE)) == 8


def test_un_bon_code_efface_les_essais_et_rien_de_tape_ne_compte_pas(ctx: Contexte) -> None:
    for _ in range(3):
        for faux in ("faux", "faux", "", "", "", "", ""):
            with pytest.raises(ActeRefuse):
                exiger_code(ctx, ORDONNE, faux)
        exiger_code(ctx, ORDONNE, f"{CODE} m")


def test_le_code_n_est_ecrit_nulle_part(ctx: Contexte) -> None:
    exiger_code(ctx, ORDONNE, f"{CODE} m")
    with pytest.raises(ActeRefuse):
        exiger_code(ctx, ORDONNE, "essai malheureux")
    with transaction(ctx.moteur) as session:
        lignes = " ".join(str(ligne.model_dump()) for ligne in session.exec(select(LigneJournal)))
        codes = session.exec(select(CodePersonnel)).all()
    assert "poser un code" in lignes
    assert "code reconnu" in lignes
    assert "code refusé" in lignes
    for secret in (CODE, "essai malheureux"):
        assert secret not in lignes
        assert all(secret not in str(code.model_dump()) for code in codes)
        assert all(secret.encode() not in f.read_bytes() for f in Path(ctx.reglages.var).rglob("*") if f.is_file())
    assert len({(code.sel, code.empreinte) for code in codes}) == 3


def test_changer_son_code(ctx: Contexte) -> None:
    for faux, phrase in (("faux", "Ce n'est pas le code"), ("", "est attendu")):
        with pytest.raises(ActeRefuse, match=phrase):
            poser_code(ctx, ORDONNE, "un autre code", faux)
    poser_code(ctx, ORDONNE, "un autre code", f"{CODE} m")
    exiger_code(ctx, ORDONNE, "un autre code")
    with pytest.raises(ActeRefuse):
        exiger_code(ctx, ORDONNE, f"{CODE} m")


@pytest.mark.parametrize("qui", [ORDONNE, LES_DEUX], ids=["oublié", "premier"])
def test_un_code_oublie_ou_premier_se_pose_devant_deux_collegues(ctx: Contexte, qui: str) -> None:
    """Nobody alone, not even whoever gives the visa, makes themselves the code of another."""
    propose, libere = {PROPOSE: f"{CODE} c"}, {LIBERE: f"{CODE} a"}
    for temoins, phrase in (
        (libere, "devant 2 collègue"),
        (libere | {qui: f"{CODE} m"}, "ne peut pas être témoin"),
        (libere | {"s.dubois": ""}, "ne peut pas être témoin"),
        (libere | {"personne": ""}, "ne peut pas être témoin"),
        (libere | {PROPOSE: "faux"}, r"Ce n'est pas le code de c\.martin"),
    ):
        with pytest.raises(ActeRefuse, match=phrase):
            poser_code(ctx, qui, "un autre code", temoins=temoins)
    poser_code(ctx, qui, "un autre code", temoins=libere | propose)
    exiger_code(ctx, qui, "un autre code")
    with transaction(ctx.moteur) as session:
        (ligne,) = lignes_de(session, "code", qui, "poser un code")[-1:]
    assert json.loads(ligne.details) == {"temoins": [LIBERE, PROPOSE]}


def test_les_premiers_codes_d_une_installation(contexte: Contexte) -> None:
    """The first person has no witness, the second has one: the third has two already."""
    poser_code(contexte, PROPOSE, f"{CODE} 1")
    with pytest.raises(
        ActeRefuse, match=r"devant 1 collègue\(s\) qui ont le leur et le tapent \(--devant\) : c\.martin"
    ):
        poser_code(contexte, ORDONNE, f"{CODE} 2")
    poser_code(contexte, ORDONNE, f"{CODE} 2", temoins={PROPOSE: f"{CODE} 1"})
    with pytest.raises(ActeRefuse, match="devant 2 collègue"):
        poser_code(contexte, LIBERE, f"{CODE} 3", temoins={PROPOSE: f"{CODE} 1"})


@pytest.mark.parametrize("code", ["", "court", "sept...", "j.moreau !", "encore J.MOREAU"])
def test_codes_trop_simples(contexte: Contexte, code: str) -> None:
    with pytest.raises(ActeRefuse, match="au moins 8 caractères"):
        poser_code(contexte, "j.moreau", code)
    assert not code_attendu(contexte, "j.moreau")


ACTES: dict[str, Callable[[Contexte], object]] = {
    "proposer": lambda ctx: proposer_lot(ctx, ETAPE, PROPOSE),
    "ordonnancer": lambda ctx: ordonner_lot(ctx, 1, ORDONNE),
    "viser": lambda ctx: decider_lot(ctx, 1, EtatLot.LIBERE, LIBERE),
    "refuser": lambda ctx: decider_lot(ctx, 1, EtatLot.REFUSE, LIBERE, "un doute"),
    "transmettre": lambda ctx: transmettre_lot(ctx, 1, LIBERE),
    "suspendre": lambda ctx: suspendre(ctx, SOLDE, "pieces", "attestation attendue", ORDONNE),
    "lever": lambda ctx: lever_suspension(ctx, SOLDE, "attestation reçue", ORDONNE),
    "contre-passer": lambda ctx: contrepasser(ctx, SOLDE, "revenu", LIBERE),
    "encaisser": lambda ctx: encaisser(ctx, SOLDE, 1, LIBERE, "virement"),
    "enregistrer un compte": lambda ctx: enregistrer(ctx, "P1", iban_invente(9), "Commune", JOUR, PROPOSE),
    "confirmer un compte": lambda ctx: confirmer(ctx, 1, LES_DEUX, "rappelé à l'accueil"),
    "confirmer des rappels": lambda ctx: confirmer_rappels(ctx, [2025], "0" * 64, PROPOSE, "publiée"),
    "appliquer des résultats": lambda ctx: rapprocher(ctx, releve(ctx), LIBERE, appliquer=True),
}


def releve(ctx: Contexte) -> Path:
    fichier = ctx.reglages.var / "resultats.csv"
    fichier.write_text(f"reference;resultat;code;montant;date\n{SOLDE};payé;;;\n", encoding="utf-8")
    return fichier


def test_hors_demonstration_chaque_acte_demande_un_code(contexte: Contexte) -> None:
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 30_000, 0)
    preparer_dus(contexte, ETAPE, JOUR)
    assert proposer_lot(contexte, ETAPE, PROPOSE, JOUR) == 1
    reel = Contexte(contexte.reglages.model_copy(update={"demonstration": False}), contexte.moteur, contexte.horloge)
    for acte, faire in ACTES.items():
        with pytest.raises(ActeRefuse) as refus:
            faire(reel)
        assert "n'a pas encore de code personnel : campagnes code poser" in str(refus.value), acte


def test_de_la_remise_a_la_banque_a_la_contre_passation_avec_son_code(contexte: Contexte) -> None:
    """With the right code each act goes through; the preview of the bank's results asks none."""
    with transaction(contexte.moteur) as session:
        ajouter_partenaire(session)
        ajouter_reel(session, 1, 30_000, 0)
    preparer_dus(contexte, ETAPE, JOUR)
    assert proposer_lot(contexte, ETAPE, PROPOSE, JOUR) == 1
    liberer(contexte, 1)
    exporter_lot(contexte, 1, JOUR)
    poser_code(contexte, LIBERE, CODE)
    transmettre_lot(contexte, 1, LIBERE, JOUR, CODE)
    assert len(rapprocher(contexte, releve(contexte), LIBERE, JOUR).payees) == 1
    assert len(rapprocher(contexte, releve(contexte), LIBERE, JOUR, appliquer=True, code=CODE).payees) == 1
    indu = contrepasser(contexte, SOLDE, "revenu", LIBERE, JOUR, CODE)
    assert encaisser(contexte, indu, 30_000, LIBERE, "retour", JOUR, CODE).restant_centimes == 0


def test_hors_demonstration_tout_le_monde_en_a_un(ctx: Contexte) -> None:
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur, ctx.horloge)
    exiger_code(ctx, "j.moreau", "")
    with pytest.raises(ActeRefuse, match="campagnes code poser"):
        exiger_code(reel, "j.moreau", "")
    poser_code(reel, "j.moreau", CODE, temoins={PROPOSE: f"{CODE} c", LIBERE: f"{CODE} a"})
    exiger_code(reel, "j.moreau", CODE)
