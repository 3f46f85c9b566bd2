import io
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator

import pytest
from openpyxl import Workbook

from echanges.classeur import garde, xml_borne
from echanges.classeur.garde import controler_paquet
from echanges.classeur.lecture import LecteurIsole
from regles.grille import FichierRefuse
from tests.echanges.classeur import fabrique as f

TROP_LONG = "a" * 40_000
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ENTITES = (
    '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)


@pytest.fixture(scope="module")
def lecteur() -> Iterator[LecteurIsole]:
    with LecteurIsole() as ouvert:
        yield ouvert


def tronque() -> bytes:
    octets = f.sain()
    return octets[: len(octets) // 2]


def signale_chiffre() -> bytes:
    octets = bytearray(f.sain())
    debut = octets.index(b"PK\x01\x02")
    octets[debut + 8] |= 1
    return bytes(octets)


def somme_fausse() -> bytes:
    octets = bytearray(f.sain())
    octets[octets.index(b"PK\x01\x02") + 16] ^= 0xFF
    return bytes(octets)


def taille_menteuse() -> bytes:
    """The directory says 10 bytes, the part holds more."""
    octets = bytearray(f.ajouter("xl/theme/theme9.xml", b"<x>" + b" " * 5000 + b"</x>"))
    debut = octets.rindex(b"PK\x01\x02")
    octets[debut + 24 : debut + 28] = (10).to_bytes(4, "little")
    return bytes(octets)


def methode_rare() -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_LZMA) as archive:
        for nom, octets in f.parties(f.sain()).items():
            archive.writestr(nom, octets)
    return tampon.getvalue()


def textes(interieur: str, avant: str = "") -> bytes:
    return f.modifier(f.TEXTES, lambda _: f'{avant}<sst xmlns="{f.ESPACE}">{interieur}</sst>'.encode())


def beaucoup_de_feuilles() -> bytes:
    classeur = Workbook()
    for _ in range(garde.FEUILLES_MAX):
        classeur.create_sheet()
    return f.enregistrer(classeur)


def beaucoup_de_cellules() -> bytes:
    cellules = [f"<c><v>{rang * 7919}</v></c>" for rang in range(xml_borne.CELLULES_MAX + 90)]
    rangees = ("".join(cellules[debut : debut + 90]) for debut in range(0, len(cellules), 90))
    return f.avec_feuille("".join(f"<row>{rangee}</row>" for rangee in rangees))


def apres_donnees(xml: str) -> bytes:
    return f.modifier(f.FEUILLE, lambda x: x.replace(b"</sheetData>", f"</sheetData>{xml}".encode()))


REFUS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "vide", "vide"),
    "csv renamed": (lambda: "Structure;Heures\nCrèche;12,5\n".encode("cp1252"), "csv", "texte (CSV)"),
    "html renamed": (lambda: b"\xef\xbb\xbf\n<html><table>", "page_web", "page web"),
    "spreadsheet 2003 xml": (lambda: b'<?xml version="1.0"?><Workbook/>', "page_web", "document XML"),
    "pdf renamed": (lambda: b"%PDF-1.7\n", "pdf", "PDF"),
    "old xls": (lambda: OLE + bytes(4096), "ancien_xls", "ancien format"),
    "encrypted": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "mot_de_passe", "mot de passe"),
    "binary noise": (lambda: bytes(range(256)) * 4, "inconnu", "n'est pas un classeur"),
    "too heavy": (lambda: b"PK\x03\x04" + bytes(garde.TAILLE_MAX), "trop_lourd", "pèse"),
    "cut zip": (tronque, "incomplet", "interrompue"),
    "wrong checksum": (somme_fausse, "incomplet", "abîmé"),
    "lying size": (taille_menteuse, "incomplet", "abîmé"),
    "encrypted part": (signale_chiffre, "mot_de_passe", "chiffré"),
    "rare compression": (methode_rare, "archive", "inhabituelle"),
    "zip comment": (lambda: f.paquet(f.parties(f.sain()), commentaire=b"x"), "archive", "inhabituelle"),
    "zip of a photo": (lambda: f.paquet({"photo.jpg": b"x"}), "incomplet", "sans classeur"),
    "ods": (lambda: f.paquet({"mimetype": b"x", "content.xml": b"<x/>"}), "ods", "LibreOffice"),
    "docx": (lambda: f.paquet({f.TYPES: b"<x/>", "word/document.xml": b"<x/>"}), "pas_un_classeur", "un texte"),
    "xlsb": (lambda: f.paquet({f.TYPES: b"<x/>", "xl/workbook.bin": b"x"}), "xlsb", "binaire"),
    "path traversal": (lambda: f.ajouter("../../etc/cron.d/x"), "chemin", "interdits"),
    "absolute path": (lambda: f.ajouter("/etc/x"), "chemin", "interdits"),
    "backslash path": (lambda: f.ajouter("xl\\..\\x"), "chemin", "interdits"),
    "part twice": (lambda: f.paquet(f.parties(f.sain()), en_plus=((f.FEUILLE, b"<x/>"),)), "doublon", "deux fois"),
    "too many parts": (lambda: f.paquet({f"p{i}": b"" for i in range(300)}), "trop_de_parties", "nombre anormal"),
    "zip bomb": (lambda: f.ajouter("xl/media/image1.png", bytes(garde.TAILLE_DEPLIEE_MAX + 1)), "bombe", "démesuré"),
    "small zip bomb": (lambda: f.ajouter("xl/theme/t.xml", b"<x>" + b" " * 2**22 + b"</x>"), "bombe", "démesuré"),
    "macros": (lambda: f.ajouter("xl/vbaProject.bin", b"x"), "macros", "macros"),
    "macros by type": (
        lambda: f.modifier(f.TYPES, lambda x: x.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "macros", "macros"),
    "macro sheet renamed": (lambda: f.declarer("application/vnd.ms-excel.macrosheet+xml"), "macros", "macros"),
    "external link": (lambda: f.ajouter("xl/externalLinks/externalLink1.xml"), "liens_externes", "liaisons externes"),
    "external link by type": (
        lambda: f.declarer("application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml"),
        "liens_externes", "liaisons externes"),
    "remote template": (lambda: f.relier("attachedTemplate", "http://x.example/t"), "liens_externes", "autres"),
    "data connection": (lambda: f.ajouter("xl/connections.xml"), "liens_externes", "liaisons externes"),
    "embedded object": (lambda: f.ajouter("xl/embeddings/oleObject1.bin", b"x"), "objets", "incorporés"),
    "activex": (lambda: f.ajouter("xl/activeX/activeX1.xml"), "objets", "incorporés"),
    "entity expansion": (lambda: textes("<si><t>&i;</t></si>", ENTITES), "entites", "DTD"),
    "external entity": (
        lambda: f.avec_feuille("", '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "entites", "DTD"),
    "dtd in a picture declared as xml": (
        lambda: f.paquet({
            **f.parties(f.sain()),
            f.TYPES: f.parties(f.sain())[f.TYPES].replace(
                b"</Types>", b'<Override PartName="/xl/media/t.png" ContentType="application/xml"/></Types>'),
            "xl/media/t.png": b"<!DOCTYPE x><x/>"}),
        "entites", "DTD"),
    "deeply nested": (lambda: f.ajouter("xl/theme/t.xml", b"<x>" * 5000 + b"</x>" * 5000), "imbrication", "imbriqué"),
    "malformed xml": (lambda: f.modifier(f.FEUILLE, lambda x: x[:-20]), "abime", f.FEUILLE),
    "last cell of the grid": (lambda: f.sain({"XFD1048576": 1}), "grille", "ligne 1048576, colonne 16384"),
    "lying dimension": (
        lambda: f.modifier(f.FEUILLE, lambda x: x.replace(b'r="C1"', b'r="C900000"')), "grille", "ligne 900000"),
    "row far away": (lambda: f.avec_feuille('<row r="1048576"><c><v>1</v></c></row>'), "grille", "1048576"),
    "row number of a thousand digits": (
        lambda: f.avec_feuille(f'<row r="{"9" * 1000}"><c><v>1</v></c></row>'), "abime", "Activité"),
    "cell without address": (lambda: f.avec_feuille('<row><c r="??"><v>1</v></c></row>'), "abime", "Activité"),
    "too many cells": (beaucoup_de_cellules, "trop_de_cellules", "200000"),
    "merge of the whole grid": (
        lambda: apres_donnees('<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "fusion", "démesurée"),
    "link on the whole grid": (
        lambda: apres_donnees('<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>'),
        "fusion", "démesurée"),
    "too many sheets": (beaucoup_de_feuilles, "trop_de_feuilles", "31 feuilles"),
    "huge shared text": (
        lambda: textes(f"<si><t>{TROP_LONG}</t></si>"), "texte", "démesuré"),
    "huge text in a cell": (
        lambda: f.avec_feuille(
            f'<row><c t="inlineStr"><is><t>{TROP_LONG}</t></is></c></row>'),
        "texte", "démesuré"),
    "wrong content types": (
        lambda: f.modifier(f.TYPES, lambda x: x.replace(b"spreadsheetml.sheet.main", b"presentationml.slide")),
        "types", "ne se déclare pas"),
    "sheet missing": (
        lambda: f.paquet({n: o for n, o in f.parties(f.sain()).items() if n != f.FEUILLE}), "abime", f.FEUILLE),
    "relationships missing": (
        lambda: f.paquet({n: o for n, o in f.parties(f.sain()).items() if n != f.RELATIONS}), "abime", f.RELATIONS),
    "no sheet": (
        lambda: f.modifier(f.CLASSEUR, lambda x: x.replace(b"<sheet ", b"<feuille ")), "incomplet", "aucune feuille"),
    "strict format": (
        lambda: f.modifier(f.CLASSEUR, lambda x: x.replace(f.ESPACE.encode(), b"http://purl.oclc.org/ooxml/s/main")),
        "strict", "strict"),
}  # fmt: skip


@pytest.mark.parametrize("cas", REFUS)
def test_fichier_hostile_refuse_par_une_phrase_et_lecture_toujours_vivante(cas: str, lecteur: LecteurIsole) -> None:
    fabriquer, code, extrait = REFUS[cas]
    with pytest.raises(FichierRefuse) as refus:
        lecteur.lire(fabriquer())
    assert refus.value.code == code
    assert extrait in refus.value.phrase
    assert refus.value.phrase.endswith(".")
    assert lecteur.lire(f.sain()).feuilles["Activité"][1, 3] == 12


@pytest.mark.parametrize("cas", REFUS)
def test_la_garde_seule_refuse_de_meme(cas: str) -> None:
    fabriquer, code, _ = REFUS[cas]
    with pytest.raises(FichierRefuse) as refus:
        controler_paquet(fabriquer())
    assert refus.value.code == code


@pytest.mark.parametrize(
    ("octets", "attendu"),
    [
        (f.relier("hyperlink", "mailto:direction@creche.example"), 12),
        (f.ajouter("xl/media/logo.png", b"\x89PNG not xml"), 12),
        (f.ajouter("xl/drawings/vmlDrawing1.vml", b"<xml><br></xml>"), 12),
        (f.ajouter("xl/printerSettings/printerSettings1.bin", b"\x00\x01"), 12),
        (f.ajouter("_xmlsignatures/origin.sigs", b""), 12),
        (f.avec_feuille('<row r="1"><c r="C1"><v>12</v></c><c r="XFD1" s="0"/></row>'), 12),
        (f.avec_feuille("<row><c/><c/><c><v>12</v></c></row>"), 12),
    ],
    ids=[
        "mail link",
        "logo",
        "old comment shapes",
        "printer settings",
        "signature",
        "styled empty cell far right",
        "no addresses",
    ],
)
def test_un_classeur_ordinaire_passe(octets: bytes, attendu: int, lecteur: LecteurIsole) -> None:
    assert lecteur.lire(octets).feuilles["Activité"][1, 3] == attendu


def gourmand() -> bytes:
    """Within the guard's bounds, yet a gigabyte once each cell repeats its text."""
    rangee = '<c t="s"><v>0</v></c>' * 90
    contenu = f.parties(f.avec_feuille(f"<row>{rangee}</row>" * 400))
    contenu[f.TEXTES] = f'<sst xmlns="{f.ESPACE}"><si><t>{"a" * 32_000}</t></si></sst>'.encode()
    return f.paquet(contenu)


def test_un_classeur_qui_epuise_la_memoire_ne_prend_que_le_processus_de_lecture(lecteur: LecteurIsole) -> None:
    controler_paquet(gourmand())
    for _ in range(2):
        with pytest.raises(FichierRefuse, match="trop de temps ou de mémoire") as refus:
            lecteur.lire(gourmand())
        assert refus.value.code == "lecture_interrompue"
        assert lecteur.lire(f.sain()).feuilles["Activité"][1, 3] == 12


def test_un_texte_repete_partout_est_refuse_avant_d_encombrer(lecteur: LecteurIsole) -> None:
    contenu = f.parties(f.avec_feuille('<row><c t="s"><v>0</v></c></row>' * 100))
    contenu[f.TEXTES] = f'<sst xmlns="{f.ESPACE}"><si><t>{"a" * 32_000}</t></si></sst>'.encode()
    with pytest.raises(FichierRefuse, match="beaucoup trop de texte"):
        lecteur.lire(f.paquet(contenu))


def test_le_delai_passe_le_processus_est_arrete_et_le_fichier_refuse() -> None:
    with LecteurIsole(delai=0) as presse, pytest.raises(FichierRefuse) as refus:
        presse.lire(f.sain())
    assert refus.value.code == "lecture_interrompue"


def test_le_processus_de_lecture_se_borne_lui_meme() -> None:
    programme = (
        "import resource as r; from echanges.classeur import limites as e; e.limiter(); e.accorder_du_temps();"
        "print(*[r.getrlimit(x)[0] for x in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE, r.RLIMIT_CPU)])"
    )
    dit = subprocess.run([sys.executable, "-I", "-c", programme], capture_output=True, text=True, check=True).stdout
    memoire, ecriture, image, processeur = map(int, dit.split())
    assert 0 < memoire <= 2**30
    assert (ecriture, image) == (0, 0)
    assert 0 < processeur <= 20
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
