"""What the templates about dossiers are given: the documents expected, what has come, what is missing."""

from dataclasses import dataclass
from datetime import date

from echanges.courriel.vues import Cadre
from echanges.courriel.vues_commission import SeanceCitee


@dataclass(frozen=True, slots=True)
class PieceCitee:
    """A document of a dossier. `recue_le`: the day it came, None while it has not; `refus`: why it was turned down."""

    libelle: str
    obligatoire: bool
    recue_le: date | None = None
    refus: str = ""

    @property
    def manque(self) -> bool:
        """Whether the partner still has to send it."""
        return self.obligatoire and self.recue_le is None

    @property
    def etat(self) -> str:
        """« attendue », « facultative », « refusée : … », or nothing to say but the day it came."""
        if self.refus:
            return f"à refaire : {self.refus}"
        return "attendue" if self.obligatoire else "facultative"


@dataclass(frozen=True, slots=True)
class DemandeEnCours:
    """A request for a grant recorded under a dossier. `seance`: the sitting it may still be complete for, if any."""

    reference: str
    objet: str
    seance: SeanceCitee | None = None


@dataclass(frozen=True, slots=True)
class DossierCite:
    """The dossier of a structure, or of a partner as a whole (`precision` is then empty), with its open requests."""

    code: str
    nom: str
    precision: str
    pieces: tuple[PieceCitee, ...]
    demandes: tuple[DemandeEnCours, ...] = ()

    @property
    def limite_des_demandes(self) -> date | None:
        """By when its documents are due for its requests, None when no sitting waits for them."""
        return min((d.seance.limite for d in self.demandes if d.seance is not None), default=None)

    @property
    def manquantes(self) -> tuple[PieceCitee, ...]:
        """The mandatory documents still to come."""
        return tuple(piece for piece in self.pieces if piece.manque)

    @property
    def a_refaire(self) -> tuple[PieceCitee, ...]:
        """The documents turned down."""
        return tuple(piece for piece in self.pieces if piece.refus)

    @property
    def est_commence(self) -> bool:
        """Whether something has come, turned down or not."""
        return any(piece.recue_le is not None or piece.refus for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class VueDossier:
    """A mail about a step answered by dossiers: its opening or a reminder, read on `jour`.

    `fin`: last day a document is taken. `facultative`: nobody has to answer. `canal`: where it is answered, "" for a
    reply to the mail. `mots`: the team's own paragraph.
    """

    cadre: Cadre
    libelle: str
    limite: date
    fin: date
    jour: date
    structures: tuple[DossierCite, ...]
    facultative: bool = False
    a_confirmer: bool = False
    canal: str = ""
    mots: str = ""

    @property
    def est_passee(self) -> bool:
        """Whether the limit, whose day is included, is over."""
        return self.jour > self.limite

    @property
    def est_commencee(self) -> bool:
        """Whether something has come of one of its dossiers, a request for a grant included."""
        return any(dossier.est_commence or dossier.demandes for dossier in self.structures)

    @property
    def demandes(self) -> tuple[DemandeEnCours, ...]:
        """The open requests of its dossiers."""
        return tuple(demande for dossier in self.structures for demande in dossier.demandes)

    @property
    def suit_ses_demandes(self) -> bool:
        """Whether the cut-off of a sitting, and not its own date, is what each of its dossiers has to meet."""
        return all(dossier.limite_des_demandes is not None for dossier in self.structures)

    @property
    def echeance(self) -> date:
        """The first day by which one of its dossiers is expected."""
        propre = self.fin if self.est_passee else self.limite
        return min(dossier.limite_des_demandes or propre for dossier in self.structures)


@dataclass(frozen=True, slots=True)
class VueRecuDossier:
    """Where a dossier stands after something was received or turned down. `echeance`: by when the rest is due.

    `canal`: as for `VueDossier`.
    """

    cadre: Cadre
    libelle: str
    dossier: DossierCite
    complet: bool
    echeance: date | None
    en_retard: bool
    canal: str = ""
