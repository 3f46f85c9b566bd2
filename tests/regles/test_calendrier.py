"""The calendar's actions: at their local hour, within the step's life, each once, one mail a day after an outage."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regles.calendrier import (
    COURRIELS_AU_PLUS,
    PARIS,
    ActionDatee,
    ActionFaite,
    DelaiDonne,
    Etape,
    NatureEtape,
    PlanRelances,
    Verbe,
    actions_datees,
    actions_de_prolongation,
    actions_dues,
    fin_de_reception,
)

PLAN = PlanRelances((-7, 1), time(9), 10)
FERIES = frozenset({date(2026, 4, 6)})  # Easter Monday


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
        ("relancer-j-7", "02-20"),
        ("relancer-j+1", "02-28"),
        ("clore", "03-10"),
    ]


@pytest.mark.parametrize(
    ("champs", "plan", "attendu"),
    [
        pytest.param(
            {"derniere_relance": date(2026, 2, 28), "limite_finale": date(2026, 3, 5)},
            PLAN,
            ["ouvrir 02-08", "relancer-j-7 02-20", "relancer-derniere 02-28", "clore 03-06"],
            id="la relance publiée coïncide avec une relance prévue",
        ),
        pytest.param(
            {"derniere_relance": date(2026, 3, 2), "limite_finale": date(2026, 3, 5)},
            PLAN,
            ["ouvrir 02-08", "relancer-j-7 02-20", "relancer-j+1 02-28", "relancer-derniere 03-02", "clore 03-06"],
            id="la relance publiée s'ajoute",
        ),
        pytest.param(
            {"derniere_relance": date(2026, 2, 28), "limite_finale": date(2026, 3, 9)},
            PlanRelances((-7, 1, 5), time(9), 10),
            ["ouvrir 02-08", "relancer-j-7 02-20", "relancer-derniere 02-28", "clore 03-10"],
            id="aucune relance après la dernière annoncée",
        ),
        pytest.param(
            {"ouverture": date(2026, 2, 20)},
            PLAN,
            ["ouvrir 02-20", "relancer-j+1 02-28", "clore 03-10"],
            id="pas de relance le jour de l'ouverture",
        ),
        pytest.param(
            {},
            PlanRelances((0, 10, 11), time(9), 10),
            ["ouvrir 02-08", "relancer-j+0 02-27", "relancer-j+10 03-09", "clore 03-10"],
            id="le dernier jour de réception compte, le suivant non",
        ),
        pytest.param(
            {"ouverture": None, "nature": NatureEtape.BILAN},
            PLAN,
            ["relancer-j-7 02-20", "relancer-j+1 02-28", "clore 03-10"],
            id="sans ouverture",
        ),
        pytest.param(
            {"ouverture": None, "limite": None, "jour": date(2026, 4, 9)}, PLAN, ["sieger 04-09"], id="commission"
        ),
        pytest.param(
            {
                "nature": NatureEtape.COMMISSION,
                "ouverture": None,
                "limite": None,
                "jour": date(2026, 4, 9),
                "demandes_avant": date(2026, 3, 9),
            },
            PlanRelances((-14, -3), time(9), 0),
            ["relancer-j-14 02-23", "relancer-j-3 03-06", "clore 03-10", "sieger 04-09"],
            id="commission et sa date de demandes",
        ),
        pytest.param(
            {"ouverture": None, "limite": date(2026, 2, 28)},
            PlanRelances((-3, 1), time(9), 10, FERIES, ouverture=-45),
            ["ouvrir 01-14", "relancer-j-3 02-25", "relancer-j+1 03-02", "clore 03-11"],
            id="ouverture comptée depuis la limite, relances les jours ouvrés",
        ),
        pytest.param(
            {"ouverture": None, "limite": date(2026, 4, 4)},
            PlanRelances((0, 1, 2), time(9), 3, FERIES),
            ["relancer-j+2 04-07", "clore 04-08"],
            id="un week-end de Pâques ne fait qu'une relance",
        ),
        pytest.param(
            {"ouverture": None, "limite": date(2026, 4, 4)},
            PlanRelances((1,), time(9), 1, FERIES),
            ["relancer-j+1 04-03", "clore 04-06"],
            id="plus de jour ouvré avant la fin : la veille ouvrée",
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
    assert actions_dues([cloture], date(2026, 2, 27), ()) == ((), ())
    assert actions_dues([cloture], date(2026, 2, 28), ()) == ((cloture,), ())


def test_une_date_approximative_se_voit_sur_son_action_seule() -> None:
    e = etape(approximations=(("ouverture", "début février"),))
    assert [a.cle for a in actions_datees(e, PLAN) if a.a_confirmer] == ["reels-2025-a-ouvrir"]
    e = etape(limite_finale=date(2026, 3, 9), approximations=(("limite_finale", "début mars"),))
    assert [a.cle for a in actions_datees(e, PLAN) if a.a_confirmer] == ["reels-2025-a-clore"]


def noter(action: ActionDatee, le: date | None = None, *, ecrite: bool = True) -> ActionFaite:
    """The line of the ledger that playing an action leaves, on its day unless said."""
    return ActionFaite(action.etape, action.verbe, action.cle, le or action.le.date(), ecrite)


def dues(jour: date, *faites: str) -> tuple[list[str], list[str]]:
    actions = {a.cle.removeprefix("reels-2025-a-"): a for a in actions_datees(etape(), PLAN)}
    return noms(actions_dues(actions.values(), jour, [noter(actions[f]) for f in faites]))


def noms(dues: tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]) -> tuple[list[str], list[str]]:
    jouer, sauter = ([a.cle.removeprefix("reels-2025-a-") for a in liste] for liste in dues)
    return jouer, sauter


@pytest.mark.parametrize(
    ("jour", "faites", "attendu"),
    [
        (date(2026, 2, 7), [], ([], [])),
        (date(2026, 2, 8), [], (["ouvrir"], [])),
        (date(2026, 2, 20), ["ouvrir"], (["relancer-j-7"], [])),
        (date(2026, 2, 27), ["ouvrir"], (["relancer-j-7"], [])),
        (date(2026, 3, 2), ["ouvrir"], (["relancer-j+1"], ["relancer-j-7"])),
        (date(2026, 3, 2), ["ouvrir", "relancer-j-7"], (["relancer-j+1"], [])),
        (date(2026, 3, 2), ["ouvrir", "relancer-j+1"], ([], ["relancer-j-7"])),
        (date(2026, 3, 2), [], (["ouvrir"], ["relancer-j-7", "relancer-j+1"])),
        (date(2026, 3, 10), ["ouvrir"], (["clore"], ["relancer-j-7", "relancer-j+1"])),
        (date(2026, 3, 10), [], (["clore"], ["ouvrir", "relancer-j-7", "relancer-j+1"])),
        (date(2026, 6, 1), ["ouvrir", "relancer-j-7", "relancer-j+1", "clore"], ([], [])),
    ],
)
def test_apres_un_arret(jour: date, faites: list[str], attendu: tuple[list[str], list[str]]) -> None:
    assert dues(jour, *faites) == attendu


def du_registre(cle: str, le: date, *, ecrite: bool = True) -> ActionFaite:
    verbe = Verbe(cle.split("-")[0])
    return ActionFaite("reels-2025-a", verbe, f"reels-2025-a-{cle}", le, ecrite)


OUVERTE = du_registre("ouvrir", date(2026, 2, 8))
VINGT, VINGT_HUIT = date(2026, 2, 20), date(2026, 2, 28)


@pytest.mark.parametrize(
    ("decalages", "champs", "faites", "jour", "attendu"),
    [
        pytest.param(
            (-14, -7, 1), {}, [du_registre("relancer-j-7", VINGT)], date(2026, 2, 21), ([], ["relancer-j-14"]),
            id="un décalage ajouté avant ce qui est parti ne part pas",
        ),
        pytest.param(
            (-14, -7, 1), {}, [du_registre("relancer-j-7", VINGT)], VINGT_HUIT, (["relancer-j+1"], ["relancer-j-14"]),
            id="ceux d'après gardent leur tour",
        ),
        pytest.param((1,), {}, [du_registre("relancer-j-7", VINGT)], VINGT_HUIT, (["relancer-j+1"], []), id="retiré"),
        pytest.param((-7, 1), {}, [du_registre("relancer-1", VINGT)], date(2026, 2, 25), ([], []), id="ancienne clé"),
        pytest.param(
            (-7, 1), {}, [du_registre("relancer-1", VINGT)], VINGT_HUIT, (["relancer-j+1"], []),
            id="ancienne clé, la suivante part",
        ),
        pytest.param(
            (-14, -7, 1), {}, [du_registre("relancer-1", VINGT)], date(2026, 2, 21), ([], ["relancer-j-7"]),
            id="ancienne clé et plan changé à la fois",
        ),
        pytest.param(
            (1, 5), {}, [du_registre("relancer-1", VINGT), du_registre("relancer-2", VINGT_HUIT)], date(2026, 3, 4),
            (["relancer-j+5"], ["relancer-j+1"]), id="le rang d'une ancienne clé ne couvre pas une date à venir",
        ),
        pytest.param(
            (-7, 1), {}, [du_registre("relancer-1", VINGT_HUIT, ecrite=False)], VINGT_HUIT, (["relancer-j+1"], []),
            id="ancienne clé sautée, la seconde reste à confirmer",
        ),
        pytest.param(
            (-7, 1), {"derniere_relance": VINGT_HUIT, "limite_finale": date(2026, 3, 5)},
            [du_registre("relancer-j+1", VINGT_HUIT)], date(2026, 3, 1), ([], ["relancer-j-7", "relancer-derniere"]),
            id="publiée après coup au jour d'une relance partie",
        ),
        pytest.param(
            (-7, 1), {"derniere_relance": date(2026, 3, 2), "limite_finale": date(2026, 3, 5)},
            [du_registre("relancer-derniere", VINGT_HUIT)], date(2026, 3, 2), ([], ["relancer-j-7", "relancer-j+1"]),
            id="déplacée une fois partie",
        ),
        pytest.param(
            (3, 5, 7), {},
            [du_registre(f"relancer-j{n:+d}", VINGT_HUIT) for n in (-7, 0, 1)], date(2026, 3, 2),
            ([], ["relancer-j+3"]), id="jamais plus de quatre courriels, quel que soit le plan",
        ),
        pytest.param(
            (-7, 1), {}, [du_registre("ouvrir", VINGT)], VINGT, ([], ["relancer-j-7"]),
            id="l'ouverture tardive tient lieu de relance",
        ),
    ],
)  # fmt: skip
def test_un_plan_change_en_cours_de_saison(
    decalages: tuple[int, ...],
    champs: dict[str, object],
    faites: list[ActionFaite],
    jour: date,
    attendu: tuple[list[str], list[str]],
) -> None:
    actions = actions_datees(etape(**champs), PlanRelances(decalages, time(9), 10))
    registre = faites if any(f.verbe is Verbe.OUVRIR for f in faites) else [OUVERTE, *faites]
    assert noms(actions_dues(actions, jour, registre)) == attendu


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
    faites: list[ActionFaite] = []
    for n in pas:
        jour += timedelta(days=n)
        jouees, sautees = actions_dues(actions, jour, faites)
        nouvelles = [a.cle for a in (*jouees, *sautees)]
        assert len(nouvelles) == len(set(nouvelles))
        assert not {f.cle for f in faites} & set(nouvelles)
        for e in deux:
            ecrites = [a for a in jouees if a.etape == e.id and a.verbe is not Verbe.CLORE]
            relances = [a for a in ecrites if a.verbe is Verbe.RELANCER]
            fin = fins[e.id]
            assert len(relances) <= 1
            assert not (ecrites and fin is not None and jour > fin)
            assert all(a.le.date() <= jour for a in ecrites)
            plus_hauts = [a.rang for a in actions if a.etape == e.id and a.le.date() <= jour]
            assert all(a.rang == max(plus_hauts) for a in relances)
        faites += [noter(a, jour) for a in jouees] + [noter(a, jour, ecrite=False) for a in sautees]
        assert actions_dues(actions, jour, faites) == ((), ())
    assert {f.cle for f in faites} == {a.cle for a in actions if pas and a.le.date() <= jour}


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


def test_une_etape_close_n_ecrit_plus_meme_si_le_plan_s_allonge() -> None:
    e = etape(ouverture=None, limite=date(2025, 1, 1))
    faites = [noter(a, date(2025, 1, 2)) for a in actions_datees(e, PlanRelances((), time(9), 0))]
    assert [f.verbe for f in faites] == [Verbe.CLORE]
    jouees, sautees = actions_dues(actions_datees(e, PlanRelances((0,), time(9), 10)), date(2025, 1, 3), faites)
    assert (jouees, [a.verbe for a in sautees]) == ((), [Verbe.RELANCER])


@given(etapes(), st.lists(st.tuples(st.integers(0, 20), PLANS), max_size=12))
def test_quels_que_soient_les_changements_de_plan(e: Etape, pas: list[tuple[int, PlanRelances]]) -> None:
    """However the plan changes between two runs: each offset once, forward only, four mails at most."""
    assert e.limite is not None
    jour = e.limite - timedelta(days=60)
    registre: list[ActionFaite] = []
    ecrites: list[ActionDatee] = []
    for n, plan in pas:
        jour += timedelta(days=n)
        jouees, sautees = actions_dues(actions_datees(e, plan), jour, registre)
        derniere = max((f.le for f in registre if f.ecrite), default=date.min)
        nouvelles = [a for a in jouees if a.verbe is not Verbe.CLORE]
        assert all(a.le.date() > derniere for a in nouvelles if a.verbe is Verbe.RELANCER)
        ecrites += nouvelles
        registre += [noter(a, jour) for a in jouees] + [noter(a, jour, ecrite=False) for a in sautees]
    assert len({a.cle for a in ecrites}) == len(ecrites) <= COURRIELS_AU_PLUS
    assert len({a.le.date() for a in ecrites}) == len(ecrites)


@pytest.mark.parametrize(
    ("limite_finale", "donne_le", "limite", "attendues"),
    [
        (None, date(2026, 2, 25), date(2026, 3, 20), ["p7-relancer-j-7", "p7-relancer-j+1", "p7-clore"]),
        (None, date(2026, 3, 13), date(2026, 3, 20), ["p7-relancer-j+1", "p7-clore"]),  # given on a reminder's day
        (date(2026, 4, 5), date(2026, 3, 1), date(2026, 3, 2), ["p7-relancer-j+1", "p7-clore"]),
    ],
)
def test_un_delai_a_ses_relances_et_sa_cloture(
    limite_finale: date | None, donne_le: date, limite: date, attendues: list[str]
) -> None:
    publiee = etape(ouverture=date(2026, 2, 8), limite=date(2026, 2, 27), limite_finale=limite_finale)
    actions = actions_de_prolongation(publiee, PLAN, DelaiDonne(7, donne_le, limite))
    assert [a.cle.removeprefix(f"{publiee.id}-") for a in actions] == attendues
    assert actions[-1].le.date() == max(limite + timedelta(days=10), limite_finale or limite) + timedelta(days=1)
    assert {a.prolongation for a in actions} == {7}


def test_un_delai_et_l_etape_publiee_ne_se_genent_pas() -> None:
    """Each has its own thread: the step's closing says nothing of the extension, and the other way round."""
    publiee = etape(ouverture=date(2026, 2, 8), limite=date(2026, 2, 27))
    siennes = actions_de_prolongation(publiee, PLAN, DelaiDonne(7, date(2026, 2, 25), date(2026, 3, 20)))
    close = ActionFaite(publiee.id, Verbe.CLORE, f"{publiee.id}-clore", date(2026, 3, 10))
    a_jouer, a_sauter = actions_dues(siennes, date(2026, 3, 21), [close])
    assert ([a.repere for a in a_jouer], [a.repere for a in a_sauter]) == (["j+1"], ["j-7"])
    fini = ActionFaite(publiee.id, Verbe.CLORE, f"{publiee.id}-p7-clore", date(2026, 3, 31), prolongation=7)
    assert actions_dues(siennes, date(2026, 4, 30), [fini])[0] == ()
    a_jouer, _ = actions_dues(actions_datees(publiee, PLAN), date(2026, 2, 8), [fini])
    assert [a.verbe for a in a_jouer] == [Verbe.OUVRIR]
