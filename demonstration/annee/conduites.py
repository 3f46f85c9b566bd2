"""What each invented partner means to send in the year, and when: drawn from the seed, structure by structure.

Whoever makes a mistake makes it early enough for an answer to be read and a correction sent before the closing, even
when the server was off for ten days on the way: a correction that comes too late would change the rights, and it would
not be the system's doing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from demonstration.actes import ERREURS_COMMUNES, Acte, Geste
from demonstration.annee.filoue import COUPABLES
from demonstration.hasard import hasard
from demonstration.lieux import EAJE
from demonstration.reseau import charger_reseau
from operations.configuration import CANAL_COLLECTE, calendriers, plan_relances
from operations.contexte import Contexte
from regles.calendrier import Etape, NatureEtape, fin_de_reception

T = TypeVar("T")
UN_JOUR = timedelta(days=1)
MARGE = timedelta(days=9)  # before the limit: mistakes are made earlier, and the reminder of j-7 finds them mended
CORRECTION = timedelta(days=4)

# When structures answer, in thousandths: before any reminder, after the one before the limit, after the limit (once
# reminded), after the closing. The others never answer.
MOMENTS: Mapping[str, int] = {"tot": 640, "relance": 210, "tard": 100, "trop_tard": 12}
# What those who answer early do wrong, in thousandths; the others answer well at once.
MANIERES: Mapping[str, int] = {
    "corrige": 70,
    "abandonne": 12,
    "vieux_format": 20,
    "archive_coupee": 15,
    "renvoye": 25,
    "en_francais": 60,
    "baisse": 40,
    "hausse": 30,
    "desequilibre": 25,
}
ACTIVITES: Mapping[str | None, int] = {"baisse": 600, "hausse": 1200}


@dataclass(frozen=True, slots=True)
class Envoi:
    """A file that a partner means to send on a day. `juste`: taken if it comes in time; a wrong one is sent back.

    `acte` is empty for a Filoué file. `attend_retour`: it corrects a file, whose answer must have come.
    """

    jour: date
    etape: str
    structure: str
    juste: bool
    acte: Acte | None = None
    attend_retour: bool = False

    @property
    def cle(self) -> str:
        """What it is noted under once sent."""
        return f"{self.fil}{self.jour}"

    @property
    def fil(self) -> str:
        """What all the files of a structure for a step have in common."""
        return f"envoi {self.etape} {self.structure} "


def envois(contexte: Contexte) -> tuple[Envoi, ...]:
    """Give every file of the year, by the day it is meant for.

    Raises:
        ErreurDeConfiguration: unreadable network or calendar.
    """
    etapes = [etape for calendrier in calendriers(contexte) for etape in calendrier.etapes]
    equipements = charger_reseau(contexte.reglages.config).equipements
    prevus: list[Envoi] = []
    for etape in etapes:
        attendus = [e.code for e in equipements if e.prestation in etape.prestations]
        if etape.nature.est_declaration and etape.canal == CANAL_COLLECTE:
            fin = fin_de_reception(etape, plan_relances(contexte, etape))
            prevus += [envoi for code in attendus for envoi in _declarations(etape, fin or date.max, code)]
        elif etape.nature is NatureEtape.FILOUE:
            creches = [e.code for e in equipements if e.prestation == EAJE]
            prevus += [envoi for code in creches for envoi in _fichiers(etape, code)]
    return tuple(sorted(prevus, key=lambda e: (e.jour, e.etape, e.structure)))


def _declarations(etape: Etape, fin: date, code: str) -> Iterator[Envoi]:
    alea = hasard("annee", code, etape.id)
    moment = tirer(alea, MOMENTS)
    if moment is None or etape.ouverture is None or etape.limite is None:
        return
    jour = _jour(alea, moment, etape.ouverture, etape.limite, fin)
    maniere = tirer(alea, MANIERES) if moment == "tot" else None
    acte = Acte(code, etape=etape.id, activite=ACTIVITES.get(maniere, 1000))
    bon = Envoi(jour, etape.id, code, juste=True, acte=acte)
    suite = replace(bon, jour=jour + CORRECTION, attend_retour=True)
    match maniere:
        case "corrige" | "abandonne":
            faux = replace(acte, saisies=alea.choice(ERREURS_COMMUNES).saisies)
            yield replace(bon, juste=False, acte=faux)
            if maniere == "corrige":
                yield replace(suite, acte=replace(acte, geste=Geste.CORRIGER))
        case "vieux_format":
            yield replace(bon, juste=False, acte=replace(acte, geste=Geste.VIEUX_FORMAT, nom=f"{code} {etape.id}.xls"))
            yield suite
        case "archive_coupee":
            coupee = replace(acte, geste=Geste.ARCHIVE_COUPEE, nom=f"declaration {code} {etape.id}.xlsx")
            yield replace(bon, juste=False, acte=coupee)
            yield suite
        case "renvoye":
            yield bon
            yield replace(suite, acte=replace(acte, geste=Geste.RENVOYER, nom=f"Copie de {code}.xlsx"))
        case "desequilibre":
            yield replace(bon, acte=replace(acte, saisies={"produits_748": 40_000}))
        case _:
            yield replace(bon, acte=replace(acte, en_francais=maniere == "en_francais"))


def _jour(alea: Random, moment: str, ouverture: date, limite: date, fin: date) -> date:
    """Draw a day of a moment, a month being left to answer where the calendar leaves it."""
    debut = max(ouverture + UN_JOUR, limite - timedelta(days=30))
    bornes = {
        "tot": (debut, max(debut, limite - MARGE)),
        "relance": (limite - timedelta(days=6), limite),
        "tard": (limite + 2 * UN_JOUR, fin - UN_JOUR),
        "trop_tard": (fin + 3 * UN_JOUR, fin + 9 * UN_JOUR),
    }
    premier, dernier = bornes[moment]
    return premier + timedelta(days=alea.randint(0, (dernier - premier).days))


def _fichiers(etape: Etape, code: str) -> Iterator[Envoi]:
    """Most files come in the month before the limit; one crèche sends none, a few are late, one is first refused."""
    alea = hasard("annee", code, etape.id)
    if etape.limite is None or code in COUPABLES["jamais"]:
        return
    jour = etape.limite - timedelta(days=alea.randint(2, 30))
    if code in COUPABLES["en_retard"]:
        jour = etape.limite + timedelta(days=alea.randint(3, 8))
    if code in COUPABLES["autre_annee"]:
        yield Envoi(etape.limite - timedelta(days=20), etape.id, code, juste=False)
        jour = etape.limite - timedelta(days=10)
    yield Envoi(jour, etape.id, code, juste=True)


def tirer(alea: Random, poids: Mapping[T, int]) -> T | None:
    """Draw one by its weight in a thousand, None for what is left of the thousand."""
    reste = alea.randint(1, 1000)
    for choix, part in poids.items():
        reste -= part
        if reste <= 0:
            return choix
    return None
