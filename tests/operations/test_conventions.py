"""What the network's files say of conventions and structures, by prestation; written back, they are the same."""

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from modeles.base import transaction
from modeles.tables import Contact, Convention, Partenaire, Structure, Versement
from modeles.tables.reseau import NaturePartenaire
from operations.contexte import ActeRefuse, Contexte
from operations.reseau import exporter_reseau, importer_reseau
from operations.reseau_ecriture import BilanReseau
from regles.calcul import entrees_connues
from regles.etats import EtatVersement, NatureVersement
from schemas.reseau import CONDITIONS, LIGNES
from tests.operations.argent import INSTANT

JOUR = date(2026, 1, 5)
LIEU = "21520083300014;52121;Chaumont;200068658;CA de Chaumont"
PARTENAIRES = ["code;nom;nature;siren", "P1;Commune de Chaumont;commune;215200833"]
CONTACTS = ["partenaire;nom;courriel;actif", "P1;Dominique Petit;d.petit@chaumont.example;oui"]
STRUCTURES = [
    "code;nom;partenaire;prestation;siret;commune_insee;commune;epci_siren;epci;places;type_accueil;ouverte_le;"
    "fermee_le;statut_gestionnaire;taux_regime_general",
    f"C1;Crèche;P1;EAJE;{LIEU};20;;01/09/2025;;public;0,95",
    f"A1;Centre de loisirs;P1;ALSH;{LIEU};;extrascolaire;;31/08/2026;public;1",
    f"R1;Relais;P1;RPE;{LIEU};;;;;public;1",
    f"M1;Médiation;P1;MEDIATION_FAMILIALE;{LIEU};;;;;prive;1",
]
CONVENTIONS = [
    "structure;numero;prestation;du;au;forfait_territoire;attractivite;hausse_places;retenue_maximale;"
    "mission_renforcee;etp_finances",
    "C1;C-1;EAJE;01/09/2025;31/12/2028;1200,50;oui;0,1;0,4;;",
    "A1;A-1;;01/01/2023;31/12/2027;0;non;0;;;",
    "R1;R-1;RPE;01/01/2023;31/12/2027;0;non;0;1;oui;",
    "M1;M-1;;01/01/2023;31/12/2027;0;non;0;;;1,5",
]


def ecrire(dossier: Path, **fichiers: list[str]) -> Path:
    tous = {
        "partenaires": PARTENAIRES,
        "contacts": CONTACTS,
        "structures": STRUCTURES,
        "conventions": CONVENTIONS,
    } | fichiers
    for nom, lignes in tous.items():
        (dossier / f"{nom}.csv").write_text("\n".join(lignes) + "\n", encoding="utf-8")
    return dossier


def importer(ctx: Contexte, dossier: Path, *, appliquer: bool = True) -> BilanReseau:
    return importer_reseau(ctx, dossier, "c.martin", appliquer=appliquer, jour=JOUR)


def modifier(lignes: list[str], avant: str, apres: str) -> list[str]:
    assert sum(avant in ligne for ligne in lignes) == 1, avant
    return [ligne.replace(avant, apres) for ligne in lignes]


def sans_colonnes(lignes: list[str], *colonnes: str) -> list[str]:
    titres = lignes[0].split(";")
    gardees = [rang for rang, titre in enumerate(titres) if titre not in colonnes]
    return [";".join(ligne.split(";")[rang] for rang in gardees) for ligne in lignes]


def convention(ctx: Contexte, numero: str) -> Convention:
    with transaction(ctx.moteur) as session:
        return session.exec(select(Convention).where(Convention.numero == numero)).one()


def test_chaque_prestation_entre_avec_ce_qui_lui_est_propre(contexte_deux_bases: Contexte, tmp_path: Path) -> None:
    ctx = contexte_deux_bases
    bilan = importer(ctx, ecrire(tmp_path))
    assert (bilan.fautes, bilan.alertes) == ((), [])
    with transaction(ctx.moteur) as session:
        structures = {s.code: s for s in session.exec(select(Structure))}
    assert (structures["C1"].places, structures["C1"].ouverte_le) == (20, date(2025, 9, 1))
    assert (structures["A1"].type_accueil, structures["A1"].fermee_le) == ("extrascolaire", date(2026, 8, 31))
    assert (structures["R1"].places, structures["R1"].type_accueil) == (None, None)
    creche, relais, mediation = (convention(ctx, numero) for numero in ("C-1", "R-1", "M-1"))
    assert (creche.prestation, creche.retenue_maximale, creche.conditions) == ("EAJE", "0.4", {})
    assert (relais.prestation, relais.retenue_maximale, relais.conditions) == ("RPE", "1", {"mission_renforcee": True})
    assert (mediation.retenue_maximale, mediation.conditions) == (None, {"etp_finances": "1.5"})


@pytest.mark.parametrize(
    ("fichier", "avant", "apres", "ligne", "colonne", "phrase"),
    [
        ("structures", ";20;;01/09", ";;;01/09", 2, "places", "valeur attendue pour la prestation EAJE, cellule vide"),
        ("structures", ";20;;01/09", ";vingt;;01/09", 2, "places", "nombre entier attendu, lu « vingt »"),
        ("structures", ";20;;01/09", ";20;extrascolaire;01/09", 2, "type_accueil",
         "à laisser vide pour la prestation EAJE (réservé à ALSH)"),
        ("structures", ";;extrascolaire", ";12;extrascolaire", 3, "places",
         "à laisser vide pour la prestation ALSH (réservé à EAJE)"),
        ("structures", ";;extrascolaire", ";;", 3, "type_accueil",
         "valeur attendue pour la prestation ALSH, cellule vide"),
        ("structures", ";;extrascolaire", ";;mercredi", 3, "type_accueil",
         "attendu : 'periscolaire', 'extrascolaire' ou 'adolescents', lu « mercredi »"),
        ("structures", "01/09/2025", "bientôt", 2, "ouverte_le", "date attendue (JJ/MM/AAAA), lu « bientôt »"),
        ("structures", ";;31/08/2026", ";01/09/2026;31/08/2026", 3, "fermee_le",
         "la structure ferme (31/08/2026) avant son premier jour (01/09/2026)"),
        ("structures", "Relais", '"Relais\nde Chaumont"', 4, "nom",
         "retour à la ligne ou caractère de contrôle dans le texte"),
        ("structures", "R1;", "C1;", 4, "code", "« C1 » déjà donné ligne 2"),
        ("conventions", "C-1;EAJE", "C-1;RPE", 2, "prestation", "« RPE » n'est pas la prestation de C1 (EAJE)"),
        ("conventions", ";0,4;", ";40;", 2, "retenue_maximale",
         "part entre 0 et 1 attendue (0,4 pour 40 %), lu « 40 »"),
        ("conventions", ";0,4;", ";0,33333333333;", 2, "retenue_maximale",
         "nombre trop long (dix signes au plus), lu « 0.33333333333 »"),
        ("conventions", ";1;oui;", ";1;1;", 4, "mission_renforcee", "« oui » ou « non » attendu, lu « 1 »"),
        ("conventions", ";1;oui;", ";1;oui;2", 4, "etp_finances", "à laisser vide pour la prestation RPE"),
        ("conventions", ";;1,5", ";;beaucoup", 5, "etp_finances", "nombre attendu, lu « beaucoup »"),
        ("conventions", ";;1,5", ";oui;1,5", 5, "mission_renforcee",
         "à laisser vide pour la prestation MEDIATION_FAMILIALE"),
        ("conventions", "A1;A-1", "Z1;A-1", 3, "structure", "« Z1 » n'est pas dans structures.csv, ni déjà connu"),
    ],
)  # fmt: skip
def test_chaque_faute_se_dit_a_sa_place(
    contexte: Contexte, tmp_path: Path, fichier: str, avant: str, apres: str, ligne: int, colonne: str, phrase: str
) -> None:
    lignes = {"structures": STRUCTURES, "conventions": CONVENTIONS}[fichier]
    bilan = importer(contexte, ecrire(tmp_path, **{fichier: modifier(lignes, avant, apres)}))
    assert (f"{fichier}.csv", ligne, colonne, phrase) in [
        (f.fichier, f.ligne, f.colonne, f.message) for f in bilan.fautes
    ]


def test_les_conditions_declarees_sont_celles_des_formules() -> None:
    for prestation, cles in CONDITIONS.items():
        assert set(cles) <= entrees_connues(prestation).keys()
    assert set(LIGNES["conventions"].model_fields) >= {cle for cles in CONDITIONS.values() for cle in cles}


def test_un_fichier_sans_les_colonnes_recentes_ne_retire_rien(contexte: Contexte, tmp_path: Path) -> None:
    importer(contexte, ecrire(tmp_path))
    anciens = {
        "structures": sans_colonnes(STRUCTURES[:2], "type_accueil", "ouverte_le", "fermee_le"),
        "conventions": sans_colonnes(
            CONVENTIONS[:2], "prestation", "retenue_maximale", "mission_renforcee", "etp_finances"
        ),
    }
    bilan = importer(contexte, ecrire(tmp_path, **anciens))
    assert (bilan.fautes, bilan.changements, bilan.inchanges) == ((), [], 4)


def test_une_cellule_videe_retire_la_condition(contexte: Contexte, tmp_path: Path) -> None:
    importer(contexte, ecrire(tmp_path))
    bilan = importer(contexte, ecrire(tmp_path, conventions=modifier(CONVENTIONS, ";1;oui;", ";;;")))
    assert bilan.changements == [
        "convention R-1 : conditions « mission_renforcee oui » devient vide, retenue_maximale « 1 » devient vide"
    ]
    assert (convention(contexte, "R-1").conditions, convention(contexte, "R-1").retenue_maximale) == ({}, None)


def test_deux_conventions_qui_se_chevauchent_se_disent(contexte: Contexte, tmp_path: Path) -> None:
    importer(contexte, ecrire(tmp_path))
    avenant = [CONVENTIONS[0], "A1;A-2;;01/07/2027;31/12/2030;0;non;0;;;"]
    bilan = importer(contexte, ecrire(tmp_path, conventions=avenant), appliquer=False)
    assert bilan.alertes == [
        "A1 : les conventions A-1 et A-2 se chevauchent à partir du 01/07/2027 ; ce jour-là et ensuite, A-2 s'applique."
    ]
    assert importer(contexte, ecrire(tmp_path)).alertes == []


def test_raccourcir_une_convention_payee_se_dit_avant(contexte: Contexte, tmp_path: Path) -> None:
    importer(contexte, ecrire(tmp_path))
    with transaction(contexte.moteur) as session:
        structure = session.exec(select(Structure).where(Structure.code == "C1")).one()
        for exercice, montant in ((2025, 30_000), (2026, 123_456), (2026, 44)):
            session.add(
                Versement(
                    structure_id=structure.id or 0, prestation="EAJE", exercice=exercice, montant_centimes=montant,
                    nature=NatureVersement.ACOMPTE, etat=EtatVersement.REPRISE, cree_le=INSTANT,
                    reference=f"{exercice}-{montant}",
                )
            )  # fmt: skip
    for fin, attendu in (
        ("31/12/2026", []),
        (
            "30/06/2026",
            [
                "convention C-1 (C1) : sa fin passerait du 31/12/2028 au 30/06/2026, alors que des versements reposent "
                "sur elle (1\u202f235,00\u00a0€ pour 2026)."
            ],
        ),
    ):
        bilan = importer(
            contexte, ecrire(tmp_path, conventions=modifier(CONVENTIONS, "31/12/2028", fin)), appliquer=False
        )
        assert (bilan.alertes, bilan.changements) == (
            attendu,
            [f"convention C-1 : au « 31/12/2028 » devient « {fin} »"],
        )
    assert convention(contexte, "C-1").au == date(2028, 12, 31)


def test_exporter_puis_importer_ne_change_rien(contexte_deux_bases: Contexte, tmp_path: Path) -> None:
    ctx = contexte_deux_bases
    importer(ctx, ecrire(tmp_path))
    exporter_reseau(ctx, tmp_path / "export")
    bilan = importer(ctx, tmp_path / "export")
    assert (bilan.fautes, bilan.changements, bilan.inchanges) == ((), [], 10)


def test_l_export_n_ecrase_rien(contexte: Contexte, tmp_path: Path) -> None:
    with pytest.raises(ActeRefuse, match=r"contient déjà partenaires\.csv"):
        exporter_reseau(contexte, ecrire(tmp_path))


textes = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
pieges = st.lists(st.sampled_from(["=", "+", "-", "@", "'", '"', ";", "1+1", "a", " ", "é", "\u2028"]), min_size=1).map(
    "".join
)
noms = st.one_of(textes, pieges).map(str.strip).filter(bool)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(nom=noms, numero=noms.map(lambda texte: texte[:40].strip()))
def test_tout_nom_revient_tel_quel(contexte: Contexte, tmp_path: Path, nom: str, numero: str) -> None:
    importer(contexte, ecrire(tmp_path))
    with transaction(contexte.moteur) as session:
        partenaire = session.exec(select(Partenaire)).one()
        contact = session.exec(select(Contact)).one()
        premiere = session.exec(select(Convention).order_by(Convention.numero)).first()
        assert premiere is not None
        partenaire.nom, partenaire.nature, contact.nom, premiere.numero = nom, NaturePartenaire.EPCI, nom, numero
        session.add_all([partenaire, contact, premiere])
    with TemporaryDirectory(dir=tmp_path) as dossier:
        for fichier in exporter_reseau(contexte, Path(dossier)):
            with fichier.open(encoding="utf-8-sig", newline="") as lu:
                cellules = [cellule for rangee in csv.reader(lu, delimiter=";") for cellule in rangee]
            assert not any(cellule.startswith(("=", "+", "-", "@")) for cellule in cellules)
        bilan = importer(contexte, Path(dossier))
    assert (bilan.fautes, bilan.changements, bilan.inchanges) == ((), [], 10)
