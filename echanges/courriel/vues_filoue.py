"""What the Filoué templates are given: identifiers of structures, counts and sums, never a child's data."""

from dataclasses import dataclass
from datetime import date

from echanges.courriel.vues import Cadre


@dataclass(frozen=True, slots=True)
class StructureFiloue:
    """A structure and what its file must say of it; an identifier not recorded is empty. `refuse_le`: last refusal."""

    code: str
    nom: str
    commune: str
    code_organisme: str
    dossier_afc: str
    idequ: str
    refuse_le: date | None = None


@dataclass(frozen=True, slots=True)
class Assistance:
    """The hotline of the Cnaf."""

    telephone: str
    courriel: str


@dataclass(frozen=True, slots=True)
class VueFiloue:
    """A mail about a Filoué campaign: its opening or a reminder, read on `jour`. `fin`: last day a file is taken.

    `mots`: the team's own paragraph.
    """

    cadre: Cadre
    libelle: str
    exercice: int
    limite: date
    fin: date
    jour: date
    structures: tuple[StructureFiloue, ...]
    assistance: Assistance
    a_confirmer: bool = False
    donnees: str = "fichier des enfants accueillis"
    mots: str = ""

    @property
    def est_passee(self) -> bool:
        """Whether the limit, whose day is included, is over."""
        return self.jour > self.limite


@dataclass(frozen=True, slots=True)
class PointFiloue:
    """An anomaly as told to a partner: where, and what, never the value read."""

    ligne: int
    colonne: str
    message: str

    @property
    def lieu(self) -> str:
        """« Ligne 12, colonne MATRICULE », or the file as a whole."""
        morceaux = [f"Ligne {self.ligne}"] if self.ligne else []
        if self.colonne:
            morceaux.append(f"colonne {self.colonne}" if morceaux else f"Colonne {self.colonne}")
        return ", ".join(morceaux) or "Le fichier"


@dataclass(frozen=True, slots=True)
class VueReponseFiloue:
    """The answer to a file. `sommes`: what it adds up to, in words; `autres`: alerts counted and not shown.

    `hors_delai`: it came after `fin`. `echeance`: by when a correction is taken, None once closed.
    """

    cadre: Cadre
    libelle: str
    structure: StructureFiloue
    exercice: int
    recu: str
    recu_le: date
    accepte: bool
    en_retard: bool
    hors_delai: bool
    fin: date | None
    echeance: date | None
    lignes: int
    sommes: tuple[str, ...]
    a_corriger: tuple[PointFiloue, ...]
    a_expliquer: tuple[PointFiloue, ...]
    autres: int
    assistance: Assistance
