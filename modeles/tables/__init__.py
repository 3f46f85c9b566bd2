"""Every table, imported here so that the metadata is whole."""

from modeles.tables.argent import Droit, ExportLot, LigneLot, Lot, Recouvrement, Suspension, Versement
from modeles.tables.codes import CodePersonnel
from modeles.tables.commission import Annulation, Decision, Demande
from modeles.tables.declarations import AnomalieDepot, Declaration, Depot
from modeles.tables.dossiers import Adhesion, Dossier, Piece, Prolongation, Tache
from modeles.tables.filoue import AnomalieFiloueLue, FichierFiloue
from modeles.tables.journal import LigneJournal
from modeles.tables.reseau import Contact, Convention, CoordonneeBancaire, Partenaire, Structure
from modeles.tables.suivi import ActionJouee, Courriel

__all__ = [
    "ActionJouee",
    "Adhesion",
    "Annulation",
    "AnomalieDepot",
    "AnomalieFiloueLue",
    "CodePersonnel",
    "Contact",
    "Convention",
    "CoordonneeBancaire",
    "Courriel",
    "Decision",
    "Declaration",
    "Demande",
    "Depot",
    "Dossier",
    "Droit",
    "ExportLot",
    "FichierFiloue",
    "LigneJournal",
    "LigneLot",
    "Lot",
    "Partenaire",
    "Piece",
    "Prolongation",
    "Recouvrement",
    "Structure",
    "Suspension",
    "Tache",
    "Versement",
]
