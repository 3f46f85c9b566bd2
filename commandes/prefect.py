"""Commands about the orchestrator: deploy the calendar, watch the inbox."""

import os
import time
from pathlib import Path
from stat import S_ISREG
from typing import Annotated

import typer

from operations.contexte import contexte

Apercu = Annotated[bool, typer.Option("--apercu", help="Montrer seulement ce qui changerait.")]
Toutes = Annotated[float, typer.Option("--toutes", min=0.1, help="Secondes entre deux passages.")]
UneFois = Annotated[bool, typer.Option("--une-fois", help="Un seul signal, puis s'arrêter.")]

Etats = dict[Path, tuple[int, int]]


def deployer(apercu: Apercu = False) -> None:
    """Poser sur le serveur Prefect les flux et chaque date du calendrier ; sans changement, ne rien faire."""
    from commandes.deploiement import deployer as operation

    operation(apercu=apercu, dire=typer.echo)


def surveiller(toutes: Toutes = 5.0, une_fois: UneFois = False) -> None:
    """Signaler au serveur Prefect chaque fichier complet arrivé dans la boîte de dépôt (Ctrl-C pour arrêter)."""
    boite = contexte().reglages.boite_depots
    typer.echo(f"Surveillance de {boite} (Ctrl-C pour arrêter).")
    avant: Etats = {}
    signales: Etats = {}
    while True:
        maintenant = fichiers(boite)
        complets = {f: e for f, e in maintenant.items() if avant.get(f) == e and signales.get(f) != e}
        if complets and _signaler(complets):
            signales.update(complets)
            if une_fois:
                return
        signales = {f: e for f, e in signales.items() if f in maintenant}
        avant = maintenant
        time.sleep(toutes)


def fichiers(boite: Path) -> Etats:
    """Give each file of the inbox with its size and time, leaving out those being written."""
    from operations.reception import est_partiel

    etats: Etats = {}
    for fichier in boite.iterdir():
        if est_partiel(fichier):
            continue
        try:
            vu = fichier.stat()
        except FileNotFoundError:  # taken by a reception meanwhile
            continue
        if S_ISREG(vu.st_mode):
            etats[fichier] = (vu.st_size, vu.st_mtime_ns)
    return etats


def _signaler(complets: Etats) -> bool:
    """Emit one event for all the files seen together: one reception takes them all."""
    from echanges.evenements import signaler_depot
    from operations.filoue.depot import nom_a_dire

    noms = ", ".join(sorted(map(nom_a_dire, complets)))
    if not signaler_depot(os.environ.get("PREFECT_API_URL", ""), noms):
        typer.echo("Le serveur Prefect ne répond pas : nouvel essai au prochain passage.", err=True)
        return False
    typer.echo(f"{len(complets)} fichier(s) signalé(s) : {noms}")
    return True


def ajouter(application: typer.Typer) -> None:
    """Register these commands."""
    application.command()(deployer)
    application.command()(surveiller)
