"""The letters about dossiers: what is expected, what has come, what is still missing."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlmodel import Session, select

from echanges.courriel.vues_dossiers import DemandeEnCours, DossierCite, PieceCitee, VueDossier, VueRecuDossier
from modeles.tables import Contact, Courriel, Dossier, Partenaire, Piece, Structure
from operations.attendus import Attendu, attendus, dates_de
from operations.commission.notifications import citer_seance
from operations.commission.socle import demandes_en_cours
from operations.configuration import demarche, dire_prestation, etape, plan_relances
from operations.contexte import Contexte
from operations.pieces import manquantes, pieces_lues
from operations.projets import Projet, SansObjet, cadre_de
from operations.relecture import concernes_par, dates_du_courriel
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.demarches import Demarche, PieceAttendue
from regles.etats import EtatDossier, EtatPiece


def projeter_dossiers(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again which dossiers of a person are still expected, and what each still lacks."""
    reglee = etape(contexte, courriel.etape)
    suivie = demarche(contexte, reglee)
    dates = dates_du_courriel(contexte, session, courriel, reglee)
    fin = fin_de_reception(dates, suivie.plan)
    if dates.limite is None or fin is None or jour > fin:
        return SansObjet("la réception est close")
    dus = concernes_par(contexte, session, courriel, reglee)
    if not dus:
        return SansObjet("le dossier est complet, ou n'est plus attendu")
    vue = VueDossier(
        cadre=cadre_de(contexte, contact, _situees(session, dus)),
        libelle=reglee.libelle,
        limite=dates.limite,
        fin=fin,
        jour=jour,
        structures=_citer_tous(contexte, session, suivie, dus, jour),
        facultative=suivie.facultative,
        a_confirmer=dates.est_approximative("limite") or bool(dates.a_confirmer),
        canal=reglee.canal,
        mots=suivie.mots.pour(courriel.genre, est_passee=jour > dates.limite),
    )
    genre = f"dossier_{courriel.genre}"
    if courriel.genre == "relance" and vue.est_passee:
        genre = "dossier_relance_apres"
    return _projet(session, genre, contact, vue, reglee)


def projeter_recu(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again where a dossier stands, for the partner that something was received from."""
    reglee = etape(contexte, courriel.etape)
    suivie = demarche(contexte, reglee)
    attendu = next(a for a in attendus(contexte, session, reglee) if a.code in courriel.structures)
    dossier = session.get_one(Dossier, courriel.contexte["dossier"])
    if dossier.etat is EtatDossier.SANS_SUITE:
        return SansObjet("plus rien n'est attendu de ce dossier")
    dates = dates_de(contexte, reglee, attendu.prolongation)
    bornes = (dates.limite, fin_de_reception(dates, plan_relances(contexte, reglee)))
    pieces = pieces_lues(session, [dossier]).get(dossier.id or 0, [])
    venues = [p.recue_le.astimezone(PARIS).date() for p in pieces if p.etat is EtatPiece.RECUE]
    cite = _citer(contexte, session, suivie, attendu, pieces, jour)
    propre = next((borne for borne in bornes if borne is not None and jour <= borne), None)
    vue = VueRecuDossier(
        cadre=cadre_de(contexte, contact, _situees(session, [attendu])),
        libelle=reglee.libelle,
        dossier=cite,
        complet=not manquantes(suivie, pieces),
        echeance=cite.limite_des_demandes or propre,
        en_retard=dates.limite is not None and any(venue > dates.limite for venue in venues),
        canal=reglee.canal,
    )
    return _projet(session, courriel.genre, contact, vue, reglee)


def _projet(session: Session, genre: str, contact: Contact, vue: VueDossier | VueRecuDossier, reglee: Etape) -> Projet:
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(genre, contact.nom, contact.courriel, partenaire, vue, reglee)


def _situees(session: Session, dus: Iterable[Attendu]) -> list[Structure]:
    """Give the structures that say whom to call: those of the dossiers, or all those of a partner as a whole."""
    situees: dict[int, Structure] = {}
    for attendu in dus:
        siennes: Sequence[Structure] = [attendu.structure] if attendu.structure else []
        if attendu.structure is None:
            demande = select(Structure).where(Structure.partenaire_id == attendu.partenaire.id)
            siennes = session.exec(demande.order_by(Structure.code)).all()
        situees |= {s.id or 0: s for s in siennes}
    return list(situees.values())


def _citer_tous(
    contexte: Contexte, session: Session, suivie: Demarche, dus: Sequence[Attendu], jour: date
) -> tuple[DossierCite, ...]:
    pieces = pieces_lues(session, [a.dossier for a in dus if a.dossier])
    siennes = [pieces.get(a.dossier.id or 0, []) if a.dossier else [] for a in dus]
    return tuple(_citer(contexte, session, suivie, a, s, jour) for a, s in zip(dus, siennes, strict=True))


def _citer(
    contexte: Contexte, session: Session, suivie: Demarche, attendu: Attendu, pieces: Iterable[Piece], jour: date
) -> DossierCite:
    par_code = {p.code: p for p in pieces}
    structure = attendu.structure
    precision = f"{structure.commune}, {dire_prestation(contexte, structure.prestation)}" if structure else ""
    citees = tuple(_citer_piece(attendue, par_code.get(attendue.code)) for attendue in suivie.pieces)
    demandes = tuple(
        DemandeEnCours(demande.reference, demande.objet, citer_seance(seance) if seance else None)
        for demande, seance in demandes_en_cours(contexte, session, attendu.dossier, jour)
    )
    return DossierCite(attendu.code, attendu.nom, precision, citees, demandes)


def _citer_piece(attendue: PieceAttendue, piece: Piece | None) -> PieceCitee:
    if piece is None:
        return PieceCitee(attendue.libelle, attendue.obligatoire)
    if piece.etat is EtatPiece.REFUSEE:
        return PieceCitee(attendue.libelle, attendue.obligatoire, refus=piece.motif)
    return PieceCitee(attendue.libelle, attendue.obligatoire, piece.recue_le.astimezone(PARIS).date())
