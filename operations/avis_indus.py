"""Telling a partner of an indu, once, before anything is withheld; and telling it again when the indu is cancelled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from modeles.base import transaction
from modeles.journal import inscrire
from modeles.requetes import contacts_actifs
from modeles.requetes_argent import indus_de_l_etape
from modeles.tables import Contact, Courriel, Partenaire, Structure, Versement
from operations.configuration import etape
from operations.contexte import Contexte
from operations.lettres_indus import ANNULATION, INDU
from regles.etats import EtatCourriel, EtatVersement

PAR = "calcul"
PARTIS = frozenset({EtatCourriel.ENVOYE, EtatCourriel.EN_COURS, EtatCourriel.A_VERIFIER})
VIVANTS = PARTIS | {EtatCourriel.A_ENVOYER}


@dataclass(slots=True)
class BilanAvis:
    """Mails decided by this run, and the indus they speak of. `sans_contact`: partners to tell in another way."""

    courriels: int = 0
    annonces: list[str] = field(default_factory=list)
    annulations: list[str] = field(default_factory=list)
    sans_contact: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """Say it in French; nothing when there is nothing to say."""
        dits = []
        if self.courriels:
            quoi = [f"{len(self.annonces)} indu(s)"] if self.annonces else []
            quoi += [f"{len(self.annulations)} annulation(s) d’indu"] if self.annulations else []
            dits.append(f"{self.courriels} courriel(s) à envoyer pour annoncer {' et '.join(quoi)}.")
        if self.sans_contact:
            dits.append(f"Indu à annoncer autrement, personne à qui écrire : {', '.join(self.sans_contact)}.")
        return " ".join(dits)


@dataclass(slots=True)
class _Avis:
    """What one person is told: the indus of the structures of each partner they answer for."""

    contact: Contact
    indus: list[tuple[Versement, Structure]] = field(default_factory=list)


class _Boite:
    """The mails about indus already decided, as one step knows them."""

    def __init__(self, session: Session, identifiant: str) -> None:
        self.courriels: Sequence[Courriel] = session.exec(
            select(Courriel).where(Courriel.etape == identifiant, col(Courriel.genre).in_([INDU, ANNULATION]))
        ).all()

    def contacts(self, genre: str, reference: str, etats: Iterable[EtatCourriel] = EtatCourriel) -> set[int]:
        """Give the contacts that a mail of a genre in some states tells of an indu."""
        admis = set(etats)
        return {
            c.contact_id
            for c in self.courriels
            if c.genre == genre and c.etat in admis and reference in c.contexte["indus"]
        }


def notifier_indus(contexte: Contexte, identifiant: str, jour: date | None = None) -> BilanAvis:
    """Decide the mails about the indus of a step: one a person for those not told yet, one for those cancelled since.

    An indu is told once, whoever was told. One cancelled after it was told, and replaced by no other, is the object of
    a correction to the same people. Run again, it decides nothing more.

    Raises:
        ActeRefuse: unknown step.
    """
    etape(contexte, identifiant)
    instant = contexte.maintenant(jour)
    bilan = BilanAvis()
    with transaction(contexte.moteur) as session:
        indus = indus_de_l_etape(session, identifiant)
        boite = _Boite(session, identifiant)
        annonces, bilan.sans_contact = _a_annoncer(session, boite, indus)
        annulations = _a_annuler(session, boite, indus)
        for genre, avis in (*((INDU, a) for a in annonces), *((ANNULATION, a) for a in annulations)):
            references = [indu.reference for indu, _ in avis.indus]
            session.add(
                Courriel(
                    cle=f"{genre}:{references[0]}:{avis.contact.id}",
                    genre=genre,
                    etape=identifiant,
                    contact_id=avis.contact.id or 0,
                    structures=sorted({structure.code for _, structure in avis.indus}),
                    contexte={"indus": references},
                    etat=EtatCourriel.A_ENVOYER,
                    prochain_essai_le=instant,
                    decide_le=instant,
                )
            )
            bilan.courriels += 1
        bilan.annonces, bilan.annulations = _references(annonces), _references(annulations)
        if bilan.courriels:
            details = {"courriels": bilan.courriels, "annonces": bilan.annonces, "annulations": bilan.annulations}
            inscrire(session, le=instant, par=PAR, objet="etape", objet_id=identifiant, action="annoncer les indus",
                     details=details)  # fmt: skip
    return bilan


def _references(avis: Iterable[_Avis]) -> list[str]:
    return sorted({indu.reference for a in avis for indu, _ in a.indus})


def _a_annoncer(
    session: Session, boite: _Boite, indus: Sequence[tuple[Versement, Structure, Partenaire]]
) -> tuple[list[_Avis], tuple[str, ...]]:
    """Group by person the open indus that nobody was told of; with the partners that nobody can be written to."""
    personnes: dict[str, _Avis] = {}
    sans_contact: dict[str, None] = {}
    for indu, structure, partenaire in indus:
        if indu.etat is not EtatVersement.A_RECOUVRER or boite.contacts(INDU, indu.reference, VIVANTS):
            continue
        essayees = {
            session.get_one(Contact, contact).courriel.casefold() for contact in boite.contacts(INDU, indu.reference)
        }
        contacts = [c for c in contacts_actifs(session, partenaire.id or 0) if c.courriel.casefold() not in essayees]
        if not contacts:
            sans_contact[f"{partenaire.code} {partenaire.nom}"] = None
        for contact in contacts:
            personnes.setdefault(contact.courriel.casefold(), _Avis(contact)).indus.append((indu, structure))
    return list(personnes.values()), tuple(sans_contact)


def _a_annuler(
    session: Session, boite: _Boite, indus: Sequence[tuple[Versement, Structure, Partenaire]]
) -> list[_Avis]:
    """Group by person the indus they were told of, cancelled since, that no other indu replaces."""
    personnes: dict[int, _Avis] = {}
    tenus = {(s.id, i.exercice) for i, s, _ in indus if i.etat is not EtatVersement.ANNULE}
    for indu, structure, _ in indus:
        if indu.etat is not EtatVersement.ANNULE or (structure.id, indu.exercice) in tenus:
            continue
        prevenus = boite.contacts(INDU, indu.reference, PARTIS) - boite.contacts(ANNULATION, indu.reference)
        for contact in sorted(prevenus):
            avis = personnes.setdefault(contact, _Avis(session.get_one(Contact, contact)))
            avis.indus.append((indu, structure))
    return list(personnes.values())
