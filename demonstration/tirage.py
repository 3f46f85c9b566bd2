"""Draw the structures of the other prestations: series of a kind, placed by population, run as in real life."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from demonstration.hasard import domaine, hasard
from demonstration.lieux import Equipement, Gestionnaire
from modeles.tables.reseau import NaturePartenaire
from schemas.configuration.referentiel import Commune
from schemas.configuration.yaml_strict import ModeleStrict

COMMUNE, EPCI = "commune", "epci"
VOYELLES = "AEIOUYÉÈÊÎÔ"
CHIFFRES = {"ALSH": 3}  # digits of a code; two elsewhere


class Serie(ModeleStrict):
    """Structures of one kind: `communes` one by one, or `nombre` of them in the most populated communes without any."""

    prestation: str
    par: tuple[str, ...]
    nom: str
    type_accueil: str | None = None
    nombre: int = 0
    communes: tuple[str, ...] = ()


class AssociationInventee(ModeleStrict):
    """An invented association, and the EPCI (SIREN) it works in: none is the whole département."""

    nom: str
    epci: tuple[str, ...]


class Series(ModeleStrict):
    """Content of config/demonstration/series.yaml."""

    series: tuple[Serie, ...]
    associations: Mapping[str, AssociationInventee]
    mots: tuple[str, ...]
    prenoms: tuple[str, ...]
    noms: tuple[str, ...]
    rues: tuple[str, ...]


def tirer(series: Series, ecrits: Sequence[Gestionnaire], communes: Mapping[str, Commune]) -> tuple[Gestionnaire, ...]:
    """Give the partners written by hand with what they run besides, then those the series call for."""
    tirage = _Tirage(series, communes, {gestionnaire.nom: gestionnaire for gestionnaire in ecrits})
    for serie in series.series:
        for gestionnaire, equipement in tirage.placer(serie):
            connu = tirage.gestionnaires.get(gestionnaire.nom, gestionnaire)
            agrandi = connu.model_copy(update={"structures": (*connu.structures, equipement)})
            tirage.gestionnaires[gestionnaire.nom] = agrandi
    return tuple(tirage.gestionnaires.values())


@dataclass(slots=True)
class _Tirage:
    """What has been drawn so far: partners by name, communes taken by kind, codes given."""

    series: Series
    communes: Mapping[str, Commune]
    gestionnaires: dict[str, Gestionnaire]
    prises: dict[tuple[str, str | None], list[str]] = field(default_factory=dict)
    rangs: Counter[str] = field(default_factory=Counter)

    def placer(self, serie: Serie) -> Iterator[tuple[Gestionnaire, Equipement]]:
        """Give each structure of a series, with who runs it."""
        prises = self.prises.setdefault((serie.prestation, serie.type_accueil), [])
        for rang in range(len(serie.communes) or serie.nombre):
            par = serie.par[rang % len(serie.par)]
            insee = serie.communes[rang] if serie.communes else self._plus_peuplee(par, prises)
            prises.append(insee)
            yield self._gestionnaire(par, self.communes[insee]), self._equipement(serie, insee)

    def _plus_peuplee(self, par: str, prises: Sequence[str]) -> str:
        territoire = () if par in {COMMUNE, EPCI} else self.series.associations[par].epci
        libres = (
            c for c in self.communes.values()
            if c.insee not in prises and (not territoire or c.epci_siren in territoire)
        )  # fmt: skip
        return max(libres, key=lambda c: (c.population, c.insee)).insee

    def _equipement(self, serie: Serie, insee: str) -> Equipement:
        self.rangs[serie.prestation] += 1
        rang = self.rangs[serie.prestation]
        mots = hasard("mots", serie.prestation).sample(self.series.mots, len(self.series.mots))
        return Equipement(
            code=f"{_sigle(serie.prestation)}{rang:0{CHIFFRES.get(serie.prestation, 2)}d}",
            nom=serie.nom.format(mot=mots[rang % len(mots)]),
            commune=insee,
            prestation=serie.prestation,
            type_accueil=serie.type_accueil,
        )

    def _gestionnaire(self, par: str, commune: Commune) -> Gestionnaire:
        """Describe who runs a structure, with the people drawn for it; one already known keeps its own."""
        if par == COMMUNE:
            nom, nature = f"Commune {_de(commune.nom)}", NaturePartenaire.COMMUNE
            chez = domaine("mairie", commune.nom)
        elif par == EPCI:
            nom, nature = commune.epci_nom, NaturePartenaire.EPCI
            chez = domaine("", commune.epci_nom)
        else:
            nom, nature = self.series.associations[par].nom, NaturePartenaire.ASSOCIATION
            chez = domaine("", par)
        alea = hasard("contacts", nom)
        nombre = 2 if nature is NaturePartenaire.ASSOCIATION else 1
        contacts = tuple(
            f"{prenom} {famille}"
            for prenom, famille in zip(
                alea.sample(self.series.prenoms, nombre), alea.sample(self.series.noms, nombre), strict=True
            )
        )
        return Gestionnaire(nom=nom, nature=nature, domaine=chez, contacts=contacts)


def _sigle(prestation: str) -> str:
    """ALSH, RPE…; the first letters of a longer name: MF, AD, CS, PJ, ER."""
    mots = prestation.split("_")
    return prestation if len(mots) == 1 else "".join(mot[0] for mot in mots)


def _de(nom: str) -> str:
    """« Éclaron » gives « d'Éclaron », « Le Montsaugeonnais » « du Montsaugeonnais »."""
    if nom.startswith("Le "):
        return f"du {nom.removeprefix('Le ')}"
    return f"d'{nom}" if nom[0] in VOYELLES else f"de {nom}"
