"""Each declaration the calendar asks: a sound workbook is accepted, each kind of mistake is found at its cell.

Real workbooks, from the operation that makes them, read by the isolated reader and checked against the record.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from modeles.base import transaction
from modeles.tables import Partenaire, Structure
from modeles.tables.reseau import NaturePartenaire, StatutGestionnaire
from operations.classeurs import produire_modele
from operations.configuration import calendriers, prestations_collectees
from operations.contexte import Contexte
from operations.verification import lire_fichiers, referentiel
from regles.anomalies import Severite
from regles.calendrier import Etape
from regles.champs import Champ, Formulaire
from regles.formulaire import COLONNE_SAISIE, FEUILLE_IDENTITE, plan
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.reglages import RACINE
from schemas.declarations.verification import Resultat, verifier_fichiers
from tests.conftest import contexte_de_test
from tests.declarations import ACTIVITE, formulaire_de, reponses_de

FIN_D_ANNEE = date(2026, 12, 31)
Attendue = tuple[str, str, str]


@dataclass(frozen=True)
class Cas:
    """A declaration that the calendar asks: its step, its prestation (and kind of accueil), a structure."""

    etape: Etape
    genre: str

    @property
    def prestation(self) -> str:
        return self.genre.split()[0]

    @property
    def structure(self) -> str:
        return f"{sorted(ACTIVITE).index(self.genre) + 1:03d}"

    def __str__(self) -> str:
        return f"{self.etape.id} {self.genre}"


def _cas() -> list[Cas]:
    etapes = charger_calendrier(RACINE / "config" / "calendrier" / "2026.yaml").etapes
    sur_afas = [e for e in etapes if e.canal == "AFAS"]
    return [Cas(e, genre) for e in sur_afas for genre in ACTIVITE if genre.split()[0] in e.prestations]


CAS = _cas()
MAL_ADRESSES = list(
    {c.genre: c for c in CAS}.values()
)  # one case a prestation: the identity is the same for all natures


def _semer(contexte: Contexte) -> None:
    with transaction(contexte.moteur) as session:
        session.add(Partenaire(id=1, code="P1", nom="Commune", nature=NaturePartenaire.COMMUNE, siren="215201211"))
        session.flush()
        for cas in MAL_ADRESSES:
            session.add(
                Structure(
                    code=cas.structure,
                    nom=f"Structure {cas.genre}",
                    partenaire_id=1,
                    prestation=cas.prestation,
                    siret="21520121100014",
                    commune_insee="52121",
                    commune="Chaumont",
                    epci_siren="200068658",
                    epci="CA de Chaumont",
                    places=20 if cas.prestation == "EAJE" else None,
                    type_accueil=cas.genre.partition(" ")[2] or None,
                    statut_gestionnaire=StatutGestionnaire.PUBLIC,
                    taux_regime_general="0.95",
                )
            )


def _fautes(cas: Cas) -> dict[str, tuple[Any, str]]:
    """One mistake a cell: what is typed, the code of its anomaly; every kind of mistake the form can bear."""
    fautes: dict[str, tuple[Any, str]] = {
        "charges_60": ("trente mille", "texte_inattendu"),
        "charges_61": (-12.5, "hors_limites"),
        "charges_62": (60_000_000, "hors_limites"),
        "charges_63": (10.125, "trop_de_decimales"),
        "charges_64": (None, "reponse_manquante"),
        "charges_65": ("360 k€", "unite_inattendue"),
    }
    formulaire, saines = formulaire_de(cas.prestation), reponses_de(cas.genre)
    totaux = {c.dont_de for c in formulaire.champs_saisis}
    for champ in formulaire.champs_saisis:
        if champ.dont_de and saines[champ.cle]:
            fautes[champ.cle] = (_au_dessus(formulaire, champ), "part_superieure_au_total")
        elif not champ.compte and not champ.dont_de and champ.cle not in totaux:
            fautes[champ.cle] = (None, "reponse_manquante")
    return fautes


def _au_dessus(formulaire: Formulaire, champ: Champ) -> int:
    """More than its total, though plausible by itself; a part of a part is above it too."""
    return int(champ.maximum or 0) - (0 if formulaire.champ(champ.dont_de).dont_de else 1)


def _ecrire(document: Workbook, formulaire: Formulaire, reponses: dict[str, Any]) -> bytes:
    for ligne in plan(formulaire).champs:
        document[ligne.feuille].cell(ligne.ligne, COLONNE_SAISIE).value = reponses[ligne.champ.cle]
    flux = io.BytesIO()
    document.save(flux)
    return flux.getvalue()


def _identifier(document: Workbook, formulaire: Formulaire, **changements: Any) -> None:
    for rang in plan(formulaire).identite:
        if rang.cle in changements:
            document[FEUILLE_IDENTITE].cell(rang.ligne, COLONNE_SAISIE).value = changements[rang.cle]


def _classeurs(contexte: Contexte, cas: Cas) -> dict[str, bytes]:
    """The sound workbook of a case, the one full of mistakes, that of another year, and another structure's."""
    formulaire, exercice = formulaire_de(cas.prestation), cas.etape.exercice or 0
    _, vierge = produire_modele(contexte, cas.prestation, cas.etape.nature.value, exercice, cas.structure)
    document, saines = load_workbook(io.BytesIO(vierge)), reponses_de(cas.genre)
    classeurs = {"sain": _ecrire(document, formulaire, saines)}
    classeurs["fautes"] = _ecrire(document, formulaire, saines | {cle: v for cle, (v, _) in _fautes(cas).items()})
    if cas in MAL_ADRESSES:
        _identifier(document, formulaire, exercice=exercice - 7)
        classeurs["exercice"] = _ecrire(document, formulaire, saines)
        autre = next(c for c in CAS if c.prestation != cas.prestation)
        _identifier(document, formulaire, exercice=exercice, structure=autre.structure)
        classeurs["autre"] = _ecrire(document, formulaire, saines)
    return classeurs


@pytest.fixture(scope="module")
def resultats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Resultat]]:
    """Every workbook of every case, verified in one batch, by case and kind."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        dossier: Path = tmp_path_factory.mktemp("prestations")
        with contexte_de_test("sqlite", dossier, monkeypatch) as contexte:
            _semer(contexte)
            fichiers = {(str(c), genre): (c, octets) for c in CAS for genre, octets in _classeurs(contexte, c).items()}
            contenus = [(" ".join(cle), octets, c.etape.limite or date.min) for cle, (c, octets) in fichiers.items()]
            lus = lire_fichiers(contenus, FIN_D_ANNEE)
            with transaction(contexte.moteur) as session:
                connu = referentiel(contexte, session)
            yield dict(zip(fichiers, verifier_fichiers(lus, connu), strict=True))


@pytest.mark.parametrize("cas", CAS, ids=str)
def test_un_classeur_juste_est_accepte(resultats: dict[tuple[str, str], Resultat], cas: Cas) -> None:
    resultat = resultats[str(cas), "sain"]
    assert [a.message for a in resultat.anomalies if a.severite is not Severite.INFORMATION] == []
    assert resultat.est_recevable
    assert resultat.etape == cas.etape
    donnees = resultat.donnees
    assert donnees["charges"] == donnees["produits"]
    assert not any(isinstance(valeur, float) for valeur in donnees.values())
    if cas.prestation == "ALSH":
        assert donnees["type_accueil"] == cas.genre.split()[1]
    assert ("places" in donnees) is (cas.prestation == "EAJE")


@pytest.mark.parametrize("cas", CAS, ids=str)
def test_chaque_faute_est_dite_a_sa_cellule(resultats: dict[tuple[str, str], Resultat], cas: Cas) -> None:
    lignes = plan(formulaire_de(cas.prestation))
    attendues: list[Attendue] = []
    for cle, (_, code) in _fautes(cas).items():
        ligne = lignes.ligne_champ(cle)
        attendues.append((code, ligne.feuille, ligne.cellule))
    resultat = resultats[str(cas), "fautes"]
    lues = [(a.code, a.feuille, a.cellule) for a in resultat.anomalies if a.est_bloquante]
    assert sorted(lues) == sorted(attendues)
    assert all(a.message and a.attendu for a in resultat.anomalies if a.est_bloquante)


@pytest.mark.parametrize("cas", MAL_ADRESSES, ids=str)
def test_un_autre_exercice_ou_une_autre_structure_est_refuse(
    resultats: dict[tuple[str, str], Resultat], cas: Cas
) -> None:
    places = {rang.cle: f"C{rang.ligne}" for rang in plan(formulaire_de(cas.prestation)).identite}
    for genre, code, champ in (
        ("exercice", "campagne_inconnue", "nature"),
        ("autre", "identite_modifiee", "prestation"),
    ):
        bloquantes = [a for a in resultats[str(cas), genre].anomalies if a.est_bloquante]
        trouvees = {(a.code, a.feuille, a.cellule) for a in bloquantes}
        assert (code, FEUILLE_IDENTITE, places[champ]) in trouvees
        assert {feuille for _, feuille, _ in trouvees} == {FEUILLE_IDENTITE}


def test_le_calendrier_demande_29_declarations_et_toutes_sont_collectees(contexte: Contexte) -> None:
    demandees = {(c.prestation, c.etape.nature) for c in CAS}
    assert len(demandees) == 29
    collectees = {
        (p, etape.nature)
        for calendrier in calendriers(contexte)
        for etape in calendrier.etapes
        for p in prestations_collectees(contexte, etape)
    }
    assert collectees == demandees
