"""The letters of a Filoué campaign: identifiers, counts and sums of a structure, never a child's data."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session

from echanges.courriel.vues_filoue import (
    Assistance,
    PointFiloue,
    StructureFiloue,
    VueFiloue,
    VueReponseFiloue,
)
from modeles.requetes_filoue import anomalies_du_fichier, fichiers_de_l_etape
from modeles.tables import AnomalieFiloueLue, Contact, Courriel, FichierFiloue, Partenaire, Structure
from operations.attendus import dates_pour, structures_de
from operations.configuration import demarche, etape, plan_relances, reglages_filoue
from operations.contexte import Contexte
from operations.filoue.acceptes import lire_sommes
from operations.projets import Projet, SansObjet, cadre_de
from operations.relecture import concernes_par, dates_du_courriel
from regles.anomalies import Severite
from regles.calendrier import PARIS, Etape, fin_de_reception
from regles.etats import EtatDepot
from regles.monnaie import formater_mesure

GENRE = "reponse_filoue"
POINTS_MONTRES = 20


def projeter_campagne(
    contexte: Contexte, session: Session, courriel: Courriel, contact: Contact, jour: date
) -> Projet | SansObjet:
    """Read again which structures of a person still owe their file."""
    reglee = etape(contexte, courriel.etape)
    dates = dates_du_courriel(contexte, session, courriel, reglee)
    fin = fin_de_reception(dates, plan_relances(contexte, reglee))
    if dates.limite is None or fin is None or jour > fin:
        return SansObjet("la réception est close")
    structures = structures_de(concernes_par(contexte, session, courriel, reglee), courriel.structures)
    if not structures:
        return SansObjet("toutes les structures ont répondu")
    refus = _derniers_refus(session, reglee)
    vue = VueFiloue(
        cadre=cadre_de(contexte, contact, structures),
        libelle=reglee.libelle,
        exercice=reglee.exercice or 0,
        limite=dates.limite,
        fin=fin,
        jour=jour,
        structures=tuple(_citer(contexte, s, refus.get(s.id or 0)) for s in structures),
        assistance=_assistance(contexte),
        a_confirmer=dates.est_approximative("limite"),
        mots=demarche(contexte, reglee).mots.pour(courriel.genre, est_passee=jour > dates.limite),
    )
    genre = f"filoue_{courriel.genre}"
    if courriel.genre == "relance" and vue.est_passee:
        genre = "filoue_relance_apres"
    return _projet(session, genre, contact, vue, reglee)


def projeter_reponse(contexte: Contexte, session: Session, courriel: Courriel, contact: Contact) -> Projet | SansObjet:
    """Read again what became of a file; nothing to say of one not yet read."""
    fichier = session.get_one(FichierFiloue, courriel.contexte["fichier"])
    if fichier.etat is EtatDepot.RECU:
        return SansObjet("le fichier n'est pas lu")
    structure = session.get_one(Structure, fichier.structure_id)
    reglee = etape(contexte, courriel.etape)
    dates = dates_pour(contexte, session, reglee, structure)
    fin = fin_de_reception(dates, plan_relances(contexte, reglee))
    recu_le = fichier.recu_le.astimezone(PARIS).date()
    anomalies = anomalies_du_fichier(session, fichier.id or 0)
    alertes = relever(anomalies, Severite.ALERTE)
    vue = VueReponseFiloue(
        cadre=cadre_de(contexte, contact, [structure]),
        libelle=reglee.libelle,
        structure=_citer(contexte, structure),
        exercice=fichier.exercice,
        recu=numero_de_recu(fichier),
        recu_le=recu_le,
        accepte=fichier.etat is not EtatDepot.REFUSE,
        en_retard=dates.limite is not None and recu_le > dates.limite,
        hors_delai=fin is not None and recu_le > fin,
        fin=fin,
        echeance=next((j for j in (dates.limite, fin) if j is not None and recu_le <= j), None),
        lignes=fichier.lignes,
        sommes=dire_les_sommes(fichier),
        a_corriger=relever(anomalies, Severite.BLOQUANTE)[:POINTS_MONTRES],
        a_expliquer=alertes[:POINTS_MONTRES],
        autres=max(0, len(alertes) - POINTS_MONTRES),
        assistance=_assistance(contexte),
    )
    return _projet(session, GENRE, contact, vue, reglee)


def numero_de_recu(fichier: FichierFiloue) -> str:
    """Give the receipt number of a file: « F2025-12 »."""
    return f"F{fichier.exercice}-{fichier.id}"


def dire_les_sommes(fichier: FichierFiloue) -> tuple[str, ...]:
    """Say what an accepted file adds up to; nothing for another."""
    if not fichier.sommes:
        return ()
    sommes = lire_sommes(fichier.sommes)
    return (
        f"heures facturées : {formater_mesure(sommes.heures_facturees, 'h')}",
        f"heures réalisées : {formater_mesure(sommes.heures_realisees, 'h')}",
        f"participations facturées : {formater_mesure(sommes.montant_facture, '€')}",
    )


def _projet(session: Session, genre: str, contact: Contact, vue: VueFiloue | VueReponseFiloue, reglee: Etape) -> Projet:
    partenaire = session.get_one(Partenaire, contact.partenaire_id).code
    return Projet(genre, contact.nom, contact.courriel, partenaire, vue, reglee)


def _derniers_refus(session: Session, reglee: Etape) -> dict[int, date]:
    return {
        f.structure_id: f.recu_le.astimezone(PARIS).date()
        for f in fichiers_de_l_etape(session, reglee.id)
        if f.structure_id is not None and f.etat is EtatDepot.REFUSE
    }


def relever(anomalies: Iterable[AnomalieFiloueLue], severite: Severite) -> tuple[PointFiloue, ...]:
    """Give the anomalies of a severity as they are told: where and what."""
    return tuple(PointFiloue(a.ligne, a.colonne, a.message) for a in anomalies if a.severite is severite)


def _citer(contexte: Contexte, structure: Structure, refuse_le: date | None = None) -> StructureFiloue:
    return StructureFiloue(
        structure.code,
        structure.nom,
        structure.commune,
        reglages_filoue(contexte).code_organisme,
        structure.dossier_afc or "",
        structure.idequ or "",
        refuse_le,
    )


def _assistance(contexte: Contexte) -> Assistance:
    assistance = reglages_filoue(contexte).assistance
    return Assistance(assistance.telephone, assistance.courriel)
