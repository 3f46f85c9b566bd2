"""What names a child is erased after its retention, on a frozen clock: journaled by number, once, and resumable."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from modeles.base import transaction
from modeles.gardes import Garde
from modeles.tables import FichierFiloue, LigneJournal
from operations.contexte import Contexte
from operations.filoue.instruction import instruire
from operations.filoue.retention import JAMAIS_LU, effacer
from operations.journal import verifier_journal
from operations.reception import enregistrer_arrivees
from regles.etats import EtatDepot
from tests.fabrique import deposer_octets
from tests.filoue.fabrique import ALERTES, fichier
from tests.operations.filoue.campagne import DEUXIEME, JOUR, fichiers, installer, recevoir

TERME = JOUR + timedelta(days=90)


@pytest.fixture
def ctx(contexte_deux_bases: Contexte) -> Contexte:
    """Two files received a day apart."""
    installer(contexte_deux_bases)
    recevoir(contexte_deux_bases, fichier())
    recevoir(contexte_deux_bases, fichier(attendu=DEUXIEME), JOUR + timedelta(days=1))
    return contexte_deux_bases


def restants(ctx: Contexte) -> list[bool]:
    return [f.octets_chiffres is not None for f in fichiers(ctx)]


def test_rien_avant_le_terme_tout_apres(ctx: Contexte) -> None:
    assert effacer(ctx, TERME).effaces == ()
    assert restants(ctx) == [True, True]
    assert effacer(ctx, TERME + timedelta(days=1)).effaces == (1,)
    assert restants(ctx) == [False, True]
    assert effacer(ctx, TERME + timedelta(days=1)).effaces == ()
    assert effacer(ctx, TERME + timedelta(days=9)).effaces == (2,)


def test_les_pseudonymes_et_les_sommes_restent(ctx: Contexte) -> None:
    avant = [(f.donnees, f.sommes, f.etat) for f in fichiers(ctx)]
    effacer(ctx, TERME + timedelta(days=9))
    assert [(f.donnees, f.sommes, f.etat) for f in fichiers(ctx)] == avant
    assert {f.efface_le.date() for f in fichiers(ctx) if f.efface_le} == {TERME + timedelta(days=9)}


def test_le_journal_dit_les_numeros_et_rien_d_autre(ctx: Contexte) -> None:
    effacer(ctx, TERME + timedelta(days=9))
    with transaction(ctx.moteur) as session:
        lignes = session.exec(select(LigneJournal).where(LigneJournal.action == "effacer")).all()
    assert [(ligne.objet, ligne.objet_id, ligne.par) for ligne in lignes] == [
        ("fichierfiloue", "1", "conservation"),
        ("fichierfiloue", "2", "conservation"),
    ]
    assert all(json.loads(ligne.details).keys() == {"octets", "jours"} for ligne in lignes)
    assert verifier_journal(ctx).rupture is None


def test_un_arret_en_chemin_se_reprend(ctx: Contexte) -> None:
    """The database refuses the second file: the first one stays erased, the next run goes on."""
    coupure = Garde("coupure", "fichierfiloue", "UPDATE", "NEW.id = 2", "coupure")
    dialecte = ctx.moteur.dialect.name
    with ctx.moteur.begin() as connexion:
        for instruction in coupure.sql(dialecte):
            connexion.execute(text(instruction))
    with pytest.raises(IntegrityError, match="coupure"):
        effacer(ctx, TERME + timedelta(days=9))
    assert restants(ctx) == [False, True]
    with ctx.moteur.begin() as connexion:
        for instruction in coupure.retrait(dialecte):
            connexion.execute(text(instruction))
    assert effacer(ctx, TERME + timedelta(days=9)).effaces == (2,)


def test_un_fichier_jamais_lu_s_efface_aussi(ctx: Contexte) -> None:
    deposer_octets(ctx, "x.csv", fichier(ALERTES["taux vide"]))
    enregistrer_arrivees(ctx, JOUR)
    bilan = effacer(ctx, date(2026, 12, 1))
    assert bilan.effaces == (1, 2, 3)
    assert bilan.phrase.endswith("n° 1, 2, 3.")
    assert instruire(ctx, date(2026, 12, 1)).lignes == ()
    with transaction(ctx.moteur) as session:
        jamais_lu = session.get_one(FichierFiloue, 3)
    assert (jamais_lu.etat, jamais_lu.motif) == (EtatDepot.REFUSE, JAMAIS_LU)


def test_un_fichier_efface_et_renvoye_est_reconnu(ctx: Contexte) -> None:
    effacer(ctx, TERME + timedelta(days=9))
    assert recevoir(ctx, fichier(), TERME + timedelta(days=10)).lignes == ()
    assert restants(ctx) == [False, False]
