"""What each action of the calendar does to a step of its nature: mails, dossiers, calls, or what is still open."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, col, select

from modeles.tables import ActionJouee, Courriel
from operations.acomptes import preparation
from operations.appels import A_LA_CLOTURE, SANS_COURRIEL, demander_appels
from operations.attendus import Attendu, attendus, concernes, prestations_attendues, s_ouvre_a_la_main
from operations.bilans import BilanAction
from operations.commission import calendrier as commission
from operations.configuration import CANAL_COLLECTE, demarche
from operations.contexte import ActeRefuse, Contexte
from operations.destinataires import DestinatairePrevu, Destinataires, grouper
from operations.dossiers import ouvrir_dossiers
from operations.relecture import PROLONGATION
from operations.suites import suites
from regles.agenda import nommer_action
from regles.calendrier import ActionDatee, Etape, NatureEtape, Verbe, nommer_etape
from regles.demarches import Demarche
from regles.etats import EtatAction, EtatCourriel

A_LA_MAIN = "à tenir à la main"
HORS_CANAL = f"{A_LA_MAIN} (le calendrier n'attend pas ses réponses sur {CANAL_COLLECTE})"
OUVERTE_A_LA_MAIN = "ouverte à la main : le calendrier ne donne pas de date d'ouverture"
TOUTES_ONT_REPONDU = "toutes les structures ont répondu"
SANS_PUBLIC = (
    "Personne n’est attendu : vérifiez, dans le réseau, les structures de ces prestations ou les adhésions à ce "
    "dispositif (campagnes reseau exporter), et qui répond (config/demarches.yaml)."
)
JAMAIS_OUVERTE = "personne ne l’avait ouverte : aucun courriel n’est parti, aucun appel n’est demandé"
JAMAIS_PARTIE = "Son ouverture n’est jamais partie : aucun courriel, personne n’a été prévenu."
PLUS_RIEN_DE_DU = "personne ne doit plus rien"


@dataclass(frozen=True, slots=True)
class Geste:
    """What an action did, why when there is something to say, and what it leaves open: [code, kind] pairs."""

    bilan: BilanAction
    motif: str = ""
    ouvert: list[list[str]] = field(default_factory=list)


def faire(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    action: ActionDatee,
    instant: datetime,
    par: str,
    confirme: bool,
) -> Geste:
    """Do what an action asks of a step of its nature, in the transaction that claims it.

    Raises:
        ActeRefuse: too many mails without `confirme`.
    """
    if reglee.nature is NatureEtape.COMMISSION:
        return Geste(commission.jouer(contexte, session, reglee, action, instant, par))
    if reglee.nature is NatureEtape.VERSEMENT:
        return _annoncer_le_versement(contexte, session, reglee, action, instant)
    if action.verbe is Verbe.CLORE:
        return _clore(contexte, session, reglee, action, instant)
    return _ecrire(contexte, session, reglee, action, instant, par, confirme)


def sautee(reglee: Etape, action: ActionDatee, motif: str) -> Geste:
    """Give an action that will not be played."""
    message = f"{dire_action(reglee, action)}, sautée : {motif}."
    return Geste(BilanAction(action.cle, EtatAction.SAUTEE, 0, 0, message), motif)


def dire_action(reglee: Etape, action: ActionDatee) -> str:
    """Name an action as the team reads it, with the extension it belongs to."""
    delai = f", délai n° {action.prolongation}" if action.prolongation else ""
    return f"{nommer_action(reglee, action.verbe, action.rang)}{delai}"


def destinataires(contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee) -> Destinataires:
    """Give who an action would write to now."""
    return grouper(session, _concernes(contexte, session, reglee, action), demarche(contexte, reglee).roles)


def _concernes(contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee) -> list[Attendu]:
    a_l_ouverture = action.verbe is Verbe.OUVRIR
    return concernes(contexte, session, reglee, action.prolongation, a_l_ouverture=a_l_ouverture)


def pas_collectees(contexte: Contexte, reglee: Etape) -> tuple[str, ...]:
    """Give the prestations of a step whose answers do not come here."""
    if demarche(contexte, reglee).par_dossier:
        return ()
    collectees = prestations_attendues(contexte, reglee)
    return tuple(p for p in reglee.prestations if p not in collectees)


def _annoncer_le_versement(
    contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime
) -> Geste:
    """Say who may be paid from that day on. No mail: a person proposes the batch."""
    prets = preparation(contexte, session, reglee, instant.date())
    message = f"{reglee.libelle} : {prets.phrase} Pour les payer : campagnes proposer {reglee.id} --par …"
    return Geste(BilanAction(action.cle, EtatAction.FAITE, 0, len(prets.pretes), message))


def _ecrire(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    action: ActionDatee,
    instant: datetime,
    par: str,
    confirme: bool,
) -> Geste:
    suivie = demarche(contexte, reglee)
    if not suivie.par_dossier and not prestations_attendues(contexte, reglee):
        attendue_ailleurs = reglee.nature.est_declaration and reglee.canal != CANAL_COLLECTE
        message = f"{_nommer(reglee, action)} : {HORS_CANAL if attendue_ailleurs else A_LA_MAIN}, aucun courriel."
        return Geste(BilanAction(action.cle, EtatAction.FAITE, 0, 0, message))
    if suivie.par_dossier:
        ouvrir_dossiers(contexte, session, reglee, par, instant)
    dus = _concernes(contexte, session, reglee, action)
    if not dus and action.verbe is Verbe.RELANCER:
        return sautee(reglee, action, PLUS_RIEN_DE_DU if suivie.par_dossier else TOUTES_ONT_REPONDU)
    vers = grouper(session, dus, suivie.roles)
    _exiger_peu(contexte, action, len(vers.prevus), confirme)
    session.add_all(_courriel(reglee, action, prevu, instant) for prevu in vers.prevus)
    message = f"{_nommer(reglee, action)} : {len(vers.prevus)} courriel(s) à envoyer pour {_compter(suivie, len(dus))}."
    if action.verbe is Verbe.OUVRIR and not attendus(contexte, session, reglee):
        message += f" {SANS_PUBLIC}"
    reste = pas_collectees(contexte, reglee)
    if reste:
        message += f" {', '.join(reste)} : {A_LA_MAIN}."
    if vers.sans_contact:
        message += f" Sans contact : {', '.join(vers.sans_contact)}."
    if action.derniere:
        appels = demander_appels(contexte, session, reglee, action.fil, dus, instant)
        message += f" Dernière relance : {appels} appel(s) à passer (campagnes taches lister)."
    bilan = BilanAction(action.cle, EtatAction.FAITE, len(vers.prevus), len(dus), message, vers.sans_contact)
    a_la_main = s_ouvre_a_la_main(contexte, reglee) and action.verbe is Verbe.OUVRIR
    return Geste(bilan, OUVERTE_A_LA_MAIN if a_la_main else "")


def completer(
    contexte: Contexte,
    session: Session,
    reglee: Etape,
    action: ActionDatee,
    instant: datetime,
    par: str,
    confirme: bool,
) -> BilanAction:
    """Open a step already open to those nothing was ever decided for: a contact found, a newcomer of the network.

    Raises:
        ActeRefuse: too many mails without `confirme`.
    """
    suivie = demarche(contexte, reglee)
    if suivie.par_dossier:
        ouvrir_dossiers(contexte, session, reglee, par, instant)
    deja = _deja_ecrits(session, reglee)
    dus = [a for a in _concernes(contexte, session, reglee, action) if a.code not in deja]
    vers = grouper(session, dus, suivie.roles)
    _exiger_peu(contexte, action, len(vers.prevus), confirme)
    datee = replace(action, repere=f"{instant:%Y-%m-%dT%H%M}")
    session.add_all(_courriel(reglee, datee, prevu, instant) for prevu in vers.prevus)
    session.flush()
    message = f"{_nommer(reglee, action)} : déjà ouverte, {len(vers.prevus)} courriel(s) de plus à envoyer."
    if vers.sans_contact:
        message += f" Sans contact : {', '.join(vers.sans_contact)}."
    return BilanAction(action.cle, EtatAction.FAITE, len(vers.prevus), len(dus), message, vers.sans_contact)


def _deja_ecrits(session: Session, reglee: Etape) -> set[str]:
    """Give the codes that a mail of a step spoke of, or is to speak of; one that was of no use told nobody."""
    ecrits = select(Courriel).where(
        Courriel.etape == reglee.id,
        col(Courriel.genre).in_(["ouverture", "relance", PROLONGATION]),
        Courriel.etat != EtatCourriel.SANS_OBJET,
    )
    return {code for courriel in session.exec(ecrits) for code in courriel.structures}


def _exiger_peu(contexte: Contexte, action: ActionDatee, nombre: int, confirme: bool) -> None:
    """Stop a run that would write to many, until a person has read the list."""
    plafond = contexte.reglages.fichier.relances.plafond_courriels
    if nombre > plafond and not confirme:
        raise ActeRefuse(
            f"« {action.cle} » écrirait {nombre} courriels, plus que le plafond de {plafond} : relisez l'aperçu "
            f"(campagnes apercu {action.etape} {action.rang}), puis confirmez."
        )


def _nommer(reglee: Etape, action: ActionDatee) -> str:
    nom = nommer_etape(reglee)
    return f"{nom}, délai n° {action.prolongation}" if action.prolongation else nom


def _compter(suivie: Demarche, nombre: int) -> str:
    par_partenaire = suivie.par_dossier and suivie.audience is not None and not suivie.audience.par_structure
    return f"{nombre} {'partenaire' if par_partenaire else 'structure'}(s)"


def _courriel(reglee: Etape, action: ActionDatee, prevu: DestinatairePrevu, instant: datetime) -> Courriel:
    genre = "ouverture" if action.verbe is Verbe.OUVRIR else "relance"
    return Courriel(
        cle=f"{genre}:{action.fil}:{action.repere or action.rang}:{prevu.contact}",
        genre=genre,
        etape=reglee.id,
        rang=action.rang,
        contact_id=prevu.contact,
        structures=[code for code, _ in prevu.structures],
        contexte={"prolongation": action.prolongation} if action.prolongation else {},
        etat=EtatCourriel.A_ENVOYER,
        prochain_essai_le=instant,
        decide_le=instant,
    )


def _clore(contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime) -> Geste:
    """Close a step, or one extension of it: who has not answered is named, what is open is listed for a person.

    Who was to be phoned after a last reminder that an outage took away is to be phoned now; nobody is about a campaign
    that no person opened.
    """
    suivie = demarche(contexte, reglee)
    dus = _concernes(contexte, session, reglee, action)
    ecrite = action.prolongation or _a_ecrit(session, reglee)
    if not ecrite and s_ouvre_a_la_main(contexte, reglee):
        message = f"{_nommer(reglee, action)} : close, {JAMAIS_OUVERTE}."
        return Geste(BilanAction(action.cle, EtatAction.FAITE, 0, len(dus), message))
    quand = A_LA_CLOTURE if ecrite else SANS_COURRIEL
    demander_appels(contexte, session, reglee, action.fil, dus, instant, quand)
    message = f"{_nommer(reglee, action)} : close."
    collectee = suivie.par_dossier or bool(prestations_attendues(contexte, reglee))
    if dus:
        manquants = ", ".join(a.code for a in dus)
        message = f"{_nommer(reglee, action)} : close, {_compter(suivie, len(dus))} sans réponse ({manquants})."
    elif collectee and (ecrite or not suivie.facultative):
        fin = PLUS_RIEN_DE_DU if suivie.par_dossier else TOUTES_ONT_REPONDU
        message = f"{_nommer(reglee, action)} : close, {fin}."
    if collectee and not ecrite:
        message += f" {JAMAIS_PARTIE}"
    ouvertes = suites(contexte, session, reglee, instant.date())
    if ouvertes.phrase:
        message += f" {ouvertes.phrase}"
    bilan = BilanAction(action.cle, EtatAction.FAITE, 0, len(dus), message)
    return Geste(bilan, ouvert=[[o.code, o.genre] for o in ouvertes.lignes])


def _a_ecrit(session: Session, reglee: Etape) -> bool:
    """Whether an opening or a reminder of a step was played, whoever it reached."""
    verbes = [verbe for verbe in Verbe if verbe.ecrit]
    jouees = select(ActionJouee.cle).where(
        ActionJouee.etape == reglee.id, col(ActionJouee.verbe).in_(verbes), ActionJouee.etat == EtatAction.FAITE
    )
    return session.exec(jouees.limit(1)).first() is not None
