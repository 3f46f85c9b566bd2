"""What a Filoué file is worth: read, held against its structure and year, controlled, summed up."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from regles.anomalies import Severite
from regles.baremes import Bareme
from regles.filoue import AnomalieFiloue, ColonneFiloue, SommesFiloue, StructureAttendue, VersionFiloue
from schemas.configuration.filoue import ReglagesFiloue
from schemas.filoue.contrat import appliquer_contrat
from schemas.filoue.controles import controler
from schemas.filoue.entete import normaliser_identifiant
from schemas.filoue.lecture import lire
from schemas.filoue.signalement import alerter, bloquer, ranger
from schemas.filoue.silence import muette
from schemas.filoue.taux_effort import charger_echelle

_IDENTIFIANTS = (
    (ColonneFiloue.NUMERO_CAF, "caf_etrangere", "Le code organisme de la Caf", "codes organisme"),
    (ColonneFiloue.NUMERO_DOSSIER_AFC, "dossier_etranger", "Le numéro de dossier AFC", "numéros de dossier AFC"),
    (ColonneFiloue.IDEQU, "idequ_etranger", "L'IDEQU", "IDEQU"),
)


@dataclass(frozen=True, slots=True)
class ResultatFiloue:
    """What was found in a file. `table` still names children: it only goes to `pseudonymiser`, and is never printed.

    Neither table nor sums for a refused file.
    """

    version: VersionFiloue | None
    table: pl.DataFrame | None = field(repr=False)
    anomalies: tuple[AnomalieFiloue, ...]
    sommes: SommesFiloue | None

    @property
    def est_recevable(self) -> bool:
        """Whether it may be kept: no blocking anomaly."""
        return not any(a.severite is Severite.BLOQUANTE for a in self.anomalies)

    @property
    def refus(self) -> str:
        """Why it is refused, in one sentence or more; empty when it is not."""
        bloquantes = [a for a in self.anomalies if a.severite is Severite.BLOQUANTE]
        phrases = {a.message: a.ligne for a in reversed(bloquantes)}
        return " ".join(
            f"Ligne {ligne} : {message}" if ligne > 1 else message for message, ligne in reversed(phrases.items())
        )


@muette
def verifier(
    octets: bytes, attendu: StructureAttendue, reglages: ReglagesFiloue, bareme: Bareme, connu_le: date
) -> ResultatFiloue:
    """Verify a file against the structure and exercice expected, the scale of the rates as known on `connu_le`.

    Anomalies come by line, the file as a whole first.

    Raises:
        ErreurFiloue: for a fault of this program, whatever the bytes hold; it quotes none of them.
    """
    lecture = lire(octets, reglages)
    if lecture.table is None or lecture.version is None:
        return ResultatFiloue(lecture.version, None, ranger(lecture.anomalies), None)
    refus = [
        *_verifier_identifiants(lecture.table, lecture.version, attendu, reglages),
        *_verifier_annee(lecture.table, attendu.exercice, reglages),
    ]
    anomalies = [*lecture.anomalies, *_verifier_version(lecture.version, attendu, reglages), *refus]
    if refus:
        return ResultatFiloue(lecture.version, None, ranger(anomalies), None)
    table, hors_contrat = appliquer_contrat(lecture.table, reglages)
    echelle = charger_echelle(bareme, attendu.exercice, connu_le)
    anomalies += [*hors_contrat, *controler(table, attendu.exercice, reglages, echelle)]
    return ResultatFiloue(lecture.version, table, ranger(anomalies), _sommer(table))


def _sommer(table: pl.DataFrame) -> SommesFiloue:
    """Add up what was read, exactly; a value left aside counts for nothing."""

    def somme(colonne: ColonneFiloue) -> Fraction:
        valeur = table[colonne].sum()
        return Fraction(valeur if isinstance(valeur, Decimal) else 0)

    return SommesFiloue(
        len(table),
        somme(ColonneFiloue.NOMBRE_HEURES_FACTUREES),
        somme(ColonneFiloue.NOMBRE_HEURES_REALISEES),
        somme(ColonneFiloue.MONTANT_FACTURE),
    )


def _verifier_version(
    version: VersionFiloue, attendu: StructureAttendue, reglages: ReglagesFiloue
) -> list[AnomalieFiloue]:
    """The campaign is the year after the exercice."""
    jusqu_a = reglages.versions[version].jusqu_a
    if jusqu_a is None or attendu.exercice + 1 <= jusqu_a:
        return []
    message = (
        f"Ce fichier suit une présentation ancienne ({version}, jusqu'à la campagne {jusqu_a}) : demandez la "
        "présentation actuelle à l'éditeur de votre logiciel."
    )
    return [alerter("version_ancienne", message, 1)]


def _verifier_identifiants(
    table: pl.DataFrame, version: VersionFiloue, attendu: StructureAttendue, reglages: ReglagesFiloue
) -> list[AnomalieFiloue]:
    """Refuse a file of another Caf, file number or IDEQU than recorded, and one that gathers several structures."""
    voulus = (attendu.code_organisme, attendu.dossier_afc, attendu.idequ)
    anomalies = []
    for (colonne, code, nom, pluriel), voulu in zip(_IDENTIFIANTS, voulus, strict=True):
        if colonne not in reglages.versions[version].colonnes:
            continue
        lus = {v: normaliser_identifiant(v or "") for v in table[colonne].unique()}
        if voulu:
            autres = [lu for lu, normal in lus.items() if normal != normaliser_identifiant(voulu)]
            lignes = int(table[colonne].is_in(autres, nulls_equal=True).sum())
            if lignes:
                message = (
                    f"{nom} de ce fichier n'est pas celui de votre structure ({voulu}) à {_lignes(lignes)} sur "
                    f"{len(table)}."
                )
                anomalies.append(bloquer(code, message, colonne=colonne))
        elif len(set(lus.values())) > 1:
            message = f"Ce fichier porte plusieurs {pluriel} : déposez un fichier par structure."
            anomalies.append(bloquer("plusieurs_structures", message, colonne=colonne))
    return anomalies


def _verifier_annee(table: pl.DataFrame, exercice: int, reglages: ReglagesFiloue) -> list[AnomalieFiloue]:
    """Refuse a file most of whose children were not received that year; a date alone stands for the other."""
    premier, dernier = pl.col(ColonneFiloue.PREMIERJOUR), pl.col(ColonneFiloue.DERNIERJOUR)
    datees = table.select(du=pl.coalesce(premier, dernier), au=pl.coalesce(dernier, premier)).drop_nulls()
    if datees.is_empty():
        message = f"Aucun premier ni dernier jour d'accueil : rien ne dit que ce fichier porte sur {exercice}."
        return [bloquer("mauvaise_annee", message)]
    hors = datees.filter((pl.col("du").dt.year() > exercice) | (pl.col("au").dt.year() < exercice))
    if len(hors) <= reglages.lecture.part_hors_annee_maximale * len(datees):
        return []
    message = f"Ce fichier ne porte pas sur {exercice} : {_lignes(len(hors))} sur {len(datees)} sont d'une autre année."
    return [bloquer("mauvaise_annee", message)]


def _lignes(nombre: int) -> str:
    return "une ligne" if nombre == 1 else f"{nombre} lignes"
