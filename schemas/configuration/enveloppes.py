"""The envelopes of the commission: config/enveloppes.yaml, and the invented amounts of the demonstration."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from regles.baremes import Statut
from regles.commission import Enveloppe
from regles.monnaie import exact
from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

Cle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Euros = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$")]
Part = Annotated[str, StringConstraints(pattern=r"^(0(\.[0-9]{1,4})?|1(\.0{1,4})?)$")]
Certitude = Literal["inconnu", "a_confirmer", "confirme"]


class MontantFichier(ModeleStrict):
    """What an envelope holds in an exercice, in euros; unknown when it has no amount."""

    montant: Euros | None
    unite: Literal["€"]
    statut: Certitude
    source: Texte

    @model_validator(mode="after")
    def _inconnu_sans_montant(self) -> Self:
        if (self.montant is None) != (self.statut == "inconnu"):
            raise ValueError("un montant « inconnu » est vide (null), et seulement lui")
        return self


class PaiementFichier(ModeleStrict):
    """When an accord is paid: the share at the signature of the convention, the rest with the bilan."""

    part_acompte: Part | None
    statut: Certitude
    source: Texte

    @model_validator(mode="after")
    def _inconnu_sans_part(self) -> Self:
        if (self.part_acompte is None) != (self.statut == "inconnu"):
            raise ValueError("une part « inconnue » est vide (null), et seulement elle")
        return self


class EnveloppeFichier(ModeleStrict):
    """An envelope."""

    libelle: Texte
    sigle: Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}$")]
    exercices: dict[Annotated[int, Field(ge=2020, le=2100)], MontantFichier]
    paiement: PaiementFichier


class EnveloppesDemonstration(ModeleStrict):
    """Content of config/demonstration/enveloppes.yaml."""

    montants: dict[Cle, dict[Annotated[int, Field(ge=2020, le=2100)], Euros]]
    part_acompte: Part


class Enveloppes(ModeleStrict):
    """Content of config/enveloppes.yaml; `demonstration` stands for what it does not know."""

    enveloppes: dict[Cle, EnveloppeFichier]
    demonstration: EnveloppesDemonstration | None = None

    @model_validator(mode="after")
    def _sigles_differents(self) -> Self:
        sigles = [enveloppe.sigle for enveloppe in self.enveloppes.values()]
        if len(set(sigles)) < len(sigles):
            raise ValueError("deux enveloppes portent le même sigle")
        return self

    def enveloppe(self, cle: str, exercice: int) -> Enveloppe:
        """Give an envelope in an exercice; one whose exercice is not written has an unknown amount.

        Raises:
            KeyError: no such envelope.
        """
        lue = self.enveloppes[cle]
        montant, statut = self._montant(cle, exercice)
        part, statut_paiement = lue.paiement.part_acompte, Statut(lue.paiement.statut)
        if part is None and self.demonstration is not None:
            part, statut_paiement = self.demonstration.part_acompte, Statut.DEMONSTRATION
        return Enveloppe(
            cle, lue.libelle, lue.sigle, exercice,
            None if montant is None else int(Decimal(montant) * 100), statut,
            None if part is None else exact(part), statut_paiement,
        )  # fmt: skip

    def _montant(self, cle: str, exercice: int) -> tuple[str | None, Statut]:
        ecrit = self.enveloppes[cle].exercices.get(exercice)
        if ecrit is not None and ecrit.montant is not None:
            return ecrit.montant, Statut(ecrit.statut)
        if self.demonstration is not None and exercice in self.demonstration.montants.get(cle, {}):
            return self.demonstration.montants[cle][exercice], Statut.DEMONSTRATION
        return None, Statut.INCONNU


def charger_enveloppes(config: Path, *, demonstration: bool) -> Enveloppes:
    """Read the envelopes, with their invented amounts in demonstration only.

    Raises:
        ErreurDeConfiguration: at the line of the first fault, invented amounts of an unknown envelope included.
    """
    lues = charger(config / "enveloppes.yaml", Enveloppes)
    if lues.demonstration is not None:
        raise ErreurDeConfiguration(config / "enveloppes.yaml", 0, "clé inconnue : « demonstration »")
    if not demonstration:
        return lues
    fichier = config / "demonstration" / "enveloppes.yaml"
    inventees = charger(fichier, EnveloppesDemonstration)
    _, lignes = lire_yaml(fichier)
    for cle in inventees.montants:
        if cle not in lues.enveloppes:
            raise ErreurDeConfiguration(fichier, lignes[("montants", cle)], f"enveloppe inconnue : « {cle} »")
    return lues.model_copy(update={"demonstration": inventees})
