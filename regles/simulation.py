"""What if: a declaration computed as it stands, then under other hypotheses. Nothing here is owed to anybody.

An hypothesis replaces parameters, the barème's exercice, the day of what was known, or answers. An unknown right stays
unknown: only structures whose right is known on both sides enter a total.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from regles.anomalies import Severite
from regles.baremes import Bareme, ErreurDeBareme, ParametreInconnu, lire_valeur
from regles.calcul import Donnee, FormuleAbsente, calculer_droit, entrees_connues
from regles.formules.entrees import Entree, Genre
from regles.monnaie import INSECABLE, arrondir, exact, formater_euros, formater_mesure, formater_nombre, typographier

TAUX_FACTURATION = "taux_facturation"
HEURES_FACTUREES, HEURES_REALISEES = "heures_facturees", "heures_realisees"
PARTICIPATIONS = "participations_familiales"
_POURCENTAGE = re.compile(r"([+-]\d{1,6}(?:\.\d{1,6})?)%")
_NOMBRE = re.compile(r"\d{1,15}(\.\d{1,10})?")
OUI_NON = {"oui": True, "non": False}


class HypotheseRefusee(Exception):
    """An hypothesis that cannot be tried; the message is one French sentence a fault."""


@dataclass(frozen=True, slots=True)
class Changement:
    """One answer replaced by `valeur`, or multiplied by `facteur`; `libelle` and `ecriture` say it in French."""

    cle: str
    libelle: str
    ecriture: str
    valeur: Donnee = None
    facteur: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Cas:
    """A declaration to compute: `recue` while the team has not validated it."""

    structure: str
    nom: str
    prestation: str
    nature: str
    exercice: int
    donnees: Mapping[str, Donnee]
    recue: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a case is computed with. `exercice` is the barème's, the case's own when None."""

    bareme: Bareme
    connu_le: date
    exercice: int | None = None
    changements: tuple[Changement, ...] = ()


@dataclass(frozen=True, slots=True)
class Resultat:
    """A right in cents, None when unknown; `manque` then says why, and `cites` are the parameters it rests on."""

    centimes: int | None
    manque: tuple[str, ...]
    cites: frozenset[str]


@dataclass(frozen=True, slots=True)
class LigneSimulation:
    """A case before and after the hypotheses."""

    cas: Cas
    avant: Resultat
    apres: Resultat

    @property
    def difference_centimes(self) -> int | None:
        """After minus before, in cents; None when one of them is unknown."""
        if self.avant.centimes is None or self.apres.centimes is None:
            return None
        return self.apres.centimes - self.avant.centimes


@dataclass(frozen=True, slots=True)
class Enveloppe:
    """Sum of the rights known on both sides, in cents; `inconnues` counts those left out."""

    prestation: str
    structures: int
    avant_centimes: int
    apres_centimes: int
    inconnues: int

    @property
    def difference_centimes(self) -> int:
        """After minus before, in cents."""
        return self.apres_centimes - self.avant_centimes


def comparer_cas(cas: Cas, avant: Scenario, apres: Scenario) -> LigneSimulation:
    """Compute a case under both scenarios."""
    return LigneSimulation(cas, _calculer(cas, avant), _calculer(cas, apres))


def _calculer(cas: Cas, scenario: Scenario) -> Resultat:
    donnees = appliquer(scenario.changements, cas.prestation, cas.donnees)
    exercice = cas.exercice if scenario.exercice is None else scenario.exercice
    try:
        droit = calculer_droit(cas.prestation, cas.nature, exercice, donnees, scenario.bareme, scenario.connu_le)
    except FormuleAbsente as absence:
        return Resultat(None, (str(absence),), frozenset())
    bloquants = [c.message for c in droit.constats if c.severite is Severite.BLOQUANTE]
    manquants = [f"{scenario.bareme.definitions[cle].libelle} ({cle})" for cle in droit.manquants]
    manque = tuple(typographier(m) for m in (*bloquants, *manquants))
    return Resultat(droit.droit_centimes, manque, frozenset(p.cle for p in droit.parametres))


def additionner(lignes: Iterable[LigneSimulation], prestation: str = "") -> Enveloppe:
    """Add up the cases of a prestation (all of them when empty) known on both sides."""
    structures = avant = apres = inconnues = 0
    for ligne in lignes:
        if prestation and ligne.cas.prestation != prestation:
            continue
        if ligne.avant.centimes is None or ligne.apres.centimes is None:
            inconnues += 1
            continue
        structures += 1
        avant += ligne.avant.centimes
        apres += ligne.apres.centimes
    return Enveloppe(prestation, structures, avant, apres, inconnues)


def appliquer(changements: Sequence[Changement], prestation: str, donnees: Mapping[str, Donnee]) -> dict[str, Donnee]:
    """Give the answers once changed; a change that the prestation does not know leaves them as they are.

    A billing rate t sets the billed hours to t × the realised hours, exactly, and the families' participations in the
    same proportion, so that what a family pays an hour does not move.
    """
    connues = entrees_connues(prestation)
    changees = dict(donnees)
    for changement in changements:
        if changement.cle == TAUX_FACTURATION and HEURES_FACTUREES in connues:
            changees |= _facturer(donnees, changement.valeur)
    for changement in changements:
        if changement.cle in connues:
            changees[changement.cle] = _changer(donnees.get(changement.cle), changement)
    return changees


def _changer(ancienne: Donnee, changement: Changement) -> Donnee:
    if changement.facteur is None:
        return changement.valeur
    return ancienne * changement.facteur if isinstance(ancienne, Fraction | int) else ancienne


def _facturer(donnees: Mapping[str, Donnee], taux: Donnee) -> dict[str, Donnee]:
    facturees, realisees = donnees.get(HEURES_FACTUREES), donnees.get(HEURES_REALISEES)
    participations = donnees.get(PARTICIPATIONS)
    if not isinstance(realisees, Fraction | int) or not isinstance(taux, Fraction):
        return {}
    nouvelles: dict[str, Donnee] = {HEURES_FACTUREES: taux * realisees}
    if isinstance(facturees, Fraction | int) and facturees and isinstance(participations, Fraction | int):
        nouvelles[PARTICIPATIONS] = participations * (taux * realisees) / facturees
    return nouvelles


def lire_changements(saisies: Mapping[str, str], prestations: Iterable[str]) -> tuple[Changement, ...]:
    """Read answers to change: a value (« 35000 », « oui »), or a share of what is declared (« +3% »).

    Raises:
        HypotheseRefusee: with a sentence for each unknown answer or value that the prestations do not admit.
    """
    connues: dict[str, list[Entree]] = {}
    for prestation in prestations:
        for cle, entree in entrees_connues(prestation).items():
            connues.setdefault(cle, []).append(entree)
    facturables = HEURES_FACTUREES in connues and HEURES_REALISEES in connues
    proposees = (*connues, TAUX_FACTURATION) if facturables else tuple(connues)
    fautes, changements = [], []
    for cle, texte in saisies.items():
        try:
            if cle not in proposees:
                raise HypotheseRefusee(f"Réponse inconnue : « {cle} »{suggerer(cle, proposees)}")
            if cle == TAUX_FACTURATION:
                changements.append(_lire_taux(texte))
            else:
                changements.append(_lire_reponse(cle, texte, connues[cle]))
        except HypotheseRefusee as faute:
            fautes.append(str(faute))
    if TAUX_FACTURATION in saisies and HEURES_FACTUREES in saisies:
        fautes.append("Le taux de facturation fixe les heures facturées : donnez l'un ou l'autre, pas les deux.")
    if fautes:
        raise HypotheseRefusee("\n".join(fautes))
    return tuple(changements)


def _lire_taux(texte: str) -> Changement:
    ecrit = _normaliser(texte)
    nombre = ecrit.removesuffix("%")
    if not _NOMBRE.fullmatch(nombre) or not exact(nombre):
        raise HypotheseRefusee(
            f"{TAUX_FACTURATION} : lu « {texte} », attendu un nombre plus grand que zéro, par exemple 1.12 ou 112%."
        )
    taux = exact(nombre) / (100 if ecrit.endswith("%") else 1)
    ecriture = (
        f"{formater_nombre(taux * 100)} % : heures facturées = {formater_nombre(taux)} × heures réalisées, "
        "participations des familles inchangées à l'heure"
    )
    return Changement(TAUX_FACTURATION, "Taux de facturation", typographier(ecriture), taux)


def _lire_reponse(cle: str, texte: str, entrees: Sequence[Entree]) -> Changement:
    ecrit = _normaliser(texte)
    pourcentage = _POURCENTAGE.fullmatch(ecrit)
    if pourcentage:
        return _lire_part(cle, exact(pourcentage[1]), entrees)
    valeur = _lire_valeur(texte.strip(), ecrit, entrees[0])
    if valeur is None or not all(entree.admet(valeur) for entree in entrees):
        exemple = " ; ou une part de ce qui est déclaré, par exemple +3%" if entrees[0].genre is Genre.NOMBRE else ""
        raise HypotheseRefusee(f"{cle} : lu « {texte} », attendu {entrees[0].attendu}{exemple}.")
    libelle = _nommer(entrees[0])
    if isinstance(valeur, bool | str):
        return Changement(cle, libelle, texte.strip(), valeur)
    return Changement(cle, libelle, formater_mesure(valeur, entrees[0].unite), valeur)


def _lire_part(cle: str, part: Fraction, entrees: Sequence[Entree]) -> Changement:
    if any(entree.genre is not Genre.NOMBRE for entree in entrees):
        raise HypotheseRefusee(f"{cle} : un pourcentage ne s'applique pas ici, attendu {entrees[0].attendu}.")
    if part < -100:
        raise HypotheseRefusee(f"{cle} : une réponse ne baisse pas de plus de 100 %.")
    signe = "+" if part >= 0 else "−"
    ecriture = f"{signe}{formater_nombre(abs(part))}{INSECABLE}%"
    return Changement(cle, _nommer(entrees[0]), ecriture, facteur=1 + part / 100)


def _nommer(entree: Entree) -> str:
    return f"{entree.libelle[0].upper()}{entree.libelle[1:]} ({entree.cle})"


def _lire_valeur(texte: str, ecrit: str, entree: Entree) -> Donnee:
    match entree.genre:
        case Genre.OUI_NON:
            return OUI_NON.get(texte.lower())
        case Genre.MOT:
            return texte
    if not _NOMBRE.fullmatch(ecrit):
        return None
    nombre = exact(ecrit)
    return int(nombre) if nombre.denominator == 1 and entree.genre is Genre.ENTIER else nombre


def lire_parametres(saisies: Mapping[str, str], bareme: Bareme) -> dict[str, str]:
    """Check the parameters to replace and give them as the barème writes them.

    Raises:
        HypotheseRefusee: with a sentence for each unknown key or value of the wrong kind.
    """
    fautes, lues = [], {}
    for cle, texte in saisies.items():
        definition = bareme.definitions.get(cle)
        if definition is None:
            fautes.append(f"Paramètre inconnu : « {cle} »{suggerer(cle, tuple(bareme.definitions))}")
            continue
        lues[cle] = texte.strip() if definition.type == "texte" else _normaliser(texte)
        try:
            lire_valeur(definition, lues[cle])
        except ErreurDeBareme as erreur:
            fautes.append(f"{erreur}.")
    if fautes:
        raise HypotheseRefusee("\n".join(fautes))
    return lues


def valeur_actuelle(bareme: Bareme, cle: str, exercice: int, connu_le: date) -> str:
    """Write what the barème holds for a parameter, « inconnu » when it holds nothing."""
    try:
        valeur = bareme.valeur(cle, exercice, connu_le)
    except ParametreInconnu:
        return "inconnu"
    return ecrire_parametre(bareme, cle, valeur.texte or "")


def ecrire_parametre(bareme: Bareme, cle: str, texte: str) -> str:
    """Write a value of a parameter the French way, with its unit; a share without unit as a percentage."""
    definition = bareme.definitions[cle]
    if definition.type == "texte":
        return texte.replace("_", " ")
    if not definition.unite:
        return f"{formater_nombre(exact(texte) * 100)}{INSECABLE}%"
    return formater_mesure(exact(texte), definition.unite)


def formater_ecart(centimes: int) -> str:
    """Write a difference in cents with its sign: « +1 234,56 € », « −1 234,56 € »."""
    signe = "+" if centimes > 0 else "−" if centimes < 0 else ""
    return signe + formater_euros(abs(centimes))


def formater_variation(avant: int, apres: int) -> str:
    """Write a difference as a share of what was before: « +1,25 % »; nothing when there was nothing before."""
    if not avant:
        return ""
    variation = arrondir(Fraction(abs(apres - avant) * 100, avant), 2)
    signe = "+" if apres > avant and variation else "−" if apres < avant and variation else ""
    return f"{signe}{formater_nombre(variation)}{INSECABLE}%"


def suggerer(lu: str, connues: Sequence[str], combien: int = 3) -> str:
    """End a refusal with the closest known words, or all of them when they are few."""
    proches = difflib.get_close_matches(lu, connues, n=combien, cutoff=0.5)
    if proches:
        return f" ; vouliez-vous dire {' ou '.join(f'« {p} »' for p in proches)} ?"
    return f" (connues : {', '.join(connues)})." if 0 < len(connues) <= 20 else "."


def _normaliser(texte: str) -> str:
    """Take a number as it is typed in French: spaces between thousands, a comma, a space before « % »."""
    return re.sub(r"\s", "", texte).replace(",", ".")
