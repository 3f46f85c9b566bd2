"""The thresholds of the controls: config/controles/<PRESTATION>.yaml read strictly into `regles.controles.Seuils`."""

from decimal import Decimal
from pathlib import Path

from pydantic import field_validator

from regles.baremes import Statut
from regles.champs import Formulaire
from regles.controles import Reference, Seuil, Seuils, Variation
from schemas.configuration.yaml_strict import ErreurDeConfiguration, ModeleStrict, charger, lire_yaml


class _SeuilLu(ModeleStrict):
    cle: str
    libelle: str
    valeur: Decimal
    unite: str
    statut: Statut
    source: str

    @field_validator("source")
    @classmethod
    def _source_dite(cls, source: str) -> str:
        if not source.strip():
            raise ValueError("un seuil dit d'où il vient, même « choix local »")
        return source


class _VariationLue(ModeleStrict):
    cle: str
    previsionnel: Decimal
    n_1: Decimal
    ecart_minimal: Decimal

    @field_validator("previsionnel", "n_1", "ecart_minimal")
    @classmethod
    def _positif(cls, valeur: Decimal) -> Decimal:
        if valeur < 0:
            raise ValueError(f"un écart toléré n'est pas négatif (lu : {valeur})")
        return valeur


class _VariationsLues(ModeleStrict):
    statut: Statut
    source: str
    champs: tuple[_VariationLue, ...]


class _ControlesLus(ModeleStrict):
    prestation: str
    seuils: tuple[_SeuilLu, ...]
    variations: _VariationsLues


def charger_seuils(config: Path, formulaire: Formulaire) -> Seuils:
    """Read the thresholds of a form's prestation (`config`: the configuration folder).

    Raises:
        ErreurDeConfiguration: missing file, unknown or repeated key, unknown field; with file, line and French reason.
    """
    fichier = config / "controles" / f"{formulaire.prestation}.yaml"
    lus = charger(fichier, _ControlesLus)
    _, lignes = lire_yaml(fichier)
    if lus.prestation != formulaire.prestation:
        raise ErreurDeConfiguration(
            fichier, lignes[("prestation",)], f"le fichier de {formulaire.prestation} décrit « {lus.prestation} »"
        )
    vus: set[str] = set()
    for i, seuil in enumerate(lus.seuils):
        if seuil.cle in vus:
            raise ErreurDeConfiguration(fichier, lignes[("seuils", i, "cle")], f"seuil répété : « {seuil.cle} »")
        vus.add(seuil.cle)
    connues = {c.cle for c in formulaire.champs} | {t.cle for t in formulaire.totaux}
    for i, variation in enumerate(lus.variations.champs):
        if variation.cle not in connues:
            ligne = lignes[("variations", "champs", i, "cle")]
            raise ErreurDeConfiguration(
                fichier, ligne, f"« {variation.cle} » n'est ni un champ ni un total du formulaire"
            )
    return Seuils(
        lus.prestation,
        tuple(Seuil(s.cle, s.libelle, s.valeur, s.unite, s.statut, s.source) for s in lus.seuils),
        tuple(
            Variation(v.cle, reference, ecart, v.ecart_minimal)
            for v in lus.variations.champs
            for reference, ecart in ((Reference.PREVISIONNEL, v.previsionnel), (Reference.N_1, v.n_1))
        ),
    )
