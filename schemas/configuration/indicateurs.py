"""The indicators of the CPOG as data: config/indicateurs.yaml, each with how it is computed and its target."""

from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from regles.baremes import Statut
from schemas.configuration.formulaires import charger_formulaire
from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Cle = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Champs = Annotated[tuple[str, ...], Field(min_length=1)]


class Cible(ModeleStrict):
    """What is aimed at; `valeur` is empty when nobody has entered it."""

    valeur: Annotated[Decimal, Field(ge=0)] | None
    statut: Statut
    source: Texte

    @model_validator(mode="after")
    def _inconnue_sans_valeur(self) -> Self:
        if (self.valeur is None) != (self.statut is Statut.INCONNU):
            raise ValueError("une cible inconnue n'a pas de valeur, et une valeur a un autre statut")
        return self


class CalculFiloue(ModeleStrict):
    """Crèches whose file is accepted, over those expected."""

    genre: Literal["filoue"]


class CalculChamps(ModeleStrict):
    """Fields of the réels, added up over the structures of a prestation; a part says what of."""

    genre: Literal["somme", "part"]
    prestation: Texte
    champs: Champs
    sur: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _une_part_dit_de_quoi(self) -> Self:
        if (self.genre == "part") != bool(self.sur):
            raise ValueError("« sur » dit de quoi les champs sont une part, et n'a pas de sens pour une somme")
        return self


class CalculPresence(ModeleStrict):
    """EPCI with a structure of a prestation, over all of them."""

    genre: Literal["presence"]
    prestation: Texte


class CalculMembres(ModeleStrict):
    """Partners of a local scheme."""

    genre: Literal["membres"]
    dispositif: Cle


class NonCalculable(ModeleStrict):
    """Nothing recorded here gives it."""

    genre: Literal["non_calculable"]
    raison: Texte


Calcul = Annotated[
    CalculFiloue | CalculChamps | CalculPresence | CalculMembres | NonCalculable, Field(discriminator="genre")
]


class IndicateurFichier(ModeleStrict):
    """An indicator. `code` is that of the COG, "" when it has none; `unite` « part » is shown in percent."""

    code: str
    libelle: Texte
    unite: Texte
    calcul: Calcul
    cible: Cible


class Indicateurs(ModeleStrict):
    """Content of config/indicateurs.yaml."""

    source: Texte
    indicateurs: dict[Cle, IndicateurFichier]


def charger_indicateurs(config: Path, prestations: Collection[str], dispositifs: Collection[str]) -> Indicateurs:
    """Read the indicators.

    Raises:
        ErreurDeConfiguration: at the line of the first fault: unknown prestation, field or local scheme, a target
            without value that is not said unknown.
    """
    fichier = config / "indicateurs.yaml"
    lu = charger(fichier, Indicateurs)
    _, lignes = lire_yaml(fichier)
    for cle, indicateur in lu.indicateurs.items():
        raison = _faute(config, indicateur.calcul, prestations, dispositifs)
        if raison:
            raise ErreurDeConfiguration(fichier, lignes.get(("indicateurs", cle, "calcul"), 0), raison)
    return lu


def _faute(
    config: Path,
    calcul: CalculFiloue | CalculChamps | CalculPresence | CalculMembres | NonCalculable,
    prestations: Collection[str],
    dispositifs: Collection[str],
) -> str:
    match calcul:
        case CalculMembres(dispositif=dispositif) if dispositif not in dispositifs:
            return f"dispositif inconnu : « {dispositif} » (config/demarches.yaml)"
        case CalculChamps(prestation=code) | CalculPresence(prestation=code) if code not in prestations:
            return f"prestation inconnue : « {code} »"
        case CalculChamps(prestation=prestation, champs=champs, sur=sur):
            connus = {champ.cle for champ in charger_formulaire(config, prestation).champs_saisis}
            inconnus = [champ for champ in (*champs, *sur) if champ not in connus]
            return f"le formulaire {prestation} n'a pas de champ « {inconnus[0]} »" if inconnus else ""
    return ""
