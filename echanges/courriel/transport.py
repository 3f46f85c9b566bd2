"""Where messages go: files in a folder (simulation), one box but for an allow-list (redirection), their addressees."""

import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

import yagmail

DELAI_RESEAU_S = 30
REFUS_DEFINITIF = 500
FERMETURE_DU_SERVICE = 421


class Issue(StrEnum):
    """What became of a message: sent, refused for good (a contact to mend), to try again later, or nobody knows."""

    ENVOYE = "envoye"
    REFUSE = "refuse"
    A_REESSAYER = "a_reessayer"
    INCERTAIN = "incertain"


@dataclass(frozen=True, slots=True)
class Resultat:
    """Outcome of one message. `octets` is the message as it left, empty otherwise; `raison` is in French.

    `adresse_refusee`: refused because of whom it goes to, not of what it holds.
    """

    issue: Issue
    octets: bytes = b""
    raison: str = ""
    adresse_refusee: bool = False


class Transport(Protocol):
    """Carries the messages of one batch.

    `sait_retrouver`: it can tell whether a message had left before a crash. `est_interrompu`: the server cannot be
    reached, trying the rest of the batch is of no use.
    """

    sait_retrouver: bool
    est_interrompu: bool

    def retrouver(self, cle: str) -> bytes | None:
        """Give the message of a key if it is known to have left."""

    def destination(self, adresse: str) -> str:
        """Give the address that a message to `adresse` is really sent to."""

    def envoyer(self, cle: str, message: EmailMessage, le: datetime) -> Resultat:
        """Carry one message."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


@dataclass(slots=True)
class TransportSimulation:
    """Writes `<dossier>/<date>/<key>.eml`. A key written once, on any day, is never written again."""

    dossier: Path
    sait_retrouver: bool = True
    est_interrompu: bool = False

    def retrouver(self, cle: str) -> bytes | None:
        """Give the bytes of the file written for a key, on whatever day."""
        for existant in self.dossier.glob(f"*/{nom_de_fichier(cle)}.eml"):
            return existant.read_bytes()
        return None

    def destination(self, adresse: str) -> str:
        """Keep the address: nothing leaves."""
        return adresse

    def envoyer(self, cle: str, message: EmailMessage, le: datetime) -> Resultat:
        """Write the file whole or not at all; give back the bytes of the file that stands."""
        deja = self.retrouver(cle)
        if deja is not None:
            return Resultat(Issue.ENVOYE, deja)
        chemin = self.dossier / f"{le:%Y-%m-%d}" / f"{nom_de_fichier(cle)}.eml"
        chemin.parent.mkdir(parents=True, exist_ok=True)
        octets = message.as_bytes(policy=SMTP)
        provisoire = chemin.with_suffix(".tmp")
        provisoire.write_bytes(octets)
        provisoire.replace(chemin)
        return Resultat(Issue.ENVOYE, octets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def nom_de_fichier(cle: str) -> str:
    """Give a file name to an outbox key (« relance:reels-2025-a:j+1:7 » gives « relance.reels-2025-a.j+1.7 »).

    Raises:
        ValueError: for a key that could name another folder or be mistaken for another key.
    """
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(:[A-Za-z0-9_+-]+)*", cle):
        raise ValueError(f"clé de courriel inattendue : {cle!r}")
    return cle.replace(":", ".")


@dataclass(frozen=True, slots=True)
class ServeurSmtp:
    """The outgoing server. `securite`: « tls » (from the first byte), « starttls » or « aucune » (local tests).

    Without `utilisateur` nobody logs in. The accepted authorities are the system's, or those of the file
    that SSL_CERT_FILE names.
    """

    hote: str
    port: int
    utilisateur: str
    mot_de_passe: str
    securite: str


class TransportSmtp:
    """Sends through one yagmail connection per batch, opened again after a drop.

    yagmail serves for connection, TLS and login; its `send` is not used: it opens a connection per message, gives two
    reminders of one subject the same Message-ID, and hides failures.
    """

    sait_retrouver = False

    def __init__(
        self, serveur: ServeurSmtp, expediteur: str, redirection: str = "", autorises: tuple[str, ...] = ()
    ) -> None:
        """Prepare a batch; with `redirection`, only the addresses of `autorises` are written to."""
        self.serveur = serveur
        self.expediteur = expediteur
        self.redirection = redirection
        self.autorises = frozenset(a.casefold() for a in autorises)
        self.est_interrompu = False
        self._client: yagmail.SMTP | None = None
        self._contenu_parti = False

    def retrouver(self, cle: str) -> bytes | None:  # noqa: ARG002
        """Know nothing: a server keeps no account of what it took."""
        return None

    def destination(self, adresse: str) -> str:
        """Give the address itself, or the box of redirection when it is not on the allow-list."""
        if not self.redirection or adresse.casefold() in self.autorises:
            return adresse
        return self.redirection

    def envoyer(self, cle: str, message: EmailMessage, le: datetime) -> Resultat:  # noqa: ARG002
        """Send one message to its `To`; a server that cannot be reached interrupts the batch."""
        destinataire = message["To"].addresses[0].addr_spec
        try:
            client = self._client or self._connecter()
        except (smtplib.SMTPException, OSError) as erreur:
            self.est_interrompu = True
            return Resultat(Issue.A_REESSAYER, raison=_raison_de_connexion(erreur))
        self._contenu_parti = False
        try:
            client.smtp.send_message(message, from_addr=self.expediteur, to_addrs=[destinataire])
        except smtplib.SMTPRecipientsRefused as refus:
            code, texte = next(iter(refus.recipients.values()))
            resultat = self._apres_reponse(code, texte)
            return replace(resultat, adresse_refusee=resultat.issue is Issue.REFUSE)
        except smtplib.SMTPSenderRefused as refus:
            self._fermer()
            self.est_interrompu = True
            raison = f"expéditeur refusé par le serveur ({_lire(refus.smtp_code, refus.smtp_error)})"
            return Resultat(Issue.A_REESSAYER, raison=raison)
        except smtplib.SMTPResponseException as refus:
            return self._apres_reponse(refus.smtp_code, refus.smtp_error)
        except (smtplib.SMTPException, OSError) as erreur:
            self._fermer()
            issue = Issue.INCERTAIN if self._contenu_parti else Issue.A_REESSAYER
            suite = " : le serveur a pu prendre le message" if self._contenu_parti else ""
            return Resultat(issue, raison=f"connexion perdue pendant l'envoi ({type(erreur).__name__}){suite}")
        return Resultat(Issue.ENVOYE, message.as_bytes(policy=SMTP))

    def _apres_reponse(self, code: int, texte: bytes | str) -> Resultat:
        if code == FERMETURE_DU_SERVICE:
            self._fermer()
        return Resultat(Issue.REFUSE if code >= REFUS_DEFINITIF else Issue.A_REESSAYER, raison=_lire(code, texte))

    def _connecter(self) -> "yagmail.SMTP":
        contexte = ssl.create_default_context()
        options: Mapping[str, object] = {"context": contexte} if self.serveur.securite == "tls" else {}
        client = yagmail.SMTP(
            # A mapping: yagmail would add « @gmail.com » to a login without « @ ».
            user={self.serveur.utilisateur: self.serveur.utilisateur},
            password=self.serveur.mot_de_passe,
            host=self.serveur.hote,
            port=self.serveur.port,
            smtp_ssl=self.serveur.securite == "tls",
            smtp_starttls={"context": contexte} if self.serveur.securite == "starttls" else False,
            smtp_skip_login=not self.serveur.utilisateur,
            soft_email_validation=False,
            timeout=DELAI_RESEAU_S,
            **options,
        )
        client.login()
        self._surveiller_le_contenu(client)
        self._client = client
        return client

    def _surveiller_le_contenu(self, client: "yagmail.SMTP") -> None:
        """Note when a message's content starts to leave: a cut after that proves nothing either way."""
        remettre = client.smtp.data

        def remettre_et_noter(contenu: bytes) -> object:
            self._contenu_parti = True
            return remettre(contenu)

        client.smtp.data = remettre_et_noter

    def _fermer(self) -> None:
        if self._client is not None:
            try:
                self._client.close()
            except (smtplib.SMTPException, OSError):
                self._client.is_closed = True
        self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._fermer()


def _lire(code: int, texte: bytes | str) -> str:
    lu = texte.decode("utf-8", "replace") if isinstance(texte, bytes) else texte
    return f"{code} {' '.join(lu.split())}"[:400]


def _raison_de_connexion(erreur: Exception) -> str:
    if isinstance(erreur, ssl.SSLCertVerificationError):
        return f"certificat du serveur refusé ({erreur.verify_message})"
    if isinstance(erreur, smtplib.SMTPAuthenticationError):
        return f"identifiants refusés par le serveur ({_lire(erreur.smtp_code, erreur.smtp_error)})"
    return f"serveur de courriel injoignable ({type(erreur).__name__})"
