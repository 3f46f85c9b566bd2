"""The invented network: real places, invented names, the same on every machine."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import SQLModel, select
from stdnum import iban
from stdnum.fr import siren, siret

from demonstration.hasard import hasard
from demonstration.installation import installer
from demonstration.reseau import charger_reseau
from modeles.base import transaction
from modeles.tables import Contact, Convention, CoordonneeBancaire, Declaration, Partenaire, Structure, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from regles.etats import EtatVersement
from schemas.configuration.referentiel import charger_communes, charger_epci
from schemas.configuration.reglages import RACINE, charger_reglages
from schemas.configuration.yaml_strict import ErreurDeConfiguration
from tests.conftest import moteur_de_test


def lire(contexte: Contexte, table: type[SQLModel]) -> Sequence[Any]:
    with transaction(contexte.moteur) as session:
        return session.exec(select(table)).all()


@pytest.fixture(scope="module")
def installe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contexte]:
    with pytest.MonkeyPatch.context() as rustine:
        dossier = tmp_path_factory.mktemp("installe")
        rustine.setenv("CAMPAGNES_VAR", str(dossier))
        rustine.setenv("CAMPAGNES_DEMONSTRATION", "1")
        with moteur_de_test("sqlite") as (_, moteur):
            contexte = Contexte(charger_reglages(), moteur)
            assert installer(contexte)
            yield contexte


def test_le_reseau_de_la_haute_marne(installe: Contexte) -> None:
    prestations = Counter(s.prestation for s in lire(installe, Structure))
    assert sum(prestations.values()) == 192
    assert {p: prestations[p] for p in ("EAJE", "ALSH", "RPE", "CENTRE_SOCIAL", "EVS", "FJT")} == {
        "EAJE": 29, "ALSH": 108, "RPE": 15, "CENTRE_SOCIAL": 4, "EVS": 2, "FJT": 2,
    }  # fmt: skip
    assert len(prestations) == 13
    types = Counter(s.type_accueil for s in lire(installe, Structure) if s.prestation == "ALSH")
    assert types["periscolaire"] > types["extrascolaire"] > types["adolescents"] > 0


def test_un_partenaire_gere_souvent_plusieurs_prestations(installe: Contexte) -> None:
    gerees: dict[int, set[str]] = {}
    for structure in lire(installe, Structure):
        gerees.setdefault(structure.partenaire_id, set()).add(structure.prestation)
    assert set(gerees) == {p.id for p in lire(installe, Partenaire)}
    assert sum(len(prestations) > 1 for prestations in gerees.values()) >= 15
    assert max(map(len, gerees.values())) >= 6


def test_de_vraies_communes(installe: Contexte) -> None:
    communes = charger_communes(installe.reglages.config)
    for structure in lire(installe, Structure):
        commune = communes[structure.commune_insee]
        assert (structure.commune, structure.epci, structure.epci_siren) == (
            commune.nom, commune.epci_nom, commune.epci_siren,
        )  # fmt: skip
        assert Decimal("0.9") <= Decimal(structure.taux_regime_general) <= 1
        assert (structure.places is None) == (structure.prestation != "EAJE")
    communes_gerantes = [p for p in lire(installe, Partenaire) if p.nature == "commune"]
    assert all(p.nom.startswith("Commune d") for p in communes_gerantes)
    assert "Commune du Montsaugeonnais" in {p.nom for p in communes_gerantes}


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
    assert len(set(sirets)) == 192


def test_comptes_bancaires_inventes_et_confirmes_par_un_autre_sauf_un(installe: Contexte) -> None:
    comptes = lire(installe, CoordonneeBancaire)
    assert {c.partenaire_id for c in comptes} == {p.id for p in lire(installe, Partenaire)}
    for compte in comptes:
        assert iban.is_valid(compte.iban)
        banque, guichet, numero, cle = (compte.iban[i:j] for i, j in ((4, 9), (9, 14), (14, 25), (25, 27)))
        assert banque == "99999"
        assert (89 * int(banque) + 15 * int(guichet) + 3 * int(numero) + int(cle)) % 97 == 0
    (sans,) = [c for c in comptes if c.confirmee_par is None]
    assert sans.titulaire == "Association Cache-Cache"


def test_aucune_adresse_reelle(installe: Contexte) -> None:
    contacts = lire(installe, Contact)
    assert {c.partenaire_id for c in contacts} == {p.id for p in lire(installe, Partenaire)}
    assert all(c.courriel.endswith(".example") and c.courriel.isascii() for c in contacts)
    assert len({c.courriel for c in contacts}) == len(contacts)


def test_une_convention_par_structure_une_seule_s_arrete_trop_tot(installe: Contexte) -> None:
    conventions = {c.structure_id: c for c in lire(installe, Convention)}
    structures = {s.id: s for s in lire(installe, Structure)}
    assert set(conventions) == set(structures)
    assert all(c.prestation == structures[c.structure_id].prestation for c in conventions.values())
    (courte,) = [c for c in conventions.values() if c.au.year < 2027]
    assert courte.au == date(2025, 8, 31)
    (neuve,) = [s for s in structures.values() if s.ouverte_le]
    assert conventions[neuve.id].du == neuve.ouverte_le
    creches = [c for c in conventions.values() if c.prestation == "EAJE"]
    assert {c.attractivite for c in creches} == {True, False}
    assert any(c.forfait_territoire_centimes == 0 for c in creches)
    assert any(c.hausse_places != "0" for c in creches)
    relais = [c for c in conventions.values() if c.prestation == "RPE"]
    assert {c.conditions["mission_renforcee"] for c in relais} == {True, False}
    mediations = [c for c in conventions.values() if c.prestation == "MEDIATION_FAMILIALE"]
    assert all(Decimal(c.conditions["etp_finances"]) > 1 for c in mediations)


def test_le_passe_est_coherent(installe: Contexte) -> None:
    declarations = [d for d in lire(installe, Declaration) if d.prestation == "EAJE"]
    assert len(declarations) == 29 * 3
    for declaration in declarations:
        donnees = declaration.donnees
        assert 1 <= Decimal(donnees["heures_facturees"]) / Decimal(donnees["heures_realisees"]) <= Decimal("1.18")
        assert donnees["charges_86"] == donnees["produits_87"]
        horaire = Decimal(donnees["participations_familiales"]) / Decimal(donnees["heures_facturees"])
        assert Decimal("1.2") <= horaire <= Decimal("2.2")
        assert 10_000 <= Decimal(donnees["charges"]) / donnees["places"] <= 28_000
        capacite = donnees["places"] * Decimal(donnees["amplitude_journaliere"]) * donnees["jours_ouverture"]
        assert Decimal(donnees["heures_facturees"]) < capacite


def test_la_reprise_suit_le_metier_de_chaque_prestation(installe: Contexte) -> None:
    natures: dict[str, set[str]] = {}
    for declaration in lire(installe, Declaration):
        natures.setdefault(declaration.prestation, set()).add(f"{declaration.nature} {declaration.exercice}")
    assert natures["ALSH"] == {"reel 2024", "previsionnel 2025", "actualisation 2025"}
    assert natures["RPE"] == {"reel 2024", "previsionnel 2025"}
    assert natures["CLAS"] == {"reel 2024"}


def test_acomptes_deja_verses_sauf_aux_clas(installe: Contexte) -> None:
    versements = lire(installe, Versement)
    attendues = {s.id for s in lire(installe, Structure) if s.prestation != "CLAS"}
    assert {v.structure_id for v in versements} == attendues
    assert {v.etat for v in versements} == {EtatVersement.REPRISE}
    assert all(v.montant_centimes > 0 for v in versements)


def test_installer_deux_fois_ne_change_rien(installe: Contexte) -> None:
    tables = (Partenaire, Contact, CoordonneeBancaire, Structure, Convention, Declaration, Versement)
    avant = [len(lire(installe, table)) for table in tables]
    assert not installer(installe)
    assert [len(lire(installe, table)) for table in tables] == avant
    assert verifier_journal(installe).rupture is None


def test_meme_sujet_meme_tirage() -> None:
    assert [hasard("EAJE01", 2025).random() for _ in range(2)] == [hasard("EAJE01", 2025).random()] * 2
    assert hasard("EAJE01").random() != hasard("EAJE02").random()


def test_le_meme_reseau_a_chaque_tirage() -> None:
    reseau = charger_reseau(RACINE / "config")
    charger_reseau.cache_clear()
    assert charger_reseau(RACINE / "config") == reseau


def test_les_codes_se_suivent() -> None:
    codes = sorted(e.code for e in charger_reseau(RACINE / "config").equipements)
    for prefixe, nombre, largeur in (("ALSH", 108, 3), ("EAJE", 29, 2), ("RPE", 15, 2)):
        assert [c for c in codes if c.startswith(prefixe)] == [
            f"{prefixe}{i:0{largeur}d}" for i in range(1, nombre + 1)
        ]
    assert len(set(codes)) == 192


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


def test_des_adresses_plausibles_dans_de_vraies_communes_sauf_une(installe: Contexte) -> None:
    communes = {c.nom: c.codes_postaux for c in charger_communes(installe.reglages.config).values()}
    partenaires = lire(installe, Partenaire)
    (sans,) = [p.nom for p in partenaires if p.adresse is None]
    assert sans == "Association Les Alevins"
    connues = {p.nom: p.adresse for p in partenaires if p.adresse}
    assert all(a.code_postal in communes[a.ville] and a.pays == "FR" and a.rue for a in connues.values())
    mairies = {nom: a.ville for nom, a in connues.items() if nom.startswith("Commune d")}
    assert mairies["Commune de Langres"] == "Langres"
    assert all(nom.endswith(ville.removeprefix("Le ")) for nom, ville in mairies.items())
    assert {bool(a.numero) for a in connues.values()} == {True, False}
