"""The right of a declaration: the dated formulas of each prestation, and the computation with its trace."""

from collections.abc import Mapping
from datetime import date

from regles.anomalies import Constat
from regles.baremes import Bareme
from regles.calendrier import NatureEtape
from regles.formules import (
    aide_domicile,
    alsh,
    bonus,
    centre_social,
    clas,
    espace_rencontre,
    evs,
    fjt,
    laep,
    mediation,
    paej,
    ps_jeunes,
    psu,
    rpe,
)
from regles.formules.entrees import Donnee, Donnees, Entree, Formule, en_vigueur, verifier_entrees
from regles.trace import Calcul, Droit

__all__ = ["COMPOSANTES", "Donnee", "FormuleAbsente", "calculer_droit", "entrees_connues"]

# Each prestation: its components in the order of the trace, the first one being the prestation itself.
COMPOSANTES: Mapping[str, tuple[tuple[Formule, ...], ...]] = {
    "EAJE": (
        psu.FORMULES,
        bonus.MIXITE,
        bonus.HANDICAP,
        bonus.TERRITOIRE,
        bonus.ATTRACTIVITE_FORMULES,
        bonus.TRAJECTOIRE,
    ),
    "RPE": (rpe.FORMULES, rpe.MISSIONS),
    "MEDIATION_FAMILIALE": (mediation.FORMULES,),
    "AIDE_DOMICILE": (aide_domicile.FORMULES,),
    "CENTRE_SOCIAL": (centre_social.FORMULES, centre_social.FORMULES_FAMILLES),
    "EVS": (evs.FORMULES,),
    "ALSH": (alsh.FORMULES, alsh.COMPLEMENT),
    "PS_JEUNES": (ps_jeunes.FORMULES,),
    "ESPACE_RENCONTRE": (espace_rencontre.FORMULES,),
    "FJT": (fjt.FORMULES,),
    "PAEJ": (paej.FORMULES,),
    "LAEP": (laep.FORMULES,),
    "CLAS": (clas.FORMULES, clas.BONUS_FORMULES),
}

# What is only expected may rest on last year's values while this year's are not published; a réel never does.
ATTENDUS = frozenset({NatureEtape.PREVISIONNEL, NatureEtape.ACTUALISATION})


class FormuleAbsente(Exception):
    """No formula computes this prestation, or none applies to this exercice; the message is a French sentence."""


def formules_de(prestation: str, exercice: int) -> tuple[Formule, ...]:
    """Give the formulas in force, the prestation's own first.

    Raises:
        FormuleAbsente: unknown prestation, or an exercice before its first formula.
    """
    composantes = COMPOSANTES.get(prestation)
    if composantes is None:
        connues = ", ".join(sorted(COMPOSANTES))
        raise FormuleAbsente(f"La prestation {prestation} n'a pas encore de formule de calcul (connues : {connues}).")
    if en_vigueur(composantes[0], exercice) is None:
        debut = min(f.depuis for f in composantes[0])
        raise FormuleAbsente(
            f"Aucune formule ne calcule la prestation {prestation} pour l'exercice {exercice} (la première : {debut})."
        )
    return tuple(f for formules in composantes if (f := en_vigueur(formules, exercice)) is not None)


def entrees_connues(prestation: str) -> dict[str, Entree]:
    """Give every answer that a formula of the prestation reads, whatever the exercice, by key (none if unknown)."""
    composantes = COMPOSANTES.get(prestation, ())
    return {e.cle: e for formules in composantes for formule in formules for e in formule.entrees}


def calculer_droit(
    prestation: str,
    nature: str,
    exercice: int,
    donnees: Mapping[str, Donnee],
    bareme: Bareme,
    connu_le: date,
) -> Droit:
    """Compute the right, with the barème of the exercice as it was known on `connu_le`.

    A prévisionnel or an actualisation may use the value of the exercice before when none is known (`RECONDUCTION`).
    Answers no formula asks for are ignored. A missing or senseless answer gives a right without lines nor amount, and
    the blocking findings that name it. An unknown parameter gives a right without amount.

    Raises:
        FormuleAbsente: unknown prestation, or an exercice before its first formula.
        ErreurDeBareme: a barème that lacks the definition of a parameter, or gives it the wrong kind of value.
    """
    formules = formules_de(prestation, exercice)
    calcul = Calcul(bareme, exercice, connu_le, reconduction=nature in ATTENDUS)
    lues = Donnees(donnees)
    demandees = {entree.cle: entree for formule in formules for entree in formule.entrees}
    calcul.constats.extend(verifier_entrees(demandees.values(), donnees))
    if not calcul.constats:
        calcul.constats.extend(_contradictions(formules, lues))
    if calcul.constats:
        return calcul.conclure(prestation, nature, [None])
    composantes = [montant for formule in formules for montant in formule.calculer(calcul, lues)]
    return calcul.conclure(prestation, nature, composantes)


def _contradictions(formules: tuple[Formule, ...], donnees: Donnees) -> list[Constat]:
    return [constat for formule in formules for constat in formule.controler(donnees)]
