"""The key of the Filoué files: outside the database, for one account only, never replaced once it has served."""

import base64
import binascii
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes_filoue import empreintes_de_cle
from operations.contexte import ActeRefuse, Contexte

VARIABLE = "CAMPAGNES_FILOUE_CLE"
TAILLE = 32
NONCE = 12
OUVERTE_A_D_AUTRES = stat.S_IRWXG | stat.S_IRWXO
CREER = "campagnes filoue cle creer"


@dataclass(frozen=True, slots=True)
class Cles:
    """What is drawn from the key: one for encryption, one for pseudonyms, and what tells it from another."""

    chiffrement: bytes = field(repr=False)
    pseudonymes: bytes = field(repr=False)
    empreinte: str


def chemin_de_la_cle(contexte: Contexte) -> Path:
    """Give where the key is: CAMPAGNES_FILOUE_CLE, read here only, else var/cles/filoue.cle."""
    return Path(os.environ.get(VARIABLE) or contexte.reglages.var / "cles" / "filoue.cle")


def creer_cle(contexte: Contexte, jour: date | None = None) -> Path:
    """Make the key, once, readable by this account only, and note its fingerprint.

    Raises:
        ActeRefuse: there is a key already, or files were read with another one, which must be found again.
    """
    chemin = chemin_de_la_cle(contexte)
    if chemin.exists():
        raise ActeRefuse(f"La clé Filoué existe déjà ({chemin}) : elle ne se remplace pas.")
    octets = secrets.token_bytes(TAILLE)
    with transaction(contexte.moteur) as session:
        _refuser_si_perdue(session, chemin)
        chemin.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "wb") as fichier:
            fichier.write(base64.b64encode(octets) + b"\n")
            fichier.flush()
            os.fsync(fichier.fileno())
        inscrire(
            session,
            le=contexte.maintenant(jour),
            par="installation",
            objet="cle_filoue",
            objet_id=_tirer(octets).empreinte,
            action="creer",
        )
    return chemin


def lire_cles(contexte: Contexte, session: Session) -> Cles:
    """Read the key.

    Raises:
        ActeRefuse: no key, one that another account may read, that is damaged, or that is not the one that served.
    """
    chemin = chemin_de_la_cle(contexte)
    try:
        droits = chemin.stat().st_mode
        texte = chemin.read_bytes()
    except FileNotFoundError:
        _refuser_si_perdue(session, chemin)
        raise ActeRefuse(f"Il n'y a pas encore de clé Filoué ({chemin}) : créez-la ({CREER}).") from None
    if droits & OUVERTE_A_D_AUTRES:
        raise ActeRefuse(f"La clé Filoué est lisible par d'autres comptes : chmod 600 {chemin}")
    try:
        octets = base64.b64decode(texte.strip(), validate=True)
    except binascii.Error:
        octets = b""
    if len(octets) != TAILLE:
        raise ActeRefuse(f"La clé Filoué est abîmée ({chemin}) : remettez-en une copie de sauvegarde.")
    cles = _tirer(octets)
    if any(empreinte != cles.empreinte for empreinte in empreintes_de_cle(session)):
        raise ActeRefuse(
            f"La clé Filoué ({chemin}) n'est pas celle qui a servi jusqu'ici : remettez la bonne, d'une sauvegarde."
        )
    return cles


def est_prete(contexte: Contexte) -> bool:
    """Whether there is a usable key."""
    try:
        with transaction(contexte.moteur) as session:
            lire_cles(contexte, session)
    except ActeRefuse:
        return False
    return True


def chiffrer(cles: Cles, octets: bytes, sha256: str) -> bytes:
    """Encrypt the bytes of a file, bound to their fingerprint (AES-256-GCM)."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(cles.chiffrement).encrypt(nonce, octets, sha256.encode())


def dechiffrer(cles: Cles, chiffres: bytes, sha256: str) -> bytes:
    """Give back the bytes of a file.

    Raises:
        ActeRefuse: bytes altered, or encrypted with another key.
    """
    try:
        return AESGCM(cles.chiffrement).decrypt(chiffres[:NONCE], chiffres[NONCE:], sha256.encode())
    except (InvalidTag, ValueError):
        raise ActeRefuse(
            "Ce fichier Filoué ne se déchiffre pas : il est altéré, ou chiffré avec une autre clé."
        ) from None


def _tirer(octets: bytes) -> Cles:
    def pour(usage: str) -> bytes:
        return hmac.digest(octets, f"campagnes/filoue/{usage}".encode(), "sha256")

    return Cles(pour("chiffrement"), pour("pseudonymes"), pour("empreinte").hex()[:16])


def _refuser_si_perdue(session: Session, chemin: Path) -> None:
    if empreintes_de_cle(session):
        raise ActeRefuse(
            f"La clé Filoué a disparu ({chemin}) et des fichiers ont été lus avec elle : remettez une sauvegarde. "
            "Une autre clé ne les relirait pas, et donnerait d'autres pseudonymes aux mêmes enfants."
        )
