"""Random lives of a step answered by dossiers: stops, documents, refusals, excuses, more time; what never happens."""

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import ActionJouee, Courriel
from operations.contexte import ActeRefuse, Contexte
from operations.courriels import envoyer_en_attente
from operations.dossiers import Sortie, clore_sans_suite, recevoir, refuser_piece, rouvrir
from operations.prolongations import donner_un_delai
from operations.suites import lister_suites
from regles.calendrier import COURRIELS_AU_PLUS
from regles.etats import EtatCourriel
from tests.conftest import contexte_de_test
from tests.operations.dossiers_exemple import PAR, RPE, etats, installer_les_dossiers, rattraper, vu

DEBUT, FIN = date(2026, 4, 10), date(2026, 9, 15)
JOURS = (FIN - DEBUT).days
GESTES = ("allumer", "allumer", "recevoir", "refuser", "dispenser", "rouvrir", "prolonger")


@dataclass
class Temoin:
    """What the network knows of itself, apart from the database: who still owes, and until when."""

    jour: date = DEBUT
    dus: set[str] = field(default_factory=lambda: {"S2", "S3"})
    fils: Counter[tuple[str, str]] = field(default_factory=Counter)
    vus: set[str] = field(default_factory=set)
    clos: dict[str, date] = field(default_factory=dict)


def agir(ctx: Contexte, temoin: Temoin, geste: str, code: str) -> None:
    """Do something on a day; what the house refuses changes nothing."""
    jour = temoin.jour
    try:
        if geste == "recevoir":
            recevoir(ctx, RPE, code, vu("sphinx", f"vu le {jour}"), jour)
        elif geste == "refuser":
            refuser_piece(ctx, RPE, code, "sphinx", PAR, "À refaire.", jour)
        elif geste == "dispenser":
            clore_sans_suite(ctx, RPE, code, Sortie.DISPENSER, PAR, "Fermé.", jour)
        elif geste == "rouvrir":
            rouvrir(ctx, RPE, code, PAR, "Rouvert.", jour)
        elif geste == "prolonger":
            donner_un_delai(ctx, RPE, code, jour + timedelta(days=30), PAR, "Départ.", jour)
    except ActeRefuse:
        return
    if geste in {"recevoir", "dispenser"}:
        temoin.dus.discard(code)
    elif geste in {"refuser", "rouvrir"}:
        temoin.dus.add(code)


def verifier(ctx: Contexte, temoin: Temoin) -> None:
    """Look at the mails decided since the last time, and at what left."""
    with transaction(ctx.moteur) as session:
        decides = session.exec(select(Courriel).where(Courriel.etape == RPE)).all()
        closes = session.exec(select(ActionJouee).where(ActionJouee.etape == RPE, ActionJouee.verbe == "clore")).all()
    for courriel in decides:
        if courriel.cle in temoin.vus or courriel.genre not in {"ouverture", "relance"}:
            continue
        temoin.vus.add(courriel.cle)
        fil = RPE + (f"-p{courriel.contexte['prolongation']}" if courriel.contexte else "")
        assert set(courriel.structures) <= temoin.dus, "à qui ne doit rien"
        assert fil not in temoin.clos, "après sa clôture"
        for code in courriel.structures:
            temoin.fils[fil, f"{code}:{courriel.contact_id}"] += 1
    assert max(temoin.fils.values(), default=0) <= COURRIELS_AU_PLUS
    assert not [c for c in decides if c.etat is EtatCourriel.ENVOYE and c.envoye_le is None]
    for action in closes:
        fil = f"{RPE}-p{action.prolongation_id}" if action.prolongation_id else RPE
        temoin.clos.setdefault(fil, temoin.jour)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, JOURS), st.sampled_from(GESTES), st.sampled_from(["S2", "S3"])),
        min_size=4,
        max_size=14,
    )
)
def test_aucune_histoire_n_ecrit_a_tort_ni_n_oublie(
    monkeypatch: pytest.MonkeyPatch, histoire: list[tuple[int, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as dossier, contexte_de_test("sqlite", Path(dossier), monkeypatch) as ctx:
        installer_les_dossiers(ctx)
        temoin = Temoin()
        for rang, geste, code in [*sorted(histoire, key=lambda h: h[0]), (JOURS, "allumer", "S2")]:
            temoin.jour = DEBUT + timedelta(days=rang)
            agir(ctx, temoin, geste, code)
            if geste == "allumer":
                rattraper(ctx, RPE, temoin.jour)
                verifier(ctx, temoin)
                envoyer_en_attente(ctx, temoin.jour)
        assert rattraper(ctx, RPE, FIN) == []
        restants = {code for code, etat in etats(ctx, RPE).items() if etat in {"attendu", "en_cours"}}
        assert restants <= temoin.dus
        dits = lister_suites(ctx, RPE, FIN).codes("sans réponse", "dossier incomplet", "délai en cours")
        assert restants <= set(dits)
        assert len(dits) == len(set(dits)), "une ligne chacun"
        assert RPE in temoin.clos
