"""Dossiers, more time and tasks, from the run forms. `demande` holds the fields of a form."""

from datetime import date
from pathlib import Path
from typing import Any

from operations import appels, dossiers, prolongations, taches
from operations.contexte import contexte
from operations.dossiers import Sortie
from operations.pieces import Apport
from tasks.communs import tache


@tache("Traiter la piece", rejouable=True)
def traiter_piece(demande: dict[str, Any]) -> str:
    """Receive a document or turn it down."""
    jour, cible = demande.get("jour"), (contexte(), demande["etape"], demande["code"])
    if demande["geste"] == "refuser":
        return dossiers.refuser_piece(*cible, demande["piece"], demande["par"], demande["motif"], jour).message
    fichier = Path(demande["fichier"]) if demande["fichier"] else None
    apport = Apport(demande["piece"], demande["par"], fichier, demande["constat"], demande.get("recue_le"))
    return dossiers.recevoir(*cible, apport, jour).message


@tache("Decider du dossier", rejouable=True)
def decider(demande: dict[str, Any]) -> str:
    """Note an intention, leave a dossier without a sequel, or take it up again."""
    jour, cible = demande.get("jour"), (contexte(), demande["etape"], demande["code"])
    match demande["geste"]:
        case "annoncer":
            return dossiers.noter_intention(*cible, demande["par"], jour).message
        case "rouvrir":
            return dossiers.rouvrir(*cible, demande["par"], demande["motif"], jour).message
        case geste:
            return dossiers.clore_sans_suite(*cible, Sortie(geste), demande["par"], demande["motif"], jour).message


@tache("Dire ce que le delai entraine", rejouable=True)
def prevoir_delai(demande: dict[str, Any]) -> str:
    """Say what more time would entail."""
    return prolongations.prevoir_prolongation(
        contexte(), demande["etape"], demande["code"], demande["jusqu_au"], demande.get("jour")
    ).message


@tache("Donner le delai")
def donner_delai(demande: dict[str, Any]) -> str:
    """Give more time."""
    return prolongations.donner_un_delai(
        contexte(), demande["etape"], demande["code"], demande["jusqu_au"], demande["par"], demande["motif"],
        demande.get("jour"),
    ).message  # fmt: skip


@tache("Clore la tache")
def clore_tache(demande: dict[str, Any]) -> str:
    """Note what a person did."""
    close = taches.clore(contexte(), demande["cle"], demande["suite"], demande["par"], demande.get("jour"))
    return f"« {close.cle} » est faite : {close.suite}"


@tache("Clore les appels inutiles", rejouable=True)
def clore_les_appels_inutiles(jour: date | None) -> str:
    """Close the calls whose partner has answered; say how many, or nothing."""
    closes = appels.clore_les_appels_inutiles(contexte(), jour)
    return f"{closes} appel(s) sans objet : la réponse est venue." if closes else ""
