"""Next year's calendar: each date where a Caf would look for it, and a sound calendar whatever the former one was."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from echanges.brouillon import brouillon_yaml
from regles.calendrier import Calendrier, Etape, NatureEtape
from regles.calendrier_suivant import CHAMPS, Brouillon, Raison, avancer_annees, preparer
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.demarches import feries
from schemas.configuration.reglages import RACINE

LIANTES = set(CHAMPS) - {"ouverture", "derniere_relance"}


def d(texte: str) -> date:
    jour, mois, annee = map(int, texte.split("/"))
    return date(annee, mois, jour)


def reporter(champ: str, jour: date, annee: int, **autres: Any) -> tuple[date, Raison]:
    etape = Etape("e", NatureEtape.BILAN, "Bilan", **{champ: jour}, **autres)
    (reportee,) = preparer(Calendrier(annee, (), (etape,)), (), feries()).etapes
    trouvee = next(r for r in reportee.dates if r.champ == champ)
    return trouvee.apres, trouvee.raison


@pytest.mark.parametrize(
    ("champ", "avant", "apres", "raison"),
    [
        ("ouverture", "08/02/2026", "07/02/2027", Raison.SEMAINES),  # a Sunday, as the AFAS campaigns open
        ("ouverture", "01/12/2026", "01/12/2027", Raison.PREMIER),
        ("ouverture", "15/05/2026", "14/05/2027", Raison.SEMAINES),
        ("ouverture", "06/05/2025", "05/05/2026", Raison.SEMAINES),
        ("ouverture", "18/05/2026", "18/05/2027", Raison.OUVRABLE),  # a Monday, and 17 May 2027 is Whit Monday
        ("limite", "27/02/2026", "26/02/2027", Raison.DERNIER),  # a Friday, the 28th a Saturday
        ("limite", "26/02/2027", "29/02/2028", Raison.DERNIER),  # where the end of February 2026 had gone
        ("limite", "29/10/2027", "31/10/2028", Raison.DERNIER),
        ("limite", "03/01/2026", "04/01/2027", Raison.OUVRABLE),
        ("limite", "28/02/2026", "26/02/2027", Raison.DERNIER),  # the 28th of February 2027 is a Sunday
        ("limite", "28/02/2027", "29/02/2028", Raison.DERNIER),
        ("limite", "31/12/2026", "31/12/2027", Raison.DERNIER),
        ("limite", "02/01/2026", "04/01/2027", Raison.OUVRABLE),  # 1 January
        ("ouverture", "02/01/2028", "07/01/2029", Raison.SEMAINES),  # 52 weeks after it is still 2028
        ("ouverture", "28/06/2028", "27/06/2029", Raison.SEMAINES),
        ("ouverture", "01/02/2026", "31/01/2027", Raison.SEMAINES),  # a Sunday first of all
        ("ouverture", "29/02/2032", "27/02/2033", Raison.SEMAINES),
        ("limite", "10/01/2026", "11/01/2027", Raison.OUVRABLE),
        ("limite", "30/06/2026", "30/06/2027", Raison.DERNIER),
        ("limite", "29/02/2028", "28/02/2029", Raison.DERNIER),
        ("limite", "29/12/2029", "30/12/2030", Raison.OUVRABLE),
        ("jour", "15/06/2026", "14/06/2027", Raison.SEMAINES),
        ("a_partir_du", "05/01/2026", "04/01/2027", Raison.SEMAINES),
    ],
)
def test_chaque_date_va_ou_une_caf_la_chercherait(champ: str, avant: str, apres: str, raison: Raison) -> None:
    assert reporter(champ, d(avant), d(avant).year) == (d(apres), raison)


def test_la_derniere_relance_garde_son_ecart_avec_la_limite() -> None:
    dates = {"limite": d("10/01/2026"), "limite_finale": d("16/01/2026")}
    assert reporter("derniere_relance", d("11/01/2026"), 2026, **dates) == (d("12/01/2027"), Raison.ECART)


def test_deux_dates_que_les_regles_rapprochent_restent_dans_l_ordre() -> None:
    apres, raison = reporter("limite", d("02/06/2026"), 2026, ouverture=d("01/06/2026"))
    assert (apres, raison) == (d("02/06/2027"), Raison.ORDRE)


@pytest.mark.parametrize(
    ("texte", "suite"),
    [
        ("Réels 2025", "Réels 2026"),
        ("campagne CLAS 2026-2027", "campagne CLAS 2027-2028"),
        ("circulaire 2014-009", "circulaire 2014-009"),
        ("dossier 20261", "dossier 20261"),
    ],
)
def test_seules_les_annees_voisines_avancent(texte: str, suite: str) -> None:
    assert avancer_annees(texte, 2026) == suite


def test_un_identifiant_sans_annee_prend_la_nouvelle_et_reste_unique() -> None:
    etapes = tuple(
        Etape(i, NatureEtape.BILAN, "Bilan", limite=d("15/05/2026")) for i in ("bilan", "bilan-2026", "bilan-2025")
    )
    brouillon = preparer(Calendrier(2026, (), etapes), {e.id for e in etapes}, feries())
    assert [r.etape.id for r in brouillon.etapes] == ["bilan-2027", "bilan-2027-2"]
    assert brouillon.deja_publiees == (("bilan-2025", "bilan-2026"),)


def test_le_calendrier_2026_reconduit() -> None:
    calendrier = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")
    brouillon = preparer(calendrier, {e.id for e in calendrier.etapes}, feries())
    assert brouillon.deja_publiees == (
        ("aap-partenaires-2026", "aap-partenaires-2027"),
        ("aap-reseau-parentalite-2026", "aap-reseau-parentalite-2027"),
    )
    assert [r.etape.id for r in brouillon.etapes if "2028" in r.etape.id] == [
        "aap-clas-2027-2028", "aap-pdn-2028", "aap-partenaires-2028", "aap-reseau-parentalite-2028",
    ]  # fmt: skip
    assert not any(r.raison is Raison.ORDRE for e in brouillon.etapes for r in e.dates)


def test_deux_annees_de_suite_ne_repetent_pas_ce_qu_elles_disent() -> None:
    etape = Etape(
        "bilan-2026", NatureEtape.BILAN, "Bilan", ouverture=d("01/12/2025"), limite=d("31/10/2026"),
        approximations=(("ouverture", "début décembre 2025"),), a_confirmer="la source ne le dit pas",
    )  # fmt: skip
    suivante = preparer(Calendrier(2026, (), (etape,)), (), feries()).etapes[0].etape
    encore = preparer(Calendrier(2027, (), (suivante,)), (), feries()).etapes[0].etape
    assert dict(encore.approximations) == {
        "ouverture": "début décembre 2027, reconduite de 2027", "limite": "reconduite de 2027",
    }  # fmt: skip
    assert (encore.limite, encore.a_confirmer) == (d("31/10/2028"), "noté en 2026 : la source ne le dit pas")


def reconduire(*calendriers: Calendrier) -> Calendrier:
    """The year after the last of some calendars, as a team makes it sure: every date left where it is."""
    *anciens, dernier = calendriers
    etapes = preparer(dernier, (), feries(2020, 2050), anciens).etapes
    sures = tuple(replace(r.etape, approximations=()) for r in etapes)
    return Calendrier(dernier.annee + 1, dernier.prestations, sures)


def premier_du_mois_suivant(jour: date) -> date:
    return (jour.replace(day=28) + timedelta(days=4)).replace(day=1)


def test_d_annee_en_annee_aucune_date_ne_derive() -> None:
    """Twelve calendars in a row: a Sunday stays a Sunday, the end of a month its end, a date near where it was."""
    calendriers = [charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml")]
    for annee in range(2027, 2039):
        calendriers.append(reconduire(*calendriers))
        for avant, apres in zip(calendriers[0].etapes, calendriers[-1].etapes, strict=True):
            for champ in CHAMPS:
                jour, suite = getattr(avant, champ), getattr(apres, champ)
                if jour is None:
                    continue
                meme_date = jour.replace(year=jour.year + annee - 2026)
                assert abs(suite - meme_date) <= timedelta(days=3), (avant.id, champ, suite)
                if champ == "ouverture" and jour.weekday() == 6:
                    assert suite.weekday() == 6
                if jour + timedelta(days=1) == premier_du_mois_suivant(jour):
                    assert (suite.month, premier_du_mois_suivant(suite) - suite <= timedelta(days=4)) == (
                        jour.month, True,
                    )  # fmt: skip


def bilans(*limites: str) -> list[Calendrier]:
    """The calendars of years that follow one another, of one step each."""
    jours = [d(limite) for limite in limites]
    return [
        Calendrier(jour.year, (), (Etape(f"bilan-{jour.year}", NatureEtape.BILAN, "Bilan", limite=jour),))
        for jour in jours
    ]


@pytest.mark.parametrize(
    ("limites", "suite"),
    [
        (["15/05/2026"], "14/05/2027"),
        (["15/05/2026", "14/05/2027"], "12/05/2028"),
        (["15/05/2026", "14/05/2027", "12/05/2028"], "18/05/2029"),  # not the 11th: nearest to the 15th
        (["28/05/2026", "27/05/2027", "26/05/2028"], "31/05/2029"),  # Ascension Day had pushed 2028 to a Friday
        (["15/05/2026", "09/06/2027"], "07/06/2028"),  # a person has chosen another date since
        (["09/06/2025", "15/05/2026", "14/05/2027", "12/05/2028"], "18/05/2029"),  # and before
    ],
)
def test_une_date_part_du_plus_ancien_calendrier_qui_la_disait_deja(limites: list[str], suite: str) -> None:
    assert reconduire(*bilans(*limites)).etapes[0].limite == d(suite)


@st.composite
def _etapes(tirer: st.DrawFn, annee: int) -> dict[str, Any]:
    nature = tirer(st.sampled_from(list(NatureEtape)))
    champs = ["jour"] if nature is NatureEtape.COMMISSION else ["limite"]
    if nature is NatureEtape.VERSEMENT:
        champs = ["a_partir_du"]
    elif nature is NatureEtape.COMMISSION:
        champs = tirer(st.sampled_from([["jour"], ["demandes_avant", "jour"]]))
    else:
        suites = [["limite"], ["ouverture", "limite"], ["ouverture", "limite", "derniere_relance", "limite_finale"]]
        champs = tirer(st.sampled_from(suites[1:] if nature.est_declaration else suites))
    premier = tirer(st.dates(date(annee - 1, 11, 1), date(annee, 12, 31)))
    jours = [premier]
    for _ in champs[1:]:
        jours.append(jours[-1] + timedelta(days=tirer(st.integers(1, 40))))
    etape: dict[str, Any] = {
        "id": tirer(st.from_regex(r"[a-c]{1,3}(-20[0-4][0-9])?", fullmatch=True)),
        "nature": nature.value,
        "libelle": tirer(
            st.sampled_from(["Réels", f"Réels {annee - 1}", "Bilan : l’année", "oui", "[1]", "- a", "# b"])
        ),
        "exercice": tirer(st.integers(annee - 1, annee + 1)),
        "prestations": tirer(st.lists(st.sampled_from(["EAJE", "NO", "A, B"]), min_size=1, unique=True)),
        **dict(zip(champs, jours, strict=True)),
        "approximations": {champs[0]: tirer(st.sampled_from(["mi-juin", f"fin {annee}", "à voir : oui"]))},
    }
    if tirer(st.booleans()):
        etape["a_confirmer"] = "une note"
    return etape


@st.composite
def calendriers(tirer: st.DrawFn) -> dict[str, Any]:
    """A calendar file that the installation would take, as plain values."""
    annee = tirer(st.integers(2021, 2035))
    etapes = tirer(st.lists(_etapes(annee), min_size=1, max_size=6, unique_by=lambda e: e["id"]))
    etapes = [e for e in etapes if any(isinstance(v, date) and v.year == annee for v in e.values())]
    if not etapes:
        etapes = [{"id": "a", "nature": "bilan", "libelle": "Bilan", "limite": date(annee, 1, 1)}]
    prestations = {"EAJE": "Crèche", "NO": "Nord", "A, B": "Autre"}
    return {
        "annee": annee, "source": "essai", "releve_le": date(annee, 1, 1), "prestations": prestations, "etapes": etapes,
    }  # fmt: skip


def _charger(dossier: Path, annee: int, texte: str) -> Calendrier:
    fichier = dossier / f"{annee}.yaml"
    fichier.write_text(texte, encoding="utf-8")
    return charger_calendrier(fichier)


@settings(max_examples=150, deadline=None)
@given(calendriers())
def test_tout_calendrier_valable_en_donne_un_autre(valeurs: dict[str, Any]) -> None:
    with TemporaryDirectory() as nom:
        annee = valeurs["annee"]
        avant = _charger(Path(nom), annee, yaml.safe_dump(valeurs, allow_unicode=True, sort_keys=False))
        brouillon = preparer(avant, {e.id for e in avant.etapes}, feries())
        assert len(brouillon.etapes) + len(brouillon.deja_publiees) == len(avant.etapes)
        if not brouillon.etapes:
            return
        apres = _charger(Path(nom), annee + 1, brouillon_yaml(brouillon, date(annee, 11, 1)))
    assert apres.etapes == tuple(r.etape for r in brouillon.etapes)
    assert not {e.id for e in apres.etapes} & {e.id for e in avant.etapes}
    _verifier_les_dates(avant, brouillon)


def _verifier_les_dates(avant: Calendrier, brouillon: Brouillon) -> None:
    for reportee in brouillon.etapes:
        source = avant.etape(reportee.origine)
        donnees = {r.champ: (r.avant, r.apres) for r in reportee.dates}
        assert {c: getattr(source, c) for c in CHAMPS if getattr(source, c)} == {c: v[0] for c, v in donnees.items()}
        assert {c for c, _ in reportee.etape.approximations} == set(donnees)
        for (a, a2), (b, b2) in combinations(donnees.values(), 2):
            assert (a < b) == (a2 < b2) or a == b
        for champ in LIANTES & set(donnees):
            assert donnees[champ][1].weekday() < 5
            assert donnees[champ][1] not in feries()
        for a, a2 in donnees.values():
            assert timedelta(days=355) <= a2 - a <= timedelta(days=380)
