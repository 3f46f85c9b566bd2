"""The outbox: each mail decided leaves once, if it is still of use at the moment of sending."""

import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import TextIO

from sqlalchemy import ColumnElement, text
from sqlmodel import Session, col, select

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
from modeles.journal import inscrire
from modeles.tables import Courriel
from operations.contexte import ActeRefuse, Contexte
from operations.lettres import Projet, SansObjet, projeter, rediger
from regles.etats import EtatCourriel, verifier_transition
from schemas.configuration.reglages import ModeCourriel

PAR = "envoi"
ESSAIS_AU_PLUS = 8
PREMIERE_ATTENTE = timedelta(minutes=5)
ATTENTE_AU_PLUS = timedelta(days=1)
ATTENTE_DU_VERROU_S = 60
VERROU_ENVOI = 5_201_027
ADRESSE = re.compile(r"[^\s<>]+@[^\s<>]+")
COMPTEURS = {
    EtatCourriel.ENVOYE: "envoyes",
    EtatCourriel.SANS_OBJET: "sans_objet",
    EtatCourriel.REFUSE: "refuses",
    EtatCourriel.A_VERIFIER: "a_verifier",
    EtatCourriel.A_ENVOYER: "a_reessayer",
}


@dataclass(slots=True)
class BilanEnvoi:
    """What became of the outbox in this run, in numbers of mails. `motifs`: why, for those that did not leave."""

    envoyes: int = 0
    sans_objet: int = 0
    refuses: int = 0
    a_verifier: int = 0
    a_reessayer: int = 0
    motifs: list[str] = field(default_factory=list)

    def compter(self, suite: "_Suite") -> None:
        """Add one mail; one that a crash left behind is counted when it is tried again."""
        if suite.etat is EtatCourriel.A_ENVOYER and not suite.essai:
            return
        compteur = COMPTEURS[suite.etat]
        setattr(self, compteur, getattr(self, compteur) + 1)
        if suite.motif:
            self.motifs.append(suite.motif)


@dataclass(frozen=True, slots=True)
class _Suite:
    """What one mail becomes. `essai`: the transport or the rendering was tried."""

    etat: EtatCourriel
    essai: bool = False
    sujet: str = ""
    destinataire: str = ""
    octets: bytes = b""
    motif: str = ""


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
    """Send what is due, oldest first, over one connection.

    A mail found half-sent by a run that died is finished in simulation; otherwise a person decides, it never leaves
    again by itself.

    Raises:
        ActeRefuse: another run has been sending for more than a minute.
    """
    instant = contexte.maintenant(jour)
    bilan = BilanEnvoi()
    with verrou_envoi(contexte), choisir_transport(contexte) as transport:
        for identifiant in _identifiants(contexte, col(Courriel.etat) == EtatCourriel.EN_COURS):
            _reprendre(contexte, transport, identifiant, instant, bilan)
        dus = (col(Courriel.etat) == EtatCourriel.A_ENVOYER, col(Courriel.prochain_essai_le) <= instant)
        for identifiant in _identifiants(contexte, *dus):
            _envoyer(contexte, transport, identifiant, instant, bilan)
            if transport.est_interrompu:
                break
    return bilan


def _identifiants(contexte: Contexte, *conditions: ColumnElement[bool]) -> list[int]:
    with transaction(contexte.moteur) as session:
        trouves = session.exec(select(Courriel.id).where(*conditions).order_by(col(Courriel.id)))
        return [identifiant or 0 for identifiant in trouves]


def _reprendre(
    contexte: Contexte, transport: Transport, identifiant: int, instant: datetime, bilan: BilanEnvoi
) -> None:
    """Settle a mail that a run left half-sent."""
    with transaction(contexte.moteur) as session:
        courriel = session.get_one(Courriel, identifiant)
    octets = transport.retrouver(courriel.cle)
    if octets is not None:
        message = message_from_bytes(octets, policy=SMTP)
        suite = _Suite(
            EtatCourriel.ENVOYE,
            sujet=str(message["Subject"]),
            destinataire=str(message["To"].addresses[0].addr_spec),
            octets=octets,
        )
    elif transport.sait_retrouver:
        suite = _Suite(EtatCourriel.A_ENVOYER, motif="envoi interrompu avant le départ")
    else:
        suite = _Suite(EtatCourriel.A_VERIFIER, motif="envoi interrompu : vérifier s'il est parti avant de renvoyer")
    _conclure(contexte, identifiant, suite, instant, bilan)


def _envoyer(contexte: Contexte, transport: Transport, identifiant: int, instant: datetime, bilan: BilanEnvoi) -> None:
    """Claim one mail, unless it is of no use any more, and carry it to its end."""
    with transaction(contexte.moteur) as session:
        courriel = session.get_one(Courriel, identifiant, with_for_update=True)
        if courriel.etat is not EtatCourriel.A_ENVOYER:
            return
        projet = projeter(contexte, session, courriel, instant.date())
        if isinstance(projet, Projet):
            _passer(session, courriel, EtatCourriel.EN_COURS)
    if isinstance(projet, SansObjet):
        suite = _Suite(EtatCourriel.SANS_OBJET, motif=projet.motif)
    else:
        suite = _tenter(contexte, transport, courriel, projet, instant)
    _conclure(contexte, identifiant, suite, instant, bilan)


def _tenter(contexte: Contexte, transport: Transport, courriel: Courriel, projet: Projet, instant: datetime) -> _Suite:
    """Render and send. Whatever fails here stops this mail only."""
    reglages = contexte.reglages.fichier.courriel
    expediteur = Expediteur(reglages.expediteur_nom, reglages.expediteur, reglages.repondre_a)
    destination = transport.destination(projet.adresse)
    sujet = ""
    try:
        lettre = rediger(contexte, courriel, projet, destination)
        sujet = lettre.rendu.sujet
        message = composer(lettre, expediteur, instant)
    except AdresseInvalide as erreur:
        resultat = Resultat(Issue.REFUSE, raison=str(erreur))
    except Exception as erreur:
        resultat = Resultat(Issue.A_REESSAYER, raison=f"rédaction impossible : {erreur}")
    else:
        resultat = transport.envoyer(courriel.cle, message, instant)
    dernier_essai = courriel.tentatives + 1 >= ESSAIS_AU_PLUS
    if resultat.issue is Issue.ENVOYE:
        etat = EtatCourriel.ENVOYE
    elif resultat.issue is Issue.INCERTAIN:
        etat = EtatCourriel.A_VERIFIER
    elif resultat.issue is Issue.REFUSE or dernier_essai:
        etat = EtatCourriel.REFUSE
    else:
        etat = EtatCourriel.A_ENVOYER
    return _Suite(etat, True, sujet, destination, resultat.octets, resultat.raison)


def _conclure(contexte: Contexte, identifiant: int, suite: _Suite, instant: datetime, bilan: BilanEnvoi) -> None:
    with transaction(contexte.moteur) as session:
        courriel = session.get_one(Courriel, identifiant)
        avant = courriel.etat
        _passer(session, courriel, suite.etat)
        courriel.motif = suite.motif[:500]
        courriel.sujet = suite.sujet[:250] or courriel.sujet
        courriel.destinataire = suite.destinataire or courriel.destinataire
        if suite.etat is EtatCourriel.ENVOYE:
            courriel.octets, courriel.envoye_le = suite.octets, instant
        elif suite.etat is EtatCourriel.A_ENVOYER and suite.essai:
            attente = min(PREMIERE_ATTENTE * 4**courriel.tentatives, ATTENTE_AU_PLUS)
            courriel.tentatives += 1
            courriel.prochain_essai_le = instant + attente
        if suite.etat is not EtatCourriel.A_ENVOYER:
            inscrire(
                session,
                le=instant,
                par=PAR,
                objet="courriel",
                objet_id=courriel.cle,
                action="envoyer",
                avant=avant,
                apres=suite.etat,
                motif=ADRESSE.sub("(adresse)", courriel.motif),
                details={"structures": courriel.structures},
            )
    bilan.compter(suite)


def _passer(session: Session, courriel: Courriel, apres: EtatCourriel) -> None:
    verifier_transition(courriel.etat, apres)
    courriel.etat = apres
    session.add(courriel)


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
