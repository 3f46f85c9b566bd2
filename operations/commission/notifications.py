"""The mails of the commission: decided once a person, and read again from the database when they leave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from echanges.courriel.vues_commission import (
    DemandeCitee,
    SeanceCitee,
    VueAnnulation,
    VueCommission,
    VueDecision,
    VueDemandes,
)
from modeles.requetes_commission import decision_de, decisions_de
from modeles.tables import Annulation, Contact, Courriel, Decision, Demande, Dossier, Partenaire, Piece, Structure
from operations.commission.socle import completude, partenaire_de, structures_de
from operations.configuration import demarche, etape
from operations.contexte import Contexte
from operations.destinataires import contacts_pour
from operations.projets import Projet, SansObjet, cadre_de
from regles.calendrier import Etape
from regles.commission import BILAN_DU_PROJET, NOM_DU_BILAN
from regles.etats import EtatCourriel, EtatDemande, EtatPiece, SensDecision

RECUE, RELANCE, REPORT, PIECE = "demande_recue", "demande_relance", "demande_reportee", "demande_piece_refusee"
DECISIONS = {sens: f"decision_{sens}" for sens in SensDecision}
INSCRITE, ANNULATION = "demande_inscrite", "decision_annulee"
GENRES = frozenset({RECUE, RELANCE, REPORT, PIECE, INSCRITE, *DECISIONS.values(), ANNULATION})
PEUT_ETRE_LUS = (EtatCourriel.EN_COURS, EtatCourriel.ENVOYE, EtatCourriel.A_VERIFIER)


@dataclass(frozen=True, slots=True)
class Ecrits:
    """Mails decided, and the partners that have nobody to write to."""

    courriels: int
    sans_contact: tuple[str, ...]


def accuser_reception(contexte: Contexte, session: Session, demande: Demande, instant: datetime) -> Ecrits:
    """Tell a partner that a request has come, where it goes and what it lacks."""
    return _ecrire(contexte, session, RECUE, _etape_de(session, demande), demande.reference, [demande], instant)


def relancer(
    contexte: Contexte, session: Session, seance: str, repere: str, demandes: Iterable[Demande], instant: datetime
) -> Ecrits:
    """Remind the partners of requests that still lack a document, before the cut-off: one mail a person."""
    return _ecrire(contexte, session, RELANCE, seance, repere, demandes, instant)


def annoncer_report(
    contexte: Contexte, session: Session, quittee: str, demandes: Iterable[Demande], instant: datetime
) -> Ecrits:
    """Tell the partners of the requests that a cut-off has sent on: one mail a person and sitting they now go to."""
    par_suite: dict[str, list[Demande]] = {}
    for demande in demandes:
        par_suite.setdefault(demande.commission, []).append(demande)
    return _additionner(
        _ecrire(contexte, session, REPORT, quittee, suite, siennes, instant) for suite, siennes in par_suite.items()
    )


def annoncer_rattachement(
    contexte: Contexte, session: Session, demandes: Iterable[Demande], instant: datetime
) -> Ecrits:
    """Tell the partners of requests that waited which sitting takes them."""
    return _additionner(_ecrire(contexte, session, RECUE, d.commission, d.reference, [d], instant) for d in demandes)


def _additionner(ecrits: Iterable[Ecrits]) -> Ecrits:
    faits = tuple(ecrits)
    sans_contact = dict.fromkeys(nom for fait in faits for nom in fait.sans_contact)
    return Ecrits(sum(fait.courriels for fait in faits), tuple(sans_contact))


def annoncer_refus_de_piece(
    contexte: Contexte, session: Session, demande: Demande, piece: Piece, instant: datetime
) -> Ecrits:
    """Tell a partner that a document is not kept, and why."""
    precisions = {"piece": piece.id}
    return _ecrire(contexte, session, PIECE, _etape_de(session, demande), f"{piece.id}", [demande], instant, precisions)


def annoncer_inscription(contexte: Contexte, session: Session, demande: Demande, instant: datetime) -> Ecrits:
    """Tell a partner that a request is on an agenda after all."""
    return _ecrire(contexte, session, INSCRITE, demande.commission, demande.reference, [demande], instant)


def annoncer_decision(
    contexte: Contexte, session: Session, demande: Demande, decision: Decision, instant: datetime
) -> Ecrits:
    """Tell a partner what a sitting decided."""
    precisions = {"rang": decision.rang}
    return _ecrire(
        contexte, session, DECISIONS[decision.sens], decision.commission, _repere(demande, decision), [demande],
        instant, precisions,
    )  # fmt: skip


def annoncer_annulation(session: Session, demande: Demande, decision: Decision, instant: datetime) -> int:
    """Tell those who have read a decision that it was recorded wrongly; how many. Nobody else hears of it."""
    debut = f"{DECISIONS[decision.sens]}:{decision.commission}:{_repere(demande, decision)}:"
    lus = session.exec(
        select(Courriel).where(col(Courriel.cle).startswith(debut), col(Courriel.etat).in_(PEUT_ETRE_LUS))
    ).all()
    for lu in lus:
        repere = lu.cle.removeprefix(f"{DECISIONS[decision.sens]}:")
        session.add(_courriel(f"{ANNULATION}:{repere}", ANNULATION, lu.etape, lu.contact_id, lu.contexte, instant))
    return len(lus)


def _repere(demande: Demande, decision: Decision) -> str:
    """Name a decision in the key of its mails: each has its own, even when a sitting had to decide twice."""
    return demande.reference if decision.rang == 1 else f"{demande.reference}-{decision.rang}"


def _etape_de(session: Session, demande: Demande) -> str:
    return demande.commission or session.get_one(Dossier, demande.dossier_id).etape


def _ecrire(
    contexte: Contexte,
    session: Session,
    genre: str,
    etape_id: str,
    repere: str,
    demandes: Iterable[Demande],
    instant: datetime,
    precisions: Mapping[str, Any] = MappingProxyType({}),
) -> Ecrits:
    personnes: dict[str, tuple[Contact, list[Demande]]] = {}
    sans_contact: dict[str, None] = {}
    for demande in demandes:
        partenaire = partenaire_de(session, demande)
        contacts = contacts_pour(session, partenaire.id or 0, _roles(contexte, session, demande))
        if not contacts:
            sans_contact[f"{partenaire.code} {partenaire.nom}"] = None
        for contact in contacts:
            personnes.setdefault(contact.courriel.casefold(), (contact, []))[1].append(demande)
    for contact, siennes in personnes.values():
        details = {"demandes": [d.reference for d in siennes], **precisions}
        cle = f"{genre}:{etape_id}:{repere}:{contact.id}"
        session.add(_courriel(cle, genre, etape_id, contact.id or 0, details, instant))
    return Ecrits(len(personnes), tuple(sans_contact))


def _roles(contexte: Contexte, session: Session, demande: Demande) -> Sequence[str]:
    """Give the roles written to first: those of sittings, else those of the call that the request answers."""
    appel = session.get_one(Dossier, demande.dossier_id).etape
    etapes = [identifiant for identifiant in (demande.commission, appel) if identifiant]
    return next((r for e in etapes if (r := demarche(contexte, etape(contexte, e)).roles)), ())


def _courriel(
    cle: str, genre: str, etape_id: str, contact: int, contexte: Mapping[str, Any], instant: datetime
) -> Courriel:
    return Courriel(
        cle=cle,
        genre=genre,
        etape=etape_id,
        contact_id=contact,
        structures=[],
        contexte=dict(contexte),
        etat=EtatCourriel.A_ENVOYER,
        prochain_essai_le=instant,
        decide_le=instant,
    )


def projeter(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again what a mail of the commission is about: nothing for what has been settled meanwhile."""
    demandes = session.exec(
        select(Demande).where(col(Demande.reference).in_(courriel.contexte["demandes"])).order_by(Demande.reference)
    ).all()
    if courriel.genre == ANNULATION:
        vue: VueCommission = _vue_annulation(contexte, session, courriel, contact, demandes[0])
    elif courriel.genre in DECISIONS.values():
        decision = _decision(session, courriel, demandes[0])
        if decision_de(session, decision.demande_id, decision.commission) != decision:
            return SansObjet("la décision a été annulée avant d'être annoncée")
        vue = _vue_decision(contexte, session, decision, contact, demandes[0])
    else:
        encore = [d for d in demandes if _a_dire(contexte, session, courriel, d, jour)]
        if not encore:
            return SansObjet("les demandes sont complètes, décidées ou retirées")
        vue = _vue_demandes(contexte, session, courriel, contact, encore)
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(courriel.genre, contact.nom, contact.courriel, partenaire, vue, etape(contexte, courriel.etape))


def _a_dire(contexte: Contexte, session: Session, courriel: Courriel, demande: Demande, jour: date) -> bool:
    if courriel.genre == PIECE:
        piece = session.get_one(Piece, courriel.contexte["piece"])
        attendue = EtatDemande.ACCORDEE if piece.code == BILAN_DU_PROJET else EtatDemande.DEPOSEE
        return demande.etat is attendue and piece.etat is EtatPiece.REFUSEE
    if courriel.genre == RECUE:
        return demande.etat is EtatDemande.DEPOSEE and _etape_de(session, demande) == courriel.etape
    if courriel.genre == REPORT:
        return demande.etat is EtatDemande.DEPOSEE
    if courriel.genre == INSCRITE:
        return demande.etat is EtatDemande.INSCRITE and demande.commission == courriel.etape
    limite = etape(contexte, courriel.etape).demandes_avant
    return (
        demande.etat is EtatDemande.DEPOSEE
        and demande.commission == courriel.etape
        and limite is not None
        and jour <= limite
        and bool(completude(contexte, session, demande).manquantes)
    )


def _vue_demandes(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, demandes: list[Demande]
) -> VueDemandes:
    quittee = citer_seance(etape(contexte, courriel.etape)) if courriel.genre == REPORT else None
    bilan = demandes[0].etat is EtatDemande.ACCORDEE  # only a bilan turned down is written about after an accord
    prochaine = "" if bilan else demandes[0].commission
    citees = tuple(_citer(contexte, session, d) for d in demandes)
    structures = [s for d in demandes for s in structures_de(session, d)]
    return VueDemandes(
        cadre_de(contexte, contact, structures),
        tuple(replace(c, manquantes=(NOM_DU_BILAN,)) for c in citees) if bilan else citees,
        citer_seance(etape(contexte, prochaine)) if prochaine else None,
        quittee,
        *_piece_refusee(contexte, session, courriel, demandes[0]),
    )


def _piece_refusee(contexte: Contexte, session: Session, courriel: Courriel, demande: Demande) -> tuple[str, ...]:
    """Give the wording of a document turned down and why, or nothing."""
    if courriel.genre != PIECE:
        return ()
    piece = session.get_one(Piece, courriel.contexte["piece"])
    appel = etape(contexte, session.get_one(Dossier, demande.dossier_id).etape)
    libelles = {p.code: p.libelle for p in demarche(contexte, appel).pieces} | {BILAN_DU_PROJET: NOM_DU_BILAN}
    return libelles.get(piece.code, piece.code), piece.motif


def _decision(session: Session, courriel: Courriel, demande: Demande) -> Decision:
    prises = decisions_de(session, demande.id or 0, courriel.etape)
    return next(d for d in prises if d.rang == courriel.contexte["rang"])


def _vue_decision(
    contexte: Contexte, session: Session, decision: Decision, contact: Contact, demande: Demande
) -> VueDecision:
    structures: list[Structure] = list(structures_de(session, demande))
    reportee = decision.sens is SensDecision.AJOURNEMENT and demande.commission
    suivante = citer_seance(etape(contexte, demande.commission)) if reportee else None
    return VueDecision(
        cadre_de(contexte, contact, structures),
        citer_seance(etape(contexte, decision.commission)),
        _citer(contexte, session, demande),
        decision.montant_centimes,
        decision.motif,
        suivante,
    )


def _vue_annulation(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, demande: Demande
) -> VueAnnulation:
    decision = _decision(session, courriel, demande)
    annulation = session.exec(select(Annulation).where(Annulation.decision_id == decision.id)).one()
    return VueAnnulation(
        cadre_de(contexte, contact, list(structures_de(session, demande))),
        citer_seance(etape(contexte, decision.commission)),
        _citer(contexte, session, demande),
        decision.sens.value,
        decision.montant_centimes,
        annulation.motif,
    )


def citer_seance(reglee: Etape) -> SeanceCitee:
    """Name a sitting in a mail."""
    jour = reglee.jour or reglee.demandes_avant or date.max
    return SeanceCitee(reglee.libelle, jour, reglee.demandes_avant or jour, reglee.est_approximative("jour"))


def _citer(contexte: Contexte, session: Session, demande: Demande) -> DemandeCitee:
    return DemandeCitee(
        demande.reference,
        partenaire_de(session, demande).nom,
        demande.objet,
        demande.montant_demande_centimes,
        completude(contexte, session, demande).manquantes,
    )
