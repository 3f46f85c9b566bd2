"""Workbooks made part by part, sound or hostile."""

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping

from openpyxl import Workbook

from regles.baremes import Statut
from regles.champs import Champ, Formulaire, Origine, Total, TypeChamp

FEUILLE = "xl/worksheets/sheet1.xml"
TEXTES = "xl/sharedStrings.xml"
CLASSEUR = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
ESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

FORMULAIRE = Formulaire(
    "EAJE",
    "Établissement d'essai",
    "9.9",
    (
        Champ("places", "Places", "", "Caf", TypeChamp.ENTIER, "places", decimales=0, origine=Origine.CAF),
        Champ("taux", "Taux", "", "Caf", TypeChamp.DECIMAL, "", decimales=4, origine=Origine.CAF),
        Champ("jours", "Jours", "Activité", "Ouverture", TypeChamp.ENTIER, "jours", "Aide", decimales=0),
        Champ("heures", "Heures", "Activité", "Heures", TypeChamp.DECIMAL, "h", "Aide"),
        Champ("repas", "Repas fournis", "Activité", "Heures", TypeChamp.OUI_NON, "", "Aide", decimales=0),
        Champ("c60", "Achats", "Charges", "Charges", TypeChamp.EUROS, "€", compte="60", sens="charge"),
        Champ("c64", "Personnel", "Charges", "Charges", TypeChamp.EUROS, "€", compte="64", sens="charge"),
        Champ("c86", "Contributions", "Charges", "En nature", TypeChamp.EUROS, "€", compte="86", sens="charge"),
    ),
    (Total("charges", "Total des charges", "€", ("c60", "c64", "c86"), Statut.PUBLIE, ""),),
)
IDENTITE: dict[str, str | int] = {
    "structure": "0520",
    "nom": "Les Essais",
    "gestionnaire": "=Commune d'Essai",
    "siret": "99950001700011",
    "commune": "Langres",
    "prestation": "EAJE",
    "nature": "Réel",
    "exercice": 2025,
    "version": "9.9",
    "places": 20,
    "taux": "0.95",
}


def sain(cellules: Mapping[str, object] | None = None, feuille: str = "Activité") -> bytes:
    """A sound workbook of one sheet."""
    classeur = Workbook()
    onglet = classeur.active
    assert onglet is not None
    onglet.title = feuille
    for adresse, valeur in (cellules or {"A1": "cle", "C1": 12}).items():
        onglet[adresse] = valeur
    return enregistrer(classeur)


def enregistrer(classeur: Workbook) -> bytes:
    """The bytes of a workbook as a spreadsheet would save it."""
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def parties(octets: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist()}


def paquet(
    contenu: Mapping[str, bytes], *, en_plus: tuple[tuple[str, bytes], ...] = (), commentaire: bytes = b""
) -> bytes:
    """A zip of parts; `en_plus` may repeat a name."""
    tampon = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)
        for nom, octets in (*contenu.items(), *en_plus):
            archive.writestr(nom, octets)
        archive.comment = commentaire
    return tampon.getvalue()


def modifier(nom: str, changer: Callable[[bytes], bytes]) -> bytes:
    """A sound workbook with one part changed."""
    contenu = parties(sain())
    contenu[nom] = changer(contenu.get(nom, b""))
    return paquet(contenu)


def ajouter(nom: str, octets: bytes = b"<x/>") -> bytes:
    """A sound workbook with one more part."""
    return paquet({**parties(sain()), nom: octets})


def avec_feuille(interieur: str, avant: str = "") -> bytes:
    """A sound workbook whose sheet holds this XML inside sheetData."""
    xml = f'{avant}<worksheet xmlns="{ESPACE}"><sheetData>{interieur}</sheetData></worksheet>'
    return modifier(FEUILLE, lambda _: xml.encode())


def declarer(type_contenu: str) -> bytes:
    """A sound workbook that declares one more part, of this content type."""
    surcharge = f'<Override PartName="/xl/divers/partie1.xml" ContentType="{type_contenu}"/></Types>'
    contenu = parties(sain())
    contenu[TYPES] = contenu[TYPES].replace(b"</Types>", surcharge.encode())
    contenu["xl/divers/partie1.xml"] = b"<x/>"
    return paquet(contenu)


def relier(genre: str, cible: str) -> bytes:
    """A sound workbook with an external relationship."""
    relation = (
        f'<Relationship Id="rId99" TargetMode="External" Target="{cible}" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{genre}"/></Relationships>'
    )
    return modifier(RELATIONS, lambda x: x.replace(b"</Relationships>", relation.encode()))
