"""The network brought from CSV files: previewed, applied once, every fault said."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from modeles.base import transaction
from modeles.tables import Contact, Convention, LigneJournal, Partenaire, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.reseau import importer_reseau

JOUR = date(2026, 1, 5)
FICHIERS = {
    "partenaires": "code;nom;nature;siren\nP1;Commune de Chaumont;commune;215200833\n",
    "contacts": "partenaire;nom;courriel;actif\nP1;Dominique Petit;d.petit@chaumont.example;oui\n",
    "structures": (
        "code;nom;partenaire;prestation;siret;commune_insee;commune;epci_siren;epci;places;statut_gestionnaire;"
        "taux_regime_general\nS1;Les Petits Renards;P1;EAJE;21520083300014;52121;Chaumont;200068658;CA de Chaumont;20;"
        "public;0,95\n"
    ),
    "conventions": (
        "structure;numero;du;au;forfait_territoire;attractivite;hausse_places\n"
        "S1;C-2023-01;01/01/2023;31/12/2027;1200,50;oui;0\n"
    ),
}


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """A correct set of files."""
    for nom, texte in FICHIERS.items():
        (tmp_path / f"{nom}.csv").write_text(texte, encoding="utf-8-sig")
    return tmp_path


def nombres(ctx: Contexte) -> list[int]:
    with transaction(ctx.moteur) as session:
        tables = (Partenaire, Contact, Structure, Convention)
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def test_apercu_puis_application_puis_rien(contexte_deux_bases: Contexte, dossier: Path) -> None:
    ctx = contexte_deux_bases
    apercu = importer_reseau(ctx, dossier, "c.martin", jour=JOUR)
    assert len(apercu.changements) == 4
    assert (apercu.applique, nombres(ctx)) == (False, [0, 0, 0, 0])
    assert importer_reseau(ctx, dossier, "c.martin", appliquer=True, jour=JOUR).applique
    assert nombres(ctx) == [1, 1, 1, 1]
    with transaction(ctx.moteur) as session:
        assert session.exec(select(Convention)).one().forfait_territoire_centimes == 120_050
        assert session.exec(select(Structure)).one().taux_regime_general == "0.95"
    second = importer_reseau(ctx, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert (second.changements, second.inchanges) == ([], 4)


def test_un_changement_se_dit_et_se_journalise_sans_adresse(contexte: Contexte, dossier: Path) -> None:
    importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    contacts = dossier / "contacts.csv"
    contacts.write_text(FICHIERS["contacts"].replace(";oui", ";non"), encoding="utf-8")
    bilan = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert bilan.changements == ["contact P1 Dominique Petit : actif modifié"]
    with transaction(contexte.moteur) as session:
        derniere = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc())).first()
        assert derniere is not None
        assert (derniere.action, derniere.details) == ("modifier", '{"champs": ["actif"]}')
        assert not any("@" in ligne.details + ligne.objet_id for ligne in session.exec(select(LigneJournal)))


@pytest.mark.parametrize("par", ["a.leroy", "inconnu"])
def test_qui_peut_importer(contexte: Contexte, dossier: Path, par: str) -> None:
    with pytest.raises(ActeRefuse):
        importer_reseau(contexte, dossier, par, appliquer=True, jour=JOUR)
    assert nombres(contexte) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("fichier", "avant", "apres", "ligne", "colonne", "mot"),
    [
        ("partenaires", "215200833", "215200834", 2, "siren", "SIREN invalide"),
        ("partenaires", ";commune;", ";mairie;", 2, "nature", "lu « mairie »"),
        ("partenaires", "siren\n", "siret\n", 2, "siren", "absente"),
        ("partenaires", "siren\n", "siret\n", 2, "siret", "colonne inconnue"),
        ("structures", "21520083300014", "21520083300019", 2, "siret", "SIRET invalide"),
        ("structures", "0,95", "95", 2, "taux_regime_general", "entre 0 et 1"),
        ("structures", ";20;", ";0;", 2, "places", "valeur inattendue"),
        ("structures", ";P1;", ";P9;", 0, "partenaire", "n'est pas dans partenaires.csv"),
        ("contacts", "d.petit@", "d.petit", 2, "courriel", "forme inattendue"),
        ("contacts", ";oui", ";peut-être", 2, "actif", "« oui » ou « non »"),
        ("conventions", "1200,50", "1200,505", 2, "forfait_territoire", "deux décimales"),
        ("conventions", "01/01/2023", "32/01/2023", 2, "du", "JJ/MM/AAAA"),
        ("conventions", "31/12/2027", "31/12/2022", 2, "", "avant de commencer"),
        ("conventions", ";0\n", ";0;surplus\n", 2, "", "plus de valeurs"),
    ],
)
def test_chaque_faute_est_situee(
    contexte: Contexte, dossier: Path, fichier: str, avant: str, apres: str, ligne: int, colonne: str, mot: str
) -> None:
    texte = FICHIERS[fichier]
    assert avant in texte
    (dossier / f"{fichier}.csv").write_text(texte.replace(avant, apres), encoding="utf-8")
    bilan = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert any(
        (f.fichier, f.ligne, f.colonne) == (f"{fichier}.csv", ligne, colonne) and mot in f.message for f in bilan.fautes
    ), bilan.fautes
    assert nombres(contexte) == [0, 0, 0, 0]


def test_une_faute_n_en_cache_ni_n_en_invente_d_autres(contexte: Contexte, dossier: Path) -> None:
    (dossier / "structures.csv").write_text(FICHIERS["structures"].replace(";20;", ";0;"), encoding="utf-8")
    (dossier / "contacts.csv").write_text(FICHIERS["contacts"].replace(";oui", ";?"), encoding="utf-8")
    bilan = importer_reseau(contexte, dossier, "c.martin", jour=JOUR)
    assert [(f.fichier, f.colonne) for f in bilan.fautes] == [("contacts.csv", "actif"), ("structures.csv", "places")]


def test_fichiers_absents_ou_mal_encodes(contexte: Contexte, dossier: Path) -> None:
    (dossier / "contacts.csv").unlink()
    (dossier / "structures.csv").write_bytes(FICHIERS["structures"].replace("Renards", "Blés").encode("cp1252"))
    bilan = importer_reseau(contexte, dossier, "c.martin", jour=JOUR)
    messages = {f.fichier: f.message for f in bilan.fautes}
    assert messages["contacts.csv"] == "fichier absent"
    assert "UTF-8" in messages["structures.csv"]
