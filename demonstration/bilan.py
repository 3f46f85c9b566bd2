"""What the demonstration ends on: counts read from the database, and where to look."""

from collections import Counter
from collections.abc import Iterator

from sqlmodel import col, func, select

from demonstration.operateurs import ETATS
from demonstration.scenario import CAMPAGNE
from modeles.base import transaction
from modeles.tables import Courriel, Declaration, Depot, Droit, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.suivi import avancement
from operations.versements import lots
from regles.etats import EtatCourriel, EtatDepot, EtatVersement, NatureVersement
from regles.monnaie import formater_euros

GENRES = {"ouverture": "d'ouverture", "relance": "de relance", "reponse_depot": "de réponse à un dépôt"}


def resumer(contexte: Contexte) -> Iterator[str]:
    """Give the summary, a line at a time."""
    ou = avancement(contexte, CAMPAGNE)
    yield f"Bilan — {ou.phrase}"
    yield from (f"  {ligne}" for ligne in (*_lignes_de_reception(contexte), *_lignes_d_argent(contexte)))
    yield ""
    yield "Où regarder"
    yield from (f"  {ligne}" for ligne in _ou_regarder(contexte))


def _lignes_de_reception(contexte: Contexte) -> Iterator[str]:
    ou = avancement(contexte, CAMPAGNE)
    with transaction(contexte.moteur) as session:
        genres = Counter(session.exec(select(Courriel.genre).where(Courriel.etat == EtatCourriel.ENVOYE)))
        depots = Counter(session.exec(select(Depot.etat)))
        orphelins = len(session.exec(select(Depot.id).where(col(Depot.structure_id).is_(None))).all())
        relancees = session.exec(select(Courriel.rang).where(Courriel.genre == "relance")).all()
    envois = ", ".join(f"{genres[genre]} {libelle}" for genre, libelle in GENRES.items())
    refuses = depots[EtatDepot.REFUSE]
    yield f"Ouvert      : {ou.attendues} structures attendues ; courriels : {envois}"
    yield f"Relancé     : {len(set(relancees))} relances, {len(relancees)} courriels, à qui devait encore une réponse"
    yield f"Reçu        : {sum(depots.values())} fichiers distincts, {ou.recues} déclarations retenues"
    yield f"Refusé      : {refuses} fichiers (erreurs, hors délai, illisibles) ; {orphelins} sans expéditeur connu"
    yield f"Il manque   : {ou.manquantes} structures"


def _lignes_d_argent(contexte: Contexte) -> Iterator[str]:
    with transaction(contexte.moteur) as session:
        nombre, total = session.exec(
            select(func.count(), func.coalesce(func.sum(col(Droit.montant_centimes)), 0)).where(
                Droit.declaration_id == Declaration.id, Declaration.etape == CAMPAGNE
            )
        ).one()
        indus = session.exec(
            select(Versement.montant_centimes).where(
                Versement.nature == NatureVersement.INDU, Versement.etat == EtatVersement.A_RECOUVRER
            )
        ).all()
    yield f"Calculé     : {nombre} droits, {formater_euros(total or 0)}"
    for lot in lots(contexte, CAMPAGNE):
        somme = formater_euros(lot.total_centimes)
        yield f"Proposé     : {lot.numero}, {lot.nombre} versements, {somme}, par {lot.propose_par}"
        for refus in lot.tentatives_refusees:
            yield f"Interdit    : {refus}"
        if lot.decide_par:
            yield f"Décidé      : par {lot.decide_par}, {ETATS[lot.etat]}"
    yield f"À recouvrer : {len(indus)} indu(s), {formater_euros(sum(indus))}"


def _ou_regarder(contexte: Contexte) -> Iterator[str]:
    var = contexte.reglages.var
    journal = verifier_journal(contexte)
    etat = "chaîne entière" if journal.rupture is None else f"chaîne rompue à la ligne {journal.rupture}"
    yield f"Courriels           : {var / 'courriels'}"
    annotees = sorted((var / "demonstration" / "partenaires").glob("*/reçu *-a-corriger.xlsx"))
    if annotees:
        yield f"Un classeur annoté  : {annotees[0]}"
    yield f"Droits expliqués    : {var / 'documents' / CAMPAGNE}"
    yield f"Bordereaux          : {var / 'exports'}"
    yield f"Journal             : {journal.lignes} lignes, {etat} (.venv/bin/campagnes journal verifier)"
    yield "Interface Prefect   : make ui"
