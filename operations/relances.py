"""What the calendar does to a step: open it, remind those who owe, close it. Each action once, for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes import contacts_actifs, structures_redevables
from modeles.tables import ActionJouee, Contact, Courriel, Structure
from operations.configuration import calendriers, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import PARIS, ActionDatee, Etape, Verbe, actions_datees, actions_dues
from regles.dates import en_toutes_lettres
from regles.etats import EtatAction, EtatCourriel
from schemas.configuration.prestations import RegistrePrestations, charger_prestations

CALENDRIER = "calendrier"
A_LA_MAIN = "à tenir à la main"
DEPASSEE = "dépassée par une action plus récente de l'étape"
OUVERTURE_D_ABORD = "l'ouverture n'est pas encore partie, elle en tient lieu"


@dataclass(frozen=True, slots=True)
class BilanAction:
    """What an action did: mails decided, structures they speak of, a French sentence.

    `sans_contact`: the partners that owe an answer and have nobody to write to.
    """

    cle: str
    etat: EtatAction
    courriels: int
    structures: int
    message: str
    sans_contact: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DestinatairePrevu:
    """One person and the structures that their mail would speak of (code and name)."""

    contact: int
    nom: str
    adresse: str
    structures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Apercu:
    """Who an opening (rank 0) or a reminder would be written to, if it left now."""

    etape: str
    rang: int
    destinataires: tuple[DestinatairePrevu, ...]
    sans_contact: tuple[str, ...]
    a_la_main: tuple[str, ...]


class _DejaJouee(Exception):
    """Another process claimed the action first."""


@lru_cache
def _registre(config: Path) -> RegistrePrestations:
    return charger_prestations(config / "prestations.yaml")


def prestations_collectees(contexte: Contexte, reglee: Etape) -> tuple[str, ...]:
    """Give the prestations of a step whose answers are collected here (config/prestations.yaml)."""
    registre = _registre(contexte.reglages.config)
    return tuple(p for p in reglee.prestations if registre.est_collectee(p, reglee.nature))


def ouvrir(
    contexte: Contexte,
    identifiant: str,
    jour: date | None = None,
    par: str = CALENDRIER,
    *,
    confirme: bool = False,
) -> BilanAction:
    """Open a step: one mail a person, for the structures that have not answered yet.

    Raises:
        ActeRefuse: unknown step, no opening or not yet, or too many mails without `confirme`.
    """
    return jouer(contexte, _action(contexte, identifiant, Verbe.OUVRIR), jour, par, confirme=confirme)


def relancer(
    contexte: Contexte,
    identifiant: str,
    rang: int,
    jour: date | None = None,
    par: str = CALENDRIER,
    *,
    confirme: bool = False,
) -> BilanAction:
    """Remind the people whose structures owe an answer: one mail a person.

    Raises:
        ActeRefuse: unknown step or rank, a reminder not due yet, or too many mails without `confirme`.
    """
    return jouer(contexte, _action(contexte, identifiant, Verbe.RELANCER, rang), jour, par, confirme=confirme)


def clore(contexte: Contexte, identifiant: str, jour: date | None = None, par: str = CALENDRIER) -> BilanAction:
    """Close a step and say who has not answered. No mail.

    Raises:
        ActeRefuse: unknown step, or one that does not close yet.
    """
    return jouer(contexte, _action(contexte, identifiant, Verbe.CLORE), jour, par)


def _action(contexte: Contexte, identifiant: str, verbe: Verbe, rang: int = 0) -> ActionDatee:
    for action in actions_datees(etape(contexte, identifiant), plan_relances(contexte)):
        if action.verbe is verbe and action.rang == rang:
            return action
    suite = f" de rang {rang}" if verbe is Verbe.RELANCER else ""
    raise ActeRefuse(f"Le calendrier ne prévoit pas de « {verbe} »{suite} pour l'étape « {identifiant} ».")


def actions_a_jouer(
    contexte: Contexte, jour: date | None = None
) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Give what is due on a day and not done yet: (to play, to skip), whatever was missed before."""
    ce_jour = contexte.maintenant(jour).date()
    with transaction(contexte.moteur) as session:
        faites = set(session.exec(select(ActionJouee.cle)))
    plan = plan_relances(contexte)
    actions = [a for c in calendriers(contexte) for e in c.etapes for a in actions_datees(e, plan)]
    return actions_dues(actions, ce_jour, faites)


def jouer(
    contexte: Contexte,
    action: ActionDatee,
    jour: date | None = None,
    par: str = CALENDRIER,
    *,
    confirme: bool = False,
) -> BilanAction:
    """Play an action of the calendar; one that an outage made out of date is skipped, one already done is left alone.

    Raises:
        ActeRefuse: an action not due yet, or too many mails without `confirme`.
    """
    reglee = etape(contexte, action.etape)
    instant = contexte.maintenant(jour)

    def geste(session: Session) -> BilanAction:
        faites = set(session.exec(select(ActionJouee.cle).where(ActionJouee.etape == reglee.id)))
        a_jouer, a_sauter = actions_dues(actions_datees(reglee, plan_relances(contexte)), instant.date(), faites)
        if action.cle in {a.cle for a in a_sauter}:
            a_ouvrir = any(a.verbe is Verbe.OUVRIR for a in a_jouer)
            return _sauter(session, action, instant, par, OUVERTURE_D_ABORD if a_ouvrir else DEPASSEE)
        if action.cle not in {a.cle for a in a_jouer}:
            raise ActeRefuse(f"« {action.cle} » est prévue le {en_toutes_lettres(action.le.date())}.")
        if action.verbe is Verbe.CLORE:
            return _clore(contexte, session, reglee, action, instant, par)
        return _ecrire(contexte, session, reglee, action, instant, par, confirme=confirme)

    return _une_fois(contexte, action, geste)


def sauter(contexte: Contexte, action: ActionDatee, jour: date | None = None, par: str = CALENDRIER) -> BilanAction:
    """Note that an action will not be played; one already done is left alone."""
    instant = contexte.maintenant(jour)
    return _une_fois(contexte, action, lambda session: _sauter(session, action, instant, par, DEPASSEE))


def _une_fois(contexte: Contexte, action: ActionDatee, geste: Callable[[Session], BilanAction]) -> BilanAction:
    try:
        with transaction(contexte.moteur) as session:
            jouee = session.get(ActionJouee, action.cle)
            return geste(session) if jouee is None else _bilan_deja_jouee(jouee)
    except _DejaJouee:
        with transaction(contexte.moteur) as session:
            return _bilan_deja_jouee(session.get_one(ActionJouee, action.cle))


def apercu(contexte: Contexte, identifiant: str, rang: int, jour: date | None = None) -> Apercu:
    """Say who would be written to: the opening when `rang` is 0, else the reminder of that rank.

    Raises:
        ActeRefuse: unknown step, or a rank that its calendar does not hold.
    """
    contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    _action(contexte, identifiant, Verbe.RELANCER if rang else Verbe.OUVRIR, rang)
    collectees = prestations_collectees(contexte, reglee)
    with transaction(contexte.moteur) as session:
        prevus, sans_contact, _ = _destinataires(session, reglee, collectees)
    reste = tuple(p for p in reglee.prestations if p not in collectees)
    return Apercu(identifiant, rang, prevus, sans_contact, reste)


def _destinataires(
    session: Session, reglee: Etape, prestations: Sequence[str]
) -> tuple[tuple[DestinatairePrevu, ...], tuple[str, ...], int]:
    """Group by address the people of the partners that owe; give them, the partners without anyone, the structures."""
    redevables = structures_redevables(session, reglee.id, prestations)
    personnes: dict[str, tuple[Contact, list[Structure]]] = {}
    sans_contact: dict[str, None] = {}
    for structure, partenaire in redevables:
        contacts = contacts_actifs(session, partenaire.id or 0)
        if not contacts:
            sans_contact[f"{partenaire.code} {partenaire.nom}"] = None
        for contact in contacts:
            personnes.setdefault(contact.courriel.casefold(), (contact, []))[1].append(structure)
    prevus = tuple(
        DestinatairePrevu(c.id or 0, c.nom, c.courriel, tuple((s.code, s.nom) for s in structures))
        for c, structures in personnes.values()
    )
    return prevus, tuple(sans_contact), len(redevables)


def _ecrire(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    action: ActionDatee,
    instant: datetime,
    par: str,
    *,
    confirme: bool,
) -> BilanAction:
    collectees = prestations_collectees(contexte, reglee)
    if not collectees:
        message = f"{reglee.libelle} : {A_LA_MAIN}, aucun courriel."
        return _noter(session, action, instant, par, BilanAction(action.cle, EtatAction.FAITE, 0, 0, message))
    prevus, sans_contact, nombre = _destinataires(session, reglee, collectees)
    if not nombre and action.verbe is Verbe.RELANCER:
        return _sauter(session, action, instant, par, "toutes les structures ont répondu")
    plafond = contexte.reglages.fichier.relances.plafond_courriels
    if len(prevus) > plafond and not confirme:
        raise ActeRefuse(
            f"« {action.cle} » écrirait {len(prevus)} courriels, plus que le plafond de {plafond} : relisez l'aperçu "
            f"(campagnes apercu {reglee.id} {action.rang}), puis confirmez."
        )
    for prevu in prevus:
        session.add(_courriel(reglee, action, prevu, instant))
    message = f"{reglee.libelle} : {len(prevus)} courriel(s) à envoyer pour {nombre} structure(s)."
    reste = [p for p in reglee.prestations if p not in collectees]
    if reste:
        message += f" {', '.join(reste)} : {A_LA_MAIN}."
    if sans_contact:
        message += f" Sans contact : {', '.join(sans_contact)}."
    bilan = BilanAction(action.cle, EtatAction.FAITE, len(prevus), nombre, message, sans_contact)
    return _noter(session, action, instant, par, bilan)


def _courriel(reglee: Etape, action: ActionDatee, prevu: DestinatairePrevu, instant: datetime) -> Courriel:
    genre = "ouverture" if action.verbe is Verbe.OUVRIR else "relance"
    return Courriel(
        cle=f"{genre}:{reglee.id}:{action.rang}:{prevu.contact}",
        genre=genre,
        etape=reglee.id,
        rang=action.rang,
        contact_id=prevu.contact,
        structures=[code for code, _ in prevu.structures],
        contexte={},
        etat=EtatCourriel.A_ENVOYER,
        prochain_essai_le=instant,
        decide_le=instant,
    )


def _clore(
    contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime, par: str
) -> BilanAction:
    collectees = prestations_collectees(contexte, reglee)
    manquantes = [s.code for s, _ in structures_redevables(session, reglee.id, collectees)]
    message = f"{reglee.libelle} : close."
    if manquantes:
        message = f"{reglee.libelle} : close, {len(manquantes)} structure(s) sans réponse ({', '.join(manquantes)})."
    elif collectees:
        message = f"{reglee.libelle} : close, toutes les structures ont répondu."
    bilan = BilanAction(action.cle, EtatAction.FAITE, 0, len(manquantes), message)
    return _noter(session, action, instant, par, bilan)


def _sauter(session: Session, action: ActionDatee, instant: datetime, par: str, motif: str) -> BilanAction:
    bilan = BilanAction(action.cle, EtatAction.SAUTEE, 0, 0, f"« {action.cle} » sautée : {motif}.")
    return _noter(session, action, instant, par, bilan, motif)


def _noter(
    session: Session, action: ActionDatee, instant: datetime, par: str, bilan: BilanAction, motif: str = ""
) -> BilanAction:
    """Claim the action and write its line: in the transaction of its mails, or nothing."""
    session.add(
        ActionJouee(
            cle=action.cle,
            etape=action.etape,
            verbe=action.verbe,
            rang=action.rang,
            etat=bilan.etat,
            le=instant,
            par=par,
            motif=motif,
        )
    )
    try:
        session.flush()
    except IntegrityError as erreur:
        raise _DejaJouee from erreur
    inscrire(
        session,
        le=instant,
        par=par,
        objet="etape",
        objet_id=action.etape,
        action=action.verbe,
        apres=bilan.etat,
        motif=motif,
        details={
            "cle": action.cle,
            "prevue_le": action.le.date().isoformat(),
            "courriels": bilan.courriels,
            "structures": bilan.structures,
            "sans_contact": [nom.split(" ", 1)[0] for nom in bilan.sans_contact],
        },
    )
    return bilan


def _bilan_deja_jouee(jouee: ActionJouee) -> BilanAction:
    le = en_toutes_lettres(jouee.le.astimezone(PARIS).date())
    return BilanAction(jouee.cle, jouee.etat, 0, 0, f"« {jouee.cle} » : déjà {jouee.etat} le {le}.")
