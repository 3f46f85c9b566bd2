"""What the calendar does to a sitting: remind before the cut-off, fix the agenda the day after it, sit."""

from datetime import datetime

from sqlmodel import Session

from modeles.requetes_commission import demandes_a_completer, demandes_de_la_seance
from modeles.tables import Demande
from modeles.transitions import Acte, passer
from operations.bilans import BilanAction
from operations.commission import notifications
from operations.commission.demandes import envoyer_a_la_suivante, rattacher_en_attente
from operations.commission.seances import ecrire_dossier
from operations.commission.socle import completude
from operations.contexte import Contexte
from regles.agenda import nommer_action
from regles.calendrier import ActionDatee, Etape, Verbe
from regles.dates import en_toutes_lettres
from regles.etats import EtatAction, EtatDemande


def jouer(
    contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime, par: str
) -> BilanAction:
    """Play a dated action of a sitting, in the transaction that claims it. Requests count as « structures ».

    What is complete is judged by the day its documents came, not by the day this is played.
    """
    trouvees = rattacher_en_attente(contexte, session, instant, par)
    notifications.annoncer_rattachement(contexte, session, trouvees, instant)
    match action.verbe:
        case Verbe.RELANCER:
            return _relancer(contexte, session, reglee, action, instant)
        case Verbe.CLORE:
            return _clore(contexte, session, reglee, action, instant, par)
        case _:
            return _sieger(contexte, session, reglee, action, instant)


def _relancer(
    contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime
) -> BilanAction:
    incompletes = [d for d in demandes_a_completer(session, reglee.id) if completude(contexte, session, d).manquantes]
    if not incompletes:
        nom = nommer_action(reglee, action.verbe, action.rang)
        message = f"{nom}, rien à envoyer : toutes les demandes déposées sont complètes."
        return BilanAction(action.cle, EtatAction.SAUTEE, 0, 0, message)
    ecrits = notifications.relancer(
        contexte, session, reglee.id, action.repere or str(action.rang), incompletes, instant
    )
    message = (
        f"{reglee.libelle} : {ecrits.courriels} courriel(s) à envoyer pour {len(incompletes)} demande(s) incomplète(s)."
    )
    return _conclure(action, ecrits, len(incompletes), message)


def _clore(
    contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime, par: str
) -> BilanAction:
    """Put on the agenda what was complete in time, and send the rest to the next sitting."""
    limite = reglee.demandes_avant or instant.date()
    inscrites, reportees = 0, []
    for demande in demandes_a_completer(session, reglee.id):
        if completude(contexte, session, demande).a_temps(limite):
            passer(session, demande, EtatDemande.INSCRITE, Acte(instant, par, "inscrire", reglee.id))
            inscrites += 1
        else:
            envoyer_a_la_suivante(contexte, session, demande, instant, par)
            reportees.append(demande)
    ecrits = notifications.annoncer_report(contexte, session, reglee.id, reportees, instant)
    message = f"{reglee.libelle} : ordre du jour arrêté, {inscrites} demande(s) inscrite(s)."
    if reportees:
        message += f" Incomplètes ou tardives : {', '.join(map(_ou, reportees))}."
    chemins = ecrire_dossier(contexte, session, reglee, instant)
    return _conclure(action, ecrits, inscrites + len(reportees), f"{message} Dossier de séance : {chemins[0].parent}.")


def _ou(demande: Demande) -> str:
    return f"{demande.reference} ({demande.commission or 'en attente d’une commission'})"


def _sieger(contexte: Contexte, session: Session, reglee: Etape, action: ActionDatee, instant: datetime) -> BilanAction:
    """Bring the file of the sitting up to date; decisions are recorded by a person."""
    inscrites = [d for d in demandes_de_la_seance(session, reglee.id) if d.etat is EtatDemande.INSCRITE]
    chemins = ecrire_dossier(contexte, session, reglee, instant)
    vague = (
        f" (date à confirmer : {en_toutes_lettres(reglee.jour)})"
        if reglee.est_approximative("jour") and reglee.jour
        else ""
    )
    message = (
        f"{reglee.libelle}{vague} : {len(inscrites)} demande(s) à décider. Dossier de séance : {chemins[0].parent}. "
        "Décisions à enregistrer par une personne."
    )
    return BilanAction(action.cle, EtatAction.FAITE, 0, len(inscrites), message)


def _conclure(action: ActionDatee, ecrits: notifications.Ecrits, nombre: int, message: str) -> BilanAction:
    if ecrits.sans_contact:
        message += f" Sans contact : {', '.join(ecrits.sans_contact)}."
    return BilanAction(action.cle, EtatAction.FAITE, ecrits.courriels, nombre, message, ecrits.sans_contact)
