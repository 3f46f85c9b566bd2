"""A Prefect server and its worker, for the demonstration and the tests: isolated, and never left behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import httpx

from schemas.configuration.reglages import RACINE, charger_reglages

BASSIN = "campagnes"
FICHE = "serveur.json"
ATTENTE_DU_SERVEUR = 180.0
ATTENTE_DE_L_ARRET = 15.0
REGLAGES_PREFECT: Mapping[str, str] = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "DO_NOT_TRACK": "1",
}

Dire = Callable[[str], None]


class ServeurIndisponible(Exception):
    """The server could not be started; the message is a French sentence."""


@dataclass(slots=True)
class Serveur:
    """A running server: its address, where it lives, and the settings its clients need."""

    port: int
    dossier: Path
    environnement: Mapping[str, str]
    enfants: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def interface(self) -> str:
        """Address of the UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """Address of the API (PREFECT_API_URL)."""
        return f"{self.interface}/api"


def _port_libre(souhaite: int | None) -> int:
    """Give the port remembered when it is still free, so that bookmarks hold; else any free one."""
    for port in (souhaite, 0):
        if port is None:
            continue
        with socket.socket() as prise:
            prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                prise.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(prise.getsockname()[1])
    raise ServeurIndisponible("Aucun port n'est libre sur cette machine.")


def _commande(pid: int) -> str:
    """Give the command line of a process, empty when it is gone."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    ps = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return ps.stdout.strip()


def _lire_fiche(dossier: Path) -> dict[str, int]:
    try:
        fiche = json.loads((dossier / FICHE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(nom): valeur for nom, valeur in fiche.items() if isinstance(valeur, int)}


def _ecrire_fiche(serveur: Serveur) -> None:
    pids = {nom: enfant.pid for nom, enfant in serveur.enfants.items()}
    fiche = {"port": serveur.port, "parent": os.getpid(), **pids}
    (serveur.dossier / FICHE).write_text(json.dumps(fiche), encoding="utf-8")


def _ecarter_les_restes(dossier: Path, dire: Dire) -> int | None:
    """Stop what a killed session left behind, and give the port it used.

    Raises:
        ServeurIndisponible: when another live session holds this folder.
    """
    fiche = _lire_fiche(dossier)
    vivants = {nom: pid for nom in ("executant", "serveur") if (pid := fiche.get(nom)) and "prefect" in _commande(pid)}
    parent = fiche.get("parent", 0)
    if vivants and parent != os.getpid() and "python" in _commande(parent):
        raise ServeurIndisponible(
            f"Prefect tourne déjà pour ce dossier : http://127.0.0.1:{fiche.get('port')} (arrêtez-le d'abord, Ctrl-C)."
        )
    for nom, pid in vivants.items():
        dire(f"Un {nom} Prefect d'une session interrompue tournait encore : arrêt.")
        _signaler_au_groupe(pid, signal.SIGKILL)
    return fiche.get("port")


def _signaler_au_groupe(pid: int, quoi: signal.Signals) -> None:
    try:
        os.killpg(pid, quoi)
    except (ProcessLookupError, PermissionError):
        return


def _lancer(serveur: Serveur, nom: str, *arguments: str) -> None:
    """Start `prefect …` in a process group of its own, its output in a log file of the folder."""
    with (serveur.dossier / f"{nom}.log").open("ab") as journal:
        serveur.enfants[nom] = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
            env={**os.environ, **serveur.environnement},
            cwd=RACINE,
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _ecrire_fiche(serveur)


def _attendre(serveur: Serveur, dire: Dire) -> None:
    debut, annonce = time.monotonic(), 0
    while (ecoule := time.monotonic() - debut) < ATTENTE_DU_SERVEUR:
        if serveur.enfants["serveur"].poll() is not None:
            break
        try:
            if httpx.get(f"{serveur.api}/health", timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
        if ecoule // 10 > annonce:
            annonce = int(ecoule // 10)
            dire(f"  … le serveur Prefect démarre ({annonce * 10} s ; une vingtaine de secondes d'ordinaire)")
    raise ServeurIndisponible(f"Le serveur Prefect n'a pas démarré : voir {serveur.dossier / 'serveur.log'}.")


def arreter_executant(serveur: Serveur) -> None:
    """Stop the worker, and the runs it started."""
    _arreter_un(serveur, "executant")
    _ecrire_fiche(serveur)


def _arreter(serveur: Serveur) -> None:
    """Stop the worker then the server, each with the processes it started."""
    for nom in ("executant", "serveur"):
        _arreter_un(serveur, nom)
    (serveur.dossier / FICHE).write_text(json.dumps({"port": serveur.port}), encoding="utf-8")


def _arreter_un(serveur: Serveur, nom: str) -> None:
    """Ask a child to end, by force after a while, then end what remains of its group."""
    enfant = serveur.enfants.pop(nom, None)
    if enfant is None:
        return
    enfant.terminate()
    try:
        enfant.wait(ATTENTE_DE_L_ARRET)
    except subprocess.TimeoutExpired:
        _signaler_au_groupe(enfant.pid, signal.SIGKILL)
        enfant.wait()
    _signaler_au_groupe(enfant.pid, signal.SIGKILL)


def _interrompre(numero: int, _: FrameType | None) -> None:
    raise SystemExit(128 + numero)


@contextmanager
def _sigterm_comme_une_sortie() -> Iterator[None]:
    """Let `finally` blocks run on SIGTERM (Ctrl-C already does)."""
    ancien = signal.signal(signal.SIGTERM, _interrompre)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, ancien)


@contextmanager
def environnement(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    anciennes = {nom: os.environ.get(nom) for nom in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for nom, valeur in anciennes.items():
            if valeur is None:
                os.environ.pop(nom, None)
            else:
                os.environ[nom] = valeur


@contextmanager
def serveur_prefect(dossier: Path, dire: Dire = print) -> Iterator[Serveur]:
    """Run a server whose whole state lies in `dossier`; its settings are in `os.environ` meanwhile.

    Whatever ends the block (error, Ctrl-C, SIGTERM), the server and the worker are stopped. What a killed session left
    running is stopped at the next start.

    Raises:
        ServeurIndisponible: when it does not start, or another session runs it.
    """
    dossier = dossier.resolve()
    dossier.mkdir(parents=True, exist_ok=True)
    port = _port_libre(_ecarter_les_restes(dossier, dire))
    serveur = Serveur(
        port,
        dossier,
        {
            **REGLAGES_PREFECT,
            "PREFECT_HOME": str(dossier),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{dossier / 'prefect.db'}",
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        },
    )
    with ExitStack() as pile:
        pile.enter_context(_sigterm_comme_une_sortie())
        pile.callback(_arreter, serveur)
        pile.enter_context(environnement(serveur.environnement))
        _demarrer(serveur, dire)
        yield serveur


def _demarrer(serveur: Serveur, dire: Dire) -> None:
    _lancer(serveur, "serveur", "server", "start", "--host", "127.0.0.1", "--port", str(serveur.port))
    _attendre(serveur, dire)


def relancer_serveur(serveur: Serveur, dire: Dire = print) -> None:
    """Stop the server and start it again on the same address and database."""
    _arreter_un(serveur, "serveur")
    _demarrer(serveur, dire)


def lancer_executant(serveur: Serveur) -> None:
    """Start the worker that runs the flows; `serveur_prefect` stops it."""
    _lancer(serveur, "executant", "worker", "start", "--pool", BASSIN, "--type", "process", "--name", "poste")


def servir_interface(dire: Dire = print) -> None:
    """Serve the UI and run the flows until Ctrl-C."""
    from commandes.deploiement import deployer

    dire("Démarrage de Prefect (une vingtaine de secondes)…")
    with serveur_prefect(charger_reglages().var / "prefect", dire) as serveur:
        deployer(dire=dire)
        lancer_executant(serveur)
        dire(f"\nL'interface est prête : {serveur.interface}\nCtrl-C pour arrêter.")
        try:
            while serveur.enfants["serveur"].poll() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            dire("\nArrêt…")
            return
        raise ServeurIndisponible(f"Le serveur s'est arrêté : voir {serveur.dossier / 'serveur.log'}.")
