"""What people confirmed: `config/baremes/confirmations.yaml`, only ever appended to, beside the published barèmes.

A confirmation is a new dated value, known the day it is made: a right computed as known before it stays what it was.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from regles.baremes import ErreurDeBareme, ValeurDatee
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

FICHIER = "confirmations.yaml"
ENTETE = (
    "# Values confirmed by a person of the Caf, written by `campagnes baremes confirmer`. Lines are only ever added.\n"
    "confirmations:\n"
)
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Confirmation(ModeleStrict):
    """`par` confirmed on `le`, from `source`, that `valeur` is right for the exercice."""

    cle: Texte
    exercice: int
    valeur: Texte
    par: Texte
    le: date
    source: Texte


class _Confirmations(ModeleStrict):
    confirmations: tuple[Confirmation, ...]


def lire_confirmations(dossier: Path) -> tuple[Confirmation, ...]:
    """Read the confirmations of the folder of the barèmes, in the order they were made; none without the file.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: a text left out, the same value confirmed twice a day.
    """
    fichier = dossier / FICHIER
    if not fichier.exists():
        return ()
    lues = charger(fichier, _Confirmations).confirmations
    vues: set[tuple[str, int, str, date]] = set()
    for rang, lue in enumerate(lues):
        identite = (lue.cle, lue.exercice, lue.valeur, lue.le)
        if identite in vues:
            raison = f"{lue.cle} : valeur déjà confirmée le {lue.le:%d/%m/%Y} pour {lue.exercice}"
            raise refuser(dossier, rang, raison)
        vues.add(identite)
    return lues


def refuser(dossier: Path, rang: int, raison: str) -> ErreurDeConfiguration:
    """Give the refusal of the confirmation of this rank, at its line."""
    chemin: Chemin = ("confirmations", rang)
    fichier = dossier / FICHIER
    return ErreurDeConfiguration(fichier, lire_yaml(fichier)[1].get(chemin, 0), raison)


def ajouter_confirmation(dossier: Path, confirmation: Confirmation) -> None:
    """Append one confirmation, in one write.

    Raises:
        ErreurDeConfiguration: when the file cannot be written.
    """
    ajouter_ligne(dossier / FICHIER, ENTETE, confirmation)


def ajouter_ligne(fichier: Path, entete: str, ligne: ModeleStrict) -> None:
    """Append one line to a list kept in YAML, in one write; a new file starts with `entete`.

    Raises:
        ErreurDeConfiguration: when the file cannot be written.
    """
    texte = ", ".join(f"{cle}: {_ecrire(valeur)}" for cle, valeur in ligne.model_dump().items())
    try:
        ancien = fichier.read_text(encoding="utf-8") if fichier.exists() else ""
        debut = entete if not ancien else "" if ancien.endswith("\n") else "\n"
        with fichier.open("a", encoding="utf-8") as sortie:
            sortie.write(f"{debut}  - {{{texte}}}\n")
    except OSError as erreur:
        raise ErreurDeConfiguration(fichier, 0, f"écriture impossible ({erreur.strerror})") from None


def _ecrire(valeur: object) -> str:
    """Write a value so that YAML reads it back as it is: JSON texts are YAML texts."""
    return valeur.isoformat() if isinstance(valeur, date) else json.dumps(valeur, ensure_ascii=False)


def trouver_confirmee(valeurs: list[ValeurDatee], confirmation: Confirmation) -> ValeurDatee:
    """Give the value of the barème that a confirmation is about.

    Raises:
        ErreurDeBareme: when the barème of that exercice never held it, or only later.
    """
    for valeur in valeurs:
        portee = valeur.du.year <= confirmation.exercice <= valeur.au.year and valeur.cle == confirmation.cle
        if portee and valeur.texte == confirmation.valeur and valeur.connu_le <= confirmation.le:
            return valeur
    raise ErreurDeBareme(
        f"{confirmation.cle} : le barème {confirmation.exercice} ne portait pas la valeur « {confirmation.valeur} » "
        f"le {confirmation.le:%d/%m/%Y}"
    )
