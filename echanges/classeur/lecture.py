"""Read deposited workbooks in a process apart, so that no file can take this one down or hold it up."""

import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from echanges.classeur.garde import controler_taille
from echanges.classeur.protocole import REPONSE_MAX, decoder, ecrire_trame, lire_trame
from regles.grille import FichierRefuse, Grille

DELAI_MAX = 20.0  # seconds on the wall clock for one file, twice the processor time it may take
ENVIRONNEMENT = frozenset({"PATH", "LD_LIBRARY_PATH"})  # nothing of the settings, secrets least of all


class LecteurIsole:
    """One reading process, kept for many files and replaced when a file kills it. To be used by one thread.

    The process is started on the first file; the workbooks of a batch share it, which leaves about 15 ms each.
    """

    def __init__(self, delai: float = DELAI_MAX) -> None:
        self._delai = delai
        self._processus: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._arreter()

    def lire(self, octets: bytes) -> Grille:
        """Guard and read a workbook.

        Raises:
            FichierRefuse: refused by the guard, unreadable, too long or too heavy to read.
        """
        controler_taille(octets)
        reponse = self._demander(octets)
        if reponse is None:
            self._arreter()
            raise FichierRefuse(
                "lecture_interrompue",
                "La lecture du classeur a demandé trop de temps ou de mémoire : ce n'est pas le formulaire de la Caf. "
                "Recopiez vos réponses dans un formulaire neuf, puis déposez-le.",
            )
        return decoder(reponse)

    def _demander(self, octets: bytes) -> bytes | None:
        processus = self._ouvrir()
        if processus.stdin is None or processus.stdout is None:
            raise RuntimeError("le processus de lecture n'a pas de tuyaux")
        minuteur = threading.Timer(self._delai, processus.kill)
        minuteur.start()
        try:
            ecrire_trame(processus.stdin, octets)
            return lire_trame(processus.stdout, REPONSE_MAX)
        except BrokenPipeError:
            return None
        finally:
            minuteur.cancel()

    def _ouvrir(self) -> "subprocess.Popen[bytes]":
        if self._processus is None:
            self._processus = subprocess.Popen(
                [sys.executable, "-I", "-m", "echanges.classeur.lecteur_enfant"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={nom: valeur for nom, valeur in os.environ.items() if nom in ENVIRONNEMENT},
            )
        return self._processus

    def _arreter(self) -> None:
        if self._processus is None:
            return
        processus, self._processus = self._processus, None
        processus.kill()
        processus.communicate()
