"""What the calendar does to a step: open it, remind those who owe, close it. Each action once, for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from modeles.base import transaction
from modeles.journal import inscrire, verrouiller
from modeles.requetes_dossiers import prolongations_par_etape
from modeles.tables import ActionJouee, Prolongation
from operations.attendus import delai_donne, s_ouvre_a_la_main
from operations.bilans import BilanAction
from operations.configuration import calendriers, etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.destinataires import DestinatairePrevu
from operations.gestes import Geste, completer, destinataires, dire_action, faire, pas_collectees, sautee
from regles.calendrier import (
    PARIS,
    ActionDatee,
    ActionFaite,
    Etape,
    Verbe,
    actions_datees,
    actions_de_prolongation,
    actions_dues,
    fin_de_reception,
)
from regles.dates import en_toutes_lettres
from regles.etats import EtatAction

CALENDRIER = "calendrier"
DEPASSEE = "dépassée par une action plus récente de l'étape"
OUVERTURE_D_ABORD = "l'ouverture n'est pas encore partie, elle en tient lieu"
JAMAIS_OUVERTE = "personne n'a ouvert la campagne, dont le calendrier ne donne pas de date d'ouverture"


@dataclass(frozen=True, slots=True)
class ApercuDelai:
    """Who the reminder of an extension, planned on a day, would be written to; `limite` is its own."""

    numero: int
    limite: date
    le: date
    destinataires: tuple[DestinatairePrevu, ...]
    sans_contact: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apercu:
    """Who an opening (rank 0) or a reminder would be written to, if it left now.

    `delais`: the reminder of the same rank of each extension that stands, on its own dates, for who still owes.
    `deja`: what became of it, and when, once it was played: nobody is listed any more.
    """

    etape: str
    rang: int
    destinataires: tuple[DestinatairePrevu, ...]
    sans_contact: tuple[str, ...]
    a_la_main: tuple[str, ...]
    delais: tuple[ApercuDelai, ...] = ()
    deja: str = ""


class _DejaJouee(Exception):
    """Another process claimed the action first."""


def ouvrir(
    contexte: Contexte,
    identifiant: str,
    jour: date | None = None,
    par: str = CALENDRIER,
    *,
    confirme: bool = False,
) -> BilanAction:
    """Open a step: one mail a person, for the structures that have not answered yet.

    A Filoué campaign whose source gives no opening is opened on the day a person chooses. A person who opens again a
    step that still takes answers writes to those nothing was decided for yet.

    Raises:
        ActeRefuse: unknown step, no opening or not yet, nobody named for an opening without a date, or too many mails
            without `confirme`.
    """
    reglee = etape(contexte, identifiant)
    if s_ouvre_a_la_main(contexte, reglee):
        _exiger_une_personne(contexte, reglee, jour, par)
    action = _action(contexte, identifiant, Verbe.OUVRIR, jour=jour)
    if par != CALENDRIER:
        complement = _completer(contexte, reglee, action, jour, par, confirme)
        if complement is not None:
            return complement
    return jouer(contexte, action, jour, par, confirme=confirme)


def _completer(
    contexte: Contexte, reglee: Etape, action: ActionDatee, jour: date | None, par: str, confirme: bool
) -> BilanAction | None:
    """Write to those whom the opening of a step missed; None unless it is open, for somebody it missed."""
    instant = contexte.maintenant(jour)
    fin = fin_de_reception(reglee, plan_relances(contexte, reglee))
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        deja = _deja_jouee(session, action)
        if deja is None or deja.etat is not EtatAction.FAITE or fin is None or instant.date() > fin:
            return None
        bilan = completer(contexte, session, reglee, action, instant, par, confirme)
        if not bilan.structures:
            return None
        inscrire(
            session, le=instant, par=contexte.exiger_personne(par).identifiant, objet="etape", objet_id=reglee.id,
            action="completer", details={"cle": action.cle, "courriels": bilan.courriels},
        )  # fmt: skip
        return bilan


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


def sieger(contexte: Contexte, identifiant: str, jour: date | None = None, par: str = CALENDRIER) -> BilanAction:
    """Tell the team on the day of a sitting what it has to decide. No mail.

    Raises:
        ActeRefuse: unknown step, or one that does not sit yet.
    """
    return jouer(contexte, _action(contexte, identifiant, Verbe.SIEGER), jour, par)


def _action(contexte: Contexte, identifiant: str, verbe: Verbe, rang: int = 0, jour: date | None = None) -> ActionDatee:
    reglee = etape(contexte, identifiant)
    if verbe is Verbe.OUVRIR and s_ouvre_a_la_main(contexte, reglee):
        return ActionDatee(identifiant, verbe, 0, contexte.maintenant(jour))
    for action in actions_datees(reglee, plan_relances(contexte, reglee)):
        if action.verbe is verbe and action.rang == rang:
            return action
    suite = f" de rang {rang}" if verbe is Verbe.RELANCER else ""
    raise ActeRefuse(f"Le calendrier ne prévoit pas de « {verbe} »{suite} pour l'étape « {identifiant} ».")


def _exiger_une_personne(contexte: Contexte, reglee: Etape, jour: date | None, par: str) -> None:
    if par not in {personne.identifiant for personne in contexte.reglages.fichier.equipe}:
        raise ActeRefuse(
            f"Le calendrier ne donne pas la date d'ouverture de « {reglee.id} » : une personne de l'équipe "
            f"(config/reglages.yaml) choisit le jour et dit qui elle est (--par)."
        )
    fin = fin_de_reception(reglee, plan_relances(contexte, reglee))
    if fin is not None and contexte.maintenant(jour).date() > fin:
        raise ActeRefuse(
            f"« {reglee.id} » ne s'ouvre plus : la réception est close depuis le {en_toutes_lettres(fin)}."
        )


def actions_a_jouer(
    contexte: Contexte, jour: date | None = None
) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Give what is due on a day and not done yet: (to play, to skip), whatever was missed before."""
    ce_jour = contexte.maintenant(jour).date()
    with transaction(contexte.moteur) as session:
        faites = [_faite(jouee) for jouee in session.exec(select(ActionJouee))]
        delais = prolongations_par_etape(session)
    actions: list[ActionDatee] = []
    for reglee in (e for c in calendriers(contexte) for e in c.etapes):
        plan = plan_relances(contexte, reglee)
        actions += actions_datees(reglee, plan)
        for prolongation in delais.get(reglee.id, ()):
            actions += actions_de_prolongation(reglee, plan, delai_donne(prolongation))
    return actions_dues(actions, ce_jour, faites)


def _actions_du_fil(contexte: Contexte, session: Session, reglee: Etape, prolongation: int) -> tuple[ActionDatee, ...]:
    """Give the dated actions of a step as published, or of one extension of it."""
    plan = plan_relances(contexte, reglee)
    if not prolongation:
        return actions_datees(reglee, plan)
    return actions_de_prolongation(reglee, plan, delai_donne(session.get_one(Prolongation, prolongation)))


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
        faites = [_faite(jouee) for jouee in session.exec(select(ActionJouee).where(ActionJouee.etape == reglee.id))]
        if action.verbe is Verbe.RELANCER and s_ouvre_a_la_main(contexte, reglee) and not _est_ouverte(faites):
            return _sauter(session, reglee, action, instant, par, JAMAIS_OUVERTE)
        actions = {*_actions_du_fil(contexte, session, reglee, action.prolongation), action}
        a_jouer, a_sauter = actions_dues(actions, instant.date(), faites)
        if action.cle in {a.cle for a in a_sauter}:
            a_ouvrir = any(a.verbe is Verbe.OUVRIR for a in a_jouer)
            return _sauter(session, reglee, action, instant, par, OUVERTURE_D_ABORD if a_ouvrir else DEPASSEE)
        if action.cle not in {a.cle for a in a_jouer}:
            raise ActeRefuse(f"« {dire_action(reglee, action)} » est prévue le {en_toutes_lettres(action.le.date())}.")
        return _noter(session, action, instant, par, faire(contexte, session, reglee, action, instant, par, confirme))

    return _une_fois(contexte, action, geste)


def sauter(contexte: Contexte, action: ActionDatee, jour: date | None = None, par: str = CALENDRIER) -> BilanAction:
    """Note that an action will not be played; one already done is left alone."""
    instant, reglee = contexte.maintenant(jour), etape(contexte, action.etape)
    return _une_fois(contexte, action, lambda session: _sauter(session, reglee, action, instant, par, DEPASSEE))


def _une_fois(contexte: Contexte, action: ActionDatee, geste: Callable[[Session], BilanAction]) -> BilanAction:
    try:
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            deja = _deja_jouee(session, action)
            return geste(session) if deja is None else _bilan_deja_jouee(deja)
    except _DejaJouee:
        with transaction(contexte.moteur) as session:
            return _bilan_deja_jouee(session.get_one(ActionJouee, action.cle))


def _faite(jouee: ActionJouee) -> ActionFaite:
    le = jouee.le.astimezone(PARIS).date()
    ecrite = jouee.etat is EtatAction.FAITE
    return ActionFaite(jouee.etape, Verbe(jouee.verbe), jouee.cle, le, ecrite, jouee.prolongation_id or 0)


def _est_ouverte(faites: Sequence[ActionFaite]) -> bool:
    return any(f.verbe is Verbe.OUVRIR and f.ecrite for f in faites)


def _deja_jouee(session: Session, action: ActionDatee) -> ActionJouee | None:
    jouees = session.exec(select(ActionJouee).where(ActionJouee.etape == action.etape))
    return next((j for j in jouees if action.est_celle_de(j.cle, j.le.astimezone(PARIS).date())), None)


def apercu(contexte: Contexte, identifiant: str, rang: int, jour: date | None = None) -> Apercu:
    """Say who would be written to: the opening when `rang` is 0, else the reminder of that rank, extensions included.

    Raises:
        ActeRefuse: unknown step, or a rank that its calendar does not hold.
    """
    contexte.maintenant(jour)
    reglee = etape(contexte, identifiant)
    action = _action(contexte, identifiant, Verbe.RELANCER if rang else Verbe.OUVRIR, rang, jour)
    with transaction(contexte.moteur) as session:
        jouee = _deja_jouee(session, action)
        delais = _apercu_des_delais(contexte, session, reglee, rang)
        if jouee is not None:
            return Apercu(identifiant, rang, (), (), (), delais, _dire_jouee(jouee))
        vers = destinataires(contexte, session, reglee, action)
    return Apercu(identifiant, rang, vers.prevus, vers.sans_contact, pas_collectees(contexte, reglee), delais)


def _dire_jouee(jouee: ActionJouee) -> str:
    le = en_toutes_lettres(jouee.le.astimezone(PARIS).date())
    return f"Déjà partie le {le}." if jouee.etat is EtatAction.FAITE else f"Sautée le {le} : {jouee.motif}."


def _apercu_des_delais(contexte: Contexte, session: Session, reglee: Etape, rang: int) -> tuple[ApercuDelai, ...]:
    prevus = []
    for prolongation in prolongations_par_etape(session).get(reglee.id, ()):
        for action in _actions_du_fil(contexte, session, reglee, prolongation.id or 0):
            if action.verbe is not Verbe.RELANCER or action.rang != rang or _deja_jouee(session, action) is not None:
                continue
            vers = destinataires(contexte, session, reglee, action)
            if vers.nombre:
                le = action.le.date()
                prevus.append(ApercuDelai(action.prolongation, prolongation.limite, le, vers.prevus, vers.sans_contact))
    return tuple(prevus)


def _sauter(
    session: Session, reglee: Etape, action: ActionDatee, instant: datetime, par: str, motif: str
) -> BilanAction:
    return _noter(session, action, instant, par, sautee(reglee, action, motif))


def _noter(session: Session, action: ActionDatee, instant: datetime, par: str, geste: Geste) -> BilanAction:
    """Claim the action and write its line: in the transaction of its mails, or nothing."""
    bilan = geste.bilan
    session.add(
        ActionJouee(
            cle=action.cle,
            etape=action.etape,
            verbe=action.verbe,
            rang=action.rang,
            etat=bilan.etat,
            le=instant,
            par=par,
            motif=geste.motif,
            prolongation_id=action.prolongation or None,
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
        motif=geste.motif,
        details={
            "cle": action.cle,
            "prevue_le": action.le.date().isoformat(),
            "courriels": bilan.courriels,
            "structures": bilan.structures,
            "sans_contact": [nom.split(" ", 1)[0] for nom in bilan.sans_contact],
            "ouvert": geste.ouvert,
        },
    )
    return bilan


def _bilan_deja_jouee(jouee: ActionJouee) -> BilanAction:
    le = en_toutes_lettres(jouee.le.astimezone(PARIS).date())
    return BilanAction(jouee.cle, jouee.etat, 0, 0, f"« {jouee.cle} » : déjà {jouee.etat} le {le}.")
