"""Deposits become declarations or come back with anomalies: verified as one batch, decided in one transaction each."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from modeles.base import transaction
from modeles.requetes import contacts_actifs, declaration_courante, depots_a_instruire, structure_par_code
from modeles.tables import AnomalieDepot, Courriel, Declaration, Depot, Structure
from modeles.transitions import Acte, consigner, passer
from operations.attendus import HORS_DELAI
from operations.contexte import Contexte
from operations.verification import lire_fichiers, referentiel
from regles.anomalies import Anomalie
from regles.calendrier import PARIS, Etape
from regles.etats import EtatCourriel, EtatDeclaration, EtatDepot
from schemas.declarations.identite import Referentiel
from schemas.declarations.verification import Resultat, verifier_fichiers
from schemas.rapport import compter, en_valeurs, resumer

ANOMALIES_PAR_COURRIEL = 20
PAR = "reception"
GENRE = "reponse_depot"
MOTIF_VALIDEE = "Une déclaration validée est remplacée : la nouvelle est à valider, et son droit à recalculer."


@dataclass(frozen=True, slots=True)
class LigneReception:
    """What became of a deposit. `structure` is empty when nobody knows whose it is.

    `a_reprendre` says why a person of the team must look at it, else it is empty.
    """

    depot: int
    structure: str
    etat: EtatDepot
    en_retard: bool
    resume: str
    a_reprendre: str = ""


@dataclass(frozen=True, slots=True)
class BilanReception:
    """What `instruire` did. `en_attente` counts the deposits that wait for the opening of their campaign."""

    lignes: tuple[LigneReception, ...]
    remplacees: int
    en_attente: int

    @property
    def acceptes(self) -> int:
        """Deposits that became declarations."""
        return sum(ligne.etat is EtatDepot.ACCEPTE for ligne in self.lignes)

    @property
    def refuses(self) -> int:
        """Deposits that did not."""
        return sum(ligne.etat is EtatDepot.REFUSE for ligne in self.lignes)

    @property
    def en_retard(self) -> int:
        """Accepted deposits that came after the limit."""
        return sum(ligne.en_retard for ligne in self.lignes if ligne.etat is EtatDepot.ACCEPTE)

    @property
    def a_reprendre(self) -> tuple[LigneReception, ...]:
        """Those a person of the team must look at."""
        return tuple(ligne for ligne in self.lignes if ligne.a_reprendre)

    @property
    def phrase(self) -> str:
        """« 24 acceptés, 3 refusés, 2 en attente. »."""
        morceaux = [f"{self.acceptes} accepté(s)", f"{self.refuses} refusé(s)"]
        if self.en_retard:
            morceaux.append(f"{self.en_retard} en retard")
        if self.en_attente:
            morceaux.append(f"{self.en_attente} en attente d'ouverture")
        if self.a_reprendre:
            morceaux.append(f"{len(self.a_reprendre)} à reprendre par une personne")
        return ", ".join(morceaux) + "."


def instruire(
    contexte: Contexte, jour: date | None = None, avancement: Callable[[int, int], None] | None = None
) -> BilanReception:
    """Read and verify the deposits still `recu` as one batch, then decide each in its own transaction.

    An accepted deposit makes a declaration (state `recue`) that replaces the current one of its structure and step.
    Lateness is counted on the day of reception. A deposit that came before the opening waits; one that came after the
    closing is kept, refused and left to a person. Run again, it only sees what is still to decide.
    """
    with transaction(contexte.moteur) as session:
        depots = [
            (d.id or 0, d.nom_fichier, d.octets, d.recu_le.astimezone(PARIS).date())
            for d in depots_a_instruire(session)
        ]
        connu = referentiel(contexte, session) if depots else None
    if connu is None:
        return BilanReception((), 0, 0)
    aujourdhui = contexte.maintenant(jour).date()
    contenus = [(nom, octets, recu_le) for _, nom, octets, recu_le in depots]
    fichiers = lire_fichiers(contenus, aujourdhui, avancement)
    resultats = verifier_fichiers(fichiers, connu)
    lignes, remplacees, en_attente = [], 0, 0
    for (identifiant, _, _, recu_le), resultat in zip(depots, resultats, strict=True):
        if resultat.trop_tot:
            en_attente += 1
            continue
        destinataire = _destinataire(resultat, connu, recu_le)
        try:
            with transaction(contexte.moteur) as session:
                ligne, remplacee = _decider(session, contexte.maintenant(jour), identifiant, resultat, destinataire)
        except DatabaseError as erreur:
            # One file that the database refuses must not hold the answers of all the others.
            incident = f"Incident pendant l'enregistrement ({type(erreur.orig).__name__}) : à reprendre."
            lignes.append(
                LigneReception(identifiant, destinataire.structure, EtatDepot.RECU, False, incident, incident)
            )
            continue
        if ligne is not None:
            lignes.append(ligne)
            remplacees += remplacee
    return BilanReception(tuple(lignes), remplacees, en_attente)


@dataclass(frozen=True, slots=True)
class _Destinataire:
    """Who is answered (structure code), and about which step; empty or None when unknown."""

    structure: str = ""
    etape: Etape | None = None


def _destinataire(resultat: Resultat, connu: Referentiel, recu_le: date) -> _Destinataire:
    """Find whom to answer: the structure the workbook names, or for an unreadable file the one its name cites."""
    if resultat.illisible:
        mots = resultat.nom.casefold()
        cites = [
            code for code in connu.structures if re.search(rf"(?<![^\W_]){re.escape(code.casefold())}(?![^\W_])", mots)
        ]
        code = cites[0] if len(cites) == 1 else ""
    else:
        code = resultat.identite.structure if resultat.identite_sure else ""
    if code not in connu.structures:
        return _Destinataire()
    return _Destinataire(code, resultat.etape or _seule_etape_ouverte(connu, code, recu_le))


def _seule_etape_ouverte(connu: Referentiel, structure: str, jour: date) -> Etape | None:
    prestation = connu.structures[structure].prestation
    datees = (connu.delais.get((e.id, structure), (e, fin)) for e, fin in connu.etapes)
    ouvertes = [
        etape
        for etape, fin in datees
        if prestation in etape.prestations
        and (etape.ouverture is None or etape.ouverture <= jour)
        and (fin is None or jour <= fin)
    ]
    return ouvertes[0] if len(ouvertes) == 1 else None


def _decider(
    session: Session, instant: datetime, identifiant: int, resultat: Resultat, destinataire: _Destinataire
) -> tuple[LigneReception | None, bool]:
    """Write all that a deposit entails; nothing when another run decided it meanwhile."""
    depot = session.get_one(Depot, identifiant, with_for_update=True)
    if depot.etat is not EtatDepot.RECU:
        return None, False
    structure = structure_par_code(session, destinataire.structure) if destinataire.structure else None
    etat = EtatDepot.ACCEPTE if resultat.est_recevable else EtatDepot.REFUSE
    depot.structure_id = structure.id if structure is not None else None
    depot.motif = "" if etat is EtatDepot.ACCEPTE else _motif(resultat)
    session.add_all(_ligne_anomalie(identifiant, rang, a) for rang, a in enumerate(resultat.anomalies, start=1))
    session.flush()
    remplacee = False
    if etat is EtatDepot.ACCEPTE and structure is not None and resultat.etape is not None:
        remplacee = _declarer(session, instant, depot, structure, resultat, resultat.etape)
    repondu = _repondre(session, instant, depot, structure, destinataire.etape, resultat)
    ligne = LigneReception(
        depot=identifiant,
        structure=destinataire.structure,
        etat=etat,
        en_retard=resultat.en_retard,
        resume=depot.motif or resumer(resultat.anomalies),
        a_reprendre=_a_reprendre(resultat, structure, destinataire.etape, repondu=repondu),
    )
    bloquantes, alertes, _ = compter(resultat.anomalies)
    passer(
        session,
        depot,
        etat,
        Acte(instant, PAR, "instruire", ligne.a_reprendre),
        {
            "structure": destinataire.structure,
            "etape": resultat.etape.id if resultat.etape else "",
            "bloquantes": bloquantes,
            "alertes": alertes,
            "en_retard": resultat.en_retard,
            "hors_delai": resultat.hors_delai,
        },
    )
    return ligne, remplacee


def _motif(resultat: Resultat) -> str:
    if resultat.illisible:
        return resultat.anomalies[0].message[:1000]
    if resultat.hors_delai:
        return HORS_DELAI
    return resumer(resultat.anomalies)


def _a_reprendre(resultat: Resultat, structure: Structure | None, etape: Etape | None, *, repondu: bool) -> str:
    if resultat.hors_delai:
        return "Arrivé après la clôture : à reprendre avec le partenaire."
    if structure is None:
        return "Structure non reconnue : aucune réponse n'est partie."
    if etape is None:
        return "Aucune campagne ne correspond : aucune réponse n'est partie."
    return "" if repondu else "Le gestionnaire n'a aucun contact actif : aucune réponse n'est partie."


def _ligne_anomalie(depot: int, rang: int, anomalie: Anomalie) -> AnomalieDepot:
    return AnomalieDepot(
        depot_id=depot,
        rang=rang,
        code=anomalie.code,
        severite=anomalie.severite,
        message=anomalie.message[:1000],
        feuille=anomalie.feuille[:31],
        cellule=anomalie.cellule[:10],
        champ=anomalie.champ,
        lu=anomalie.lu[:200],
        attendu=anomalie.attendu[:300],
    )


def _declarer(
    session: Session, instant: datetime, depot: Depot, structure: Structure, resultat: Resultat, etape: Etape
) -> bool:
    """Write the declaration, after setting aside the one it replaces; say whether there was one."""
    ancienne = declaration_courante(session, structure.id or 0, etape.id)
    if ancienne is not None:
        _remplacer(session, instant, ancienne, structure, depot)
    declaration = Declaration(
        structure_id=structure.id or 0,
        prestation=structure.prestation,
        nature=etape.nature.value,
        exercice=etape.exercice or 0,
        etape=etape.id,
        depot_id=depot.id,
        origine="depot",
        donnees=resultat.donnees,
        recue_le=depot.recu_le,
        alertes=compter(resultat.anomalies)[1],
        etat=EtatDeclaration.RECUE,
    )
    session.add(declaration)
    session.flush()
    consigner(
        session,
        declaration,
        Acte(instant, PAR, "recevoir"),
        {
            "structure": structure.code,
            "etape": etape.id,
            "depot": depot.id,
            "remplace": ancienne.id if ancienne is not None else None,
        },
    )
    return ancienne is not None


def _remplacer(session: Session, instant: datetime, ancienne: Declaration, structure: Structure, par: Depot) -> None:
    motif = MOTIF_VALIDEE if ancienne.etat is EtatDeclaration.VALIDEE else ""
    acte = Acte(instant, PAR, "remplacer", motif)
    if ancienne.depot_id is not None:
        passer(session, session.get_one(Depot, ancienne.depot_id), EtatDepot.REMPLACE, acte, {"par_depot": par.id})
    passer(
        session,
        ancienne,
        EtatDeclaration.REMPLACEE,
        acte,
        {"structure": structure.code, "par_depot": par.id, "depot": ancienne.depot_id},
    )


def _repondre(
    session: Session,
    instant: datetime,
    depot: Depot,
    structure: Structure | None,
    etape: Etape | None,
    resultat: Resultat,
) -> bool:
    """Put the answer in the outbox, one mail a contact; say whether there is someone to write to."""
    if structure is None or etape is None:
        return False
    contacts = contacts_actifs(session, structure.partenaire_id)
    for contact in contacts:
        session.add(
            Courriel(
                cle=f"{GENRE}:{depot.id}:{contact.id}",
                genre=GENRE,
                etape=etape.id,
                contact_id=contact.id or 0,
                structures=[structure.code],
                contexte=_contexte_du_courriel(depot, structure, etape, resultat),
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
    session.flush()
    return bool(contacts)


def _contexte_du_courriel(depot: Depot, structure: Structure, etape: Etape, resultat: Resultat) -> dict[str, Any]:
    bloquantes, alertes, informations = compter(resultat.anomalies)
    return {
        "depot": depot.id,
        "accepte": resultat.est_recevable,
        "structure": structure.code,
        "nom_structure": structure.nom,
        "etape": etape.id,
        "nom_fichier": depot.nom_fichier,
        "recu_le": depot.recu_le.astimezone(PARIS).date().isoformat(),
        "en_retard": resultat.en_retard,
        "hors_delai": resultat.hors_delai,
        "resume": resumer(resultat.anomalies),
        "bloquantes": bloquantes,
        "alertes": alertes,
        "informations": informations,
        "anomalies": [en_valeurs(a) for a in resultat.anomalies[:ANOMALIES_PAR_COURRIEL]],
    }
