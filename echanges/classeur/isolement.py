"""A process apart, asked in frames: whatever a file does to it, this one goes on."""

import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from echanges.classeur.protocole import ecrire_trame, lire_trame

DELAI_MAX = 20.0  # seconds on the wall clock for one file, twice the processor time it may take
ENVIRONNEMENT = frozenset({"PATH", "LD_LIBRARY_PATH"})  # nothing of the settings, secrets least of all


class ProcessusIsole:
    """One child process running a module, started on the first question and stopped at the end of the block.

    To be used by one thread. `provisoires`: the folder of its temporary files, when it may write some.
    """

    def __init__(self, module: str, delai: float = DELAI_MAX, provisoires: str = "") -> None:
        self._module = module
        self._delai = delai
        self._provisoires = provisoires
        self._processus: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.arreter()

    def demander(self, trames: tuple[bytes, ...], reponse_max: int) -> bytes | None:
        """Ask one question and give the answer; None, and the process stopped, when it does not come whole in time."""
        processus = self._ouvrir()
        if processus.stdin is None or processus.stdout is None:
            raise RuntimeError("le processus isolé n'a pas de tuyaux")
        minuteur = threading.Timer(self._delai, processus.kill)
        minuteur.start()
        try:
            for trame in trames:
                ecrire_trame(processus.stdin, trame)
            reponse = lire_trame(processus.stdout, reponse_max)
        except BrokenPipeError:
            reponse = None
        finally:
            minuteur.cancel()
        if reponse is None:
            self.arreter()
        return reponse

    def _ouvrir(self) -> "subprocess.Popen[bytes]":
        if self._processus is None:
            environnement = {nom: valeur for nom, valeur in os.environ.items() if nom in ENVIRONNEMENT}
            self._processus = subprocess.Popen(  # noqa: S603 (a module of this package)
                [sys.executable, "-I", "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=environnement | ({"TMPDIR": self._provisoires} if self._provisoires else {}),
            )
        return self._processus

    def arreter(self) -> None:
        """Stop the process; the next question starts another."""
        if self._processus is None:
            return
        processus, self._processus = self._processus, None
        processus.kill()
        processus.communicate()
