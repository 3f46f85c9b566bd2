"""Writing what a person asked for in the folder they named."""

from collections.abc import Mapping
from pathlib import Path

from operations.contexte import ActeRefuse


def ecrire_fichiers(dossier: Path, octets: Mapping[str, bytes], *, prives: bool = False) -> tuple[Path, ...]:
    """Write files in a folder, each whole or not at all; give their paths. `prives`: for this account only.

    Raises:
        ActeRefuse: a folder that cannot be written.
    """
    chemins = []
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        for nom, contenu in octets.items():
            chemin = dossier / nom
            provisoire = chemin.with_name(f".{nom}.tmp")
            provisoire.unlink(missing_ok=True)
            provisoire.touch(mode=0o600 if prives else 0o666, exist_ok=False)
            provisoire.write_bytes(contenu)
            provisoire.replace(chemin)
            chemins.append(chemin)
    except OSError:
        raise ActeRefuse(f"« {dossier} » ne s'écrit pas : vérifiez le chemin et les droits d'accès.") from None
    return tuple(chemins)
