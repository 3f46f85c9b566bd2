"""What every act of the commission reads: sittings, envelopes, requests, and whether a request is complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, col, select

from modeles.requetes_commission import demandes_ouvertes, seances_closes
from modeles.tables import Demande, Dossier, LigneJournal, Partenaire, Piece, Structure
from operations.configuration import calendriers, demarche, etape
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS, Etape, NatureEtape
from regles.commission import Cofinanceur, Enveloppe, prochaine_seance, seances
from regles.etats import EtatDemande, EtatPiece
from schemas.configuration.enveloppes import Enveloppes, charger_enveloppes


@lru_cache
def _enveloppes(config: Path, demonstration: bool) -> Enveloppes:
    return charger_enveloppes(config, demonstration=demonstration)


def enveloppes(contexte: Contexte) -> Enveloppes:
    """Give the envelopes, with their invented amounts in demonstration mode only."""
    return _enveloppes(contexte.reglages.config, contexte.reglages.demonstration)


def enveloppe(contexte: Contexte, cle: str, exercice: int) -> Enveloppe:
    """Give an envelope in an exercice.

    Raises:
        ActeRefuse: no such envelope.
    """
    try:
        return enveloppes(contexte).enveloppe(cle, exercice)
    except KeyError:
        connues = ", ".join(enveloppes(contexte).enveloppes)
        raise ActeRefuse(f"« {cle} » n'est pas une enveloppe de config/enveloppes.yaml ({connues}).") from None


def seance(contexte: Contexte, identifiant: str) -> Etape:
    """Give a sitting by its id.

    Raises:
        ActeRefuse: unknown step, or one that is no sitting.
    """
    reglee = etape(contexte, identifiant)
    if reglee.nature is not NatureEtape.COMMISSION:
        raise ActeRefuse(f"« {identifiant} » n'est pas une commission du calendrier.")
    return reglee


def seance_suivante(contexte: Contexte, session: Session, jour: date) -> Etape | None:
    """Give the first sitting that still takes a request complete on a day, or None."""
    etapes = [e for c in calendriers(contexte) for e in c.etapes]
    return prochaine_seance(etapes, jour, seances_closes(session))


def seances_arretees(contexte: Contexte, session: Session, jour: date) -> Sequence[Etape]:
    """Give the sittings to come whose agenda is fixed, in the order of their cut-off."""
    closes = seances_closes(session)
    etapes = [e for c in calendriers(contexte) for e in c.etapes]
    return [s for s in seances(etapes) if s.id in closes and s.jour is not None and jour <= s.jour]


@dataclass(frozen=True, slots=True)
class Completude:
    """Whether a request has its mandatory documents: since when, or the wording of those that miss."""

    complete_le: datetime | None
    manquantes: tuple[str, ...]
    recues: tuple[str, ...] = ()

    def a_temps(self, limite: date) -> bool:
        """Whether it was complete by a cut-off, that day included."""
        return self.complete_le is not None and self.complete_le.astimezone(PARIS).date() <= limite


def completude(contexte: Contexte, session: Session, demande: Demande) -> Completude:
    """Say whether a request is complete: each mandatory document of its call, its own or its dossier's.

    A better version does not cost its date to a document that had come in time, unless the former was refused.
    """
    dossier = session.get_one(Dossier, demande.dossier_id)
    attendues = demarche(contexte, etape(contexte, dossier.etape)).pieces
    venues = _venues(session, demande)
    manquantes = tuple(p.libelle for p in attendues if p.obligatoire and p.code not in venues)
    recues = tuple(p.libelle for p in attendues if p.code in venues)
    obligatoires = [venues[p.code] for p in attendues if p.obligatoire and p.code in venues]
    return Completude(None if manquantes else max([demande.deposee_le, *obligatoires]), manquantes, recues)


def _venues(session: Session, demande: Demande) -> dict[str, datetime]:
    """Give, for each document that stands, the day it first came."""
    pieces = session.exec(
        select(Piece)
        .where(
            Piece.dossier_id == demande.dossier_id,
            (col(Piece.demande_id).is_(None)) | (Piece.demande_id == demande.id),
            col(Piece.etat).in_([EtatPiece.RECUE, EtatPiece.REMPLACEE]),
        )
        .order_by(col(Piece.id))
    ).all()
    presentes = {p.code for p in pieces if p.etat is EtatPiece.RECUE}
    refusees = set(
        session.exec(
            select(LigneJournal.objet_id).where(
                LigneJournal.objet == "piece",
                LigneJournal.apres == EtatPiece.REFUSEE,
                col(LigneJournal.objet_id).in_([str(p.id) for p in pieces]),
            )
        )
    )
    venues: dict[str, datetime] = {}
    for piece in pieces:
        if piece.code in presentes and str(piece.id) not in refusees:
            venues[piece.code] = min(piece.recue_le, venues.get(piece.code, piece.recue_le))
    return venues


def demandes_en_cours(
    contexte: Contexte, session: Session, dossier: Dossier | None, jour: date
) -> list[tuple[Demande, Etape | None]]:
    """Give the open requests of a dossier, each with the sitting whose cut-off it can still meet on a day, if any."""
    en_cours: list[tuple[Demande, Etape | None]] = []
    for demande in demandes_ouvertes(session, (dossier and dossier.id) or 0):
        visee = etape(contexte, demande.commission) if demande.commission else None
        limite = visee.demandes_avant if visee is not None and demande.etat is EtatDemande.DEPOSEE else None
        en_cours.append((demande, visee if limite is not None and jour <= limite else None))
    return en_cours


def demande_ou_refus(session: Session, reference: str) -> Demande:
    """Read a request by its reference, locked until the end of the transaction.

    Raises:
        ActeRefuse: no such request.
    """
    trouvee = session.exec(select(Demande).where(Demande.reference == reference).with_for_update()).first()
    if trouvee is None:
        raise ActeRefuse(f"« {reference} » n'est la référence d'aucune demande.")
    return trouvee


def partenaire_de(session: Session, demande: Demande) -> Partenaire:
    """Give the partner of a request."""
    return session.get_one(Partenaire, session.get_one(Dossier, demande.dossier_id).partenaire_id)


def structures_de(session: Session, demande: Demande) -> Sequence[Structure]:
    """Give the structure a request is for, else those of its partner that are not funded projects, by code."""
    if demande.structure_id is not None:
        return [session.get_one(Structure, demande.structure_id)]
    partenaire = session.get_one(Dossier, demande.dossier_id).partenaire_id
    references = select(Demande.reference)
    return session.exec(
        select(Structure)
        .where(Structure.partenaire_id == partenaire, col(Structure.code).not_in(references))
        .order_by(Structure.code)
    ).all()


def cofinanceurs_de(demande: Demande) -> tuple[Cofinanceur, ...]:
    """Give the other funders of a request."""
    return tuple(Cofinanceur(c["nom"], int(c["montant_centimes"])) for c in demande.cofinanceurs)
