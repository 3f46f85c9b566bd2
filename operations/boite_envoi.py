"""What a person decides about mails that did not leave."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.tables import Contact, Courriel
from modeles.transitions import Acte, passer
from operations.contexte import ActeRefuse, Contexte
from operations.plis import du_meme_pli
from regles.etats import EtatCourriel

A_REGLER = frozenset({EtatCourriel.A_VERIFIER, EtatCourriel.REFUSE})
MOTIF_AU_PLUS = 1000
ADRESSE = re.compile(r"[^\s<>]+@[^\s<>]+")


class Suite(StrEnum):
    """What becomes of a mail: sent again, or known to have left."""

    RENVOYER = "renvoyer"
    DEJA_PARTI = "deja_parti"


@dataclass(frozen=True, slots=True)
class CourrielARegler:
    """A mail that waits for a person, as it is shown. `adresse` is the contact's present one."""

    cle: str
    etat: EtatCourriel
    decide_le: datetime
    nom: str
    adresse: str
    structures: tuple[str, ...]
    motif: str


def taire_adresses(texte: str) -> str:
    """Take mail addresses out of a text bound for the journal, which auditors read."""
    return ADRESSE.sub("(adresse)", texte)


def lister(contexte: Contexte, etats: Collection[EtatCourriel] = A_REGLER) -> tuple[CourrielARegler, ...]:
    """Give the mails in some states, oldest first."""
    with transaction(contexte.moteur) as session:
        trouves = session.exec(
            select(Courriel, Contact)
            .where(Courriel.contact_id == Contact.id, col(Courriel.etat).in_(etats))
            .order_by(col(Courriel.id))
        )
        return tuple(
            CourrielARegler(c.cle, c.etat, c.decide_le, p.nom, p.courriel, tuple(c.structures), c.motif)
            for c, p in trouves
        )


def regler(
    contexte: Contexte, cle: str, suite: Suite, par: str, motif: str, jour: date | None = None
) -> CourrielARegler:
    """Settle a mail refused or left uncertain: it goes back to the outbox, or is noted as already gone.

    Sent again, it is read again from the database first: who has answered meanwhile is not written to, and the address
    is the contact's present one. The mails that left as one with it, or were to, are settled with it.

    Raises:
        ActeRefuse: a person who may not validate, no reason, an unknown mail, one that waits for nobody, or one that
            the server refused said to have left.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        courriel = session.exec(select(Courriel).where(Courriel.cle == cle).with_for_update()).first()
        if courriel is None:
            raise ActeRefuse(f"Aucun courriel ne porte la clé « {cle} » (campagnes courriels lister).")
        if courriel.etat not in A_REGLER:
            raise ActeRefuse(f"Le courriel « {cle} » n'attend personne : il est « {courriel.etat} ».")
        if suite is Suite.DEJA_PARTI and courriel.etat is EtatCourriel.REFUSE:
            raise ActeRefuse(
                f"Le courriel « {cle} » a été refusé, il n'est pas parti : corrigez l'adresse, puis renvoyez-le."
            )
        acte = Acte(instant, par, "regler", taire_adresses(motif))
        for regle in du_meme_pli(session, courriel):
            _regler(session, regle, suite, acte)
        contact = session.get_one(Contact, courriel.contact_id)
        return CourrielARegler(
            cle, courriel.etat, courriel.decide_le, contact.nom, contact.courriel, tuple(courriel.structures), motif
        )


def _regler(session: Session, courriel: Courriel, suite: Suite, acte: Acte) -> None:
    if suite is Suite.RENVOYER:
        passer(session, courriel, EtatCourriel.A_ENVOYER, acte, {"structures": courriel.structures})
        courriel.tentatives, courriel.prochain_essai_le = 0, acte.le
        courriel.motif, courriel.porteur = "", ""
    else:
        passer(session, courriel, EtatCourriel.ENVOYE, acte, {"structures": courriel.structures})
        courriel.envoye_le = courriel.prochain_essai_le


def exiger_motif(motif: str) -> str:
    """Give a reason without the blanks around it.

    Raises:
        ActeRefuse: none, or more than the journal holds.
    """
    motif = motif.strip()
    if not 0 < len(motif) <= MOTIF_AU_PLUS:
        raise ActeRefuse(f"Un motif est attendu ({MOTIF_AU_PLUS} caractères au plus) : il est écrit au journal.")
    return motif
