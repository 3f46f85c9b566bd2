"""What `make annee` tells of a year: a line a step, and totals counted in the database."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from demonstration.annee.controles import CAMPAGNE
from demonstration.annee.monde import Monde
from demonstration.annee.oracle import Oracle
from modeles.base import transaction
from modeles.tables import ActionJouee, Courriel, Decision, Declaration, Depot, Dossier, FichierFiloue, Lot, Versement
from operations.configuration import calendriers
from operations.journal import verifier_journal
from regles.calendrier import PARIS, Etape, NatureEtape, Verbe
from regles.etats import EtatAction, EtatCourriel, EtatDeclaration, EtatDepot, EtatDossier, EtatLot, EtatVersement
from regles.monnaie import formater_euros

ENTETE = f"{'étape':<33}{'ouverte':>9}{'relances':>10}{'close':>9}{'attendus':>10}{'reçus':>7}{'courriels':>11}"
REPONDU = (EtatDeclaration.RECUE, EtatDeclaration.VALIDEE)


@dataclass(frozen=True, slots=True)
class LigneEtape:
    """How a step went. `relances`: sent, skipped. `recus`: answers, decisions of a sitting, or dues of a payment."""

    etape: str
    ouverte: date | None
    relances: tuple[int, int]
    close: date | None
    attendus: int
    recus: int
    courriels: int

    @property
    def est_jouee(self) -> bool:
        """Whether the calendar took it to its end: closed, or for a payment opened."""
        return self.close is not None or self.ouverte is not None

    def __str__(self) -> str:
        sautees = f" ({self.relances[1]} s.)" if self.relances[1] else ""
        relances = f"{self.relances[0]}{sautees}"
        return (
            f"{self.etape:<33}{_jour(self.ouverte):>9}{relances:>10}{_jour(self.close):>9}"
            f"{self.attendus or '—':>10}{self.recus:>7}{self.courriels:>11}"
        )


def _jour(jour: date | None) -> str:
    return f"{jour:%d/%m/%y}" if jour else "—"


def lignes(monde: Monde, oracle: Oracle) -> list[LigneEtape]:
    """Give a line a step, in the order of the calendar."""
    with transaction(monde.contexte.moteur) as session:
        actions = session.exec(select(ActionJouee)).all()
        courriels = Counter(
            session.exec(
                select(Courriel.etape).where(Courriel.etat == EtatCourriel.ENVOYE, col(Courriel.genre).in_(CAMPAGNE))
            )
        )
        etapes = [e for calendrier in calendriers(monde.contexte) for e in calendrier.etapes]
        return [
            _ligne(session, etape, [a for a in actions if a.etape == etape.id], oracle, courriels) for etape in etapes
        ]


def _ligne(
    session: Session, etape: Etape, actions: list[ActionJouee], oracle: Oracle, courriels: Mapping[str, int]
) -> LigneEtape:
    def le(verbe: Verbe) -> date | None:
        faites = [a.le.astimezone(PARIS).date() for a in actions if a.verbe == verbe and a.etat is EtatAction.FAITE]
        return min(faites, default=None)

    etats = Counter(a.etat for a in actions if a.verbe == Verbe.RELANCER)
    return LigneEtape(
        etape=etape.id,
        ouverte=le(Verbe.OUVRIR),
        relances=(etats[EtatAction.FAITE], etats[EtatAction.SAUTEE]),
        close=le(Verbe.SIEGER) or le(Verbe.CLORE),
        attendus=len(oracle.attendus[etape.id]),
        recus=_recus(session, etape),
        courriels=courriels[etape.id],
    )


def _recus(session: Session, etape: Etape) -> int:
    match etape.nature:
        case NatureEtape.COMMISSION:
            requete = select(func.count()).select_from(Decision).where(Decision.commission == etape.id)
        case NatureEtape.VERSEMENT:
            requete = select(func.count()).select_from(Versement).where(Versement.etape == etape.id)
        case NatureEtape.FILOUE:
            accepte = FichierFiloue.etat == EtatDepot.ACCEPTE
            requete = select(func.count()).select_from(FichierFiloue).where(FichierFiloue.etape == etape.id, accepte)
        case _:
            complet = Dossier.etat == EtatDossier.COMPLET
            requete = select(func.count()).select_from(Dossier).where(Dossier.etape == etape.id, complet)
            recue = col(Declaration.etat).in_(REPONDU)
            declarees = select(func.count()).select_from(Declaration).where(Declaration.etape == etape.id, recue)
            return session.exec(requete).one() + session.exec(declarees).one()
    return session.exec(requete).one()


def totaux(monde: Monde) -> Iterator[str]:
    """Say what the year comes to, counted in the database."""
    with transaction(monde.contexte.moteur) as session:
        genres = Counter(session.exec(select(Courriel.genre).where(Courriel.etat == EtatCourriel.ENVOYE)))
        plis = session.exec(
            select(func.count())
            .select_from(Courriel)
            .where(Courriel.etat == EtatCourriel.ENVOYE, col(Courriel.porteur).in_(["", Courriel.cle]))
        ).one()
        depots = Counter(session.exec(select(Depot.etat)))
        verses = session.exec(
            select(Versement.nature, func.count(), func.sum(Versement.montant_centimes))
            .where(Versement.etat != EtatVersement.ANNULE)
            .group_by(Versement.nature)
        ).all()
        exportes = session.exec(select(func.count()).select_from(Lot).where(Lot.etat == EtatLot.EXPORTE)).one()
    journal = verifier_journal(monde.contexte)
    campagne = sum(nombre for genre, nombre in genres.items() if genre in CAMPAGNE)
    yield f"Courriels   : {plis} partis, dont {campagne} annonces de campagne ; le reste répond à un acte"
    yield f"Classeurs   : {depots.total()} distincts, dont {depots[EtatDepot.REFUSE]} refusés"
    for nature, nombre, centimes in sorted(verses):
        yield f"{nature.capitalize():<12}: {nombre}, {formater_euros(centimes or 0)}"
    yield f"Lots        : {exportes} libérés par une autre personne que celle qui propose, et exportés"
    entier = "chaîne entière" if journal.rupture is None else f"rompue à la ligne {journal.rupture}"
    yield f"Journal     : {journal.lignes} lignes, {entier}"
