"""The outbox: each mail decided leaves once, if it is still of use at the moment of sending."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import TextIO

from sqlalchemy import text
from sqlmodel import Session

from echanges.courriel.message import AdresseInvalide, Expediteur, composer
from echanges.courriel.transport import (
    Issue,
    Resultat,
    ServeurSmtp,
    Transport,
    TransportSimulation,
    TransportSmtp,
)
from modeles.base import transaction
from modeles.tables import Courriel
from modeles.transitions import Acte, passer
from operations.adresses import signaler_refus, tenir_a_jour
from operations.boite_envoi import taire_adresses
from operations.contexte import ActeRefuse, Contexte
from operations.lettres import projeter
from operations.plis import (
    DE_CAMPAGNE,
    Pli,
    adresses_ecrites,
    plis_dus,
    plis_interrompus,
    reporter,
    sans_repetition,
)
from operations.projets import Projet, SansObjet
from operations.redaction import Prete, preparer, rediger
from operations.relais import relayer_les_departs
from operations.relances import actions_a_jouer
from regles.calendrier import PARIS
from regles.etats import EtatCourriel
from schemas.configuration.reglages import ModeCourriel

PAR = "envoi"
ESSAIS_AU_PLUS = 8
PREMIERE_ATTENTE = timedelta(minutes=5)
ATTENTE_AU_PLUS = timedelta(days=1)
ATTENTE_DU_VERROU_S = 60
VERROU_ENVOI = 5_201_027
PATIENCE = timedelta(minutes=30)
D_AUTRES_SUIVENT = "les courriels de campagne attendent les autres actions de ce jour, pour partir ensemble"
DEJA_DIT = "le courriel parti avec celui-ci le dit déjà"
COMPTEURS = {
    EtatCourriel.ENVOYE: "envoyes",
    EtatCourriel.SANS_OBJET: "sans_objet",
    EtatCourriel.REFUSE: "refuses",
    EtatCourriel.A_VERIFIER: "a_verifier",
    EtatCourriel.A_ENVOYER: "a_reessayer",
}


@dataclass(slots=True)
class BilanEnvoi:
    """What became of the outbox in this run, in numbers of mails. `motifs`: why, for those that did not leave.

    `reunis`: the mails decided that left within another one, not counted in `envoyes`; `reportes`: those that wait for
    the next day, as one has already left to the same person.
    """

    envoyes: int = 0
    sans_objet: int = 0
    refuses: int = 0
    a_verifier: int = 0
    a_reessayer: int = 0
    reunis: int = 0
    reportes: int = 0
    motifs: list[str] = field(default_factory=list)

    def compter(self, suites: "Sequence[_Suite]") -> None:
        """Add one message and the mails it carries; one that a crash left behind is counted when it is tried again."""
        comptees = [s for s in suites if s.etat is not EtatCourriel.A_ENVOYER or s.essai]
        for etat in dict.fromkeys(s.etat for s in comptees):
            setattr(self, COMPTEURS[etat], getattr(self, COMPTEURS[etat]) + 1)
        self.reunis += max(0, sum(s.etat is EtatCourriel.ENVOYE for s in comptees) - 1)
        self.motifs += dict.fromkeys(s.motif for s in comptees if s.motif)


@dataclass(frozen=True, slots=True)
class _Suite:
    """What one mail becomes. `essai`: the transport or the rendering was tried; `parti_le`: known from the message."""

    etat: EtatCourriel
    essai: bool = False
    sujet: str = ""
    destinataire: str = ""
    octets: bytes = b""
    motif: str = ""
    parti_le: datetime | None = None
    adresse_refusee: bool = False


@dataclass(frozen=True, slots=True)
class _Tournee:
    """A run of the sender: its transport, its instant, its account, and the addresses already written to that day."""

    contexte: Contexte
    transport: Transport
    instant: datetime
    ecrites: set[str]
    bilan: BilanEnvoi


def choisir_transport(contexte: Contexte) -> Transport:
    """Give the transport of the configured mode. CAMPAGNES_SMTP_MOT_DE_PASSE holds the password, read here only."""
    reglages = contexte.reglages.fichier.courriel
    if reglages.mode is ModeCourriel.SIMULATION:
        return TransportSimulation(contexte.reglages.var / "courriels")
    serveur = ServeurSmtp(
        reglages.smtp_hote,
        reglages.smtp_port,
        reglages.smtp_utilisateur,
        os.environ.get("CAMPAGNES_SMTP_MOT_DE_PASSE", ""),
        reglages.smtp_securite,
    )
    redirige = reglages.mode is ModeCourriel.REDIRECTION
    return TransportSmtp(
        serveur,
        reglages.expediteur,
        reglages.redirection_vers if redirige else "",
        reglages.autorises,
    )


def envoyer_en_attente(contexte: Contexte, jour: date | None = None) -> BilanEnvoi:
    """Send what is due, oldest first, over one connection; what the calendar says to one person leaves as one mail.

    A mail found half-sent by a run that died is finished in simulation; otherwise a person decides, it never leaves
    again by itself.

    Raises:
        ActeRefuse: another run has been sending for more than a minute.
    """
    instant = contexte.maintenant(jour)
    bilan = BilanEnvoi()
    with verrou_envoi(contexte), choisir_transport(contexte) as transport:
        with transaction(contexte.moteur) as session:
            interrompus = plis_interrompus(session)
        tournee = _Tournee(contexte, transport, instant, set(), bilan)
        for pli in interrompus:
            _reprendre(tournee, pli)
        seuls = jour is None and _d_autres_suivent(contexte, instant)
        with transaction(contexte.moteur) as session:
            relayer_les_departs(contexte, session, instant)
            tournee.ecrites.update(adresses_ecrites(session, instant.astimezone(PARIS).date()))
            plis = plis_dus(session, instant, seuls=seuls)
        for pli in plis:
            _envoyer(tournee, pli)
            if transport.est_interrompu:
                break
        with transaction(contexte.moteur) as session:
            tenir_a_jour(contexte, session, instant)
    if seuls:
        bilan.motifs.append(D_AUTRES_SUIVENT)
    return bilan


def _d_autres_suivent(contexte: Contexte, instant: datetime) -> bool:
    """Whether an action of this very hour is still to be played, whose mails should leave with those decided."""
    a_jouer, _ = actions_a_jouer(contexte)
    return any(a.verbe.ecrit and a.le <= instant < a.le + PATIENCE for a in a_jouer)


def _reprendre(tournee: _Tournee, pli: Pli) -> None:
    """Settle a message that a run left half-sent, with all the mails it carries."""
    with transaction(tournee.contexte.moteur) as session:
        porteur = session.get_one(Courriel, pli[0])
        cle = porteur.porteur or porteur.cle
    octets = tournee.transport.retrouver(cle)
    if octets is not None:
        message = message_from_bytes(octets, policy=SMTP)
        suite = _Suite(
            EtatCourriel.ENVOYE,
            sujet=str(message["Subject"]),
            destinataire=str(message["To"].addresses[0].addr_spec),
            octets=octets,
            parti_le=message["Date"].datetime,
        )
    elif tournee.transport.sait_retrouver:
        suite = _Suite(EtatCourriel.A_ENVOYER, motif="envoi interrompu avant le départ")
    else:
        suite = _Suite(EtatCourriel.A_VERIFIER, motif="envoi interrompu : vérifier s'il est parti avant de renvoyer")
    _conclure(tournee, [(identifiant, suite) for identifiant in pli])


def _envoyer(tournee: _Tournee, pli: Pli) -> None:
    """Claim what leaves together, unless it is of no use any more, and carry it to its end."""
    contexte = tournee.contexte
    with transaction(contexte.moteur) as session:
        pris, sans_objet = _prendre(tournee, session, pli)
    for identifiant, motif in sans_objet:
        _conclure(tournee, [(identifiant, _Suite(EtatCourriel.SANS_OBJET, motif=motif))])
    if not pris:
        return
    destination = tournee.transport.destination(pris[0][1].adresse)
    pretes: list[Prete] = []
    echecs: dict[int, _Suite] = {}
    for courriel, projet in pris:
        try:
            pretes.append(preparer(contexte, courriel, projet, destination))
            if len(pris) > 1:
                rediger(contexte, pretes[-1:], destination)
        except Exception as erreur:
            rate = Resultat(Issue.A_REESSAYER, raison=f"rédaction impossible : {erreur}")
            echecs[courriel.id or 0] = _apres(courriel, rate, "", destination)
    if echecs:
        _separer(tournee, pris, echecs)
        return
    suites = _tenter(tournee, pretes, destination)
    if any(s.etat in {EtatCourriel.ENVOYE, EtatCourriel.A_VERIFIER} for s in suites) and _est_de_campagne(pris[0][0]):
        tournee.ecrites.add(pris[0][1].adresse.lower())
    _conclure(tournee, [(courriel.id or 0, suite) for (courriel, _), suite in zip(pris, suites, strict=True)])


def _prendre(
    tournee: _Tournee, session: Session, pli: Pli
) -> tuple[list[tuple[Courriel, Projet]], list[tuple[int, str]]]:
    """Read again what each mail is about; give those now claimed under the first one's key, and those of no use."""
    contexte, instant = tournee.contexte, tournee.instant
    utiles: list[tuple[Courriel, Projet]] = []
    sans_objet: list[tuple[int, str]] = []
    for identifiant in pli:
        courriel = session.get_one(Courriel, identifiant, with_for_update=True)
        if courriel.etat is not EtatCourriel.A_ENVOYER:
            continue
        projet = projeter(contexte, session, courriel, instant.astimezone(PARIS).date())
        if isinstance(projet, SansObjet):
            sans_objet.append((identifiant, projet.motif))
        else:
            utiles.append((courriel, projet))
    if utiles and _est_de_campagne(utiles[0][0]) and utiles[0][1].adresse.lower() in tournee.ecrites:
        for courriel, projet in utiles:
            reporter(contexte, courriel, projet, instant)
            session.add(courriel)
            tournee.bilan.motifs.append(courriel.motif)
        tournee.bilan.reportes += len(utiles)
        return [], sans_objet
    pris, repetes = sans_repetition(utiles)
    sans_objet += [(c.id or 0, DEJA_DIT) for c in repetes]
    for courriel, _ in pris:
        courriel.porteur = pris[0][0].cle if len(pris) > 1 else ""
        courriel.prochain_essai_le = instant
        passer(session, courriel, EtatCourriel.EN_COURS, Acte(instant, PAR, "prendre"))
    return pris, sans_objet


def _separer(tournee: _Tournee, pris: Sequence[tuple[Courriel, Projet]], echecs: Mapping[int, _Suite]) -> None:
    """Keep aside the mails that cannot be written, and send the others, which nothing has carried yet."""
    bons = tuple(c.id or 0 for c, _ in pris if c.id not in echecs)
    _conclure(tournee, list(echecs.items()))
    if bons:
        _conclure(tournee, [(identifiant, _Suite(EtatCourriel.A_ENVOYER)) for identifiant in bons])
        _envoyer(tournee, bons)


def _tenter(tournee: _Tournee, pretes: Sequence[Prete], destination: str) -> list[_Suite]:
    """Render and send one message; give what each mail it carries becomes. Whatever fails here stops this one only."""
    reglages = tournee.contexte.reglages.fichier.courriel
    expediteur = Expediteur(reglages.expediteur_nom, reglages.expediteur, reglages.repondre_a)
    sujet = ""
    try:
        lettre = rediger(tournee.contexte, pretes, destination)
        sujet = lettre.rendu.sujet
        message = composer(lettre, expediteur, tournee.instant)
    except AdresseInvalide as erreur:
        resultat = Resultat(Issue.REFUSE, raison=str(erreur), adresse_refusee=True)
    except Exception as erreur:
        resultat = Resultat(Issue.A_REESSAYER, raison=f"rédaction impossible : {erreur}")
    else:
        resultat = tournee.transport.envoyer(lettre.cle, message, tournee.instant)
    return [_apres(p.courriel, resultat, sujet, destination) for p in pretes]


def _apres(courriel: Courriel, resultat: Resultat, sujet: str, destination: str) -> _Suite:
    dernier_essai = courriel.tentatives + 1 >= ESSAIS_AU_PLUS
    if resultat.issue is Issue.ENVOYE:
        etat = EtatCourriel.ENVOYE
    elif resultat.issue is Issue.INCERTAIN:
        etat = EtatCourriel.A_VERIFIER
    elif resultat.issue is Issue.REFUSE or dernier_essai:
        etat = EtatCourriel.REFUSE
    else:
        etat = EtatCourriel.A_ENVOYER
    return _Suite(
        etat, True, sujet, destination, resultat.octets, resultat.raison, adresse_refusee=resultat.adresse_refusee
    )


def _est_de_campagne(courriel: Courriel) -> bool:
    return courriel.genre in DE_CAMPAGNE


def _conclure(tournee: _Tournee, suites: Sequence[tuple[int, _Suite]]) -> None:
    """Note what became of mails that left as one, or were to: all of them, or none."""
    instant = tournee.instant
    with transaction(tournee.contexte.moteur) as session:
        for rang, (identifiant, suite) in enumerate(suites):
            courriel = session.get_one(Courriel, identifiant)
            acte = Acte(instant, PAR, "envoyer", taire_adresses(suite.motif[:500]))
            porteur = {"porteur": courriel.porteur} if courriel.porteur else {}
            passer(session, courriel, suite.etat, acte, {"structures": courriel.structures, **porteur})
            if suite.etat is EtatCourriel.REFUSE and suite.adresse_refusee:
                signaler_refus(tournee.contexte, session, courriel, instant)
            courriel.motif = suite.motif[:500]
            courriel.sujet = suite.sujet[:250] or courriel.sujet
            courriel.destinataire = suite.destinataire or courriel.destinataire
            if suite.etat is EtatCourriel.ENVOYE:
                courriel.envoye_le = suite.parti_le or instant
                courriel.octets = suite.octets if not rang else None
            elif suite.etat is EtatCourriel.A_ENVOYER:
                courriel.porteur = ""
                if suite.essai:
                    attente = min(PREMIERE_ATTENTE * 4**courriel.tentatives, ATTENTE_AU_PLUS)
                    courriel.tentatives += 1
                    courriel.prochain_essai_le = instant + attente
    tournee.bilan.compter([suite for _, suite in suites])


@contextmanager
def verrou_envoi(contexte: Contexte) -> Iterator[None]:
    """Keep one sender at a time, so that a mail in progress is never taken for one left by a crash.

    The database holds the lock on PostgreSQL, the system on SQLite: both let it go when the process dies.

    Raises:
        ActeRefuse: when another sender keeps it more than a minute.
    """
    if contexte.moteur.dialect.name == "postgresql":
        with contexte.moteur.connect().execution_options(isolation_level="AUTOCOMMIT") as connexion:
            essai = text("SELECT pg_try_advisory_lock(:verrou)").bindparams(verrou=VERROU_ENVOI)
            _attendre(lambda: bool(connexion.execute(essai).scalar_one()))
            try:
                yield
            finally:
                connexion.execute(text("SELECT pg_advisory_unlock(:verrou)").bindparams(verrou=VERROU_ENVOI))
        return
    with (contexte.reglages.var / "envoi.verrou").open("w") as fichier:
        _attendre(lambda: _saisir(fichier))
        yield


def _saisir(fichier: TextIO) -> bool:
    try:
        fcntl.flock(fichier, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _attendre(saisir: Callable[[], bool]) -> None:
    fin = time.monotonic() + ATTENTE_DU_VERROU_S
    while not saisir():
        if time.monotonic() > fin:
            raise ActeRefuse("Un autre envoi de courriels est en cours : réessayez dans un moment.")
        time.sleep(0.2)
