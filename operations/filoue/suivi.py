"""The response rate of a Filoué campaign, week by week, against its target, and who is missing."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from modeles.base import transaction
from modeles.requetes_filoue import fichiers_de_l_etape
from operations.attendus import jour_d_ouverture, reponses, structures_de_l_etape
from operations.configuration import calendriers, etape, reglages_filoue
from operations.contexte import ActeRefuse, Contexte
from operations.filoue.depot import etape_de_depot
from regles.calendrier import PARIS, NatureEtape, nommer_etape
from regles.etats import EtatDepot
from regles.monnaie import arrondir, formater_nombre

SEMAINE = timedelta(days=7)
REPONDU = {EtatDepot.ACCEPTE, EtatDepot.REMPLACE}


@dataclass(frozen=True, slots=True)
class Semaine:
    """How many structures had answered by the end of a week that starts on a Monday, or by the day of the follow-up."""

    debut: date
    recues: int


@dataclass(frozen=True, slots=True)
class Manquante:
    """A structure without an accepted file, and what is known of it."""

    code: str
    nom: str
    gestionnaire: str
    territoire: str
    etat: str


@dataclass(frozen=True, slots=True)
class SuiviFiloue:
    """Where a campaign stands on a day. `cible` is a share; `oppositions` is a count, None when no partner gave any."""

    etape: str
    libelle: str
    exercice: int
    jour: date
    limite: date | None
    attendues: int
    recues: int
    cible: Fraction
    semaines: tuple[Semaine, ...]
    manquantes: tuple[Manquante, ...]
    enfants: int
    alertes: int
    oppositions: int | None
    mention: str

    @property
    def taux(self) -> Fraction:
        """The response rate, a share."""
        return Fraction(self.recues, self.attendues) if self.attendues else Fraction(0)

    @property
    def phrase(self) -> str:
        """« Campagne Filoué 2026 … : 24 reçus sur 29, soit 82,8 % (cible 100 %). »."""
        return (
            f"{self.libelle} : {self.recues} reçus sur {self.attendues}, soit {pourcentage(self.taux)} "
            f"(cible {pourcentage(self.cible)})."
        )

    def part(self, semaine: Semaine) -> Fraction:
        """The response rate at the end of a week."""
        return Fraction(semaine.recues, self.attendues) if self.attendues else Fraction(0)


def suivre(contexte: Contexte, jour: date | None = None, identifiant: str = "") -> SuiviFiloue:
    """Follow a Filoué campaign: the one named, else that of the day.

    Raises:
        ActeRefuse: no such campaign.
    """
    ce_jour = contexte.maintenant(jour).date()
    suivie = etape(contexte, identifiant) if identifiant else etape_de_depot(contexte, ce_jour)
    if suivie is None or suivie.nature is not NatureEtape.FILOUE:
        connues = [e.id for c in calendriers(contexte) for e in c.etapes if e.nature is NatureEtape.FILOUE]
        raise ActeRefuse(f"Ce n'est pas une campagne Filoué ; au calendrier : {', '.join(connues) or 'aucune'}.")
    with transaction(contexte.moteur) as session:
        attendues = structures_de_l_etape(contexte, session, suivie)
        dites = reponses(session, suivie, [s for s, _ in attendues])
        siennes = {s.id or 0 for s, _ in attendues}
        fichiers = [f for f in fichiers_de_l_etape(session, suivie.id) if f.structure_id in siennes]
        debut = jour_d_ouverture(contexte, session, suivie)
    premiers: dict[int, date] = {}
    for fichier in fichiers:
        if fichier.etat in REPONDU:
            premiers.setdefault(fichier.structure_id or 0, fichier.recu_le.astimezone(PARIS).date())
    acceptes = [f for f in fichiers if f.etat is EtatDepot.ACCEPTE]
    dits = [f.oppositions for f in acceptes if f.oppositions is not None]
    manquantes = tuple(
        Manquante(s.code, s.nom, p.nom, s.epci, dites[s.id or 0].etat if s.id in dites else "rien reçu")
        for s, p in attendues
        if s.id not in premiers
    )
    return SuiviFiloue(
        etape=suivie.id,
        libelle=nommer_etape(suivie),
        exercice=suivie.exercice or 0,
        jour=ce_jour,
        limite=suivie.limite,
        attendues=len(attendues),
        recues=len(premiers),
        cible=Fraction(reglages_filoue(contexte).seuils.taux_de_reponse_attendu.valeur),
        semaines=_semaines(list(premiers.values()), debut, ce_jour),
        manquantes=manquantes,
        enfants=sum(f.lignes for f in acceptes),
        alertes=sum(f.alertes for f in acceptes),
        oppositions=sum(dits) if dits else None,
        mention=contexte.reglages.mention,
    )


def _semaines(recus: list[date], debut: date | None, ce_jour: date) -> tuple[Semaine, ...]:
    """Give each week from the opening (or the first answer) to the day, whether or not something came."""
    departs = [d for d in (debut, *recus) if d is not None and d <= ce_jour]
    if not departs:
        return ()
    lundi = min(departs) - timedelta(days=min(departs).weekday())
    semaines = []
    while lundi <= ce_jour:
        semaines.append(Semaine(lundi, sum(r < lundi + SEMAINE and r <= ce_jour for r in recus)))
        lundi += SEMAINE
    return tuple(semaines)


def pourcentage(part: Fraction) -> str:
    """Write a share, « 82,8 % »."""
    return f"{formater_nombre(arrondir(part * 100, 1))} %"


def barre(part: Fraction, largeur: int) -> str:
    """Draw a share in text."""
    pleins = int(part * largeur)
    return "█" * pleins + "░" * (largeur - pleins)
