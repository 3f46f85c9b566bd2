"""The cleaned files of a hand-over, in the layout asked for, and the page that says what stands in place of what."""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from echanges.filoue.pages import environnement
from regles.filoue import ColonneFiloue


@dataclass(frozen=True, slots=True)
class FormeFichier:
    """A layout: columns in order, what stands for an identifying one (a column of the table; "" for nothing), signs.

    `format_date` as strftime takes it; `encodage` a codec of Python.
    """

    colonnes: tuple[ColonneFiloue, ...]
    remplacees: Mapping[ColonneFiloue, str]
    separateur: str
    encodage: str
    fin_de_ligne: str
    separateur_decimal: str
    format_date: str


@dataclass(frozen=True, slots=True)
class FichierDecrit:
    """A file of the hand-over: its name, lines (without the header), structures and sha256."""

    nom: str
    lignes: int
    structures: int
    sha256: str


@dataclass(frozen=True, slots=True)
class VueRemise:
    """What the page of a hand-over says. `source` and `statut`: where the layout comes from, and how sure it is."""

    caf: str
    exercice: int
    version: str
    forme: FormeFichier
    fichiers: Sequence[FichierDecrit]
    absentes: Sequence[str]
    statut: str
    source: str
    mention: str


def ecrire_csv(table: pl.DataFrame, forme: FormeFichier) -> bytes:
    """Write the rows of a pseudonymised table, in their order, one header line first, the last line ended too.

    A Decimal keeps at least two places, and no zero after them.
    """
    cellules = [_texte(table.schema, forme.remplacees.get(c, c), forme).alias(c) for c in forme.colonnes]
    lignes = table.select(pl.concat_str(cellules, separator=forme.separateur)).to_series().to_list()
    texte = "".join(f"{ligne}{forme.fin_de_ligne}" for ligne in (forme.separateur.join(forme.colonnes), *lignes))
    return texte.encode(codecs.lookup(forme.encodage).name, errors="replace")


def _texte(schema: pl.Schema, source: str, forme: FormeFichier) -> pl.Expr:
    if not source:
        return pl.lit("")
    colonne, genre = pl.col(source), schema[source]
    match genre:
        case pl.Decimal():
            texte = colonne.cast(pl.Decimal(scale=4)).cast(pl.String).str.replace("0{1,2}$", "")
            texte = texte.str.replace(".", forme.separateur_decimal, literal=True)
        case pl.Date():
            texte = colonne.dt.strftime(forme.format_date)
        case _:
            texte = colonne.cast(pl.String).str.replace_all(f"[{re.escape(forme.separateur)}\r\n]", " ")
    return texte.fill_null("")


def page_remise(vue: VueRemise) -> str:
    """Write the page that goes with the files."""
    remplacees = {c: vue.forme.remplacees[c] for c in vue.forme.colonnes if c in vue.forme.remplacees}
    jour = date(vue.exercice, 12, 31).strftime(vue.forme.format_date)
    return environnement().get_template("filoue_remise.html").render(vue=vue, remplacees=remplacees, jour=jour)
