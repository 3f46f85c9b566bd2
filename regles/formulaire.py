"""Where each field of a form stands in its workbook, and how to find it again in a workbook that came back.

A row is recognised by the key in its column A, so a row that the partner inserted does not shift what is read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from regles.champs import Champ, Formulaire, Origine, Total
from regles.grille import Grille, ValeurCellule, adresse

COLONNE_CLE = 1
COLONNE_LIBELLE = 2
COLONNE_SAISIE = 3
COLONNE_UNITE = 4
COLONNE_REFERENCE = 5
COLONNE_AIDE = 6

LIGNE_TITRE = 1
LIGNE_SOUS_TITRE = 2
LIGNE_MENTION = 3
LIGNE_ENTETES = 4
PREMIERE_LIGNE = 5

FEUILLE_LISEZ_MOI = "Lisez-moi"
FEUILLE_IDENTITE = "Identité"
FEUILLE_ANOMALIES = "Anomalies"
FEUILLES_RESERVEES = frozenset({FEUILLE_LISEZ_MOI, FEUILLE_IDENTITE, FEUILLE_ANOMALIES})

IDENTITE: tuple[tuple[str, str], ...] = (
    ("structure", "Code de la structure"),
    ("nom", "Structure"),
    ("gestionnaire", "Gestionnaire"),
    ("siret", "SIRET"),
    ("commune", "Commune"),
    ("prestation", "Prestation"),
    ("nature", "Nature de la déclaration"),
    ("exercice", "Exercice"),
    ("version", "Version du formulaire"),
)
LIBELLES_NATURE: Mapping[str, str] = {
    "previsionnel": "Prévisionnel",
    "actualisation": "Actualisation",
    "reel": "Réel",
}


@dataclass(frozen=True, slots=True)
class LigneIdentite:
    """A row of « Identité »: a key and a label; its value is in column C."""

    cle: str
    libelle: str
    ligne: int


@dataclass(frozen=True, slots=True)
class LigneSection:
    """A section title."""

    feuille: str
    ligne: int
    titre: str


@dataclass(frozen=True, slots=True)
class LigneChamp:
    """The row of a field."""

    champ: Champ
    feuille: str
    ligne: int

    @property
    def cellule(self) -> str:
        """Address of the cell to fill, « C12 »."""
        return adresse(self.ligne, COLONNE_SAISIE)


@dataclass(frozen=True, slots=True)
class LigneTotal:
    """A total of the form, shown to the partner and never read: the sum of `lignes`."""

    cle: str
    feuille: str
    ligne: int
    libelle: str
    unite: str
    lignes: tuple[int, ...]

    def plages(self, colonne: int) -> tuple[str, ...]:
        """Give the summed cells of a column as few ranges, « C6:C9 »."""
        suites = groupby(enumerate(self.lignes), key=lambda rang_ligne: rang_ligne[1] - rang_ligne[0])
        blocs = [[ligne for _, ligne in suite] for _, suite in suites]
        return tuple(f"{adresse(bloc[0], colonne)}:{adresse(bloc[-1], colonne)}" for bloc in blocs)


@dataclass(frozen=True, slots=True)
class PlanClasseur:
    """Layout of a form's workbook. `champs` holds the fields to fill; those of the Caf are rows of `identite`."""

    identite: tuple[LigneIdentite, ...]
    sections: tuple[LigneSection, ...]
    champs: tuple[LigneChamp, ...]
    totaux: tuple[LigneTotal, ...]
    feuilles: tuple[str, ...]

    def ligne_champ(self, cle: str) -> LigneChamp:
        """Give the row of a field by its key.

        Raises:
            KeyError: when the form does not ask that field.
        """
        for ligne in self.champs:
            if ligne.champ.cle == cle:
                return ligne
        raise KeyError(cle)


@dataclass(frozen=True, slots=True)
class Emplacement:
    """A cell found in a workbook: `valeur` is None when it is empty; `erreur` is set when it is in error.

    `est_absente`: neither the key nor the label of its row is in the sheet any more.
    """

    feuille: str
    ligne: int
    valeur: ValeurCellule | None
    erreur: str = ""
    est_absente: bool = False

    @property
    def cellule(self) -> str:
        """Address of the cell, « C12 »."""
        return adresse(self.ligne, COLONNE_SAISIE)


@dataclass(frozen=True, slots=True)
class Reperage:
    """What a workbook holds at the places of the plan.

    `identite` and `champs` are complete: a key that is not found stands at its planned row if that row still bears its
    label, and is absent otherwise (position alone would take the answer of another question).
    `cles_repetees` gives (sheet, key) found on several rows; the first row is
    the one read.
    """

    identite: Mapping[str, Emplacement]
    champs: Mapping[str, Emplacement]
    feuilles_absentes: tuple[str, ...]
    cles_repetees: tuple[tuple[str, str], ...]

    def texte_identite(self, cle: str) -> str:
        """Give an identity value as text, "" when absent; the nature as its key (« Réel » gives « reel »)."""
        emplacement = self.identite.get(cle)
        texte = "" if emplacement is None or emplacement.valeur is None else str(emplacement.valeur).strip()
        if cle == "nature":
            return next((n for n, libelle in LIBELLES_NATURE.items() if libelle == texte), texte)
        return texte


def questions(formulaire: Formulaire) -> dict[str, str]:
    """Give what each line of a form asks, as its partner reads it, by key: identity, fields and totals."""
    return {
        **dict(IDENTITE),
        **{champ.cle: champ.libelle for champ in formulaire.champs},
        **{total.cle: total.libelle for total in formulaire.totaux},
    }


def plan(formulaire: Formulaire) -> PlanClasseur:
    """Lay a form out: the same form always gives the same rows. A total stands under its fields, all on one sheet.

    Raises:
        ValueError: when a sheet of the form bears a name reserved for the workbook's own sheets.
    """
    identite = [
        *IDENTITE,
        *((c.cle, c.libelle) for c in formulaire.champs if c.origine is Origine.CAF),
    ]
    sections: list[LigneSection] = []
    champs: list[LigneChamp] = []
    totaux: list[LigneTotal] = []
    for feuille in formulaire.feuilles:
        if feuille in FEUILLES_RESERVEES:
            raise ValueError(f"nom de feuille réservé : « {feuille} »")
        suivante = _placer(feuille, [c for c in formulaire.champs_saisis if c.feuille == feuille], sections, champs)
        totaux += _totaux(feuille, [c for c in champs if c.feuille == feuille], formulaire.totaux, suivante + 1)
    lignes_identite = (LigneIdentite(c, t, r) for r, (c, t) in enumerate(identite, start=PREMIERE_LIGNE))
    return PlanClasseur(tuple(lignes_identite), tuple(sections), tuple(champs), tuple(totaux), formulaire.feuilles)


def _placer(feuille: str, demandes: list[Champ], sections: list[LigneSection], champs: list[LigneChamp]) -> int:
    ligne, section = PREMIERE_LIGNE, None
    for champ in demandes:
        if champ.section != section:
            section = champ.section
            sections.append(LigneSection(feuille, ligne, section))
            ligne += 1
        champs.append(LigneChamp(champ, feuille, ligne))
        ligne += 1
    return ligne


def _totaux(feuille: str, lignes: Sequence[LigneChamp], totaux: Iterable[Total], premiere: int) -> Iterator[LigneTotal]:
    places = {li.champ.cle: li.ligne for li in lignes}
    montrables = (total for total in totaux if set(total.somme_de) <= places.keys())
    for ligne, total in enumerate(montrables, start=premiere):
        sommees = tuple(sorted(places[cle] for cle in total.somme_de))
        yield LigneTotal(total.cle, feuille, ligne, total.libelle, total.unite, sommees)


def reperer(grille: Grille, plan: PlanClasseur) -> Reperage:
    """Find the identity and each field: by its key in column A of its sheet, else at its planned row and label."""
    repetees: list[tuple[str, str]] = []
    identite = _reperer_feuille(
        grille, FEUILLE_IDENTITE, [(li.cle, li.libelle, li.ligne) for li in plan.identite], repetees
    )
    champs: dict[str, Emplacement] = {}
    for feuille in plan.feuilles:
        attendues = [(li.champ.cle, li.champ.libelle, li.ligne) for li in plan.champs if li.feuille == feuille]
        champs |= _reperer_feuille(grille, feuille, attendues, repetees)
    absentes = tuple(f for f in (FEUILLE_IDENTITE, *plan.feuilles) if f not in grille.feuilles)
    return Reperage(identite, champs, absentes, tuple(repetees))


def _reperer_feuille(
    grille: Grille, feuille: str, attendues: Iterable[tuple[str, str, int]], repetees: list[tuple[str, str]]
) -> dict[str, Emplacement]:
    cellules = grille.feuilles.get(feuille, {})
    attendues = tuple(attendues)
    cles = {cle for cle, _, _ in attendues}
    trouvees: dict[str, list[int]] = {}
    for (ligne, colonne), valeur in sorted(cellules.items(), key=lambda cellule: cellule[0]):
        if colonne == COLONNE_CLE and isinstance(valeur, str) and valeur.strip() in cles:
            trouvees.setdefault(valeur.strip(), []).append(ligne)
    prises = {ligne for lignes in trouvees.values() for ligne in lignes}
    emplacements = {}
    for cle, libelle, prevue in attendues:
        lignes = trouvees.get(cle, [])
        if len(lignes) > 1:
            repetees.append((feuille, cle))
        sous_son_libelle = str(cellules.get((prevue, COLONNE_LIBELLE), "")).strip() == libelle
        if lignes or (prevue not in prises and sous_son_libelle):
            ligne = lignes[0] if lignes else prevue
            valeur_lue = cellules.get((ligne, COLONNE_SAISIE))
            erreur = grille.erreurs.get((feuille, ligne, COLONNE_SAISIE), "")
            emplacements[cle] = Emplacement(feuille, ligne, valeur_lue, erreur)
        else:
            emplacements[cle] = Emplacement(feuille, prevue, None, est_absente=True)
    return emplacements
