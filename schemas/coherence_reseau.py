"""What the files of the network say against one another, or against the département: each fault at its line."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from regles.dates import en_chiffres
from schemas.configuration.referentiel import Commune
from schemas.reseau import ADMINISTRATEUR, CONDITIONS

ADMINISTRATEURS_AU_PLUS = 2
_CLES: Mapping[str, tuple[str, ...]] = {
    "partenaires": ("code",),
    "contacts": ("partenaire", "courriel"),
    "structures": ("code",),
    "conventions": ("structure", "du"),
    "adhesions": ("partenaire", "dispositif", "du"),
}


@dataclass(frozen=True, slots=True)
class Reperes:
    """What the files are read against: the communes of the département by Insee code, the local schemes.

    What is already known, that no file has to repeat: codes of partners, prestations of structures by code.
    """

    communes: Mapping[str, Commune]
    dispositifs: Collection[str]
    partenaires: Collection[str] = ()
    structures: Mapping[str, str] = field(default_factory=dict)

    def connus(self, fichier: str) -> Collection[str]:
        """Give the codes already known that a file of this name could also bring."""
        return self.partenaires if fichier == "partenaires" else self.structures


@dataclass(frozen=True, slots=True)
class FauteReseau:
    """A fault in a file of the network: line 1 is the header, 0 the file as a whole."""

    fichier: str
    ligne: int
    colonne: str
    message: str


@dataclass(frozen=True, slots=True)
class Fichier:
    """A file once read: its sound rows with their line, and its faults."""

    lignes: tuple[tuple[int, Any], ...]
    fautes: tuple[FauteReseau, ...]

    def valeurs(self, colonne: str) -> list[tuple[int, str]]:
        """Give a column, with the line of each value."""
        return [(numero, getattr(ligne, colonne)) for numero, ligne in self.lignes]


def incoherences(lus: Mapping[str, Fichier], reperes: Reperes) -> Iterable[FauteReseau]:
    """Give the faults that no row alone shows."""
    yield from _repetitions(lus)
    yield from _references(lus, reperes)
    yield from _conditions_deplacees(lus, reperes)
    yield from _lieux(lus["structures"], reperes)
    yield from _administrateurs(lus["contacts"])
    yield from _adhesions(lus["adhesions"], reperes)


def _repetitions(lus: Mapping[str, Fichier]) -> Iterable[FauteReseau]:
    """What names one thing twice in a file."""
    for nom, colonnes in _CLES.items():
        premieres: dict[tuple[Any, ...], int] = {}
        for numero, ligne in lus[nom].lignes:
            premiere = premieres.setdefault(tuple(getattr(ligne, colonne) for colonne in colonnes), numero)
            if premiere != numero:
                message = f"« {en_cellule(getattr(ligne, colonnes[-1]))} » déjà donné ligne {premiere}"
                yield FauteReseau(f"{nom}.csv", numero, colonnes[-1], message)


def _references(lus: Mapping[str, Fichier], reperes: Reperes) -> Iterable[FauteReseau]:
    """Codes that point to nothing; a file with faults of its own is no reference."""
    for nom, colonne, cible in (
        ("contacts", "partenaire", "partenaires"),
        ("structures", "partenaire", "partenaires"),
        ("conventions", "structure", "structures"),
        ("adhesions", "partenaire", "partenaires"),
    ):
        if lus[cible].fautes:
            continue
        connus = {code for _, code in lus[cible].valeurs("code")}.union(reperes.connus(cible))
        for numero, code in lus[nom].valeurs(colonne):
            if code not in connus:
                yield FauteReseau(
                    f"{nom}.csv", numero, colonne, f"« {code} » n'est pas dans {cible}.csv, ni déjà connu"
                )


def _conditions_deplacees(lus: Mapping[str, Fichier], reperes: Reperes) -> Iterable[FauteReseau]:
    """What a convention says of another prestation than its structure's."""
    prestations = {**reperes.structures, **{ligne.code: ligne.prestation for _, ligne in lus["structures"].lignes}}
    for numero, convention in lus["conventions"].lignes:
        prestation = prestations.get(convention.structure)
        if prestation is None:
            continue
        if convention.prestation not in {None, prestation}:
            yield FauteReseau(
                "conventions.csv", numero, "prestation",
                f"« {convention.prestation} » n'est pas la prestation de {convention.structure} ({prestation})",
            )  # fmt: skip
        for cle, valeur in convention.conditions.items():
            if valeur is not None and cle not in CONDITIONS.get(prestation, ()):
                yield FauteReseau(
                    "conventions.csv", numero, cle, f"à laisser vide pour la prestation {prestation}"
                )  # fmt: skip


def _lieux(structures: Fichier, reperes: Reperes) -> Iterable[FauteReseau]:
    """Structures outside the département, or in another EPCI than their commune's: nobody could be named to call."""
    for numero, structure in structures.lignes:
        commune = reperes.communes.get(structure.commune_insee)
        if commune is None:
            yield FauteReseau(
                "structures.csv", numero, "commune_insee",
                f"« {structure.commune_insee} » n'est pas le code Insee d'une commune du département",
            )  # fmt: skip
        elif structure.epci_siren != commune.epci_siren:
            yield FauteReseau(
                "structures.csv", numero, "epci_siren",
                f"« {structure.epci_siren} » ({structure.epci}) n'est pas l'EPCI de {commune.nom}, qui est dans "
                f"{commune.epci_nom} ({commune.epci_siren})",
            )  # fmt: skip


def _administrateurs(contacts: Fichier) -> Iterable[FauteReseau]:
    """Administrators of a partner's account beyond the second."""
    comptes: dict[str, int] = {}
    for numero, contact in contacts.lignes:
        if contact.role == ADMINISTRATEUR and contact.actif:
            comptes[contact.partenaire] = comptes.get(contact.partenaire, 0) + 1
            if comptes[contact.partenaire] > ADMINISTRATEURS_AU_PLUS:
                yield FauteReseau(
                    "contacts.csv", numero, "role",
                    f"{contact.partenaire} a déjà {ADMINISTRATEURS_AU_PLUS} administrateurs actifs, le plus possible",
                )  # fmt: skip


def _adhesions(adhesions: Fichier, reperes: Reperes) -> Iterable[FauteReseau]:
    """Unknown local schemes, and two adhesions of one partner that overlap."""
    siennes: dict[tuple[str, str], list[tuple[date, date, int]]] = {}
    for numero, adhesion in adhesions.lignes:
        if adhesion.dispositif not in reperes.dispositifs:
            connus = ", ".join(sorted(reperes.dispositifs))
            message = f"dispositif inconnu : « {adhesion.dispositif} » (attendu : {connus})"
            yield FauteReseau("adhesions.csv", numero, "dispositif", message)
        periode = (adhesion.du, adhesion.au or date.max, numero)
        siennes.setdefault((adhesion.partenaire, adhesion.dispositif), []).append(periode)
    for periodes in siennes.values():
        for (avant, au, premiere), (du, _, numero) in pairwise(sorted(periodes)):
            if avant < du <= au:
                message = f"chevauche l'adhésion de la ligne {premiere}, qui n'est pas finie le {en_chiffres(du)}"
                yield FauteReseau("adhesions.csv", numero, "du", message)


def en_cellule(valeur: Any) -> str:
    """Write a value as a cell of these files holds it."""
    match valeur:
        case None:
            return ""
        case bool():
            return "oui" if valeur else "non"
        case date():
            return en_chiffres(valeur)
        case Decimal():
            return str(valeur).replace(".", ",")
    return str(valeur)
