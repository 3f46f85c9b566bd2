"""The forms: config/formulaires/<PRESTATION>.yaml read strictly into `regles.champs.Formulaire`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from regles.baremes import Statut
from regles.champs import Champ, Formulaire, Origine, Total, TypeChamp
from schemas.configuration.comptes import (
    ChangementCompte,
    ChangementTotal,
    ComptesCommuns,
    RepriseRefusee,
    changer_textes,
    charger_comptes,
    choisir_comptes,
)
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
    """A section of the form's own (`nom`, `champs`), or one of the shared accounts (`reprend`)."""

    nom: str = ""
    sens: Literal["", "charge", "produit"] = ""
    champs: tuple[_ChampLu, ...] = ()
    reprend: str = ""
    sans: tuple[str, ...] = ()
    avec: tuple[str, ...] = ()
    changer: dict[str, ChangementCompte] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _propre_ou_reprise(self) -> Self:
        if self.reprend and (self.nom or self.sens or self.champs):
            raise ValueError("une section reprise (« reprend ») n'a ni nom, ni sens, ni champs à elle")
        if not self.reprend and (self.sans or self.avec or self.changer):
            raise ValueError("« sans », « avec » et « changer » ne valent que pour une section reprise (« reprend »)")
        if not self.reprend and not (self.nom and self.champs):
            raise ValueError("une section a un nom et des champs, ou reprend une section commune (« reprend »)")
        return self


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
    """A total of the form's own, or one of the shared ones (`reprend`), whose label and note may differ."""

    reprend: str = ""
    cle: str = ""
    libelle: str | None = None
    unite: str = ""
    somme_de: tuple[str, ...] = ()
    statut: Statut | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _propre_ou_repris(self) -> Self:
        propres = (self.cle, self.unite, self.somme_de, self.statut)
        if self.reprend and any(propres):
            raise ValueError("un total repris (« reprend ») ne change que son libellé et sa note")
        if not self.reprend and not all((*propres, self.libelle, self.note)):
            raise ValueError("un total a une clé, un libellé, une unité, « somme_de », un statut et une note")
        return self


class _FormulaireLu(ModeleStrict):
    prestation: str
    libelle: str
    version: str
    caf: tuple[_ChampLu, ...] = ()
    feuilles: tuple[_FeuilleLue, ...]
    totaux: tuple[_TotalLu, ...] = ()


@dataclass(frozen=True, slots=True)
class _Assemblage:
    """The fields and totals of a form, shared ones included, each with its path in the form's YAML."""

    champs: tuple[tuple[Chemin, Champ], ...]
    totaux: tuple[tuple[Chemin, Total], ...]


def _assembler(lu: _FormulaireLu, config: Path) -> _Assemblage:
    """Put the form together, in reading order.

    Raises:
        RepriseRefusee: what it takes of the shared accounts cannot be had; `chemin` is then the whole path.
        ErreurDeConfiguration: the shared accounts themselves are at fault.
    """
    reprises = [objet.reprend for feuille in lu.feuilles for objet in feuille.sections]
    reprises += [total.reprend for total in lu.totaux]
    communs = charger_comptes(config) if any(reprises) else None
    champs: list[tuple[Chemin, Champ]] = [
        (("caf", i), champ.en_champ("", "Caf", "", Origine.CAF)) for i, champ in enumerate(lu.caf)
    ]
    for f, feuille in enumerate(lu.feuilles):
        for s, section in enumerate(feuille.sections):
            champs += _champs(feuille.nom, section, ("feuilles", f, "sections", s), communs)
    saisis = [champ for _, champ in champs]
    totaux = ((("totaux", i), _total(total, ("totaux", i), saisis, communs)) for i, total in enumerate(lu.totaux))
    return _Assemblage(tuple(champs), tuple(totaux))


def _champs(
    feuille: str, section: _SectionLue, chemin: Chemin, communs: ComptesCommuns | None
) -> Iterator[tuple[Chemin, Champ]]:
    if communs is None or not section.reprend:
        for c, lu in enumerate(section.champs):
            yield (*chemin, "champs", c), lu.en_champ(feuille, section.nom, section.sens, Origine.PARTENAIRE)
        return
    commune = communs.sections.get(section.reprend)
    if commune is None:
        connues = ", ".join(communs.sections)
        raison = f"« {section.reprend} » n'est pas une section commune (connues : {connues})"
        raise RepriseRefusee((*chemin, "reprend"), raison)
    try:
        comptes = choisir_comptes(commune, section.sans, section.avec, section.changer)
    except RepriseRefusee as refus:
        raise RepriseRefusee((*chemin, *refus.chemin), refus.raison) from None
    montant = communs.montant.model_dump()
    for compte in comptes:
        lu = _ChampLu(**montant, **compte.model_dump(exclude={"au_choix"}))
        yield chemin, lu.en_champ(feuille, commune.nom, commune.sens, Origine.PARTENAIRE)


def _total(lu: _TotalLu, chemin: Chemin, champs: Sequence[Champ], communs: ComptesCommuns | None) -> Total:
    if communs is None or not lu.reprend:
        return Total(lu.cle, lu.libelle or "", lu.unite, lu.somme_de, lu.statut or Statut.INCONNU, lu.note or "")
    commun = communs.totaux.get(lu.reprend)
    if commun is None:
        connus = ", ".join(communs.totaux)
        raise RepriseRefusee((*chemin, "reprend"), f"« {lu.reprend} » n'est pas un total commun (connus : {connus})")
    if lu.libelle is not None or lu.note is not None:
        commun = changer_textes(commun, ChangementTotal(libelle=lu.libelle, note=lu.note), chemin)
    sommes = tuple(c.cle for c in champs if c.sens == commun.sens and not c.dont_de)
    if not sommes:
        raise RepriseRefusee((*chemin, "reprend"), f"le total « {lu.reprend} » n'a aucun montant à additionner")
    return Total(lu.reprend, commun.libelle, commun.unite, sommes, commun.statut, commun.note)


def _incoherences(assemblage: _Assemblage) -> Iterator[tuple[Chemin, str]]:
    """Give what no single field shows: repeated keys or accounts, parts and totals of unknown fields."""
    champs = {champ.cle: champ for _, champ in assemblage.champs}
    vus: dict[str, str] = {}
    for chemin, champ in assemblage.champs:
        for nom, valeur in (("clé", champ.cle), ("compte", champ.compte)):
            if valeur and f"{nom} {valeur}" in vus:
                yield chemin, f"{nom} déjà utilisé par un autre champ : « {valeur} »"
            vus[f"{nom} {valeur}"] = champ.cle
        if champ.origine is Origine.PARTENAIRE and champ.type is TypeChamp.TEXTE:
            yield chemin, f"{champ.cle} : un texte libre ne se demande pas à un partenaire"
        if champ.dont_de and (champ.dont_de not in champs or champs[champ.dont_de].type is not champ.type):
            yield chemin, f"{champ.cle} : « dont_de » nomme « {champ.dont_de} », qui n'est pas un champ du même type"
    for chemin, total in assemblage.totaux:
        if total.cle in champs:
            yield chemin, f"le total « {total.cle} » porte la clé d'un champ"
        for cle in total.somme_de:
            if cle not in champs or champs[cle].type is not TypeChamp.EUROS:
                yield chemin, f"le total « {total.cle} » additionne « {cle} », qui n'est pas un montant du formulaire"


def charger_formulaire(config: Path, prestation: str) -> Formulaire:
    """Read the form of a prestation (`config`: the configuration folder), with the shared accounts it takes.

    Raises:
        ErreurDeConfiguration: missing file, unknown or repeated key, contradiction, a shared section, account or text
            taken for nothing; with file, line and French reason.
    """
    fichier = config / "formulaires" / f"{prestation}.yaml"
    lu = charger(fichier, _FormulaireLu)
    _, lignes = lire_yaml(fichier)
    if lu.prestation != prestation:
        raise ErreurDeConfiguration(
            fichier, lignes[("prestation",)], f"le fichier de {prestation} décrit « {lu.prestation} »"
        )
    try:
        assemblage = _assembler(lu, config)
    except RepriseRefusee as refus:
        raise ErreurDeConfiguration(fichier, lignes[refus.chemin], refus.raison) from None
    for chemin, raison in _incoherences(assemblage):
        raise ErreurDeConfiguration(fichier, lignes[chemin], raison)
    return Formulaire(
        lu.prestation,
        lu.libelle,
        lu.version,
        tuple(champ for _, champ in assemblage.champs),
        tuple(total for _, total in assemblage.totaux),
    )
