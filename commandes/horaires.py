"""The dated schedules of the calendar against those of a Prefect server: what differs, said in French."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.planification import FUSEAU, Horaire
from regles.calendrier import PARIS

DEBUT = re.compile(r"DTSTART:(\d{8}T\d{6})")
MONTRES = 12
COLONNE = 11


@dataclass(frozen=True, slots=True)
class HorairePose:
    """A schedule as the server holds it. `actif` is false when the team paused it in the UI."""

    id: UUID
    cle: str
    regle: str
    fuseau: str
    parametres: Mapping[str, Any]
    actif: bool

    @property
    def le(self) -> datetime | None:
        """The instant it fires at; None when a person wrote another kind of rule in the UI."""
        trouve = DEBUT.search(self.regle)
        return datetime.strptime(trouve[1], "%Y%m%dT%H%M%S").replace(tzinfo=PARIS) if trouve else None

    def convient(self, horaire: Horaire) -> bool:
        """Whether it already says what the calendar says."""
        return (self.regle, self.fuseau, self.parametres) == (horaire.regle, FUSEAU, horaire.parametres)


@dataclass(frozen=True, slots=True)
class Ecarts:
    """What brings the server's schedules to the calendar."""

    a_creer: tuple[Horaire, ...]
    a_modifier: tuple[tuple[HorairePose, Horaire], ...]
    a_retirer: tuple[HorairePose, ...]
    inchanges: int
    en_pause: int

    @property
    def est_vide(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.a_creer or self.a_modifier or self.a_retirer)


def comparer(voulus: Sequence[Horaire], poses: Sequence[HorairePose]) -> Ecarts:
    """Compare the calendar with the server, by key. A schedule paused by the team stays paused."""
    par_cle = {pose.cle: pose for pose in poses}
    cles = {horaire.cle for horaire in voulus}
    a_modifier = tuple((par_cle[h.cle], h) for h in voulus if h.cle in par_cle and not par_cle[h.cle].convient(h))
    retenus = [pose for pose in poses if pose.cle in cles]
    return Ecarts(
        a_creer=tuple(h for h in voulus if h.cle not in par_cle),
        a_modifier=a_modifier,
        a_retirer=tuple(pose for pose in poses if pose.cle not in cles),
        inchanges=len(retenus) - len(a_modifier),
        en_pause=sum(not pose.actif for pose in retenus),
    )


def decrire(ecarts: Ecarts, voulus: Sequence[Horaire], maintenant: datetime) -> list[str]:
    """Say in French what is about to change, a line each, then the count of everything."""
    a_venir = [h for h in ecarts.a_creer if not h.est_passe(maintenant)]
    lignes = [_ligne("nouvelle", _le(h.le), h.intitule) for h in a_venir]
    anciens = len(ecarts.a_creer) - len(a_venir)
    if anciens:
        lignes.append(
            _ligne("nouvelle", "", f"{anciens} date(s) déjà passée(s), pour mémoire : elles ne partiront pas")
        )
    for pose, horaire in ecarts.a_modifier:
        avant = _le(pose.le) if pose.le else "autre règle"
        quoi = _le(horaire.le) if pose.le == horaire.le else f"{avant} → {_le(horaire.le)}"
        lignes.append(_ligne("déplacée" if pose.le != horaire.le else "corrigée", quoi, horaire.intitule))
    lignes += [
        _ligne("retirée", _le(pose.le) if pose.le else "", f"{pose.cle} (n'est plus au calendrier)")
        for pose in ecarts.a_retirer
    ]
    bilan = (
        f"Dates du calendrier : {len(voulus)}, dont {sum(h.est_passe(maintenant) for h in voulus)} passée(s). "
        f"Nouvelles : {len(ecarts.a_creer)}, déplacées ou corrigées : {len(ecarts.a_modifier)}, "
        f"retirées : {len(ecarts.a_retirer)}, inchangées : {ecarts.inchanges}."
    )
    if ecarts.en_pause:
        bilan += f" {ecarts.en_pause} en pause dans l'interface : elles y restent."
    return [*lignes, bilan]


def decrire_les_oubliees(voulus: Sequence[Horaire], a_jouer: Iterable[str], a_sauter: Iterable[str]) -> list[str]:
    """Say which past dates were never played, by key, and what the daily run will do of each."""
    suites = dict.fromkeys(a_sauter, "sera sautée") | dict.fromkeys(a_jouer, "sera jouée")
    oubliees = [h for h in voulus if h.cle in suites]
    if not oubliees:
        return []
    montrees = [_ligne(suites[h.cle], _le(h.le), h.intitule) for h in oubliees[-MONTRES:]]
    reste = len(oubliees) - len(montrees)
    return [
        f"Passées et pas encore jouées : {len(oubliees)}. Le rattrapage du matin s'en charge :",
        *([f"  … {reste} plus ancienne(s)"] if reste else []),
        *montrees,
    ]


def _ligne(quoi: str, quand: str, objet: str) -> str:
    return f"  {quoi:<{COLONNE}}  {quand:<16}  {objet}".rstrip()


def _le(instant: datetime) -> str:
    return f"{instant:%d/%m/%Y %H:%M}"
