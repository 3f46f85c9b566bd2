"""The forms: config/formulaires/<PRESTATION>.yaml read strictly into `regles.champs.Formulaire`."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import field_validator, model_validator

from regles.baremes import Statut
from regles.champs import Champ, Formulaire, Origine, Total, TypeChamp
from schemas.configuration.yaml_strict import Chemin, ErreurDeConfiguration, ModeleStrict, charger, lire_yaml

_CLE = re.compile(r"[a-z][a-z0-9_]*")
_FEUILLE = re.compile(r"[^\[\]:*?/\\']{1,31}")
_CLES_RESERVEES = frozenset({"structure", "prestation", "nature", "exercice", "etape", "version"})


class _ChampLu(ModeleStrict):
    cle: str
    libelle: str
    type: TypeChamp
    unite: str
    aide: str = ""
    obligatoire: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimales: int = 2
    compte: str = ""
    dont_de: str = ""

    @field_validator("cle")
    @classmethod
    def _cle_simple(cls, cle: str) -> str:
        if not _CLE.fullmatch(cle) or cle in _CLES_RESERVEES:
            raise ValueError(
                f"clé de champ « {cle} » impossible : minuscules sans accent, chiffres et « _ », non réservée"
            )
        return cle

    @field_validator("decimales")
    @classmethod
    def _decimales_tenables(cls, decimales: int) -> int:
        if not 0 <= decimales <= 4:
            raise ValueError(f"decimales vaut {decimales} : de 0 à 4 attendu")
        return decimales

    @model_validator(mode="after")
    def _bornes_ordonnees(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"{self.cle} : le minimum {self.minimum} dépasse le maximum {self.maximum}")
        return self

    def en_champ(self, feuille: str, section: str, sens: str, origine: Origine) -> Champ:
        sans_decimale = self.type not in {TypeChamp.DECIMAL, TypeChamp.EUROS}
        return Champ(
            cle=self.cle,
            libelle=self.libelle,
            feuille=feuille,
            section=section,
            type=self.type,
            unite=self.unite,
            aide=self.aide,
            obligatoire=self.obligatoire,
            minimum=self.minimum,
            maximum=self.maximum,
            decimales=0 if sans_decimale else self.decimales,
            compte=self.compte,
            sens=sens,
            dont_de=self.dont_de,
            origine=origine,
        )


class _SectionLue(ModeleStrict):
    nom: str
    sens: Literal["", "charge", "produit"] = ""
    champs: tuple[_ChampLu, ...]


class _FeuilleLue(ModeleStrict):
    nom: str
    sections: tuple[_SectionLue, ...]

    @field_validator("nom")
    @classmethod
    def _nom_de_feuille(cls, nom: str) -> str:
        if not _FEUILLE.fullmatch(nom):
            raise ValueError(f"nom de feuille « {nom} » refusé par les tableurs (31 caractères, sans [ ] : * ? / \\ ')")
        return nom


class _TotalLu(ModeleStrict):
    cle: str
    libelle: str
    unite: str
    somme_de: tuple[str, ...]
    statut: Statut
    note: str


class _FormulaireLu(ModeleStrict):
    prestation: str
    libelle: str
    version: str
    caf: tuple[_ChampLu, ...] = ()
    feuilles: tuple[_FeuilleLue, ...]
    totaux: tuple[_TotalLu, ...] = ()

    def places(self) -> Iterator[tuple[Chemin, Champ]]:
        """Give each field with its path in the YAML, in reading order."""
        for i, lu in enumerate(self.caf):
            yield ("caf", i), lu.en_champ("", "Caf", "", Origine.CAF)
        for f, feuille in enumerate(self.feuilles):
            for s, section in enumerate(feuille.sections):
                for c, lu in enumerate(section.champs):
                    chemin = ("feuilles", f, "sections", s, "champs", c)
                    yield chemin, lu.en_champ(feuille.nom, section.nom, section.sens, Origine.PARTENAIRE)


def _incoherences(lu: _FormulaireLu) -> Iterator[tuple[Chemin, str]]:
    """Give what no single field shows: repeated keys or accounts, parts and totals of unknown fields."""
    champs = {champ.cle: champ for _, champ in lu.places()}
    vus: dict[str, str] = {}
    for chemin, champ in lu.places():
        for nom, valeur in (("clé", champ.cle), ("compte", champ.compte)):
            if valeur and f"{nom} {valeur}" in vus:
                yield chemin, f"{nom} déjà utilisé par un autre champ : « {valeur} »"
            vus[f"{nom} {valeur}"] = champ.cle
        if champ.origine is Origine.PARTENAIRE and champ.type is TypeChamp.TEXTE:
            yield chemin, f"{champ.cle} : un texte libre ne se demande pas à un partenaire"
        if champ.dont_de and (champ.dont_de not in champs or champs[champ.dont_de].type is not champ.type):
            yield chemin, f"{champ.cle} : « dont_de » nomme « {champ.dont_de} », qui n'est pas un champ du même type"
    for i, total in enumerate(lu.totaux):
        if total.cle in champs:
            yield ("totaux", i), f"le total « {total.cle} » porte la clé d'un champ"
        for cle in total.somme_de:
            if cle not in champs or champs[cle].type is not TypeChamp.EUROS:
                yield (
                    ("totaux", i),
                    f"le total « {total.cle} » additionne « {cle} », qui n'est pas un montant du formulaire",
                )


def charger_formulaire(config: Path, prestation: str) -> Formulaire:
    """Read the form of a prestation (`config`: the configuration folder).

    Raises:
        ErreurDeConfiguration: missing file, unknown or repeated key, contradiction; with file, line and French reason.
    """
    fichier = config / "formulaires" / f"{prestation}.yaml"
    lu = charger(fichier, _FormulaireLu)
    _, lignes = lire_yaml(fichier)
    if lu.prestation != prestation:
        raise ErreurDeConfiguration(
            fichier, lignes[("prestation",)], f"le fichier de {prestation} décrit « {lu.prestation} »"
        )
    for chemin, raison in _incoherences(lu):
        raise ErreurDeConfiguration(fichier, lignes[chemin], raison)
    return Formulaire(
        lu.prestation,
        lu.libelle,
        lu.version,
        tuple(champ for _, champ in lu.places()),
        tuple(Total(t.cle, t.libelle, t.unite, t.somme_de, t.statut, t.note) for t in lu.totaux),
    )
