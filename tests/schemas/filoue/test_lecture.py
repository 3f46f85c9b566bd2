"""What arrives: every version and vendor habit is read alike, everything else is refused with a sentence."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from regles.filoue import ColonneFiloue, VersionFiloue
from schemas.filoue.entete import est_filoue, identifier
from schemas.filoue.lecture import lire
from tests.filoue.fabrique import fichiers_hostiles
from tests.schemas.filoue.fichiers import fichier, reglages, verifier_ici

SAINE: dict[str, str] = {}
SAIN = fichier(SAINE)
ENTETE, CORPS = SAIN.split(b"\n", 1)
AVEC_ACCENT = {"VILLE_FAMILLE": "ÉCLARON, À CÔTÉ"}


def _xlsx() -> bytes:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return octets.getvalue()


@pytest.mark.parametrize(
    "octets",
    [
        SAIN,
        fichier(AVEC_ACCENT),
        fichier(AVEC_ACCENT, codage="utf-8-sig"),
        fichier(AVEC_ACCENT, codage="cp1252"),
        fichier(AVEC_ACCENT, fin="\r\n"),
        fichier(SAINE, fin="\r"),
        SAIN + b"\n",
        SAIN + b"\n\n   \n;;;;;;;;;;;;;;;\n\r\n",
        b"\n\n" + ENTETE + b"\n\n" + CORPS,
        SAIN.lower().replace(b"saint-dizier", b"SAINT-DIZIER"),
        SAIN.replace(b"NUMERO_DOSSIER_AFC", "Numéro dossier-AFC".encode()),
        SAIN.replace(b"IDEQU", b"ID_EQU"),
        ENTETE + b";\n" + CORPS + b";",
        SAIN + b";;;",
        b"\n".join(b'"' + ligne.replace(b";", b'";"') + b'"' for ligne in SAIN.split(b"\n")),
        SAIN.replace(b"SAINT-DIZIER", b'SAINT "DIZIER'),
        SAIN.replace(b"0123456", b'="0123456"'),
        SAIN.replace(b".", b","),
        SAIN.replace(b"1240.50", b" 1240.50 ").replace(b"521;", b"521 ;"),
        SAIN.replace(b"01/01/2025", b"2025-01-01"),
        b"\n".join(b";".join(reversed(ligne.split(b";"))) for ligne in SAIN.split(b"\n")),
    ],
)  # fmt: skip
def test_le_meme_enfant_ecrit_autrement(octets: bytes) -> None:
    lu, attendu = lire(octets, reglages()), lire(SAIN, reglages())
    assert lu.table is not None
    assert attendu.table is not None
    assert lu.version is VersionFiloue.V3
    assert lu.anomalies == ()
    assert lu.table.drop("LIGNE").equals(attendu.table.drop("LIGNE"))


def test_une_ligne_typee_sans_la_ville() -> None:
    table = lire(SAIN, reglages()).table
    assert table is not None
    assert table.rows(named=True) == [
        {
            "LIGNE": 2, "NUMERO_CAF": "521", "NUMERO_DOSSIER_AFC": "202300123", "IDEQU": "5200077", "TOP_ALLOC": 1,
            "MATRICULE": "0123456", "REGIME": 1, "DATE_NAISSANCE_INDIVIDU": date(2024, 3, 14),
            "CODE_POSTAL_FAMILLE": "52100", "NOMBRE_HEURES_FACTUREES": Decimal("1240.5"),
            "NOMBRE_HEURES_REALISEES": Decimal("1180.25"), "MONTANT_FACTURE": Decimal("1687.08"),
            "MONTANT_HORAIRE": Decimal("1.36"), "TAUX_EFFORT": Decimal("0.0619"), "PREMIERJOUR": date(2025, 1, 1),
            "DERNIERJOUR": date(2025, 8, 31),
        }
    ]  # fmt: skip


@pytest.mark.parametrize("version", VersionFiloue)
def test_chaque_version_par_le_nom_de_ses_colonnes(version: VersionFiloue) -> None:
    lu = lire(fichier(SAINE, version=version), reglages())
    assert lu.version is version
    assert lu.table is not None
    absentes = {c for c in ColonneFiloue if c in lu.table.columns and lu.table[c].null_count()}
    assert absentes == set(ColonneFiloue) - set(reglages().versions[version].colonnes)


def test_les_numeros_de_ligne_sont_ceux_du_fichier() -> None:
    octets = b"\n" + ENTETE + b"\n\n" + CORPS + b"\n;;;;\n\n" + CORPS.replace(b"0123456", b"12")
    assert [(a.ligne, a.code) for a in verifier_ici(octets).anomalies] == [(7, "matricule_mal_forme")]


REFUS: Mapping[str, tuple[bytes, str, str]] = {
    "vide": (b"", "fichier_illisible", "Ce fichier est vide."),
    "que des blancs": (b"\xef\xbb\xbf \r\n\r\n", "fichier_illisible", "Ce fichier est vide."),
    "xlsx": (_xlsx(), "fichier_illisible", "un classeur ou une archive"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\x00" * 512, "fichier_illisible", "un classeur Excel"),
    "pdf": (b"%PDF-1.7 ...", "fichier_illisible", "un PDF"),
    "gzip": (b"\x1f\x8b\x08\x00", "fichier_illisible", "une archive compressée"),
    "utf-16": (SAIN.decode().encode("utf-16"), "fichier_illisible", "UTF-16"),
    "utf-16 sans marque": (SAIN.decode().encode("utf-16-le"), "fichier_illisible", "ne sont pas du texte"),
    "NUL": (SAIN.replace(b"WASSY", b"\x00") + b"\x00", "fichier_illisible", "ne sont pas du texte"),
    "caractère de contrôle": (SAIN.replace(b"2025", b"20\x1f25"), "fichier_illisible", "ne sont pas du texte"),
    "trop gros": (SAIN + b"\n" * 20_000_001, "fichier_illisible", "dépasse 20 Mo"),
    "une ligne de 19 Mo": (b"A" * 19_000_000, "fichier_illisible", "La première ligne est trop longue"),
    "une ligne longue plus loin": (SAIN + b"\n" + b"A" * 5000, "fichier_illisible", "Cette ligne dépasse 4000"),
    "un million de colonnes": (b";".join([b"A"] * 1_000_000), "fichier_illisible", "La première ligne est trop longue"),
    "un millier de colonnes": (b";" * 1000 + b"A\n1", "fichier_illisible", "La première ligne est trop longue"),
    "en-tête seul": (ENTETE, "aucune_ligne", "aucune ligne d'enfant"),
    "en-tête et blancs": (ENTETE + b"\n\n;;;\n", "aucune_ligne", "aucune ligne d'enfant"),
    "sans en-tête": (CORPS, "entete_inconnu", "Colonnes absentes : TOP_ALLOC, MATRICULE"),
    "une colonne absente": (SAIN.replace(b"REGIME", b"X"), "entete_inconnu", "Colonne absente : REGIME."),
    "Caf absente": (SAIN.replace(b"NUMERO_CAF", b"X"), "entete_inconnu", "Colonne absente : NUMERO_CAF."),
    "virgules": (SAIN.replace(b";", b","), "entete_inconnu", "séparées par des virgules"),
    "tabulations": (SAIN.replace(b";", b"\t"), "entete_inconnu", "séparées par des tabulations"),
    "colonne répétée": (SAIN.replace(b"IDEQU", b"REGIME"), "colonne_repetee", "La colonne REGIME figure deux fois"),
    "ligne courte": (SAIN + b"\n1;2;3", "ligne_mal_formee", "Ligne 3 : Cette ligne n'a pas 16 valeurs"),
    "point-virgule entre guillemets": (
        SAIN.replace(b"SAINT-DIZIER", b'"SAINT;DIZIER"'), "ligne_mal_formee", "un de trop dans une valeur",
    ),
    "dates illisibles": (
        SAIN.replace(b"14/03/2024", b"14 mars 2024"), "fichier_illisible",
        "La colonne DATE_NAISSANCE_INDIVIDU n'est pas lisible",
    ),
    "formules": (SAIN.replace(b"1240.50", b"=1+1"), "fichier_illisible", "un nombre est attendu"),
    "json": (b'{"MATRICULE": "0123456"}', "entete_inconnu", "Colonnes absentes"),
}  # fmt: skip


@pytest.mark.parametrize("nom", REFUS)
def test_un_fichier_hostile_est_refuse_par_une_phrase(nom: str) -> None:
    octets, code, phrase = REFUS[nom]
    resultat = verifier_ici(octets)
    assert [a.code for a in resultat.anomalies] == [code]
    assert phrase in resultat.refus
    assert resultat.refus.endswith(".")
    assert "0123456" not in resultat.refus
    assert "14/03/2024" not in resultat.refus
    assert resultat.table is None


@pytest.mark.parametrize("nom", fichiers_hostiles())
def test_un_fichier_hostile_est_lu_ou_refuse(nom: str) -> None:
    resultat = verifier_ici(fichiers_hostiles()[nom])
    assert resultat.est_recevable is (resultat.table is not None)
    assert resultat.est_recevable is not bool(resultat.refus)


def test_deux_codages_melanges_se_lisent_et_se_disent() -> None:
    octets = fichier(SAINE, AVEC_ACCENT | {"MATRICULE": "7654321"}).replace("À".encode(), b"\x81\xc9")
    lu = lire(octets, reglages())
    assert lu.table is not None
    assert [a.code for a in lu.anomalies] == ["caracteres_perdus"]


def test_une_colonne_en_trop_n_est_ni_lue_ni_nommee() -> None:
    octets = ENTETE + b";Nom de l'enfant\n" + CORPS + b";DURAND"
    resultat = verifier_ici(octets)
    assert resultat.est_recevable
    assert [(a.code, a.ligne) for a in resultat.anomalies] == [("colonne_en_trop", 1)]
    assert "La colonne n° 17" in resultat.anomalies[0].message
    assert "DURAND" not in repr(resultat.table)
    assert "Nom" not in repr(resultat.anomalies)


@pytest.mark.parametrize(
    ("octets", "attendu"),
    [
        (SAIN, True),
        (fichier(SAINE, version=VersionFiloue.V1, codage="utf-8-sig"), True),
        (SAIN.decode().encode("utf-16"), True),
        (SAIN.replace(b";", b","), True),
        (SAIN.replace(b"MATRICULE", b"NUMERO").replace(b"REGIME", b""), True),
        (b"\r\n" + SAIN.lower(), True),
        (b"Nom;Heures;Montant\nA;1;2", False),
        (CORPS, True),  # its header was left out: children all the same
        (b"a;b;c;d;e;f;g;h;i;14/03/2024", False),
        (_xlsx(), False),
        (b"", False),
        (bytes(range(256)) * 300, False),
    ],
)
def test_reconnaitre_un_fichier_filoue(octets: bytes, attendu: bool) -> None:
    assert est_filoue(octets) is attendu


@pytest.mark.parametrize(
    ("octets", "attendu"),
    [
        (SAIN, ("521", "202300123", "5200077")),
        (fichier(SAINE, version=VersionFiloue.V2), ("521", "202300123", "")),
        (fichier(SAINE, version=VersionFiloue.V1), ("", "", "")),
        (fichier({"IDEQU": ""}, SAINE, fin="\r\n"), ("521", "202300123", "5200077")),
        (fichier({"NUMERO_CAF": '="521"'}, codage="utf-8-sig"), ("521", "202300123", "5200077")),
        (ENTETE, ("", "", "")),
        (CORPS, ("", "", "")),
        (b"\x00" * 10, ("", "", "")),
    ],
)
def test_de_qui_est_ce_fichier(octets: bytes, attendu: tuple[str, str, str]) -> None:
    assert identifier(octets, reglages()) == attendu


@pytest.mark.parametrize("reconnaitre", [est_filoue, lambda octets: identifier(octets, reglages())])
def test_reconnaitre_ne_lit_que_le_debut(reconnaitre: Callable[[bytes], object]) -> None:
    accent_coupe = fichier(SAINE, {"VILLE_FAMILLE": "É" * 200_000})
    assert reconnaitre(accent_coupe) == reconnaitre(SAIN)
