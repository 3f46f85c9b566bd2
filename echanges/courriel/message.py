"""The message as it leaves: multipart/alternative and attachments, the same bytes for the same mail."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from echanges.courriel.rendu import Rendu

_ADRESSE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class AdresseInvalide(ValueError):
    """An address to which no message can be written."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An attachment: its file name, MIME type (« text/calendar; method=PUBLISH » gives parameters) and bytes."""

    nom: str
    type_mime: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Expediteur:
    """Who the mails come from, and where the answers go."""

    nom: str
    adresse: str
    repondre_a: str


@dataclass(frozen=True, slots=True)
class Lettre:
    """A rendered mail to one person. `cle` is its key in the outbox: two letters of one key are the same message."""

    cle: str
    nom: str
    adresse: str
    rendu: Rendu
    pieces: tuple[Piece, ...] = ()


def composer(lettre: Lettre, expediteur: Expediteur, le: datetime) -> EmailMessage:
    """Write the message of a letter, dated `le` (aware).

    Raises:
        AdresseInvalide: when the addressee's address is malformed or not ASCII.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _adresse(expediteur.nom, expediteur.adresse)
    message["To"] = _adresse(lettre.nom, lettre.adresse)
    message["Reply-To"] = _adresse("", expediteur.repondre_a)
    message["Subject"] = _sur_une_ligne(lettre.rendu.sujet)
    message["Date"] = format_datetime(le)
    message["Message-ID"] = identifiant_message(lettre.cle, expediteur.adresse)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "fr"
    message.set_content(lettre.rendu.texte, cte="quoted-printable")
    message.add_alternative(lettre.rendu.html, subtype="html", cte="quoted-printable")
    for piece in lettre.pieces:
        principal, _, reste = piece.type_mime.partition("/")
        sous_type, *parametres = [p.strip() for p in reste.split(";")]
        message.add_attachment(
            piece.octets,
            maintype=principal,
            subtype=sous_type,
            filename=_sur_une_ligne(piece.nom),
            params=dict(p.split("=", 1) for p in parametres),
        )
    for rang, partie in enumerate(p for p in message.walk() if p.is_multipart()):
        partie.set_boundary(f"=_{_condense(lettre.cle)[:24]}_{rang}")
    return message


def identifiant_message(cle: str, expediteur: str) -> str:
    """Give the Message-ID of an outbox key: the same at every attempt, different for every mail."""
    return f"<{_condense(cle)[:40]}@{expediteur.partition('@')[2]}>"


def _condense(cle: str) -> str:
    return hashlib.sha256(cle.encode()).hexdigest()


def _sur_une_ligne(texte: str) -> str:
    return " ".join(re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", texte)).strip()


def _adresse(nom: str, adresse: str) -> Address:
    if not _ADRESSE.fullmatch(adresse):
        raise AdresseInvalide("adresse de courriel mal formée")
    return Address(display_name=_sur_une_ligne(nom), addr_spec=adresse)
