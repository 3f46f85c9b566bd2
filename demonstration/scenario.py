"""The played year, as a list of named steps: prévisionnels 2026 and their first acompte, then réels 2025.

A step is noted when it is over. Killed anywhere and started again, the step under way is played again: every operation
it calls changes nothing the second time.
"""

from collections.abc import Callable, Iterator
from functools import partial

from demonstration.agenda import PREVISIONNELS, REELS, Arrivee, agenda
from demonstration.equipe import pas_de_l_equipe
from demonstration.installation import installer
from demonstration.partenaires import agir
from demonstration.pas import Pas, Reperes, Scene
from operations.configuration import etape, plan_relances
from operations.contexte import Contexte
from regles.calendrier import ActionDatee, Verbe, actions_datees

NOMS = {Verbe.OUVRIR: "ouverture", Verbe.RELANCER: "relance", Verbe.CLORE: "clôture"}


def scenario(contexte: Contexte) -> list[Pas]:
    """Give the steps in order: the network, then each day what the calendar does, the partners, the team."""
    pas = [
        *(
            _pas_du_calendrier(action)
            for campagne in (*PREVISIONNELS, *REELS)
            for action in _actions(contexte, campagne)
        ),
        *(pas for arrivee in agenda(contexte) for pas in _pas_des_partenaires(arrivee)),
        *pas_de_l_equipe(),
    ]
    dates = sorted(pas, key=lambda p: p.jour)
    return [Pas("reseau", dates[0].jour, "réseau inventé", _installer), *dates]


def _actions(contexte: Contexte, campagne: str) -> tuple[ActionDatee, ...]:
    reglee = etape(contexte, campagne)
    return actions_datees(reglee, plan_relances(contexte, reglee))


def jouer(scene: Scene, dire: Callable[[str], None]) -> int:
    """Play what is left to play, and give the number of steps played."""
    reperes = Reperes(scene.contexte)
    restants = reperes.restants(scenario(scene.contexte))
    for pas in restants:
        dire(f"{pas.titre} — {pas.jouer(scene)}")
        reperes.noter(pas.nom)
    return len(restants)


def reste_a_jouer(contexte: Contexte) -> int:
    """Count the steps not over yet."""
    return len(Reperes(contexte).restants(scenario(contexte)))


def _installer(scene: Scene) -> str:
    pose = installer(scene.contexte)
    return "192 structures, leurs gestionnaires, leur passé." if pose else "déjà là."


def _pas_du_calendrier(action: ActionDatee) -> Pas:
    jour = action.le.date()
    rang = f" n° {action.rang}" if action.rang else ""

    def jouer(scene: Scene) -> str:
        return scene.operateur.jouer(action.etape, action.verbe, action.rang, jour)

    return Pas(action.cle, jour, f"{NOMS[action.verbe]}{rang} ({action.etape})", jouer)


def _pas_des_partenaires(arrivee: Arrivee) -> Iterator[Pas]:
    jour = arrivee.jour
    yield Pas(f"{jour}-depots", jour, "les partenaires déposent", partial(_deposer, arrivee))
    yield Pas(f"{jour}-reception", jour, "réception", lambda scene: scene.operateur.recevoir(jour))


def _deposer(arrivee: Arrivee, scene: Scene) -> str:
    """Drop each file once: one that came again would be answered « already received »."""
    reperes = Reperes(scene.contexte)
    for rang, acte in enumerate(arrivee.actes):
        envoi = f"{arrivee.jour}-depot-{rang}-{acte.structure}"
        if envoi not in reperes:
            agir(scene.contexte, acte)
            reperes.noter(envoi)
    return f"{len(arrivee.actes)} fichier(s)."
