"""The indicators of the CPOG on a day: numerator, denominator, target, and how many structures answered."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.requetes import declarations_de_reference, structures_attendues
from modeles.requetes_dossiers import membres
from modeles.requetes_filoue import structures_sans_filoue
from modeles.tables import Structure
from operations.attendus import structures_de_l_etape
from operations.configuration import calendriers
from operations.contexte import Contexte
from regles.baremes import PAYABLES
from regles.calendrier import NatureEtape
from regles.monnaie import arrondir, exact, formater_mesure, formater_nombre
from schemas.configuration.demarches import Demarches
from schemas.configuration.indicateurs import (
    CalculChamps,
    CalculFiloue,
    CalculMembres,
    CalculPresence,
    Cible,
    IndicateurFichier,
    Indicateurs,
    NonCalculable,
    charger_indicateurs,
)
from schemas.configuration.referentiel import charger_epci
from schemas.configuration.yaml_strict import charger

REEL = NatureEtape.REEL.value
PART = "part"


@dataclass(frozen=True, slots=True)
class Mesure:
    """What the data give. `repondu` structures answered out of `attendues`; None where nobody is asked anything.

    `defaut`: why nothing could be measured, "" otherwise.
    """

    numerateur: Fraction | None = None
    denominateur: Fraction | None = None
    repondu: int | None = None
    attendues: int | None = None
    defaut: str = ""


@dataclass(frozen=True, slots=True)
class Indicateur:
    """An indicator for an exercice. `unite` « part » is a share of the denominator."""

    code: str
    libelle: str
    unite: str
    exercice: int
    mesure: Mesure
    cible: Cible

    @property
    def part(self) -> Fraction | None:
        """The numerator over the denominator; None when there is none, or nothing to divide by."""
        m = self.mesure
        return m.numerateur / m.denominateur if m.numerateur is not None and m.denominateur else None

    @property
    def cible_dite(self) -> str:
        """The target, « 100 % », or « inconnue » while nobody has entered it."""
        if self.cible.valeur is None:
            return "inconnue"
        valeur = exact(self.cible.valeur)
        dite = f"{formater_nombre(valeur * 100)} %" if self.unite == PART else formater_mesure(valeur, self.unite)
        return dite if self.cible.statut in PAYABLES else f"{dite} (à confirmer)"

    @property
    def valeur_dite(self) -> str:
        """« 24 sur 29, soit 82,8 % », « 1 204 heures », or why nothing is measured."""
        m = self.mesure
        if m.numerateur is None:
            return self.defaut_dit
        unite = "" if self.unite == PART else self.unite
        if self.part is None or m.denominateur is None:
            return formater_mesure(m.numerateur, unite, 2)
        soit = f"{formater_nombre(arrondir(self.part * 100, 1))} %"
        return f"{formater_nombre(m.numerateur, 2)} sur {formater_mesure(m.denominateur, unite, 2)}, soit {soit}"

    @property
    def reponses_dites(self) -> str:
        """How many structures answered, « 24 sur 29 »; "" where nobody is asked anything."""
        m = self.mesure
        return "" if m.attendues is None else f"{m.repondu} sur {m.attendues}"

    @property
    def defaut_dit(self) -> str:
        """Why nothing is measured, or ""."""
        return f"non calculable : {self.mesure.defaut}" if self.mesure.defaut else ""


@lru_cache
def _lus(config: Path, prestations: tuple[str, ...]) -> Indicateurs:
    return charger_indicateurs(config, prestations, charger(config / "demarches.yaml", Demarches).dispositifs)


def indicateurs(contexte: Contexte, jour: date | None = None, exercice: int | None = None) -> tuple[Indicateur, ...]:
    """Measure every indicator of config/indicateurs.yaml; by default for the year that the réels are about.

    Raises:
        ErreurDeConfiguration: an indicator that names what does not exist.
    """
    ce_jour = contexte.maintenant(jour).date()
    annee = exercice or ce_jour.year - 1
    connues = {code for calendrier in calendriers(contexte) for code, _ in calendrier.prestations}
    lus = _lus(contexte.reglages.config, tuple(sorted(connues)))
    with transaction(contexte.moteur) as session:
        return tuple(_indicateur(contexte, session, lu, annee, ce_jour) for lu in lus.indicateurs.values())


def _indicateur(
    contexte: Contexte, session: Session, lu: IndicateurFichier, exercice: int, ce_jour: date
) -> Indicateur:
    mesure = _mesurer(contexte, session, lu, exercice, ce_jour)
    return Indicateur(lu.code, lu.libelle, lu.unite, exercice, mesure, lu.cible)


def _mesurer(contexte: Contexte, session: Session, lu: IndicateurFichier, exercice: int, ce_jour: date) -> Mesure:
    match lu.calcul:
        case CalculFiloue():
            return _filoue(contexte, session, exercice)
        case CalculChamps() as calcul:
            return _champs(session, calcul, exercice)
        case CalculPresence(prestation=prestation):
            return _presence(contexte, session, prestation, exercice)
        case CalculMembres(dispositif=dispositif):
            nombre = len(membres(session, dispositif, ce_jour, ce_jour))
            return Mesure(Fraction(nombre)) if nombre else Mesure(defaut="aucun partenaire n'y est enregistré")
        case NonCalculable(raison=raison):
            return Mesure(defaut=raison)


def _filoue(contexte: Contexte, session: Session, exercice: int) -> Mesure:
    campagnes = [
        e for c in calendriers(contexte) for e in c.etapes if e.nature is NatureEtape.FILOUE and e.exercice == exercice
    ]
    if not campagnes:
        return Mesure(defaut=f"aucune campagne Filoué sur {exercice} au calendrier")
    attendues = {s.id for campagne in campagnes for s, _ in structures_de_l_etape(contexte, session, campagne)}
    prestations = sorted({p for campagne in campagnes for p in campagne.prestations})
    manquantes = {s.id for s, _ in structures_sans_filoue(session, prestations, exercice)} & attendues
    recus = len(attendues) - len(manquantes)
    return Mesure(Fraction(recus), Fraction(len(attendues)), recus, len(attendues))


def _champs(session: Session, calcul: CalculChamps, exercice: int) -> Mesure:
    structures = [s for s, _ in structures_attendues(session, [calcul.prestation]) if _ouverte(s, exercice)]
    reels = declarations_de_reference(session, [s.id or 0 for s in structures], REEL, exercice)
    if not reels:
        return Mesure(repondu=0, attendues=len(structures), defaut=f"aucun réel {exercice} reçu")
    donnees = [reel.donnees for reel in reels.values()]

    def somme(champs: tuple[str, ...]) -> Fraction:
        return sum((exact(d[c]) for d in donnees for c in champs if d.get(c) is not None), Fraction(0))

    return Mesure(somme(calcul.champs), somme(calcul.sur) if calcul.sur else None, len(reels), len(structures))


def _presence(contexte: Contexte, session: Session, prestation: str, exercice: int) -> Mesure:
    """Count the EPCI most of whose communes are in the département: a neighbour's own is not ours to equip."""
    tous = charger_epci(contexte.reglages.config).values()
    territoires = {epci.siren for epci in tous if 2 * epci.communes_52 > epci.communes_total}
    presentes = session.exec(select(Structure).where(Structure.prestation == prestation)).all()
    couverts = {s.epci_siren for s in presentes if _ouverte(s, exercice)} & territoires
    return Mesure(Fraction(len(couverts)), Fraction(len(territoires)))


def _ouverte(structure: Structure, exercice: int) -> bool:
    ouverte = structure.ouverte_le is None or structure.ouverte_le.year <= exercice
    return ouverte and (structure.fermee_le is None or structure.fermee_le.year >= exercice)
