"""`python -m demonstration` plays the year; `python -m demonstration ui` serves the Prefect UI on what it did."""

import os
import sys
import time
from collections.abc import Callable, Sequence

from demonstration.bilan import resumer
from demonstration.operateurs import ExecutionRatee
from demonstration.pas import Scene
from demonstration.scenario import jouer, reste_a_jouer
from demonstration.serveur import ServeurIndisponible, lancer_executant, serveur_prefect, servir_interface
from operations.contexte import ActeRefuse, Contexte, contexte

BANDEAU = "DÉMONSTRATION — réseau, montants et barème inventés ; aucun courriel ne quitte cette machine."


def main(arguments: Sequence[str]) -> int:
    """Play or serve; give the exit code: 0 done, 1 stopped on a refusal, 2 unknown word."""
    os.environ["CAMPAGNES_DEMONSTRATION"] = "1"
    if arguments not in ([], ["ui"]):
        _ecrire("Usage : python -m demonstration [ui]")
        return 2
    _ecrire(f"{BANDEAU}\n")
    try:
        return _servir() if arguments else _derouler(contexte())
    except (ActeRefuse, ExecutionRatee, ServeurIndisponible) as erreur:
        _ecrire(f"\nArrêt : {erreur}\nRelancez la même commande : elle reprend où elle en était.")
        return 1


def _servir() -> int:
    servir_interface(_ecrire)
    return 0


def _derouler(ici: Contexte) -> int:
    if reste_a_jouer(ici):
        dire = _chronometre()
        _jouer_avec_prefect(ici, dire)
        dire("Fini.")
    else:
        _ecrire("Déjà fait : l'année a été jouée en entier, rien n'a changé. (make propre pour tout recommencer)")
    _ecrire("")
    for ligne in resumer(ici):
        _ecrire(ligne)
    _ecrire(f"\n{BANDEAU}")
    return 0


def _jouer_avec_prefect(ici: Contexte, dire: Callable[[str], None]) -> None:
    dire("Démarrage de Prefect (une vingtaine de secondes)")
    with serveur_prefect(ici.reglages.var / "prefect", dire) as serveur:
        from prefect.client.orchestration import get_client

        from commandes.deploiement import deployer
        from demonstration.orchestre import OperateurPrefect

        dits: list[str] = []
        deployer(dire=dits.append)
        dire(f"campagnes deployer — {dits[-1]}")
        with get_client(sync_client=True) as client:
            operateur = OperateurPrefect(ici, client)
            operateur.preparer()
            lancer_executant(serveur)
            jouer(Scene(ici, operateur), dire)


def _chronometre() -> Callable[[str], None]:
    debut = time.monotonic()

    def dire(texte: str) -> None:
        _ecrire(f"[{time.monotonic() - debut:4.0f} s] {texte}")

    return dire


def _ecrire(texte: str) -> None:
    sys.stdout.write(f"{texte}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
