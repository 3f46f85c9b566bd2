"""What the templates of templates/courriels/ are given: plain values, already chosen and ordered."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Interlocuteur:
    """Someone of the Caf to call for a territory. `telephone` is empty when only the shared mailbox answers.

    `volet`: the part of a territory shared by several that this one answers for.
    """

    territoire: str
    telephone: str
    volet: str = ""


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
    """A structure as a mail names it. `fichier`: its workbook among the attachments; `refuse_le`: its last refusal.

    `prestation` is a code, `activite` its usual name.
    """

    code: str
    nom: str
    commune: str
    prestation: str
    fichier: str = ""
    refuse_le: date | None = None
    activite: str = ""


@dataclass(frozen=True, slots=True)
class VueCampagne:
    """A mail about a step: its opening or a reminder, read on `jour`. `fin` is the last day an answer is taken.

    `donnees` says what is asked for (« données réelles ») of the `exercice`; `a_confirmer`: the limit is approximate.
    `mots`: the team's own paragraph.
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
    mots: str = ""

    @property
    def est_passee(self) -> bool:
        """Whether the limit, whose day is included, is over."""
        return self.jour > self.limite


@dataclass(frozen=True, slots=True)
class PointReleve:
    """An anomaly as told to a partner. `question`: the words of the line it is about, if it is about one."""

    feuille: str
    cellule: str
    message: str
    lu: str
    attendu: str
    question: str = ""

    @property
    def lieu(self) -> str:
        """« Activité, cellule D12 », or the file as a whole."""
        if not self.feuille:
            return "Le fichier"
        return f"{self.feuille}, cellule {self.cellule}" if self.cellule else self.feuille


@dataclass(frozen=True, slots=True)
class VueRejet:
    """A declaration that the team sends back, and why. `echeance`: by when a correction is taken, None once closed."""

    cadre: Cadre
    libelle: str
    structure: StructureCitee
    recu_le: date
    motif: str
    echeance: date | None


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


@dataclass(frozen=True, slots=True)
class VueDejaRecu:
    """The same file again. `sort`: what became of it (`retenu`, `remplace`, `rejete`, `refuse`, `hors_delai`).

    `motif`: why the team sent it back; `echeance`: by when a correction is taken, None once closed. `attendue`: the
    other step that still waits for an answer of this kind, `echeance` then being its own.
    """

    cadre: Cadre
    libelle: str
    structure: StructureCitee
    sort: str
    recu: str
    recu_le: date
    renvoye_le: date
    nom_fichier: str
    motif: str
    a_corriger: tuple[PointReleve, ...]
    echeance: date | None
    copie: str = ""
    attendue: str = ""


@dataclass(frozen=True, slots=True)
class InduCite:
    """An indu as told to a partner, in cents; `calcul` names the page of the right among the attachments.

    `annonce_le`: the day a mail told of it, or of the one it replaces.
    """

    reference: str
    structure: StructureCitee
    exercice: int
    droit_centimes: int
    montant_centimes: int
    calcul: str = ""
    annonce_le: date | None = None

    @property
    def deja_verse_centimes(self) -> int:
        """What had been paid for the exercice, in cents."""
        return self.droit_centimes + self.montant_centimes


@dataclass(frozen=True, slots=True)
class VueIndus:
    """A mail about indus: told, or cancelled. `retenue` says how much of a payment is withheld at most, if anything."""

    cadre: Cadre
    libelle: str
    indus: tuple[InduCite, ...]
    retenue: str = ""

    @property
    def total_centimes(self) -> int:
        """Their sum, in cents."""
        return sum(indu.montant_centimes for indu in self.indus)

    @property
    def exercices(self) -> str:
        """« 2025 », or « 2024 et 2025 »."""
        return " et ".join(str(exercice) for exercice in sorted({indu.exercice for indu in self.indus}))


Vue = VueCampagne | VueDejaRecu | VueIndus | VueRejet | VueReponse
