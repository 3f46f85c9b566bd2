"""Several mails of campaigns to one person, made one: their deadlines in order of date, then each one's own content."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from echanges.courriel.vues import Cadre, Interlocuteur, VueCampagne
from echanges.courriel.vues_commission import VueDemandes
from echanges.courriel.vues_dossiers import VueDossier
from echanges.courriel.vues_filoue import VueFiloue

NOMS_CITES = 3
# What every one of them holds: libelle, limite, fin, est_passee, a_confirmer, structures.
VueDeCampagne = VueCampagne | VueDossier | VueFiloue
VueReunie = VueDeCampagne | VueDemandes


@dataclass(frozen=True, slots=True)
class Echeance:
    """A line of the summary: what is expected, by when (that day included), for which structures."""

    le: date
    libelle: str
    pour: tuple[str, ...]
    a_confirmer: bool

    @property
    def pour_qui(self) -> str:
        """« Pour A, B, C et 2 autres »: all of them are named further down."""
        cites, reste = self.pour[:NOMS_CITES], len(self.pour) - NOMS_CITES
        if reste <= 0:
            return f"Pour {' et '.join(filter(None, [', '.join(cites[:-1]), cites[-1]]))}"
        return f"Pour {', '.join(cites)} et {reste} autre{'s' * (reste > 1)}"


def echeance_de(vue: VueReunie, libelle: str) -> Echeance:
    """Read a line of the summary from a view: past the limit, the last day that an answer is still taken.

    Requests have the cut-off of their sitting.
    """
    if isinstance(vue, VueDemandes):
        le = vue.seance.limite if vue.seance is not None else date.max
        return Echeance(le, f"{libelle} : demande à compléter", tuple(d.objet for d in vue.demandes), False)
    propre = vue.fin if vue.est_passee else vue.limite
    le = vue.echeance if isinstance(vue, VueDossier) else propre
    return Echeance(le, libelle, tuple(s.nom for s in vue.structures), vue.a_confirmer and not vue.est_passee)


@dataclass(frozen=True, slots=True)
class Corps:
    """A mail without its greetings: its subject, its text and its HTML, ready to stand among others."""

    sujet: str
    texte: str
    html: str


@dataclass(frozen=True, slots=True)
class VueGroupe:
    """A mail made of several: `parties` answer to `echeances`, in order of date. `agenda` names its diary file."""

    cadre: Cadre
    echeances: tuple[Echeance, ...]
    parties: tuple[Corps, ...]
    agenda: str = ""


def reunir_les_cadres(cadres: Iterable[Cadre]) -> Cadre:
    """Give the frame of one mail made of several: the first one, with everybody whom the others name."""
    premier, *autres = cadres
    appeles: dict[Interlocuteur, None] = dict.fromkeys(premier.interlocuteurs)
    for autre in autres:
        appeles |= dict.fromkeys(autre.interlocuteurs)
    return replace(premier, interlocuteurs=tuple(appeles))
