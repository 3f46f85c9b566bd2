"""What a deposited file must be before any spreadsheet library sees it: a plain, bounded .xlsx and nothing else.

Every part is decompressed once under a bound, every XML part is read by expat without DTD, every cell address is
checked. Nothing here trusts a size, a dimension or an extension that the file declares.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from echanges.classeur.xml_borne import (
    REENREGISTRER,
    Compteurs,
    VisiteurFeuille,
    VisiteurTextes,
    elements,
    parcourir,
    refuser_xml,
)
from regles.grille import FichierRefuse

TAILLE_MAX = 5 * 2**20  # a filled form weighs 30 kB; one with a pasted logo, 1 or 2 MB
PARTIES_MAX = 200  # the form has about fifteen parts
TAILLE_DEPLIEE_MAX = 32 * 2**20  # 200 000 cells weigh some 15 MB of XML
RATIO_MAX = 200  # spreadsheet XML shrinks 10 to 50 times; a zip bomb, 1000 times
RATIO_CONTROLE_DES = 2**20  # smaller parts are harmless whatever their ratio
FEUILLES_MAX = 30  # the form has five sheets

_CLASSEUR = "xl/workbook.xml"
_TYPES = "[Content_Types].xml"
_TYPES_ADMIS = re.compile(r"application/vnd\.openxmlformats-officedocument\.spreadsheetml\.(sheet|template)\.main\+xml")
_ESPACE_STRICT = b"http://purl.oclc.org/ooxml/"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
# Part names, content types, code and sentence of what a workbook may not carry.
_INTERDITS: tuple[tuple[re.Pattern[str], re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"vba|xl/macrosheets/|xl/dialogsheets/|customui/"),
        re.compile(r"vba|macro"),
        "macros",
        f"Le classeur contient des macros : la Caf n'en accepte pas. {REENREGISTRER}",
    ),
    (
        re.compile(r"xl/externallinks/|xl/connections\.xml|xl/querytables/"),
        re.compile(r"externallink|connections\+xml|querytable"),
        "liens_externes",
        "Le classeur va chercher des valeurs dans d'autres fichiers (liaisons externes). Remplacez ces formules "
        "par leurs valeurs, supprimez les liaisons, puis redéposez-le.",
    ),
    (
        re.compile(r"xl/embeddings/|xl/activex/|xl/ctrlprops/|xl/webextensions/"),
        re.compile(r"oleobject|activex|controlproperties|webextension"),
        "objets",
        "Le classeur contient des objets incorporés (documents, contrôles) : supprimez-les, puis redéposez-le.",
    ),
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the guard learnt of a workbook: its sheets in order, and its cells in error by (sheet, row, column)."""

    feuilles: tuple[str, ...]
    erreurs: dict[tuple[str, int, int], str]


def controler_paquet(octets: bytes) -> None:
    """Check that a file may be given to a spreadsheet library.

    Raises:
        FichierRefuse: with the first reason found, in French.
    """
    inspecter(octets)


def controler_taille(octets: bytes) -> None:
    """Check the size alone, before the bytes go anywhere.

    Raises:
        FichierRefuse: empty, or heavier than `TAILLE_MAX`.
    """
    if not octets:
        raise FichierRefuse("vide", "Le fichier est vide : il a sans doute été mal copié. Déposez-le de nouveau.")
    if len(octets) > TAILLE_MAX:
        raise FichierRefuse(
            "trop_lourd",
            f"Le fichier pèse {len(octets) / 2**20:.0f} Mo, au-delà des {TAILLE_MAX // 2**20} Mo admis : retirez les "
            "images et les feuilles ajoutées, puis redéposez-le.",
        )


def inspecter(octets: bytes) -> Inspection:
    """Check a file and list its cells in error, in one pass.

    Raises:
        FichierRefuse: with the first reason found, in French.
    """
    controler_taille(octets)
    _controler_signature(octets)
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            _controler_noms(archive)
            parties = _deplier(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise FichierRefuse(
            "incomplet",
            "Le fichier est incomplet ou abîmé : la copie a sans doute été interrompue. Déposez-le de nouveau.",
        ) from None
    if _CLASSEUR not in parties or _TYPES not in parties:
        raise FichierRefuse("incomplet", f"Le classeur est incomplet. {REENREGISTRER}")
    en_xml = _controler_types(parties)
    chemins = _chemins_des_feuilles(parties)
    _controler_contenu(parties, chemins.values(), en_xml)
    return _inspecter_feuilles(parties, chemins)


def _controler_signature(octets: bytes) -> None:
    if octets.startswith(b"PK\x03\x04"):
        return
    debut = octets[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if octets.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in octets:
            raise FichierRefuse(
                "mot_de_passe",
                "Le classeur est protégé par un mot de passe : retirez-le (Fichier, Informations, Protéger), "
                "puis redéposez-le.",
            )
        raise FichierRefuse("ancien_xls", f"Le fichier est à l'ancien format Excel (.xls). {REENREGISTRER}")
    if debut.startswith(b"<"):
        raise FichierRefuse(
            "page_web", f"Le fichier est une page web ou un document XML, pas un classeur Excel. {REENREGISTRER}"
        )
    if debut.startswith(b"%pdf"):
        raise FichierRefuse("pdf", "Le fichier est un PDF : déposez le classeur Excel (.xlsx) lui-même.")
    if _est_du_texte(octets):
        raise FichierRefuse("csv", f"Le fichier est du texte (CSV) et non un classeur Excel (.xlsx). {REENREGISTRER}")
    raise FichierRefuse("inconnu", f"Le fichier n'est pas un classeur Excel (.xlsx). {REENREGISTRER}")


def _est_du_texte(octets: bytes) -> bool:
    return not any(octet < 32 and octet not in b"\t\r\n\f" for octet in octets[:4096])


def _controler_noms(archive: zipfile.ZipFile) -> None:
    fiches = archive.infolist()
    if len(fiches) > PARTIES_MAX:
        raise FichierRefuse(
            "trop_de_parties", "Le classeur est fait d'un nombre anormal de parties internes : il n'est pas lu."
        )
    noms = [fiche.orig_filename for fiche in fiches]
    for nom in noms:
        if "\\" in nom or "\0" in nom or ":" in nom or nom.startswith("/") or ".." in nom.split("/"):
            raise FichierRefuse(
                "chemin", "Le classeur contient des noms de fichiers internes interdits : il n'est pas lu."
            )
    minuscules = [nom.lower() for nom in noms]
    if len(set(minuscules)) < len(minuscules):
        raise FichierRefuse("doublon", "Le classeur contient deux fois la même partie interne : il n'est pas lu.")
    if any(fiche.flag_bits & 0x1 for fiche in fiches):
        raise FichierRefuse("mot_de_passe", "Le fichier est chiffré : déposez-le sans mot de passe.")
    methodes = {fiche.compress_type for fiche in fiches}
    if archive.comment or not methodes <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise FichierRefuse(
            "archive", f"Le fichier est une archive inhabituelle, pas un classeur de tableur. {REENREGISTRER}"
        )
    _controler_genre(set(minuscules))
    for motif, _, code, phrase in _INTERDITS:
        if any(motif.search(nom) for nom in minuscules):
            raise FichierRefuse(code, phrase)


def _controler_genre(noms: set[str]) -> None:
    if _CLASSEUR in noms and _TYPES.lower() in noms:
        return
    if "xl/workbook.bin" in noms:
        raise FichierRefuse("xlsb", f"Le fichier est un classeur binaire (.xlsb). {REENREGISTRER}")
    if "content.xml" in noms and "mimetype" in noms:
        raise FichierRefuse("ods", f"Le fichier est au format LibreOffice (.ods). {REENREGISTRER}")
    if any(nom.startswith(("word/", "ppt/")) for nom in noms):
        raise FichierRefuse(
            "pas_un_classeur", "Le fichier est un texte ou une présentation : déposez le classeur Excel (.xlsx)."
        )
    raise FichierRefuse(
        "incomplet", f"Le fichier est une archive zip sans classeur Excel complet dedans. {REENREGISTRER}"
    )


def _deplier(archive: zipfile.ZipFile) -> dict[str, bytes]:
    bombe = FichierRefuse("bombe", "Le classeur, une fois décompressé, est démesuré : il n'est pas lu.")
    parties, total = {}, 0
    for fiche in archive.infolist():
        restant = TAILLE_DEPLIEE_MAX - total
        if fiche.file_size > restant:
            raise bombe
        if fiche.file_size > RATIO_CONTROLE_DES and fiche.file_size > RATIO_MAX * max(1, fiche.compress_size):
            raise bombe
        with archive.open(fiche) as flux:
            contenu = flux.read(restant + 1)
        total += len(contenu)
        if total > TAILLE_DEPLIEE_MAX:
            raise bombe
        parties[fiche.orig_filename] = contenu
    return parties


def _controler_types(parties: dict[str, bytes]) -> frozenset[str]:
    """Check the content types and give the names (lower case) of the parts declared as XML."""
    declares = [a for _, a in elements(_TYPES, parties[_TYPES], "Override", "Default")]
    for _, motif, code, phrase in _INTERDITS:
        if any(motif.search(d.get("ContentType", "").lower()) for d in declares):
            raise FichierRefuse(code, phrase)
    types = {d.get("PartName", "").lower().lstrip("/"): d.get("ContentType", "") for d in declares}
    if _TYPES_ADMIS.fullmatch(types.get(_CLASSEUR, "")) is None:
        raise FichierRefuse("types", f"Le fichier ne se déclare pas comme un classeur Excel. {REENREGISTRER}")
    return frozenset(nom for nom, genre in types.items() if genre.endswith("xml"))


def _controler_contenu(parties: dict[str, bytes], feuilles: Collection[str], en_xml: Collection[str]) -> None:
    for nom, contenu in parties.items():
        minuscule = nom.lower()
        if minuscule.endswith(".rels"):
            _controler_relations(nom, contenu)
        elif nom not in feuilles and (minuscule.endswith(".xml") or minuscule in en_xml):
            parcourir(nom, contenu, VisiteurTextes() if minuscule == "xl/sharedstrings.xml" else None)


def _controler_relations(nom: str, contenu: bytes) -> None:
    for _, relation in elements(nom, contenu, "Relationship"):
        if relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink"):
            raise FichierRefuse(*_INTERDITS[1][2:])


def _inspecter_feuilles(parties: dict[str, bytes], chemins: dict[str, str]) -> Inspection:
    compteurs = Compteurs()
    erreurs: dict[tuple[str, int, int], str] = {}
    for feuille, chemin in chemins.items():
        if chemin not in parties:
            raise refuser_xml(chemin)
        visiteur = VisiteurFeuille(feuille, compteurs)
        parcourir(chemin, parties[chemin], visiteur)
        erreurs |= {(feuille, ligne, colonne): texte for (ligne, colonne), texte in visiteur.erreurs.items()}
    return Inspection(tuple(chemins), erreurs)


def _chemins_des_feuilles(parties: dict[str, bytes]) -> dict[str, str]:
    if _ESPACE_STRICT in parties[_CLASSEUR]:
        raise FichierRefuse("strict", f"Le classeur est au format « Open XML strict ». {REENREGISTRER}")
    relations = parties.get("xl/_rels/workbook.xml.rels")
    if relations is None:
        raise refuser_xml("xl/_rels/workbook.xml.rels")
    cibles = {a.get("Id", ""): a for _, a in elements(_CLASSEUR, relations, "Relationship")}
    chemins: dict[str, str] = {}
    for _, feuille in elements(_CLASSEUR, parties[_CLASSEUR], "sheet"):
        nom, cible = feuille.get("name", ""), cibles.get(feuille.get("id", ""), {})
        if nom in chemins or not cible.get("Target"):
            raise refuser_xml(_CLASSEUR)
        if cible.get("Type", "").endswith("/worksheet"):
            chemins[nom] = posixpath.normpath(posixpath.join("/xl", cible["Target"])).lstrip("/")
    if len(chemins) > FEUILLES_MAX:
        raise FichierRefuse(
            "trop_de_feuilles", f"Le classeur a {len(chemins)} feuilles : retirez celles que vous avez ajoutées."
        )
    if not chemins:
        raise FichierRefuse("incomplet", f"Le classeur n'a aucune feuille de calcul. {REENREGISTRER}")
    return chemins
