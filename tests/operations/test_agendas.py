"""A partner's own dates: whose they are, with their extensions, under names that never change."""

from datetime import date, datetime
from pathlib import Path

import pytest
from icalendar import Calendar
from typer.testing import CliRunner

from commandes import agenda as commandes
from commandes.principal import application
from modeles.base import transaction
from modeles.tables import Adhesion, Demande, Dossier, Prolongation, Structure
from operations.agendas import Agenda, Moment, agenda, dates_de_la_personne
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS
from regles.etats import EtatDemande, EtatDossier
from tests.operations.commission import fonds
from tests.operations.dossiers_exemple import installer_les_dossiers
from tests.operations.reseau_exemple import installer

JOUR = date(2026, 2, 16)
INSTANT = datetime(2026, 2, 16, 9, tzinfo=PARIS)


@pytest.fixture
def ctx(contexte: Contexte) -> Contexte:
    installer(contexte)
    return contexte


def limites(lu: Agenda) -> dict[str, date]:
    return {d.etape: d.evenement.jour for d in lu.dates if d.moment is Moment.LIMITE}


def test_les_dates_sont_celles_de_ses_structures_et_de_ses_dispositifs(ctx: Contexte) -> None:
    siennes = limites(agenda(ctx, "P1", JOUR))
    assert siennes["reels-2025-a"] == date(2026, 2, 27)
    assert siennes["filoue-2026"] == date(2026, 5, 15)
    assert "aap-partenaires-2027" in siennes
    assert not {"reels-2025-b", "bilans-rpe-2025", "acompte-1-2026", "aap-plan-mercredi-2026"} & siennes.keys()
    with transaction(ctx.moteur) as session:
        session.add(Adhesion(partenaire_id=1, dispositif="plan_mercredi", du=date(2024, 9, 1)))
        session.add(Adhesion(partenaire_id=1, dispositif="lieu_ressources", du=date(2020, 1, 1), au=date(2024, 12, 31)))
    siennes = limites(agenda(ctx, "P1", JOUR))
    assert siennes["aap-plan-mercredi-2026"] == date(2026, 5, 30)
    assert "bilans-lieu-ressources-2025" not in siennes


def test_une_prolongation_deplace_la_date_du_partenaire_et_de_lui_seul(ctx: Contexte) -> None:
    avant = agenda(ctx, "P1", JOUR)
    with transaction(ctx.moteur) as session:
        session.add(
            Prolongation(
                etape="reels-2025-a", partenaire_id=1, limite=date(2026, 3, 6), motif="m", par="c.martin", le=INSTANT
            )
        )
    apres = agenda(ctx, "P1", date(2026, 2, 17))
    assert limites(apres)["reels-2025-a"] == date(2026, 3, 6)
    assert limites(agenda(ctx, "P4", JOUR))["reels-2025-a"] == date(2026, 2, 27)
    vieux, neuf = ({str(e["uid"]): e for e in Calendar.from_ical(lu.ics).walk("VEVENT")} for lu in (avant, apres))
    assert vieux.keys() == neuf.keys()
    uid = "reels-2025-a.P1@caf52.example"
    assert neuf[uid]["sequence"] > vieux[uid]["sequence"]
    assert neuf[uid].decoded("dtstart") == date(2026, 3, 6)


def test_plus_de_temps_pour_une_structure_se_lit_dans_la_description(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        session.add(
            Prolongation(
                etape="reels-2025-a", partenaire_id=1, structure_id=1, limite=date(2026, 3, 6), motif="m",
                par="c.martin", le=INSTANT,
            )
        )  # fmt: skip
    (sienne,) = [
        d.evenement for d in agenda(ctx, "P1", JOUR).dates if (d.etape, d.moment) == ("reels-2025-a", "limite")
    ]
    assert sienne.jour == date(2026, 2, 27)
    assert "Crèche S1 : jusqu’au vendredi 6" in sienne.description


def test_ce_qui_n_est_pas_sur_est_a_confirmer(ctx: Contexte) -> None:
    titres = {(d.etape, d.moment): d.evenement.titre for d in agenda(ctx, "P1", JOUR).dates}
    assert titres["aap-partenaires-2027", Moment.OUVERTURE].endswith(": ouverture (à confirmer)")
    assert not titres["reels-2025-a", Moment.OUVERTURE].endswith("(à confirmer)")


def test_une_limite_que_la_source_rend_douteuse_l_est_aussi_dans_l_agenda(contexte: Contexte) -> None:
    installer_les_dossiers(contexte)
    titres = {(d.etape, d.moment): d.evenement.titre for d in agenda(contexte, "P1", JOUR).dates}
    assert titres["renouvellement-rpe-2026", Moment.LIMITE].endswith("(à confirmer)")
    assert not titres["filoue-2026", Moment.LIMITE].endswith("(à confirmer)")  # its opening is what is not known


@pytest.mark.parametrize(
    ("ouverte_le", "fermee_le", "concerne"),
    [
        (None, date(2025, 8, 31), False),  # the school year 2025-2026 had not begun
        (None, date(2025, 9, 1), True),
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
    ],
)
def test_un_clas_a_les_dates_de_son_annee_scolaire(
    ctx: Contexte, ouverte_le: date | None, fermee_le: date | None, concerne: bool
) -> None:
    with transaction(ctx.moteur) as session:
        structure = session.get_one(Structure, 1)
        structure.prestation, structure.places = "CLAS", None
        structure.ouverte_le, structure.fermee_le = ouverte_le, fermee_le
    assert ("reels-clas-2025" in limites(agenda(ctx, "P1", JOUR))) is concerne


def test_une_seance_concerne_qui_y_a_une_demande(ctx: Contexte) -> None:
    with transaction(ctx.moteur) as session:
        dossier = Dossier(etape="aap-partenaires-2026", partenaire_id=1, etat=EtatDossier.EN_COURS, cree_le=INSTANT)
        session.add(dossier)
        session.flush()
        for reference, seance, etat in (
            ("D1", "cas-2026-04", EtatDemande.DEPOSEE),
            ("D2", "cas-2026-11", EtatDemande.RETIREE),
        ):
            session.add(
                Demande(
                    reference=reference, dossier_id=dossier.id or 0, objet="Ateliers", enveloppe="fonds", exercice=2026,
                    montant_demande_centimes=1, budget_centimes=2, cofinanceurs=[], deposee_le=INSTANT,
                    commission=seance, etat=etat,
                )
            )  # fmt: skip
    seances = [d.evenement for d in agenda(ctx, "P1", JOUR).dates if d.moment is Moment.SEANCE]
    assert [(e.identifiant, e.jour) for e in seances] == [("cas-2026-04.seance.P1", date(2026, 4, 9))]


def test_une_demande_incomplete_a_sa_vraie_limite_et_n_est_pas_dite_examinee(contexte: Contexte) -> None:
    fonds.installer(contexte)
    reference = fonds.demander(contexte, date(2025, 12, 20), complete=False)

    def dites() -> dict[Moment, tuple[date, str]]:
        lues = agenda(contexte, "P1", date(2025, 12, 20)).dates
        return {d.moment: (d.evenement.jour, d.evenement.titre) for d in lues if d.etape == fonds.FEVRIER}

    assert dites() == {
        Moment.LIMITE: (
            fonds.LIMITE, "Commission d’action sociale de février 2026 : votre dossier complet au plus tard ce jour"
        ),
        Moment.SEANCE: (
            fonds.SEANCE, "Commission d’action sociale de février 2026 : séance, si votre dossier est complet à temps"
        ),
    }  # fmt: skip
    fonds.completer(contexte, reference, date(2025, 12, 22))
    examinee = "Commission d’action sociale de février 2026 : votre demande est examinée"
    assert dites() == {Moment.SEANCE: (fonds.SEANCE, examinee)}


def test_qui_repond_pour_deux_partenaires_n_a_chaque_date_qu_une_fois(ctx: Contexte) -> None:
    dates = dates_de_la_personne(ctx, "ALIX@chaumont.example")
    assert [d.evenement.identifiant for d in dates if (d.etape, d.moment) == ("reels-2025-a", "limite")] == [
        "reels-2025-a.P1"
    ]
    assert len({d.evenement.identifiant for d in dates}) == len(dates)


def test_journees_entieres_publiees_sans_fuseau(ctx: Contexte) -> None:
    lu = agenda(ctx, "P1", JOUR)
    calendrier = Calendar.from_ical(lu.ics)
    assert calendrier["method"] == "PUBLISH"
    assert b"TZID" not in lu.ics
    evenements = calendrier.walk("VEVENT")
    assert len(evenements) == len(lu.dates)
    assert all((e.decoded("dtend") - e.decoded("dtstart")).days == 1 for e in evenements)


def test_la_commande(ctx: Contexte, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commandes, "contexte", lambda: ctx)
    resultat = CliRunner().invoke(application, ["agenda", "P1", "--ics", str(tmp_path / "p1.ics")])
    assert resultat.exit_code == 0
    assert "27/02/2026  Réels 2025 (EAJE, RPE…) : dernier jour pour répondre à la Caf" in resultat.output
    assert Calendar.from_ical((tmp_path / "p1.ics").read_bytes())["x-wr-calname"] == "Calendrier de la Caf, Ville P1"
    assert CliRunner().invoke(application, ["agenda", "P9"]).exit_code == 2


def test_un_partenaire_inconnu_est_refuse(ctx: Contexte) -> None:
    with pytest.raises(ActeRefuse, match="Aucun partenaire ne porte le code"):
        agenda(ctx, "P9", JOUR)
