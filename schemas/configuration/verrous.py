"""The closed exercices: `config/baremes/verrous.yaml`, a fingerprint of their values, only ever appended to.

The fingerprint is that of the values, not of the file: a comment or the layout may be mended. Closing an exercice again
after a change adds a line; the last one of the exercice counts, the others are its history.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from regles.baremes import Statut
from schemas.configuration.confirmations import Texte, ajouter_ligne
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

FICHIER = "verrous.yaml"
ENTETE = (
    "# Closed exercices, written by `campagnes baremes clore`: the sha256 of their values. Lines are only ever added,\n"
    "# the last one of an exercice counts.\n"
    "verrous:\n"
)


class ValeurSaisie(ModeleStrict):
    """One value as a barème file writes it; `source` is a key of `sources.yaml`."""

    statut: Statut
    connu_le: date
    source: str
    valeur: str | None = None
    note: str = ""


class Verrou(ModeleStrict):
    """`clos_par` closed the exercice on `clos_le`, for `motif`, with the values that `empreinte` is the sha256 of."""

    exercice: int
    empreinte: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    clos_par: Texte
    clos_le: date
    motif: Texte


class _Verrous(ModeleStrict):
    verrous: tuple[Verrou, ...]


def empreinte_des_valeurs(exercice: int, valeurs: Mapping[str, Sequence[ValeurSaisie]]) -> str:
    """Give the sha256 of every key, value, status, day known, source and note, whatever their order in the file."""
    canonique = {
        cle: sorted((v.connu_le.isoformat(), v.statut.value, v.valeur or "", v.source, v.note) for v in entrees)
        for cle, entrees in valeurs.items()
    }
    texte = json.dumps([exercice, canonique], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(texte.encode()).hexdigest()


def lire_verrous(dossier: Path) -> tuple[Verrou, ...]:
    """Read the locks of the folder of the barèmes, in the order they were made; none without the file.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    fichier = dossier / FICHIER
    return charger(fichier, _Verrous).verrous if fichier.exists() else ()


def refuser(dossier: Path, rang: int, raison: str) -> ErreurDeConfiguration:
    """Give the refusal of the lock of this rank, at its line."""
    chemin: Chemin = ("verrous", rang)
    fichier = dossier / FICHIER
    return ErreurDeConfiguration(fichier, lire_yaml(fichier)[1].get(chemin, 0), raison)


def ajouter_verrou(dossier: Path, verrou: Verrou) -> None:
    """Append one lock, in one write.

    Raises:
        ErreurDeConfiguration: when the file cannot be written.
    """
    ajouter_ligne(dossier / FICHIER, ENTETE, verrou)
