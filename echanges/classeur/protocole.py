"""What the reading process and its parent say to each other: frames of length-prefixed bytes, answers in JSON.

An answer is `{"refus": [code, sentence]}` or `{"feuilles": {name: [[row, column, value]…]}, "erreurs": [[sheet, row,
column, text]…]}`. A date, an instant and a time travel as `{"d"|"i"|"h": ISO text}`.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import IO, Any

from regles.anomalies import Anomalie, Severite
from regles.grille import FichierRefuse, Grille, ValeurCellule

REPONSE_MAX = 16 * 2**20  # a form's answer weighs 30 kB; the reader itself bounds cells and text
_LONGUEUR = struct.Struct(">Q")


def ecrire_trame(flux: IO[bytes], octets: bytes) -> None:
    """Write one frame."""
    flux.write(_LONGUEUR.pack(len(octets)))
    flux.write(octets)
    flux.flush()


def lire_trame(flux: IO[bytes], maximum: int) -> bytes | None:
    """Read one frame; None at the end of the stream, in the middle of a frame, or beyond `maximum` bytes."""
    entete = flux.read(_LONGUEUR.size)
    if len(entete) < _LONGUEUR.size:
        return None
    (longueur,) = _LONGUEUR.unpack(entete)
    if longueur > maximum:
        return None
    octets = flux.read(longueur)
    return octets if len(octets) == longueur else None


def encoder_annotation(anomalies: Sequence[Anomalie], questions: Mapping[str, str]) -> bytes:
    """Write what is to be marked on a copy, and the words of the questions by key."""
    return json.dumps({"anomalies": [asdict(a) for a in anomalies], "questions": dict(questions)}).encode()


def decoder_annotation(demande: bytes) -> tuple[list[Anomalie], dict[str, str]]:
    """Read what is to be marked on a copy."""
    lue = json.loads(demande)
    return [Anomalie(**a | {"severite": Severite(a["severite"])}) for a in lue["anomalies"]], lue["questions"]


def _baliser(valeur: ValeurCellule) -> Any:
    match valeur:
        case datetime():
            return {"i": valeur.isoformat()}
        case date():
            return {"d": valeur.isoformat()}
        case time():
            return {"h": valeur.isoformat()}
        case _:
            return valeur


def _debaliser(valeur: Any) -> ValeurCellule:
    match valeur:
        case {"i": texte}:
            return datetime.fromisoformat(texte)
        case {"d": texte}:
            return date.fromisoformat(texte)
        case {"h": texte}:
            return time.fromisoformat(texte)
        case str() | bool() | int() | float():
            return valeur
        case _:
            raise ValueError(f"valeur inattendue : {type(valeur).__name__}")


def encoder_refus(refus: FichierRefuse) -> bytes:
    """Write a refusal."""
    return json.dumps({"refus": [refus.code, refus.phrase]}).encode()


def encoder_grille(grille: Grille) -> bytes:
    """Write what was read."""
    feuilles = {
        nom: [[ligne, colonne, _baliser(valeur)] for (ligne, colonne), valeur in cellules.items()]
        for nom, cellules in grille.feuilles.items()
    }
    erreurs = [[*endroit, texte] for endroit, texte in grille.erreurs.items()]
    return json.dumps({"feuilles": feuilles, "erreurs": erreurs}, allow_nan=False).encode()


def decoder(reponse: bytes) -> Grille:
    """Read an answer.

    Raises:
        FichierRefuse: the refusal it carries.
        ValueError: an answer that is none.
    """
    lu = json.loads(reponse)
    if "refus" in lu:
        code, phrase = lu["refus"]
        raise FichierRefuse(code, phrase)
    feuilles = {
        nom: {(ligne, colonne): _debaliser(valeur) for ligne, colonne, valeur in cellules}
        for nom, cellules in lu["feuilles"].items()
    }
    erreurs = {(feuille, ligne, colonne): texte for feuille, ligne, colonne, texte in lu["erreurs"]}
    return Grille(feuilles, erreurs)
