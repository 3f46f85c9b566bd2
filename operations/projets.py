"""What every letter is made of: the frame of a mail, the structures it cites, and a project of letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from echanges.courriel.vues import Cadre, Interlocuteur, StructureCitee, Vue
from echanges.courriel.vues_commission import VueCommission
from echanges.courriel.vues_dossiers import VueDossier, VueRecuDossier
from echanges.courriel.vues_filoue import VueFiloue, VueReponseFiloue
from echanges.courriel.vues_paiements import VuePaiements
from modeles.tables import Contact, Depot, Structure
from operations.configuration import dire_prestation
from operations.contexte import Contexte
from regles.anomalies import Anomalie
from regles.calendrier import Etape
from schemas.configuration.territoires import Territoires, charger_territoires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class SansObjet:
    """A mail that need not leave any more, and why."""

    motif: str


@dataclass(frozen=True, slots=True)
class Projet:
    """A mail still worth sending: all that was read for it, not rendered yet. `partenaire` is a code.

    `pages`: the explanations of the rights it rests on, by file name.
    """

    genre: str
    nom: str
    adresse: str
    partenaire: str
    vue: Vue | VueCommission | VueDossier | VueRecuDossier | VueFiloue | VueReponseFiloue | VuePaiements
    etape: Etape
    depot: Depot | None = None
    anomalies: tuple[Anomalie, ...] = ()
    pages: tuple[tuple[str, str], ...] = ()


@lru_cache
def _territoires(config: Path) -> Territoires:
    return charger_territoires(config / "territoires.yaml")


def citer(contexte: Contexte, structure: Structure, refuse_le: date | None = None) -> StructureCitee:
    """Name a structure in a mail."""
    return StructureCitee(
        structure.code,
        structure.nom,
        structure.commune,
        structure.prestation,
        refuse_le=refuse_le,
        activite=dire_prestation(contexte, structure.prestation),
    )


def interlocuteurs(contexte: Contexte, structures: Iterable[Structure]) -> tuple[Interlocuteur, ...]:
    """Give whom to call at the Caf for some structures: each territory, or part of one, once, in their order."""
    territoires = _territoires(contexte.reglages.config)
    trouves: dict[Interlocuteur, None] = {}
    for structure in structures:
        trouve = territoires.contact(structure.epci_siren, structure.prestation)
        trouves[Interlocuteur(trouve.territoire or structure.epci, trouve.telephone, trouve.volet)] = None
    return tuple(trouves)


def cadre_de(contexte: Contexte, contact: Contact, structures: Iterable[Structure]) -> Cadre:
    """Give what every mail to a person about some structures carries: who writes, whom to call."""
    return Cadre(
        caf=contexte.reglages.fichier.caf,
        courriel_caf=contexte.reglages.fichier.courriel_caf,
        nom=contact.nom,
        interlocuteurs=interlocuteurs(contexte, structures),
        demonstration=contexte.reglages.demonstration,
    )
