"""The days of a step as people read them: what happens, when, and whether the date is sure."""

from dataclasses import dataclass
from datetime import date

from regles.calendrier import Etape, NatureEtape, PlanRelances, Verbe, actions_datees, nommer_etape

LIBELLES = {Verbe.OUVRIR: "Ouverture", Verbe.RELANCER: "Relance", Verbe.CLORE: "Clôture", Verbe.SIEGER: "Séance"}
LIBELLES_PROPRES = {
    (NatureEtape.VERSEMENT, Verbe.OUVRIR): "Départ",
    (NatureEtape.COMMISSION, Verbe.RELANCER): "Dossiers incomplets, relance",
    (NatureEtape.COMMISSION, Verbe.CLORE): "Ordre du jour arrêté",
}
ECHEANCES = {
    "limite": "Limite",
    "limite_finale": "Limite finale",
    "date_limite": "Date limite annoncée",
    "demandes_avant": "Limite des demandes",
}
NATURES = {
    NatureEtape.PREVISIONNEL: "prévisionnel",
    NatureEtape.ACTUALISATION: "actualisation",
    NatureEtape.REEL: "réel",
    NatureEtape.FILOUE: "Filoué",
    NatureEtape.BILAN: "bilan",
    NatureEtape.RENOUVELLEMENT: "renouvellement",
    NatureEtape.APPEL_A_PROJETS: "appel à projets",
    NatureEtape.COMMISSION: "commission",
    NatureEtape.VERSEMENT: "versement",
}
DATES = {
    "ouverture": "ouverture",
    "limite": "limite",
    "derniere_relance": "dernière relance",
    "limite_finale": "dernier délai",
    "jour": "séance",
    "demandes_avant": "limite des demandes",
    "a_partir_du": "à partir du",
    "date_limite": "date limite annoncée",
}


@dataclass(frozen=True, slots=True)
class Evenement:
    """A day of a step. `cle` is the same for ever, whatever the dates become; `titre` says « à confirmer »."""

    cle: str
    etape: Etape
    jour: date
    titre: str
    a_confirmer: bool


def nommer_action(etape: Etape, verbe: Verbe, rang: int = 0, *, a_confirmer: bool = False) -> str:
    """Name an action as the team reads it: « Relance n° 1 : Réels 2025 (ALSH) »."""
    libelle = LIBELLES_PROPRES.get((etape.nature, verbe), LIBELLES[verbe])
    if verbe is Verbe.RELANCER and rang:
        libelle = f"{libelle} n° {rang}"
    return _dire(libelle, etape, a_confirmer=a_confirmer)


def evenements(etape: Etape, plan: PlanRelances) -> tuple[Evenement, ...]:
    """Give every day of a step, in order: what the software does, and the limits of the partners."""
    actions = [
        Evenement(
            a.cle, etape, a.le.date(), nommer_action(etape, a.verbe, a.rang, a_confirmer=a.a_confirmer), a.a_confirmer
        )
        for a in actions_datees(etape, plan)
    ]
    limites = []
    for champ, libelle in ECHEANCES.items():
        jour: date | None = getattr(etape, champ)
        if jour is not None:
            vague = etape.est_approximative(champ)
            titre = _dire(libelle, etape, a_confirmer=vague)
            limites.append(Evenement(f"{etape.id}-{champ}", etape, jour, titre, vague))
    return tuple(sorted([*actions, *limites], key=lambda e: (e.jour, e.cle)))


def _dire(libelle: str, etape: Etape, *, a_confirmer: bool) -> str:
    return f"{libelle} : {nommer_etape(etape)}{' (date à confirmer)' if a_confirmer else ''}"
