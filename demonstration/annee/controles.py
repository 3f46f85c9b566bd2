"""What must be true at the end of every day of the year, checked on the mails themselves and on the ledger."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy

from sqlmodel import Session, col, func, select

from demonstration.annee.conduites import Envoi
from demonstration.annee.dossiers import Remise
from demonstration.annee.horloge import Heure
from demonstration.annee.monde import Monde
from demonstration.annee.oracle import Oracle, consulter
from modeles.base import transaction
from modeles.journal import rupture
from modeles.tables import ActionJouee, Courriel, Droit, LigneJournal, Structure, Versement
from operations.configuration import plan_relances
from regles.calendrier import COURRIELS_AU_PLUS, PARIS, NatureEtape, Verbe, actions_datees
from regles.etats import EtatAction, EtatCourriel, EtatVersement, NatureVersement

UN_JOUR = timedelta(days=1)
CAMPAGNE = frozenset({"ouverture", "relance", "demande_relance"})
FINIS = (EtatCourriel.ENVOYE, EtatCourriel.SANS_OBJET)
PARTENAIRE = re.compile(r"G[0-9]+")
CODE = re.compile(r"code\s+([A-Z]+[0-9]+)")


class InvariantRompu(Exception):
    """Something that must never happen has; the message says what, in French."""


@dataclass(frozen=True, slots=True)
class LettreLue:
    """A mail as it left: to whom, the codes that its text speaks of, the steps it is about, those that it opens."""

    cle: str
    adresse: str
    codes: frozenset[str]
    etapes: frozenset[str]
    ouvertes: frozenset[str]


class Controles:
    """Checks a world at the end of each day; `faits` counts the checks by invariant."""

    def __init__(
        self, monde: Monde, envois: Sequence[Envoi], remises: Sequence[Remise], eteint: Collection[date]
    ) -> None:
        self.monde = monde
        self.eteint = frozenset(eteint)
        self.oracle: Oracle = consulter(monde.contexte)
        self.faits: Counter[str] = Counter()
        self._envois = {envoi.cle: envoi for envoi in envois}
        self._remises = {remise.cle: remise for remise in remises}
        self._notes_lues = 0
        self._ecrits: Counter[tuple[str, str]] = Counter()
        self._messages: set[str] = set()
        self._sure: LigneJournal | None = None
        self._argent_lu = -1
        self._agenda = [
            action
            for etape in self.oracle.etapes.values()
            for action in actions_datees(etape, plan_relances(monde.contexte, etape))
        ]

    def verifier(self, jour: date) -> None:
        """Check a day that is over.

        Raises:
            InvariantRompu: saying what happened that must not.
        """
        self._apprendre()
        with transaction(self.monde.contexte.moteur) as session:
            lettres = list(_lettres_du(session, jour))
            if jour in self.eteint:
                self._exiger(
                    "rien ne part quand le serveur est arrêté", not lettres, f"{jour} : {len(lettres)} courriel(s)"
                )
                return
            self._verifier_les_lettres(jour, lettres)
            self._verifier_le_registre(session, jour, lettres)
            self._verifier_la_boite(session, jour)
            self._verifier_l_argent(session, jour)
            self._verifier_le_journal(session)

    def _exiger(self, invariant: str, vrai: bool, quoi: str) -> None:
        if not vrai:
            raise InvariantRompu(f"{invariant} — {quoi}")
        self.faits[invariant] += 1

    def _apprendre(self) -> None:
        """Tell the oracle what the partners have sent since the last check."""
        for ligne in self.monde.notes.lignes[self._notes_lues :]:
            mot, _, reste = ligne.partition(" ")
            jour, _, cle = reste.partition(" ")
            if mot == "déposé":
                self.oracle.apprendre_envoi(self._envois[cle], date.fromisoformat(jour))
            elif mot == "enregistré":
                self.oracle.apprendre_remise(self._remises[cle], date.fromisoformat(jour))
        self._notes_lues = len(self.monde.notes.lignes)

    def _verifier_les_lettres(self, jour: date, lettres: Sequence[LettreLue]) -> None:
        matin = Heure.MATIN.du(jour)
        for adresse, nombre in Counter(lettre.adresse for lettre in lettres).items():
            self._exiger("un courriel de campagne au plus par personne et par jour", nombre == 1, f"{adresse}, {jour}")
        for lettre in lettres:
            ou = f"{lettre.cle} à {lettre.adresse}, le {jour}"
            self._exiger("aucun courriel deux fois", lettre.cle not in self._messages, ou)
            self._messages.add(lettre.cle)
            for etape in lettre.etapes:
                self._ecrits[etape, lettre.adresse] += 1
                self._exiger("aucun courriel après la clôture", jour <= self.oracle.fins[etape], ou)
                trop = self._ecrits[etape, lettre.adresse] <= COURRIELS_AU_PLUS
                self._exiger("quatre courriels automatiques au plus par échéance", trop, ou)
            self._verifier_de_qui_elle_parle(lettre, matin, ou)

    def _verifier_de_qui_elle_parle(self, lettre: LettreLue, matin: datetime, ou: str) -> None:
        """Each code it cites owes an answer to a step of the mail; for each step, so does somebody whom it is for."""
        dus = {e: self._dus(e, matin, a_l_ouverture=e in lettre.ouvertes) for e in lettre.etapes}
        tous = frozenset().union(*dus.values())
        for code in lettre.codes:
            self._exiger("aucun courriel à qui ne doit rien", code in tous, f"{code} : {ou}")
            self._exiger("seulement à qui en répond", lettre.adresse in self.oracle.adresses[code], f"{code} : {ou}")
        for etape, codes in dus.items():
            if self.oracle.etapes[etape].nature is NatureEtape.COMMISSION:
                doit = self.oracle.demande_incomplete(lettre.adresse, matin)
            else:
                doit = bool(self.oracle.de(lettre.adresse, codes))
            self._exiger("aucun courriel à qui ne doit rien", doit, f"{etape} : {ou}")

    def _dus(self, etape: str, a: datetime, *, a_l_ouverture: bool) -> frozenset[str]:
        return self.oracle.redevables(etape, a, a_l_ouverture=a_l_ouverture)

    def _verifier_le_registre(self, session: Session, jour: date, lettres: Sequence[LettreLue]) -> None:
        """Each dated action is in the ledger on its day, or the first day after an outage; who owes was written to."""
        faites = {action.cle: action for action in session.exec(select(ActionJouee))}
        for action in self._agenda:
            if action.le.date() > jour:
                continue
            self._exiger("aucune étape oubliée", action.cle in faites, f"{action.cle}, le {jour}")
            jouee = faites[action.cle]
            attendu = self.premier_jour_ouvert(action.le.date())
            if attendu == jour:
                joue_le = jouee.le.astimezone(PARIS).date()
                self._exiger("chaque action à son jour", joue_le == attendu, f"{action.cle}, jouée le {joue_le}")
        for jouee in faites.values():
            if jouee.le.astimezone(PARIS).date() == jour and jouee.etat is EtatAction.FAITE:
                self._exiger_que_tous_soient_ecrits(jouee, jour, lettres)

    def _exiger_que_tous_soient_ecrits(self, action: ActionJouee, jour: date, lettres: Sequence[LettreLue]) -> None:
        if action.verbe not in {Verbe.OUVRIR, Verbe.RELANCER}:
            return
        heure, ouvre = action.le.astimezone(PARIS), action.verbe == Verbe.OUVRIR
        ecrits = {lettre.adresse: lettre.codes for lettre in lettres if action.etape in lettre.etapes}
        for code in self._dus(action.etape, heure, a_l_ouverture=ouvre):
            for adresse in self.oracle.adresses[code]:
                cite = code in ecrits.get(adresse, ()) or (adresse in ecrits and PARTENAIRE.fullmatch(code))
                ou = f"{action.cle} : {code}, {adresse}, le {jour}"
                self._exiger("tous ceux qui doivent sont écrits", bool(cite), ou)

    def premier_jour_ouvert(self, jour: date) -> date:
        """Give the first day from this one on which the server is on."""
        while jour in self.eteint:
            jour += UN_JOUR
        return jour

    def _verifier_la_boite(self, session: Session, jour: date) -> None:
        en_suspens = session.exec(select(Courriel.cle).where(col(Courriel.etat).not_in(FINIS))).all()
        self._exiger("rien ne reste dans la boîte d'envoi", not en_suspens, f"le {jour} : {en_suspens[:3]}")

    def _verifier_l_argent(self, session: Session, jour: date) -> None:
        """What is paid never goes beyond the right it rests on, structure by structure; read when something is new."""
        lus = session.exec(select(func.count()).select_from(Versement)).one()
        if lus == self._argent_lu:
            return
        self._argent_lu = lus
        nets: Counter[tuple[str, int]] = Counter()
        bases: dict[tuple[str, int], int] = {}
        requete = (
            select(Structure.code, Versement, Droit.montant_centimes)
            .where(Versement.structure_id == Structure.id, Versement.etat != EtatVersement.ANNULE)
            .join(Droit, col(Droit.id) == col(Versement.droit_id), isouter=True)
            .order_by(col(Versement.id))
        )
        for code, versement, droit in session.exec(requete):
            cle = code, versement.exercice
            signe = -1 if versement.nature is NatureVersement.INDU else 1
            nets[cle] += signe * versement.montant_centimes
            if versement.droit_id is not None:
                bases[cle] = droit or 0
        for cle, droit in bases.items():
            ou = f"{cle[0]} {cle[1]}, le {jour} : {nets[cle]} pour {droit}"
            self._exiger("jamais payé plus que le droit", nets[cle] <= droit, ou)

    def _verifier_le_journal(self, session: Session) -> None:
        numero = rupture(session, self._sure)
        self._exiger("journal entier", numero is None, f"ligne {numero}")
        self._sure = session.exec(select(LigneJournal).order_by(col(LigneJournal.numero).desc()).limit(1)).first()


def _lettres_du(session: Session, jour: date) -> Iterator[LettreLue]:
    """Read the campaign mails of a day as they left; several made one are read once."""
    minuit = datetime.combine(jour, time.min, PARIS)
    partis = session.exec(
        select(Courriel).where(
            Courriel.etat == EtatCourriel.ENVOYE,
            col(Courriel.envoye_le) >= minuit,
            col(Courriel.envoye_le) < minuit + UN_JOUR,
            col(Courriel.genre).in_(CAMPAGNE),
        )
    ).all()
    par_porteur: dict[str, list[Courriel]] = {}
    for parti in partis:
        par_porteur.setdefault(parti.porteur or parti.cle, []).append(parti)
    for cle, portes in par_porteur.items():
        octets = next((c.octets for c in portes if c.octets), b"")
        yield _lire(cle, octets, portes)


def _lire(cle: str, octets: bytes, portes: Iterable[Courriel]) -> LettreLue:
    message = message_from_bytes(octets, policy=policy.SMTP)
    corps = message.get_body(("plain",))
    texte = str(corps.get_content()) if corps is not None else ""
    return LettreLue(
        cle=str(message["Message-ID"]) or cle,
        adresse=str(message["To"].addresses[0].addr_spec),
        codes=frozenset(CODE.findall(texte)),
        etapes=frozenset(c.etape for c in portes),
        ouvertes=frozenset(c.etape for c in portes if c.genre == "ouverture"),
    )
