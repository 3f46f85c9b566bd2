"""The account that pays, how a file of transfers is made, the chart of accounts: config/finance.yaml."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import holidays
from pydantic import Field, StringConstraints, field_validator
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from regles.adresse_postale import FormeAdresse
from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger

INCONNU = "inconnu"
Compte = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,20}$")]
Nom = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=70)]


class EmetteurFichier(ModeleStrict):
    """The account debited; `inconnu` until it is entered."""

    nom: Nom
    iban: str
    bic: str

    @field_validator("iban")
    @classmethod
    def _iban_juste(cls, valeur: str) -> str:
        if valeur == INCONNU:
            return valeur
        try:
            return IBAN(valeur, validate_bban=True).compact
        except SchwiftyException:
            raise ValueError("cet IBAN ne tient pas (clé de contrôle ou clé RIB)") from None

    @field_validator("bic")
    @classmethod
    def _bic_juste(cls, valeur: str) -> str:
        if valeur == INCONNU:
            return valeur
        try:
            return BIC(valeur).compact
        except SchwiftyException:
            raise ValueError("ce BIC n'a pas la forme attendue (8 ou 11 caractères)") from None

    @property
    def est_connu(self) -> bool:
        """Whether transfers can leave from it."""
        return self.iban != INCONNU

    @property
    def bic_connu(self) -> str:
        """The BIC, "" when it is not known: the IBAN is enough inside SEPA."""
        return "" if self.bic == INCONNU else self.bic


class VirementFichier(ModeleStrict):
    """How a transfer is asked for. `jours_ouvres`: T2 days from the export to the execution. `adresse`: the payees'."""

    jours_ouvres: Annotated[int, Field(ge=1, le=10)]
    objet: Annotated[str, StringConstraints(pattern=r"^([A-Z]{4})?$")]
    adresse: FormeAdresse


class ComptesFichier(ModeleStrict):
    """The chart of accounts of the entries; `inconnu` until each is entered."""

    journal: Compte
    charges: dict[str, Compte]
    tiers: Compte
    banque: Compte
    indus: Compte

    @field_validator("charges")
    @classmethod
    def _un_defaut(cls, valeur: dict[str, str]) -> dict[str, str]:
        if "defaut" not in valeur:
            raise ValueError("« defaut » est attendu : le compte des prestations qui n'ont pas le leur")
        return valeur

    @property
    def sont_connus(self) -> bool:
        """Whether entries can be made."""
        return INCONNU not in {self.journal, self.tiers, self.banque, self.indus, *self.charges.values()}


class MotifDeSuspension(ModeleStrict):
    """A reason for which the accountant suspends a payment."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z-]{3,40}$")]
    libelle: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ReglagesFinance(ModeleStrict):
    """Content of config/finance.yaml."""

    emetteur: EmetteurFichier
    virement: VirementFichier
    comptes: ComptesFichier
    motifs_de_suspension: Annotated[tuple[MotifDeSuspension, ...], Field(min_length=1)]

    @field_validator("motifs_de_suspension")
    @classmethod
    def _sans_doublon(cls, valeur: tuple[MotifDeSuspension, ...]) -> tuple[MotifDeSuspension, ...]:
        codes = [motif.code for motif in valeur]
        if len(set(codes)) < len(codes):
            raise ValueError("deux motifs de suspension ont le même code")
        return valeur


class _AdresseMontree(ModeleStrict):
    adresse: FormeAdresse


class _Invente(ModeleStrict):
    emetteur: EmetteurFichier
    virement: _AdresseMontree
    comptes: ComptesFichier


def charger_finance(config: Path, *, demonstration: bool) -> ReglagesFinance:
    """Read the settings; the invented account takes the place of the real one in demonstration, and only there.

    The demonstration also chooses how addresses are written, so that they are seen.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    lus = charger(config / "finance.yaml", ReglagesFinance)
    if not demonstration:
        return lus
    invente = charger(config / "demonstration" / "finance.yaml", _Invente)
    if "DEMONSTRATION" not in invente.emetteur.nom:
        raise ErreurDeConfiguration(
            config / "demonstration" / "finance.yaml", 0, "le nom de l'émetteur inventé dit « DEMONSTRATION »"
        )
    virement = lus.virement.model_copy(update={"adresse": invente.virement.adresse})
    return lus.model_copy(update={"emetteur": invente.emetteur, "virement": virement, "comptes": invente.comptes})


@lru_cache
def fermetures_t2(debut: int = 2020, fin: int = 2040) -> frozenset[date]:
    """Give the days, weekends aside, on which T2 is closed, from the library that follows the ECB's calendar."""
    return frozenset(holidays.financial_holidays("ECB", years=range(debut, fin + 1)))
