"""The calendar's actions and the outbox."""

from datetime import date

from operations import boite_envoi, courriels, rejets, relances
from operations.bilans import BilanAction
from operations.boite_envoi import CourrielARegler, Suite
from operations.contexte import ActeRefuse, contexte
from operations.courriels import BilanEnvoi
from operations.rejets import BilanRejet
from regles.calendrier import ActionDatee
from tasks.communs import tache


@tache("Ouvrir la campagne", rejouable=True)
def ouvrir(etape: str, par: str, jour: date | None, *, confirme: bool) -> BilanAction:
    """Open a step: one mail a person goes to the outbox."""
    return relances.ouvrir(contexte(), etape, jour, par, confirme=confirme)


@tache("Relancer qui doit encore", rejouable=True)
def relancer(etape: str, rang: int, par: str, jour: date | None, *, confirme: bool) -> BilanAction:
    """Remind those who owe an answer."""
    return relances.relancer(contexte(), etape, rang, jour, par, confirme=confirme)


@tache("Fermer la campagne", rejouable=True)
def clore(etape: str, par: str, jour: date | None) -> BilanAction:
    """Close a step and say who has not answered."""
    return relances.clore(contexte(), etape, jour, par)


@tache("Dire ce que la séance décide", rejouable=True)
def sieger(etape: str, par: str, jour: date | None) -> BilanAction:
    """Tell on its day what a sitting has to decide."""
    return relances.sieger(contexte(), etape, jour, par)


@tache("Chercher les actions dues", rejouable=True)
def chercher_actions_dues(jour: date | None) -> tuple[tuple[ActionDatee, ...], tuple[ActionDatee, ...]]:
    """Give what is due and not done: (to play, out of date)."""
    return relances.actions_a_jouer(contexte(), jour)


@tache("Sauter les actions trop anciennes", rejouable=True)
def sauter(actions: tuple[ActionDatee, ...], jour: date | None) -> list[str]:
    """Note the actions that an outage made out of date; give what was said of each."""
    return [relances.sauter(contexte(), action, jour).message for action in actions]


@tache("Jouer les actions dues", rejouable=True)
def jouer(actions: tuple[ActionDatee, ...], jour: date | None) -> tuple[list[str], list[str]]:
    """Play actions in order; one refused does not hold the others. Gives (what was done, what was refused)."""
    faites, refusees = [], []
    for action in actions:
        try:
            faites.append(relances.jouer(contexte(), action, jour).message)
        except ActeRefuse as refus:
            refusees.append(str(refus))
    return faites, refusees


@tache("Renvoyer au partenaire", rejouable=True)
def rejeter(etape: str, structure: str, par: str, motif: str, jour: date | None) -> BilanRejet:
    """Send a declaration back."""
    return rejets.rejeter(contexte(), etape, structure, par, motif, jour)


@tache("Trancher pour un courriel")
def regler_courriel(cle: str, suite: Suite, par: str, motif: str, jour: date | None) -> CourrielARegler:
    """Settle a mail refused or left uncertain."""
    return boite_envoi.regler(contexte(), cle, suite, par, motif, jour)


@tache("Envoyer les courriels en attente")
def envoyer_courriels(jour: date | None) -> BilanEnvoi:
    """Send the outbox; who has answered meanwhile is not written to."""
    return courriels.envoyer_en_attente(contexte(), jour)
