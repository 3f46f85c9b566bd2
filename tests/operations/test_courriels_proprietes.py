"""Whatever the steps, the people and the days: one campaign mail a day, about what is owed, and nothing left behind."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.tables import Contact, Courriel, Declaration, Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.attendus import redevables
from operations.configuration import etape
from operations.contexte import Contexte
from operations.courriels import envoyer_en_attente
from operations.relances import actions_a_jouer, jouer, sauter
from regles.calendrier import PARIS
from regles.etats import EtatCourriel, EtatDeclaration
from tests.conftest import contexte_de_test

DEBUT, JOURS = date(2026, 6, 27), 18  # two updates end on one day, and a call for projects is open
PRESTATIONS = ("ALSH", "MEDIATION_FAMILIALE", "CLAS")
ADRESSES = ("a@x.example", "b@x.example")
SANS_REDUIRE = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink would replay the weeks for minutes

reseaux = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PRESTATIONS), min_size=1, max_size=2),
        st.lists(st.sampled_from(ADRESSES), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=3,
)
jours = st.integers(0, JOURS - 1)


def installer(ctx: Contexte, reseau: list[tuple[list[str], list[str]]]) -> list[str]:
    codes = []
    with transaction(ctx.moteur) as session:
        for p, (prestations, adresses) in enumerate(reseau, start=1):
            session.add(Partenaire(id=p, code=f"P{p}", nom=f"P{p}", nature=NaturePartenaire.COMMUNE, siren="215201211"))
            session.flush()
            for adresse in adresses:
                session.add(Contact(partenaire_id=p, nom=adresse[0].upper(), courriel=adresse))
            for s, prestation in enumerate(prestations, start=1):
                codes.append(f"S{p}{s}")
                session.add(
                    Structure(
                        code=codes[-1], nom=codes[-1], partenaire_id=p, prestation=prestation, siret="21520121100014",
                        commune_insee="52121", commune="Chaumont", epci_siren="200068658", epci="CA de Chaumont",
                        places=20 if prestation == "EAJE" else None,
                        type_accueil="extrascolaire" if prestation == "ALSH" else None,
                        statut_gestionnaire=StatutGestionnaire.PUBLIC, taux_regime_general="1",
                    )
                )  # fmt: skip
    return codes


def repondre(ctx: Contexte, codes: set[str]) -> None:
    """Write the update of some structures."""
    etapes = {"ALSH": "actualisation-juin-2026-alsh", "MEDIATION_FAMILIALE": "actualisation-juin-2026"}
    with transaction(ctx.moteur) as session:
        for structure in session.exec(select(Structure).where(col(Structure.prestation).in_(etapes))):
            if structure.code in codes:
                session.add(
                    Declaration(
                        structure_id=structure.id or 0, prestation=structure.prestation, nature="actualisation",
                        exercice=2026, etape=etapes[structure.prestation], origine="test", donnees={},
                        recue_le=ctx.maintenant(DEBUT), etat=EtatDeclaration.RECUE,
                    )
                )  # fmt: skip


def jouer_la_journee(ctx: Contexte, jour: date) -> None:
    a_jouer, a_sauter = actions_a_jouer(ctx, jour)
    for action in a_sauter:
        sauter(ctx, action, jour)
    for action in a_jouer:
        jouer(ctx, action, jour)


def dus(ctx: Contexte, session: Session, courriel: Courriel) -> set[str]:
    ouverture = courriel.genre == "ouverture"
    return {a.code for a in redevables(ctx, session, etape(ctx, courriel.etape), a_l_ouverture=ouverture)}


@settings(max_examples=4, deadline=None, phases=SANS_REDUIRE)
@example(reseau=[(list(PRESTATIONS), ["a@x.example"]), (["ALSH"], list(ADRESSES))], absences={3, 6}, reponses={0: 8})
@given(
    reseau=reseaux, absences=st.sets(jours, max_size=12), reponses=st.dictionaries(st.integers(0, 5), jours, max_size=3)
)
def test_un_courriel_par_jour_et_rien_d_oublie(
    reseau: list[tuple[list[str], list[str]]], absences: set[int], reponses: dict[int, int]
) -> None:
    with (
        TemporaryDirectory() as dossier,
        pytest.MonkeyPatch.context() as remplacer,
        contexte_de_test("sqlite", Path(dossier), remplacer) as ctx,
    ):
        codes = installer(ctx, reseau)
        vus: set[int] = set()
        for rang in range(JOURS):
            repondre(ctx, {code for numero, code in enumerate(codes) if reponses.get(numero) == rang})
            if rang not in absences:
                jour = DEBUT + timedelta(days=rang)
                jouer_la_journee(ctx, jour)
                envoyer_en_attente(ctx, jour)
                vus |= verifier_les_departs(ctx, vus)
        verifier(ctx)


def verifier_les_departs(ctx: Contexte, vus: set[int]) -> set[int]:
    """Check that each mail that has just left speaks of something still owed; give them."""
    with transaction(ctx.moteur) as session:
        partis = session.exec(select(Courriel).where(Courriel.etat == EtatCourriel.ENVOYE)).all()
        nouveaux = [c for c in partis if c.id not in vus]
        assert [c.cle for c in nouveaux if not set(c.structures) & dus(ctx, session, c)] == []
        return {c.id or 0 for c in nouveaux}


def verifier(ctx: Contexte) -> None:
    """Two weeks after, nothing waits; each message left once, and no address had two in a day."""
    for rang in range(JOURS, JOURS + 15):
        envoyer_en_attente(ctx, DEBUT + timedelta(days=rang))
    with transaction(ctx.moteur) as session:
        tous = session.exec(select(Courriel)).all()
        assert {c.etat for c in tous} <= {EtatCourriel.ENVOYE, EtatCourriel.SANS_OBJET}
        messages = Counter(
            (c.destinataire.lower(), c.envoye_le.astimezone(PARIS).date())
            for c in tous
            if c.etat is EtatCourriel.ENVOYE and c.envoye_le and c.porteur in {"", c.cle}
        )
    assert set(messages.values()) <= {1}
    assert sum(messages.values()) == len(list((ctx.reglages.var / "courriels").rglob("*.eml")))
