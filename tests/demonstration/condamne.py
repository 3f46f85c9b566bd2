"""Play the scenario and kill this very process at its nth write (SIGKILL): `python -m tests.demonstration.condamne N`.

Writes counted: each transaction about to commit, and each file created, renamed, linked or removed. N = 0: to the end.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from demonstration.operateurs import OperateurDirect
from demonstration.pas import Scene
from demonstration.scenario import jouer
from operations.contexte import contexte

FICHIERS = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir"})


def main(mort_au: int) -> None:
    ici = contexte()
    vus = 0

    def compter(*_: Any) -> None:
        nonlocal vus
        vus += 1
        if vus == mort_au:
            os.kill(os.getpid(), signal.SIGKILL)

    def surveiller(evenement: str, arguments: tuple[Any, ...]) -> None:
        ecrit = evenement == "open" and len(arguments) > 1 and str(arguments[1] or "").startswith(("w", "x", "a"))
        if evenement in FICHIERS or ecrit:
            compter()

    event.listen(ici.moteur, "commit", compter)
    sys.addaudithook(surveiller)
    jouer(Scene(ici, OperateurDirect(ici)), lambda _: None)
    sys.stdout.write(str(vus))


if __name__ == "__main__":
    main(int(sys.argv[1]))
