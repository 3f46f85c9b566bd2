"""Invented partners at work: they read their mail, fill the attached workbook by hand, and drop it in the inbox.

The same act always makes the same bytes: played again after an interruption, it is the same deposit.
"""

from decimal import Decimal
from pathlib import Path

from demonstration.actes import Acte, Geste, Saisie
from demonstration.boites import Fichier, boites
from demonstration.chiffres import Annee, Donnees, Lieu, chiffrer
from demonstration.hasard import adresse
from demonstration.reseau import charger_reseau
from demonstration.saisie import taper
from operations.configuration import etape, formulaire
from operations.contexte import Contexte
from operations.reception import deposer
from regles.champs import Champ, TypeChamp
from regles.monnaie import formater_nombre

A_CORRIGER = "-a-corriger.xlsx"
ENTETE_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # first bytes of the formats before 2007


class CourrielIntrouvable(Exception):
    """A partner waits for a mail that is not there."""


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
    """Give the attachment an act starts from: the last one sent to be filled, or sent back to be corrected.

    Raises:
        CourrielIntrouvable: no such mail reached the partner.
    """
    lieu, annee = _lieu(contexte, acte), _annee(contexte, acte)
    boite = adresse(lieu.gestionnaire.contacts[0], lieu.gestionnaire.domaine)
    marque = f"_{annee.nature}_{annee.exercice}_{acte.structure}"
    recus = boites(contexte.reglages.var / "courriels").classeurs(boite, marque)
    annotes = [recu for recu in recus if recu.nom.endswith(A_CORRIGER)]
    if acte.geste is Geste.CORRIGER and annotes:
        return annotes[-1]
    vierges = [recu for recu in recus if not recu.nom.endswith(A_CORRIGER)]
    if not vierges:
        raise CourrielIntrouvable(f"{acte.structure} : aucun courriel avec un classeur joint.")
    return vierges[-1]


def preparer(contexte: Contexte, acte: Acte, recu: Fichier) -> Fichier:
    """Make the file of an act from the workbook received."""
    nom = acte.nom or (f"{Path(recu.nom).stem} (corrigé).xlsx" if acte.geste is Geste.CORRIGER else recu.nom)
    if acte.geste is Geste.VIEUX_FORMAT:
        return Fichier(nom, ENTETE_OLE + f"{acte.etape} {acte.structure}".encode().ljust(2040, b"\0"))
    rempli = remplir(contexte, recu.octets, acte)
    return Fichier(nom, rempli[: len(rempli) // 2] if acte.geste is Geste.ARCHIVE_COUPEE else rempli)


def reponses(contexte: Contexte, acte: Acte) -> Donnees:
    """Give the right answers of the structure of an act."""
    lieu = _lieu(contexte, acte)
    forme = formulaire(contexte, lieu.equipement.prestation)
    return chiffrer(contexte.reglages.config, lieu, forme, _annee(contexte, acte))


def _lieu(contexte: Contexte, acte: Acte) -> Lieu:
    return Lieu(*charger_reseau(contexte.reglages.config).lieu(acte.structure))


def _annee(contexte: Contexte, acte: Acte) -> Annee:
    reglee = etape(contexte, acte.etape)
    return Annee(reglee.nature.value, reglee.exercice or 0, acte.activite)


def remplir(contexte: Contexte, octets: bytes, acte: Acte) -> bytes:
    """Type the answers of an act in a workbook, in the cells its protection leaves open; give the saved bytes.

    Raises:
        KeyError: when a question of the form is not found in its sheet.
    """
    bonnes = reponses(contexte, acte)
    champs = formulaire(contexte, _lieu(contexte, acte).equipement.prestation).champs_saisis
    return taper(
        octets,
        {
            champ: acte.saisies[champ.cle] if champ.cle in acte.saisies else _a_taper(champ, bonnes[champ.cle], acte)
            for champ in champs
        },
    )


def _a_taper(champ: Champ, valeur: bool | int | str, acte: Acte) -> Saisie | float:
    if champ.type is TypeChamp.OUI_NON:
        return "Oui" if valeur else "Non"
    nombre = Decimal(valeur)
    if acte.en_francais:
        return formater_nombre(nombre) + (" €" if champ.type is TypeChamp.EUROS else "")
    return int(nombre) if nombre == nombre.to_integral_value() else float(nombre)
