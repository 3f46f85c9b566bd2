"""Validation by the team, rights computed once, as known on a day."""

from datetime import date

import pytest
from sqlmodel import Session, col, func, select

from demonstration.installation import installer
from modeles.base import transaction
from modeles.tables import Declaration, Droit, LigneJournal, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.droits import calculer_droits, ecrire_explications, valider
from operations.suivi import avancement
from regles.etats import EtatDeclaration

ETAPE = "reels-2025-a"
JOUR = date(2026, 3, 10)


def declarer(session: Session, ctx: Contexte, code: str, alertes: int = 0) -> None:
    """Declare as réel 2025 what the crèche had forecast."""
    structure = session.exec(select(Structure).where(Structure.code == code)).one()
    prevu = session.exec(
        select(Declaration).where(
            Declaration.structure_id == structure.id,
            Declaration.nature == "previsionnel",
            Declaration.exercice == 2025,
        )
    ).one()
    session.add(
        Declaration(
            structure_id=prevu.structure_id, prestation="EAJE", nature="reel", exercice=2025, etape=ETAPE,
            origine="test", donnees=prevu.donnees, recue_le=ctx.maintenant(JOUR), alertes=alertes,
            etat=EtatDeclaration.RECUE,
        )
    )  # fmt: skip


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    """The demonstration's network; two crèches declared, the second with alerts."""
    installer(contexte)
    with transaction(contexte.moteur) as session:
        declarer(session, contexte, "EAJE01")
        declarer(session, contexte, "EAJE02", alertes=2)
    return contexte


def droits(ctx: Contexte) -> list[Droit]:
    with transaction(ctx.moteur) as session:
        return list(session.exec(select(Droit).order_by(col(Droit.id))))


def test_une_alerte_attend_un_motif(ctx: Contexte) -> None:
    premier = valider(ctx, ETAPE, "c.martin", jour=JOUR)
    assert (premier.validees, premier.en_attente) == (1, ("EAJE02",))
    second = valider(ctx, ETAPE, "c.martin", "fermeture pour travaux, vu au téléphone", JOUR)
    assert (second.validees, second.en_attente) == (1, ())
    with transaction(ctx.moteur) as session:
        motifs = session.exec(
            select(LigneJournal.motif).where(LigneJournal.action == "valider").order_by(col(LigneJournal.numero))
        ).all()
    assert motifs == ["", "fermeture pour travaux, vu au téléphone"]
    ou = avancement(ctx, ETAPE, JOUR)
    assert (ou.recues, ou.validees, ou.mention) == (2, 2, "DÉMONSTRATION")
    assert ou.phrase.endswith(f" : 2 reçus sur {ou.attendues} (DÉMONSTRATION)")


@pytest.mark.parametrize(("etape", "par"), [("reels-1999", "c.martin"), (ETAPE, "a.leroy"), (ETAPE, "personne")])
def test_qui_peut_valider_et_quoi(ctx: Contexte, etape: str, par: str) -> None:
    with pytest.raises(ActeRefuse):
        valider(ctx, etape, par, "motif", JOUR)
    assert avancement(ctx, ETAPE, JOUR).validees == 0


def test_calculer_deux_fois_n_ajoute_rien(ctx: Contexte) -> None:
    valider(ctx, ETAPE, "c.martin", "vu", JOUR)
    premier = calculer_droits(ctx, ETAPE, JOUR)
    second = calculer_droits(ctx, ETAPE, date(2026, 3, 20))
    assert (premier.nouveaux, second.nouveaux) == (2, 0)
    assert second.lignes == premier.lignes
    assert premier.total_centimes == sum(d.montant_centimes or 0 for d in droits(ctx)) > 0


def test_une_valeur_connue_plus_tard_donne_un_autre_droit_et_garde_l_ancien(ctx: Contexte) -> None:
    """The PSU revaluation reaches back to 1 January 2025: the right as known before it stays as it was."""
    valider(ctx, ETAPE, "c.martin", "vu", JOUR)
    calculer_droits(ctx, ETAPE, date(2025, 12, 1))
    avant = droits(ctx)
    calculer_droits(ctx, ETAPE, JOUR)
    apres = droits(ctx)
    assert [d.model_dump() for d in apres[:2]] == [d.model_dump() for d in avant]
    assert all(
        (nouveau.montant_centimes or 0) > (ancien.montant_centimes or 0)
        for ancien, nouveau in zip(apres[:2], apres[2:], strict=True)
    )


def test_hors_demonstration_le_meme_droit_n_est_pas_payable(ctx: Contexte, monkeypatch: pytest.MonkeyPatch) -> None:
    valider(ctx, ETAPE, "c.martin", "vu", JOUR)
    reel = Contexte(ctx.reglages.model_copy(update={"demonstration": False}), ctx.moteur)
    bilan = calculer_droits(reel, ETAPE)
    assert [ligne.payable for ligne in bilan.lignes] == [False, False]
    assert all(any("psu.preparation.heures_par_enfant" in m for m in ligne.motifs) for ligne in bilan.lignes)
    assert bilan.total_centimes == 0
    with pytest.raises(ActeRefuse, match="démonstration"):
        calculer_droits(reel, ETAPE, JOUR)


def test_une_etape_sans_declaration_n_a_pas_de_droit(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="pas une campagne de déclaration"):
        calculer_droits(ctx, "cas-2026-04", JOUR)


def test_les_explications_disent_le_montant_et_la_demonstration(ctx: Contexte) -> None:
    valider(ctx, ETAPE, "c.martin", "vu", JOUR)
    calculer_droits(ctx, ETAPE, JOUR)
    chemins = ecrire_explications(ctx, ETAPE)
    assert [c.rsplit("/", 1)[1] for c in chemins] == ["EAJE01.html", "EAJE02.html"]
    page = (ctx.reglages.var / "documents" / ETAPE / "EAJE01.html").read_text(encoding="utf-8")
    for attendu in ("Les Petits Renards", "DÉMONSTRATION", "Taux de facturation", "http"):
        assert attendu in page
    with transaction(ctx.moteur) as session:
        assert session.exec(select(func.count()).select_from(Droit)).one() == 2
