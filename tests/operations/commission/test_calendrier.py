"""Which sitting a request goes to: by the day it is complete, by itself, and the partner told in time."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from modeles.base import transaction
from modeles.tables import Contact, Courriel, Dossier, LigneJournal
from modeles.tables.reseau import RoleContact
from operations.commission.demandes import deposer, retirer
from operations.commission.pieces import recevoir, refuser
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.pieces import Apport
from tests.operations.commission.fonds import (
    APPEL,
    AVRIL,
    FEVRIER,
    NOVEMBRE,
    PAR,
    completer,
    demander,
    etats,
    genres,
    installer,
    jouer_jusqu_au,
    projet,
)
from tests.operations.reseau_exemple import texte

DEPOT = date(2025, 12, 15)


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    installer(contexte)
    return contexte


@pytest.mark.parametrize(
    ("complete_le", "attendu"),
    [
        (date(2026, 1, 9), ("inscrite", FEVRIER)),
        (date(2026, 1, 10), ("inscrite", FEVRIER)),  # the cut-off includes its day
        (None, ("deposee", AVRIL)),
    ],
    ids=["avant", "le jour même", "jamais"],
)
def test_la_date_limite_decide_de_la_seance(ctx: Contexte, complete_le: date | None, attendu: tuple[str, str]) -> None:
    reference = demander(ctx, DEPOT, complete=False)
    if complete_le is not None:
        completer(ctx, reference, complete_le)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    assert etats(ctx) == {reference: attendu}


def test_une_panne_de_dix_jours_ne_change_pas_la_seance(ctx: Contexte) -> None:
    a_temps = demander(ctx, DEPOT)
    tardive = demander(ctx, DEPOT, "Atelier parents", complete=False)
    completer(ctx, tardive, date(2026, 1, 11))
    jouer_jusqu_au(ctx, date(2026, 1, 21))
    assert etats(ctx) == {a_temps: ("inscrite", FEVRIER), tardive: ("deposee", AVRIL)}


def test_une_demande_arrivee_apres_la_limite_va_a_la_suivante(ctx: Contexte) -> None:
    assert deposer(ctx, projet(), PAR, date(2026, 1, 10)).commission == FEVRIER
    assert deposer(ctx, projet("Autre projet"), PAR, date(2026, 1, 11)).commission == AVRIL


def test_le_partenaire_sait_a_temps_ce_qui_manque_puis_qu_elle_est_reportee(ctx: Contexte) -> None:
    reference = demander(ctx, DEPOT, complete=False)
    completer(ctx, reference, DEPOT, "formulaire")
    jouer_jusqu_au(ctx, date(2025, 12, 29))
    assert envoyer_en_attente(ctx, date(2025, 12, 29)).envoyes == 2
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    assert envoyer_en_attente(ctx, date(2026, 1, 11)).envoyes == 1
    assert genres(ctx) == ["demande_recue", "demande_relance", "demande_reportee"]
    with transaction(ctx.moteur) as session:
        recue, relance, report = map(texte, session.exec(select(Courriel).order_by(col(Courriel.id))))
    assert "au plus tard le samedi 10 janvier 2026 inclus" in recue
    assert "- Budget prévisionnel du projet" in relance
    assert "- Formulaire de demande" not in relance
    assert "commission d’action sociale d’avril 2026, le jeudi 9 avril 2026" in " ".join(report.split())
    with transaction(ctx.moteur) as session:
        lignes = session.exec(select(LigneJournal).where(LigneJournal.action == "reporter")).all()
    assert [(li.objet_id, li.par, li.motif) for li in lignes] == [
        (reference, "calendrier", f"de « {FEVRIER} » à « {AVRIL} »")
    ]


def test_une_relance_devenue_inutile_ne_part_pas(ctx: Contexte) -> None:
    reference = demander(ctx, DEPOT, complete=False)
    envoyer_en_attente(ctx, DEPOT)
    jouer_jusqu_au(ctx, date(2025, 12, 29))
    completer(ctx, reference, date(2025, 12, 29))
    bilan = envoyer_en_attente(ctx, date(2025, 12, 29))
    assert (bilan.envoyes, bilan.sans_objet) == (0, 1)


def test_une_piece_refusee_manque_de_nouveau(ctx: Contexte) -> None:
    reference = demander(ctx, DEPOT)
    refus = refuser(
        ctx, reference, "budget", PAR, "Le total des produits n’est pas celui des charges.", date(2026, 1, 5)
    )
    assert refus.manquantes == ("Budget prévisionnel du projet",)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    assert etats(ctx)[reference] == ("deposee", AVRIL)


def test_une_meilleure_version_ne_coute_pas_sa_date_a_une_piece(ctx: Contexte) -> None:
    reference = demander(ctx, DEPOT)
    recevoir(ctx, reference, Apport("budget", PAR, constat="version corrigée, papier"), date(2026, 1, 11))
    jouer_jusqu_au(ctx, date(2026, 1, 12))
    assert etats(ctx)[reference] == ("inscrite", FEVRIER)


def test_mais_une_version_refusee_ne_donne_pas_sa_date(ctx: Contexte) -> None:
    reference = demander(ctx, DEPOT)
    refuser(ctx, reference, "budget", PAR, "Illisible.", date(2026, 1, 5))
    recevoir(ctx, reference, Apport("budget", PAR, constat="version corrigée, papier"), date(2026, 1, 11))
    jouer_jusqu_au(ctx, date(2026, 1, 12))
    assert etats(ctx)[reference] == ("deposee", AVRIL)


def test_sans_seance_publiee_elle_attend_puis_trouve_sa_place(ctx: Contexte) -> None:
    bilan = deposer(ctx, projet(), PAR, date(2026, 11, 2))
    assert bilan.commission == ""
    assert "elle attend" in bilan.message
    assert etats(ctx) == {bilan.reference: ("deposee", "")}
    envoyer_en_attente(ctx, date(2026, 11, 2))
    with transaction(ctx.moteur) as session:
        (recue,) = session.exec(select(Courriel))
    assert "n’est pas encore publiée" in texte(recue)


def test_la_derniere_seance_de_l_annee_laisse_en_attente(ctx: Contexte) -> None:
    reference = demander(ctx, date(2026, 10, 1), complete=False)
    assert etats(ctx) == {reference: ("deposee", NOVEMBRE)}
    jouer_jusqu_au(ctx, date(2026, 11, 1))
    assert etats(ctx) == {reference: ("deposee", "")}


def test_la_date_approximative_se_dit_a_confirmer(ctx: Contexte) -> None:
    demander(ctx, date(2026, 4, 1))
    envoyer_en_attente(ctx, date(2026, 4, 1))
    with transaction(ctx.moteur) as session:
        (recue,) = session.exec(select(Courriel))
    assert "lundi 15 juin 2026 (date à confirmer)" in texte(recue)


def test_rejouer_ne_refait_rien(ctx: Contexte) -> None:
    demander(ctx, DEPOT, complete=False)
    jouer_jusqu_au(ctx, date(2026, 1, 11))
    avant = (etats(ctx), genres(ctx))
    assert jouer_jusqu_au(ctx, date(2026, 1, 11)) == []
    assert (etats(ctx), genres(ctx)) == avant


def test_un_partenaire_sans_contact_est_nomme(ctx: Contexte) -> None:
    demander(ctx, DEPOT, partenaire="P2", complete=False)
    dits = jouer_jusqu_au(ctx, date(2026, 1, 11))
    assert any("Sans contact : P2 Ville de Langres." in dit for dit in dits)


@pytest.mark.parametrize(
    ("changement", "phrase"),
    [
        ({"partenaire": "P9"}, "« P9 » n'est le code d'aucun partenaire"),
        ({"structure": "X1"}, "« X1 » n'est pas une structure de Les Tilleuls"),
        ({"appel": "reels-2025-a"}, "n'est pas un appel à projets"),
        ({"enveloppe": "caisse"}, "« caisse » n'est pas une enveloppe"),
        ({"budget_centimes": 300_000}, "Le budget (3 000,00 €) est plus petit"),
        ({"demande": 0, "budget_centimes": 100}, "plus grands que zéro"),
    ],
)
def test_une_demande_qui_ne_tient_pas_est_refusee(ctx: Contexte, changement: dict[str, object], phrase: str) -> None:
    with pytest.raises(ActeRefuse) as refus:
        deposer(ctx, projet(**changement), PAR, DEPOT)  # type: ignore[arg-type]
    assert phrase in str(refus.value).replace("\u202f", " ").replace("\xa0", " ")
    assert etats(ctx) == {}


def test_la_meme_demande_deux_fois_est_la_meme(ctx: Contexte) -> None:
    premiere = deposer(ctx, projet(), PAR, DEPOT)
    seconde = deposer(ctx, projet(), PAR, DEPOT)
    assert (premiere.reference, premiere.nouvelle) == ("2026-PART-0001", True)
    assert (seconde.reference, seconde.nouvelle) == ("2026-PART-0001", False)
    with pytest.raises(ActeRefuse, match="déjà déposé"):
        deposer(ctx, projet(demande=100_000), PAR, DEPOT)
    retirer(ctx, "2026-PART-0001", PAR, "Le partenaire a revu son projet.", DEPOT)
    assert deposer(ctx, projet(demande=100_000), PAR, DEPOT).reference == "2026-PART-0002"


def test_l_appel_garde_la_reponse_du_partenaire(ctx: Contexte) -> None:
    demander(ctx, DEPOT)

    with transaction(ctx.moteur) as session:
        (dossier,) = session.exec(select(Dossier))
    assert (dossier.etape, dossier.partenaire_id, dossier.etat.value) == (APPEL, 1, "complet")


@pytest.mark.parametrize(
    ("nature", "role", "attendus"),
    [
        ("commission", "direction", ["dany@tilleuls.example"]),
        ("appel_a_projets", "direction", ["dany@tilleuls.example"]),
        ("commission", "comptabilite", ["ada@tilleuls.example", "dany@tilleuls.example"]),  # nobody: everybody
    ],
)
def test_le_courriel_va_aux_roles_voulus(
    ctx: Contexte, tmp_path: Path, nature: str, role: str, attendus: list[str]
) -> None:
    config = tmp_path / "config"
    shutil.copytree(ctx.reglages.config, config)
    demarches = config / "demarches.yaml"
    lu = demarches.read_text("utf-8")
    demarches.write_text(lu.replace(f"  {nature}:\n", f"  {nature}:\n    roles: [{role}]\n", 1), "utf-8")
    voulu = Contexte(ctx.reglages.model_copy(update={"config": config}), ctx.moteur)
    with transaction(ctx.moteur) as session:
        dany = Contact(partenaire_id=1, nom="Dany", courriel="dany@tilleuls.example", role=RoleContact.DIRECTION)
        session.add(dany)
    demander(voulu, DEPOT, complete=False)
    with transaction(ctx.moteur) as session:
        ecrits = session.exec(select(Contact.courriel).join(Courriel, col(Courriel.contact_id) == Contact.id)).all()
    assert sorted(ecrits) == attendus
