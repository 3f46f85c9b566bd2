"""The invented network: real places, invented names, the same on every machine."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import SQLModel, select
from stdnum.fr import siren, siret

from demonstration.reseau import charger_reseau, hasard, installer
from modeles.base import transaction
from modeles.tables import Contact, Convention, Declaration, Partenaire, Structure, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from regles.etats import EtatVersement
from schemas.configuration.referentiel import charger_communes, charger_epci
from schemas.configuration.reglages import RACINE
from schemas.configuration.yaml_strict import ErreurDeConfiguration


def lire(contexte: Contexte, table: type[SQLModel]) -> Sequence[Any]:
    with transaction(contexte.moteur) as session:
        return session.exec(select(table)).all()


@pytest.fixture
def installe(contexte: Contexte) -> Contexte:
    assert installer(contexte)
    return contexte


def test_vingt_neuf_structures_dans_de_vraies_communes(installe: Contexte) -> None:
    communes = charger_communes(installe.reglages.config)
    structures = lire(installe, Structure)
    assert len(structures) == 29
    assert len(lire(installe, Partenaire)) == 18
    for structure in structures:
        commune = communes[structure.commune_insee]
        assert (structure.commune, structure.epci, structure.epci_siren) == (
            commune.nom, commune.epci_nom, commune.epci_siren,
        )  # fmt: skip
        assert 10 <= structure.places <= 65
        assert Decimal("0.9") <= Decimal(structure.taux_regime_general) <= 1


def test_tous_les_epci_dont_celui_des_vosges(installe: Contexte) -> None:
    assert {s.epci_siren for s in lire(installe, Structure)} == set(charger_epci(installe.reglages.config))
    liffol = next(s for s in lire(installe, Structure) if s.commune == "Liffol-le-Petit")
    assert liffol.epci == "CC de l'Ouest Vosgien"


def test_identifiants_valides_et_inventes(installe: Contexte) -> None:
    for partenaire in lire(installe, Partenaire):
        assert siren.is_valid(partenaire.siren)
        assert partenaire.siren.startswith("9995")
    sirets = [s.siret for s in lire(installe, Structure)]
    assert all(siret.is_valid(numero) for numero in sirets)
    assert len(set(sirets)) == 29


def test_aucune_adresse_reelle(installe: Contexte) -> None:
    contacts = lire(installe, Contact)
    assert {c.partenaire_id for c in contacts} == {p.id for p in lire(installe, Partenaire)}
    assert all(c.courriel.endswith(".example") and c.courriel.isascii() for c in contacts)


def test_une_convention_par_structure_couvre_l_exercice(installe: Contexte) -> None:
    conventions = lire(installe, Convention)
    assert {c.structure_id for c in conventions} == {s.id for s in lire(installe, Structure)}
    assert all(c.du.year <= 2025 <= c.au.year for c in conventions)
    assert {c.attractivite for c in conventions} == {True, False}
    assert any(c.forfait_territoire_centimes == 0 for c in conventions)
    assert any(c.hausse_places != "0" for c in conventions)


def test_le_passe_est_coherent(installe: Contexte) -> None:
    for declaration in lire(installe, Declaration):
        donnees = declaration.donnees
        assert not any(isinstance(v, float) for v in donnees.values())
        assert 1 <= Decimal(donnees["heures_facturees"]) / Decimal(donnees["heures_realisees"]) <= Decimal("1.18")
        assert donnees["charges_86"] == donnees["produits_87"]
        assert abs(Decimal(donnees["charges"]) - Decimal(donnees["produits"])) < 2
        horaire = Decimal(donnees["participations_familiales"]) / Decimal(donnees["heures_facturees"])
        assert Decimal("1.2") <= horaire <= Decimal("2.2")
        assert 10_000 <= Decimal(donnees["charges"]) / donnees["places"] <= 28_000
        capacite = donnees["places"] * Decimal(donnees["amplitude_journaliere"]) * donnees["jours_ouverture"]
        assert Decimal(donnees["heures_facturees"]) < capacite


def test_acomptes_deja_verses(installe: Contexte) -> None:
    versements = lire(installe, Versement)
    assert {v.structure_id for v in versements} == {s.id for s in lire(installe, Structure)}
    assert {v.etat for v in versements} == {EtatVersement.REPRISE}
    assert all(v.montant_centimes > 0 for v in versements)


def test_installer_deux_fois_ne_change_rien(installe: Contexte) -> None:
    tables = (Partenaire, Contact, Structure, Convention, Declaration, Versement)
    avant = [len(lire(installe, table)) for table in tables]
    assert not installer(installe)
    assert [len(lire(installe, table)) for table in tables] == avant
    assert verifier_journal(installe).rupture is None


def test_meme_sujet_meme_tirage() -> None:
    assert [hasard("EAJE01", 2025).random() for _ in range(2)] == [hasard("EAJE01", 2025).random()] * 2
    assert hasard("EAJE01").random() != hasard("EAJE02").random()


def test_les_codes_se_suivent() -> None:
    codes = [s.code for g in charger_reseau(RACINE / "config").gestionnaires for s in g.structures]
    assert codes == [f"EAJE{rang:02d}" for rang in range(1, 30)]


def test_referentiel_refuse_une_ligne_fausse(tmp_path: Any) -> None:
    dossier = tmp_path / "referentiel"
    dossier.mkdir()
    entete = "insee;nom;siren;codes_postaux;population;epci_siren;epci_nom\n"
    bonne = "52001;Ageville;215200015;52340;290;200068658;CA de Chaumont\n"
    (dossier / "communes_52.csv").write_text(entete + bonne + bonne.replace("290", "beaucoup"), encoding="utf-8")
    with pytest.raises(ErreurDeConfiguration, match="ligne 3") as refus:
        charger_communes(tmp_path)
    assert "population" in refus.value.raison
    with pytest.raises(ErreurDeConfiguration, match="illisible"):
        charger_epci(tmp_path)
