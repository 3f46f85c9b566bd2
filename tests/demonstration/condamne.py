"""Play the scenario and kill this very process at its nth write (SIGKILL): `python -m tests.demonstration.condamne N`.

Writes counted: those of `arrets.condamner`. N = 0: to the end.
"""

import sys

from demonstration.annee.arrets import condamner
from demonstration.operateurs import OperateurDirect
from demonstration.pas import Scene
from demonstration.scenario import jouer
from operations.contexte import contexte


def main(mort_au: int) -> None:
    ici = contexte()
    condamner(ici.moteur, mort_au, lambda: True)
    jouer(Scene(ici, OperateurDirect(ici)), lambda _: None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
