"""What waits for somebody outside money: partners who owe, what the team must check, call, settle or decide."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from modeles.tables import Declaration, Demande, Depot, FichierFiloue
from operations.attendus import A_REPRENDRE, UN_AN, attendus, dates_de
from operations.boite_envoi import CourrielARegler
from operations.commission.socle import completude, partenaire_de
from operations.configuration import calendriers, plan_relances
from operations.contexte import Contexte
from operations.suites import A_VALIDER, APPEL, PARTI, PIECE_ARRIVEE, suites
from operations.tableau.annuaire import Annuaire, Fiche
from operations.taches import TacheVue
from regles.calendrier import PARIS, Etape, echeance, fin_de_reception, nommer_etape
from regles.etats import EtatCourriel, EtatDeclaration, EtatDemande, EtatDepot


class Acteur(StrEnum):
    """Who must act, in the order of the board: its readers first."""

    EQUIPE = "équipe"
    FINANCE = "finance"
    PARTENAIRE = "partenaire"


@dataclass(frozen=True, slots=True)
class Affaire:
    """One thing that waits. `limite`: late the day after. Amount in cents, None where there is none."""

    acteur: Acteur
    sujet: str
    fiche: Fiche
    quoi: str
    depuis: date | None = None
    limite: date | None = None
    montant_centimes: int | None = None

    def retard(self, jour: date) -> int:
        """How many days late it is; 0 when it is not."""
        return max(0, (jour - self.limite).days) if self.limite else 0


def des_campagnes(
    contexte: Contexte,
    session: Session,
    annuaire: Annuaire,
    etapes: Iterable[Etape],
    appels: Collection[tuple[str, str]],
    jour: date,
) -> Iterator[Affaire]:
    """Give who owes an answer to a step; once it is closed, the team decides.

    `appels`: (step, code) of those that a task already asks to call; they are told once.
    """
    for reglee in etapes:
        delais = {a.code: a.prolongation for a in attendus(contexte, session, reglee)}
        for ouvert in suites(contexte, session, reglee, jour).lignes:
            if ouvert.genre in {A_VALIDER, APPEL, PARTI}:  # told below, or nobody acts
                continue
            if ouvert.genre == PIECE_ARRIVEE:
                quoi = f"{ouvert.genre} ({ouvert.detail}) : {ouvert.decision}"
                yield Affaire(Acteur.EQUIPE, nommer_etape(reglee), annuaire.fiche(ouvert.code), quoi)
                continue
            dates = dates_de(contexte, reglee, delais.get(ouvert.code))
            fin = fin_de_reception(dates, plan_relances(contexte, reglee))
            close = fin is not None and jour > fin
            if close and (reglee.id, ouvert.code) in appels:
                continue
            acteur = Acteur.EQUIPE if close or ouvert.genre == A_REPRENDRE else Acteur.PARTENAIRE
            quoi = f"{ouvert.genre} ({ouvert.detail})" if ouvert.detail else ouvert.genre
            yield Affaire(
                acteur,
                nommer_etape(reglee),
                annuaire.fiche(ouvert.code),
                f"{quoi}, campagne close : {ouvert.decision}" if close else quoi,
                fin if close else None,
                dates.limite,
            )


def des_declarations(session: Session, annuaire: Annuaire, etapes: Iterable[Etape]) -> Iterator[Affaire]:
    """Give the declarations that wait for the team to validate them."""
    noms = {e.id: nommer_etape(e) for e in etapes}
    recues = session.exec(
        select(Declaration)
        .where(Declaration.etat == EtatDeclaration.RECUE, col(Declaration.etape).in_(list(noms)))
        .order_by(col(Declaration.recue_le), col(Declaration.id))
    )
    for d in recues:
        alertes = f", {d.alertes} alerte(s) à regarder" if d.alertes else ""
        fiche = annuaire.de_la_structure(d.structure_id)
        yield Affaire(Acteur.EQUIPE, noms[d.etape], fiche, f"déclaration à valider{alertes}", _jour(d.recue_le))


def des_depots(session: Session, annuaire: Annuaire, jour: date) -> Iterator[Affaire]:
    """Give the files of the past year that nobody could be recognised in."""
    depots: Sequence[Depot | FichierFiloue] = [
        *session.exec(select(Depot).where(Depot.etat == EtatDepot.REFUSE, col(Depot.structure_id).is_(None))),
        *session.exec(
            select(FichierFiloue).where(
                FichierFiloue.etat == EtatDepot.REFUSE, col(FichierFiloue.structure_id).is_(None)
            )
        ),
    ]
    for depot in depots:
        recu_le = _jour(depot.recu_le)
        if recu_le > jour - UN_AN:
            filoue = "Filoué " if isinstance(depot, FichierFiloue) else ""
            quoi = f"dépôt {filoue}n° {depot.id} à reprendre : structure non reconnue"
            yield Affaire(Acteur.EQUIPE, "Dépôts", annuaire.fiche(""), quoi, recu_le)


def des_courriels(courriels: Iterable[CourrielARegler], annuaire: Annuaire) -> Iterator[Affaire]:
    """Give the mails that the server refused, or that may not have left."""
    for courriel in courriels:
        etat = "refusé" if courriel.etat is EtatCourriel.REFUSE else "dont on ignore s'il est parti"
        quoi = f"courriel {etat} à {courriel.nom} : campagnes courriels regler {courriel.cle} …"
        fiche = annuaire.fiche(next(iter(courriel.structures), ""))
        yield Affaire(Acteur.EQUIPE, "Courriels", fiche, quoi, _jour(courriel.decide_le))


def des_taches(taches: Iterable[TacheVue], annuaire: Annuaire, noms: Mapping[str, str]) -> Iterator[Affaire]:
    """Give what the team has to do by hand: phone, find an address. `noms` names each step."""
    for tache in taches:
        fiche = annuaire.fiche(tache.partenaire)
        prestations = {annuaire.fiche(code).prestation for code in tache.structures}
        if len(prestations) == 1:
            fiche = replace(fiche, prestation=prestations.pop())
        if tache.confiee_a:
            fiche = replace(fiche, territoire=tache.confiee_a, telephone=tache.telephone)
        sujet = noms.get(tache.etape, "Tâches")
        quoi = f"{tache.genre.value} : {tache.detail.removeprefix(f'{sujet} : ')}"
        yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, _jour(tache.creee_le), tache.echeance)


def des_demandes(contexte: Contexte, session: Session, annuaire: Annuaire, jour: date) -> Iterator[Affaire]:
    """Give the requests for a grant that miss a document, a sitting or a decision."""
    seances = {e.id: e for c in calendriers(contexte) for e in c.etapes}
    vives = session.exec(
        select(Demande)
        .where(col(Demande.etat).in_([EtatDemande.DEPOSEE, EtatDemande.INSCRITE]))
        .order_by(Demande.reference)
    )
    for demande in vives:
        seance = seances.get(demande.commission)
        sujet = seance.libelle if seance else "Commission d’action sociale"
        fiche = annuaire.fiche(partenaire_de(session, demande).code)
        montant = demande.montant_demande_centimes
        if demande.etat is EtatDemande.INSCRITE:
            if seance is not None and seance.jour is not None and jour > seance.jour:
                quoi = f"demande {demande.reference} : décision de la commission à enregistrer"
                yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, seance.jour, seance.jour, montant)
            continue
        manquantes = completude(contexte, session, demande).manquantes
        if manquantes:
            quoi = f"demande {demande.reference} incomplète, manque : {', '.join(manquantes)}"
            limite = echeance(seance) if seance else None
            yield Affaire(Acteur.PARTENAIRE, sujet, fiche, quoi, _jour(demande.deposee_le), limite, montant)
        elif seance is None:
            quoi = f"demande {demande.reference} : aucune séance au calendrier ne la prend"
            yield Affaire(Acteur.EQUIPE, sujet, fiche, quoi, _jour(demande.deposee_le), None, montant)


def _jour(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()
