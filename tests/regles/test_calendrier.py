"""The calendar's actions: at their local hour, within the step's life, each once, one mail a day after an outage."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.calendrier import (
    PARIS,
    Etape,
    NatureEtape,
    PlanRelances,
    Verbe,
    actions_datees,
    actions_dues,
    fin_de_reception,
)

PLAN = PlanRelances((-7, 1), time(9), 10)


def etape(**champs: object) -> Etape:
    base: dict[str, object] = {
        "id": "reels-2025-a",
        "nature": NatureEtape.REEL,
        "libelle": "Réels 2025",
        "ouverture": date(2026, 2, 8),
        "limite": date(2026, 2, 27),
    }
    return Etape(**{**base, **champs})  # type: ignore[arg-type]


def jours(e: Etape, plan: PlanRelances = PLAN) -> list[tuple[str, str]]:
    return [(a.cle.removeprefix(f"{e.id}-"), f"{a.le:%m-%d}") for a in actions_datees(e, plan)]


def test_les_reels_de_fevrier() -> None:
    assert jours(etape()) == [
        ("ouvrir", "02-08"),
        ("relancer-1", "02-20"),
        ("relancer-2", "02-28"),
        ("clore", "03-10"),
    ]


@pytest.mark.parametrize(
    ("champs", "plan", "attendu"),
    [
        pytest.param(
            {"derniere_relance": date(2026, 2, 28), "limite_finale": date(2026, 3, 5)},
            PLAN,
            ["ouvrir 02-08", "relancer-1 02-20", "relancer-2 02-28", "clore 03-06"],
            id="la relance publiée coïncide avec une relance prévue",
        ),
        pytest.param(
            {"derniere_relance": date(2026, 3, 2), "limite_finale": date(2026, 3, 5)},
            PLAN,
            ["ouvrir 02-08", "relancer-1 02-20", "relancer-2 02-28", "relancer-3 03-02", "clore 03-06"],
            id="la relance publiée s'ajoute",
        ),
        pytest.param(
            {"derniere_relance": date(2026, 2, 28), "limite_finale": date(2026, 3, 9)},
            PlanRelances((-7, 1, 5), time(9), 10),
            ["ouvrir 02-08", "relancer-1 02-20", "relancer-2 02-28", "clore 03-10"],
            id="aucune relance après la dernière annoncée",
        ),
        pytest.param(
            {"ouverture": date(2026, 2, 20)},
            PLAN,
            ["ouvrir 02-20", "relancer-1 02-28", "clore 03-10"],
            id="pas de relance le jour de l'ouverture",
        ),
        pytest.param(
            {},
            PlanRelances((0, 10, 11), time(9), 10),
            ["ouvrir 02-08", "relancer-1 02-27", "relancer-2 03-09", "clore 03-10"],
            id="le dernier jour de réception compte, le suivant non",
        ),
        pytest.param(
            {"ouverture": None, "nature": NatureEtape.BILAN},
            PLAN,
            ["relancer-1 02-20", "relancer-2 02-28", "clore 03-10"],
            id="sans ouverture",
        ),
        pytest.param(
            {"ouverture": None, "limite": None, "jour": date(2026, 4, 9)}, PLAN, ["ouvrir 04-09"], id="commission"
        ),
        pytest.param(
            {"ouverture": None, "limite": None, "a_partir_du": date(2026, 1, 5)}, PLAN, ["ouvrir 01-05"], id="acompte"
        ),
    ],
)
def test_actions_d_une_etape(champs: dict[str, object], plan: PlanRelances, attendu: list[str]) -> None:
    assert [f"{cle} {le}" for cle, le in jours(etape(**champs), plan)] == attendu


@pytest.mark.parametrize(
    ("limite", "utc"),
    [
        (date(2026, 3, 27), [datetime(2026, 3, 28, 8, tzinfo=UTC)]),
        (date(2026, 3, 28), [datetime(2026, 3, 29, 7, tzinfo=UTC)]),
        (date(2026, 10, 23), [datetime(2026, 10, 24, 7, tzinfo=UTC)]),
        (date(2026, 10, 24), [datetime(2026, 10, 25, 8, tzinfo=UTC)]),
    ],
)
def test_neuf_heures_a_paris_autour_des_deux_changements_d_heure(limite: date, utc: list[datetime]) -> None:
    e = etape(ouverture=None, limite=limite)
    relances = [a.le for a in actions_datees(e, PlanRelances((1,), time(9), 10)) if a.verbe is Verbe.RELANCER]
    assert [le.astimezone(UTC) for le in relances] == utc
    assert {le.hour for le in relances} == {9}


def test_la_limite_comprend_son_jour() -> None:
    e = etape(limite_finale=date(2026, 2, 27))
    assert fin_de_reception(e, PLAN) == date(2026, 2, 27)
    cloture = actions_datees(e, PLAN)[-1]
    assert cloture.le == datetime(2026, 2, 28, 9, tzinfo=PARIS)
    assert actions_dues([cloture], date(2026, 2, 27), set()) == ((), ())
    assert actions_dues([cloture], date(2026, 2, 28), set()) == ((cloture,), ())


def test_une_date_approximative_se_voit_sur_son_action_seule() -> None:
    e = etape(approximations=(("ouverture", "début février"),))
    assert [a.cle for a in actions_datees(e, PLAN) if a.a_confirmer] == ["reels-2025-a-ouvrir"]
    e = etape(limite_finale=date(2026, 3, 9), approximations=(("limite_finale", "début mars"),))
    assert [a.cle for a in actions_datees(e, PLAN) if a.a_confirmer] == ["reels-2025-a-clore"]


def dues(jour: date, *faites: str, **champs: object) -> tuple[list[str], list[str]]:
    prefixe = "reels-2025-a-"
    jouer, sauter = actions_dues(actions_datees(etape(**champs), PLAN), jour, {prefixe + f for f in faites})
    return [a.cle.removeprefix(prefixe) for a in jouer], [a.cle.removeprefix(prefixe) for a in sauter]


@pytest.mark.parametrize(
    ("jour", "faites", "attendu"),
    [
        (date(2026, 2, 7), [], ([], [])),
        (date(2026, 2, 8), [], (["ouvrir"], [])),
        (date(2026, 2, 20), ["ouvrir"], (["relancer-1"], [])),
        (date(2026, 2, 27), ["ouvrir"], (["relancer-1"], [])),
        (date(2026, 3, 2), ["ouvrir"], (["relancer-2"], ["relancer-1"])),
        (date(2026, 3, 2), ["ouvrir", "relancer-1"], (["relancer-2"], [])),
        (date(2026, 3, 2), ["ouvrir", "relancer-2"], ([], ["relancer-1"])),
        (date(2026, 3, 2), [], (["ouvrir"], ["relancer-1", "relancer-2"])),
        (date(2026, 3, 10), ["ouvrir"], (["clore"], ["relancer-1", "relancer-2"])),
        (date(2026, 3, 10), [], (["clore"], ["ouvrir", "relancer-1", "relancer-2"])),
        (date(2026, 6, 1), ["ouvrir", "relancer-1", "relancer-2", "clore"], ([], [])),
    ],
)
def test_apres_un_arret(jour: date, faites: list[str], attendu: tuple[list[str], list[str]]) -> None:
    assert dues(jour, *faites) == attendu


JOUR = st.dates(date(2025, 1, 1), date(2027, 12, 31))
PLANS = st.builds(
    PlanRelances,
    st.lists(st.integers(-40, 40), max_size=4, unique=True).map(tuple),
    st.times(time(6), time(20)).map(lambda t: t.replace(microsecond=0)),
    st.integers(0, 30),
)


@st.composite
def etapes(tirer: st.DrawFn, identifiant: str = "e") -> Etape:
    limite = tirer(JOUR)
    finale = tirer(st.none() | st.integers(0, 30))
    relance = None if finale is None else tirer(st.none() | st.integers(0, finale))
    return etape(
        id=identifiant,
        ouverture=tirer(st.none() | st.integers(0, 60).map(lambda n: limite - timedelta(days=n))),
        limite=limite,
        limite_finale=None if finale is None else limite + timedelta(days=finale),
        derniere_relance=None if relance is None else limite + timedelta(days=relance),
    )


@given(st.tuples(etapes("a"), etapes("b")), PLANS, st.lists(st.integers(0, 45), max_size=12))
def test_quels_que_soient_les_arrets(deux: tuple[Etape, Etape], plan: PlanRelances, pas: list[int]) -> None:
    """Run on any days, twice a day: every due action leaves the list once, and at most one mail a day per step."""
    actions = [a for e in deux for a in actions_datees(e, plan)]
    fins = {e.id: fin_de_reception(e, plan) for e in deux}
    jour = min((a.le.date() for a in actions), default=date(2026, 1, 1))
    faites: set[str] = set()
    for n in pas:
        jour += timedelta(days=n)
        jouees, sautees = actions_dues(actions, jour, faites)
        nouvelles = [a.cle for a in (*jouees, *sautees)]
        assert len(nouvelles) == len(set(nouvelles))
        assert not faites & set(nouvelles)
        for e in deux:
            ecrites = [a for a in jouees if a.etape == e.id and a.verbe is not Verbe.CLORE]
            relances = [a for a in ecrites if a.verbe is Verbe.RELANCER]
            fin = fins[e.id]
            assert len(relances) <= 1
            assert not (ecrites and fin is not None and jour > fin)
            assert all(a.le.date() <= jour for a in ecrites)
            plus_hauts = [a.rang for a in actions if a.etape == e.id and a.le.date() <= jour]
            assert all(a.rang == max(plus_hauts) for a in relances)
        faites |= set(nouvelles)
        assert actions_dues(actions, jour, faites) == ((), ())
    assert faites == {a.cle for a in actions if pas and a.le.date() <= jour}


@given(etapes(), PLANS)
def test_une_relance_vit_entre_l_ouverture_et_la_fin(e: Etape, plan: PlanRelances) -> None:
    actions = actions_datees(e, plan)
    fin = fin_de_reception(e, plan)
    assert fin is not None
    for action in actions:
        if action.verbe is Verbe.RELANCER:
            assert e.ouverture is None or action.le.date() > e.ouverture
            assert action.le.date() <= (e.derniere_relance or fin)
    assert [a.rang for a in actions if a.verbe is Verbe.RELANCER] == list(
        range(1, 1 + sum(a.verbe is Verbe.RELANCER for a in actions))
    )
    assert sum(a.verbe is Verbe.CLORE for a in actions) == 1
    assert actions[-1].verbe is Verbe.CLORE
    assert len({a.cle for a in actions}) == len(actions)
