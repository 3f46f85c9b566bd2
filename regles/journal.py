"""The hash chain of the journal: each line's fingerprint covers its content and the previous fingerprint."""

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESE = "0" * 64


def empreinte(precedente: str, contenu: Mapping[str, object]) -> str:
    """Give the sha256, in hexadecimal, of a line: `contenu` in canonical JSON after the previous fingerprint."""
    canonique = json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{precedente}\n{canonique}".encode()).hexdigest()


def premiere_rupture(lignes: Iterable[tuple[int, str, str, Mapping[str, object]]]) -> int | None:
    """Find the first line of (numero, precedente, empreinte, contenu) that breaks the chain, or None.

    Numbers must follow one another from 1: a removed line is a break at the next one.
    """
    attendue, numero_attendu = GENESE, 1
    for numero, precedente, lue, contenu in lignes:
        if numero != numero_attendu or precedente != attendue or empreinte(precedente, contenu) != lue:
            return numero
        attendue, numero_attendu = lue, numero_attendu + 1
    return None
