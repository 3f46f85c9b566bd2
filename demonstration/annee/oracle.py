"""Who owes what, told from what the partners did and from the published calendar: never from the system's queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from demonstration.annee.conduites import Envoi
from demonstration.annee.dispositifs import partenaires
from demonstration.annee.dossiers import PREMIERE, Remise, audience
from demonstration.annee.horloge import Heure
from demonstration.hasard import adresse
from demonstration.lieux import EAJE
from demonstration.reseau import charger_reseau
from operations.configuration import CANAL_COLLECTE, calendriers, demarche, plan_relances
from operations.contexte import Contexte
from regles.calendrier import Etape, NatureEtape


@dataclass(slots=True)
class Oracle:
    """What each step expects (by id: codes), when each one began to answer, and when nothing more was owed.

    `adresses`: who is written to about a code, of a structure or of a partner. `pieces`: the mandatory documents of a
    step that takes some. `facultatives`: the steps that nobody owes an answer to before having begun one.
    """

    etapes: Mapping[str, Etape]
    fins: Mapping[str, date]
    attendus: Mapping[str, frozenset[str]]
    adresses: Mapping[str, frozenset[str]]
    pieces: Mapping[str, frozenset[str]]
    facultatives: frozenset[str]
    commence: dict[tuple[str, str], datetime] = field(default_factory=dict)
    quitte: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _recues: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def apprendre_envoi(self, envoi: Envoi, jour: date) -> None:
        """Learn that a partner has dropped a file on a day: a right one that comes before the closing is an answer."""
        if envoi.juste and jour <= self.fins[envoi.etape]:
            self.quitte.setdefault((envoi.etape, envoi.structure), Heure.PARTENAIRES.du(jour))

    def apprendre_remise(self, remise: Remise, jour: date) -> None:
        """Learn that the team has recorded a document, or that a partner gives up, on a day."""
        qui, instant = (remise.etape, remise.code), Heure.EQUIPE.du(jour)
        self.commence.setdefault(qui, instant)
        recues = self._recues.setdefault(qui, set())
        recues.add(remise.piece)
        if not remise.piece or self.pieces[remise.etape] <= recues:
            self.quitte.setdefault(qui, instant)

    def doit(self, etape: str, code: str, a: datetime, *, a_l_ouverture: bool = False) -> bool:
        """Whether somebody still owes an answer to a step at an instant, or may give one when it opens."""
        fin, debut = self.quitte.get((etape, code)), self.commence.get((etape, code))
        if code not in self.attendus[etape] or (fin is not None and fin <= a):
            return False
        return a_l_ouverture or etape not in self.facultatives or (debut is not None and debut <= a)

    def redevables(self, etape: str, a: datetime, *, a_l_ouverture: bool = False) -> frozenset[str]:
        """Give the codes that owe an answer to a step at an instant."""
        return frozenset(c for c in self.attendus[etape] if self.doit(etape, c, a, a_l_ouverture=a_l_ouverture))

    def de(self, adresse: str, codes: Iterable[str]) -> frozenset[str]:
        """Keep the codes that a person answers for."""
        return frozenset(code for code in codes if adresse in self.adresses[code])

    def demande_incomplete(self, adresse: str, a: datetime) -> bool:
        """Whether a person's partner has made a request whose documents have not all come."""
        return any(
            adresse in self.adresses[code]
            and etape in self.facultatives
            and PREMIERE in recues
            and self.doit(etape, code, a)
            for (etape, code), recues in self._recues.items()
        )


def consulter(contexte: Contexte) -> Oracle:
    """Read the calendar, config/demarches.yaml and the invented network."""
    etapes = {e.id: e for c in calendriers(contexte) for e in c.etapes}
    reseau = charger_reseau(contexte.reglages.config)
    suivies = {i: demarche(contexte, e) for i, e in etapes.items()}
    par_partenaire = partenaires(reseau)
    return Oracle(
        etapes=etapes,
        fins={i: _fin(e, plan_relances(contexte, e).delai_cloture) for i, e in etapes.items()},
        attendus={
            i: audience(contexte, reseau, e)
            or frozenset(x.code for x in reseau.equipements if x.prestation in _prestations(e))
            for i, e in etapes.items()
        },
        adresses={
            code: frozenset(adresse(nom, gestionnaire.domaine) for nom in gestionnaire.contacts)
            for partenaire, gestionnaire in par_partenaire.items()
            for code in (partenaire, *(structure.code for structure in gestionnaire.structures))
        },
        pieces={i: frozenset(p.code for p in s.pieces if p.obligatoire) for i, s in suivies.items()},
        facultatives=frozenset(i for i, s in suivies.items() if s.facultative),
    )


def _prestations(etape: Etape) -> tuple[str, ...]:
    if etape.nature is NatureEtape.FILOUE:
        return (EAJE,)
    return etape.prestations if etape.nature.est_declaration and etape.canal == CANAL_COLLECTE else ()


def _fin(etape: Etape, delai: int) -> date:
    limite = etape.demandes_avant or etape.limite or date.max - timedelta(days=delai)
    return etape.limite_finale or limite + timedelta(days=delai)
