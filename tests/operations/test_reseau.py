"""The network brought from CSV files: previewed, applied once, every fault said."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from modeles.base import transaction
from modeles.tables import Contact, Convention, LigneJournal, Partenaire, Structure
from operations.contexte import ActeRefuse, Contexte
from operations.reseau import exporter_reseau, importer_reseau
from regles.adresse_postale import AdressePostale
from tests.operations.argent import ajouter_reprise

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


def test_une_structure_deja_payee_ne_change_pas_de_gestionnaire(contexte: Contexte, dossier: Path) -> None:
    importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    for nom, avant, apres in (
        ("partenaires", "P1;Commune de Chaumont", "P2;Association;association;215200833\nP1;Commune de Chaumont"),
        ("structures", "Renards;P1", "Renards;P2"),
    ):
        fichier = dossier / f"{nom}.csv"
        texte = fichier.read_text(encoding="utf-8-sig").replace(avant, apres)
        fichier.write_text(texte, encoding="utf-8")
    assert importer_reseau(contexte, dossier, "c.martin", jour=JOUR).changements != []
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure)).one()
        ajouter_reprise(session, structure.id or 0, 1_000)
    with pytest.raises(ActeRefuse, match="S1 a déjà été payée à un autre gestionnaire"):
        importer_reseau(contexte, dossier, "c.martin", jour=JOUR)


def test_un_changement_se_dit_et_se_journalise_sans_adresse(contexte: Contexte, dossier: Path) -> None:
    importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    contacts = dossier / "contacts.csv"
    contacts.write_text(FICHIERS["contacts"].replace(";oui", ";non"), encoding="utf-8")
    bilan = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert bilan.changements == ["contact P1 Dominique Petit : actif « oui » devient « non »"]
    with transaction(contexte.moteur) as session:
        du_contact = select(LigneJournal).where(LigneJournal.objet == "contact")
        derniere = session.exec(du_contact.order_by(col(LigneJournal.numero).desc())).first()
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
        ("partenaires", "siren\n", "siret\n", 1, "siren", "absente"),
        ("partenaires", "siren\n", "siret\n", 1, "siret", "colonne inconnue"),
        ("structures", "21520083300014", "21520083300019", 2, "siret", "SIRET invalide"),
        ("structures", "0,95", "95", 2, "taux_regime_general", "entre 0 et 1"),
        ("structures", ";20;", ";0;", 2, "places", "plus grand que zéro"),
        ("structures", ";P1;", ";P9;", 2, "partenaire", "n'est pas dans partenaires.csv"),
        ("contacts", "d.petit@", "d.petit", 2, "courriel", "forme inattendue"),
        ("contacts", "oui\n", "oui;chef\n", 2, "", "plus de valeurs"),
        ("structures", ";52121;", ";21231;", 2, "commune_insee", "« 21231 » n'est pas le code Insee d'une commune du"),
        ("structures", "200068658", "200072999", 2, "epci_siren", "Chaumont, qui est dans CA de Chaumont (200068658)"),
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


def test_un_fichier_mal_encode_se_dit(contexte: Contexte, dossier: Path) -> None:
    (dossier / "structures.csv").write_bytes(FICHIERS["structures"].replace("Renards", "Blés").encode("cp1252"))
    (faute,) = importer_reseau(contexte, dossier, "c.martin", jour=JOUR).fautes
    assert (faute.fichier, "UTF-8" in faute.message) == ("structures.csv", True)


def test_un_fichier_absent_laisse_ce_qui_est_connu(contexte: Contexte, dossier: Path) -> None:
    """Contacts alone are enough once their partner is known; before, the code that nothing brings is said."""
    for nom in ("partenaires", "structures", "conventions"):
        (dossier / f"{nom}.csv").rename(dossier / nom)
    (inconnu,) = importer_reseau(contexte, dossier, "c.martin", jour=JOUR).fautes
    assert inconnu.message == "« P1 » n'est pas dans partenaires.csv, ni déjà connu"
    with transaction(contexte.moteur) as session:
        session.add(Partenaire(code="P1", nom="Commune de Chaumont", nature="commune", siren="215200833"))
    bilan = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert bilan.changements == ["contact P1 Dominique Petit : ajouté"]
    assert bilan.absents == ("partenaires.csv", "structures.csv", "conventions.csv", "adhesions.csv")


def test_un_dossier_sans_fichier_du_reseau_est_refuse(contexte: Contexte, tmp_path: Path) -> None:
    (faute,) = importer_reseau(contexte, tmp_path, "c.martin", jour=JOUR).fautes
    assert "aucun fichier du réseau ici" in faute.message


@pytest.mark.parametrize(("separateur", "dit"), [(",", "lu « , »"), ("\t", "lu une tabulation"), ("|", "lu « | »")])
def test_un_autre_separateur_est_une_seule_faute(contexte: Contexte, dossier: Path, separateur: str, dit: str) -> None:
    texte = FICHIERS["structures"].replace(";", separateur)
    (dossier / "structures.csv").write_text(texte + texte.splitlines()[1] + "\n", encoding="utf-8")
    (faute,) = importer_reseau(contexte, dossier, "c.martin", jour=JOUR).fautes
    assert (faute.fichier, faute.ligne) == ("structures.csv", 1)
    assert faute.message == f"séparateur « ; » attendu entre les colonnes, {dit}"


def test_les_identifiants_filoue_sont_facultatifs_et_reserves_aux_eaje(contexte: Contexte, dossier: Path) -> None:
    importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    fichier = dossier / "structures.csv"
    entete, ligne = FICHIERS["structures"].splitlines()
    fichier.write_text(f"{entete};dossier_afc;idequ\n{ligne};200100042;5200077\n", encoding="utf-8")
    bilan = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert len(bilan.changements) == 1
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure)).one()
        assert (structure.dossier_afc, structure.idequ) == ("200100042", "5200077")
    exporter_reseau(contexte, dossier / "copie")
    assert "200100042;5200077" in (dossier / "copie" / "structures.csv").read_text(encoding="utf-8-sig")
    fichier.write_text(FICHIERS["structures"], encoding="utf-8")
    inchange = importer_reseau(contexte, dossier, "c.martin", jour=JOUR)
    assert (inchange.changements, inchange.fautes, inchange.inchanges) == ([], (), 4)
    ailleurs = ligne.replace("EAJE", "RPE").replace(";20;", ";;")
    fichier.write_text(f"{entete};dossier_afc;idequ\n{ailleurs};;5200077\n", encoding="utf-8")
    (faute,) = importer_reseau(contexte, dossier, "c.martin", jour=JOUR).fautes
    assert "réservé à EAJE" in str(faute)


ADRESSE = "numero_voie;rue;pays;code_postal;ville"
CHEZ = "12 bis;Rue de l’Église;FR;52000;Chaumont"


def adresse_de(ctx: Contexte) -> AdressePostale | None:
    with transaction(ctx.moteur) as session:
        return session.exec(select(Partenaire)).one().adresse


def avec_adresse(dossier: Path, valeurs: str, colonnes: str = ADRESSE) -> None:
    entete, ligne = FICHIERS["partenaires"].splitlines()
    (dossier / "partenaires.csv").write_text(f"{entete};{colonnes}\n{ligne};{valeurs}\n", encoding="utf-8")


def test_une_adresse_postale_va_vient_et_s_efface(contexte_deux_bases: Contexte, dossier: Path) -> None:
    ctx = contexte_deux_bases
    importer(ctx, dossier)
    assert adresse_de(ctx) is None
    avec_adresse(dossier, CHEZ)
    (dit,) = importer(ctx, dossier)
    assert "rue vide devient « Rue de l’Église »" in dit
    assert adresse_de(ctx) == AdressePostale("Rue de l’Église", "52000", "Chaumont", "FR", "12 bis")
    exporter_reseau(ctx, dossier / "copie")
    assert f"{ADRESSE}\r\n" in (dossier / "copie" / "partenaires.csv").read_bytes().decode("utf-8-sig")
    assert importer(ctx, dossier / "copie") == []
    (dossier / "partenaires.csv").write_text(FICHIERS["partenaires"], encoding="utf-8")
    assert importer(ctx, dossier) == []
    assert adresse_de(ctx) is not None
    avec_adresse(dossier, ";12 rue de la Gare;FR;52000;Chaumont")
    importer(ctx, dossier)
    assert adresse_de(ctx) == AdressePostale("12 rue de la Gare", "52000", "Chaumont", "FR")
    avec_adresse(dossier, ";;;;")
    assert "ville « Chaumont » devient vide" in importer(ctx, dossier)[0]
    assert adresse_de(ctx) is None
    with transaction(ctx.moteur) as session:
        assert not any("Chaumont" in ligne.details for ligne in session.exec(select(LigneJournal)))


@pytest.mark.parametrize(
    ("valeurs", "colonne", "mot"),
    [
        (";Rue Haute;FR;52000;", "ville", "valeur attendue avec la rue, cellule vide"),
        (";Rue Haute;;52000;Chaumont", "pays", "valeur attendue avec la rue, cellule vide"),
        (";Rue Haute;FR;;Chaumont", "code_postal", "une adresse est entière ou absente"),
        (";;FR;;", "pays", "à laisser vide sans la rue"),
        ("12;;;;", "rue", "valeur attendue avec le numéro, cellule vide"),
        (";Rue Haute;FR;5200;Chaumont", "code_postal", "cinq chiffres attendus pour la France, lu « 5200 »"),
        (";Rue Haute;France;52000;Chaumont", "pays", "à deux lettres attendu (FR pour la France), lu « France »"),
        (";Rue Haute;XX;52000;Chaumont", "pays", "à deux lettres attendu"),
        (f";{'a' * 71};FR;52000;Chaumont", "rue", "70 signes au plus"),
        (f"12 bis;{'a' * 64};FR;52000;Chaumont", "rue", "70 signes au plus avec le numéro"),
        (f";Rue Haute;FR;52000;{'a' * 36}", "ville", "35 signes au plus : à abréger"),
        (f"{'1' * 17};Rue Haute;FR;52000;Chaumont", "numero_voie", "16 signes au plus"),
        (";Rue Haute;FR;52000;山", "ville", "ni lettre ni chiffre que les banques sachent écrire"),
        (';"Rue\nHaute";FR;52000;Chaumont', "rue", "retour à la ligne"),
    ],
)
def test_chaque_faute_d_adresse_est_situee(
    contexte: Contexte, dossier: Path, valeurs: str, colonne: str, mot: str
) -> None:
    avec_adresse(dossier, valeurs)
    (faute,) = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR).fautes
    assert (faute.fichier, faute.ligne, faute.colonne) == ("partenaires.csv", 2, colonne)
    assert mot in faute.message
    assert nombres(contexte) == [0, 0, 0, 0]


def test_les_colonnes_de_l_adresse_vont_ensemble(contexte: Contexte, dossier: Path) -> None:
    """A column missing is a fault of the header, said once, whatever the rows hold."""
    avec_adresse(dossier, "Rue Haute;Chaumont", "rue;ville")
    (faute,) = importer_reseau(contexte, dossier, "c.martin", jour=JOUR).fautes
    assert (faute.ligne, faute.colonne) == (1, "numero_voie")
    assert faute.message == ("les colonnes de l'adresse vont ensemble, il manque : numero_voie, pays, code_postal")


ROLES = "partenaire;nom;courriel;actif;role\n"
ADHESIONS = "partenaire;dispositif;du;au\nP1;plan_mercredi;01/09/2024;\nP1;parentalite;01/01/2023;31/12/2024\n"


def ecrire_fichier(dossier: Path, nom: str, texte: str) -> None:
    (dossier / f"{nom}.csv").write_text(texte, encoding="utf-8")


def adresse(nom: str) -> str:
    return f"{nom.lower()}@chaumont.example"


def contacts(*personnes: tuple[str, str, str]) -> str:
    return ROLES + "".join(f"P1;{nom};{adresse(nom)};{actif};{role}\n" for nom, actif, role in personnes)


def importer(ctx: Contexte, dossier: Path) -> list[str]:
    bilan = importer_reseau(ctx, dossier, "c.martin", appliquer=True, jour=JOUR)
    assert bilan.fautes == ()
    return bilan.changements


def test_roles_et_adhesions_vont_et_viennent(contexte_deux_bases: Contexte, dossier: Path, tmp_path: Path) -> None:
    ctx = contexte_deux_bases
    ecrire_fichier(dossier, "contacts", contacts(("Alix", "oui", "direction"), ("Bao", "oui", "petite_enfance")))
    ecrire_fichier(dossier, "adhesions", ADHESIONS)
    assert "adhésion P1 plan_mercredi du 01/09/2024 : ajouté" in importer(ctx, dossier)
    exporter_reseau(ctx, dossier / "copie")
    copie = {f.stem: f.read_text(encoding="utf-8-sig") for f in (dossier / "copie").iterdir()}
    assert f"P1;Bao;{adresse('Bao')};oui;petite_enfance" in copie["contacts"]
    assert copie["adhesions"].replace("\r\n", "\n").splitlines()[1:] == [
        "P1;parentalite;01/01/2023;31/12/2024",
        "P1;plan_mercredi;01/09/2024;",
    ]
    assert importer(ctx, dossier / "copie") == []
    ecrire_fichier(dossier, "adhesions", ADHESIONS.replace("2024;\n", "2024;31/08/2026\n"))
    assert importer(ctx, dossier) == ["adhésion P1 plan_mercredi du 01/09/2024 : au vide devient « 31/08/2026 »"]


def test_sans_la_colonne_les_roles_restent(contexte: Contexte, dossier: Path) -> None:
    ecrire_fichier(dossier, "contacts", contacts(("Alix", "oui", "direction")))
    importer(contexte, dossier)
    ecrire_fichier(
        dossier, "contacts", contacts(("Alix", "oui", "direction")).replace(";role", "").replace(";direction", "")
    )
    assert importer(contexte, dossier) == []


@pytest.mark.parametrize(
    ("lignes", "ligne", "colonne", "mot"),
    [
        ("P9;plan_mercredi;01/09/2024;\n", 2, "partenaire", "n'est pas dans partenaires.csv"),
        ("P1;plan_jeudi;01/09/2024;\n", 2, "dispositif", "dispositif inconnu : « plan_jeudi » (attendu : animation_"),
        ("P1;plan_mercredi;01/09/2024;31/08/2024\n", 2, "au", "finit (31/08/2024) avant de commencer (01/09/2024)"),
        ("P1;plan_mercredi;1er septembre;\n", 2, "du", "JJ/MM/AAAA"),
        ("P1;parentalite;01/01/2025;\nP1;parentalite;01/06/2026;\n", 3, "du", "chevauche l'adhésion de la ligne 2"),
        ("P1;parentalite;01/01/2025;\nP1;parentalite;01/01/2025;\n", 3, "du", "déjà donné ligne 2"),
    ],
)
def test_chaque_faute_d_adhesion_est_situee(
    contexte: Contexte, dossier: Path, lignes: str, ligne: int, colonne: str, mot: str
) -> None:
    ecrire_fichier(dossier, "adhesions", f"partenaire;dispositif;du;au\n{lignes}")
    (faute,) = importer_reseau(contexte, dossier, "c.martin", appliquer=True, jour=JOUR).fautes
    assert (faute.fichier, faute.ligne, faute.colonne) == ("adhesions.csv", ligne, colonne)
    assert mot in faute.message


def test_deux_administrateurs_au_plus(contexte_deux_bases: Contexte, dossier: Path) -> None:
    ctx = contexte_deux_bases
    admin = "administrateur"
    ecrire_fichier(dossier, "contacts", contacts(*[(nom, "oui", admin) for nom in ("Alix", "Bao", "Cleo")]))
    (faute,) = importer_reseau(ctx, dossier, "c.martin", appliquer=True, jour=JOUR).fautes
    assert (faute.ligne, faute.colonne) == (4, "role")
    ecrire_fichier(dossier, "contacts", contacts(("Alix", "oui", admin), ("Bao", "oui", admin), ("Cleo", "non", admin)))
    assert len(importer(ctx, dossier)) == 6
    ecrire_fichier(dossier, "contacts", contacts(("Dani", "oui", admin)))
    with pytest.raises(ActeRefuse, match=r"deux administrateurs actifs \(Alix, Bao\).*Dani"):
        importer_reseau(ctx, dossier, "c.martin", appliquer=True, jour=JOUR)
    ecrire_fichier(dossier, "contacts", contacts(("Dani", "oui", admin), ("Alix", "oui", "direction")))
    assert importer(ctx, dossier) == [
        "contact P1 Alix : role « administrateur » devient « direction »",
        "contact P1 Dani : ajouté",
    ]
