"""From an outbox row to a letter: what to say is read again from the database at the moment of sending."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session, col, select

from echanges.agenda import echeance_ics
from echanges.classeur.annotation import annoter
from echanges.courriel.message import Lettre, Piece
from echanges.courriel.rendu import rendre
from echanges.courriel.vues import Cadre, Interlocuteur, PointReleve, StructureCitee, VueCampagne, VueReponse
from modeles.requetes import anomalies_du_depot, structures_redevables
from modeles.tables import Contact, Courriel, Depot, Partenaire, Structure
from operations.classeurs import produire_modele
from operations.configuration import etape, plan_relances
from operations.contexte import ActeRefuse, Contexte
from operations.relances import prestations_collectees
from regles.anomalies import Anomalie, Severite
from regles.calendrier import PARIS, Etape, NatureEtape, fin_de_reception
from regles.dates import en_toutes_lettres
from regles.etats import EtatDepot
from schemas.configuration.territoires import Territoires, charger_territoires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICS = "text/calendar; method=PUBLISH; charset=utf-8"
REPONSE = "reponse_depot"
DONNEES = {
    NatureEtape.PREVISIONNEL: "données prévisionnelles",
    NatureEtape.ACTUALISATION: "données actualisées",
    NatureEtape.REEL: "données réelles",
}


@dataclass(frozen=True, slots=True)
class SansObjet:
    """A mail that need not leave any more, and why."""

    motif: str


@dataclass(frozen=True, slots=True)
class Projet:
    """A mail still worth sending: all that was read for it, nothing rendered. `partenaire` is a code."""

    genre: str
    nom: str
    adresse: str
    partenaire: str
    vue: VueCampagne | VueReponse
    etape: Etape
    depot: Depot | None = None
    anomalies: tuple[Anomalie, ...] = ()


@lru_cache
def _territoires(config: Path) -> Territoires:
    return charger_territoires(config / "territoires.yaml")


def projeter(contexte: Contexte, session: Session, courriel: Courriel, jour: date) -> Projet | SansObjet:
    """Read again what a mail is about: only the structures that still owe are spoken of."""
    contact = session.get_one(Contact, courriel.contact_id)
    if not contact.actif:
        return SansObjet("le contact n'est plus actif")
    try:
        if courriel.genre == REPONSE:
            return _projeter_reponse(contexte, session, courriel, contact)
        return _projeter_campagne(contexte, session, courriel, contact, jour)
    except ActeRefuse as refus:
        return SansObjet(str(refus))


def _projeter_campagne(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    reglee = etape(contexte, courriel.etape)
    fin = fin_de_reception(reglee, plan_relances(contexte))
    if reglee.limite is None or fin is None or reglee.exercice is None or jour > fin:
        return SansObjet("la réception est close")
    redevables = structures_redevables(session, reglee.id, prestations_collectees(contexte, reglee))
    structures = [s for s, _ in redevables if s.code in courriel.structures]
    if not structures:
        return SansObjet("toutes les structures ont répondu")
    refus = _derniers_refus(session, structures, reglee.ouverture)
    vue = VueCampagne(
        cadre=_cadre(contexte, contact, structures),
        libelle=reglee.libelle,
        donnees=DONNEES[reglee.nature],
        exercice=reglee.exercice,
        limite=reglee.limite,
        fin=fin,
        jour=jour,
        structures=tuple(_citer(s, refus.get(s.id or 0)) for s in structures),
        a_confirmer=reglee.est_approximative("limite"),
    )
    genre = courriel.genre
    if genre != "ouverture":
        genre = "relance_apres" if vue.est_passee else "relance"
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(genre, contact.nom, contact.courriel, partenaire, vue, reglee)


def _projeter_reponse(contexte: Contexte, session: Session, courriel: Courriel, contact: Contact) -> Projet | SansObjet:
    depot = session.get_one(Depot, courriel.contexte["depot"])
    structure = session.get_one(Structure, depot.structure_id)
    reglee = etape(contexte, courriel.etape)
    recu_le = depot.recu_le.astimezone(PARIS).date()
    anomalies = tuple(
        Anomalie(a.code, a.severite, a.message, a.feuille, a.cellule, a.champ, a.lu, a.attendu)
        for a in anomalies_du_depot(session, depot.id or 0)
    )
    vue = VueReponse(
        cadre=_cadre(contexte, contact, [structure]),
        libelle=reglee.libelle,
        structure=_citer(structure),
        accepte=depot.etat is not EtatDepot.REFUSE,
        recu=str(depot.id),
        recu_le=recu_le,
        nom_fichier=depot.nom_fichier,
        en_retard=reglee.limite is not None and recu_le > reglee.limite,
        limite=reglee.limite,
        fin=fin_de_reception(reglee, plan_relances(contexte)),
        a_corriger=_relever(anomalies, Severite.BLOQUANTE),
        a_expliquer=_relever(anomalies, Severite.ALERTE),
        hors_delai=bool(courriel.contexte.get("hors_delai")),
    )
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(REPONSE, contact.nom, contact.courriel, partenaire, vue, reglee, depot, anomalies)


def _relever(anomalies: Iterable[Anomalie], severite: Severite) -> tuple[PointReleve, ...]:
    return tuple(
        PointReleve(a.feuille, a.cellule, a.message, a.lu, a.attendu) for a in anomalies if a.severite is severite
    )


def _derniers_refus(session: Session, structures: Iterable[Structure], depuis: date | None) -> dict[int, date]:
    """Give the day of the last refused deposit of each structure since the opening."""
    refuses = session.exec(
        select(Depot)
        .where(Depot.etat == EtatDepot.REFUSE, col(Depot.structure_id).in_([s.id for s in structures]))
        .order_by(col(Depot.id))
    )
    jours = {d.structure_id or 0: d.recu_le.astimezone(PARIS).date() for d in refuses}
    return {structure: jour for structure, jour in jours.items() if depuis is None or jour >= depuis}


def _citer(structure: Structure, refuse_le: date | None = None) -> StructureCitee:
    return StructureCitee(structure.code, structure.nom, structure.commune, structure.prestation, refuse_le=refuse_le)


def _cadre(contexte: Contexte, contact: Contact, structures: Iterable[Structure]) -> Cadre:
    territoires = _territoires(contexte.reglages.config)
    interlocuteurs: dict[Interlocuteur, None] = {}
    for structure in structures:
        trouve = territoires.contact(structure.epci_siren, structure.prestation)
        interlocuteurs[Interlocuteur(trouve.territoire or structure.epci, trouve.telephone)] = None
    return Cadre(
        caf=contexte.reglages.fichier.caf,
        courriel_caf=contexte.reglages.fichier.courriel_caf,
        nom=contact.nom,
        interlocuteurs=tuple(interlocuteurs),
        demonstration=contexte.reglages.demonstration,
    )


def rediger(contexte: Contexte, courriel: Courriel, projet: Projet, destination: str) -> Lettre:
    """Make the attachments and render the letter. `destination`: the address it goes to, redirected or not.

    Raises:
        ActeRefuse: a refused deposit whose annotated copy cannot be made for lack of a form.
    """
    test_pour = "" if destination == projet.adresse else projet.adresse
    cadre = replace(projet.vue.cadre, test_pour=test_pour)
    vue: VueCampagne | VueReponse
    if isinstance(projet.vue, VueCampagne):
        structures, pieces = _joindre_les_classeurs(contexte, projet.vue, projet.etape)
        vue = replace(projet.vue, cadre=cadre, structures=structures)
        if not vue.est_passee:
            pieces = (*pieces, _echeance(contexte, projet, vue, courriel.decide_le))
    else:
        copie = _copie_annotee(projet)
        pieces = (copie,) if copie else ()
        vue = replace(projet.vue, cadre=cadre, copie=copie.nom if copie else "")
    return Lettre(courriel.cle, projet.nom, destination, rendre(projet.genre, vue), pieces)


def _joindre_les_classeurs(
    contexte: Contexte, vue: VueCampagne, reglee: Etape
) -> tuple[tuple[StructureCitee, ...], tuple[Piece, ...]]:
    citees, pieces = [], []
    for structure in vue.structures:
        try:
            nom, octets = produire_modele(
                contexte, structure.prestation, reglee.nature.value, vue.exercice, structure.code
            )
        except ActeRefuse:
            citees.append(structure)
            continue
        citees.append(replace(structure, fichier=nom))
        pieces.append(Piece(nom, XLSX, octets))
    return tuple(citees), tuple(pieces)


def _echeance(contexte: Contexte, projet: Projet, vue: VueCampagne, emis_le: datetime) -> Piece:
    domaine = contexte.reglages.fichier.courriel.expediteur.partition("@")[2]
    titre = f"{vue.libelle} : dernier jour pour répondre à la Caf"
    structures = ", ".join(f"{s.nom} ({s.code})" for s in vue.structures)
    description = (
        f"{vue.donnees.capitalize()} {vue.exercice} de {structures}. "
        f"À renvoyer au plus tard le {en_toutes_lettres(vue.limite)} inclus. Contact : {vue.cadre.courriel_caf}"
    )
    octets = echeance_ics(projet.etape.id, projet.partenaire, titre, description, vue.limite, domaine, emis_le)
    return Piece("echeance.ics", ICS, octets)


def _copie_annotee(projet: Projet) -> Piece | None:
    """Give back a refused workbook with its anomalies, when it could be read and they have cells."""
    if projet.depot is None or projet.depot.etat is not EtatDepot.REFUSE:
        return None
    if not any(a.cellule for a in projet.anomalies):
        return None
    octets = annoter(projet.depot.octets, projet.anomalies)
    return Piece(f"{Path(projet.depot.nom_fichier).stem}-a-corriger.xlsx", XLSX, octets)
