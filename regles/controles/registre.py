"""The controls of each prestation, run together."""

from collections.abc import Callable, Iterator, Mapping

from regles.anomalies import Constat
from regles.controles import commun, eaje
from regles.controles.dossier import Dossier, Seuils

Controle = Callable[[Dossier, Seuils], Iterator[Constat]]

COMMUNS: tuple[Controle, ...] = (commun.controler_parts, commun.controler_variations)
CONTROLES: Mapping[str, tuple[Controle, ...]] = {"EAJE": eaje.CONTROLES}


def controler(dossier: Dossier, seuils: Seuils) -> list[Constat]:
    """Run every control of the form's prestation; a control whose answers are not all readable gives nothing.

    Raises:
        KeyError: a threshold or a field that the configuration does not have.
    """
    controles = (*CONTROLES.get(dossier.formulaire.prestation, ()), *COMMUNS)
    return [constat for controle in controles for constat in controle(dossier, seuils)]
