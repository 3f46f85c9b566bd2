"""The documents of dossiers: what one is brought as, which have come, which are missing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from sqlmodel import Session

from echanges.documents import MO, DocumentRefuse, controler
from modeles.requetes_commission import pieces_des_demandes
from modeles.requetes_dossiers import pieces_des_dossiers
from modeles.tables import Dossier, Piece
from operations.boite_envoi import exiger_motif
from operations.configuration import fichiers_acceptes
from operations.contexte import ActeRefuse, Contexte, dire_l_obstacle
from regles.calendrier import PARIS
from regles.dates import en_chiffres
from regles.demarches import Demarche, PieceAttendue
from regles.etats import EtatPiece

MIDI = time(12)  # a day without its hour
MOTIF_AU_PLUS = 500


@dataclass(frozen=True, slots=True)
class Apport:
    """A document brought to a dossier: a file, or (`constat`) where a person has seen it. `recue_le`: when it came."""

    piece: str
    par: str
    fichier: Path | None = None
    constat: str = ""
    recue_le: date | None = None

    def venue_le(self, instant: datetime) -> datetime:
        """Give the instant it came, when it is recorded at `instant`.

        Raises:
            ActeRefuse: a day to come.
        """
        aujourdhui = instant.astimezone(PARIS).date()
        if self.recue_le is None or self.recue_le == aujourdhui:
            return instant
        if self.recue_le > aujourdhui:
            raise ActeRefuse(f"Une pièce ne se reçoit pas d'avance : le {en_chiffres(self.recue_le)} est à venir.")
        return datetime.combine(self.recue_le, MIDI, PARIS)


def lire(contexte: Contexte, apport: Apport) -> tuple[str, bytes | None]:
    """Give the file's name and bytes, or nothing of a document that a person has only seen.

    Raises:
        ActeRefuse: neither a file nor a statement, both, or a file that is not kept.
    """
    if (apport.fichier is None) == (not apport.constat.strip()):
        raise ActeRefuse("Donnez le fichier reçu (--fichier), ou dites où la pièce a été vue (--constat).")
    if apport.fichier is None:
        exiger_motif_court(apport.constat)
        return "", None
    acceptes = fichiers_acceptes(contexte)
    try:
        with apport.fichier.open("rb") as flux:
            octets = flux.read(acceptes.taille_mo * MO + 1)
        return controler(apport.fichier.name, octets, acceptes.formats, acceptes.taille_mo), octets
    except OSError as erreur:
        raise ActeRefuse(f"Le fichier « {apport.fichier} » ne s'ouvre pas ({dire_l_obstacle(erreur)}).") from None
    except DocumentRefuse as refus:
        raise ActeRefuse(str(refus)) from None


def exiger_motif_court(motif: str) -> str:
    """Give a reason that fits in what the partner reads.

    Raises:
        ActeRefuse: none, or too long.
    """
    motif = exiger_motif(motif)
    if len(motif) > MOTIF_AU_PLUS:
        raise ActeRefuse(f"Le motif tient en {MOTIF_AU_PLUS} caractères au plus.")
    return motif


def en_phrase(motif: str) -> str:
    """Give a reason as a sentence, with the stop that a person left out."""
    return motif if motif.endswith((".", "!", "?", "…")) else f"{motif}."


def pieces_de(session: Session, dossiers: Iterable[Dossier]) -> dict[int, list[Piece]]:
    """Give the documents of some dossiers that no other one replaces, by dossier."""
    return pieces_des_dossiers(session, [d.id or 0 for d in dossiers])


def pieces_lues(session: Session, dossiers: Collection[Dossier]) -> dict[int, list[Piece]]:
    """Give the documents of some dossiers as their completeness reads them, by dossier.

    What came for one of its requests for a grant stands for what the dossier itself has not received.
    """
    siennes = pieces_de(session, dossiers)
    for venue in pieces_des_demandes(session, [d.id or 0 for d in dossiers]):
        lues = siennes.setdefault(venue.dossier_id, [])
        if venue.code not in recues(lues):
            siennes[venue.dossier_id] = [*(p for p in lues if p.code != venue.code), venue]
    return siennes


def recues(pieces: Iterable[Piece]) -> frozenset[str]:
    """Give the codes of the documents that have come and stand."""
    return frozenset(p.code for p in pieces if p.etat is EtatPiece.RECUE)


def manquantes(suivie: Demarche, pieces: Iterable[Piece]) -> tuple[PieceAttendue, ...]:
    """Give the mandatory documents that have not come, or were refused."""
    return suivie.manquantes(recues(pieces))
