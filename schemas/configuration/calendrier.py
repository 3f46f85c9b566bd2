"""The partners' calendar as data: config/calendrier/<year>.yaml, checked step by step."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, ValidationError, ValidationInfo, field_validator, model_validator

from regles.calendrier import Calendrier, Etape, NatureEtape, nommer_prestation
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, fautes_de, lire_yaml

Jour = Annotated[date, Field(strict=True)]
Entier = Annotated[int, Field(strict=True, ge=2000, le=2100)]
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifiant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]

DATES = (
    "ouverture",
    "limite",
    "derniere_relance",
    "limite_finale",
    "jour",
    "demandes_avant",
    "a_partir_du",
    "date_limite",
)
# For each date: the dates that it may not precede, and the word used in the refusal.
NE_PRECEDE_PAS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "limite": (("ouverture", "la limite"),),
    "derniere_relance": (("ouverture", "la dernière relance"),),
    "limite_finale": (("limite", "la limite finale"), ("derniere_relance", "la limite finale")),
    "date_limite": (("ouverture", "la date limite"),),
}


class EtapeFichier(ModeleStrict):
    """One step as written. Dates are declared in the order in which they are compared."""

    id: Identifiant
    nature: NatureEtape
    libelle: Texte
    exercice: Entier | None = None
    canal: Texte | None = None
    prestations: tuple[str, ...] = ()
    ouverture: Jour | None = None
    limite: Jour | None = None
    derniere_relance: Jour | None = None
    limite_finale: Jour | None = None
    jour: Jour | None = None
    demandes_avant: Jour | None = None
    a_partir_du: Jour | None = None
    date_limite: Jour | None = None
    approximations: dict[str, Texte] = Field(default_factory=dict)
    a_confirmer: Texte | None = None

    @field_validator(*NE_PRECEDE_PAS)
    @classmethod
    def _dans_l_ordre(cls, valeur: date | None, info: ValidationInfo) -> date | None:
        for autre, nom in NE_PRECEDE_PAS[info.field_name or ""]:
            avant = info.data.get(autre)
            if valeur is not None and avant is not None and valeur < avant:
                raise ValueError(f"{nom} ({valeur:%d/%m/%Y}) précède « {autre} » ({avant:%d/%m/%Y})")
        return valeur

    @field_validator("derniere_relance")
    @classmethod
    def _apres_l_ouverture(cls, valeur: date | None, info: ValidationInfo) -> date | None:
        if valeur is not None and valeur == info.data.get("ouverture"):
            raise ValueError("une relance ne part pas le jour de l'ouverture")
        return valeur

    @field_validator("demandes_avant")
    @classmethod
    def _avant_la_commission(cls, valeur: date | None, info: ValidationInfo) -> date | None:
        jour = info.data.get("jour")
        if valeur is not None and (jour is None or valeur > jour):
            raise ValueError("« demandes_avant » se place avant le « jour » de la commission")
        return valeur

    @field_validator("approximations")
    @classmethod
    def _dates_presentes(cls, valeur: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for champ in valeur:
            if champ not in DATES:
                raise ValueError(f"approximation d'un champ qui n'est pas une date : « {champ} »")
            if info.data.get(champ) is None:
                raise ValueError(f"approximation d'une date absente : « {champ} »")
        return valeur

    @model_validator(mode="after")
    def _complete(self) -> Self:
        exigees: tuple[str, ...] = ("limite",)
        if self.nature.est_declaration:
            exigees = ("exercice", "prestations", "ouverture", "limite")
        elif self.nature is NatureEtape.COMMISSION:
            exigees = ("jour",)
        elif self.nature is NatureEtape.VERSEMENT:
            exigees = ("exercice", "a_partir_du")
        manquantes = [champ for champ in exigees if not getattr(self, champ)]
        if manquantes:
            raise ValueError(f"l'étape « {self.id} » ({self.nature}) n'a pas de « {' », « '.join(manquantes)} »")
        if self.limite_finale is None and self.derniere_relance and self.limite and self.derniere_relance > self.limite:
            raise ValueError(f"étape « {self.id} » : une relance après la limite demande une « limite_finale »")
        if self.limite is None and (self.derniere_relance or self.limite_finale):
            raise ValueError(f"étape « {self.id} » : relance ou limite finale sans « limite »")
        return self

    def dates(self) -> tuple[date, ...]:
        """Give the dates that the step carries."""
        return tuple(d for d in (getattr(self, champ) for champ in DATES) if d is not None)

    def en_etape(self, noms: Mapping[str, str]) -> Etape:
        """Give the domain's step; `noms` gives the full name of each prestation."""
        champs = self.model_dump(exclude={"approximations", "canal", "a_confirmer"})
        return Etape(
            **champs,
            approximations=tuple(self.approximations.items()),
            canal=self.canal or "",
            a_confirmer=self.a_confirmer or "",
            noms=tuple(nommer_prestation(code, noms) for code in self.prestations),
        )


class CalendrierFichier(ModeleStrict):
    """Content of a calendar file. `releve_le` is the day the source carries."""

    annee: Entier
    source: Texte
    releve_le: Jour
    prestations: dict[str, Texte]
    etapes: Annotated[tuple[EtapeFichier, ...], Field(min_length=1)]

    def en_calendrier(self) -> Calendrier:
        """Give the domain's calendar."""
        etapes = tuple(e.en_etape(self.prestations) for e in self.etapes)
        return Calendrier(self.annee, tuple(self.prestations.items()), etapes, self.source, self.releve_le)


def charger_calendrier(fichier: Path) -> Calendrier:
    """Read the calendar of a year; the file is named after it (« 2026.yaml »).

    Raises:
        ErreurDeConfiguration: at the line of the first fault: dates out of order, unknown prestation or nature,
            repeated id, a declaration without exercice, an approximation of an absent date, wrong year…
    """
    lu, fautes = _lire(fichier)
    if lu is None or fautes:
        raise fautes[0]
    return lu.en_calendrier()


def charger_calendriers(dossier: Path) -> tuple[Calendrier, ...]:
    """Read every calendar of a folder, oldest first.

    Raises:
        ErreurDeConfiguration: no calendar at all, the first fault of a file, or an id that two files share.
    """
    fichiers = sorted(dossier.glob("*.yaml"))
    if not fichiers:
        raise ErreurDeConfiguration(dossier, 0, "aucun calendrier (un fichier par année, « 2026.yaml »)")
    lus = [(fichier, charger_calendrier(fichier)) for fichier in fichiers]
    connus: dict[str, str] = {}
    for fichier, calendrier in lus:
        for faute in _deja_publies(fichier, calendrier.etapes, connus):
            raise faute
        connus |= {etape.id: fichier.name for etape in calendrier.etapes}
    return tuple(calendrier for _, calendrier in lus)


def fautes_du_calendrier(fichier: Path, publies: Iterable[Path] = ()) -> list[ErreurDeConfiguration]:
    """Give every fault of a calendar file, by line, against those published (itself left out); none when it is sound.

    What is not YAML, an unquoted decimal or a repeated key hides what follows: it then stands alone.
    """
    try:
        lu, fautes = _lire(fichier)
    except ErreurDeConfiguration as faute:
        return [faute]
    if lu is not None:
        connus: dict[str, str] = {}
        for autre in publies:
            if autre.resolve() != fichier.resolve():
                connus |= {etape.id: autre.name for etape in charger_calendrier(autre).etapes}
        fautes += _deja_publies(fichier, lu.etapes, connus)
    return sorted(fautes, key=lambda faute: faute.ligne)


def _lire(fichier: Path) -> tuple[CalendrierFichier | None, list[ErreurDeConfiguration]]:
    """Read a file and every fault it holds; without its contents when they have not the shape of a calendar."""
    valeurs, lignes = lire_yaml(fichier)
    lu: CalendrierFichier | None = None
    fautes: list[ErreurDeConfiguration] = []
    try:
        lu = CalendrierFichier.model_validate(valeurs)
    except ValidationError as erreurs:
        fautes = fautes_de(fichier, lignes, erreurs)
    fautes += [ErreurDeConfiguration(fichier, lignes.get(ou, 0), dite) for dite, ou in _incoherences(fichier, valeurs)]
    return lu, fautes


def _incoherences(fichier: Path, valeurs: Any) -> Iterator[tuple[str, Chemin]]:
    """Give what contradicts the rest of the file, a reason and where, among the steps that are well formed."""
    match valeurs:
        case {"annee": int(annee), "prestations": dict(prestations), "etapes": list(etapes)}:
            pass
        case _:
            return
    if fichier.stem != str(annee):
        yield f"le fichier porte l'année {annee} et s'appelle « {fichier.name} »", ("annee",)
    vues: set[str] = set()
    for rang, ecrite in enumerate(etapes):
        try:
            etape = EtapeFichier.model_validate(ecrite)
        except ValidationError:
            continue
        ou = ("etapes", rang)
        if etape.id in vues:
            yield f"identifiant répété : « {etape.id} »", (*ou, "id")
        vues.add(etape.id)
        for position, code in enumerate(etape.prestations):
            if code not in prestations:
                yield f"prestation inconnue : « {code} »", (*ou, "prestations", position)
            if code in etape.prestations[:position]:
                yield f"prestation répétée : « {code} »", (*ou, "prestations", position)
        yield from ((raison, (*ou, champ)) for raison, champ in _hors_de_l_annee(annee, etape))


def _hors_de_l_annee(annee: int, etape: EtapeFichier) -> Iterator[tuple[str, str]]:
    """Give what is too far from the year: a slip of the keyboard (« 2062 ») would put a step off for ever."""
    voisines = range(annee - 1, annee + 2)
    if etape.exercice is not None and etape.exercice not in voisines:
        yield f"l'exercice {etape.exercice} est trop loin de {annee}", "exercice"
    for champ in DATES:
        jour: date | None = getattr(etape, champ)
        if jour is not None and jour.year not in voisines:
            yield f"« {champ} » ({jour:%d/%m/%Y}) est trop loin de {annee}", champ
    if not any(d.year == annee for d in etape.dates()):
        yield f"aucune date de « {etape.id} » n'est en {annee}", "id"


def _deja_publies(
    fichier: Path, etapes: Iterable[Etape | EtapeFichier], connus: Mapping[str, str]
) -> list[ErreurDeConfiguration]:
    """Give the steps that another file already publishes, under the same id."""
    _, lignes = lire_yaml(fichier)
    return [
        ErreurDeConfiguration(
            fichier, lignes.get(("etapes", rang, "id"), 0), f"identifiant répété : « {e.id} » est dans {connus[e.id]}"
        )
        for rang, e in enumerate(etapes)
        if e.id in connus
    ]
