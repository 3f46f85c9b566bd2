"""The played campaign: réels 2025 of the EAJE on the 2026 calendar, as a list of named steps, each done once.

A step is noted when it is over. Killed anywhere and started again, the step under way is played again: every operation
it calls changes nothing the second time.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from sqlmodel import func, select

from demonstration.agenda import AGENDA, Acte
from demonstration.operateurs import Operateur
from demonstration.partenaires import agir
from demonstration.reseau import installer
from modeles.base import transaction
from modeles.tables import Partenaire
from operations.configuration import etape, plan_relances
from operations.contexte import Contexte
from operations.relances import A_LA_MAIN
from operations.versements import ResumeLot, lots
from regles.calendrier import ActionDatee, Verbe, actions_datees
from regles.dates import en_toutes_lettres
from regles.etats import EtatLot

CAMPAGNE = "reels-2025-a"
VALIDE_PAR = "c.martin"
PROPOSE_PAR = "j.moreau"  # may also release: only the database stands between this person and their own batch
LIBERE_PAR = "a.leroy"
MOTIF = "Écarts expliqués par les partenaires au téléphone."
NOMS = {Verbe.OUVRIR: "Ouverture", Verbe.RELANCER: "Relance", Verbe.CLORE: "Clôture"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step acts with."""

    contexte: Contexte
    operateur: Operateur


@dataclass(frozen=True, slots=True)
class Pas:
    """A step of the scenario; `jouer` gives a French sentence saying what was done."""

    nom: str
    titre: str
    jouer: Callable[[Scene], str]


class Reperes:
    """The steps already over, a line each in a file."""

    def __init__(self, contexte: Contexte) -> None:
        self.chemin = contexte.reglages.var / "demonstration" / "pas.txt"
        self.chemin.parent.mkdir(parents=True, exist_ok=True)
        if not _reseau_present(contexte):
            self.chemin.unlink(missing_ok=True)

    def __contains__(self, pas: Pas) -> bool:
        return self.chemin.exists() and pas.nom in self.chemin.read_text(encoding="utf-8").splitlines()

    def noter(self, pas: Pas) -> None:
        """Note a step as over, on disk before going on."""
        with Path(self.chemin).open("a", encoding="utf-8") as fichier:
            fichier.write(f"{pas.nom}\n")
            fichier.flush()
            os.fsync(fichier.fileno())


def _reseau_present(contexte: Contexte) -> bool:
    with transaction(contexte.moteur) as session:
        return bool(session.exec(select(func.count()).select_from(Partenaire)).one())


def scenario(contexte: Contexte) -> list[Pas]:
    """Give the steps in order: the network, the campaign day by day, then the team's acts."""
    actions = actions_datees(etape(contexte, CAMPAGNE), plan_relances(contexte))
    jours = sorted({a.le.date() for a in actions} | set(AGENDA))
    pas = [Pas("reseau", "Réseau inventé", _installer)]
    for jour in jours:
        pas += [_pas_du_calendrier(action) for action in actions if action.le.date() == jour]
        pas += _pas_des_partenaires(jour)
    return [*pas, *_pas_de_l_equipe(jours[-1])]


def jouer(scene: Scene, dire: Callable[[str], None]) -> int:
    """Play what is left to play, and give the number of steps played."""
    reperes = Reperes(scene.contexte)
    joues = 0
    for pas in scenario(scene.contexte):
        if pas in reperes:
            continue
        dire(f"{pas.titre} — {pas.jouer(scene)}")
        reperes.noter(pas)
        joues += 1
    return joues


def reste_a_jouer(contexte: Contexte) -> int:
    """Count the steps not over yet."""
    reperes = Reperes(contexte)
    return sum(pas not in reperes for pas in scenario(contexte))


def _installer(scene: Scene) -> str:
    pose = installer(scene.contexte)
    return "29 crèches, 18 gestionnaires, leur passé." if pose else "déjà là."


def _pas_du_calendrier(action: ActionDatee) -> Pas:
    jour = action.le.date()
    rang = f" n° {action.rang}" if action.rang else ""

    def jouer(scene: Scene) -> str:
        dit = scene.operateur.jouer(action.etape, action.verbe, action.rang, jour)
        return re.sub(rf" [A-Z_, ]+ : {A_LA_MAIN}\.", "", dit)

    return Pas(action.cle, f"{_le(jour)} : {NOMS[action.verbe].lower()}{rang}", jouer)


def _pas_des_partenaires(jour: date) -> Iterator[Pas]:
    if jour in AGENDA:
        yield Pas(f"{jour}-depots", f"{_le(jour)} : les partenaires déposent", partial(_deposer, AGENDA[jour]))
        yield Pas(f"{jour}-reception", f"{_le(jour)} : réception", lambda scene: scene.operateur.recevoir(jour))


def _deposer(actes: tuple[Acte, ...], scene: Scene) -> str:
    for acte in actes:
        agir(scene.contexte, acte)
    return f"{len(actes)} fichier(s)."


def _pas_de_l_equipe(cloture: date) -> list[Pas]:
    """Give the acts after the closing: validate, compute, propose, try to release one's own batch, release."""
    examen, proposition, liberation = (cloture + timedelta(days=delai) for delai in (1, 2, 3))

    def valider(scene: Scene, motif: str) -> str:
        return scene.operateur.valider(CAMPAGNE, VALIDE_PAR, motif, examen)

    def proposer(scene: Scene) -> str:
        return "déjà proposé." if _lot(scene.contexte) else scene.operateur.proposer(CAMPAGNE, PROPOSE_PAR, proposition)

    def tenter(scene: Scene) -> str:
        lot = _lot(scene.contexte)
        if lot is None or lot.etat is not EtatLot.PROPOSE:
            return "le lot est déjà décidé."
        if lot.tentatives_refusees:
            return lot.tentatives_refusees[-1]
        return scene.operateur.liberer(lot.lot, PROPOSE_PAR, liberation)

    def liberer(scene: Scene) -> str:
        lot = _lot(scene.contexte)
        return "rien à libérer." if lot is None else scene.operateur.liberer(lot.lot, LIBERE_PAR, liberation)

    return [
        Pas("validation", f"{_le(examen)} : {VALIDE_PAR} valide ce qui est sans alerte", partial(valider, motif="")),
        Pas("validation-motivee", f"{_le(examen)} : {VALIDE_PAR} valide le reste", partial(valider, motif=MOTIF)),
        Pas("droits", f"{_le(examen)} : droits", lambda scene: scene.operateur.calculer(CAMPAGNE, examen)),
        Pas("proposition", f"{_le(proposition)} : {PROPOSE_PAR} propose un lot", proposer),
        Pas("tentative", f"{_le(liberation)} : {PROPOSE_PAR} veut libérer son propre lot", tenter),
        Pas("liberation", f"{_le(liberation)} : {LIBERE_PAR} libère le lot", liberer),
    ]


def _lot(contexte: Contexte) -> ResumeLot | None:
    proposes = lots(contexte, CAMPAGNE)
    return proposes[-1] if proposes else None


def _le(jour: date) -> str:
    return en_toutes_lettres(jour)
