"""Every table, imported here so that the metadata is whole."""

from modeles.tables.argent import Droit, ExportLot, LigneLot, Lot, Versement
from modeles.tables.declarations import AnomalieDepot, Declaration, Depot
from modeles.tables.journal import LigneJournal
from modeles.tables.reseau import Contact, Convention, Partenaire, Structure
from modeles.tables.suivi import ActionJouee, Courriel

__all__ = [
    "ActionJouee",
    "AnomalieDepot",
    "Contact",
    "Convention",
    "Courriel",
    "Declaration",
    "Depot",
    "Droit",
    "ExportLot",
    "LigneJournal",
    "LigneLot",
    "Lot",
    "Partenaire",
    "Structure",
    "Versement",
]
