"""The year, day by day: the system in the morning, the partners, the reception, the team; then the checks."""

import os
from collections.abc import Callable, Collection
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from demonstration.annee.conduites import Envoi, envois
from demonstration.annee.controles import Controles
from demonstration.annee.dispositifs import adherer
from demonstration.annee.dossiers import Remise, enregistrer, remises
from demonstration.annee.equipe import Geste, gestes
from demonstration.annee.filoue import REEL, fichier_filoue
from demonstration.annee.horloge import Heure
from demonstration.annee.minuterie import Minuterie
from demonstration.annee.monde import DERNIER_JOUR, PREMIER_JOUR, Monde
from demonstration.chiffres.commun import MILLE
from demonstration.installation import installer
from demonstration.partenaires import CourrielIntrouvable, agir
from demonstration.reseau import charger_reseau
from operations.configuration import etape
from operations.courriels import envoyer_en_attente
from operations.filoue.cles import creer_cle
from operations.journee import matin, recevoir
from operations.reception import deposer

UN_JOUR = timedelta(days=1)


class Deroule:
    """Plays a year in a world. `eteint`: the days on which the server is off, while partners live on."""

    def __init__(self, monde: Monde, eteint: Collection[date] = ()) -> None:
        self.monde = monde
        self.eteint = frozenset(eteint)
        self.minuterie = Minuterie()
        self.systeme_a_l_oeuvre = False
        self.gestes: tuple[Geste, ...] = gestes(monde.contexte)
        self.remises: tuple[Remise, ...] = remises(monde.contexte)
        with self.minuterie.phase("réseau"):
            monde.notes.une_fois("réseau", self._installer)
        self.envois: tuple[Envoi, ...] = envois(monde.contexte)
        self.controles = Controles(monde, self.envois, self.remises, self.eteint)

    def jouer(self, jusqu_au: date = DERNIER_JOUR, apres: Callable[[date], None] = lambda _: None) -> None:
        """Play every day left to play, the last one included.

        Raises:
            InvariantRompu: at the end of the first day that breaks one.
        """
        jour = PREMIER_JOUR
        while jour <= jusqu_au:
            self._jouer(jour)
            apres(jour)
            jour += UN_JOUR

    def _jouer(self, jour: date) -> None:
        if f"{jour} fini" in self.monde.notes:
            return
        if jour not in self.eteint:
            self._faire(jour, "matin", Heure.MATIN, lambda: matin(self.monde.contexte))
        self._faire(jour, "partenaires", Heure.PARTENAIRES, lambda: self._laisser_deposer(jour))
        if jour not in self.eteint:
            self._faire(jour, "réception", Heure.RECEPTION, lambda: self._recevoir(jour))
            self._faire(jour, "équipe", Heure.EQUIPE, lambda: self._travailler(jour))
        with self.minuterie.phase("contrôles"):
            self.controles.verifier(jour)
        self.monde.notes.noter(f"{jour} fini")

    def _faire(self, jour: date, quoi: str, heure: Heure, faire: Callable[[], object]) -> None:
        self.monde.horloge.regler(jour, heure)
        with self.minuterie.phase(quoi):
            self.systeme_a_l_oeuvre = heure is not Heure.PARTENAIRES
            self.monde.notes.une_fois(f"{jour} {quoi}", faire)
            self.systeme_a_l_oeuvre = False

    def _installer(self) -> None:
        installer(self.monde.contexte)
        adherer(self.monde.contexte, charger_reseau(self.monde.contexte.reglages.config))
        creer_cle(self.monde.contexte)

    def _recevoir(self, jour: date) -> None:
        """Read at once what came that day; nothing came, nothing to read."""
        if any(ligne.startswith(f"déposé {jour} ") for ligne in self.monde.notes.lignes):
            recevoir(self.monde.contexte)

    def _laisser_deposer(self, jour: date) -> None:
        """Let each partner send what is due from them, when they have what they need for it."""
        for envoi in self.envois:
            if envoi.jour > jour:
                break
            if envoi.cle not in self.monde.notes and self._deposer(envoi):
                self.monde.notes.noter(envoi.cle)
                self.monde.notes.noter(f"déposé {jour} {envoi.cle}")

    def _deposer(self, envoi: Envoi) -> bool:
        """Drop a file at the hour of the partners; False when they still wait for a mail."""
        if envoi.attend_retour and not self._a_eu_sa_reponse(envoi):
            return False
        try:
            chemin = self._filoue(envoi) if envoi.acte is None else agir(self.monde.contexte, envoi.acte)
        except CourrielIntrouvable:
            return False
        instant = self.monde.horloge().timestamp()
        os.utime(chemin, (instant, instant))
        return True

    def _a_eu_sa_reponse(self, envoi: Envoi) -> bool:
        """Whether the file that this one corrects was dropped, and the system has answered since."""
        depots = [li.split(" ")[1] for li in self.monde.notes.lignes if li.startswith("déposé ") and envoi.fil in li]
        return any(f"{jour} réception" in self.monde.notes for jour in depots) or self._relu_depuis(depots)

    def _relu_depuis(self, depots: list[str]) -> bool:
        """A file dropped while the server was off is read the first morning after."""
        matin = f"{self.monde.horloge().date()} matin"
        return bool(depots) and matin in self.monde.notes

    def _filoue(self, envoi: Envoi) -> Path:
        """Write the file of a crèche from the réel that it declared, and drop it."""
        activites = [
            e.acte.activite for e in self.envois if e.acte and (e.etape, e.structure) == (REEL, envoi.structure)
        ]
        exercice = etape(self.monde.contexte, envoi.etape).exercice or 0
        activite = activites[-1] if activites else MILLE
        fichier = fichier_filoue(self.monde.contexte, envoi.structure, exercice, activite, juste=envoi.juste)
        bureau = self.monde.contexte.reglages.var / "demonstration" / "partenaires" / envoi.structure
        bureau.mkdir(parents=True, exist_ok=True)
        chemin = bureau / fichier.nom
        chemin.write_bytes(fichier.octets)
        return deposer(self.monde.contexte, chemin)

    def _travailler(self, jour: date) -> None:
        """Record what came by mail or on paper, do what the day calls for, and what an outage kept from being done."""
        dues = [
            remise for remise in self.remises if remise.jour <= jour and f"pièce {remise.cle}" not in self.monde.notes
        ]
        for remise in dues:
            self.monde.notes.une_fois(f"pièce {remise.cle}", partial(enregistrer, self.monde.contexte, remise))
            self.monde.notes.noter(f"enregistré {jour} {remise.cle}")
        for geste in self.gestes:
            if geste.jour <= jour:
                self.monde.notes.une_fois(f"équipe {geste.nom}", partial(geste.faire, self.monde.contexte))
        envoyer_en_attente(self.monde.contexte)
