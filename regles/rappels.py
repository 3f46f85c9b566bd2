"""What a value known later changes in a right already paid: what moved, before and after, and what it makes due."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from regles.cibles import REEL
from regles.dates import en_chiffres
from regles.etats import NatureVersement
from regles.monnaie import exact, formater_mesure, typographier


@dataclass(frozen=True, slots=True)
class Mouvement:
    """A parameter whose value is no longer the one a right was paid on. Values as the barème writes them."""

    cle: str
    libelle: str
    unite: str
    avant: str
    apres: str
    connu_le: date | None

    def __str__(self) -> str:
        """« Prix plafond : 10,05 €/h → 10,251 €/h (connu le 16/12/2025) »."""
        connu = f" (connu le {en_chiffres(self.connu_le)})" if self.connu_le else ""
        return typographier(
            f"{self.libelle} : {_ecrire(self.avant, self.unite)} → {_ecrire(self.apres, self.unite)}{connu}"
        )


def _ecrire(valeur: str, unite: str) -> str:
    try:
        return formater_mesure(exact(valeur), unite, 6)
    except ValueError:
        return valeur


def comparer_citations(avant: Iterable[Mapping[str, Any]], apres: Iterable[Mapping[str, Any]]) -> tuple[Mouvement, ...]:
    """Give the parameters cited on both sides (`operations.calcul.expliquer`) whose value moved, in order of use."""
    anciennes = {p["cle"]: p["valeur"] for p in avant}
    return tuple(
        Mouvement(p["cle"], p["libelle"], p["unite"], anciennes[p["cle"]], p["valeur"], _jour(p["connu_le"]))
        for p in apres
        if p["valeur"] is not None and anciennes.get(p["cle"]) not in {None, p["valeur"]}
    )


def _jour(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None


@dataclass(frozen=True, slots=True)
class LigneRappel:
    """A right already paid, before and after; amounts in cents.

    `droit` is the right it was paid on, known on `connu_avant`. `regle_centimes`: paid, less the indus recovered;
    `ouverts_centimes`: due and not yet paid (owed back: negative), cancelled when `remplace`. `cible_centimes`: what
    must have been paid in all by now. `ecriture` and `montant_centimes`: what is to be written, None and 0 when nothing
    is. `hors_bareme`: the convention or the structure changed too.
    """

    structure: str
    nom: str
    gestionnaire: str
    prestation: str
    exercice: int
    nature: str
    etape: str
    droit: int
    connu_avant: date
    avant_centimes: int
    apres_centimes: int
    regle_centimes: int
    ouverts_centimes: int
    cible_centimes: int
    ecriture: NatureVersement | None
    montant_centimes: int
    remplace: bool
    mouvements: tuple[Mouvement, ...]
    hors_bareme: bool

    @property
    def difference_centimes(self) -> int:
        """The right after, less the right before."""
        return self.apres_centimes - self.avant_centimes

    @property
    def change(self) -> bool:
        """Whether a confirmation writes anything for it: another right, a due, an indu, or less than was due."""
        return bool(self.difference_centimes or self.montant_centimes or self.remplace)

    @property
    def signe_centimes(self) -> int:
        """What is to be paid, negative when it is to be recovered."""
        return -self.montant_centimes if self.ecriture is NatureVersement.INDU else self.montant_centimes

    @property
    def motif(self) -> str:
        """Why the right moves, in one French sentence; empty when nothing changes."""
        if not self.change:
            return ""
        causes = [str(m) for m in self.mouvements]
        if self.hors_bareme:
            causes.append("la convention ou la fiche de la structure a changé")
        if not causes:
            causes.append("ce qui est versé ou dû ne fait plus le compte du droit")
        suite = ""
        if self.nature != REEL and self.cible_centimes < self.regle_centimes:
            suite = " ; l’acompte versé n’est pas repris, le réel fera le compte"
        phrase = f"{' ; '.join(causes)}{suite}."
        return typographier(phrase[0].upper() + phrase[1:])


@dataclass(frozen=True, slots=True)
class LigneAPart:
    """A right already paid that no rappel settles now, and the sentences saying why."""

    structure: str
    nom: str
    prestation: str
    exercice: int
    motifs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListeRappels:
    """The rights already paid for some exercices, as known on `connu_le`. `prestations`: all when empty."""

    exercices: tuple[int, ...]
    prestations: tuple[str, ...]
    connu_le: date
    lignes: tuple[LigneRappel, ...]
    a_part: tuple[LigneAPart, ...]
    mention: str = ""

    @property
    def changees(self) -> tuple[LigneRappel, ...]:
        """The lines a confirmation writes."""
        return tuple(ligne for ligne in self.lignes if ligne.change)

    @property
    def avant_centimes(self) -> int:
        """Sum of the rights before."""
        return sum(ligne.avant_centimes for ligne in self.lignes)

    @property
    def apres_centimes(self) -> int:
        """Sum of the rights after."""
        return sum(ligne.apres_centimes for ligne in self.lignes)

    @property
    def difference_centimes(self) -> int:
        """Sum of the differences."""
        return self.apres_centimes - self.avant_centimes

    @property
    def a_payer_centimes(self) -> int:
        """Sum of the rappels."""
        return sum(max(ligne.signe_centimes, 0) for ligne in self.lignes)

    @property
    def a_recouvrer_centimes(self) -> int:
        """Sum of the indus."""
        return sum(max(-ligne.signe_centimes, 0) for ligne in self.lignes)

    @property
    def mouvements(self) -> tuple[tuple[int, Mouvement, int], ...]:
        """What moved in all: (exercice, parameter, number of rights it changes), in order of use."""
        comptes = Counter((ligne.exercice, mouvement) for ligne in self.changees for mouvement in ligne.mouvements)
        return tuple((exercice, mouvement, nombre) for (exercice, mouvement), nombre in comptes.items())

    @property
    def motifs_a_part(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Why rights are left apart: each reason, with the structures it concerns (« S01 2025 »)."""
        par_motif: dict[str, list[str]] = {}
        for ligne in self.a_part:
            for motif in ligne.motifs:
                par_motif.setdefault(motif, []).append(f"{ligne.structure} {ligne.exercice}")
        return tuple((motif, tuple(structures)) for motif, structures in par_motif.items())

    @property
    def empreinte(self) -> str:
        """The sha256 of all that is shown, the day left out: what a person confirms is what they saw."""
        montre = {cle: valeur for cle, valeur in asdict(self).items() if cle != "connu_le"}
        canonique = json.dumps(montre, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(canonique.encode()).hexdigest()
