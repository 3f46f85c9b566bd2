"""What the invented world is made of: structures, who runs them, and what will be refused on purpose."""

from collections.abc import Mapping
from datetime import date

from modeles.tables.reseau import NaturePartenaire
from schemas.configuration.yaml_strict import ModeleStrict

EAJE = "EAJE"


class Equipement(ModeleStrict):
    """A structure of the invented world: `places` for a crèche, `type_accueil` for an ALSH."""

    code: str
    nom: str
    commune: str
    prestation: str = EAJE
    places: int | None = None
    type_accueil: str | None = None


class Gestionnaire(ModeleStrict):
    """A partner of the invented world, its domain name, the people it names, and what it runs."""

    nom: str
    nature: NaturePartenaire
    domaine: str
    contacts: tuple[str, ...]
    structures: tuple[Equipement, ...] = ()


class Pieges(ModeleStrict):
    """What will be refused on purpose, by structure code and by partner name, and whose postal address is not known."""

    convention_jusqu_au: Mapping[str, date]
    ouverte_le: Mapping[str, date]
    compte_non_confirme: tuple[str, ...]
    sans_adresse: tuple[str, ...]
