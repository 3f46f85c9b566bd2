"""The partners' calendar as data: config/calendrier/<year>.yaml, checked step by step."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from regles.calendrier import Calendrier, Etape, NatureEtape
from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

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

    def en_etape(self) -> Etape:
        """Give the domain's step."""
        champs = self.model_dump(exclude={"approximations", "canal", "a_confirmer"})
        return Etape(
            **champs,
            approximations=tuple(self.approximations.items()),
            canal=self.canal or "",
            a_confirmer=self.a_confirmer or "",
        )


class CalendrierFichier(ModeleStrict):
    """Content of a calendar file. `releve_le` is the day the source carries."""

    annee: Entier
    source: Texte
    releve_le: Jour
    prestations: dict[str, Texte]
    etapes: tuple[EtapeFichier, ...]


def charger_calendrier(fichier: Path) -> Calendrier:
    """Read the calendar of a year; the file is named after it (« 2026.yaml »).

    Raises:
        ErreurDeConfiguration: at the line of the first fault: dates out of order, unknown prestation or nature,
            repeated id, a declaration without exercice, an approximation of an absent date, wrong year…
    """
    lu = charger(fichier, CalendrierFichier)
    _, lignes = lire_yaml(fichier)

    def refuser(raison: str, *chemin: str | int) -> None:
        raise ErreurDeConfiguration(fichier, lignes.get(chemin, 0), raison)

    if fichier.stem != str(lu.annee):
        refuser(f"le fichier porte l'année {lu.annee} et s'appelle « {fichier.name} »", "annee")
    vues: set[str] = set()
    for rang, etape in enumerate(lu.etapes):
        if etape.id in vues:
            refuser(f"identifiant répété : « {etape.id} »", "etapes", rang, "id")
        vues.add(etape.id)
        for position, code in enumerate(etape.prestations):
            if code not in lu.prestations:
                refuser(f"prestation inconnue : « {code} »", "etapes", rang, "prestations", position)
            if code in etape.prestations[:position]:
                refuser(f"prestation répétée : « {code} »", "etapes", rang, "prestations", position)
        if not any(d.year == lu.annee for d in etape.dates()):
            refuser(f"aucune date de « {etape.id} » n'est en {lu.annee}", "etapes", rang, "id")
    return Calendrier(lu.annee, tuple(lu.prestations.items()), tuple(e.en_etape() for e in lu.etapes))
