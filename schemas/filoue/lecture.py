"""Reading: from bytes to a typed table, one row a child. No float: hours and euros are Decimal, four places kept.

Read line by line and without quoting rules, so that an unclosed quote never swallows the lines after it and every
anomaly has the line its author sees.
"""

import re
from dataclasses import dataclass, field

import polars as pl

from regles.anomalies import Severite
from regles.filoue import AnomalieFiloue, ColonneFiloue, VersionFiloue
from schemas.configuration.filoue import ReglagesFiloue
from schemas.filoue.entete import Entete, lire_entete
from schemas.filoue.octets import ILLISIBLE, ouvrir
from schemas.filoue.signalement import alerter, bloquer, signaler
from schemas.filoue.silence import muette

LIGNE = "LIGNE"
NOMBRE = pl.Decimal(18, 4)
TYPES: dict[ColonneFiloue, pl.DataType] = {
    ColonneFiloue.NUMERO_CAF: pl.String(),
    ColonneFiloue.NUMERO_DOSSIER_AFC: pl.String(),
    ColonneFiloue.IDEQU: pl.String(),
    ColonneFiloue.TOP_ALLOC: pl.Int8(),
    ColonneFiloue.MATRICULE: pl.String(),
    ColonneFiloue.REGIME: pl.Int8(),
    ColonneFiloue.DATE_NAISSANCE_INDIVIDU: pl.Date(),
    ColonneFiloue.CODE_POSTAL_FAMILLE: pl.String(),
    ColonneFiloue.NOMBRE_HEURES_FACTUREES: NOMBRE,
    ColonneFiloue.NOMBRE_HEURES_REALISEES: NOMBRE,
    ColonneFiloue.MONTANT_FACTURE: NOMBRE,
    ColonneFiloue.MONTANT_HORAIRE: NOMBRE,
    ColonneFiloue.TAUX_EFFORT: NOMBRE,
    ColonneFiloue.PREMIERJOUR: pl.Date(),
    ColonneFiloue.DERNIERJOUR: pl.Date(),
}
IDENTIFIANTS = (ColonneFiloue.NUMERO_CAF, ColonneFiloue.NUMERO_DOSSIER_AFC, ColonneFiloue.IDEQU)
FACULTATIVES = frozenset(
    {*IDENTIFIANTS, ColonneFiloue.MATRICULE, ColonneFiloue.MONTANT_HORAIRE, ColonneFiloue.TAUX_EFFORT}
)
_ATTENDUS = {
    pl.Int8: "un chiffre est attendu",
    pl.Decimal: "un nombre est attendu (1240.50 ou 1240,50)",
    pl.Date: "une date est attendue (JJ/MM/AAAA)",
}
_TEXTE = "texte"
_BLANCS = " \t\u00a0\u202f\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class Lecture:
    """What a file holds: `table` has LIGNE and every column of `TYPES`, null where empty, unread or of another version.

    No table when the file is refused. The town is never kept.
    """

    version: VersionFiloue | None
    table: pl.DataFrame | None = field(repr=False)
    anomalies: tuple[AnomalieFiloue, ...]


@muette
def lire(octets: bytes, reglages: ReglagesFiloue) -> Lecture:
    """Read a file of any version. A refused file has no table and says why in a blocking anomaly.

    Raises:
        ErreurFiloue: for a fault of this program, whatever the bytes hold.
    """
    texte = ouvrir(octets, reglages.lecture)
    if isinstance(texte, AnomalieFiloue):
        return Lecture(None, None, (texte,))
    entete = lire_entete(texte.octets, reglages)
    if isinstance(entete, AnomalieFiloue):
        return Lecture(None, None, (*texte.alertes, entete))
    alertes = (*texte.alertes, *entete.alertes)
    cellules = _cellules(texte.octets, entete, reglages)
    if isinstance(cellules, tuple):
        return Lecture(entete.version, None, (*alertes, *cellules))
    typee, anomalies = _typer(cellules, reglages)
    table = None if any(a.severite is Severite.BLOQUANTE for a in anomalies) else typee
    return Lecture(entete.version, table, (*alertes, *anomalies))


def matricule_sans_cle() -> pl.Expr:
    """Give the matricule that two files write alike: without its key letter."""
    return pl.col(ColonneFiloue.MATRICULE).str.replace("[A-Z]$", "")


def _cellules(octets: bytes, entete: Entete, reglages: ReglagesFiloue) -> pl.DataFrame | tuple[AnomalieFiloue, ...]:
    """Cut each line at the separators; give the cells as texts, null when blank, or what forbids it."""
    separateur = reglages.lecture.separateur
    lignes = (
        pl.read_csv(
            octets,
            separator="\x1f",
            quote_char=None,
            has_header=False,
            new_columns=[_TEXTE],
            infer_schema=False,
        )
        .lazy()
        .with_row_index(LIGNE, offset=1)
        .filter((pl.col(LIGNE) > entete.ligne) & pl.col(_TEXTE).str.contains(f'[^{_BLANCS}"{re.escape(separateur)}]'))
        .collect()
    )
    if lignes.is_empty():
        return (bloquer("aucune_ligne", "Ce fichier ne contient aucune ligne d'enfant."),)
    if mal_formees := _lignes_mal_formees(lignes, entete, reglages):
        return tuple(mal_formees)
    champs = pl.col(_TEXTE).str.split_exact(separateur, entete.largeur - 1)
    coupees = lignes.select(LIGNE, champs.alias(_TEXTE)).unnest(_TEXTE)
    avec_guillemets = b'"' in octets
    return coupees.select(
        LIGNE,
        *(
            _nettoyer(pl.col(f"field_{rang}"), avec_guillemets).alias(colonne)
            for colonne, rang in entete.rangs.items()
            if colonne in TYPES
        ),
    )


def _lignes_mal_formees(lignes: pl.DataFrame, entete: Entete, reglages: ReglagesFiloue) -> list[AnomalieFiloue]:
    """Say which lines are too long, or have not as many cells as the header; empty cells at the end do not count."""
    lecture = reglages.lecture
    texte, separateur = pl.col(_TEXTE), lecture.separateur
    attendus = entete.largeur - 1
    masques = lignes.select(
        LIGNE,
        longue=texte.str.len_bytes() > lecture.octets_par_ligne_maximum,
        courte=texte.str.count_matches(separateur, literal=True) < attendus,
        large=texte.str.strip_chars_end(_BLANCS + separateur).str.count_matches(separateur, literal=True) > attendus,
    )
    longues = masques.filter("longue")[LIGNE]
    if len(longues):
        message = f"Cette ligne dépasse {lecture.octets_par_ligne_maximum} caractères : le fichier est abîmé."
        return signaler(bloquer(ILLISIBLE, message), longues, lecture.anomalies_par_motif)
    decalees = masques.filter(pl.col("courte") | pl.col("large"))[LIGNE]
    message = (
        f"Cette ligne n'a pas {entete.largeur} valeurs comme l'en-tête : il manque un point-virgule, ou il y en a un "
        "de trop dans une valeur."
    )
    return signaler(bloquer("ligne_mal_formee", message), decalees, lecture.anomalies_par_motif)


def _nettoyer(cellule: pl.Expr, avec_guillemets: bool) -> pl.Expr:
    """Strip blanks, and the quotes, `="…"` or apostrophe that spreadsheets put around a text; blank is null."""
    texte = cellule.str.strip_chars(_BLANCS)
    if avec_guillemets:
        texte = texte.str.replace(r'^=?"+([^"]*)"+$', "$1").str.strip_chars(_BLANCS)
    texte = texte.str.strip_prefix("'")
    return pl.when(texte != "").then(texte)


def _typer(cellules: pl.DataFrame, reglages: ReglagesFiloue) -> tuple[pl.DataFrame, list[AnomalieFiloue]]:
    """Give every column its type; say what could not be read and what is missing, cell by cell."""
    presentes = [c for c in TYPES if c in cellules.columns]
    typee = cellules.select(
        LIGNE,
        *(
            _lire_colonne(colonne, type_).alias(colonne)
            if colonne in presentes
            else pl.lit(None, dtype=type_).alias(colonne)
            for colonne, type_ in TYPES.items()
        ),
    )
    anomalies: list[AnomalieFiloue] = []
    for colonne in presentes:
        anomalies += _signaler_illisibles(colonne, cellules, typee, reglages)
        if colonne not in FACULTATIVES:
            modele = alerter("valeur_absente", "Cette valeur est absente.", colonne=colonne)
            absentes = cellules.filter(pl.col(colonne).is_null())[LIGNE]
            anomalies += signaler(modele, absentes, reglages.lecture.anomalies_par_motif)
    return typee, anomalies


def _signaler_illisibles(
    colonne: ColonneFiloue, cellules: pl.DataFrame, typee: pl.DataFrame, reglages: ReglagesFiloue
) -> list[AnomalieFiloue]:
    attendu = _ATTENDUS.get(type(TYPES[colonne]))
    if attendu is None:
        return []
    illisibles = cellules[LIGNE].filter(cellules[colonne].is_not_null() & typee[colonne].is_null())
    lues = len(typee) - typee[colonne].null_count()
    if len(illisibles) > reglages.lecture.part_illisible_maximale * (len(illisibles) + lues):
        message = f"La colonne {colonne} n'est pas lisible ({len(illisibles)} lignes) : {attendu}."
        return [bloquer(ILLISIBLE, message, colonne=colonne)]
    message = f"Cette valeur n'est pas lisible, elle est laissée de côté : {attendu}."
    modele = alerter("valeur_illisible", message, colonne=colonne)
    return signaler(modele, illisibles, reglages.lecture.anomalies_par_motif)


def _lire_colonne(colonne: ColonneFiloue, type_: pl.DataType) -> pl.Expr:
    texte = pl.col(colonne)
    if isinstance(type_, pl.Date):
        return _lire_date(texte)
    if isinstance(type_, pl.Decimal):
        sans_espace = texte.str.replace_all("[ \u00a0\u202f]", "").str.replace(",", ".", literal=True)
        return pl.when(sans_espace.str.contains(r"^[+-]?[0-9]{1,9}(\.[0-9]{0,9})?$")).then(
            sans_espace.cast(type_, strict=False)
        )
    if isinstance(type_, pl.Int8):
        return pl.when(texte.str.contains(r"^[0-9]{1,3}$")).then(texte.cast(type_, strict=False))
    return texte.str.to_uppercase() if colonne is ColonneFiloue.MATRICULE else texte


def _lire_date(texte: pl.Expr) -> pl.Expr:
    francaise = pl.when(texte.str.contains(r"^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$")).then(texte)
    iso = pl.when(texte.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(texte)
    return pl.coalesce(
        francaise.str.to_date("%d/%m/%Y", strict=False),
        iso.str.to_date("%Y-%m-%d", strict=False),
    )
