"""The partners' mailboxes: what the simulated transport wrote, read once, found by addressee."""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

ENTETES = 2000  # bytes of a mail where its addressee is read


@dataclass(frozen=True, slots=True)
class Fichier:
    """A file as a partner has it on their desk."""

    nom: str
    octets: bytes


@dataclass(slots=True)
class Boites:
    """The mails of a folder, by addressee; each file is opened once, whole only for whom it is meant."""

    dossier: Path
    dernier: str = ""
    entetes: dict[Path, bytes] = field(default_factory=dict)

    def classeurs(self, boite: str, structure: str) -> list[Fichier]:
        """Give the workbooks of a structure in the mails that an address received, oldest first."""
        self._relever()
        recus = (chemin for chemin, entete in self.entetes.items() if boite.encode() in entete)
        trouves = [(chemin, octets) for chemin in recus if structure.encode() in (octets := chemin.read_bytes())]
        courriels = sorted(
            ((message_from_bytes(octets), chemin.name) for chemin, octets in trouves),
            key=lambda lu: (parsedate_to_datetime(lu[0]["Date"]), lu[1]),
        )
        pieces = ((piece.get_filename() or "", piece) for courriel, _ in courriels for piece in courriel.walk())
        return [
            Fichier(nom, bytes(piece.get_payload(decode=True)))
            for nom, piece in pieces
            if structure in nom and nom.endswith(".xlsx")
        ]

    def _relever(self) -> None:
        """Read the headers of what came since the last time: on the last day read, or after it."""
        jours = sorted(jour.name for jour in self.dossier.iterdir()) if self.dossier.is_dir() else []
        for jour in (jour for jour in jours if jour >= self.dernier):
            self.dernier = jour
            for chemin in (self.dossier / jour).glob("*.eml"):
                if chemin not in self.entetes:
                    with chemin.open("rb") as flux:
                        self.entetes[chemin] = flux.read(ENTETES)


@lru_cache
def boites(dossier: Path) -> Boites:
    """Give the mailboxes of a folder of mails, the same at each call."""
    return Boites(dossier)
