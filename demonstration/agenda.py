"""Who answers what, and when: most answer well, some make mistakes, some are late, some never answer.

The réels of the crèches are written by hand below; every other answer is drawn from the seed, structure by structure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import TypeVar

from demonstration.actes import CAMPAGNE, ERREURS, ERREURS_COMMUNES, Acte, Geste
from demonstration.hasard import hasard
from demonstration.lieux import EAJE
from demonstration.reseau import charger_reseau
from operations.configuration import etape
from operations.contexte import Contexte

T = TypeVar("T")

PREVISIONNELS = ("previsionnels-2026-a", "previsionnels-2026-b")
REELS = (CAMPAGNE, "reels-2025-b")

# Days on which files arrive, and how many partners in a thousand send their first file on each.
ARRIVEES: Mapping[str, Mapping[date, int]] = {
    "previsionnels-2026-a": {date(2025, 12, 19): 500, date(2026, 1, 2): 380, date(2026, 1, 9): 120},
    "previsionnels-2026-b": {date(2025, 12, 19): 350, date(2026, 1, 2): 480, date(2026, 1, 9): 170},
    "reels-2025-a": {date(2026, 2, 19): 500, date(2026, 2, 26): 400, date(2026, 3, 5): 100},
    "reels-2025-b": {date(2026, 2, 26): 600, date(2026, 3, 5): 320, date(2026, 3, 13): 80},
}
TROP_TARD = date(2026, 3, 27)  # long after the closing; this reception also sends the last letters of the team

# How many structures in a thousand behave so; the others answer well at once.
CONDUITES: Mapping[str, int] = {
    "jamais": 35,
    "corrige": 70,
    "abandonne": 15,
    "vieux_format": 20,
    "archive_coupee": 15,
    "renvoye": 25,
    "en_francais": 60,
    "baisse": 40,
    "hausse": 30,
    "desequilibre": 25,
}
A_REPRENDRE = frozenset({"corrige", "vieux_format", "archive_coupee", "renvoye"})  # a second file, another day
ACTIVITES: Mapping[str | None, int] = {"baisse": 600, "hausse": 1200}
# What the story needs: these answer as said, whatever the draw.
IMPOSEES: Mapping[tuple[str, str], str | None] = {
    ("EAJE15", "previsionnels-2026-a"): None,  # no confirmed account on 5 January
    ("EAJE24", "previsionnels-2026-a"): None,
    ("LAEP07", "previsionnels-2026-b"): None,
    ("LAEP07", CAMPAGNE): "baisse",  # an indu, withheld on the other structures of the same association
}


@dataclass(frozen=True, slots=True)
class Arrivee:
    """The files of a day."""

    jour: date
    actes: tuple[Acte, ...]


def _bons(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code) for code in codes)


def _fautifs(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code, saisies=ERREURS[code].saisies) for code in codes)


def _corriges(*codes: str) -> tuple[Acte, ...]:
    return tuple(Acte(code, Geste.CORRIGER) for code in codes)


# The réels 2025 of the crèches. Two answer nothing at all: EAJE21, EAJE25.
CRECHES: Mapping[date, tuple[Acte, ...]] = {
    date(2026, 2, 19): (
        *_bons("EAJE01", "EAJE02", "EAJE06", "EAJE09", "EAJE10", "EAJE11", "EAJE14", "EAJE17", "EAJE20"),
        Acte("EAJE16", saisies={"charges_62": 61_000}),
        *_fautifs("EAJE03", "EAJE08", "EAJE12"),
    ),
    date(2026, 2, 26): (
        *_bons("EAJE04", "EAJE23", "EAJE27"),
        Acte("EAJE10", Geste.RENVOYER, nom="Copie de déclaration.xlsx"),
        Acte("EAJE13", en_francais=True),
        Acte("EAJE16", nom="Remparts des Petits, version définitive.xlsx"),
        Acte("EAJE24", activite=450),
        Acte("EAJE26", Geste.ARCHIVE_COUPEE, nom="declaration.xlsx"),
        Acte("EAJE28", Geste.VIEUX_FORMAT, nom="reel 2025.xls"),
        *_fautifs("EAJE15", "EAJE19", "EAJE22"),
        *_corriges("EAJE03", "EAJE08", "EAJE12"),
    ),
    date(2026, 3, 5): (
        *_bons("EAJE05", "EAJE18", "EAJE26", "EAJE28"),
        *_fautifs("EAJE07"),
        *_corriges("EAJE15", "EAJE19", "EAJE22"),
    ),
    TROP_TARD: _bons("EAJE29"),
}


def agenda(contexte: Contexte) -> tuple[Arrivee, ...]:
    """Give what arrives, day by day, all steps together.

    Raises:
        ErreurDeConfiguration: unreadable network.
    """
    reseau = charger_reseau(contexte.reglages.config)
    ponctuelles = {(code, campagne): None for code in reseau.pieges.convention_jusqu_au for campagne in ARRIVEES}
    imposees: Mapping[tuple[str, str], str | None] = {**ponctuelles, **IMPOSEES}
    connues = {equipement.code for equipement in reseau.equipements}
    actes = {jour: [acte for acte in ecrits if acte.structure in connues] for jour, ecrits in CRECHES.items()}
    for identifiant in ARRIVEES:
        attendues = etape(contexte, identifiant).prestations
        for equipement in reseau.equipements:
            ecrite = identifiant == CAMPAGNE and equipement.prestation == EAJE
            if equipement.prestation in attendues and not ecrite:
                for jour, acte in _actes(equipement.code, identifiant, imposees):
                    actes.setdefault(jour, []).append(acte)
    return tuple(Arrivee(jour, tuple(actes[jour])) for jour in sorted(actes))


def _actes(code: str, identifiant: str, imposees: Mapping[tuple[str, str], str | None]) -> Iterator[tuple[date, Acte]]:
    """Draw what a structure sends for a step: its first file, then what its manner calls for on the next day."""
    alea = hasard(code, identifiant)
    conduite = imposees.get((code, identifiant), _tirer(alea, CONDUITES))
    if conduite == "jamais":
        return
    jours = list(ARRIVEES[identifiant])
    premier = jours[0] if (code, identifiant) in imposees else _tirer(alea, ARRIVEES[identifiant]) or jours[-1]
    if conduite in A_REPRENDRE:
        premier = min(premier, jours[-2])
    suivant = next((jour for jour in jours if jour > premier), premier)
    envoi = Acte(code, etape=identifiant, activite=ACTIVITES.get(conduite, 1000))
    match conduite:
        case "corrige" | "abandonne":
            yield premier, replace(envoi, saisies=alea.choice(ERREURS_COMMUNES).saisies)
            if conduite == "corrige":
                yield suivant, replace(envoi, geste=Geste.CORRIGER)
        case "vieux_format":
            yield premier, replace(envoi, geste=Geste.VIEUX_FORMAT, nom=f"{code} {premier.year}.xls")
            yield suivant, envoi
        case "archive_coupee":
            yield premier, replace(envoi, geste=Geste.ARCHIVE_COUPEE, nom=f"declaration {code}.xlsx")
            yield suivant, envoi
        case "renvoye":
            yield premier, envoi
            yield suivant, replace(envoi, geste=Geste.RENVOYER, nom=f"Copie de {code}.xlsx")
        case "desequilibre":
            yield premier, replace(envoi, saisies={"produits_748": 40_000})
        case _:
            yield premier, replace(envoi, en_francais=conduite == "en_francais")


def _tirer(alea: Random, poids: Mapping[T, int]) -> T | None:
    """Draw one by its weight in a thousand, None for what is left of the thousand."""
    reste = alea.randint(1, 1000)
    for choix, part in poids.items():
        reste -= part
        if reste <= 0:
            return choix
    return None
