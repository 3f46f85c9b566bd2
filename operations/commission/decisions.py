"""What a sitting decided, recorded by a person entitled: one request, or all those of its filled workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import verrouiller
from modeles.requetes_commission import accorde, decision_de, decisions_de, demandes_de_la_seance
from modeles.tables import Decision, Demande
from modeles.transitions import Acte, passer
from operations.commission import notifications
from operations.commission.demandes import SANS_SEANCE, lire_tableau
from operations.commission.socle import demande_ou_refus, enveloppe, seance, seance_suivante
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import Etape
from regles.dates import en_toutes_lettres
from regles.etats import EtatDemande, SensDecision
from regles.monnaie import formater_euros
from schemas.commission import MOTIF_AU_PLUS, DecisionLue, Faute, dans_l_ordre, lire_decisions

DROIT = "decider"


@dataclass(frozen=True, slots=True)
class BilanDecision:
    """A decision recorded, or found as it was. `suite`: a French sentence on what comes next."""

    reference: str
    sens: SensDecision
    montant_centimes: int | None
    nouvelle: bool
    courriels: int
    suite: str


@dataclass(frozen=True, slots=True)
class BilanSaisie:
    """A filled workbook: what is wrong (nothing is then written), what each row decides, and who waits undecided."""

    fautes: tuple[Faute, ...]
    decisions: tuple[BilanDecision, ...]
    sans_decision: tuple[str, ...]
    applique: bool = False

    @property
    def accorde_centimes(self) -> int:
        """All that the sitting accords, in cents."""
        return sum(d.montant_centimes or 0 for d in self.decisions)


class _RefusDeColonne(ActeRefuse):
    """A refusal that is about one column of the workbook."""

    def __init__(self, colonne: str, phrase: str) -> None:
        super().__init__(phrase)
        self.colonne = colonne


class _RienDEcrit(Exception):
    """Undo what a preview wrote."""


def decider(
    contexte: Contexte,
    identifiant: str,
    reference: str,
    sens: SensDecision,
    par: str,
    *,
    montant_centimes: int | None = None,
    motif: str = "",
    jour: date | None = None,
) -> BilanDecision:
    """Record what a sitting decided on a request, and tell the partner. The same decision again is nothing.

    Raises:
        ActeRefuse: a person who may not decide, a sitting that has not come, a request not on its agenda or decided
            otherwise, an accord without amount, beyond the request or its envelope, a refusal without reason.
    """
    reglee, instant = _ouvrir(contexte, identifiant, par, jour)
    lue = DecisionLue(reference, sens, montant_centimes, " ".join(motif.split()), {})
    with transaction(contexte.moteur) as session:
        verrouiller(session)
        return _decider(contexte, session, reglee, lue, par, instant)


def decider_seance(
    contexte: Contexte,
    identifiant: str,
    chemin: Path,
    par: str,
    *,
    appliquer: bool = False,
    jour: date | None = None,
) -> BilanSaisie:
    """Record the decisions of a filled workbook: all of them, or none when a cell is wrong; a preview writes nothing.

    Raises:
        ActeRefuse: as `decider`, for what is not about a cell; a file that is not read.
    """
    reglee, instant = _ouvrir(contexte, identifiant, par, jour)
    lues, dites = lire_decisions(lire_tableau(chemin))
    fautes, faites = list(dites), []
    sans_decision: Sequence[str] = ()
    try:
        with transaction(contexte.moteur) as session:
            verrouiller(session)
            for lue in lues:
                try:
                    faites.append(_decider(contexte, session, reglee, lue, par, instant))
                except ActeRefuse as refus:
                    colonne = refus.colonne if isinstance(refus, _RefusDeColonne) else "Référence"
                    fautes.append(Faute(lue.cellules[colonne], str(refus)))
            restantes = demandes_de_la_seance(session, reglee.id)
            sans_decision = [d.reference for d in restantes if d.etat is EtatDemande.INSCRITE]
            if fautes or not appliquer:
                raise _RienDEcrit
    except _RienDEcrit:
        return BilanSaisie(dans_l_ordre(fautes), tuple(faites), tuple(sans_decision))
    return BilanSaisie((), tuple(faites), tuple(sans_decision), applique=True)


def _ouvrir(contexte: Contexte, identifiant: str, par: str, jour: date | None) -> tuple[Etape, datetime]:
    reglee = seance(contexte, identifiant)
    contexte.exiger_droit(par, DROIT)
    instant = contexte.maintenant(jour)
    connu = reglee.jour is not None and not reglee.est_approximative("jour")
    if connu and reglee.jour is not None and instant.date() < reglee.jour:
        raise ActeRefuse(f"{reglee.libelle} siège le {en_toutes_lettres(reglee.jour)} : rien ne se décide avant.")
    return reglee, instant


def _decider(
    contexte: Contexte, session: Session, reglee: Etape, lue: DecisionLue, par: str, instant: datetime
) -> BilanDecision:
    demande = demande_ou_refus(session, lue.reference)
    prises = decisions_de(session, demande.id or 0, reglee.id)
    prise = decision_de(session, demande.id or 0, reglee.id)
    if prise is not None:
        return _deja(demande, prise, lue)
    _verifier(contexte, session, reglee, demande, lue)
    decision = Decision(
        demande_id=demande.id or 0,
        commission=reglee.id,
        rang=len(prises) + 1,
        sens=lue.sens,
        montant_centimes=lue.montant_centimes,
        motif=lue.motif,
        par=par,
        le=instant,
    )
    session.add(decision)
    session.flush()
    acte = Acte(instant, par, "decider", lue.motif)
    details = {"commission": reglee.id, "sens": lue.sens, "montant_centimes": lue.montant_centimes}
    match lue.sens:
        case SensDecision.ACCORD:
            passer(session, demande, EtatDemande.ACCORDEE, acte, details)
            suite = _suite_de_l_accord(contexte, session, demande)
        case SensDecision.REFUS:
            passer(session, demande, EtatDemande.REFUSEE, acte, details)
            suite = "Refus annoncé au partenaire, avec son motif."
        case SensDecision.AJOURNEMENT:
            suivante = seance_suivante(contexte, session, instant.date())
            demande.commission = suivante.id if suivante else ""
            passer(session, demande, EtatDemande.DEPOSEE, acte, {**details, "suite": demande.commission})
            suite = f"Ajournée : {suivante.libelle if suivante else SANS_SEANCE}."
    ecrits = notifications.annoncer_decision(contexte, session, demande, decision, instant)
    if ecrits.sans_contact:
        suite += f" Sans contact, à prévenir autrement : {', '.join(ecrits.sans_contact)}."
    return BilanDecision(demande.reference, lue.sens, lue.montant_centimes, True, ecrits.courriels, suite)


def _deja(demande: Demande, prise: Decision, lue: DecisionLue) -> BilanDecision:
    if (prise.sens, prise.montant_centimes, prise.motif) != (lue.sens, lue.montant_centimes, lue.motif):
        montant = f", {formater_euros(prise.montant_centimes)}" if prise.montant_centimes is not None else ""
        raise _RefusDeColonne(
            "Décision",
            f"{demande.reference} est déjà décidée à cette séance ({prise.sens}{montant}, par {prise.par}) : une "
            "décision enregistrée ne se modifie pas. Si elle est fausse, annulez-la d'abord (campagnes commission "
            "annuler).",
        )
    return BilanDecision(demande.reference, lue.sens, lue.montant_centimes, False, 0, "Déjà enregistrée.")


def _verifier(contexte: Contexte, session: Session, reglee: Etape, demande: Demande, lue: DecisionLue) -> None:
    if demande.etat is not EtatDemande.INSCRITE or demande.commission != reglee.id:
        ou = f", prévue à {demande.commission}" if demande.commission else ""
        raise _RefusDeColonne(
            "Référence",
            f"{demande.reference} n'est pas inscrite à l'ordre du jour de {reglee.libelle} ({demande.etat}{ou}).",
        )
    if lue.sens is not SensDecision.ACCORD:
        if lue.montant_centimes is not None:
            raise _RefusDeColonne("Montant accordé", "Seul un accord a un montant.")
        if not 0 < len(lue.motif) <= MOTIF_AU_PLUS:
            raise _RefusDeColonne("Motif", "Un refus ou un ajournement dit pourquoi : le partenaire le lira.")
        return
    montant = lue.montant_centimes
    if montant is None or montant <= 0:
        raise _RefusDeColonne("Montant accordé", "Un accord a un montant, plus grand que zéro.")
    if montant > demande.montant_demande_centimes:
        raise _RefusDeColonne(
            "Montant accordé",
            f"{demande.reference} demande {formater_euros(demande.montant_demande_centimes)} : une commission "
            f"n'accorde pas plus ({formater_euros(montant)}).",
        )
    connue = enveloppe(contexte, demande.enveloppe, demande.exercice)
    reste = connue.reste(accorde(session, demande.enveloppe, demande.exercice))
    if reste is not None and montant > reste:
        raise _RefusDeColonne(
            "Montant accordé",
            f"Il reste {formater_euros(max(reste, 0))} à l'enveloppe « {connue.libelle} » {connue.exercice} : "
            f"{formater_euros(montant)} ne s'accordent pas.",
        )


def _suite_de_l_accord(contexte: Contexte, session: Session, demande: Demande) -> str:
    connue = enveloppe(contexte, demande.enveloppe, demande.exercice)
    deja = accorde(session, demande.enveloppe, demande.exercice)
    reste = connue.reste(deja)
    if reste is None:
        return (
            f"Enveloppe « {connue.libelle} » {connue.exercice} inconnue : {formater_euros(deja)} accordés, rien ne se "
            "paie avant la saisie de son montant (config/enveloppes.yaml)."
        )
    return (
        f"Reste {formater_euros(reste)} à l'enveloppe « {connue.libelle} » {connue.exercice}. Convention à enregistrer."
    )
