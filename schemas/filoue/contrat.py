"""The contract of the typed table, column by column. What it finds leaves as lines and columns, never its own words."""

from decimal import Decimal

import pandera.polars as pa
import polars as pl

from regles.filoue import AnomalieFiloue, ColonneFiloue
from regles.monnaie import formater_nombre
from schemas.configuration.filoue import DomainesFiloue, ReglagesFiloue
from schemas.filoue.lecture import IDENTIFIANTS, LIGNE, TYPES
from schemas.filoue.signalement import alerter, signaler
from schemas.filoue.silence import ErreurFiloue

_CODES = {
    **dict.fromkeys(IDENTIFIANTS, "identifiant_mal_forme"),
    ColonneFiloue.TOP_ALLOC: "top_alloc_inconnu",
    ColonneFiloue.REGIME: "regime_inconnu",
    ColonneFiloue.CODE_POSTAL_FAMILLE: "code_postal_mal_forme",
}


def contrat(domaines: DomainesFiloue) -> pa.DataFrameSchema:
    """Build the schema of a Filoué table; every value may be missing, a wrong one is not admitted."""
    controles = {
        ColonneFiloue.TOP_ALLOC: pa.Check.isin(domaines.top_alloc),
        ColonneFiloue.REGIME: pa.Check.isin(list(domaines.regimes)),
        ColonneFiloue.CODE_POSTAL_FAMILLE: pa.Check.str_matches(f"^(?:{domaines.code_postal})$"),
        **{c: pa.Check.str_matches(f"^(?:{domaines.identifiant})$") for c in IDENTIFIANTS},
        **{c: pa.Check.in_range(Decimal(0), maximum) for c, maximum in domaines.maximums.items()},
    }
    colonnes = {
        colonne: pa.Column(type_, [controles[colonne]] if colonne in controles else None, nullable=True)
        for colonne, type_ in TYPES.items()
    }
    return pa.DataFrameSchema({LIGNE: pa.Column(pl.UInt32()), **colonnes}, strict=True)


def appliquer_contrat(table: pl.DataFrame, reglages: ReglagesFiloue) -> tuple[pl.DataFrame, list[AnomalieFiloue]]:
    """Give the table without the values that the contract does not admit, and an alert at each of their cells.

    Raises:
        ErreurFiloue: when the table itself does not have the contract's shape, a fault of this program.
    """
    fautes = _chercher(table, reglages.domaines)
    anomalies: list[AnomalieFiloue] = []
    for colonne, rangs in fautes.items():
        modele = alerter(
            _CODES.get(colonne, "valeur_invraisemblable"), _message(colonne, reglages.domaines), colonne=colonne
        )
        anomalies += signaler(modele, table[LIGNE].gather(rangs), reglages.lecture.anomalies_par_motif)
        admise = pl.repeat(True, len(table), eager=True).scatter(rangs, False)
        table = table.with_columns(pl.when(admise).then(colonne).alias(colonne))
    return table, anomalies


def _chercher(table: pl.DataFrame, domaines: DomainesFiloue) -> dict[ColonneFiloue, pl.Series]:
    """Give the ranks of the rows at fault, by column. Only ranks and columns are taken from the failure, no value."""
    try:
        contrat(domaines).validate(table, lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        cas = erreurs.failure_cases.select("column", "index").unique().sort("column", "index")
    else:
        return {}
    if cas["index"].null_count():
        raise ErreurFiloue("table Filoué qui n'a pas la forme du contrat")
    return {ColonneFiloue(nom): groupe["index"] for (nom,), groupe in cas.group_by("column", maintain_order=True)}


def _message(colonne: ColonneFiloue, domaines: DomainesFiloue) -> str:
    match colonne:
        case ColonneFiloue.TOP_ALLOC:
            attendu = " ou ".join(str(v) for v in domaines.top_alloc)
        case ColonneFiloue.REGIME:
            attendu = ", ".join(f"{code} ({nom})" for code, nom in domaines.regimes.items())
        case ColonneFiloue.CODE_POSTAL_FAMILLE:
            attendu = "cinq chiffres"
        case _ if colonne in IDENTIFIANTS:
            attendu = "des chiffres ou des lettres, sans espace"
        case _:
            attendu = f"un nombre de 0 à {formater_nombre(domaines.maximums[colonne])}"
    return f"Cette valeur n'est pas admise, elle est laissée de côté ; attendu : {attendu}."
