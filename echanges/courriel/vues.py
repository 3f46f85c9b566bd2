"""What the templates of templates/courriels/ are given: plain values, already chosen and ordered."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Interlocuteur:
    """Someone of the Caf to call for a territory. `telephone` is empty when only the shared mailbox answers."""

    territoire: str
    telephone: str


@dataclass(frozen=True, slots=True)
class Cadre:
    """What every mail carries. `test_pour` names the true addressee of a redirected mail, else it is empty."""

    caf: str
    courriel_caf: str
    nom: str
    interlocuteurs: tuple[Interlocuteur, ...]
    demonstration: bool
    test_pour: str = ""

    @property
    def mentions(self) -> tuple[str, ...]:
        """Words in front of the subject."""
        return tuple(
            mot for mot, vrai in (("TEST", bool(self.test_pour)), ("DÉMONSTRATION", self.demonstration)) if vrai
        )


@dataclass(frozen=True, slots=True)
class StructureCitee:
    """A structure as a mail names it. `fichier`: its workbook among the attachments; `refuse_le`: its last refusal."""

    code: str
    nom: str
    commune: str
    prestation: str
    fichier: str = ""
    refuse_le: date | None = None


@dataclass(frozen=True, slots=True)
class VueCampagne:
    """A mail about a step: its opening or a reminder, read on `jour`. `fin` is the last day an answer is taken.

    `donnees` says what is asked for (« données réelles ») of the `exercice`; `a_confirmer`: the limit is approximate.
    """

    cadre: Cadre
    libelle: str
    donnees: str
    exercice: int
    limite: date
    fin: date
    jour: date
    structures: tuple[StructureCitee, ...]
    a_confirmer: bool = False

    @property
    def est_passee(self) -> bool:
        """Whether the limit, whose day is included, is over."""
        return self.jour > self.limite


@dataclass(frozen=True, slots=True)
class PointReleve:
    """An anomaly as told to a partner."""

    feuille: str
    cellule: str
    message: str
    lu: str
    attendu: str

    @property
    def lieu(self) -> str:
        """« Activité, cellule D12 », or the file as a whole."""
        if not self.feuille:
            return "Le fichier"
        return f"{self.feuille}, cellule {self.cellule}" if self.cellule else self.feuille


@dataclass(frozen=True, slots=True)
class VueReponse:
    """The answer to a deposit. `copie` names the annotated workbook among the attachments, if any.

    `hors_delai`: it came after `fin`, the last day an answer was taken; the file is kept, nothing is asked.
    """

    cadre: Cadre
    libelle: str
    structure: StructureCitee
    accepte: bool
    recu: str
    recu_le: date
    nom_fichier: str
    en_retard: bool
    limite: date | None
    fin: date | None
    a_corriger: tuple[PointReleve, ...]
    a_expliquer: tuple[PointReleve, ...]
    copie: str = ""
    hors_delai: bool = False

    @property
    def echeance(self) -> date | None:
        """By when a correction is expected: the limit, or once it is over the last day an answer is taken."""
        for jour in (self.limite, self.fin):
            if jour is not None and self.recu_le <= jour:
                return jour
        return None
