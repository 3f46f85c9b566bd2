"""The dates of the calendar that concern a partner, as their diary keeps them: openings, limits, sittings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, func, select

from echanges.agenda import Evenement, agenda_ics
from modeles.base import transaction
from modeles.tables import Adhesion, Contact, Demande, Dossier, Partenaire, Prolongation, Structure
from operations.attendus import activite
from operations.commission.socle import completude
from operations.configuration import calendriers, demarche
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier import Etape, NatureEtape, nommer_etape, ouverture_prevue
from regles.conventions import Periode
from regles.dates import en_toutes_lettres
from regles.demarches import Audience, Demarche
from regles.etats import EtatDemande
from regles.presences import est_du_public, periode_visee, se_touchent

TITRE = "Calendrier de la Caf"
A_CONFIRMER = " (à confirmer)"


class Moment(StrEnum):
    """What a date of the diary is."""

    OUVERTURE = "ouverture"
    LIMITE = "limite"
    SEANCE = "seance"


@dataclass(frozen=True, slots=True)
class DateAgenda:
    """A date that concerns a partner: of which step, what happens then, and its event."""

    etape: str
    moment: Moment
    evenement: Evenement


@dataclass(frozen=True, slots=True)
class Agenda:
    """The dates of a partner, in order, and their `.ics` file."""

    partenaire: str
    nom: str
    dates: tuple[DateAgenda, ...]
    ics: bytes


@dataclass(frozen=True, slots=True)
class _Suivi:
    """A partner with what makes a step theirs. `seances`: whether their requests there are all complete or decided."""

    partenaire: Partenaire
    structures: Sequence[Structure]
    adhesions: Sequence[Adhesion]
    prolongations: Sequence[Prolongation]
    seances: Mapping[str, bool]


def agenda(contexte: Contexte, code: str, jour: date | None = None) -> Agenda:
    """Give the dates of a partner, past ones included.

    Raises:
        ActeRefuse: unknown partner.
    """
    emis_le = contexte.maintenant(jour)
    with transaction(contexte.moteur) as session:
        partenaire = session.exec(select(Partenaire).where(Partenaire.code == code)).first()
        if partenaire is None:
            raise ActeRefuse(f"Aucun partenaire ne porte le code « {code} » (campagnes reseau exporter).")
        dates = _dates(contexte, [_suivre(contexte, session, partenaire)])
    ics = ecrire(contexte, [d.evenement for d in dates], emis_le, f"{TITRE}, {partenaire.nom}")
    return Agenda(partenaire.code, partenaire.nom, dates, ics)


def dates_de_la_personne(contexte: Contexte, adresse: str) -> tuple[DateAgenda, ...]:
    """Give the dates of all the partners that an address stands for: each step once, under the first of their codes."""
    with transaction(contexte.moteur) as session:
        partenaires = session.exec(
            select(Partenaire)
            .where(
                Contact.partenaire_id == Partenaire.id,
                func.lower(Contact.courriel) == adresse.lower(),
                col(Contact.actif).is_(True),
            )
            .order_by(Partenaire.code)
            .distinct()
        ).all()
        return _dates(contexte, [_suivre(contexte, session, p) for p in partenaires])


def ecrire(contexte: Contexte, evenements: Sequence[Evenement], emis_le: datetime, nom: str = "") -> bytes:
    """Write events as the Caf's own file."""
    domaine = contexte.reglages.fichier.courriel.expediteur.partition("@")[2]
    return agenda_ics(evenements, domaine, emis_le, nom)


def evenement_limite(
    contexte: Contexte, reglee: Etape, partenaire: str, limite: date, structures: Sequence[str], precisions: str = ""
) -> Evenement:
    """Write the last day to answer a step, the same in a mail and in the partner's whole agenda."""
    douteuse = reglee.est_approximative("limite") or (demarche(contexte, reglee).par_dossier and reglee.a_confirmer)
    a_confirmer = limite == reglee.limite and bool(douteuse)
    pour = f"Pour {', '.join(structures)}. " if structures else ""
    description = (
        f"{nommer_etape(reglee)}. {pour}À renvoyer au plus tard le {en_toutes_lettres(limite)} inclus. {precisions}"
        f"Contact : {contexte.reglages.fichier.courriel_caf}"
    )
    titre = f"{nommer_etape(reglee)} : dernier jour pour répondre à la Caf{A_CONFIRMER * a_confirmer}"
    return Evenement(f"{reglee.id}.{partenaire}", limite, titre, description)


def _suivre(contexte: Contexte, session: Session, partenaire: Partenaire) -> _Suivi:
    structures = session.exec(
        select(Structure).where(Structure.partenaire_id == partenaire.id).order_by(Structure.code)
    ).all()
    adhesions = session.exec(select(Adhesion).where(Adhesion.partenaire_id == partenaire.id)).all()
    prolongations = session.exec(
        select(Prolongation).where(Prolongation.partenaire_id == partenaire.id).order_by(col(Prolongation.id))
    ).all()
    return _Suivi(partenaire, structures, adhesions, prolongations, _seances(contexte, session, partenaire))


def _seances(contexte: Contexte, session: Session, partenaire: Partenaire) -> dict[str, bool]:
    """Give the sittings that the requests of a partner go to; whether each has all it needs to be examined there."""
    demandes = session.exec(
        select(Demande).where(
            Demande.dossier_id == Dossier.id,
            Dossier.partenaire_id == partenaire.id,
            Demande.commission != "",
            Demande.etat != EtatDemande.RETIREE,
        )
    ).all()
    seances: dict[str, bool] = {}
    for demande in demandes:
        manque = demande.etat is EtatDemande.DEPOSEE and completude(contexte, session, demande).manquantes
        seances[demande.commission] = seances.get(demande.commission, True) and not manque
    return seances


def _dates(contexte: Contexte, suivis: Sequence[_Suivi]) -> tuple[DateAgenda, ...]:
    dates = [
        d for calendrier in calendriers(contexte) for e in calendrier.etapes for d in _de_l_etape(contexte, e, suivis)
    ]
    return tuple(sorted(dates, key=lambda d: (d.evenement.jour, d.etape, d.moment)))


def _de_l_etape(contexte: Contexte, reglee: Etape, suivis: Sequence[_Suivi]) -> list[DateAgenda]:
    if reglee.nature is NatureEtape.COMMISSION:
        siens = [s for s in suivis if reglee.id in s.seances]
        return _de_la_seance(contexte, reglee, siens) if siens else []
    suivie = demarche(contexte, reglee)
    siens = [s for s in suivis if _est_concerne(s, reglee, suivie)]
    if not siens:
        return []
    code = siens[0].partenaire.code
    dates = []
    ouverture = ouverture_prevue(reglee, suivie.plan)
    if ouverture is not None:
        a_confirmer = reglee.ouverture is None or reglee.est_approximative("ouverture")
        titre = f"{nommer_etape(reglee)} : ouverture{A_CONFIRMER * a_confirmer}"
        evenement = Evenement(f"{reglee.id}.ouverture.{code}", ouverture, titre, "La Caf vous écrit ce jour.", False)
        dates.append(DateAgenda(reglee.id, Moment.OUVERTURE, evenement))
    if reglee.limite is not None:
        dates.append(DateAgenda(reglee.id, Moment.LIMITE, _limite(contexte, reglee, suivie, siens, code)))
    return dates


def _de_la_seance(contexte: Contexte, reglee: Etape, siens: Sequence[_Suivi]) -> list[DateAgenda]:
    """Give the day of a sitting and, while a request it is to examine lacks a document, the last day to send it."""
    code = siens[0].partenaire.code
    a_completer = not all(suivi.seances[reglee.id] for suivi in siens)
    dates = []
    if a_completer and reglee.demandes_avant is not None:
        evenement = Evenement(
            f"{reglee.id}.{code}",
            reglee.demandes_avant,
            f"{reglee.libelle} : votre dossier complet au plus tard ce jour",
            "Au-delà de ce jour, inclus, votre demande irait à la commission suivante. Contact : "
            f"{contexte.reglages.fichier.courriel_caf}",
        )
        dates.append(DateAgenda(reglee.id, Moment.LIMITE, evenement))
    if reglee.jour is not None:
        quoi = "séance, si votre dossier est complet à temps" if a_completer else "votre demande est examinée"
        titre = f"{reglee.libelle} : {quoi}{A_CONFIRMER * reglee.est_approximative('jour')}"
        vous = "Séance de la Caf : vous n’avez pas à y venir."
        dates.append(
            DateAgenda(
                reglee.id, Moment.SEANCE, Evenement(f"{reglee.id}.seance.{code}", reglee.jour, titre, vous, False)
            )
        )
    return dates


def _limite(contexte: Contexte, reglee: Etape, suivie: Demarche, siens: Sequence[_Suivi], code: str) -> Evenement:
    """Give the earliest of the limits that apply; the structures that have more time are said in words."""
    limites: dict[str, date] = {}
    for suivi in siens:
        siennes: Sequence[Structure | None] = _structures(suivi, reglee, suivie) or [None]
        for structure in siennes:
            nom = structure.nom if structure is not None else suivi.partenaire.nom
            limites[nom] = _propre_limite(suivi, reglee, structure) or reglee.limite or date.max
    premiere = min(limites.values())
    prolongees = [f"{nom} : jusqu’au {en_toutes_lettres(le)}. " for nom, le in limites.items() if le > premiere]
    return evenement_limite(contexte, reglee, code, premiere, tuple(limites), "".join(prolongees))


def _propre_limite(suivi: _Suivi, reglee: Etape, structure: Structure | None) -> date | None:
    """Give the furthest limit granted to a structure, or to its partner as a whole."""
    siennes = [
        p.limite
        for p in suivi.prolongations
        if p.etape == reglee.id
        and (p.structure_id is None or (structure is not None and p.structure_id == structure.id))
    ]
    return max(siennes, default=None)


def _est_concerne(suivi: _Suivi, reglee: Etape, suivie: Demarche) -> bool:
    public = suivie.audience
    if public is None:
        return False
    if public.par_structure:
        return bool(_structures(suivi, reglee, suivie))
    if public.dispositif:
        visee = periode_visee(reglee, suivie.plan)
        siennes = [Periode(a.du, a.au or date.max) for a in suivi.adhesions if a.dispositif == public.dispositif]
        return any(se_touchent(sienne, visee) for sienne in siennes)
    return True


def _structures(suivi: _Suivi, reglee: Etape, suivie: Demarche) -> Sequence[Structure]:
    public = suivie.audience or Audience()
    return [
        s
        for s in suivi.structures
        if s.prestation in public.prestations and est_du_public(s.prestation, activite(s), reglee, suivie.plan)
    ]
