"""The published data of the installation, read once: calendars, barèmes, forms, coverage."""

from functools import lru_cache
from pathlib import Path

from operations.contexte import ActeRefuse, Contexte
from regles.baremes import Bareme
from regles.calendrier import Calendrier, Etape, NatureEtape, PlanRelances, nommer_prestation
from regles.champs import Formulaire
from regles.demarches import Demarche
from schemas.configuration.baremes import charger_bareme
from schemas.configuration.calendrier import charger_calendriers
from schemas.configuration.demarches import Demarches, FichiersFichier, charger_demarches, courriels_de_trop
from schemas.configuration.filoue import ReglagesFiloue, charger_filoue
from schemas.configuration.finance import ReglagesFinance, charger_finance
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.prestations import RegistrePrestations, charger_prestations
from schemas.configuration.reglages import Reglages
from schemas.configuration.yaml_strict import charger

CANAL_COLLECTE = "AFAS"  # the answers of the other channels are kept by hand


@lru_cache
def _calendriers(config: Path) -> tuple[Calendrier, ...]:
    return charger_calendriers(config / "calendrier")


@lru_cache
def _bareme(config: Path, demonstration: bool) -> Bareme:
    return charger_bareme(config, demonstration=demonstration)


@lru_cache
def _formulaire(config: Path, prestation: str) -> Formulaire:
    return charger_formulaire(config, prestation)


@lru_cache
def _registre(config: Path) -> RegistrePrestations:
    return charger_prestations(config / "prestations.yaml")


@lru_cache
def _filoue(config: Path) -> ReglagesFiloue:
    return charger_filoue(config / "filoue.yaml")


def calendriers(contexte: Contexte) -> tuple[Calendrier, ...]:
    """Give every published calendar, oldest first."""
    return _calendriers(contexte.reglages.config)


def identifiants_des_etapes(config: Path) -> tuple[str, ...]:
    """Give the ids of every step published in a configuration folder, oldest calendar first."""
    return tuple(etape.id for calendrier in _calendriers(config) for etape in calendrier.etapes)


def identifiants_des_commissions(config: Path) -> tuple[str, ...]:
    """Give the ids of the sittings published in a configuration folder, oldest calendar first."""
    return tuple(e.id for c in _calendriers(config) for e in c.etapes if e.nature is NatureEtape.COMMISSION)


def dire_prestation(contexte: Contexte, code: str) -> str:
    """Give the usual name of a prestation, as people read it: « EAJE », « Médiation familiale »."""
    noms = {connu: nom for calendrier in calendriers(contexte) for connu, nom in calendrier.prestations}
    return nommer_prestation(code, noms)


def etape(contexte: Contexte, identifiant: str) -> Etape:
    """Give a step by its id.

    Raises:
        ActeRefuse: when no calendar holds it.
    """
    for calendrier in calendriers(contexte):
        for candidate in calendrier.etapes:
            if candidate.id == identifiant:
                return candidate
    raise ActeRefuse(f"L'étape « {identifiant} » n'est dans aucun calendrier.")


def registre(contexte: Contexte) -> RegistrePrestations:
    """Give what this system does for each prestation and nature."""
    return _registre(contexte.reglages.config)


def reglages_filoue(contexte: Contexte) -> ReglagesFiloue:
    """Give the Filoué settings: layouts, thresholds, retention, hand-over."""
    return _filoue(contexte.reglages.config)


def prestations_collectees(contexte: Contexte, reglee: Etape) -> tuple[str, ...]:
    """Give the prestations of a step whose answers are collected here: those of AFAS that prestations.yaml takes."""
    if reglee.canal != CANAL_COLLECTE:
        return ()
    return tuple(p for p in reglee.prestations if registre(contexte).est_collectee(p, reglee.nature))


@lru_cache
def _demarches(config: Path) -> dict[str, Demarche]:
    etapes = {etape.id: etape for calendrier in _calendriers(config) for etape in calendrier.etapes}
    prestations = {code for calendrier in _calendriers(config) for code, _ in calendrier.prestations}
    fichier = config / "demarches.yaml"
    lues = charger_demarches(fichier, etapes, prestations)
    for faute in courriels_de_trop(fichier, lues, etapes.values()):
        raise faute
    return {identifiant: lues.demarche(etape) for identifiant, etape in etapes.items()}


def demarche(contexte: Contexte, reglee: Etape) -> Demarche:
    """Give how a step is run: who is expected, what they send, when they are reminded.

    Raises:
        ErreurDeConfiguration: unreadable config/demarches.yaml, or one that would write too often about a step.
    """
    return _demarches(contexte.reglages.config)[reglee.id]


@lru_cache
def _fichiers(config: Path) -> FichiersFichier:
    return charger(config / "demarches.yaml", Demarches).fichiers


def fichiers_acceptes(contexte: Contexte) -> FichiersFichier:
    """Give what a document of a dossier may be: its formats and its size."""
    return _fichiers(contexte.reglages.config)


def plan_relances(contexte: Contexte, reglee: Etape) -> PlanRelances:
    """Give the reminder plan of a step.

    Raises:
        ErreurDeConfiguration: as for `demarche`.
    """
    return demarche(contexte, reglee).plan


@lru_cache
def _finance(config: Path, demonstration: bool) -> ReglagesFinance:
    return charger_finance(config, demonstration=demonstration)


def reglages_finance(contexte: Contexte) -> ReglagesFinance:
    """Give the account that pays and how transfers are asked for."""
    return _finance(contexte.reglages.config, contexte.reglages.demonstration)


def motifs_de_suspension(reglages: Reglages) -> dict[str, str]:
    """Give the motives for which a due may be suspended: what each code means."""
    return {m.code: m.libelle for m in _finance(reglages.config, reglages.demonstration).motifs_de_suspension}


def bareme(contexte: Contexte) -> Bareme:
    """Give the barème, with its demonstration values in demonstration mode only."""
    return _bareme(contexte.reglages.config, contexte.reglages.demonstration)


def formulaire(contexte: Contexte, prestation: str) -> Formulaire:
    """Give the form of a prestation.

    Raises:
        ActeRefuse: when the prestation has no form yet.
    """
    if not (contexte.reglages.config / "formulaires" / f"{prestation}.yaml").is_file():
        raise ActeRefuse(f"La prestation {prestation} n'a pas encore de formulaire (config/formulaires/).")
    return _formulaire(contexte.reglages.config, prestation)
