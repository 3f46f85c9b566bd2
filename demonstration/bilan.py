"""What the demonstration ends on: counts read from the database, and where to look."""

from collections import Counter
from collections.abc import Iterator

from sqlmodel import Session, col, func, select

from demonstration.agenda import PREVISIONNELS, REELS
from demonstration.equipe import ACOMPTE, SEANCES
from demonstration.operateurs import ETATS
from modeles.base import transaction
from modeles.tables import Courriel, Declaration, Depot, Droit, Partenaire, Recouvrement, Structure, Versement
from operations.contexte import Contexte
from operations.journal import verifier_journal
from operations.lots import lots
from operations.paiements import defauts_de_paiement
from operations.suivi import avancement
from regles.etats import EtatCourriel, EtatDepot, NatureVersement
from regles.monnaie import formater_euros

GENRES = {"ouverture": "d'ouverture", "relance": "de relance", "reponse_depot": "de réponse à un dépôt"}
# Each step that pays, the campaigns whose rights it pays.
PAYEES = {ACOMPTE: PREVISIONNELS, **{etape: (etape,) for etape in REELS}}


def resumer(contexte: Contexte) -> Iterator[str]:
    """Give the summary, a line at a time."""
    with transaction(contexte.moteur) as session:
        structures = session.exec(select(func.count()).select_from(Structure)).one()
        partenaires = session.exec(select(func.count()).select_from(Partenaire)).one()
    mention = f" ({contexte.reglages.mention})" if contexte.reglages.mention else ""
    yield f"Bilan — {structures} structures, {partenaires} partenaires{mention}"
    parties = (_lignes_de_reception, _lignes_des_lots, _lignes_des_refus, _lignes_des_indus)
    yield from (f"  {ligne}" for partie in parties for ligne in partie(contexte))
    yield ""
    yield "Où regarder"
    yield from (f"  {ligne}" for ligne in _ou_regarder(contexte))


def _lignes_de_reception(contexte: Contexte) -> Iterator[str]:
    for campagne in (*PREVISIONNELS, *REELS):
        ou = avancement(contexte, campagne)
        yield f"{campagne:<21}: {ou.recues} reçus sur {ou.attendues}, {ou.manquantes} sans réponse"
    with transaction(contexte.moteur) as session:
        genres = Counter(session.exec(select(Courriel.genre).where(Courriel.etat == EtatCourriel.ENVOYE)))
        depots = Counter(session.exec(select(Depot.etat)))
        orphelins = len(session.exec(select(Depot.id).where(col(Depot.structure_id).is_(None))).all())
    envois = ", ".join(f"{genres[genre]} {libelle}" for genre, libelle in GENRES.items())
    yield f"Courriels   : {envois}"
    yield (
        f"Fichiers    : {sum(depots.values())} distincts, dont {depots[EtatDepot.REFUSE]} refusés (erreurs, hors "
        f"délai, illisibles) et {orphelins} sans expéditeur connu"
    )


def _lignes_des_lots(contexte: Contexte) -> Iterator[str]:
    for etape in PAYEES:
        for lot in lots(contexte, etape):
            decision = f"{ETATS[lot.etat]} par {lot.decide_par}" if lot.decide_par else ETATS[lot.etat]
            retenue = f" (retenu {formater_euros(lot.retenue_centimes)})" if lot.retenue_centimes else ""
            somme = f"{lot.nombre} versements, {formater_euros(lot.total_centimes)}{retenue}"
            yield f"Lot         : {lot.numero}, {somme}, proposé par {lot.propose_par}, {decision}"
            for refus in lot.tentatives_refusees:
                yield f"Interdit    : {refus}"


def _lignes_des_refus(contexte: Contexte) -> Iterator[str]:
    """Say which rights are not paid, and why, as the team reads it when it proposes a batch."""
    jours = {seance.payee: seance.jour for seance in SEANCES}
    with transaction(contexte.moteur) as session:
        for payee, campagnes in PAYEES.items():
            for declaration, structure in _sans_versement(session, payee, campagnes):
                partenaire = session.get_one(Partenaire, structure.partenaire_id)
                for defaut in defauts_de_paiement(session, structure, partenaire, declaration.exercice, jours[payee]):
                    yield f"Non payé    : {structure.code} ({payee}) — {defaut}"


def _sans_versement(
    session: Session, payee: str, campagnes: tuple[str, ...]
) -> Iterator[tuple[Declaration, Structure]]:
    verses = select(Versement.structure_id).where(Versement.etape == payee)
    yield from session.exec(
        select(Declaration, Structure)
        .where(
            Droit.declaration_id == Declaration.id,
            Declaration.structure_id == Structure.id,
            col(Declaration.etape).in_(campagnes),
            col(Declaration.structure_id).not_in(verses),
        )
        .distinct()
    )


def _lignes_des_indus(contexte: Contexte) -> Iterator[str]:
    with transaction(contexte.moteur) as session:
        nombre, total = session.exec(
            select(func.count(), func.coalesce(func.sum(col(Versement.montant_centimes)), 0)).where(
                Versement.nature == NatureVersement.INDU
            )
        ).one()
        retenu = session.exec(select(func.coalesce(func.sum(col(Recouvrement.montant_centimes)), 0))).one()
    yield (
        f"Indus       : {nombre}, {formater_euros(total)}, dont {formater_euros(retenu)} déjà retenus sur d'autres "
        "versements du même partenaire"
    )


def _ou_regarder(contexte: Contexte) -> Iterator[str]:
    var = contexte.reglages.var
    journal = verifier_journal(contexte)
    etat = "chaîne entière" if journal.rupture is None else f"chaîne rompue à la ligne {journal.rupture}"
    yield f"Courriels           : {var / 'courriels'}"
    annotees = sorted((var / "demonstration" / "partenaires").glob("*/reçu *-a-corriger.xlsx"))
    if annotees:
        yield f"Un classeur annoté  : {annotees[0]}"
    yield f"Droits expliqués    : {var / 'documents'}"
    yield f"Bordereaux          : {var / 'exports'}"
    yield f"Journal             : {journal.lignes} lignes, {etat} (.venv/bin/campagnes journal verifier)"
    yield "Interface Prefect   : make ui"
