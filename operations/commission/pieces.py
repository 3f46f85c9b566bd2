"""The documents of one request: received until its sitting has decided, whether or not its call is closed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes import structure_par_code
from modeles.requetes_argent import versements_de_la_structure
from modeles.tables import Demande, Dossier, Piece, Versement
from modeles.tables.dossiers import OriginePiece
from modeles.transitions import Acte, consigner, passer
from operations.boite_envoi import taire_adresses
from operations.commission import notifications
from operations.commission.socle import completude, demande_ou_refus, seances_arretees
from operations.configuration import demarche, etape
from operations.contexte import ActeRefuse, Contexte
from operations.dossiers import mettre_a_jour
from operations.pieces import Apport, exiger_motif_court, lire
from regles.commission import BILAN_DU_PROJET, NOM_DU_BILAN
from regles.etats import EtatDemande, EtatPiece, EtatVersement, NatureVersement

OUVERTES = frozenset({EtatDemande.DEPOSEE, EtatDemande.INSCRITE})


@dataclass(frozen=True, slots=True)
class BilanPiece:
    """A document recorded, and the wording of the mandatory ones still missing."""

    reference: str
    manquantes: tuple[str, ...]
    message: str


def recevoir(contexte: Contexte, reference: str, apport: Apport, jour: date | None = None) -> BilanPiece:
    """Record a document of a request; a better one replaces the former, the same bytes again change nothing.

    The dossier's own documents (statutes, bank details…) are common to its requests: `operations.dossiers`.

    Raises:
        ActeRefuse: a person who may not validate, unknown request or document, a decided request, or a file not kept.
    """
    contexte.exiger_droit(apport.par, "valider")
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        demande = demande_ou_refus(session, reference)
        libelle = _attendue(contexte, session, demande, apport.piece)
        if apport.piece != BILAN_DU_PROJET and demande.etat not in OUVERTES:
            raise ActeRefuse(f"{reference} est {demande.etat} : elle n'attend plus de pièce.")
        deja = _enregistrer(contexte, session, demande, apport, instant)
        manquantes = completude(contexte, session, demande).manquantes
        if not deja:
            _tenir_le_dossier(contexte, session, demande, Acte(instant, apport.par, "recevoir"))
        quoi = "déjà reçue" if deja else "reçue"
        reste = f" Il manque : {', '.join(manquantes)}." if manquantes else " Dossier complet."
        message = f"{reference}, « {libelle} » : {quoi}.{reste}{_etait_a_temps(contexte, session, demande, instant)}"
        return BilanPiece(reference, manquantes, message)


def _etait_a_temps(contexte: Contexte, session: Session, demande: Demande, instant: datetime) -> str:
    """Say which sitting to come a request was complete for, when its agenda was fixed before that was recorded."""
    complete = completude(contexte, session, demande)
    if demande.etat is not EtatDemande.DEPOSEE:
        return ""
    for reglee in seances_arretees(contexte, session, instant.date()):
        if reglee.demandes_avant is not None and complete.a_temps(reglee.demandes_avant):
            return (
                f" Complète à temps pour {reglee.libelle}, dont l'ordre du jour est arrêté : campagnes commission "
                f"inscrire {reglee.id} {demande.reference} --par … --motif …"
            )
    return ""


def refuser(
    contexte: Contexte, reference: str, piece: str, par: str, motif: str, jour: date | None = None
) -> BilanPiece:
    """Turn down a document of a request: it is expected again, and the partner is told.

    Raises:
        ActeRefuse: a person who may not validate, no reason, a decided request, a bilan whose balance is in a batch,
            or no such document received.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        demande = demande_ou_refus(session, reference)
        libelle = _attendue(contexte, session, demande, piece)
        soldes = _soldes(session, demande)
        _exiger_une_piece_encore_jugee(demande, piece, soldes)
        recue = _recue(session, demande, piece)
        if recue is None:
            raise ActeRefuse(f"{reference} n'a reçu aucune pièce « {libelle} » qui lui soit propre.")
        acte = Acte(instant, par, "refuser", taire_adresses(motif))
        passer(session, recue, EtatPiece.REFUSEE, acte, {"demande": reference, "piece": piece})
        recue.motif = motif
        for solde in soldes:
            passer(session, solde, EtatVersement.ANNULE, Acte(instant, par, "refuser", "bilan du projet refusé"))
        _tenir_le_dossier(contexte, session, demande, acte)
        notifications.annoncer_refus_de_piece(contexte, session, demande, recue, instant)
        manquantes = completude(contexte, session, demande).manquantes
        return BilanPiece(reference, manquantes, f"{reference}, « {libelle} » : refusée ({motif}).")


def _exiger_une_piece_encore_jugee(demande: Demande, piece: str, soldes: Sequence[Versement]) -> None:
    """A document is judged until its request is on an agenda; a bilan, until the balance it makes due is in a batch."""
    if piece == BILAN_DU_PROJET:
        if any(solde.etat is not EtatVersement.DU for solde in soldes):
            raise ActeRefuse(f"Le solde de {demande.reference} est déjà dans un lot : son bilan ne se refuse plus.")
    elif demande.etat is not EtatDemande.DEPOSEE:
        raise ActeRefuse(f"{demande.reference} est {demande.etat} : ses pièces ne se refusent plus.")


def _soldes(session: Session, demande: Demande) -> Sequence[Versement]:
    """Give the balances that a bilan has made due and that still stand."""
    structure = structure_par_code(session, demande.reference)
    verses = versements_de_la_structure(session, structure.id or 0, demande.exercice) if structure else ()
    return [v for v in verses if v.nature is NatureVersement.SOLDE and v.etat is not EtatVersement.ANNULE]


def _attendue(contexte: Contexte, session: Session, demande: Demande, code: str) -> str:
    if code == BILAN_DU_PROJET:
        if demande.etat is not EtatDemande.ACCORDEE:
            raise ActeRefuse(f"{demande.reference} n'est pas accordée : elle n'a pas de bilan à recevoir.")
        return NOM_DU_BILAN
    dossier = session.get_one(Dossier, demande.dossier_id)
    attendues = {p.code: p.libelle for p in demarche(contexte, etape(contexte, dossier.etape)).pieces}
    if code not in attendues:
        connues = ", ".join(f"{c} ({libelle})" for c, libelle in attendues.items())
        raise ActeRefuse(f"« {code} » n'est pas une pièce de cet appel à projets : {connues}.")
    return attendues[code]


def _enregistrer(contexte: Contexte, session: Session, demande: Demande, apport: Apport, instant: datetime) -> bool:
    """Write a document, unless the same bytes already stand; whether they did."""
    nom, octets = lire(contexte, apport)
    empreinte = hashlib.sha256(octets).hexdigest() if octets is not None else ""
    ancienne = _recue(session, demande, apport.piece)
    if ancienne is not None and empreinte == ancienne.sha256 and ancienne.motif == apport.constat.strip():
        return True
    acte = Acte(instant, apport.par, "recevoir", taire_adresses(apport.constat))
    if ancienne is not None:
        passer(session, ancienne, EtatPiece.REMPLACEE, Acte(instant, apport.par, "remplacer"))
    piece = Piece(
        dossier_id=demande.dossier_id,
        demande_id=demande.id,
        code=apport.piece,
        etat=EtatPiece.RECUE,
        origine=OriginePiece.CONSTAT if octets is None else OriginePiece.FICHIER,
        nom_fichier=nom,
        sha256=empreinte,
        octets=octets,
        recue_le=apport.venue_le(instant),
        par=apport.par,
        motif=apport.constat.strip(),
    )
    session.add(piece)
    session.flush()
    consigner(session, piece, acte, {"demande": demande.reference, "piece": apport.piece, "sha256": empreinte})
    return False


def _recue(session: Session, demande: Demande, code: str) -> Piece | None:
    return session.exec(
        select(Piece).where(Piece.demande_id == demande.id, Piece.code == code, Piece.etat == EtatPiece.RECUE)
    ).first()


def _tenir_le_dossier(contexte: Contexte, session: Session, demande: Demande, acte: Acte) -> None:
    dossier = session.get_one(Dossier, demande.dossier_id)
    mettre_a_jour(session, demarche(contexte, etape(contexte, dossier.etape)), dossier, acte)
