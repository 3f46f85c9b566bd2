"""The application's settings: config/reglages.yaml, overridden by CAMPAGNES_* environment variables."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger

RACINE = Path(__file__).resolve().parents[2]


class ModeCourriel(StrEnum):
    """Where mails go: files in a folder (default), one box for all but an allow-list, or their addressees."""

    SIMULATION = "simulation"
    REDIRECTION = "redirection"
    REEL = "reel"


class ReglagesCourriel(ModeleStrict):
    """Mail settings. The password is read from CAMPAGNES_SMTP_MOT_DE_PASSE only."""

    mode: ModeCourriel
    expediteur_nom: str
    expediteur: str
    repondre_a: str
    smtp_hote: str
    smtp_port: int
    smtp_utilisateur: str
    smtp_securite: Literal["tls", "starttls", "aucune"]
    redirection_vers: str
    autorises: tuple[str, ...]


class ReglagesRelances(ModeleStrict):
    """A run that would write more than `plafond_courriels` mails asks for a confirmation."""

    plafond_courriels: Annotated[int, Field(ge=1)]


class ReglagesReception(ModeleStrict):
    """How long nothing must have been written to a file of the inbox that is not a whole workbook, in seconds."""

    calme_secondes: Annotated[int, Field(ge=0, le=600)]


class ReglagesCodes(ModeleStrict):
    """The personal codes: whether every act on money asks for one (never in demonstration), and what blocks them.

    `longueur` in characters; `essais` wrong ones in a row block a code for `blocage_minutes`.
    """

    exiges: bool
    longueur: Annotated[int, Field(ge=6, le=64)]
    essais: Annotated[int, Field(ge=1, le=20)]
    blocage_minutes: Annotated[int, Field(ge=1, le=1440)]


class Personne(ModeleStrict):
    """Someone of the Caf's team and what they may do (`valider`, `proposer`, `ordonner`, `liberer`, `decider`)."""

    identifiant: str
    nom: str
    peut: tuple[str, ...]


class ReglagesFichier(ModeleStrict):
    """Content of config/reglages.yaml."""

    caf: str
    courriel_caf: str
    courriel: ReglagesCourriel
    relances: ReglagesRelances
    reception: ReglagesReception
    codes: ReglagesCodes
    equipe: tuple[Personne, ...]


class Reglages(ModeleStrict):
    """Everything that may differ between installations."""

    config: Path
    var: Path
    base_url: str
    demonstration: bool
    fichier: ReglagesFichier

    @property
    def boite_depots(self) -> Path:
        """Folder where partners' files arrive."""
        return self.var / "depots" / "arrivee"

    @property
    def mention(self) -> str:
        """Words every screen and export carries when figures are not real."""
        return "DÉMONSTRATION" if self.demonstration else ""


def _lire_oui_non(config: Path, nom: str) -> bool:
    texte = os.environ.get(nom, "").strip().lower()
    if texte in {"", "0", "non"}:
        return False
    if texte in {"1", "oui"}:
        return True
    raise ErreurDeConfiguration(config / "reglages.yaml", 0, f"{nom} : « 1 » ou « 0 » attendu, lu « {texte} »")


def charger_reglages() -> Reglages:
    """Read the settings.

    CAMPAGNES_CONFIG (folder), CAMPAGNES_VAR (folder), CAMPAGNES_BASE_URL, CAMPAGNES_DEMONSTRATION (1) and
    CAMPAGNES_COURRIEL_MODE override the defaults.

    Raises:
        ErreurDeConfiguration: unreadable settings, real mails asked for in demonstration, or redirected to nobody.
    """
    config = Path(os.environ.get("CAMPAGNES_CONFIG", RACINE / "config"))
    var = Path(os.environ.get("CAMPAGNES_VAR", RACINE / "var"))
    fichier = charger(config / "reglages.yaml", ReglagesFichier)
    mode = os.environ.get("CAMPAGNES_COURRIEL_MODE")
    if mode:
        if mode not in set(ModeCourriel):
            raise ErreurDeConfiguration(config / "reglages.yaml", 0, f"CAMPAGNES_COURRIEL_MODE inconnu : « {mode} »")
        courriel = fichier.courriel.model_copy(update={"mode": ModeCourriel(mode)})
        fichier = fichier.model_copy(update={"courriel": courriel})
    demonstration = _lire_oui_non(config, "CAMPAGNES_DEMONSTRATION")
    if demonstration and fichier.courriel.mode is ModeCourriel.REEL:
        raise ErreurDeConfiguration(config / "reglages.yaml", 0, "aucun courriel réel ne part en démonstration")
    if fichier.courriel.mode is ModeCourriel.REDIRECTION and "@" not in fichier.courriel.redirection_vers:
        raise ErreurDeConfiguration(
            config / "reglages.yaml", 0, "le mode « redirection » demande une adresse dans « redirection_vers »"
        )
    return Reglages(
        config=config,
        var=var,
        base_url=os.environ.get("CAMPAGNES_BASE_URL", f"sqlite:///{var / 'campagnes.db'}"),
        demonstration=demonstration,
        fichier=fichier,
    )
