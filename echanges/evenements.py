"""Telling the Prefect server that a file has arrived: one HTTP request, without importing Prefect."""

import os
from datetime import UTC, datetime
from uuid import uuid4

import httpx

EVENEMENT = "campagnes.depot.arrive"
RESSOURCE = "campagnes.boite-de-depot"
DELAI = httpx.Timeout(2.0)


def signaler_depot(url: str, nom: str) -> bool:
    """Emit the arrival of a file to the API at `url` (PREFECT_API_URL); True when the server took it.

    Never fails: the hourly reception takes what no event announced. PREFECT_API_AUTH_STRING (« user:password ») is
    used when it is set.
    """
    if not url:
        return False
    evenement = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": EVENEMENT,
        "resource": {"prefect.resource.id": RESSOURCE, "prefect.resource.name": "Boîte de dépôt"},
        "payload": {"fichier": nom},
    }
    identifiants = os.environ.get("PREFECT_API_AUTH_STRING", "")
    acces = httpx.BasicAuth(*identifiants.split(":", 1)) if ":" in identifiants else None
    try:
        return httpx.post(f"{url.rstrip('/')}/events", json=[evenement], timeout=DELAI, auth=acces).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
