"""Stops: days on which the server is off, and the process killed in the middle of what the system does.

What is true of a year with stops, and what is not:

- Killed anywhere and started again the same day, the year is the same to the byte: mails, ledger, rights, dues.
- Off for days, rights and dues are the same to the byte, since a file is dated of the day it came and the team sits on
  the same days. That supposes two things of the world, not of the system: nobody misses a closing because an answer
  came late (`conduites`), and no request goes to a later sitting because its documents were not recorded in time: what
  a person has not written yet, no system knows. Stops are therefore drawn between the acts of the team and the
  cut-offs of the sittings.
- Off for days, the mails cannot be the same: an opening leaves late, reminders that a later one has overtaken do not
  leave, an answer leaves on the day it is read. They differ as the rule of the catch-up says and no more
  (`comparaison`), and those of every other day are the same to the byte.
"""

import os
import signal
import sys
from collections.abc import Callable, Collection, Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, event

from demonstration.annee.commission import seances
from demonstration.annee.equipe import gestes
from demonstration.annee.monde import DERNIER_JOUR, PREMIER_JOUR
from operations.contexte import Contexte

Arret = tuple[date, date]  # first and last day off

UN_JOUR = timedelta(days=1)
# Ten days off across openings; then across an opening (3 July), reminders (3 July) and limits (10 July).
LONGS: tuple[Arret, ...] = (
    (date(2025, 12, 5), date(2025, 12, 14)),
    (date(2026, 7, 1), date(2026, 7, 10)),
)
COURTS = 6
ECART = timedelta(days=6)  # between two stops
ECRITURES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir"})


def tirer_arrets(contexte: Contexte, alea: Random) -> tuple[Arret, ...]:
    """Give the two long stops, and short ones of one to three days drawn where the team does not act."""
    interdits = {geste.jour for geste in gestes(contexte)}
    interdits |= {seance.demandes_avant for seance in seances(contexte) if seance.demandes_avant}
    arrets = list(LONGS)
    while len(arrets) < len(LONGS) + COURTS:
        debut = PREMIER_JOUR + timedelta(days=alea.randint(1, (DERNIER_JOUR - PREMIER_JOUR).days - 10))
        fin = debut + timedelta(days=alea.randint(0, 2))
        loin = all(fin + ECART < du or au + ECART < debut for du, au in arrets)
        if loin and not interdits & set(jours([(debut, fin)])):
            arrets.append((debut, fin))
    return tuple(sorted(arrets))


def jours(arrets: Iterable[Arret]) -> list[date]:
    """Give every day of some stops."""
    return [du + timedelta(days=rang) for du, au in arrets for rang in range((au - du).days + 1)]


def condamner(moteur: Engine, mort_a: int, vivant: Callable[[], bool]) -> None:
    """Kill this very process (SIGKILL) at its nth write, when it is the system that writes (`vivant` says so).

    Writes counted: each transaction about to commit, and each file created, renamed, linked or removed.
    """
    vus = 0

    def compter(*_: Any) -> None:
        nonlocal vus
        vus += vivant()
        if vus == mort_a:
            os.kill(os.getpid(), signal.SIGKILL)

    def surveiller(evenement: str, arguments: tuple[Any, ...]) -> None:
        ecrit = evenement == "open" and len(arguments) > 1 and str(arguments[1] or "").startswith(("w", "x", "a"))
        if evenement in ECRITURES or ecrit:
            compter()

    event.listen(moteur, "commit", compter)
    sys.addaudithook(surveiller)


def premier_jour_ouvert(jour: date, eteint: Collection[date]) -> date:
    """Give the first day from this one on which the server is on."""
    while jour in eteint:
        jour += UN_JOUR
    return jour
