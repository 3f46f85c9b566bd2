"""The accounts shared by the forms: config/formulaires/commun/comptes.yaml, and what a form takes of them."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import StringConstraints, model_validator

from regles.baremes import Statut
from regles.champs import TypeChamp
from schemas.configuration.yaml_strict import Chemin, ModeleStrict, charger

Sens = Literal["charge", "produit"]
Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class RepriseRefusee(Exception):
    """What a form asks of the shared accounts and cannot have: `chemin` within its own YAML item, French `raison`."""

    def __init__(self, chemin: Chemin, raison: str) -> None:
        super().__init__(raison)
        self.chemin = chemin
        self.raison = raison


class Montant(ModeleStrict):
    """What every account is: its type, unit and plausibility bounds."""

    type: TypeChamp
    unite: Texte
    minimum: Decimal
    maximum: Decimal


class Compte(ModeleStrict):
    """One account; `au_choix`: asked only by the forms that take it."""

    compte: Texte
    cle: Texte
    libelle: Texte
    aide: Texte
    au_choix: bool = False


class SectionCommune(ModeleStrict):
    """Accounts shown together under a title."""

    nom: Texte
    sens: Sens
    comptes: tuple[Compte, ...]


class TotalCommun(ModeleStrict):
    """A total of one side of the budget, with how sure its list of accounts is."""

    sens: Sens
    libelle: Texte
    unite: Texte
    statut: Statut
    note: Texte


class ComptesCommuns(ModeleStrict):
    """Content of the shared file; sections and totals by the key a form takes them with."""

    montant: Montant
    sections: dict[str, SectionCommune]
    totaux: dict[str, TotalCommun]

    @model_validator(mode="after")
    def _sans_doublon(self) -> Self:
        comptes = [c for section in self.sections.values() for c in section.comptes]
        for nom, valeurs in (("compte", [c.compte for c in comptes]), ("clé", [c.cle for c in comptes])):
            repetes = sorted({v for v in valeurs if valeurs.count(v) > 1})
            if repetes:
                raise ValueError(f"{nom} en double : {', '.join(repetes)}")
        return self


class ChangementCompte(ModeleStrict):
    """What a form writes otherwise for an account."""

    libelle: Texte | None = None
    aide: Texte | None = None


class ChangementTotal(ModeleStrict):
    """What a form writes otherwise for a total."""

    libelle: Texte | None = None
    note: Texte | None = None


Commun = TypeVar("Commun", Compte, TotalCommun)


def charger_comptes(config: Path) -> ComptesCommuns:
    """Read the shared accounts (`config`: the configuration folder).

    Raises:
        ErreurDeConfiguration: missing file, unknown or repeated key, account given twice; at its line.
    """
    return charger(config / "formulaires" / "commun" / "comptes.yaml", ComptesCommuns)


def choisir_comptes(
    section: SectionCommune, sans: tuple[str, ...], avec: tuple[str, ...], changer: Mapping[str, ChangementCompte]
) -> tuple[Compte, ...]:
    """Give the accounts of a shared section as a form asks them, in the order of the shared file.

    `sans`: accounts left out; `avec`: accounts taken among those `au_choix`; `changer`: texts of the form, by account.

    Raises:
        RepriseRefusee: an unknown account, one left out or taken for nothing, a change that changes nothing.
    """
    _verifier_choix(section, "sans", sans, au_choix=False)
    _verifier_choix(section, "avec", avec, au_choix=True)
    retenus = [c for c in section.comptes if c.compte in avec or not (c.au_choix or c.compte in sans)]
    for compte in changer.keys() - {c.compte for c in retenus}:
        raise RepriseRefusee(("changer", compte), f"le compte {compte} n'est pas demandé : rien à y changer")
    return tuple(
        changer_textes(c, changer[c.compte], ("changer", c.compte)) if c.compte in changer else c for c in retenus
    )


def _verifier_choix(section: SectionCommune, nom: str, comptes: tuple[str, ...], *, au_choix: bool) -> None:
    connus = {c.compte: c.au_choix for c in section.comptes}
    for rang, compte in enumerate(comptes):
        raison = ""
        if compte not in connus:
            raison = f"le compte {compte} n'est pas de la section « {section.nom} »"
        elif connus[compte] is not au_choix:
            etat = "est demandé à tous" if au_choix else "n'est demandé que par « avec »"
            raison = f"« {nom} » ne change rien : le compte {compte} {etat}"
        elif compte in comptes[:rang]:
            raison = f"« {nom} » nomme deux fois le compte {compte}"
        if raison:
            raise RepriseRefusee((nom, rang), raison)


def changer_textes(commun: Commun, changement: ChangementCompte | ChangementTotal, chemin: Chemin) -> Commun:
    """Give a shared account or total with the texts of a form.

    Raises:
        RepriseRefusee: when a text is the shared one already, or when there is none.
    """
    textes = changement.model_dump(exclude_none=True)
    if not textes:
        raise RepriseRefusee(chemin, "rien n'est changé : retirer cette ligne")
    for nom, texte in textes.items():
        if getattr(commun, nom) == texte:
            raise RepriseRefusee((*chemin, nom), f"« {nom} » est déjà le texte commun : retirer cette ligne")
    return commun.model_copy(update=textes)
