"""The controls across the cells of a line, and across lines: alerts only, one a cell, worked out on the whole table.

Sources: docs/regles.md, Filoué; thresholds in config/filoue.yaml, the scale of the rates in config/baremes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from regles.filoue import AnomalieFiloue, ColonneFiloue
from regles.monnaie import formater_nombre
from schemas.configuration.filoue import ReglagesFiloue
from schemas.filoue.lecture import LIGNE, NOMBRE, matricule_sans_cle
from schemas.filoue.signalement import alerter, signaler
from schemas.filoue.taux_effort import EchelleTauxEffort, bornes_entieres

_UNITE = 10**NOMBRE.scale  # whole units of a Decimal column


@dataclass(frozen=True, slots=True)
class Regle:
    """A control: where `faute` is true, `message` is said at `colonne`. The first that speaks of a cell is heard."""

    code: str
    colonne: ColonneFiloue
    message: str
    faute: pl.Expr


def controler(
    table: pl.DataFrame, exercice: int, reglages: ReglagesFiloue, echelle: EchelleTauxEffort | None
) -> list[AnomalieFiloue]:
    """Give the alerts of every line; without a scale, nothing is said of the rates."""
    regles = list(_regles(exercice, reglages, echelle))
    fautes = table.select(LIGNE, *(r.faute.fill_null(False).alias(r.code) for r in regles))
    dites: dict[ColonneFiloue, pl.Series] = {}
    anomalies = _doublons(table, reglages.lecture.anomalies_par_motif)
    for regle in regles:
        masque = fautes[regle.code]
        if regle.colonne in dites:
            masque = masque & ~dites[regle.colonne]
            dites[regle.colonne] = dites[regle.colonne] | masque
        else:
            dites[regle.colonne] = masque
        modele = alerter(regle.code, regle.message, colonne=regle.colonne)
        anomalies += signaler(modele, table[LIGNE].filter(masque), reglages.lecture.anomalies_par_motif)
    return anomalies


def _regles(exercice: int, reglages: ReglagesFiloue, echelle: EchelleTauxEffort | None) -> Iterator[Regle]:
    yield from _regles_d_identite(reglages)
    yield from _regles_de_dates(exercice, reglages)
    yield from _regles_d_heures(reglages)
    if echelle is not None:
        yield from _regles_de_taux(echelle, reglages)


def _regles_d_identite(reglages: ReglagesFiloue) -> Iterator[Regle]:
    matricule, regime = pl.col(ColonneFiloue.MATRICULE), pl.col(ColonneFiloue.REGIME)
    domaines = reglages.domaines
    bonne_forme = matricule.str.contains(f"^(?:{domaines.matricule})$")
    for code, forme in domaines.matricule_autres_formes.items():
        bonne_forme = bonne_forme | ((regime == code).fill_null(False) & matricule.str.contains(f"^(?:{forme})$"))
    yield Regle(
        "matricule_absent",
        ColonneFiloue.MATRICULE,
        "La famille est dite allocataire (TOP_ALLOC = 1) et son matricule est absent.",
        (pl.col(ColonneFiloue.TOP_ALLOC) == 1) & matricule.is_null(),
    )
    yield Regle(
        "matricule_mal_forme",
        ColonneFiloue.MATRICULE,
        "Un matricule a sept chiffres, zéros de gauche compris (six pour une famille de la MSA, REGIME = 2).",
        ~bonne_forme,
    )


def _regles_de_dates(exercice: int, reglages: ReglagesFiloue) -> Iterator[Regle]:
    naissance = pl.col(ColonneFiloue.DATE_NAISSANCE_INDIVIDU)
    premier, dernier = pl.col(ColonneFiloue.PREMIERJOUR), pl.col(ColonneFiloue.DERNIERJOUR)
    minimum = int(reglages.seuils.age_minimum_mois.valeur)
    maximum = int(reglages.seuils.age_maximum_mois.valeur)
    yield Regle(
        "age_trop_jeune",
        ColonneFiloue.DATE_NAISSANCE_INDIVIDU,
        f"L'enfant aurait moins de {minimum} mois à son premier jour d'accueil.",
        naissance.dt.offset_by(f"{minimum}mo") > premier,
    )
    yield Regle(
        "age_trop_grand",
        ColonneFiloue.DATE_NAISSANCE_INDIVIDU,
        f"L'enfant aurait plus de {formater_nombre(Fraction(maximum, 12), 1)} ans à son premier jour d'accueil.",
        naissance.dt.offset_by(f"{maximum}mo") < premier,
    )
    for colonne, nom in ((ColonneFiloue.PREMIERJOUR, "premier"), (ColonneFiloue.DERNIERJOUR, "dernier")):
        yield Regle(
            f"{nom}_jour_hors_annee",
            colonne,
            f"Le {nom} jour d'accueil n'est pas en {exercice}.",
            ~pl.col(colonne).is_between(date(exercice, 1, 1), date(exercice, 12, 31)),
        )
    yield Regle(
        "jours_inverses",
        ColonneFiloue.DERNIERJOUR,
        "Le dernier jour d'accueil précède le premier.",
        premier > dernier,
    )


def _entier(colonne: ColonneFiloue) -> pl.Expr:
    """Give a Decimal column in whole units, exact."""
    return pl.col(colonne).to_physical().cast(pl.Int64)


def _regles_d_heures(reglages: ReglagesFiloue) -> Iterator[Regle]:
    facturees = _entier(ColonneFiloue.NOMBRE_HEURES_FACTUREES)
    montant, horaire = _entier(ColonneFiloue.MONTANT_FACTURE), _entier(ColonneFiloue.MONTANT_HORAIRE)
    tolerance = reglages.seuils.tolerance_montant_horaire.valeur
    yield Regle(
        "realisees_superieures",
        ColonneFiloue.NOMBRE_HEURES_REALISEES,
        "Les heures réalisées dépassent les heures facturées.",
        _entier(ColonneFiloue.NOMBRE_HEURES_REALISEES) > facturees,
    )
    # Both sides multiplied by the hours, so that nothing is divided nor rounded.
    yield Regle(
        "montant_horaire_incoherent",
        ColonneFiloue.MONTANT_HORAIRE,
        "Le montant horaire n'est pas le montant facturé divisé par les heures facturées, à "
        f"{formater_nombre(tolerance)} € près.",
        (facturees > 0) & ((horaire * facturees - montant * _UNITE).abs() > facturees * int(tolerance * _UNITE)),
    )


def _regles_de_taux(echelle: EchelleTauxEffort, reglages: ReglagesFiloue) -> Iterator[Regle]:
    taux, horaire = _entier(ColonneFiloue.TAUX_EFFORT), _entier(ColonneFiloue.MONTANT_HORAIRE)
    ecrits = {int(ecrit * _UNITE): ecrit for ecrit in echelle.ecrits}
    tolerance = Fraction(reglages.seuils.tolerance_montant_horaire.valeur)
    bornes = {cle: bornes_entieres(echelle.tarifs(ecrit), tolerance, _UNITE) for cle, ecrit in ecrits.items()}

    def borne(rang: int) -> pl.Expr:
        return taux.replace_strict({cle: b[rang] for cle, b in bornes.items()}, default=None, return_dtype=pl.Int64)

    yield Regle(
        "taux_effort_hors_bareme",
        ColonneFiloue.TAUX_EFFORT,
        "Ce taux d'effort n'est pas un de ceux du barème national, même arrondi.",
        ~taux.is_in(list(ecrits)),
    )
    yield Regle(
        "tarif_hors_bornes",
        ColonneFiloue.MONTANT_HORAIRE,
        "Avec ce taux d'effort, le montant horaire suppose des ressources sous le plancher ou au-dessus du plafond.",
        (horaire > 0) & ((horaire < borne(0)).fill_null(False) | (horaire > borne(1)).fill_null(False)),
    )


def _doublons(table: pl.DataFrame, maximum: int) -> list[AnomalieFiloue]:
    """Name the lines of a child met before (same matricule, same birth date) by their numbers only."""
    enfant = [ColonneFiloue.MATRICULE, ColonneFiloue.DATE_NAISSANCE_INDIVIDU]
    trouves = (
        table.select(LIGNE, matricule_sans_cle(), ColonneFiloue.DATE_NAISSANCE_INDIVIDU)
        .drop_nulls()
        .select(LIGNE, premiere=pl.col(LIGNE).min().over(enfant))
        .filter(pl.col(LIGNE) > pl.col("premiere"))
    )
    modele = alerter("doublon", "Cet enfant figure déjà plus haut ; si ce sont des jumeaux, rien à corriger.")
    messages = [
        f"Cet enfant figure déjà à la ligne {premiere} ; si ce sont des jumeaux, rien à corriger."
        for premiere in trouves["premiere"].head(maximum)
    ]
    return signaler(modele, trouves[LIGNE], maximum, messages)
