"""The département's aggregate: children and hours by territory and régime, small counts masked, for statistics only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from echanges.filoue.agregat import agregat_xlsx, page_agregat
from echanges.filoue.table import depuis_octets
from echanges.filoue.vues import TOTAL, Mesure, Tableau, VueAgregat
from modeles.base import transaction
from operations.attendus import structures_de_l_etape
from operations.configuration import calendriers, reglages_filoue
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.acceptes import fichiers_acceptes
from operations.filoue.fichiers import ecrire_fichiers
from regles.calendrier import Etape, NatureEtape
from regles.filoue import ColonneFiloue
from regles.secret import Somme, masquer
from schemas.configuration.filoue import ReglagesFiloue
from schemas.configuration.referentiel import charger_communes
from schemas.filoue.lecture import LIGNE
from schemas.filoue.pseudonymes import ENFANT

EPCI_STRUCTURE, EPCI_FAMILLE, REGIME = "EPCI_STRUCTURE", "EPCI_FAMILLE", "REGIME_LIBELLE"
FACTUREES, REALISEES = ColonneFiloue.NOMBRE_HEURES_FACTUREES, ColonneFiloue.NOMBRE_HEURES_REALISEES
NON_DIT, HORS_DEPARTEMENT, PLUSIEURS = "Non dit", "Hors département", "Code postal de plusieurs EPCI"
DERNIERS = (PLUSIEURS, HORS_DEPARTEMENT, NON_DIT)  # after the EPCI, in this order
TITRES: Mapping[str, tuple[str, str]] = {
    EPCI_STRUCTURE: ("EPCI de la structure", ""),
    EPCI_FAMILLE: (
        "EPCI de la famille",
        "D’après le code postal, sans la commune : certains codes postaux couvrent plusieurs EPCI.",
    ),
}
Cle = tuple[str, str, str]  # view, territory, régime


@dataclass(frozen=True, slots=True)
class BilanAgregat:
    """An aggregate, and the files written."""

    vue: VueAgregat
    chemins: tuple[Path, ...]


def agreger(contexte: Contexte, exercice: int) -> VueAgregat:
    """Add up every accepted file of an exercice, and mask what is small.

    Raises:
        ActeRefuse: no campaign for that exercice, or no accepted file.
    """
    reglages = reglages_filoue(contexte)
    with transaction(contexte.moteur) as session:
        attendues = [s for s, _ in structures_de_l_etape(contexte, session, etape_filoue(contexte, exercice))]
        acceptes = [(f.id or 0, f.donnees, s) for f, s in fichiers_acceptes(session, exercice, avec_donnees=True)]
    if not acceptes:
        raise ActeRefuse(f"Aucun fichier Filoué {exercice} n'est accepté : il n'y a rien à additionner.")
    tables = [(numero, depuis_octets(octets or b""), structure.epci) for numero, octets, structure in acceptes]
    recues = {structure.code for *_, structure in acceptes}
    return VueAgregat(
        caf=contexte.reglages.fichier.caf,
        exercice=exercice,
        seuil=seuil_de_secret(reglages),
        structures_recues=len(recues),
        structures_attendues=len({s.code for s in attendues} | recues),
        absentes=tuple(sorted({s.code for s in attendues} - recues)),
        tableaux=additionner(contexte.reglages.config, reglages, tables),
        mention=contexte.reglages.mention,
    )


def additionner(
    config: Path, reglages: ReglagesFiloue, tables: Sequence[tuple[int, pl.DataFrame, str]]
) -> tuple[Tableau, ...]:
    """Add up pseudonymised tables, each with the number of its file and the EPCI of its structure."""
    regimes = {code: nom[:1].upper() + nom[1:] for code, nom in reglages.domaines.regimes.items()}
    situees = pl.concat(_situer(table, numero, epci) for numero, table, epci in tables)
    lignes = _libeller(situees, epci_des_codes_postaux(config), regimes)
    return _tableaux(lignes, tuple(regimes.values()), seuil_de_secret(reglages))


def seuil_de_secret(reglages: ReglagesFiloue) -> int:
    """Give the smallest count of children that may be shown."""
    return int(reglages.seuils.petit_effectif.valeur)


def ecrire_agregat(contexte: Contexte, exercice: int, dossier: Path) -> BilanAgregat:
    """Write the aggregate of an exercice in a folder: a workbook and a printable page; same bytes for the same files.

    Raises:
        ActeRefuse: nothing to add up, or a folder that cannot be written.
    """
    vue = agreger(contexte, exercice)
    nom = f"{'DEMONSTRATION-' if vue.mention else ''}filoue-agregat-{exercice}"
    octets = {f"{nom}.xlsx": agregat_xlsx(vue), f"{nom}.html": page_agregat(vue).encode("utf-8")}
    return BilanAgregat(vue, ecrire_fichiers(dossier, octets))


def etape_filoue(contexte: Contexte, exercice: int) -> Etape:
    """Give the Filoué step about an exercice.

    Raises:
        ActeRefuse: when no calendar holds one.
    """
    for calendrier in calendriers(contexte):
        for etape in calendrier.etapes:
            if etape.nature is NatureEtape.FILOUE and etape.exercice == exercice:
                return etape
    raise ActeRefuse(f"Aucune campagne Filoué ne porte sur l'exercice {exercice}.")


def epci_des_codes_postaux(config: Path) -> dict[str, str]:
    """Give the EPCI of each postal code of the département; those that several EPCI share say so."""
    noms: dict[str, set[str]] = {}
    for commune in charger_communes(config).values():
        for code in commune.codes_postaux:
            noms.setdefault(code, set()).add(commune.epci_nom)
    return {code: next(iter(epci)) if len(epci) == 1 else PLUSIEURS for code, epci in noms.items()}


def _situer(table: pl.DataFrame, numero: int, epci: str) -> pl.DataFrame:
    """Keep what is added up, beside the territory of the structure."""
    seul = pl.format("{}-{}", pl.lit(numero), pl.col(LIGNE))
    return table.select(
        pl.col(ENFANT).fill_null(seul),
        ColonneFiloue.REGIME,
        ColonneFiloue.CODE_POSTAL_FAMILLE,
        pl.col(FACTUREES, REALISEES).fill_null(0),
        pl.lit(epci).alias(EPCI_STRUCTURE),
    )


def _libeller(lignes: pl.DataFrame, epci: Mapping[str, str], regimes: Mapping[int, str]) -> pl.DataFrame:
    code = pl.col(ColonneFiloue.CODE_POSTAL_FAMILLE)
    ailleurs = pl.when(code.is_null()).then(pl.lit(NON_DIT)).otherwise(pl.lit(HORS_DEPARTEMENT))
    return lignes.with_columns(
        code.replace_strict(epci, default=ailleurs, return_dtype=pl.String).alias(EPCI_FAMILLE),
        pl.col(ColonneFiloue.REGIME)
        .replace_strict(regimes, default=None, return_dtype=pl.String)
        .fill_null(NON_DIT)
        .alias(REGIME),
    )


def _tableaux(lignes: pl.DataFrame, regimes: Sequence[str], seuil: int) -> tuple[Tableau, ...]:
    """Measure every cell of both tables, then mask them together: they share their last row."""
    colonnes = (*regimes, *((NON_DIT,) if NON_DIT in lignes[REGIME] else ()))
    mesures: dict[Cle, Mesure] = {}
    territoires = {vue: _ordonner(lignes[vue].unique().to_list()) for vue in TITRES}
    for vue in TITRES:
        trouvees = dict(_mesurer(lignes, vue))
        for territoire in (*territoires[vue], TOTAL):
            for regime in (*colonnes, TOTAL):
                mesures[_cle(vue, territoire, regime)] = trouvees.get((territoire, regime), NULLE)
    sommes = [somme for vue in TITRES for somme in _sommes(vue, territoires[vue], colonnes)]
    masquees = masquer({cle: mesure.enfants for cle, mesure in mesures.items()}, sommes, seuil)
    return tuple(
        Tableau(
            *TITRES[vue],
            territoires[vue],
            colonnes,
            {
                (t, r): None if (cle := _cle(vue, t, r)) in masquees else mesures[cle]
                for t in (*territoires[vue], TOTAL)
                for r in (*colonnes, TOTAL)
            },
        )
        for vue in TITRES
    )


NULLE = Mesure(0, Decimal(0), Decimal(0))


def _cle(vue: str, territoire: str, regime: str) -> Cle:
    """The last row is the département's, whatever the view."""
    return ("" if territoire == TOTAL else vue, territoire, regime)


def _sommes(vue: str, territoires: Sequence[str], regimes: Sequence[str]) -> Iterator[Somme[Cle]]:
    for territoire in (*territoires, TOTAL):
        yield Somme(tuple(_cle(vue, territoire, r) for r in regimes), _cle(vue, territoire, TOTAL))
    for regime in (*regimes, TOTAL):
        yield Somme(tuple(_cle(vue, t, regime) for t in territoires), _cle(vue, TOTAL, regime))


def _mesurer(lignes: pl.DataFrame, vue: str) -> Iterator[tuple[tuple[str, str], Mesure]]:
    """Count the children of each cell once, and add up their hours; the same for every total."""
    for cles in ((vue, REGIME), (vue,), (REGIME,), ()):
        groupes = lignes.with_columns(pl.lit(TOTAL).alias(c) for c in {vue, REGIME} - set(cles)).group_by(vue, REGIME)
        mesures = groupes.agg(pl.col(ENFANT).n_unique(), pl.col(FACTUREES, REALISEES).sum())
        for territoire, regime, enfants, facturees, realisees in mesures.iter_rows():
            yield (territoire, regime), Mesure(enfants, facturees, realisees)


def _ordonner(territoires: Sequence[str]) -> tuple[str, ...]:
    epci = sorted(t for t in territoires if t not in DERNIERS)
    return (*epci, *(t for t in DERNIERS if t in territoires))
