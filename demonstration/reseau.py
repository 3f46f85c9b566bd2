"""The invented network: 192 structures of thirteen prestations in real communes, under invented names.

The crèches and their partners are written by hand (config/demonstration/reseau.yaml), the rest is drawn from a fixed
seed by the rules of series.yaml (`tirage`).
"""

from functools import lru_cache
from pathlib import Path

from demonstration.lieux import Equipement, Gestionnaire, Pieges
from demonstration.tirage import Series, tirer
from schemas.configuration.referentiel import charger_communes
from schemas.configuration.yaml_strict import ModeleStrict, charger


class Reseau(ModeleStrict):
    """Content of config/demonstration/reseau.yaml, then the whole network once the series are drawn."""

    pieges: Pieges
    gestionnaires: tuple[Gestionnaire, ...]
    rues: tuple[str, ...] = ()

    def lieu(self, code: str) -> tuple[Gestionnaire, Equipement]:
        """Give a structure and who runs it, by its code.

        Raises:
            KeyError: no such structure.
        """
        for gestionnaire in self.gestionnaires:
            for equipement in gestionnaire.structures:
                if equipement.code == code:
                    return gestionnaire, equipement
        raise KeyError(code)

    @property
    def equipements(self) -> tuple[Equipement, ...]:
        """Every structure, partner by partner."""
        return tuple(equipement for gestionnaire in self.gestionnaires for equipement in gestionnaire.structures)


@lru_cache
def charger_reseau(config: Path) -> Reseau:
    """Read the crèches and draw the rest.

    Raises:
        ErreurDeConfiguration: at the line of the first fault.
    """
    ecrit = charger(config / "demonstration" / "reseau.yaml", Reseau)
    series = charger(config / "demonstration" / "series.yaml", Series)
    gestionnaires = tirer(series, ecrit.gestionnaires, charger_communes(config))
    return Reseau(pieges=ecrit.pieges, gestionnaires=gestionnaires, rues=series.rues)
