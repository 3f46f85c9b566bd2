"""Filoué files read once: verified, pseudonymised, answered. What names a child stays in memory and goes nowhere else.

A library's message may quote a value: whatever fails here is told by the name of the failure only.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from polars.exceptions import PanicException
from sqlmodel import Session

from echanges.filoue.table import en_octets
from modeles.base import transaction
from modeles.requetes import contacts_actifs
from modeles.requetes_filoue import fichier_accepte, fichiers_a_lire
from modeles.tables import AnomalieFiloueLue, Courriel, FichierFiloue, Structure
from modeles.transitions import Acte, passer
from operations.attendus import HORS_DELAI, dates_pour, fin_pour
from operations.configuration import bareme, etape, reglages_filoue
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.acceptes import ecrire_sommes
from operations.filoue.cles import dechiffrer, lire_cles
from operations.filoue.croisement import alertes_du_croisement, ecarts_du_reel, seuil_ecart
from operations.filoue.depot import RECEPTION, compter_en_attente
from operations.filoue.lettres import GENRE
from regles.anomalies import Severite
from regles.calendrier import PARIS, Etape
from regles.etats import EtatCourriel, EtatDepot
from regles.filoue import AnomalieFiloue, StructureAttendue
from schemas.filoue.pseudonymes import pseudonymiser
from schemas.filoue.verification import ResultatFiloue, verifier

A_QUI = "On ne sait pas de quelle structure vient ce fichier."
REDEPOSER = f"{A_QUI} Déposez-le en la nommant : campagnes filoue deposer FICHIER --structure CODE."


@dataclass(frozen=True, slots=True)
class LigneFiloue:
    """What became of a file. `structure` is empty when nobody knows whose it is.

    `a_reprendre` says what a person of the team must do about it, else it is empty.
    """

    fichier: int
    structure: str
    etat: EtatDepot
    lignes: int = 0
    alertes: int = 0
    en_retard: bool = False
    motif: str = ""
    a_reprendre: str = ""


@dataclass(frozen=True, slots=True)
class BilanFiloue:
    """What `instruire` did. `remplaces` counts the former files set aside, `en_attente` those that wait for a key."""

    lignes: tuple[LigneFiloue, ...]
    remplaces: int = 0
    en_attente: int = 0

    @property
    def phrase(self) -> str:
        """« Filoué : 3 accepté(s), 1 refusé(s). », or nothing."""
        comptes = (
            (sum(li.etat is EtatDepot.ACCEPTE for li in self.lignes), "accepté(s)"),
            (sum(li.etat is EtatDepot.REFUSE for li in self.lignes), "refusé(s)"),
            (sum(bool(li.a_reprendre) for li in self.lignes), "à reprendre par une personne"),
            (self.en_attente, "en clair dans la boîte de dépôt, faute de clé"),
        )
        dits = ", ".join(f"{nombre} {quoi}" for nombre, quoi in comptes if nombre)
        return f"Filoué : {dits}." if dits else ""


@dataclass(frozen=True, slots=True)
class _Lu:
    """A file read: what was found, and its pseudonymised table when it is sound."""

    resultat: ResultatFiloue
    donnees: bytes | None


def instruire(contexte: Contexte, jour: date | None = None) -> BilanFiloue:
    """Read and verify the files still `recu`, one by one, each decided and answered in one transaction.

    An accepted file replaces the former one of its structure and exercice. One that came after the closing is refused
    and left to a person. Run again, it only sees what is still to decide.
    """
    with transaction(contexte.moteur) as session:
        identifiants = fichiers_a_lire(session)
    lignes, remplaces = [], 0
    for identifiant in identifiants:
        try:
            ligne, remplace = _instruire(contexte, identifiant, contexte.maintenant(jour))
        except ActeRefuse as refus:
            ligne, remplace = LigneFiloue(identifiant, "", EtatDepot.RECU, a_reprendre=str(refus)), False
        except (Exception, PanicException) as erreur:
            incident = f"Incident pendant la lecture ({type(erreur).__name__}) : à reprendre."
            ligne, remplace = LigneFiloue(identifiant, "", EtatDepot.RECU, a_reprendre=incident), False
        if ligne is not None:
            lignes.append(ligne)
            remplaces += remplace
    return BilanFiloue(tuple(lignes), remplaces, compter_en_attente(contexte))


def _instruire(contexte: Contexte, identifiant: int, instant: datetime) -> tuple[LigneFiloue | None, bool]:
    with transaction(contexte.moteur) as session:
        fichier = session.get_one(FichierFiloue, identifiant, with_for_update=True)
        if fichier.etat is not EtatDepot.RECU:
            return None, False
        reglee = etape(contexte, fichier.etape)
        if fichier.structure_id is None:
            return _refuser(session, fichier, instant, A_QUI, REDEPOSER), False
        structure = session.get_one(Structure, fichier.structure_id)
        fin = fin_pour(contexte, session, reglee, structure)
        if fin is not None and _recu_le(fichier) > fin:
            _repondre(session, fichier, structure, reglee, instant)
            suite = "Reçu après la clôture : à reprendre avec le partenaire."
            return _refuser(session, fichier, instant, HORS_DELAI, suite, structure.code), False
        lu = _lire(contexte, session, fichier, structure, instant)
        return _decider(contexte, session, fichier, structure, reglee, lu, instant)


def _recu_le(fichier: FichierFiloue) -> date:
    return fichier.recu_le.astimezone(PARIS).date()


def _lire(contexte: Contexte, session: Session, fichier: FichierFiloue, structure: Structure, instant: datetime) -> _Lu:
    """Decrypt, verify, compare with the réel, pseudonymise: nothing but pseudonyms comes out."""
    cles = lire_cles(contexte, session)
    octets = dechiffrer(cles, fichier.octets_chiffres or b"", fichier.sha256)
    attendu = StructureAttendue(
        structure.code,
        fichier.exercice,
        reglages_filoue(contexte).code_organisme,
        structure.dossier_afc or "",
        structure.idequ or "",
    )
    resultat = verifier(octets, attendu, reglages_filoue(contexte), bareme(contexte), instant.date())
    if resultat.table is None or not resultat.est_recevable:
        return _Lu(replace(resultat, table=None), None)
    donnees = en_octets(pseudonymiser(resultat.table, cles.pseudonymes))
    ecarts: tuple[AnomalieFiloue, ...] = ()
    if resultat.sommes is not None:
        reel = ecarts_du_reel(session, structure.id or 0, fichier.exercice, resultat.sommes)
        ecarts = alertes_du_croisement(reel, seuil_ecart(contexte))
    return _Lu(replace(resultat, table=None, anomalies=(*ecarts, *resultat.anomalies)), donnees)


def _decider(
    contexte: Contexte,
    session: Session,
    fichier: FichierFiloue,
    structure: Structure,
    reglee: Etape,
    lu: _Lu,
    instant: datetime,
) -> tuple[LigneFiloue, bool]:
    anomalies = lu.resultat.anomalies
    session.add_all(_anomalie(fichier.id or 0, rang, a) for rang, a in enumerate(anomalies, start=1))
    fichier.version = lu.resultat.version
    fichier.alertes = sum(a.severite is Severite.ALERTE for a in anomalies)
    _repondre(session, fichier, structure, reglee, instant)
    if lu.donnees is None or lu.resultat.sommes is None:
        return _refuser(session, fichier, instant, lu.resultat.refus, structure=structure.code), False
    ancien = fichier_accepte(session, structure.id or 0, fichier.exercice)
    if ancien is not None:
        passer(session, ancien, EtatDepot.REMPLACE, Acte(instant, RECEPTION, "remplacer"), {"par": fichier.id})
        session.flush()
    fichier.donnees, fichier.sommes = lu.donnees, ecrire_sommes(lu.resultat.sommes)
    fichier.lignes = lu.resultat.sommes.lignes
    limite = dates_pour(contexte, session, reglee, structure).limite
    en_retard = limite is not None and _recu_le(fichier) > limite
    passer(
        session,
        fichier,
        EtatDepot.ACCEPTE,
        Acte(instant, RECEPTION, "instruire"),
        {
            "structure": structure.code,
            "lignes": fichier.lignes,
            "alertes": fichier.alertes,
            "en_retard": en_retard,
            "remplace": ancien.id if ancien else None,
        },
    )
    accepte = LigneFiloue(
        fichier.id or 0, structure.code, EtatDepot.ACCEPTE, fichier.lignes, fichier.alertes, en_retard
    )
    return accepte, ancien is not None


def _refuser(
    session: Session, fichier: FichierFiloue, instant: datetime, motif: str, a_reprendre: str = "", structure: str = ""
) -> LigneFiloue:
    fichier.motif = motif[:1000]
    passer(session, fichier, EtatDepot.REFUSE, Acte(instant, RECEPTION, "instruire", motif), {"structure": structure})
    return LigneFiloue(
        fichier.id or 0,
        structure,
        EtatDepot.REFUSE,
        alertes=fichier.alertes,
        motif=fichier.motif,
        a_reprendre=a_reprendre,
    )


def _anomalie(fichier: int, rang: int, anomalie: AnomalieFiloue) -> AnomalieFiloueLue:
    return AnomalieFiloueLue(
        fichier_id=fichier,
        rang=rang,
        code=anomalie.code,
        severite=anomalie.severite,
        message=anomalie.message[:1000],
        ligne=anomalie.ligne,
        colonne=anomalie.colonne,
    )


def _repondre(session: Session, fichier: FichierFiloue, structure: Structure, reglee: Etape, instant: datetime) -> None:
    """Put the answer in the outbox, one mail a contact."""
    for contact in contacts_actifs(session, structure.partenaire_id):
        session.add(
            Courriel(
                cle=f"{GENRE}:{fichier.id}:{contact.id}",
                genre=GENRE,
                etape=reglee.id,
                contact_id=contact.id or 0,
                structures=[structure.code],
                contexte={"fichier": fichier.id},
                etat=EtatCourriel.A_ENVOYER,
                prochain_essai_le=instant,
                decide_le=instant,
            )
        )
