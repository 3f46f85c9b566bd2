"""Invented partners at work: they read their mail, fill the attached workbook by hand, and drop it in the inbox.

The same act always makes the same bytes: played again after an interruption, it is the same deposit.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from demonstration.agenda import Acte, Geste, Saisie
from demonstration.chiffres import Donnees, donnees_de_l_annee
from demonstration.reseau import PRESTATION, adresse, charger_reseau, hasard, profil
from echanges.classeur.octets import en_octets
from operations.configuration import formulaire
from operations.contexte import Contexte
from operations.reception import deposer
from regles.champs import Champ, TypeChamp
from regles.monnaie import formater_nombre

EXERCICE = 2025
ENTETES = 2000  # bytes of a mail where its addressee is read
ENTETE_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # first bytes of the formats before 2007


class CourrielIntrouvable(Exception):
    """A partner waits for a mail that is not there."""


@dataclass(frozen=True, slots=True)
class Fichier:
    """A file as a partner has it on their desk."""

    nom: str
    octets: bytes


def agir(contexte: Contexte, acte: Acte) -> Path:
    """Play an act: save the workbook received, make the file, drop it; give its path in the inbox.

    Raises:
        CourrielIntrouvable: the mail that the partner answers did not reach them.
    """
    bureau = contexte.reglages.var / "demonstration" / "partenaires" / acte.structure
    bureau.mkdir(parents=True, exist_ok=True)
    recu = classeur_recu(contexte, acte)
    (bureau / f"reçu {recu.nom}").write_bytes(recu.octets)
    fichier = preparer(contexte, acte, recu)
    chemin = bureau / fichier.nom
    chemin.write_bytes(fichier.octets)
    return deposer(contexte, chemin)


def classeur_recu(contexte: Contexte, acte: Acte) -> Fichier:
    """Give the attachment an act starts from: that of the opening mail, or the last one sent back to be corrected.

    Raises:
        CourrielIntrouvable: no such mail reached the partner.
    """
    recus = list(_classeurs_recus(contexte, acte.structure))
    if not recus:
        raise CourrielIntrouvable(f"{acte.structure} : aucun courriel avec un classeur joint.")
    return recus[-1] if acte.geste is Geste.CORRIGER else recus[0]


def preparer(contexte: Contexte, acte: Acte, recu: Fichier) -> Fichier:
    """Make the file of an act from the workbook received."""
    nom = acte.nom or (f"{Path(recu.nom).stem} (corrigé).xlsx" if acte.geste is Geste.CORRIGER else recu.nom)
    if acte.geste is Geste.VIEUX_FORMAT:
        return Fichier(nom, ENTETE_OLE + bytes(2040))
    rempli = remplir(contexte, recu.octets, acte)
    return Fichier(nom, rempli[: len(rempli) // 2] if acte.geste is Geste.ARCHIVE_COUPEE else rempli)


def reponses(contexte: Contexte, structure: str, activite: int = 1000) -> Donnees:
    """Give the right answers of a structure for the exercice 2025."""
    for gestionnaire in charger_reseau(contexte.reglages.config).gestionnaires:
        for equipement in gestionnaire.structures:
            if equipement.code == structure:
                alea = hasard(structure, "reel", EXERCICE)
                tire = profil(gestionnaire, equipement)
                return donnees_de_l_annee(tire, formulaire(contexte, PRESTATION), alea, activite)
    raise KeyError(structure)


def _classeurs_recus(contexte: Contexte, structure: str) -> Iterator[Fichier]:
    """Give the workbooks attached to the mails that a structure's first contact received, oldest first."""
    boite = _adresse_de(contexte, structure)
    lus = []
    for chemin in (contexte.reglages.var / "courriels").glob("*/*.eml"):
        octets = chemin.read_bytes()
        if boite.encode() in octets[:ENTETES]:
            courriel = message_from_bytes(octets, policy=policy.default)
            lus.append((courriel["Date"].datetime, chemin.name, courriel))
    for _, _, courriel in sorted(lus, key=lambda lu: lu[:2]):
        yield from _classeurs(courriel, structure)


def _classeurs(courriel: EmailMessage, structure: str) -> Iterator[Fichier]:
    for piece in courriel.iter_attachments():
        nom = piece.get_filename() or ""
        if nom.endswith(".xlsx") and structure in nom:
            yield Fichier(nom, bytes(piece.get_content()))


def _adresse_de(contexte: Contexte, structure: str) -> str:
    for gestionnaire in charger_reseau(contexte.reglages.config).gestionnaires:
        if any(e.code == structure for e in gestionnaire.structures):
            return adresse(gestionnaire.contacts[0], gestionnaire.domaine)
    raise KeyError(structure)


def remplir(contexte: Contexte, octets: bytes, acte: Acte) -> bytes:
    """Type the answers of an act in a workbook, in the cells its protection leaves open; give the saved bytes.

    Raises:
        KeyError: when a question of the form is not found in its sheet.
    """
    classeur = load_workbook(io.BytesIO(octets))
    bonnes = reponses(contexte, acte.structure, acte.activite)
    for champ in formulaire(contexte, PRESTATION).champs_saisis:
        cellule = case_de(classeur, champ)
        if champ.cle in acte.saisies:
            cellule.value = acte.saisies[champ.cle]
        else:
            cellule.value = _a_taper(champ, bonnes[champ.cle], acte)
    return en_octets(classeur)


def case_de(classeur: Workbook, champ: Champ) -> Cell:
    """Find where to answer a question as a person does: its line by its words, then the cell that is not locked.

    Raises:
        KeyError: no such line, or no cell to type in.
    """
    feuille: Worksheet = classeur[champ.feuille]
    for ligne in feuille.iter_rows():
        if any(cellule.value == champ.libelle for cellule in ligne):
            for cellule in ligne:
                if isinstance(cellule, Cell) and not cellule.protection.locked:
                    return cellule
    raise KeyError(champ.libelle)


def _a_taper(champ: Champ, valeur: bool | int | str, acte: Acte) -> Saisie | float:
    if champ.type is TypeChamp.OUI_NON:
        return "Oui" if valeur else "Non"
    nombre = Decimal(valeur)
    if acte.en_francais:
        return formater_nombre(nombre) + (" €" if champ.type is TypeChamp.EUROS else "")
    return int(nombre) if nombre == nombre.to_integral_value() else float(nombre)
