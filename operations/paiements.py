"""Whether a right may be paid now: it stands, it is sure, a convention covers it, a confirmed account receives it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from modeles.requetes_argent import (
    conventions_de,
    coordonnee_au,
    declarations_de_l_exercice,
    declarations_engagees,
    dernier_droit,
)
from modeles.tables import Declaration, Droit, Partenaire, Structure
from operations.contexte import Contexte
from operations.droits import periode_de
from regles.commission import SUBVENTION
from regles.conventions import ConventionConnue, Periode, defaut_de_convention
from regles.etats import EtatDeclaration

RANGS = ("previsionnel", "actualisation", "reel", SUBVENTION)
AUTRE_MODE = "Ce droit a été calculé en démonstration : il ne se paie pas pour de vrai."
MODE_REEL = "Ce droit a été calculé pour de vrai : la démonstration ne le paie pas."
SANS_ACTIVITE = (
    "La structure n’a aucun jour d’activité dans l’exercice {exercice} : vérifiez ses dates d’ouverture et de "
    "fermeture."
)
SANS_COMPTE = (
    "Aucun compte bancaire confirmé n’est enregistré pour {nom} : enregistrez-le, et faites-le confirmer par une autre "
    "personne."
)


@dataclass(frozen=True, slots=True)
class RefusDePaiement:
    """A right that may not be paid, and the sentences saying why."""

    structure: str
    nom: str
    motifs: tuple[str, ...]


def base_du_droit(session: Session, structure_id: int, exercice: int) -> Declaration | None:
    """The declaration that payments of an exercice rest on: the validated réel, else the last update, else forecast.

    None while the one already paid on is being corrected: nothing falls back on what it had replaced.
    """
    validees = declarations_de_l_exercice(session, exercice, [EtatDeclaration.VALIDEE], structure_id)
    base = max((d for d, _, _ in validees if d.nature in RANGS), key=_rang, default=None)
    payees = declarations_engagees(session, structure_id, exercice)
    if base is None or any(_rang(payee) > _rang(base) for payee in payees):
        return None
    return base


def _rang(declaration: Declaration) -> tuple[int, datetime, int]:
    return RANGS.index(declaration.nature), declaration.recue_le, declaration.id or 0


def est_actuel(contexte: Contexte, session: Session, declaration: Declaration, droit: Droit) -> bool:
    """Whether a right still stands: last one computed of what the payments rest on, sure, and of this installation."""
    base = base_du_droit(session, declaration.structure_id, declaration.exercice)
    dernier = dernier_droit(session, declaration.id or 0)
    return (
        base is not None
        and base.id == declaration.id
        and dernier is not None
        and dernier.id == droit.id
        and not defauts_du_droit(contexte, droit)
    )


def defauts_du_droit(contexte: Contexte, droit: Droit) -> tuple[str, ...]:
    """Give the sentences that say why a right may not be paid by itself; none when it may."""
    if droit.demonstration != contexte.reglages.demonstration:
        return (AUTRE_MODE if droit.demonstration else MODE_REEL,)
    return () if droit.payable else tuple(droit.explication["motifs"])


def defauts_de_paiement(
    session: Session, structure: Structure, partenaire: Partenaire, exercice: int, jour: date
) -> tuple[str, ...]:
    """Give the sentences that say why a structure may not be paid that day; none when it may."""
    connues = (
        ConventionConnue(c.numero, c.prestation, Periode(c.du, c.au))
        for c in conventions_de(session, structure.id or 0)
    )
    periode = periode_de(structure, exercice)
    if periode.est_vide:
        return (SANS_ACTIVITE.format(exercice=exercice),)
    convention = defaut_de_convention(structure.prestation, periode, connues)
    compte = "" if coordonnee_au(session, partenaire.id or 0, jour) else SANS_COMPTE.format(nom=partenaire.nom)
    return tuple(defaut for defaut in (convention, compte) if defaut)
