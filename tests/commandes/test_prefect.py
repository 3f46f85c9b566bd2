"""Watching the inbox, and telling the orchestrator, against a server that only listens."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commandes.prefect import fichiers
from commandes.principal import application
from echanges.evenements import EVENEMENT, RESSOURCE, signaler_depot
from operations.contexte import Contexte
from operations.contexte import contexte as contexte_de_l_installation

Recus = list[tuple[str, str, Any]]


@pytest.fixture
def ecoute() -> Iterator[tuple[str, Recus]]:
    """Address of a server that keeps each request: path, authorisation, body."""
    recus: Recus = []

    class Oreille(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            recus.append((self.path, self.headers.get("Authorization", ""), corps))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Oreille) as serveur:
        threading.Thread(target=serveur.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serveur.server_port}/api", recus
        serveur.shutdown()


@pytest.fixture
def boite(contexte: Contexte) -> Iterator[Path]:
    contexte_de_l_installation.cache_clear()
    yield contexte.reglages.boite_depots
    contexte_de_l_installation.cache_clear()


@pytest.mark.parametrize("adresse", ["", "http://127.0.0.1:9/api", "pas une adresse", "http://[/api"])
def test_sans_serveur_le_depot_n_echoue_pas(adresse: str) -> None:
    assert signaler_depot(adresse, "f.xlsx") is False


@pytest.mark.parametrize(("identifiants", "autorisation"), [("", ""), ("a:b", "Basic YTpi")])
def test_l_evenement_emis(
    ecoute: tuple[str, Recus], monkeypatch: pytest.MonkeyPatch, identifiants: str, autorisation: str
) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", identifiants)
    adresse, recus = ecoute
    assert signaler_depot(f"{adresse}/", "réel 2025.xlsx")
    [(chemin, recue, [evenement])] = recus
    assert (chemin, recue) == ("/api/events", autorisation)
    assert evenement["event"] == EVENEMENT
    assert evenement["resource"]["prefect.resource.id"] == RESSOURCE
    assert evenement["payload"] == {"fichier": "réel 2025.xlsx"}


def test_surveiller_signale_ensemble_les_fichiers_complets(
    boite: Path, ecoute: tuple[str, Recus], monkeypatch: pytest.MonkeyPatch
) -> None:
    adresse, recus = ecoute
    monkeypatch.setenv("PREFECT_API_URL", adresse)
    for nom in ("b.xlsx", "a.xlsx", ".cache", "~$a.xlsx", "c.xlsx.part"):
        (boite / nom).write_bytes(b"x")
    (boite / "dossier").mkdir()
    resultat = CliRunner().invoke(application, ["surveiller", "--toutes", "0.1", "--une-fois"])
    assert resultat.exit_code == 0
    assert "2 fichier(s) signalé(s) : a.xlsx, b.xlsx" in resultat.stdout
    assert [corps[0]["payload"] for _, _, corps in recus] == [{"fichier": "a.xlsx, b.xlsx"}]


def test_un_fichier_qui_grandit_change_d_etat(boite: Path) -> None:
    fichier = boite / "a.xlsx"
    fichier.write_bytes(b"x")
    avant = fichiers(boite)
    fichier.write_bytes(b"xx")
    assert fichiers(boite)[fichier] != avant[fichier]


@pytest.mark.parametrize(("repond", "phrase"), [(True, "La réception est lancée."), (False, "prochaine réception")])
def test_deposer_dit_si_la_reception_est_lancee(
    boite: Path, ecoute: tuple[str, Recus], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, repond: bool, phrase: str
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", ecoute[0] if repond else "")
    (tmp_path / "f.xlsx").write_bytes(b"x")
    resultat = CliRunner().invoke(application, ["deposer", str(tmp_path / "f.xlsx")])
    assert resultat.exit_code == 0
    assert phrase in resultat.stdout
    assert (boite / "f.xlsx").exists()
    assert len(ecoute[1]) == repond
