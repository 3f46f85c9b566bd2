"""The year on one page: a row a step, a column a month, to print in A3 or A4 landscape or to read on a screen."""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from echanges.pages import gabarit
from regles.calendrier import Etape, NatureEtape, est_un_sigle, nommer_prestation
from regles.dates import JOURS, MOIS
from regles.monnaie import INSECABLE

MOIS_COURTS = ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
NATURES: Mapping[NatureEtape, str] = {
    NatureEtape.PREVISIONNEL: "Prévisionnel",
    NatureEtape.ACTUALISATION: "Actualisation",
    NatureEtape.REEL: "Réel",
    NatureEtape.FILOUE: "Filoué",
    NatureEtape.BILAN: "Bilan",
    NatureEtape.RENOUVELLEMENT: "Renouvellement",
    NatureEtape.APPEL_A_PROJETS: "Appel à projets",
    NatureEtape.COMMISSION: "Commission",
    NatureEtape.VERSEMENT: "Versement",
}


@dataclass(frozen=True, slots=True)
class LigneAffiche:
    """A step, and the day it opens (deduced from its plan when the source gives none)."""

    etape: Etape
    ouverture: date | None


@dataclass(frozen=True, slots=True)
class Jour:
    """A date as it is printed: « dim. 8 févr. », and whether it is still to be confirmed."""

    texte: str
    a_confirmer: bool = False
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Mois:
    """A column: its name, its year when it is said, its place and width in percent of the strip."""

    nom: str
    annee: str
    debut: str
    largeur: str


@dataclass(frozen=True, slots=True)
class Barre:
    """The time partners have, in percent of the strip. `vague`: one of its ends is to be confirmed."""

    debut: str
    largeur: str
    vague: bool


@dataclass(frozen=True, slots=True)
class Repere:
    """A day of the strip, in percent. `genre` is « limite », « finale », « seance » or « depart »."""

    place: str
    genre: str
    titre: str


@dataclass(frozen=True, slots=True)
class Rangee:
    """A step as it is printed."""

    nature: str
    classe: str
    libelle: str
    prestations: tuple[str, ...]
    ouverture: Jour | None
    echeances: tuple[Jour, ...]
    barre: Barre | None
    reperes: tuple[Repere, ...]
    note: str


class _Bande:
    """The time of the poster: whole months, from that of the first day to that of the last."""

    def __init__(self, jours: Sequence[date]) -> None:
        premier, dernier = min(jours), max(jours)
        self.debut = premier.replace(day=1)
        self.fin = date(dernier.year, dernier.month, calendar.monthrange(dernier.year, dernier.month)[1])
        self.longueur = (self.fin - self.debut).days + 1

    def part(self, jours: int) -> str:
        """Write a number of days as a share of the strip, in percent."""
        return f"{float(Fraction(100 * jours, self.longueur)):.3f}"

    def place(self, jour: date) -> str:
        """Give where a day starts."""
        return self.part((jour - self.debut).days)

    def milieu(self, jour: date) -> str:
        """Give the middle of a day."""
        return f"{float(Fraction(100 * (2 * (jour - self.debut).days + 1), 2 * self.longueur)):.3f}"

    def mois(self) -> Iterator[Mois]:
        """Give each month; January and the first column say their year."""
        jour = self.debut
        while jour <= self.fin:
            duree = calendar.monthrange(jour.year, jour.month)[1]
            annee = str(jour.year) if jour.month == 1 or jour == self.debut else ""
            yield Mois(MOIS_COURTS[jour.month - 1], annee, self.place(jour), self.part(duree))
            jour = date(jour.year + jour.month // 12, jour.month % 12 + 1, 1)


def affiche_html(
    annee: int, lignes: Sequence[LigneAffiche], prestations: Mapping[str, str], sources: Sequence[str], caf: str
) -> str:
    """Write the poster of a year; `prestations` gives the full name of each code."""
    bande = _Bande([jour for ligne in lignes for jour in _jours(ligne)])
    return gabarit("affiche.html").render(
        annee=annee,
        caf=caf,
        mois=list(bande.mois()),
        rangees=[_rangee(ligne, annee, bande, prestations) for ligne in lignes],
        natures=[(nature.value, nom) for nature, nom in NATURES.items()],
        sigles=sorted((code, nom) for code, nom in prestations.items() if est_un_sigle(code)),
        sources=sources,
    )


def _jours(ligne: LigneAffiche) -> list[date]:
    e = ligne.etape
    dites = (ligne.ouverture, e.limite, e.limite_finale, e.jour, e.demandes_avant, e.a_partir_du)
    return [jour for jour in dites if jour is not None]


def _rangee(ligne: LigneAffiche, annee: int, bande: _Bande, noms: Mapping[str, str]) -> Rangee:
    etape = ligne.etape
    return Rangee(
        nature=NATURES[etape.nature],
        classe=etape.nature.value,
        libelle=etape.libelle,
        prestations=tuple(nommer_prestation(code, noms) for code in etape.prestations),
        ouverture=_ouverture(ligne, annee),
        echeances=tuple(_echeances(etape, annee)),
        barre=_barre(ligne, bande),
        reperes=tuple(_reperes(etape, bande)),
        note=etape.a_confirmer,
    )


def _ouverture(ligne: LigneAffiche, annee: int) -> Jour | None:
    etape = ligne.etape
    if etape.a_partir_du is not None:
        return Jour(_en_court(etape.a_partir_du, annee), etape.est_approximative("a_partir_du"), "à partir du")
    if ligne.ouverture is None:
        return None
    deduite = etape.ouverture is None
    return Jour(_en_court(ligne.ouverture, annee), deduite or etape.est_approximative("ouverture"))


def _echeances(etape: Etape, annee: int) -> Iterator[Jour]:
    if etape.limite is not None:
        yield Jour(_en_court(etape.limite, annee), etape.est_approximative("limite"))
    if etape.limite_finale is not None:
        vague = etape.est_approximative("limite_finale")
        yield Jour(_en_court(etape.limite_finale, annee), vague, "dernier délai")
    if etape.demandes_avant is not None:
        vague = etape.est_approximative("demandes_avant")
        yield Jour(_en_court(etape.demandes_avant, annee), vague, "demandes")
    if etape.jour is not None:
        yield Jour(_en_court(etape.jour, annee), etape.est_approximative("jour"), "séance")


def _barre(ligne: LigneAffiche, bande: _Bande) -> Barre | None:
    etape = ligne.etape
    if ligne.ouverture is None or etape.limite is None:
        return None
    vague = etape.ouverture is None or etape.est_approximative("ouverture") or etape.est_approximative("limite")
    return Barre(bande.place(ligne.ouverture), bande.part((etape.limite - ligne.ouverture).days + 1), vague)


def _reperes(etape: Etape, bande: _Bande) -> Iterator[Repere]:
    for genre, jour in (
        ("limite", etape.limite or etape.demandes_avant),
        ("finale", etape.limite_finale),
        ("seance", etape.jour),
        ("depart", etape.a_partir_du),
    ):
        if jour is not None:
            yield Repere(bande.milieu(jour), genre, f"{jour.day} {MOIS[jour.month - 1]}")


def _en_court(jour: date, annee: int) -> str:
    """Write « dim. 8 févr. », with the year when it is another one; the words hold together."""
    quantieme = "1er" if jour.day == 1 else str(jour.day)
    mots = [f"{JOURS[jour.weekday()][:3]}.", quantieme, MOIS_COURTS[jour.month - 1]]
    return INSECABLE.join([*mots, str(jour.year)] if jour.year != annee else mots)
