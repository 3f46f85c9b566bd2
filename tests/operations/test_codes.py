"""The personal code: asked for with each signature, counted, blocked, journalled, and written nowhere."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import CodePersonnel, LigneJournal
from operations.codes import code_attendu, codes_refuses, exiger_code, poser_code
from operations.contexte import ActeRefuse, Contexte
from operations.dus import preparer_dus
from operations.lots import proposer_lot, resume_lot
from operations.signatures import decider_lot, ordonner_lot
from regles.calendrier import PARIS
from regles.etats import EtatLot
from tests.operations.argent import (
    CODE,
    ETAPE,
    JOUR,
    LIBERE,
    ORDONNE,
    PROPOSE,
    ajouter_partenaire,
    ajouter_reel,
)

MIDI = datetime(2026, 3, 12, 12, tzinfo=PARIS)


def a(ctx: Contexte, instant: datetime) -> Contexte:
    return Contexte(ctx.reglages, ctx.moteur, lambda: instant)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    ici = a(contexte_deux_bases, MIDI)
    for personne in (PROPOSE, ORDONNE, LIBERE):
        poser_code(ici, personne, f"{CODE} {personne[0]}", personne)
    return ici


def test_chaque_signature_demande_son_code(ctx: Contexte) -> None:
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
    with pytest.raises(ActeRefuse, match="Ce n'est pas le code"):
        poser_code(ctx, ORDONNE, "un autre code", ORDONNE, "faux")
    poser_code(ctx, ORDONNE, "un autre code", ORDONNE, f"{CODE} m")
    exiger_code(ctx, ORDONNE, "un autre code")
    with pytest.raises(ActeRefuse):
        exiger_code(ctx, ORDONNE, f"{CODE} m")


def test_un_code_oublie_se_change_par_qui_vise(ctx: Contexte) -> None:
    for par, phrase in ((PROPOSE, "pas habilité"), ("j.moreau", "chacun pose d'abord le sien")):
        with pytest.raises(ActeRefuse, match=phrase):
            poser_code(ctx, ORDONNE, "un autre code", par, f"{CODE} c")
    with pytest.raises(ActeRefuse, match="est attendu"):
        poser_code(ctx, ORDONNE, "un autre code", LIBERE)
    poser_code(ctx, ORDONNE, "un autre code", LIBERE, f"{CODE} a")
    exiger_code(ctx, ORDONNE, "un autre code")


@pytest.mark.parametrize("code", ["", "court", "sept...", "j.moreau !", "encore J.MOREAU"])
def test_codes_trop_simples(ctx: Contexte, code: str) -> None:
    with pytest.raises(ActeRefuse, match="au moins 8 caractères"):
        poser_code(ctx, "j.moreau", code, "j.moreau")
    assert not code_attendu(ctx, "j.moreau")


def test_hors_demonstration_tout_le_monde_en_a_un(ctx: Contexte) -> None:
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur, ctx.horloge)
    exiger_code(ctx, "j.moreau", "")
    with pytest.raises(ActeRefuse, match="campagnes code poser"):
        exiger_code(reel, "j.moreau", "")
    poser_code(reel, "j.moreau", CODE, "j.moreau")
    exiger_code(reel, "j.moreau", CODE)
