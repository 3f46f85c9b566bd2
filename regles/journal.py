"""The hash chain of the journal: each line's fingerprint covers its content and the previous fingerprint."""

import hashlib
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring

GENESE = "0" * 64
# What the fingerprint of a line covers, in the order of canonical JSON; instants are texts, in UTC.
COUVERTES = (
    "action", "apres", "avant", "details", "enregistre_le", "le", "motif", "numero", "objet", "objet_id", "par",
)  # fmt: skip
# A whole journal is read again at each check: filling this costs a third of what a JSON encoder does.
_CANONIQUE = "{" + ",".join(f'"{nom}":%s' for nom in COUVERTES) + "}"

Contenu = Sequence[str | int]


def empreinte(precedente: str, contenu: Contenu) -> str:
    """Give the sha256, in hexadecimal, of a line: `contenu` in canonical JSON after the previous fingerprint.

    `contenu` holds the values of `COUVERTES`, in their order.
    """
    valeurs = tuple([encode_basestring(v) if isinstance(v, str) else v for v in contenu])
    return hashlib.sha256(f"{precedente}\n{_CANONIQUE % valeurs}".encode()).hexdigest()


def premiere_rupture(
    lignes: Iterable[tuple[int, str, str, Contenu]], attendue: str = GENESE, numero_attendu: int = 1
) -> int | None:
    """Find the first line of (numero, precedente, empreinte, contenu) that breaks the chain, or None.

    Numbers must follow one another from `numero_attendu`: a removed line is a break at the next one. `attendue`: the
    fingerprint that the first line follows. What is no text or no number where one should be is a break too.
    """
    for numero, precedente, lue, contenu in lignes:
        if numero != numero_attendu or precedente != attendue or not _est_la_sienne(lue, precedente, contenu):
            return numero if isinstance(numero, int) else numero_attendu
        attendue, numero_attendu = lue, numero_attendu + 1
    return None


def _est_la_sienne(lue: str, precedente: str, contenu: Contenu) -> bool:
    try:
        return empreinte(precedente, contenu) == lue
    except UnicodeEncodeError:
        return False
