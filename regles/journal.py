"""The hash chain of the journal: each line's fingerprint covers its content and the previous fingerprint."""

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESE = "0" * 64
_EN_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def empreinte(precedente: str, contenu: Mapping[str, object]) -> str:
    """Give the sha256, in hexadecimal, of a line: `contenu` in canonical JSON after the previous fingerprint."""
    return hashlib.sha256(f"{precedente}\n{_EN_JSON.encode(contenu)}".encode()).hexdigest()


def premiere_rupture(
    lignes: Iterable[tuple[int, str, str, Mapping[str, object]]], attendue: str = GENESE, numero_attendu: int = 1
) -> int | None:
    """Find the first line of (numero, precedente, empreinte, contenu) that breaks the chain, or None.

    Numbers must follow one another from `numero_attendu`: a removed line is a break at the next one. `attendue`: the
    fingerprint that the first line follows.
    """
    for numero, precedente, lue, contenu in lignes:
        if numero != numero_attendu or precedente != attendue or empreinte(precedente, contenu) != lue:
            return numero
        attendue, numero_attendu = lue, numero_attendu + 1
    return None
