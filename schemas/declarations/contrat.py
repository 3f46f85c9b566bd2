"""The contract of a form: typed columns, bounds and required answers, checked for many declarations as one table."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

import pandera.polars as pa
import polars as pl

from regles.anomalies import Constat, Severite
from regles.champs import Champ, Formulaire, TypeChamp
from schemas.declarations.lecture_fr import ValeurLue, decrire_attendu, ecrire_valeur

Ligne = Mapping[str, ValeurLue | None]

_COLONNES = {
    TypeChamp.ENTIER: pl.Int64(),
    TypeChamp.DECIMAL: pl.Decimal(38, 4),
    TypeChamp.EUROS: pl.Decimal(38, 4),
    TypeChamp.OUI_NON: pl.Boolean(),
}


@lru_cache
def contrat(formulaire: Formulaire) -> pa.DataFrameSchema:
    """Build the schema of the table of declarations: one row each, one column per field the partner fills."""
    return pa.DataFrameSchema({champ.cle: _colonne(champ) for champ in formulaire.champs_saisis}, strict=True)


def _colonne(champ: Champ) -> pa.Column:
    controles = []
    if champ.minimum is not None:
        controles.append(pa.Check.ge(_borne(champ, champ.minimum)))
    if champ.maximum is not None:
        controles.append(pa.Check.le(_borne(champ, champ.maximum)))
    return pa.Column(_COLONNES[champ.type], controles, nullable=not champ.obligatoire)


def _borne(champ: Champ, borne: Decimal) -> int | Decimal:
    return int(borne) if champ.type is TypeChamp.ENTIER else borne


def verifier_contrat(formulaire: Formulaire, lignes: Sequence[Ligne]) -> list[dict[str, Constat]]:
    """Check the rows at once; give for each row its faults by field key, one at most per field.

    A missing answer (None) to a required field and a value out of bounds are blocking.

    Raises:
        RuntimeError: when the table itself does not have the contract's shape, a fault of this program.
    """
    colonnes = {c.cle: _COLONNES[c.type] for c in formulaire.champs_saisis}
    table = pl.DataFrame({cle: [ligne.get(cle) for ligne in lignes] for cle in colonnes}, schema=colonnes, strict=True)
    fautes: list[dict[str, Constat]] = [{} for _ in lignes]
    try:
        contrat(formulaire).validate(table, lazy=True)
    except pa.errors.SchemaErrors as erreurs:
        for cas in erreurs.failure_cases.iter_rows(named=True):
            rang, cle = cas["index"], cas["column"]
            if rang is None or cle not in colonnes:
                raise RuntimeError(f"table de déclarations mal formée : {cas['check']}") from erreurs
            fautes[rang].setdefault(cle, _en_francais(formulaire.champ(cle), lignes[rang].get(cle)))
    return fautes


def _en_francais(champ: Champ, valeur: ValeurLue | None) -> Constat:
    attendu = decrire_attendu(champ)
    if valeur is None:
        message = "Une réponse est attendue : une case vide n'est pas un zéro."
        return Constat("reponse_manquante", Severite.BLOQUANTE, (champ.cle,), message, "", attendu)
    message = "La valeur sort des limites possibles."
    return Constat("hors_limites", Severite.BLOQUANTE, (champ.cle,), message, ecrire_valeur(champ, valeur), attendu)
