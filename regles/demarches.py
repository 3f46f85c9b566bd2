"""How a step is run with the partners: who is expected, what they send, when and in which words they are written to."""

from collections.abc import Collection
from dataclasses import dataclass

from regles.calendrier import PlanRelances
from regles.etats import EtatDossier


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is expected: the structures of some prestations, the partners of a local scheme, or every partner."""

    prestations: tuple[str, ...] = ()
    dispositif: str = ""

    @property
    def par_structure(self) -> bool:
        """Whether each structure answers for itself, not its partner."""
        return bool(self.prestations)


@dataclass(frozen=True, slots=True)
class PieceAttendue:
    """A document of a dossier. A dossier is complete when every mandatory one has come."""

    code: str
    libelle: str
    obligatoire: bool = True


@dataclass(frozen=True, slots=True)
class Mots:
    """What the team adds to the mails of a step: a paragraph to open it, to remind, to remind after the limit."""

    ouverture: str = ""
    relance: str = ""
    apres: str = ""

    def pour(self, genre: str, *, est_passee: bool) -> str:
        """Give the paragraph of a mail: « ouverture », or any other genre, before or after the limit."""
        if genre == "ouverture":
            return self.ouverture
        return self.apres if est_passee else self.relance


@dataclass(frozen=True, slots=True)
class Demarche:
    """How a step is run. `facultative`: nobody owes an answer; who has begun one is reminded of it.

    `pieces`: empty for what comes as a workbook. `roles`: the contacts written to first; without any, all of them.
    """

    plan: PlanRelances
    audience: Audience | None = None
    facultative: bool = False
    pieces: tuple[PieceAttendue, ...] = ()
    roles: tuple[str, ...] = ()
    mots: Mots = Mots()

    @property
    def par_dossier(self) -> bool:
        """Whether what is expected is a file of documents."""
        return bool(self.pieces)

    @property
    def codes_obligatoires(self) -> frozenset[str]:
        """The documents without which a dossier is not complete."""
        return frozenset(piece.code for piece in self.pieces if piece.obligatoire)

    def manquantes(self, recues: Collection[str]) -> tuple[PieceAttendue, ...]:
        """Give the mandatory documents that have not come, in their order; `recues` are codes."""
        return tuple(piece for piece in self.pieces if piece.obligatoire and piece.code not in recues)

    def etat_du_dossier(self, recues: Collection[str], *, commence: bool) -> EtatDossier:
        """Give the state of a dossier from the codes received; `commence`: something came, or was said to come."""
        if not self.manquantes(recues):
            return EtatDossier.COMPLET
        return EtatDossier.EN_COURS if commence or recues else EtatDossier.ATTENDU

    def piece(self, code: str) -> PieceAttendue | None:
        """Give a document by its code, or None."""
        return next((piece for piece in self.pieces if piece.code == code), None)
