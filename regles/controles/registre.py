"""The controls of each prestation, run together."""

from collections.abc import Callable, Iterator, Mapping

from regles.anomalies import Constat, Severite
from regles.controles import commun, eaje
from regles.controles.dossier import Dossier, Seuils
from regles.controles.formule import controler_formule

Controle = Callable[[Dossier, Seuils], Iterator[Constat]]

COMMUNS: tuple[Controle, ...] = (
    commun.controler_contributions,
    commun.controler_equilibre,
    commun.controler_parts,
    commun.controler_sommes,
    commun.controler_rapports,
    commun.controler_variations,
)
CONTROLES: Mapping[str, tuple[Controle, ...]] = {"EAJE": eaje.CONTROLES}


def controler(dossier: Dossier, seuils: Seuils) -> list[Constat]:
    """Run every control of the form's prestation; a control whose answers are not all readable gives nothing.

    The formula of the right speaks last: what a control has already said of the same answer is not said twice. An
    answer that must be corrected gets that one finding: the others will change with it.

    Raises:
        KeyError: a threshold or a field that the configuration does not have.
    """
    controles = (*CONTROLES.get(dossier.formulaire.prestation, ()), *COMMUNS)
    constats = [constat for controle in controles for constat in controle(dossier, seuils)]
    dits = {(c.code, _champ(c)) for c in constats}
    constats += [c for c in controler_formule(dossier, seuils) if (c.code, _champ(c)) not in dits]
    bloquants: dict[str, Constat] = {}
    for constat in constats:
        if constat.severite is Severite.BLOQUANTE:
            bloquants.setdefault(_champ(constat), constat)
    return [c for c in constats if bloquants.get(_champ(c), c) is c]


def _champ(constat: Constat) -> str:
    return constat.champs[0] if constat.champs else ""
