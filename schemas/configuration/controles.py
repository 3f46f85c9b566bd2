"""The thresholds of the controls: config/controles/<PRESTATION>.yaml read strictly into `regles.controles.Seuils`."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import field_validator, model_validator

from regles.anomalies import Severite
from regles.baremes import Statut
from regles.champs import Formulaire, TypeChamp
from regles.controles import Cout, Rapport, Reference, Seuil, Seuils, Somme, Variation
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml


def _positif(valeur: Decimal | None) -> Decimal | None:
    if valeur is not None and valeur < 0:
        raise ValueError(f"un seuil ou un écart toléré n'est pas négatif (lu : {valeur})")
    return valeur


class _Source(ModeleStrict):
    """How sure a threshold is, and where it comes from."""

    statut: Statut
    source: str

    @field_validator("source")
    @classmethod
    def _source_dite(cls, source: str) -> str:
        if not source.strip():
            raise ValueError("un seuil dit d'où il vient, même « choix local »")
        return source


class _SeuilLu(_Source):
    cle: str
    libelle: str
    valeur: Decimal
    unite: str


class _SommeLue(_Source):
    parties: tuple[str, ...]
    total: str
    severite: Literal["bloquante", "alerte"]

    @field_validator("parties")
    @classmethod
    def _au_moins_deux(cls, parties: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(parties)) < 2:
            raise ValueError("une somme a au moins deux parties (une seule part se dit « dont_de » dans le formulaire)")
        return parties


class _RapportLu(_Source):
    libelle: str
    numerateur: tuple[str, ...]
    denominateur: tuple[str, ...]
    unite: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    _bornes = field_validator("minimum", "maximum")(_positif)

    @model_validator(mode="after")
    def _borne(self) -> Self:
        if not self.numerateur or not self.denominateur:
            raise ValueError(f"« {self.libelle} » : un rapport a un numérateur et un dénominateur")
        if self.minimum is None and self.maximum is None:
            raise ValueError(f"« {self.libelle} » : un rapport a un minimum ou un maximum")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"« {self.libelle} » : le minimum {self.minimum} dépasse le maximum {self.maximum}")
        return self


class _CoutLu(_Source):
    ligne: str
    libelle: str
    champs: tuple[str, ...]
    plafond: str
    divise_par: str = ""
    facteur: Decimal | None = None
    n_1: Decimal | None = None

    _n_1_positif = field_validator("n_1")(_positif)

    @field_validator("facteur")
    @classmethod
    def _au_dessus_d_un(cls, facteur: Decimal | None) -> Decimal | None:
        if facteur is not None and facteur <= 1:
            raise ValueError(f"un coût n'est improbable qu'à plus d'une fois le plafond (lu : {facteur})")
        return facteur

    @field_validator("champs")
    @classmethod
    def _au_moins_un(cls, champs: tuple[str, ...]) -> tuple[str, ...]:
        if not champs:
            raise ValueError("un coût dit de quelles réponses il vient")
        return champs


class _VariationLue(ModeleStrict):
    cle: str
    actualisation: Decimal | None = None
    previsionnel: Decimal | None = None
    n_1: Decimal | None = None
    ecart_minimal: Decimal

    _ecarts_positifs = field_validator("actualisation", "previsionnel", "n_1", "ecart_minimal")(_positif)

    @property
    def seuils(self) -> Mapping[Reference, Decimal]:
        return {r: seuil for r in Reference if (seuil := getattr(self, r.value)) is not None}

    @model_validator(mode="after")
    def _une_reference(self) -> Self:
        if not self.seuils:
            raise ValueError(f"« {self.cle} » : aucune référence n'a de seuil, rien ne serait comparé")
        return self


class _VariationsLues(_Source):
    champs: tuple[_VariationLue, ...]


class _ControlesLus(ModeleStrict):
    prestation: str
    seuils: tuple[_SeuilLu, ...] = ()
    sommes: tuple[_SommeLue, ...] = ()
    rapports: tuple[_RapportLu, ...] = ()
    couts: tuple[_CoutLu, ...] = ()
    variations: _VariationsLues

    def citees(self) -> Iterator[tuple[Chemin, str]]:
        """Give each field or total that a control reads, with its path in the YAML."""
        listes = (
            *((("sommes", i), "parties", somme.parties) for i, somme in enumerate(self.sommes)),
            *((("rapports", i), "numerateur", rapport.numerateur) for i, rapport in enumerate(self.rapports)),
            *((("rapports", i), "denominateur", rapport.denominateur) for i, rapport in enumerate(self.rapports)),
            *((("couts", i), "champs", cout.champs) for i, cout in enumerate(self.couts)),
        )
        for chemin, nom, cles in listes:
            yield from (((*chemin, nom, rang), cle) for rang, cle in enumerate(cles))
        yield from ((("sommes", i, "total"), somme.total) for i, somme in enumerate(self.sommes))
        yield from ((("variations", "champs", i, "cle"), v.cle) for i, v in enumerate(self.variations.champs))

    def uniques(self) -> Iterator[tuple[Chemin, str, str]]:
        """Give each key that must be there once, with its path and what it is called."""
        yield from ((("seuils", i, "cle"), "seuil", s.cle) for i, s in enumerate(self.seuils))
        yield from ((("couts", i, "ligne"), "coût", c.ligne) for i, c in enumerate(self.couts))
        yield from (
            (("variations", "champs", i, "cle"), "variation", v.cle) for i, v in enumerate(self.variations.champs)
        )


def _fautes(lus: _ControlesLus, formulaire: Formulaire) -> Iterator[tuple[Chemin, str]]:
    """Give what no single line shows: another prestation, repeated keys, figures that the form does not ask."""
    if lus.prestation != formulaire.prestation:
        yield ("prestation",), f"le fichier de {formulaire.prestation} décrit « {lus.prestation} »"
    vus: set[tuple[str, str]] = set()
    for chemin, nom, cle in lus.uniques():
        if (nom, cle) in vus:
            yield chemin, f"{nom} répété : « {cle} »"
        vus.add((nom, cle))
    nombres = {c.cle for c in formulaire.champs if c.type not in {TypeChamp.OUI_NON, TypeChamp.TEXTE}}
    nombres |= {t.cle for t in formulaire.totaux}
    for chemin, cle in lus.citees():
        if cle not in nombres:
            yield chemin, f"« {cle} » n'est ni un nombre ni un total du formulaire"


def charger_seuils(config: Path, formulaire: Formulaire) -> Seuils:
    """Read the thresholds of a form's prestation (`config`: the configuration folder).

    Raises:
        ErreurDeConfiguration: missing file, unknown or repeated key, unknown field; with file, line and French reason.
    """
    fichier = config / "controles" / f"{formulaire.prestation}.yaml"
    if not fichier.is_file():
        raison = (
            f"la prestation {formulaire.prestation} a un formulaire mais pas de contrôles : écrivez ce fichier dans "
            f"{fichier.parent.name}/, à côté des autres"
        )
        raise ErreurDeConfiguration(fichier, 0, raison)
    lus = charger(fichier, _ControlesLus)
    for chemin, raison in _fautes(lus, formulaire):
        _, lignes = lire_yaml(fichier)
        raise ErreurDeConfiguration(fichier, lignes[chemin], raison)
    return Seuils(
        lus.prestation,
        tuple(Seuil(s.cle, s.libelle, s.valeur, s.unite, s.statut, s.source) for s in lus.seuils),
        tuple(Somme(s.parties, s.total, Severite(s.severite)) for s in lus.sommes),
        tuple(Rapport(r.libelle, r.numerateur, r.denominateur, r.unite, r.minimum, r.maximum) for r in lus.rapports),
        tuple(Cout(c.ligne, c.libelle, c.champs, c.plafond, c.divise_par, c.facteur, c.n_1) for c in lus.couts),
        tuple(Variation(v.cle, v.seuils, v.ecart_minimal) for v in lus.variations.champs),
    )
