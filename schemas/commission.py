"""The tables of the commission as people fill them: requests, decisions of a sitting. A fault names its cell."""

import csv
import io
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from regles.champs import Champ, TypeChamp
from regles.commission import BudgetFaux, Cofinanceur, Projet
from regles.etats import SensDecision
from regles.grille import FichierRefuse, Grille, ValeurCellule, adresse
from schemas.declarations.lecture_fr import Refus, lire_cellule, montrer

Lue = TypeVar("Lue")
Ligne = TypeVar("Ligne", "ProjetLu", "DecisionLue")
LIGNES_DE_TITRE = 30  # the row of titles stands within the first ones
TEXTE_AU_PLUS = 300
MOTIF_AU_PLUS = 1000
DEMANDES = (
    "Partenaire", "Structure", "Appel à projets", "Enveloppe", "Exercice", "Objet", "Montant demandé", "Budget",
    "Cofinanceurs",
)  # fmt: skip
DECISIONS = ("Référence", "Décision", "Montant accordé", "Motif")
EUROS = Champ("montant", "Montant", "", "", TypeChamp.EUROS, "€")
ANNEE = Champ("exercice", "Exercice", "", "", TypeChamp.ENTIER, "")
SENS = {
    "accord": SensDecision.ACCORD,
    "accorde": SensDecision.ACCORD,
    "accordee": SensDecision.ACCORD,
    "refus": SensDecision.REFUS,
    "refuse": SensDecision.REFUS,
    "refusee": SensDecision.REFUS,
    "ajournement": SensDecision.AJOURNEMENT,
    "ajourne": SensDecision.AJOURNEMENT,
    "ajournee": SensDecision.AJOURNEMENT,
}


@dataclass(frozen=True, slots=True)
class Faute:
    """Something wrong in a table: the cell (« C12 », "" for the whole file) and a French sentence."""

    cellule: str
    message: str

    def __str__(self) -> str:
        """« Cellule C12 : … »."""
        return f"Cellule {self.cellule} : {self.message}" if self.cellule else self.message


@dataclass(frozen=True, slots=True)
class ProjetLu:
    """A request of a table, and the cell of its first column."""

    projet: Projet
    cellules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecisionLue:
    """A decision of a table; `cellules` gives the cell of each column."""

    reference: str
    sens: SensDecision
    montant_centimes: int | None
    motif: str
    cellules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cellule:
    adresse: str
    brut: ValeurCellule | None
    erreur: str

    @property
    def texte(self) -> str:
        return montrer(self.brut) if not isinstance(self.brut, str) else " ".join(self.brut.split())


class _Fautes(Exception):
    def __init__(self, *fautes: Faute) -> None:
        super().__init__("; ".join(map(str, fautes)))
        self.fautes = fautes


def grille_du_csv(octets: bytes) -> Grille:
    """Read a CSV (« ; », UTF-8) as a sheet.

    Raises:
        FichierRefuse: another encoding.
    """
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FichierRefuse("encodage", "Le fichier est à enregistrer en « CSV UTF-8 ».") from None
    rangees = csv.reader(io.StringIO(texte, newline=""), delimiter=";")
    cellules: dict[tuple[int, int], ValeurCellule] = {
        (ligne, colonne): valeur
        for ligne, rangee in enumerate(rangees, start=1)
        for colonne, valeur in enumerate(rangee, start=1)
        if valeur.strip()
    }
    return Grille({"CSV": cellules}, {})


def lire_montant(brut: ValeurCellule | None, erreur: str = "") -> int | Refus | None:
    """Read an amount in euros as cents, exactly; None when it is empty."""
    lu = lire_cellule(EUROS, brut, erreur)
    if lu is None or isinstance(lu, Refus):
        return lu
    return int(lu * 100)


def lire_demandes(grille: Grille) -> tuple[tuple[ProjetLu, ...], tuple[Faute, ...]]:
    """Read a table of requests: (those that hold, what is wrong). A project stands on one row."""
    lus, fautes = _lire(grille, DEMANDES, frozenset({"Structure", "Cofinanceurs"}), _lire_projet)
    return _une_fois(lus, fautes, "Objet", lambda lu: _meme_projet(lu.projet))


def lire_decisions(grille: Grille) -> tuple[tuple[DecisionLue, ...], tuple[Faute, ...]]:
    """Read the decisions of a sitting: (those filled, what is wrong). A row without a decision is not decided yet."""
    lues, fautes = _lire(grille, DECISIONS, frozenset(), _lire_decision)
    return _une_fois(lues, fautes, "Référence", lambda lue: lue.reference)


def dans_l_ordre(fautes: Iterable[Faute]) -> tuple[Faute, ...]:
    """Give faults as a person goes down a table: by row, then by column; those of the whole file first."""
    return tuple(sorted(fautes, key=lambda f: (_ligne(f.cellule), len(f.cellule), f.cellule)))


def _ligne(cellule: str) -> int:
    return int(cellule.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)


def _meme_projet(projet: Projet) -> tuple[str, str, str, str, int, str]:
    return (
        projet.partenaire, projet.structure, projet.appel, projet.enveloppe, projet.exercice, projet.objet.casefold(),
    )  # fmt: skip


def _une_fois(
    lues: Iterable[Ligne], fautes: Sequence[Faute], colonne: str, quoi: Callable[[Ligne], Hashable]
) -> tuple[tuple[Ligne, ...], tuple[Faute, ...]]:
    """Keep the first row of each thing; a fault at each other one, in the column that names it."""
    gardees: dict[Hashable, Ligne] = {}
    repetees: list[Faute] = []
    for lue in lues:
        premiere = gardees.setdefault(quoi(lue), lue)
        if premiere is not lue:
            phrase = f"déjà écrit en {premiere.cellules[colonne]} : une seule ligne est attendue."
            repetees.append(Faute(lue.cellules[colonne], phrase))
    return tuple(gardees.values()), (*fautes, *repetees)


def _lire(
    grille: Grille,
    colonnes: Sequence[str],
    facultatives: frozenset[str],
    lire_ligne: Callable[[Mapping[str, _Cellule]], Lue | None],
) -> tuple[tuple[Lue, ...], tuple[Faute, ...]]:
    lues: list[Lue] = []
    dites: list[Faute] = []
    try:
        for ligne in _table(grille, colonnes, facultatives):
            try:
                lue = lire_ligne(ligne)
            except _Fautes as fautes:
                dites += fautes.fautes
            else:
                lues += [] if lue is None else [lue]
    except _Fautes as fautes:
        dites += fautes.fautes
    return tuple(lues), tuple(dites)


def _table(grille: Grille, colonnes: Sequence[str], facultatives: frozenset[str]) -> list[dict[str, _Cellule]]:
    """Find the row of titles in the first sheet that has one, and give the filled rows under it."""
    for feuille, cellules in grille.feuilles.items():
        for ligne in range(1, LIGNES_DE_TITRE + 1):
            places = {_reduire(str(v)): c for (li, c), v in cellules.items() if li == ligne}
            if _reduire(colonnes[0]) in places:
                placees = _placer(places, colonnes, facultatives, ligne)
                if facultatives:  # a value left aside there would be money or a structure forgotten
                    _exiger_que_tout_soit_lu(cellules, ligne, placees)
                return _lignes(grille, feuille, ligne, placees)
    raise _Fautes(
        Faute("", f"Aucune feuille n’a de colonne « {colonnes[0]} » dans ses {LIGNES_DE_TITRE} premières lignes.")
    )


def _placer(
    places: Mapping[str, int], colonnes: Sequence[str], facultatives: frozenset[str], ligne: int
) -> dict[str, int]:
    absentes = [c for c in colonnes if _reduire(c) not in places and c not in facultatives]
    if absentes:
        raise _Fautes(Faute(f"A{ligne}", f"colonne(s) absente(s) de la ligne de titres : {', '.join(absentes)}."))
    return {c: places[_reduire(c)] for c in colonnes if _reduire(c) in places}


def _exiger_que_tout_soit_lu(
    cellules: Mapping[tuple[int, int], ValeurCellule], titres: int, places: Mapping[str, int]
) -> None:
    connues = ", ".join(places)
    hors = sorted(place for place in cellules if place[0] >= titres and place[1] not in places.values())
    fautes = [
        Faute(
            adresse(*place),
            f"« {montrer(cellules[place])} » n'est sous aucune des colonnes attendues ({connues}). Dans un CSV, un "
            "texte qui contient « ; » s'écrit entre guillemets.",
        )
        for place in hors
    ]
    if fautes:
        raise _Fautes(*fautes)


def _lignes(grille: Grille, feuille: str, titres: int, places: Mapping[str, int]) -> list[dict[str, _Cellule]]:
    cellules = grille.feuilles[feuille]
    occupees = {*cellules, *((li, c) for f, li, c in grille.erreurs if f == feuille)}
    lignes = sorted({li for li, c in occupees if li > titres and c in places.values()})
    return [
        {
            nom: _Cellule(adresse(li, c), cellules.get((li, c)), grille.erreurs.get((feuille, li, c), ""))
            for nom, c in places.items()
        }
        for li in lignes
    ]


def _lire_projet(ligne: Mapping[str, _Cellule]) -> ProjetLu:
    fautes: list[Faute] = []
    textes = {
        nom: _texte(ligne.get(nom), fautes, obligatoire=nom != "Structure")
        for nom in ("Partenaire", "Structure", "Appel à projets", "Enveloppe", "Objet")
    }
    exercice = _nombre(ligne["Exercice"], fautes)
    demande = _montant(ligne["Montant demandé"], fautes)
    budget = _montant(ligne["Budget"], fautes)
    autres = _cofinanceurs(ligne.get("Cofinanceurs"), fautes)
    if exercice is None or demande is None or budget is None or fautes:
        raise _Fautes(*fautes)
    projet = Projet(
        textes["Partenaire"], textes["Appel à projets"], textes["Enveloppe"], exercice, textes["Objet"], demande,
        budget, autres, textes["Structure"],
    )  # fmt: skip
    try:
        _ = projet.part_propre_centimes
    except BudgetFaux as faux:
        raise _Fautes(Faute(ligne["Budget"].adresse, str(faux))) from None
    return ProjetLu(projet, {nom: cellule.adresse for nom, cellule in ligne.items()})


def _lire_decision(ligne: Mapping[str, _Cellule]) -> DecisionLue | None:
    fautes: list[Faute] = []
    dit = _reduire(ligne["Décision"].texte)
    if not dit and ligne["Montant accordé"].brut is None and not ligne["Motif"].texte:
        return None
    reference = _texte(ligne["Référence"], fautes)
    sens = SENS.get(dit)
    if sens is None:
        lu = f", lu « {ligne['Décision'].texte} »" if dit else ""
        fautes.append(Faute(ligne["Décision"].adresse, f"« accord », « refus » ou « ajournement » est attendu{lu}."))
    accord = sens is SensDecision.ACCORD
    montant = _montant(ligne["Montant accordé"], fautes, obligatoire=accord)
    if montant is not None and sens is not None and not accord:
        fautes.append(Faute(ligne["Montant accordé"].adresse, "à laisser vide : seul un accord a un montant."))
    motif = _texte(ligne["Motif"], fautes, obligatoire=sens is not None and not accord, au_plus=MOTIF_AU_PLUS)
    if fautes or sens is None:
        raise _Fautes(*fautes)
    return DecisionLue(reference, sens, montant, motif, {nom: cellule.adresse for nom, cellule in ligne.items()})


def _texte(
    cellule: _Cellule | None, fautes: list[Faute], *, obligatoire: bool = True, au_plus: int = TEXTE_AU_PLUS
) -> str:
    if cellule is None:
        return ""
    if cellule.erreur:
        fautes.append(Faute(cellule.adresse, f"cellule en erreur ({cellule.erreur})."))
    elif obligatoire and not cellule.texte:
        fautes.append(Faute(cellule.adresse, "à remplir."))
    elif len(cellule.texte) > au_plus:
        fautes.append(Faute(cellule.adresse, f"{au_plus} caractères au plus."))
    return cellule.texte


def _nombre(cellule: _Cellule, fautes: list[Faute]) -> int | None:
    lu = lire_cellule(ANNEE, cellule.brut, cellule.erreur)
    if lu is None or isinstance(lu, Refus):
        fautes.append(Faute(cellule.adresse, "à remplir." if lu is None else lu.message))
        return None
    return int(lu)


def _montant(cellule: _Cellule, fautes: list[Faute], *, obligatoire: bool = True) -> int | None:
    lu = lire_montant(cellule.brut, cellule.erreur)
    if isinstance(lu, Refus):
        fautes.append(Faute(cellule.adresse, f"{lu.message} Lu : « {lu.lu} »."))
        return None
    if lu is None and obligatoire:
        fautes.append(Faute(cellule.adresse, "un montant en euros est attendu."))
    elif lu is not None and lu <= 0:
        fautes.append(Faute(cellule.adresse, "un montant plus grand que zéro est attendu."))
        return None
    return lu


def _cofinanceurs(cellule: _Cellule | None, fautes: list[Faute]) -> tuple[Cofinanceur, ...]:
    if cellule is None or not cellule.texte:
        return ()
    try:
        return tuple(lire_cofinanceur(part) for part in cellule.texte.split(";") if part.strip())
    except ValueError as erreur:
        fautes.append(Faute(cellule.adresse, str(erreur)))
        return ()


def lire_cofinanceur(texte: str) -> Cofinanceur:
    """Read « Commune de Langres : 1 500,00 ».

    Raises:
        ValueError: with a French sentence.
    """
    nom, _, montant = texte.rpartition(":")
    if not nom.strip():
        raise ValueError(
            f"« Nom : montant » est attendu pour chaque cofinanceur, séparés par « ; » (lu « {texte.strip()} »)."
        )
    lu = lire_montant(montant)
    if not isinstance(lu, int) or lu <= 0:
        raison = lu.message if isinstance(lu, Refus) else "Un montant plus grand que zéro est attendu."
        raise ValueError(f"cofinanceur « {nom.strip()} » : {raison}")
    return Cofinanceur(nom.strip(), lu)


def _reduire(texte: str) -> str:
    decompose = unicodedata.normalize("NFD", texte.casefold())
    return " ".join("".join(c for c in decompose if not unicodedata.combining(c)).split())
