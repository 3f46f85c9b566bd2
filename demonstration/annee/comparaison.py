"""Two years beside each other: what must be the same, and what the stops of the second one explain."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from demonstration.annee.arrets import Arret, jours, premier_jour_ouvert
from demonstration.annee.controles import CAMPAGNE
from demonstration.annee.monde import Monde
from modeles.base import transaction
from modeles.tables import (
    ActionJouee,
    Courriel,
    Decision,
    Declaration,
    Demande,
    Droit,
    LigneLot,
    Lot,
    Recouvrement,
    Structure,
    Versement,
)
from operations.configuration import calendriers, plan_relances
from operations.contexte import Contexte
from regles.calendrier import PARIS, ActionDatee, Verbe, actions_datees
from regles.etats import EtatAction, EtatCourriel

UN_JOUR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lettre:
    """A mail as it left, or did not: its key, day, addressee, the sha256 of its bytes, its step and kind."""

    cle: str
    jour: date
    adresse: str
    sha256: str
    genre: str
    etape: str
    structures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bilan:
    """What a year ends on. `droits` and `dus` are fingerprints; `actes`: the day each act of a partner was taken in.

    `reponses` counts the mails decided outside the campaigns, sent or of no use any more: kind, step, person, codes.
    """

    droits: str
    dus: str
    lettres: tuple[Lettre, ...]
    reponses: Counter[tuple[str, str, int, tuple[str, ...]]]
    registre: dict[str, tuple[date, str]]
    actes: dict[str, date]

    @property
    def courriels(self) -> str:
        """Fingerprint of the mails: keys, days, addressees, bytes."""
        return empreinte((x.cle, x.jour, x.adresse, x.sha256) for x in self.lettres)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison found. `fautes`: differences that nothing explains. `dits`: those that the rule explains."""

    fautes: tuple[str, ...]
    dits: tuple[str, ...]


def empreinte(lignes: Iterable[Any]) -> str:
    """Give the sha256 of some rows, whatever their order."""
    return hashlib.sha256("\n".join(sorted(map(repr, lignes))).encode()).hexdigest()


def dresser(monde: Monde) -> Bilan:
    """Read what a world ends on."""
    with transaction(monde.contexte.moteur) as session:
        return Bilan(
            droits=empreinte(_droits(session)),
            dus=empreinte(_dus(session)),
            lettres=tuple(_lettres(session)),
            reponses=Counter(
                (courriel.genre, courriel.etape, courriel.contact_id, tuple(courriel.structures))
                for courriel in session.exec(select(Courriel).where(col(Courriel.genre).not_in(CAMPAGNE)))
            ),
            registre={
                action.cle: (action.le.astimezone(PARIS).date(), action.etat)
                for action in session.exec(select(ActionJouee))
            },
            actes=_actes(monde.notes.lignes),
        )


def _droits(session: Session) -> Iterable[Any]:
    """Rights with all that they rest on, what the commission decided included."""
    for structure, declaration, droit in session.exec(
        select(Structure.code, Declaration, Droit).where(
            Droit.declaration_id == Declaration.id, Declaration.structure_id == Structure.id
        )
    ):
        yield (
            structure, declaration.etape, declaration.exercice, json.dumps(declaration.donnees, sort_keys=True),
            droit.rang, droit.connu_le, droit.montant_centimes, droit.payable, droit.empreinte,
            json.dumps(droit.explication, sort_keys=True),
        )  # fmt: skip
    for demande, decision in session.exec(select(Demande, Decision).where(Decision.demande_id == Demande.id)):
        yield demande.reference, demande.etat, decision.commission, decision.sens, decision.montant_centimes


def _dus(session: Session) -> Iterable[Any]:
    """Dues, indus, what was paid of them, withheld or paid back."""
    yield from session.exec(select(Versement.reference, Versement.nature, Versement.montant_centimes, Versement.etat))
    yield from session.exec(select(Versement.reference, Versement.etape, Versement.cree_le))
    yield from session.exec(select(Lot.numero, Lot.etat, Lot.total_centimes, Lot.decide_le))
    yield from session.exec(
        select(Lot.numero, Versement.reference, LigneLot.montant_centimes, LigneLot.retenue_centimes).where(
            LigneLot.lot_id == Lot.id, LigneLot.versement_id == Versement.id
        )
    )
    yield from session.exec(
        select(Versement.reference, Recouvrement.montant_centimes).where(Recouvrement.indu_id == Versement.id)
    )


def _lettres(session: Session) -> Iterable[Lettre]:
    partis = session.exec(select(Courriel).where(Courriel.etat == EtatCourriel.ENVOYE).order_by(col(Courriel.id)))
    for parti in partis:
        jour = (parti.envoye_le or parti.decide_le).astimezone(PARIS).date()
        octets = hashlib.sha256(parti.octets or b"").hexdigest()
        yield Lettre(parti.cle, jour, parti.destinataire, octets, parti.genre, parti.etape, tuple(parti.structures))


def _actes(notes: Sequence[str]) -> dict[str, date]:
    actes = {}
    for ligne in notes:
        mot, _, reste = ligne.partition(" ")
        if mot in {"déposé", "enregistré"}:
            jour, _, cle = reste.partition(" ")
            actes[cle] = date.fromisoformat(jour)
    return actes


def comparer(contexte: Contexte, entiere: Bilan, arretee: Bilan, arrets: Sequence[Arret] = ()) -> Verdict:
    """Say how a year with stops differs from the plain one, and what of it the rule of the catch-up does not explain.

    Without a stop, nothing may differ. A campaign mail differs with the action that decides it, when that one was
    played late or skipped; or when, on a day that a stop has touched, who owes is not who owed: the controls of that
    evening have held it to the oracle.
    """
    fautes, dits = [], []
    for quoi in ("droits", "dus"):
        if getattr(entiere, quoi) != getattr(arretee, quoi):
            fautes.append(f"{quoi} différents")
    actions = _actions(contexte)
    deplacees = {a.cle for a in actions if arretee.registre.get(a.cle) != entiere.registre.get(a.cle)}
    fautes += _fautes_du_registre(actions, entiere, arretee, frozenset(jours(arrets)))
    touches = _jours_touches(entiere, arretee, arrets)
    fautes += _fautes_des_jours_intacts(entiere, arretee, touches)
    fautes += _fautes_des_reponses(entiere, arretee)
    avant, apres = _campagne(entiere), _campagne(arretee)
    for cle in avant.keys() ^ apres.keys():
        lettre = (avant | apres)[cle]
        if not _tient_a(lettre, deplacees) and lettre.jour not in touches:
            fautes.append(f"courriel {cle} : {'perdu' if cle in avant else 'en trop'}")
    sautees = sum(arretee.registre[c][1] == EtatAction.SAUTEE for c in deplacees if c in arretee.registre)
    dits.append(f"{len(deplacees) - sautees} action(s) jouée(s) au retour, {sautees} relance(s) sautée(s)")
    dits.append(f"{len(avant.keys() - apres.keys())} courriel(s) de campagne en moins, {len(touches)} jour(s) touchés")
    return Verdict(tuple(fautes), tuple(dits))


def _actions(contexte: Contexte) -> list[ActionDatee]:
    return [
        action
        for calendrier in calendriers(contexte)
        for etape in calendrier.etapes
        for action in actions_datees(etape, plan_relances(contexte, etape))
    ]


def _fautes_du_registre(
    actions: Sequence[ActionDatee], entiere: Bilan, arretee: Bilan, eteint: Collection[date]
) -> list[str]:
    """Hold the ledger of the stopped year to the rule, step by step."""
    fautes = [f"registre : {cle} manque ou est en trop" for cle in entiere.registre.keys() ^ arretee.registre.keys()]
    for action in (a for a in actions if a.cle in entiere.registre and a.cle in arretee.registre):
        prevue = action.le.date()
        if prevue not in eteint and premier_jour_ouvert(prevue - UN_JOUR, eteint) < prevue:
            if entiere.registre[action.cle] != arretee.registre[action.cle]:
                fautes.append(f"registre : {action.cle} n'est pas comme sans arrêt")
            continue
        retour = premier_jour_ouvert(prevue, eteint)
        ensemble = [a for a in actions if a.etape == action.etape and _ensemble(a, retour, eteint)]
        jouee_le, etat = arretee.registre[action.cle]
        if jouee_le != retour:
            fautes.append(f"registre : {action.cle} le {jouee_le}, pas le {retour}")
        if _est_depassee(action, ensemble) and etat != EtatAction.SAUTEE:
            fautes.append(f"registre : {action.cle} aurait dû être sautée")
    return fautes


def _ensemble(action: ActionDatee, retour: date, eteint: Collection[date]) -> bool:
    """Whether an action falls due the morning the server comes back, that day's included."""
    return premier_jour_ouvert(action.le.date(), eteint) == retour


def _est_depassee(action: ActionDatee, ensemble: Sequence[ActionDatee]) -> bool:
    """The rule of the catch-up: a step that closes only closes; one that opens only opens; else its last reminder."""
    verbes = {a.verbe for a in ensemble}
    if action.verbe in {Verbe.CLORE, Verbe.SIEGER}:
        return False
    if Verbe.CLORE in verbes:
        return True
    if action.verbe is Verbe.OUVRIR:
        return False
    dernier = max(a.le for a in ensemble if a.verbe is Verbe.RELANCER)
    return Verbe.OUVRIR in verbes or action.le < dernier


def _jours_touches(entiere: Bilan, arretee: Bilan, arrets: Sequence[Arret]) -> frozenset[date]:
    """Give the days of the stops, of each return, and those between which an act of a partner or the team has moved."""
    plages = [(du, au + UN_JOUR) for du, au in arrets]
    for cle, avant in entiere.actes.items():
        apres = arretee.actes.get(cle, avant)
        if apres != avant:
            plages.append((min(avant, apres), max(avant, apres)))
    return frozenset(jours(plages))


def _fautes_des_jours_intacts(entiere: Bilan, arretee: Bilan, touches: Collection[date]) -> list[str]:
    """Compare the mails of every other day, but those that cite a file or a document come on another day."""
    deplaces = {quoi for quoi in entiere.actes if entiere.actes[quoi] != arretee.actes.get(quoi)}
    avant, apres = (
        {x for x in b.lettres if x.jour not in touches and not _cite(x, deplaces)} for b in (entiere, arretee)
    )
    return [f"courriel {x.cle}, le {x.jour} : pas le même sans arrêt" for x in sorted(avant ^ apres, key=repr)[:10]]


def _cite(lettre: Lettre, actes: Collection[str]) -> bool:
    return any(f"{lettre.etape} {code} " in acte for acte in actes for code in lettre.structures)


def _fautes_des_reponses(entiere: Bilan, arretee: Bilan) -> list[str]:
    """Answers to what partners sent: as many, to the same people, about the same things, whatever the day."""
    avant, apres = entiere.reponses, arretee.reponses
    return [f"réponse {x} : {avant[x]} puis {apres[x]}" for x in avant | apres if avant[x] != apres[x]]


def _campagne(bilan: Bilan) -> dict[str, Lettre]:
    return {x.cle: x for x in bilan.lettres if x.genre in CAMPAGNE}


def _tient_a(lettre: Lettre, deplacees: Collection[str]) -> bool:
    """Whether a mail was decided by an action that the stop has moved or skipped."""
    verbe = Verbe.OUVRIR if lettre.genre == "ouverture" else Verbe.RELANCER
    repere = lettre.cle.split(":")[2]
    return (f"{lettre.etape}-{verbe}-{repere}" if verbe is Verbe.RELANCER else f"{lettre.etape}-{verbe}") in deplacees
