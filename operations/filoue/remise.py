"""Hand-over of the cleaned lines: what identifies replaced, in the layout of a version, the same bytes again."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
from sqlmodel import Session

from echanges.filoue.remise import FichierDecrit, FormeFichier, VueRemise, ecrire_csv, page_remise
from echanges.filoue.table import depuis_octets
from modeles.base import transaction
from modeles.journal import inscrire, lignes_de
from modeles.tables import Structure
from operations.attendus import structures_de_l_etape
from operations.configuration import reglages_filoue
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.acceptes import fichiers_acceptes
from operations.filoue.agregat import etape_filoue
from operations.filoue.fichiers import ecrire_fichiers
from regles.filoue import ColonneFiloue, VersionFiloue

OBJET, ACTION, HABILITATION = "filoue", "remettre", "valider"
DEPARTEMENT = "departement"


@dataclass(frozen=True, slots=True)
class BilanRemise:
    """What was handed over: the files, their page first among the paths, and the structures without a file."""

    fichiers: tuple[FichierDecrit, ...]
    chemins: tuple[Path, ...]
    absentes: tuple[str, ...]

    @property
    def lignes(self) -> int:
        """Children, one a line."""
        return sum(fichier.lignes for fichier in self.fichiers)


def remettre(
    contexte: Contexte, exercice: int, version: VersionFiloue, dossier: Path, par: str, jour: date | None = None
) -> BilanRemise:
    """Write the cleaned lines of every accepted file of an exercice in a folder, with the page that explains them.

    One file for the département or one a structure (config/filoue.yaml). The journal keeps who asked, the files and
    their counts, once for the same bytes.

    Raises:
        ActeRefuse: nobody of the team, no campaign, no accepted file, or a folder that cannot be written.
    """
    contexte.exiger_droit(par, HABILITATION)
    forme, prefixe = _forme(contexte, version), f"filoue-{exercice}-{version}"
    if contexte.reglages.mention:
        prefixe = f"DEMONSTRATION-{prefixe}"
    with transaction(contexte.moteur) as session:
        acceptes = [
            (f.id or 0, f.donnees or b"", s) for f, s in fichiers_acceptes(session, exercice, avec_donnees=True)
        ]
        attendues = {s.code for s, _ in structures_de_l_etape(contexte, session, etape_filoue(contexte, exercice))}
    if not acceptes:
        raise ActeRefuse(f"Aucun fichier Filoué {exercice} n'est accepté : il n'y a rien à remettre.")
    reglages = reglages_filoue(contexte)
    tables = [
        (structure.code, _identifier(depuis_octets(octets), reglages.code_organisme, structure))
        for _, octets, structure in acceptes
    ]
    ensemble = reglages.remise.un_fichier_par == DEPARTEMENT
    ecrits = tuple(_fichiers(tables, forme, prefixe, ensemble=ensemble))
    decrits = tuple(decrit for decrit, _ in ecrits)
    absentes = tuple(sorted(attendues - {code for code, _ in tables}))
    page = page_remise(_vue(contexte, exercice, version, forme, decrits, absentes))
    octets_par_nom = {f"{prefixe}.html": page.encode("utf-8")} | {decrit.nom: octets for decrit, octets in ecrits}
    with transaction(contexte.moteur) as session:
        _consigner(session, contexte, f"{exercice}-{version}", decrits, [numero for numero, *_ in acceptes], par, jour)
        chemins = ecrire_fichiers(dossier, octets_par_nom, prives=True)
    return BilanRemise(decrits, chemins, absentes)


def _vue(
    contexte: Contexte,
    exercice: int,
    version: VersionFiloue,
    forme: FormeFichier,
    decrits: tuple[FichierDecrit, ...],
    absentes: tuple[str, ...],
) -> VueRemise:
    reglages = reglages_filoue(contexte).remise
    return VueRemise(
        caf=contexte.reglages.fichier.caf,
        exercice=exercice,
        version=version,
        forme=forme,
        fichiers=decrits,
        absentes=absentes,
        statut=reglages.statut,
        source=reglages.source,
        mention=contexte.reglages.mention,
    )


def _forme(contexte: Contexte, version: VersionFiloue) -> FormeFichier:
    reglages = reglages_filoue(contexte)
    forme = reglages.remise.formes[version]
    return FormeFichier(
        colonnes=reglages.versions[version].colonnes,
        remplacees=reglages.remise.remplacees,
        separateur=forme.separateur,
        encodage=forme.encodage,
        fin_de_ligne=forme.fin_de_ligne,
        separateur_decimal=forme.separateur_decimal,
        format_date=forme.format_date,
    )


def _identifier(table: pl.DataFrame, code_organisme: str, structure: Structure) -> pl.DataFrame:
    """Write what the Caf has recorded of the structure, else what its file says."""
    connus = {
        ColonneFiloue.NUMERO_CAF: code_organisme,
        ColonneFiloue.NUMERO_DOSSIER_AFC: structure.dossier_afc,
        ColonneFiloue.IDEQU: structure.idequ,
    }
    return table.with_columns(pl.lit(connu).alias(colonne) for colonne, connu in connus.items() if connu)


def _fichiers(
    tables: Sequence[tuple[str, pl.DataFrame]], forme: FormeFichier, prefixe: str, *, ensemble: bool
) -> Iterator[tuple[FichierDecrit, bytes]]:
    """Give each file: what the page says of it, and its bytes."""
    groupes = {prefixe: [t for _, t in tables]} if ensemble else {f"{prefixe}-{code}": [t] for code, t in tables}
    for nom, siennes in groupes.items():
        table = pl.concat(siennes)
        octets = ecrire_csv(table, forme)
        yield FichierDecrit(f"{nom}.csv", len(table), len(siennes), hashlib.sha256(octets).hexdigest()), octets


def _consigner(
    session: Session,
    contexte: Contexte,
    remise: str,
    decrits: Sequence[FichierDecrit],
    fichiers: Sequence[int],
    par: str,
    jour: date | None,
) -> None:
    """Write the line of the journal, unless the last one about it says the same bytes for the same person."""
    details: Mapping[str, object] = {
        "fichiers": fichiers,
        "lignes": sum(decrit.lignes for decrit in decrits),
        "sha256": {decrit.nom: decrit.sha256 for decrit in decrits},
    }
    deja = lignes_de(session, OBJET, remise, ACTION)
    if deja and deja[-1].par == par and json.loads(deja[-1].details) == details:
        return
    inscrire(
        session,
        le=contexte.maintenant(jour),
        par=par,
        objet=OBJET,
        objet_id=remise,
        action=ACTION,
        details=details,
    )
