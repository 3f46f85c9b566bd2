"""The Filoué settings: config/filoue.yaml, layouts, admitted values, thresholds, retention and hand-over."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from regles.baremes import Statut
from regles.filoue import ColonneFiloue, VersionFiloue
from schemas.configuration.yaml_strict import ModeleStrict, charger

Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Compte = Annotated[int, Field(strict=True, ge=1)]
Part = Annotated[Decimal, Field(gt=0, le=1)]

IDENTIFIANTES = frozenset({ColonneFiloue.MATRICULE, ColonneFiloue.DATE_NAISSANCE_INDIVIDU, ColonneFiloue.VILLE_FAMILLE})


class FormeVersion(ModeleStrict):
    """A layout: its columns in order; `jusqu_a` is the last campaign (a year) that takes it."""

    jusqu_a: Annotated[int, Field(strict=True, ge=2014, le=2100)] | None = None
    colonnes: tuple[ColonneFiloue, ...]
    statut: Statut
    source: Texte

    @field_validator("colonnes")
    @classmethod
    def _sans_repetition(cls, valeur: tuple[ColonneFiloue, ...]) -> tuple[ColonneFiloue, ...]:
        for colonne in valeur:
            if valeur.count(colonne) > 1:
                raise ValueError(f"colonne répétée : {colonne}")
        return valeur


class LectureFiloue(ModeleStrict):
    """How a file is read, and beyond what sizes (bytes, columns) and shares (0 to 1) it is refused."""

    separateur: Annotated[str, StringConstraints(min_length=1, max_length=1)]
    octets_maximum: Compte
    octets_par_ligne_maximum: Compte
    colonnes_maximum: Compte
    part_illisible_maximale: Part
    part_hors_annee_maximale: Part
    anomalies_par_motif: Compte


class DomainesFiloue(ModeleStrict):
    """What a cell may hold. The shapes are regular expressions, matched whole; `maximums` are in hours, euros or %."""

    top_alloc: tuple[int, ...]
    regimes: Mapping[int, Texte]
    identifiant: Texte
    code_postal: Texte
    matricule: Texte
    matricule_autres_formes: Mapping[int, Texte]
    maximums: Mapping[ColonneFiloue, Decimal]

    @field_validator("identifiant", "code_postal", "matricule", "matricule_autres_formes")
    @classmethod
    def _expressions(cls, valeur: str | Mapping[int, str]) -> str | Mapping[int, str]:
        for motif in [valeur] if isinstance(valeur, str) else valeur.values():
            try:
                re.compile(motif)
            except re.error as erreur:
                raise ValueError(f"forme mal écrite : « {motif} » ({erreur})") from None
        return valeur


class SeuilFiloue(ModeleStrict):
    """One figure with its unit, how sure it is and where it comes from."""

    valeur: Decimal
    unite: Texte
    statut: Statut
    source: Texte


class SeuilsFiloue(ModeleStrict):
    """The figures of the controls and of the follow-up; none weighs on an amount."""

    age_minimum_mois: SeuilFiloue
    age_maximum_mois: SeuilFiloue
    tolerance_montant_horaire: SeuilFiloue
    ecart_afas: SeuilFiloue
    petit_effectif: SeuilFiloue
    taux_de_reponse_attendu: SeuilFiloue


class ConservationFiloue(ModeleStrict):
    """How long what identifies a family is kept, in days from the deposit."""

    fichiers_bruts_jours: SeuilFiloue


class AssistanceFiloue(ModeleStrict):
    """The hotline of the Cnaf given to the partners."""

    telephone: Texte
    courriel: Texte
    source: Texte


class FormeRemise(ModeleStrict):
    """How a cleaned file is written: `format_date` as strftime takes it."""

    separateur: Annotated[str, StringConstraints(min_length=1, max_length=1)]
    encodage: Literal["utf-8", "utf-8-sig", "cp1252"]
    fin_de_ligne: Literal["\n", "\r\n"]
    separateur_decimal: Literal[".", ","]
    format_date: Texte


class RemiseFiloue(ModeleStrict):
    """The hand-over: `remplacees` says what stands for an identifying column, nothing when empty."""

    un_fichier_par: Literal["departement", "structure"]
    remplacees: Mapping[ColonneFiloue, str]
    formes: Mapping[VersionFiloue, FormeRemise]
    statut: Statut
    source: Texte

    @field_validator("remplacees")
    @classmethod
    def _rien_d_identifiant(cls, valeur: Mapping[ColonneFiloue, str]) -> Mapping[ColonneFiloue, str]:
        for colonne in sorted(IDENTIFIANTES):
            if colonne not in valeur or valeur[colonne] in IDENTIFIANTES:
                raise ValueError(f"la colonne {colonne} ne sort jamais : dire ce qui la remplace, ou rien")
        return valeur


class ReglagesFiloue(ModeleStrict):
    """Content of config/filoue.yaml. `code_organisme`: that of the Caf in the files, "" when it is not recorded."""

    code_organisme: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{0,9}$")]
    versions: Mapping[VersionFiloue, FormeVersion]
    ecritures: Mapping[ColonneFiloue, tuple[Texte, ...]]
    lecture: LectureFiloue
    domaines: DomainesFiloue
    seuils: SeuilsFiloue
    conservation: ConservationFiloue
    assistance: AssistanceFiloue
    remise: RemiseFiloue

    @model_validator(mode="after")
    def _complet(self) -> Self:
        for version in VersionFiloue:
            if version not in self.versions or version not in self.remise.formes:
                raise ValueError(f"la version {version} n'est pas décrite")
        for avant, apres in ((VersionFiloue.V1, VersionFiloue.V2), (VersionFiloue.V2, VersionFiloue.V3)):
            if not set(self.versions[avant].colonnes) < set(self.versions[apres].colonnes):
                raise ValueError(f"la version {apres} doit avoir les colonnes de la {avant}, et d'autres")
        return self


def charger_filoue(fichier: Path) -> ReglagesFiloue:
    """Read the Filoué settings.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: unknown or repeated column, a version missing, an
            identifying column that would leave.
    """
    return charger(fichier, ReglagesFiloue)
