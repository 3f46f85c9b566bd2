"""What the team of the Caf does in the year: validate, compute, pay by two people, sit, open Filoué by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from demonstration.annee import commission
from demonstration.equipe import (
    ACOMPTE,
    COMPTE_CONFIRME_LE,
    CONTRE_APPEL,
    LIBERE_PAR,
    MOTIF,
    ORDONNE_PAR,
    PROPOSE_PAR,
    PUBLICATION,
    VALIDE_PAR,
)
from operations import avis_indus, droits, dus, exports, lots, rappels, relances, signatures
from operations.contexte import Contexte
from operations.coordonnees import EtatCompte, confirmer, lister
from operations.filoue.retention import effacer
from regles.etats import LOTS_A_SIGNER, EtatLot

PREVISIONNELS = ("previsionnels-2026-a", "previsionnels-2026-b")
FILOUE_OUVERT_LE = date(2026, 4, 8)
LENDEMAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Geste:
    """Something a person does once, on a day or the next one on which the system is up; it can be done again."""

    jour: date
    nom: str
    faire: Callable[[Contexte], object]


@dataclass(frozen=True, slots=True)
class Seance:
    """A sitting: declarations validated, rights computed, dues prepared, a batch proposed; released the next day."""

    jour: date
    campagnes: tuple[str, ...]
    payee: str
    rappele: int | None = None


SEANCES = (
    Seance(date(2026, 1, 5), PREVISIONNELS, ACOMPTE),
    Seance(date(2026, 1, 19), PREVISIONNELS, ACOMPTE),
    Seance(date(2026, 3, 11), ("reels-2025-a",), "reels-2025-a"),
    Seance(date(2026, 3, 18), ("reels-2025-b",), "reels-2025-b"),
    Seance(date(2026, 3, 25), (), ACOMPTE, rappele=2026),
    Seance(date(2026, 7, 22), ("actualisation-juin-2026-alsh",), "actualisation-juin-2026-alsh"),
    Seance(date(2026, 7, 23), ("actualisation-juin-2026",), "actualisation-juin-2026"),
    Seance(date(2026, 8, 12), ("reels-clas-2025",), "reels-clas-2025"),
    Seance(date(2026, 12, 21), ("actualisation-novembre-2026",), "actualisation-novembre-2026"),
)


def gestes(contexte: Contexte) -> tuple[Geste, ...]:
    """Give what the team does in the year, in order."""
    tous = [
        Geste(COMPTE_CONFIRME_LE, "compte", _confirmer_les_comptes),
        Geste(FILOUE_OUVERT_LE, "filoue", lambda ici: relances.ouvrir(ici, "filoue-2026", par=VALIDE_PAR)),
        *(Geste(jour, f"effacement {jour}", effacer) for jour in (date(2026, 8, 31), date(2026, 12, 31))),
    ]
    for reunion in commission.seances(contexte):
        jour = reunion.jour or date.max
        paiement = Seance(jour + commission.PAIEMENT, (), reunion.id)
        tous += [
            Geste(jour, f"décisions {reunion.id}", partial(_avec, commission.sieger, reunion.id)),
            Geste(
                paiement.jour,
                f"conventions {reunion.id}",
                partial(_avec, commission.conventionner_les_accords, reunion.id),
            ),
            *_gestes_de_la_seance(paiement),
        ]
    for seance in SEANCES:
        tous += _gestes_de_la_seance(seance)
    return tuple(sorted(tous, key=lambda geste: geste.jour))


def _gestes_de_la_seance(seance: Seance) -> list[Geste]:
    nom = f"{seance.payee} {seance.jour}"
    return [
        Geste(seance.jour, f"séance {nom}", partial(_sieger, seance)),
        Geste(seance.jour + LENDEMAIN, f"libération {nom}", partial(_liberer, seance.payee)),
    ]


def _avec(faire: Callable[[Contexte, str], None], seance: str, ici: Contexte) -> None:
    faire(ici, seance)


def _sieger(seance: Seance, ici: Contexte) -> None:
    for campagne in seance.campagnes:
        droits.valider(ici, campagne, VALIDE_PAR)
        droits.valider(ici, campagne, VALIDE_PAR, MOTIF)
        droits.calculer_droits(ici, campagne)
    if seance.rappele is not None:
        liste = rappels.calculer_rappels(ici, [seance.rappele])
        if liste.changees:
            rappels.confirmer_rappels(ici, [seance.rappele], liste.empreinte, VALIDE_PAR, PUBLICATION)
    dus.preparer_dus(ici, seance.payee)
    avis_indus.notifier_indus(ici, seance.payee)
    lots.proposer_lot(ici, seance.payee, PROPOSE_PAR)


def _liberer(payee: str, ici: Contexte) -> None:
    for lot in lots.lots(ici, payee):
        if lot.etat is EtatLot.PROPOSE:
            signatures.ordonner_lot(ici, lot.lot, ORDONNE_PAR)
        if lot.etat in LOTS_A_SIGNER:
            signatures.decider_lot(ici, lot.lot, EtatLot.LIBERE, LIBERE_PAR)
        if lot.etat in LOTS_A_SIGNER | {EtatLot.LIBERE}:
            exports.exporter_lot(ici, lot.lot)


def _confirmer_les_comptes(ici: Contexte) -> None:
    for compte in lister(ici):
        if compte.etat is EtatCompte.A_CONFIRMER:
            confirmer(ici, compte.id, LIBERE_PAR, CONTRE_APPEL)
