"""The letters about a deposit: its answer, the same file again, a declaration that the team sends back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, select

from echanges.classeur.copie import annoter_a_part
from echanges.courriel.message import Piece
from echanges.courriel.vues import PointReleve, VueDejaRecu, VueRejet, VueReponse
from modeles.journal import motifs_inscrits
from modeles.requetes import anomalies_du_depot
from modeles.tables import Contact, Courriel, Declaration, Depot, Partenaire, Structure
from operations.attendus import dates_pour, fin_pour, redevables
from operations.configuration import calendriers, etape, formulaire, plan_relances
from operations.contexte import Contexte
from operations.projets import XLSX, Projet, SansObjet, cadre_de, citer
from regles.anomalies import Anomalie, Severite
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.etats import EtatDeclaration, EtatDepot
from regles.formulaire import questions
from regles.grille import FichierRefuse

REPONSE = "reponse_depot"
REJET = "rejet"
DEJA_RECU = "deja_recu"


def projeter_reponse(contexte: Contexte, session: Session, courriel: Courriel, contact: Contact) -> Projet | SansObjet:
    """Read again what became of a deposit."""
    depot = session.get_one(Depot, courriel.contexte["depot"])
    structure = session.get_one(Structure, depot.structure_id)
    reglee = etape(contexte, courriel.etape)
    dates = dates_pour(contexte, session, reglee, structure)
    recu_le = depot.recu_le.astimezone(PARIS).date()
    anomalies = _anomalies(session, depot)
    demandees = questions(formulaire(contexte, structure.prestation))
    vue = VueReponse(
        cadre=cadre_de(contexte, contact, [structure]),
        libelle=reglee.libelle,
        structure=citer(contexte, structure),
        accepte=depot.etat is not EtatDepot.REFUSE,
        recu=str(depot.id),
        recu_le=recu_le,
        nom_fichier=depot.nom_fichier,
        en_retard=dates.limite is not None and recu_le > dates.limite,
        limite=dates.limite,
        fin=fin_de_reception(dates, plan_relances(contexte, reglee)),
        a_corriger=_relever(anomalies, Severite.BLOQUANTE, demandees),
        a_expliquer=_relever(anomalies, Severite.ALERTE, demandees),
        hors_delai=bool(courriel.contexte.get("hors_delai")),
    )
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(REPONSE, contact.nom, contact.courriel, partenaire, vue, reglee, depot, anomalies)


def projeter_rejet(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again why a declaration was sent back; nothing once the partner has answered."""
    declaration = session.get_one(Declaration, courriel.contexte["declaration"])
    if declaration.etat is not EtatDeclaration.REJETEE:
        return SansObjet("le partenaire a déjà renvoyé un classeur")
    structure = session.get_one(Structure, declaration.structure_id)
    reglee = etape(contexte, courriel.etape)
    vue = VueRejet(
        cadre=cadre_de(contexte, contact, [structure]),
        libelle=reglee.libelle,
        structure=citer(contexte, structure),
        recu_le=declaration.recue_le.astimezone(PARIS).date(),
        motif=courriel.contexte["motif"],
        echeance=_prochaine_echeance(contexte, dates_pour(contexte, session, reglee, structure), jour),
    )
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(REJET, contact.nom, contact.courriel, partenaire, vue, reglee)


def projeter_deja_recu(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again what has become of a deposit whose bytes came a second time."""
    depot = session.get_one(Depot, courriel.contexte["depot"])
    structure = session.get_one(Structure, depot.structure_id)
    reglee = etape(contexte, courriel.etape)
    anomalies = _anomalies(session, depot)
    demandees = questions(formulaire(contexte, structure.prestation))
    sort, motif = _sort(session, depot, hors_delai=courriel.contexte["hors_delai"])
    renvoye_le = datetime.fromisoformat(courriel.contexte["renvoye_le"]).astimezone(PARIS).date()
    attendue = _autre_attendue(contexte, session, reglee, structure, renvoye_le)
    vue = VueDejaRecu(
        cadre=cadre_de(contexte, contact, [structure]),
        libelle=reglee.libelle,
        structure=citer(contexte, structure),
        sort=sort,
        recu=str(depot.id),
        recu_le=depot.recu_le.astimezone(PARIS).date(),
        renvoye_le=renvoye_le,
        nom_fichier=courriel.contexte["nom_fichier"],
        motif=motif,
        a_corriger=_relever(anomalies, Severite.BLOQUANTE, demandees),
        echeance=_prochaine_echeance(contexte, dates_pour(contexte, session, attendue or reglee, structure), jour),
        attendue=attendue.libelle if attendue else "",
    )
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(DEJA_RECU, contact.nom, contact.courriel, partenaire, vue, reglee, depot, anomalies)


def _autre_attendue(
    contexte: Contexte, session: Session, reglee: Etape, structure: Structure, renvoye_le: date
) -> Etape | None:
    """Find the step of the same nature and exercice that took answers on a day, and that a structure still owes.

    A form names its nature and its exercice, not its step: two updates of a year are told apart by their dates.
    """
    for autre in (e for c in calendriers(contexte) for e in c.etapes if e.id != reglee.id):
        if (autre.nature, autre.exercice) != (reglee.nature, reglee.exercice) or autre.ouverture is None:
            continue
        fin = fin_pour(contexte, session, autre, structure)
        if not autre.ouverture <= renvoye_le <= (fin or date.max):
            continue
        if structure.code in {a.code for a in redevables(contexte, session, autre)}:
            return autre
    return None


def _sort(session: Session, depot: Depot, *, hors_delai: bool) -> tuple[str, str]:
    """Say what became of a deposit, and why the team sent its declaration back, if it did."""
    if depot.etat is EtatDepot.REFUSE:
        return ("hors_delai" if hors_delai else "refuse"), ""
    if depot.etat is EtatDepot.REMPLACE:
        return "remplace", ""
    declaration = session.exec(select(Declaration).where(Declaration.depot_id == depot.id)).one()
    if declaration.etat is not EtatDeclaration.REJETEE:
        return "retenu", ""
    motifs = motifs_inscrits(session, "declaration", str(declaration.id), "rejeter")
    return "rejete", motifs[-1] if motifs else ""


def _anomalies(session: Session, depot: Depot) -> tuple[Anomalie, ...]:
    return tuple(
        Anomalie(a.code, a.severite, a.message, a.feuille, a.cellule, a.champ, a.lu, a.attendu)
        for a in anomalies_du_depot(session, depot.id or 0)
    )


def _prochaine_echeance(contexte: Contexte, reglee: Etape, jour: date) -> date | None:
    """Give the limit, or once it is over the last day an answer is taken, or None."""
    bornes = (reglee.limite, fin_de_reception(reglee, plan_relances(contexte, reglee)))
    return next((borne for borne in bornes if borne is not None and jour <= borne), None)


def _relever(
    anomalies: Iterable[Anomalie], severite: Severite, demandees: Mapping[str, str]
) -> tuple[PointReleve, ...]:
    return tuple(
        PointReleve(a.feuille, a.cellule, a.message, a.lu, a.attendu, demandees.get(a.champ, ""))
        for a in anomalies
        if a.severite is severite
    )


def copie_annotee(contexte: Contexte, projet: Projet) -> Piece | None:
    """Give back a refused workbook with its anomalies, when they have cells and the copy can be made in time."""
    if projet.depot is None or projet.depot.etat is not EtatDepot.REFUSE:
        return None
    if not isinstance(projet.vue, VueReponse | VueDejaRecu):
        return None
    if not any(a.cellule for a in projet.anomalies):
        return None
    demandees = questions(formulaire(contexte, projet.vue.structure.prestation))
    try:
        octets = annoter_a_part(projet.depot.octets, projet.anomalies, demandees)
    except FichierRefuse:
        return None
    return Piece(f"{Path(projet.depot.nom_fichier).stem}-a-corriger.xlsx", XLSX, octets)
