"""Pseudonyms: a keyed hash in place of the matricule and the birth date, always the same for the same key."""

import hmac
from collections.abc import Iterable

import polars as pl

from regles.filoue import ColonneFiloue
from schemas.filoue.lecture import LIGNE, TYPES, matricule_sans_cle
from schemas.filoue.silence import muette

FAMILLE = "PSEUDONYME_FAMILLE"
ENFANT = "PSEUDONYME_ENFANT"
MOIS = "MOIS_NAISSANCE"
_IDENTIFIANTES = (ColonneFiloue.MATRICULE, ColonneFiloue.DATE_NAISSANCE_INDIVIDU)
_SEPARATEUR = "\x1f"


@muette
def pseudonymiser(table: pl.DataFrame, cle: bytes) -> pl.DataFrame:
    """Replace what names a child: LIGNE, FAMILLE, ENFANT (hex HMAC-SHA256), MOIS (first of the month), other columns.

    The same key gives the same pseudonyms across files and years; the key letter of a matricule does not count. Without
    a matricule there is no family, and the child's pseudonym only stands for its line of that file.

    Raises:
        ValueError: for a key under 32 bytes.
        ErreurFiloue: for a fault of this program; it quotes nothing of the table.
    """
    if len(cle) < 32:
        raise ValueError("clé de pseudonymisation trop courte : 32 octets au moins")
    matricule = matricule_sans_cle()
    naissance = pl.col(ColonneFiloue.DATE_NAISSANCE_INDIVIDU)
    jour = naissance.dt.to_string("%Y-%m-%d").fill_null("")
    isole = pl.concat_str(
        [pl.col(LIGNE).cast(pl.String), jour, *(pl.col(c).cast(pl.String).fill_null("") for c in _reste())],
        separator=_SEPARATEUR,
    )
    cles = table.select(
        famille=matricule,
        enfant=pl.when(matricule.is_not_null()).then(pl.concat_str(matricule, jour, separator=_SEPARATEUR)),
        isole=pl.when(matricule.is_null()).then(isole),
    )
    enfant = _hacher(cles["enfant"], cle, "filoue/enfant").fill_null(_hacher(cles["isole"], cle, "filoue/isole"))
    return table.select(
        LIGNE,
        _hacher(cles["famille"], cle, "filoue/famille").alias(FAMILLE),
        enfant.alias(ENFANT),
        naissance.dt.month_start().alias(MOIS),
        *_reste(),
    )


def _reste() -> Iterable[ColonneFiloue]:
    return (c for c in TYPES if c not in _IDENTIFIANTES)


def _hacher(textes: pl.Series, cle: bytes, domaine: str) -> pl.Series:
    """Hash each distinct text once, under a domain so that a family and a child never share a pseudonym."""
    distincts = textes.drop_nulls().unique()
    prefixe = domaine.encode() + b"\x00"
    codes = [hmac.digest(cle, prefixe + texte.encode(), "sha256").hex() for texte in distincts]
    return textes.replace_strict(distincts, pl.Series(codes, dtype=pl.String), default=None, return_dtype=pl.String)
