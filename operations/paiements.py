"""Whether a right may be paid now: it stands, it is sure, a convention covers it, a confirmed account receives it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from modeles.requetes import conventions_des_structures
from modeles.requetes_argent import (
    coordonnees_au,
    declarations_des_droits,
    declarations_engagees,
    declarations_validees,
    derniers_droits,
)
from modeles.tables import Declaration, Droit, Partenaire, Structure
from operations.contexte import Contexte
from operations.droits import periode_de
from regles.commission import SUBVENTION
from regles.conventions import ConventionConnue, Periode, defaut_de_convention

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
    return _bases(session, [structure_id], [exercice]).get((structure_id, exercice))


def _bases(
    session: Session, structures: Collection[int], exercices: Collection[int]
) -> dict[tuple[int, int], Declaration]:
    """Give what payments rest on, by (structure, exercice)."""
    bases: dict[tuple[int, int], Declaration] = {}
    for validee in declarations_validees(session, structures, exercices):
        cle = (validee.structure_id, validee.exercice)
        if validee.nature in RANGS and (cle not in bases or _rang(validee) > _rang(bases[cle])):
            bases[cle] = validee
    for payee in declarations_engagees(session, structures, exercices):
        cle = (payee.structure_id, payee.exercice)
        if cle in bases and _rang(payee) > _rang(bases[cle]):
            del bases[cle]
    return bases


def _rang(declaration: Declaration) -> tuple[int, datetime, int]:
    return RANGS.index(declaration.nature), declaration.recue_le, declaration.id or 0


def est_actuel(contexte: Contexte, session: Session, droit: Droit) -> bool:
    """Whether a right still stands: last one computed of what the payments rest on, sure, and of this installation."""
    return droit.id in droits_actuels(contexte, session, [droit])


def droits_actuels(contexte: Contexte, session: Session, droits: Sequence[Droit]) -> frozenset[int]:
    """Give the ids of those of these rights that still stand."""
    declarations = declarations_des_droits(session, droits)
    lues = declarations.values()
    bases = _bases(session, {d.structure_id for d in lues}, {d.exercice for d in lues})
    derniers = derniers_droits(session, declarations)
    actuels = set()
    for droit in droits:
        declaration = declarations[droit.declaration_id]
        base = bases.get((declaration.structure_id, declaration.exercice))
        repose = base is not None and base.id == declaration.id
        if repose and derniers[declaration.id or 0] == droit.id and not defauts_du_droit(contexte, droit):
            actuels.add(droit.id or 0)
    return frozenset(actuels)


def defauts_du_droit(contexte: Contexte, droit: Droit) -> tuple[str, ...]:
    """Give the sentences that say why a right may not be paid by itself; none when it may."""
    if droit.demonstration != contexte.reglages.demonstration:
        return (AUTRE_MODE if droit.demonstration else MODE_REEL,)
    return () if droit.payable else tuple(droit.explication["motifs"])


def defauts_de_paiement(
    session: Session, structure: Structure, partenaire: Partenaire, exercice: int, jour: date
) -> tuple[str, ...]:
    """Give the sentences that say why a structure may not be paid that day; none when it may."""
    (defauts,) = defauts_des_paiements(session, [(structure, partenaire, exercice)], jour)
    return defauts


def defauts_des_paiements(
    session: Session, a_payer: Sequence[tuple[Structure, Partenaire, int]], jour: date
) -> list[tuple[str, ...]]:
    """The same for each structure of a list, with its partner and the exercice to pay, in its order."""
    connues: dict[int, list[ConventionConnue]] = defaultdict(list)
    for c in conventions_des_structures(session, [structure.id or 0 for structure, _, _ in a_payer]):
        connues[c.structure_id].append(ConventionConnue(c.numero, c.prestation, Periode(c.du, c.au)))
    comptes = coordonnees_au(session, [partenaire.id or 0 for _, partenaire, _ in a_payer], jour)
    defauts: list[tuple[str, ...]] = []
    for structure, partenaire, exercice in a_payer:
        periode = periode_de(structure, exercice)
        if periode.est_vide:
            defauts.append((SANS_ACTIVITE.format(exercice=exercice),))
            continue
        convention = defaut_de_convention(structure.prestation, periode, connues[structure.id or 0])
        compte = "" if partenaire.id in comptes else SANS_COMPTE.format(nom=partenaire.nom)
        defauts.append(tuple(defaut for defaut in (convention, compte) if defaut))
    return defauts
