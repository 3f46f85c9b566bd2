"""The year's calendar for people: its steps in the order of dates, as a diary of the team, as a poster."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from echanges.affiche import LigneAffiche, affiche_html
from echanges.agenda_annuel import agenda_ics
from operations.configuration import calendriers, plan_relances
from operations.contexte import ActeRefuse, Contexte
from regles.agenda import evenements
from regles.calendrier import Calendrier, Etape, PlanRelances, ouverture_prevue
from schemas.configuration.calendrier import charger_calendrier, fautes_du_calendrier
from schemas.configuration.demarches import charger_demarches, courriels_de_trop
from schemas.configuration.yaml_strict import ErreurDeConfiguration, lire_yaml


@dataclass(frozen=True, slots=True)
class Annee:
    """The steps of a year with their plan, in the order of their first day, and the calendars they come from."""

    annee: int
    etapes: tuple[tuple[Etape, PlanRelances], ...]
    calendriers: tuple[Calendrier, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the dates come from, with the day each source carries."""
        return tuple(f"{c.source} (relevé le {c.releve_le:%d/%m/%Y})" for c in self.calendriers if c.releve_le)


def lire_annee(contexte: Contexte, annee: int | None = None) -> Annee:
    """Give the steps that have a day in a year; by default the present year, or the last one published.

    Raises:
        ActeRefuse: no step has a day in that year.
    """
    publies = calendriers(contexte)
    if annee is None:
        annees = [c.annee for c in publies]
        courante = contexte.maintenant().year
        annee = courante if courante in annees else max(annees)
    retenus = [(c, [e for e in c.etapes if _touche(e, annee)]) for c in publies]
    etapes = [(e, plan_relances(contexte, e)) for _, gardees in retenus for e in gardees]
    if not etapes:
        connus = ", ".join(str(c.annee) for c in publies)
        raise ActeRefuse(f"Aucune étape n'a de date en {annee} (calendriers publiés : {connus}).")
    etapes.sort(key=lambda couple: (premier_jour(*couple), couple[0].id))
    return Annee(annee, tuple(etapes), tuple(c for c, gardees in retenus if gardees))


def premier_jour(etape: Etape, plan: PlanRelances) -> date:
    """Give the first day on which a step asks something of somebody."""
    return min(_jours(etape, plan))


def _jours(etape: Etape, plan: PlanRelances) -> Iterable[date]:
    ouverture = ouverture_prevue(etape, plan)
    return [*([ouverture] if ouverture else []), *(jour for jour in _dates(etape) if jour is not None)]


def _dates(etape: Etape) -> tuple[date | None, ...]:
    return (etape.ouverture, etape.limite, etape.limite_finale, etape.jour, etape.demandes_avant, etape.a_partir_du)


def _touche(etape: Etape, annee: int) -> bool:
    return any(jour is not None and jour.year == annee for jour in _dates(etape))


def ics_de_l_annee(contexte: Contexte, annee: int | None = None) -> bytes:
    """Write the whole year as a diary for the team.

    Raises:
        ActeRefuse: as for `lire_annee`.
    """
    lue = lire_annee(contexte, annee)
    domaine = contexte.reglages.fichier.courriel.expediteur.partition("@")[2]
    jours = [evenement for etape, plan in lue.etapes for evenement in evenements(etape, plan)]
    titre = f"Calendrier des partenaires {lue.annee}, {contexte.reglages.fichier.caf}"
    return agenda_ics(titre, jours, domaine, max(c.releve_le for c in lue.calendriers if c.releve_le))


def affiche_de_l_annee(contexte: Contexte, annee: int | None = None) -> str:
    """Write the year as one page to print in A3 or A4, landscape.

    Raises:
        ActeRefuse: as for `lire_annee`.
    """
    lue = lire_annee(contexte, annee)
    lignes = [LigneAffiche(etape, ouverture_prevue(etape, plan)) for etape, plan in lue.etapes]
    noms = {code: nom for calendrier in lue.calendriers for code, nom in calendrier.prestations}
    return affiche_html(lue.annee, lignes, noms, lue.sources, contexte.reglages.fichier.caf)


@dataclass(frozen=True, slots=True)
class Verification:
    """The names of the calendars checked, every fault found, and what a person should read before going on."""

    fichiers: tuple[str, ...]
    fautes: tuple[ErreurDeConfiguration, ...]
    notes: tuple[ErreurDeConfiguration, ...] = ()


def verifier_calendriers(contexte: Contexte, fichier: Path | None = None) -> Verification:
    """Check a file as if it were put in place, or all those in place; then what config/demarches.yaml says of them."""
    publies = sorted((contexte.reglages.config / "calendrier").glob("*.yaml"))
    if fichier is not None:
        voisins = [p for p in publies if p.name != fichier.name]
        verifies: tuple[str, ...] = (fichier.name,)
        places = [*voisins, fichier]
        fautes = fautes_du_calendrier(fichier, voisins)
    else:
        verifies, places = tuple(p.name for p in publies), publies
        fautes = [faute for publie in publies for faute in fautes_du_calendrier(publie, publies)]
    return Verification(verifies, tuple(fautes)) if fautes else _verifier_les_demarches(contexte, verifies, places)


def _verifier_les_demarches(contexte: Contexte, verifies: tuple[str, ...], fichiers: Sequence[Path]) -> Verification:
    """Check what config/demarches.yaml says: steps that no calendar holds, mails too many, and who is written to."""
    lus = [(fichier, charger_calendrier(fichier)) for fichier in fichiers]
    demarches = contexte.reglages.config / "demarches.yaml"
    etapes = {etape.id: etape for _, lu in lus for etape in lu.etapes}
    try:
        lues = charger_demarches(demarches, etapes, {code for _, lu in lus for code, _ in lu.prestations})
    except ErreurDeConfiguration as faute:
        return Verification(verifies, (faute,))
    fautes = [*courriels_de_trop(demarches, lues, etapes.values())]
    notes: list[ErreurDeConfiguration] = []
    for fichier, lu in lus:
        _, lignes = lire_yaml(fichier)
        for rang, etape in enumerate(lu.etapes):
            for dites, raison in ((fautes, lues.sans_public(etape)), (notes, lues.a_tous_par_defaut(etape))):
                if raison:
                    dites.append(ErreurDeConfiguration(fichier, lignes.get(("etapes", rang), 0), raison))
    return Verification(verifies, tuple(fautes), tuple(notes))
