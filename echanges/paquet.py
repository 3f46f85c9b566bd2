"""The package of an exported batch: its files, a manifest that names them by their fingerprint, one archive."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from echanges.classeur.octets import INSTANT_FIGE

Fichier = tuple[str, bytes]


def manifeste(tete: Mapping[str, Any], fichiers: Sequence[Fichier]) -> bytes:
    """Write what the package holds as JSON: what is said of the batch, then each file's size and sha256."""
    contenu = {
        **tete,
        "fichiers": [
            {"nom": nom, "octets": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
            for nom, octets in fichiers
        ],
    }
    return (json.dumps(contenu, ensure_ascii=False, indent=2) + "\n").encode()


def archiver(fichiers: Sequence[Fichier]) -> bytes:
    """Give the archive of some files: the same files always give the same bytes."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in fichiers:
            fiche = zipfile.ZipInfo(nom, INSTANT_FIGE)
            fiche.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(fiche, octets)
    return tampon.getvalue()
