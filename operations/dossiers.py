"""Dossiers of documents: opened for their audience, received one document at a time, complete when none is missing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, select

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes_commission import demandes_ouvertes
from modeles.requetes_dossiers import pieces_a_decider
from modeles.tables import Dossier, Piece
from modeles.tables.dossiers import OriginePiece
from modeles.transitions import Acte, consigner, passer
from operations.accuses import accuser_reception
from operations.attendus import Attendu, attendus, audience, dates_de, jour_d_ouverture
from operations.boite_envoi import taire_adresses
from operations.configuration import demarche, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.pieces import Apport, en_phrase, exiger_motif_court, lire, manquantes, pieces_de, pieces_lues, recues
from operations.reconnus import reconnaitre_attendu
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.dates import en_chiffres, en_toutes_lettres
from regles.demarches import Demarche, PieceAttendue
from regles.etats import EtatDossier, EtatPiece

SANS_SUITE = "{code} est sans suite : rouvrez d'abord son dossier (campagnes dossiers rouvrir {etape} {code} …)."
A_DECIDER = (
    "À décider : campagnes dossiers rouvrir {etape} {code} … pour la prendre en compte ; campagnes dossiers clore "
    "{etape} {code} … pour en rester là."
)


class Sortie(StrEnum):
    """Why nothing more is expected of a dossier: its partner gives up, or the team excuses them."""

    RENONCER = "renoncer"
    DISPENSER = "dispenser"


@dataclass(frozen=True, slots=True)
class BilanDossier:
    """What became of a dossier: its number, its state, the mandatory documents still missing, a French sentence."""

    dossier: int
    etat: EtatDossier
    manquantes: tuple[str, ...]
    message: str
    courriels: int = 0


def ouvrir_dossiers(contexte: Contexte, session: Session, reglee: Etape, par: str, instant: datetime) -> int:
    """Write the dossiers of a step that its audience does not have yet, in the caller's transaction; give how many."""
    verrouiller(session)
    ouverts = {
        (d.partenaire_id, d.structure_id) for d in session.exec(select(Dossier).where(Dossier.etape == reglee.id))
    }
    a_ouvrir = [a for a in audience(contexte, session, reglee) if a.clef not in ouverts]
    for attendu in a_ouvrir:
        _ouvrir(session, reglee, attendu, par, instant)
    return len(a_ouvrir)


def _ouvrir(session: Session, reglee: Etape, attendu: Attendu, par: str, instant: datetime) -> Dossier:
    partenaire, structure = attendu.clef
    dossier = Dossier(
        etape=reglee.id, partenaire_id=partenaire, structure_id=structure, etat=EtatDossier.ATTENDU, cree_le=instant
    )
    session.add(dossier)
    session.flush()
    consigner(session, dossier, Acte(instant, par, "ouvrir"), {"etape": reglee.id, "code": attendu.code})
    return dossier


def recevoir(contexte: Contexte, identifiant: str, code: str, apport: Apport, jour: date | None = None) -> BilanDossier:
    """Record a document of a dossier, and tell its partner what has come and what is still missing.

    A better document replaces the former one; the same bytes, or the same statement of the same day, a second time
    change nothing. `apport.recue_le` says the day it came when it is recorded later: lateness is counted from it.
    Of a dossier left without a sequel, it is kept at any time, and the team decides (`rouvrir`, or close it again).

    Raises:
        ActeRefuse: unknown step, code or document; someone outside the team; neither a file nor a statement; a file
            that is not kept; a day to come, or before the step opens; or a reception closed for this partner.
    """
    contexte.exiger_personne(apport.par)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    suivie = _demarche_a_dossiers(contexte, reglee)
    attendue = _piece_attendue(suivie, reglee, apport.piece)
    nom, octets = lire(contexte, apport)
    recue_le = apport.venue_le(instant)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        _exiger_depuis_l_ouverture(contexte, session, reglee, apport)
        attendu = trouver(contexte, session, reglee, code)
        dossier = attendu.dossier or _ouvrir(session, reglee, attendu, apport.par, instant)
        pieces = pieces_de(session, [dossier]).get(dossier.id or 0, [])
        deja = next((p for p in pieces if _est_la_meme(p, apport, octets, recue_le)), None)
        if deja is not None:
            lues = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
            return _bilan(suivie, dossier, lues, _deja_recue(attendue, deja))
        if dossier.etat is not EtatDossier.SANS_SUITE:
            _exiger_ouverte(contexte, reglee, attendu, recue_le.date())
        for ancienne in (p for p in pieces if p.code == attendue.code and p.demande_id is None):
            passer(session, ancienne, EtatPiece.REMPLACEE, Acte(instant, apport.par, "remplacer"))
        piece = _garder(session, dossier, apport, nom, octets, recue_le)
        consigner(
            session, piece, Acte(instant, apport.par, "recevoir", taire_adresses(apport.constat)),
            {"etape": reglee.id, "code": attendu.code, "piece": piece.code, "sha256": piece.sha256},
        )  # fmt: skip
        pieces = mettre_a_jour(session, suivie, dossier, Acte(instant, apport.par, "recevoir"))
        courriels = accuser_reception(contexte, session, reglee, attendu, piece, instant)
        message = f"« {attendue.libelle} » de {attendu.code} {attendu.nom} : reçue le {en_chiffres(recue_le.date())}."
        if dossier.etat is EtatDossier.SANS_SUITE:
            message += f" Gardée : le dossier reste sans suite. {A_DECIDER.format(etape=reglee.id, code=attendu.code)}"
        return _bilan(suivie, dossier, pieces, message, courriels)


def _est_la_meme(piece: Piece, apport: Apport, octets: bytes | None, recue_le: datetime) -> bool:
    """Whether a document brought is one already there; a statement made again once refused is another one."""
    if octets is not None or piece.octets is not None:
        return (piece.code, piece.octets) == (apport.piece, octets)
    le_meme_jour = piece.recue_le.astimezone(PARIS).date() == recue_le.astimezone(PARIS).date()
    constat = (piece.etat, piece.code, piece.motif)
    return le_meme_jour and constat == (EtatPiece.RECUE, apport.piece, apport.constat)


def _garder(
    session: Session, dossier: Dossier, apport: Apport, nom: str, octets: bytes | None, recue_le: datetime
) -> Piece:
    piece = Piece(
        dossier_id=dossier.id or 0,
        code=apport.piece,
        etat=EtatPiece.RECUE,
        origine=OriginePiece.CONSTAT if octets is None else OriginePiece.FICHIER,
        nom_fichier=nom,
        sha256="" if octets is None else hashlib.sha256(octets).hexdigest(),
        octets=octets,
        recue_le=recue_le,
        par=apport.par,
        motif=apport.constat,
    )
    session.add(piece)
    session.flush()
    return piece


def refuser_piece(
    contexte: Contexte, identifiant: str, code: str, piece: str, par: str, motif: str, jour: date | None = None
) -> BilanDossier:
    """Turn down a document received: its partner reads why, and owes it again.

    Raises:
        ActeRefuse: as for `recevoir`, no reason, nothing received under that name, or a dossier without a sequel.
    """
    contexte.exiger_personne(par)
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    suivie = _demarche_a_dossiers(contexte, reglee)
    attendue = _piece_attendue(suivie, reglee, piece)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        attendu, dossier = _dossier_ouvert(contexte, session, reglee, code)
        _exiger_avec_suite(reglee, attendu, dossier)
        recue = next(
            (
                p
                for p in pieces_de(session, [dossier]).get(dossier.id or 0, [])
                if p.code == attendue.code and p.etat is EtatPiece.RECUE
            ),
            None,
        )
        if recue is None:
            raise ActeRefuse(f"{attendu.code} n'a pas de « {attendue.libelle} » reçue pour « {reglee.libelle} ».")
        acte = Acte(instant, par, "refuser", taire_adresses(motif))
        passer(session, recue, EtatPiece.REFUSEE, acte, {"etape": reglee.id, "code": attendu.code})
        recue.motif = motif
        pieces = mettre_a_jour(session, suivie, dossier, acte)
        courriels = accuser_reception(contexte, session, reglee, attendu, recue, instant)
        message = f"« {attendue.libelle} » de {attendu.code} refusée : {en_phrase(motif)}"
        return _bilan(suivie, dossier, pieces, message, courriels)


def noter_intention(
    contexte: Contexte, identifiant: str, code: str, par: str, jour: date | None = None
) -> BilanDossier:
    """Note that a partner means to answer: it is reminded of it from now on.

    Raises:
        ActeRefuse: unknown step or code, someone outside the team, or a dossier that nothing more is expected of.
    """
    contexte.exiger_personne(par)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    suivie = _demarche_a_dossiers(contexte, reglee)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        attendu = trouver(contexte, session, reglee, code)
        dossier = attendu.dossier or _ouvrir(session, reglee, attendu, par, instant)
        pieces = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
        _exiger_avec_suite(reglee, attendu, dossier)
        if dossier.etat is EtatDossier.ATTENDU:
            passer(session, dossier, EtatDossier.EN_COURS, Acte(instant, par, "annoncer"))
        return _bilan(suivie, dossier, pieces, f"{attendu.code} {attendu.nom} souhaite répondre : c'est noté.")


def clore_sans_suite(
    contexte: Contexte, identifiant: str, code: str, sortie: Sortie, par: str, motif: str, jour: date | None = None
) -> BilanDossier:
    """Note that nothing more is expected of a dossier: the partner gives up, or the team excuses them.

    Closed already, it is closed again when a document has come since: that is what the team decides of it.

    Raises:
        ActeRefuse: unknown step or code, someone who may not validate, no reason, a dossier already complete, or one
            with requests for a grant that a person has not settled: a partner may give up one project of several.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    suivie = _demarche_a_dossiers(contexte, reglee)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        attendu = trouver(contexte, session, reglee, code)
        dossier = attendu.dossier or _ouvrir(session, reglee, attendu, par, instant)
        pieces = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
        if dossier.etat is EtatDossier.COMPLET:
            raise ActeRefuse(f"Le dossier de {attendu.code} est complet : il n'y a plus rien à en attendre.")
        _exiger_sans_demande(session, attendu, dossier)
        acte = Acte(instant, par, sortie, taire_adresses(motif))
        if dossier.etat is not EtatDossier.SANS_SUITE:
            passer(session, dossier, EtatDossier.SANS_SUITE, acte)
        elif arrivees := pieces_a_decider(session, [dossier]).get(dossier.id or 0):
            consigner(session, dossier, acte, {"pieces": sorted(p.code for p in arrivees)})
        quoi = "y renonce" if sortie is Sortie.RENONCER else "en est dispensé"
        return _bilan(suivie, dossier, pieces, f"{attendu.code} {attendu.nom} {quoi} : {motif}")


def rouvrir(
    contexte: Contexte, identifiant: str, code: str, par: str, motif: str, jour: date | None = None
) -> BilanDossier:
    """Take up a dossier again that was left without a sequel: its state is that of its documents.

    The partner is told of those that came meanwhile, which nobody had acknowledged.

    Raises:
        ActeRefuse: as for `clore_sans_suite`, or a dossier that was not.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif_court(motif)
    instant = contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    suivie = _demarche_a_dossiers(contexte, reglee)
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        attendu, dossier = _dossier_ouvert(contexte, session, reglee, code)
        if dossier.etat is not EtatDossier.SANS_SUITE:
            raise ActeRefuse(f"Le dossier de {attendu.code} n'est pas sans suite : il est « {dossier.etat} ».")
        pieces = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
        venues = pieces_a_decider(session, [dossier]).get(dossier.id or 0, [])
        _suivre(session, suivie, dossier, pieces, Acte(instant, par, "rouvrir", taire_adresses(motif)))
        courriels = sum(
            accuser_reception(contexte, session, reglee, attendu, venue, instant, "rouvrir") for venue in venues[-1:]
        )
        return _bilan(suivie, dossier, pieces, f"Le dossier de {attendu.code} {attendu.nom} est rouvert.", courriels)


def trouver(contexte: Contexte, session: Session, reglee: Etape, code: str) -> Attendu:
    """Find who answers a step under a code. Any partner may answer a call for projects.

    Raises:
        ActeRefuse: a code that is nobody's, or somebody whom the step does not expect.
    """
    tous = attendus(contexte, session, reglee)
    attendu = next((a for a in tous if a.code == code), None)
    if attendu is not None:
        return attendu
    venu = reconnaitre_attendu(session, code)
    suivie = demarche(contexte, reglee)
    par_structure = suivie.audience is not None and suivie.audience.par_structure
    if suivie.facultative and par_structure == (venu.structure is not None):
        return venu
    raise ActeRefuse(
        f"« {reglee.libelle} » n'attend rien de {code} ({venu.nom}) : vérifiez le code, ou ses prestations et ses "
        "adhésions dans le réseau."
    )


def _demarche_a_dossiers(contexte: Contexte, reglee: Etape) -> Demarche:
    suivie = demarche(contexte, reglee)
    if not suivie.par_dossier:
        raise ActeRefuse(f"« {reglee.id} » ne se suit pas par dossier (config/demarches.yaml, pieces).")
    return suivie


def _piece_attendue(suivie: Demarche, reglee: Etape, code: str) -> PieceAttendue:
    attendue = suivie.piece(code)
    if attendue is None:
        connues = ", ".join(p.code for p in suivie.pieces)
        raise ActeRefuse(f"« {reglee.id} » n'attend pas de pièce « {code} » : {connues}.")
    return attendue


def _dossier_ouvert(contexte: Contexte, session: Session, reglee: Etape, code: str) -> tuple[Attendu, Dossier]:
    attendu = trouver(contexte, session, reglee, code)
    if attendu.dossier is None:
        raise ActeRefuse(f"{code} n'a pas encore de dossier pour « {reglee.libelle} ».")
    return attendu, attendu.dossier


def _exiger_ouverte(contexte: Contexte, reglee: Etape, attendu: Attendu, recue_le: date) -> None:
    fin = fin_de_reception(dates_de(contexte, reglee, attendu.prolongation), plan_relances(contexte, reglee))
    if fin is not None and recue_le > fin:
        raise ActeRefuse(
            f"La réception de « {reglee.libelle} » est close pour {attendu.code} depuis le {en_toutes_lettres(fin)} au "
            f"soir : donnez-lui d'abord un délai (campagnes prolonger {reglee.id} {attendu.code} …)."
        )


def _exiger_depuis_l_ouverture(contexte: Contexte, session: Session, reglee: Etape, apport: Apport) -> None:
    """A day given for a document is no earlier than the step: it is often the wrong year."""
    ouverture = jour_d_ouverture(contexte, session, reglee)
    if apport.recue_le is not None and ouverture is not None and apport.recue_le < ouverture:
        raise ActeRefuse(
            f"Le {en_chiffres(apport.recue_le)} vient avant l'ouverture de « {reglee.libelle} », le "
            f"{en_chiffres(ouverture)} : vérifiez l'année. Une pièce venue plus tôt compte du jour de l'ouverture."
        )


def _exiger_avec_suite(reglee: Etape, attendu: Attendu, dossier: Dossier) -> None:
    if dossier.etat is EtatDossier.SANS_SUITE:
        raise ActeRefuse(SANS_SUITE.format(etape=reglee.id, code=attendu.code))


def _exiger_sans_demande(session: Session, attendu: Attendu, dossier: Dossier) -> None:
    ouvertes = demandes_ouvertes(session, dossier.id or 0)
    if not ouvertes:
        return
    nombre = f"{len(ouvertes)} demandes" if len(ouvertes) > 1 else "1 demande"
    citees = ", ".join(f"{d.reference} « {d.objet} »" for d in ouvertes)
    actes = " ; ".join(f"campagnes commission retirer {d.reference} --motif … --par …" for d in ouvertes)
    raise ActeRefuse(
        f"{attendu.code} a encore {nombre} en cours : {citees}. La commission les attend : laissez-les être décidées, "
        f"ou retirez-les d'abord ({actes})."
    )


def mettre_a_jour(session: Session, suivie: Demarche, dossier: Dossier, acte: Acte) -> list[Piece]:
    """Bring a dossier to the state of its documents, those of its requests for a grant included; give them.

    One left without a sequel stays so: only a person takes it up again (`rouvrir`).
    """
    venues = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
    if dossier.etat is not EtatDossier.SANS_SUITE:
        _suivre(session, suivie, dossier, venues, acte)
    return venues


def _suivre(session: Session, suivie: Demarche, dossier: Dossier, venues: Sequence[Piece], acte: Acte) -> None:
    commence = bool(venues) or dossier.etat is EtatDossier.EN_COURS
    etat = suivie.etat_du_dossier(recues(venues), commence=commence)
    if etat is not dossier.etat:
        dossier.complet_le = None
        if etat is EtatDossier.COMPLET:
            dossier.complet_le = max(p.recue_le for p in venues if p.code in suivie.codes_obligatoires)
        passer(session, dossier, etat, acte, {"pieces": sorted(recues(venues))})


def _deja_recue(attendue: PieceAttendue, deja: Piece) -> str:
    le = en_chiffres(deja.recue_le.astimezone(PARIS).date())
    if deja.etat is EtatPiece.REFUSEE:
        return (
            f"C'est le fichier du {le}, refusé pour « {attendue.libelle} » : {en_phrase(deja.motif)} Rien n'a changé."
        )
    return f"Cette pièce est déjà là : « {attendue.libelle} », reçue le {le}. Rien n'a changé."


def _bilan(
    suivie: Demarche, dossier: Dossier, pieces: Sequence[Piece], message: str, courriels: int = 0
) -> BilanDossier:
    manque = tuple(p.libelle for p in manquantes(suivie, pieces))
    if dossier.etat is EtatDossier.COMPLET and dossier.complet_le is not None:
        message += f" Dossier complet le {en_chiffres(dossier.complet_le.astimezone(PARIS).date())}."
    elif dossier.etat is not EtatDossier.SANS_SUITE:
        message += f" Il manque : {', '.join(manque)}."
    return BilanDossier(dossier.id or 0, dossier.etat, manque, message, courriels)
