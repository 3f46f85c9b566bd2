"""The explanation of a right: every line with its operation, and every parameter with its source and status."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.baremes import (
    PAYABLES,
    RECONDUCTION,
    RECONDUITES,
    Bareme,
    DefinitionParametre,
    ParametreInconnu,
    Statut,
    ValeurDatee,
)
from regles.monnaie import Centimes, arrondir_au_centime


@dataclass(frozen=True, slots=True)
class Ligne:
    """One line of the computation. `valeur` is None when a parameter named in `manquants` is unknown.

    `operation` is the French writing of what was done (« 66 % × min(11,36 ; 10,05) »); `unite` its unit.
    """

    code: str
    libelle: str
    operation: str
    valeur: Fraction | None
    unite: str
    parametres: tuple[str, ...] = ()
    manquants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Droit:
    """A right with its explanation.

    `montant` (euros, exact) is None as soon as one component rests on an unknown parameter: a total is never
    guessed. `partiel` is then the sum of what could be computed, for display only. `definitions` describes every
    parameter cited or missing.
    """

    prestation: str
    nature: str
    exercice: int
    lignes: tuple[Ligne, ...]
    montant: Fraction | None
    partiel: Fraction
    parametres: tuple[ValeurDatee, ...]
    manquants: tuple[str, ...]
    constats: tuple[Constat, ...] = ()
    definitions: tuple[DefinitionParametre, ...] = ()

    @property
    def droit_centimes(self) -> Centimes | None:
        """The right in cents, rounded once, or None when it cannot be known."""
        return None if self.montant is None else arrondir_au_centime(self.montant)

    def est_payable(self, *, demonstration: bool = False) -> bool:
        """Whether it may enter a payment batch: all known, all sure, nothing blocking."""
        admis = PAYABLES | ({Statut.DEMONSTRATION} if demonstration else set())
        return (
            self.montant is not None
            and all(p.statut in admis for p in self.parametres)
            and not any(c.severite is Severite.BLOQUANTE for c in self.constats)
        )

    @property
    def a_confirmer(self) -> tuple[str, ...]:
        """Keys of the parameters that forbid payment, in order of use."""
        douteux = [p.cle for p in self.parametres if p.statut not in PAYABLES | {Statut.DEMONSTRATION}]
        return tuple(dict.fromkeys([*douteux, *self.manquants]))


@dataclass(slots=True)
class Calcul:
    """Collects the lines and cited parameters of one computation, as known on `connu_le`.

    `reconduction`: whether what is not yet published may be carried over from the exercice before. It then is when the
    barème says so, and the parameter that says so (`RECONDUCTION`) is cited only if a value needed it.
    """

    bareme: Bareme
    exercice: int
    connu_le: date
    reconduction: bool = False
    lignes: list[Ligne] = field(default_factory=list)
    constats: list[Constat] = field(default_factory=list)
    _cites: dict[str, ValeurDatee] = field(default_factory=dict)
    _manquants: dict[str, None] = field(default_factory=dict)
    _en_cours: list[str] = field(default_factory=list)
    _manquants_en_cours: list[str] = field(default_factory=list)

    def parametre(self, cle: str) -> ValeurDatee:
        """Read a parameter and remember that the computation rests on it.

        Raises:
            ParametreInconnu: when it has no known value; `ligne` turns that into a line without a value.
        """
        self._en_cours.append(cle)
        try:
            valeur, regle = self._lire(cle)
        except ParametreInconnu:
            self._manquants[cle] = None
            self._manquants_en_cours.append(cle)
            raise
        self._cites[cle] = valeur
        if regle is not None:
            self._en_cours.append(RECONDUCTION)
            self._cites[RECONDUCTION] = regle
        return valeur

    def _lire(self, cle: str) -> tuple[ValeurDatee, ValeurDatee | None]:
        """Give a value and, when it is carried over, the parameter that allows it."""
        if not self.reconduction:
            return self.bareme.valeur(cle, self.exercice, self.connu_le), None
        valeur = self.bareme.derniere(cle, self.exercice, self.connu_le)
        if valeur.reconduite_de(self.exercice) is None:
            return valeur, None
        regle = self.bareme.derniere(RECONDUCTION, self.exercice, self.connu_le)
        if regle.mot != RECONDUITES:
            raise ParametreInconnu(cle, self.exercice)
        return valeur, regle

    def parametres(self, *cles: str) -> tuple[ValeurDatee, ...]:
        """Read several parameters at once, so that a line names all those it lacks, not only the first.

        Raises:
            ParametreInconnu: for the first missing one, once all have been tried.
        """
        valeurs, absence = [], None
        for cle in cles:
            try:
                valeurs.append(self.parametre(cle))
            except ParametreInconnu as erreur:
                absence = absence or erreur
        if absence is not None:
            raise absence
        return tuple(valeurs)

    def ligne(
        self, code: str, libelle: str, unite: str, operation: Callable[[], tuple[str, Fraction | None]]
    ) -> Fraction | None:
        """Compute one line: `operation` returns its French writing and its exact value.

        A missing parameter, or a None from an earlier line passed on by `operation`, gives a line without a value.
        """
        self._en_cours, self._manquants_en_cours = [], []
        try:
            ecriture, valeur = operation()
        except ParametreInconnu:
            libelles = [self.bareme.definitions[cle].libelle for cle in dict.fromkeys(self._manquants_en_cours)]
            ecriture, valeur = f"non calculable, valeur inconnue : {' ; '.join(libelles)}", None
        cites, manquants = dict.fromkeys(self._en_cours), dict.fromkeys(self._manquants_en_cours)
        if valeur is not None:
            ecriture += self._dire_reconduites(cites)
        self.lignes.append(Ligne(code, libelle, ecriture, valeur, unite, tuple(cites), tuple(manquants)))
        return valeur

    def _dire_reconduites(self, cles: Iterable[str]) -> str:
        citees = [self._cites[cle] for cle in cles if cle in self._cites and cle != RECONDUCTION]
        annees = [annee for valeur in citees if (annee := valeur.reconduite_de(self.exercice)) is not None]
        if not annees:
            return ""
        pluriel = "s" if len(annees) > 1 else ""
        return f" (valeur{pluriel} {annees[0]} reconduite{pluriel})"

    def conclure(self, prestation: str, nature: str, composantes: list[Fraction | None]) -> Droit:
        """Close the computation: the right is the sum of its components, or unknown if one of them is."""
        connues = [c for c in composantes if c is not None]
        complet = len(connues) == len(composantes)
        partiel = sum(connues, Fraction(0))
        return Droit(
            prestation,
            nature,
            self.exercice,
            tuple(self.lignes),
            partiel if complet else None,
            partiel,
            tuple(self._cites.values()),
            tuple(self._manquants),
            tuple(self.constats),
            tuple(self.bareme.definitions[cle] for cle in (*self._cites, *self._manquants)),
        )
