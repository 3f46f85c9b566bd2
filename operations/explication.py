"""From a payment back to the bytes deposited, the parameters and the people: what an auditor asks for, in one page."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from echanges.pages import document_versement
from modeles.lecture import lecture_seule
from modeles.requetes_argent import convention_au, retenues_de_la_ligne
from modeles.requetes_lots import deja_verses
from modeles.tables import (
    Convention,
    CoordonneeBancaire,
    Declaration,
    Depot,
    Droit,
    ExportLot,
    LigneJournal,
    LigneLot,
    Lot,
    Partenaire,
    Structure,
    Versement,
)
from operations.contexte import ActeRefuse, Contexte
from operations.droits import periode_de
from operations.journal import verifier_journal
from regles.calendrier import PARIS
from regles.comptes import masquer


@dataclass(frozen=True, slots=True)
class ActeInscrit:
    """A line of the journal about the payment or what it rests on."""

    numero: int
    le: str
    par: str
    quoi: str
    passage: str
    motif: str
    empreinte: str


@dataclass(frozen=True, slots=True)
class FichierDepose:
    """The file a declaration was read from. `intact`: its bytes still have the fingerprint of the day they came."""

    nom: str
    recu_le: str
    taille: int
    origine: str
    sha256: str
    intact: bool
    octets: bytes


@dataclass(frozen=True, slots=True)
class LotDuVersement:
    """The batch that pays: who, when, to which account (masked), what was withheld for which indus, and its files.

    `ligne`: what became of the payment in it, with the bank's code when it was rejected. `virement`: the EndToEndId of
    its transfer, "" when that is the reference of the due, or when nothing left.
    """

    numero: str
    etat: str
    propose_par: str
    propose_le: str
    ordonne_par: str
    ordonne_le: str
    decide_par: str
    decide_le: str
    ligne: str
    code_rejet: str
    virement: str
    net_centimes: int
    retenues: tuple[tuple[str, int], ...]
    compte: str
    compte_enregistre_par: str
    compte_confirme_par: str
    fichiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Explication:
    """Everything a payment rests on. Amounts in cents."""

    reference: str
    nature: str
    etat: str
    exercice: int
    montant_centimes: int
    deja_verse_centimes: int
    structure: Mapping[str, str]
    convention: str
    droit: Mapping[str, Any] | None
    empreinte: str
    declaration: Mapping[str, str]
    reponses: tuple[tuple[str, str], ...]
    fichier: FichierDepose | None
    lot: LotDuVersement | None
    actes: tuple[ActeInscrit, ...]
    journal_entier: bool
    tete_du_journal: str
    mention: str


def expliquer_versement(contexte: Contexte, reference: str) -> Explication:
    """Gather what a payment or an indu rests on; nothing is written.

    Raises:
        ActeRefuse: no payment has that reference.
    """
    journal = verifier_journal(contexte)
    with lecture_seule(contexte.moteur) as session:
        versement = session.exec(select(Versement).where(Versement.reference == reference)).first()
        if versement is None:
            raise ActeRefuse(
                f"Aucun versement ne porte la référence « {reference} » : elle figure sur le bordereau du lot "
                "(colonne « Référence »), par exemple 2025-EAJE-EAJE01-02."
            )
        structure = session.get_one(Structure, versement.structure_id)
        partenaire = session.get_one(Partenaire, structure.partenaire_id)
        droit = None if versement.droit_id is None else session.get_one(Droit, versement.droit_id)
        declaration = None if droit is None else session.get_one(Declaration, droit.declaration_id)
        depot_id = None if declaration is None else declaration.depot_id
        depot = None if depot_id is None else session.get_one(Depot, depot_id)
        lot = _lot(session, versement)
        convention = convention_au(session, structure.id or 0, periode_de(structure, versement.exercice).au)
        return Explication(
            reference=versement.reference,
            nature=versement.nature.value,
            etat=versement.etat.value,
            exercice=versement.exercice,
            montant_centimes=versement.montant_centimes,
            deja_verse_centimes=deja_verses(session, [versement.id or 0])[versement.id or 0],
            structure=_identite(contexte, structure, partenaire),
            convention=_dire_convention(convention),
            droit=droit.explication if droit else None,
            empreinte=droit.empreinte if droit else "",
            declaration=_dire_declaration(declaration),
            reponses=_reponses(declaration),
            fichier=_fichier(depot),
            lot=lot,
            actes=tuple(_actes(session, versement, droit, declaration, depot, lot)),
            journal_entier=journal.rupture is None,
            tete_du_journal=journal.tete,
            mention="DÉMONSTRATION" if contexte.reglages.demonstration or (droit and droit.demonstration) else "",
        )


def ecrire_explication(explication: Explication, dossier: Path) -> tuple[Path, ...]:
    """Write the page in a folder, and beside it the very file the partner had sent; give the paths."""
    dossier.mkdir(parents=True, exist_ok=True)
    page = dossier / f"versement-{explication.reference}.html"
    page.write_text(document_versement(explication), encoding="utf-8")
    if explication.fichier is None:
        return (page,)
    depose = dossier / f"depot-{explication.fichier.sha256[:12]}{Path(explication.fichier.nom).suffix.lower()}"
    depose.write_bytes(explication.fichier.octets)
    return page, depose


def _identite(contexte: Contexte, structure: Structure, partenaire: Partenaire) -> dict[str, str]:
    return {
        "code": structure.code,
        "nom": structure.nom,
        "prestation": structure.prestation,
        "commune": structure.commune,
        "siret": structure.siret,
        "gestionnaire": partenaire.nom,
        "caf": contexte.reglages.fichier.caf,
    }


def _dire_convention(convention: Convention | None) -> str:
    if convention is None:
        return "aucune en vigueur à la fin de la période"
    return f"{convention.numero}, du {_jour(convention.du)} au {_jour(convention.au)}"


def _dire_declaration(declaration: Declaration | None) -> dict[str, str]:
    if declaration is None:
        return {}
    return {
        "nature": declaration.nature,
        "etat": declaration.etat.value,
        "etape": declaration.etape,
        "recue_le": _jour(declaration.recue_le.astimezone(PARIS).date()),
        "alertes": str(declaration.alertes),
    }


def _reponses(declaration: Declaration | None) -> tuple[tuple[str, str], ...]:
    if declaration is None:
        return ()
    mots = {True: "oui", False: "non"}
    return tuple((cle, mots[v] if isinstance(v, bool) else str(v)) for cle, v in sorted(declaration.donnees.items()))


def _fichier(depot: Depot | None) -> FichierDepose | None:
    if depot is None:
        return None
    return FichierDepose(
        depot.nom_fichier,
        f"{depot.recu_le.astimezone(PARIS):%d/%m/%Y %H:%M}",
        depot.taille,
        depot.origine,
        depot.sha256,
        hashlib.sha256(depot.octets).hexdigest() == depot.sha256,
        depot.octets,
    )


def _lot(session: Session, versement: Versement) -> LotDuVersement | None:
    """Give the batch of the last line that pays the due."""
    trouve = session.exec(
        select(LigneLot, Lot)
        .where(LigneLot.lot_id == Lot.id, LigneLot.versement_id == versement.id)
        .order_by(col(LigneLot.active).desc(), col(LigneLot.id).desc())
    ).first()
    if trouve is None:
        return None
    ligne, lot = trouve
    compte = None if ligne.coordonnee_id is None else session.get_one(CoordonneeBancaire, ligne.coordonnee_id)
    exports = session.exec(select(ExportLot).where(ExportLot.lot_id == lot.id).order_by(ExportLot.nom_fichier))
    return LotDuVersement(
        numero=lot.numero,
        etat=lot.etat.value,
        propose_par=lot.propose_par,
        propose_le=_jour(lot.propose_le.astimezone(PARIS).date()),
        ordonne_par=lot.ordonne_par or "",
        ordonne_le=_jour(lot.ordonne_le.astimezone(PARIS).date()) if lot.ordonne_le else "",
        decide_par=lot.decide_par or "",
        decide_le=_jour(lot.decide_le.astimezone(PARIS).date()) if lot.decide_le else "",
        ligne=ligne.etat.value,
        code_rejet=ligne.code_rejet,
        virement=ligne.bout_en_bout or "",
        net_centimes=ligne.montant_centimes,
        retenues=tuple((i.reference, r.montant_centimes) for r, i in retenues_de_la_ligne(session, ligne.id or 0)),
        compte=masquer(compte.iban) if compte else "",
        compte_enregistre_par=compte.enregistree_par if compte else "",
        compte_confirme_par=(compte.confirmee_par or "") if compte else "",
        fichiers=tuple((export.nom_fichier, export.sha256) for export in exports),
    )


def _actes(
    session: Session,
    versement: Versement,
    droit: Droit | None,
    declaration: Declaration | None,
    depot: Depot | None,
    lot: LotDuVersement | None,
) -> Iterator[ActeInscrit]:
    """Give what the journal says of the payment and of each thing it rests on, in the order it was written."""
    choses = {"versement": versement.reference}
    for objet, chose in (("droit", droit), ("declaration", declaration), ("depot", depot)):
        if chose is not None:
            choses[objet] = str(chose.id)
    if lot is not None:
        choses["lot"] = lot.numero
    lignes = [
        ligne
        for objet, identifiant in choses.items()
        for ligne in session.exec(
            select(LigneJournal).where(LigneJournal.objet == objet, LigneJournal.objet_id == identifiant)
        )
    ]
    for ligne in sorted(lignes, key=lambda li: li.numero):
        yield ActeInscrit(
            ligne.numero,
            f"{ligne.le.astimezone(PARIS):%d/%m/%Y %H:%M}",
            ligne.par,
            f"{ligne.objet} {ligne.objet_id} : {ligne.action}",
            f"{ligne.avant} → {ligne.apres}" if ligne.avant else ligne.apres,
            ligne.motif,
            ligne.empreinte,
        )


def _jour(jour: date) -> str:
    return f"{jour:%d/%m/%Y}"
