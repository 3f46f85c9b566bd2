"""Whom the Caf can no longer write to: a task for the team each, closed by itself once somebody can be written to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes import contacts_actifs
from modeles.tables import Contact, Courriel, Partenaire, Tache
from modeles.tables.dossiers import GenreTache
from operations.boite_envoi import exiger_motif, taire_adresses
from operations.contexte import ActeRefuse, Contexte
from operations.taches import ouvrir_tache, terminer
from regles.calendrier import PARIS
from regles.etats import EtatCourriel, EtatTache

AUTOMATE = "envoi"
DELAI = timedelta(days=7)  # by when somebody should have found another address; ours
SANS_CONTACT = "adresse:{partenaire}:personne"
REFUSEE = "adresse:{partenaire}:contact{contact}"


@dataclass(frozen=True, slots=True)
class BilanContact:
    """A person no longer written to. `sans_contact`: the partners that have nobody left."""

    nom: str
    partenaires: tuple[str, ...]
    sans_contact: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdresseAChercher:
    """A partner for whom an address is to be found. `nom`: whose address was refused, "" for nobody."""

    tache: str
    partenaire: str
    nom: str
    adresse: str
    detail: str
    confiee_a: str
    telephone: str
    depuis: date


def lister(contexte: Contexte) -> tuple[AdresseAChercher, ...]:
    """Give the addresses to find, the oldest first."""
    with transaction(contexte.moteur) as session:
        lignes = session.exec(
            select(Tache, Partenaire)
            .where(
                Tache.partenaire_id == Partenaire.id, Tache.genre == GenreTache.ADRESSE, Tache.etat == EtatTache.OUVERTE
            )
            .order_by(col(Tache.id))
        ).all()
        trouvees = []
        for tache, partenaire in lignes:
            contact = _contact_de(session, tache)
            trouvees.append(
                AdresseAChercher(
                    tache.cle,
                    f"{partenaire.code} {partenaire.nom}",
                    contact.nom if contact else "",
                    contact.courriel if contact else "",
                    tache.detail,
                    tache.confiee_a,
                    tache.telephone,
                    tache.creee_le.astimezone(PARIS).date(),
                )
            )
        return tuple(trouvees)


def signaler_refus(contexte: Contexte, session: Session, courriel: Courriel, instant: datetime) -> None:
    """Open the task of a person whose address the server refuses, in the transaction that notes the refusal."""
    contact = session.get_one(Contact, courriel.contact_id)
    partenaire = session.get_one(Partenaire, contact.partenaire_id)
    cle = REFUSEE.format(partenaire=partenaire.code, contact=contact.id)
    detail = f"L'adresse de {contact.nom} est refusée : trouver la bonne, ou une autre personne."
    _ouvrir(contexte, session, partenaire, cle, detail, instant)


def tenir_a_jour(contexte: Contexte, session: Session, instant: datetime, par: str = AUTOMATE) -> None:
    """Open the tasks of the partners that have nobody to write to, close those whose address has been found."""
    joignables = set(session.exec(select(Contact.partenaire_id).where(col(Contact.actif).is_(True))))
    for partenaire in session.exec(select(Partenaire).order_by(Partenaire.code)).all():
        if partenaire.id not in joignables:
            cle = SANS_CONTACT.format(partenaire=partenaire.code)
            _ouvrir(
                contexte, session, partenaire, cle, "Plus personne à qui écrire : trouver un contact.", instant, par
            )
    ouvertes = session.exec(select(Tache).where(Tache.genre == GenreTache.ADRESSE, Tache.etat == EtatTache.OUVERTE))
    for tache in ouvertes.all():
        trouvee = _adresse_trouvee(session, tache) if tache.partenaire_id in joignables else ""
        if trouvee:
            terminer(session, tache, EtatTache.SANS_OBJET, trouvee, par, instant)


def desactiver_contact(
    contexte: Contexte, adresse: str, par: str, motif: str, jour: date | None = None
) -> BilanContact:
    """Stop writing to an address, at every partner it stands for; what waits for it leaves no more.

    Raises:
        ActeRefuse: a person who may not validate, no reason, or an address that no active contact has.
    """
    contexte.exiger_droit(par, "valider")
    motif = exiger_motif(motif)
    instant = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        contacts = session.exec(
            select(Contact).where(func.lower(Contact.courriel) == adresse.strip().lower(), col(Contact.actif).is_(True))
        ).all()
        if not contacts:
            raise ActeRefuse(f"Aucun contact actif n'a l'adresse « {adresse} ».")
        for contact in contacts:
            contact.actif = False
            session.add(contact)
            inscrire(
                session,
                le=instant,
                par=par,
                objet="contact",
                objet_id=contact.id or 0,
                action="desactiver",
                avant="actif",
                apres="inactif",
                motif=taire_adresses(motif),
            )
        partenaires = [session.get_one(Partenaire, contact.partenaire_id) for contact in contacts]
        sans_contact = [p for p in partenaires if not contacts_actifs(session, p.id or 0)]
        tenir_a_jour(contexte, session, instant, par)
        return BilanContact(contacts[0].nom, _nommer(partenaires), _nommer(sans_contact))


def _ouvrir(
    contexte: Contexte,
    session: Session,
    partenaire: Partenaire,
    cle: str,
    detail: str,
    instant: datetime,
    par: str = AUTOMATE,
) -> None:
    """Open a task unless one of its kind is open: its key bears its day, for it may come again."""
    ouverte = session.exec(
        select(Tache.id).where(col(Tache.cle).startswith(f"{cle}:"), Tache.etat == EtatTache.OUVERTE)
    ).first()
    if ouverte is None:
        ouvrir_tache(
            contexte,
            session,
            cle=f"{cle}:{instant:%Y-%m-%dT%H%M}",
            genre=GenreTache.ADRESSE,
            partenaire=partenaire,
            detail=detail,
            echeance=(instant + DELAI).date(),
            instant=instant,
            par=par,
        )


def _contact_de(session: Session, tache: Tache) -> Contact | None:
    """Give the person a task is about, none when it is about a partner that has nobody."""
    quoi = tache.cle.split(":")[2]
    return session.get_one(Contact, int(quoi.removeprefix("contact"))) if quoi.startswith("contact") else None


def _adresse_trouvee(session: Session, tache: Tache) -> str:
    """Say how the address of a task was found, or nothing: replaced by somebody, or written to since."""
    contact = _contact_de(session, tache)
    if contact is None:
        return "le partenaire a un contact actif"
    if not contact.actif:
        return "cette personne est remplacée"
    partie = session.exec(
        select(Courriel.id).where(
            Courriel.contact_id == contact.id,
            Courriel.etat == EtatCourriel.ENVOYE,
            col(Courriel.envoye_le) > tache.creee_le,
        )
    ).first()
    return "" if partie is None else "un courriel est parti depuis à cette personne"


def _nommer(partenaires: Collection[Partenaire]) -> tuple[str, ...]:
    return tuple(f"{p.code} {p.nom}" for p in partenaires)
