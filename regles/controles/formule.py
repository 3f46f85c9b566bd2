"""What the formula of the right itself has to say of a declaration: its refusals, its alerts, its unit costs.

A partner hears when depositing what would stop the right later; nothing of the formula is written again here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.baremes import PAYABLES, Statut, ValeurDatee
from regles.calcul import FormuleAbsente, calculer_droit, formules_de
from regles.controles.commun import varie_de_n_1
from regles.controles.dossier import Cout, Dossier, Reference, Seuils, ecrire, ecrire_pourcent, enumerer
from regles.formules.entrees import Donnee, Donnees, Entree, Formule, verifier_entrees
from regles.monnaie import exact, formater_mesure
from regles.trace import Droit

REPONSE_MANQUANTE = "donnee_manquante"


class _ReponseAbsente(Exception):
    """A control of the formula reads an answer that the declaration does not give."""


@dataclass(frozen=True, slots=True)
class _Partielles(Donnees):
    """Answers under correction: a required one that is missing stops the control instead of counting as zero."""

    requises: frozenset[str]

    def nombre(self, cle: str) -> Fraction:
        self._exiger(cle)
        return Donnees.nombre(self, cle)

    def oui(self, cle: str) -> bool:
        self._exiger(cle)
        return Donnees.oui(self, cle)

    def mot(self, cle: str) -> str:
        self._exiger(cle)
        return Donnees.mot(self, cle)

    def _exiger(self, cle: str) -> None:
        if cle in self.requises and self.valeurs.get(cle) is None:
            raise _ReponseAbsente(cle)


def controler_formule(dossier: Dossier, seuils: Seuils) -> list[Constat]:
    """Give the formula's own findings on the answers, then those of its unit costs once the right can be computed.

    Only what the partner answers is told: the Caf's own record, or a condition of the convention, is not theirs.
    """
    try:
        formules = formules_de(dossier.formulaire.prestation, dossier.exercice)
    except FormuleAbsente:
        return []
    donnees = dossier.donnees()
    entrees = {entree.cle: entree for formule in formules for entree in formule.entrees}
    constats = verifier_entrees(entrees.values(), donnees)
    inutilisables = {c.champs[0] for c in constats}
    saines = {cle: valeur for cle, valeur in donnees.items() if cle not in inutilisables}
    for formule in formules:
        constats += _contredire(formule, entrees, saines)
    if not constats:
        constats += _calculer(dossier, seuils)
    return [adresse for c in constats if (adresse := _adresser(dossier, c)) is not None]


def _adresser(dossier: Dossier, constat: Constat) -> Constat | None:
    """Put first the answers that the partner gives; None when it is not for them, or the form itself asks for it."""
    if not constat.champs:
        return constat
    saisis = {champ.cle: champ.obligatoire for champ in dossier.formulaire.champs_saisis}
    saisis |= {total.cle: True for total in dossier.formulaire.totaux}
    siens = tuple(cle for cle in constat.champs if cle in saisis)
    if not siens or (constat.code == REPONSE_MANQUANTE and saisis[siens[0]]):
        return None
    return replace(constat, champs=(*siens, *(cle for cle in constat.champs if cle not in saisis)))


def _contredire(formule: Formule, entrees: Mapping[str, Entree], donnees: Mapping[str, Donnee]) -> Iterator[Constat]:
    requises = frozenset(cle for cle, entree in entrees.items() if entree.obligatoire)
    try:
        yield from formule.controler(_Partielles(donnees, requises))
    except _ReponseAbsente:
        return


def _calculer(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    droit = _droit(dossier)
    if droit is not None:
        yield from droit.constats
        yield from _controler_couts(dossier, seuils, droit)


def _droit(dossier: Dossier) -> Droit | None:
    if dossier.bareme is None:
        return None
    prestation, connu = dossier.formulaire.prestation, dossier.bareme
    try:
        return calculer_droit(
            prestation, dossier.nature, dossier.exercice, dossier.donnees(), connu.bareme, connu.connu_le
        )
    except FormuleAbsente:
        return None


def _controler_couts(dossier: Dossier, seuils: Seuils, droit: Droit) -> Iterator[Constat]:
    passe = dossier.passe(Reference.N_1)
    droit_passe = None if passe is None else _droit(passe)
    deja = varie_de_n_1(dossier, seuils)
    for cout in seuils.couts:
        valeur = _ligne(droit, cout.ligne)
        if not valeur:
            continue
        unite = next(ligne.unite for ligne in droit.lignes if ligne.code == cout.ligne)
        yield from _comparer_au_plafond(dossier, cout, (valeur, unite), droit)
        ancien = None if droit_passe is None else _ligne(droit_passe, cout.ligne)
        if ancien and not deja.intersection(cout.champs):
            yield from _comparer_a_n_1(dossier, cout, (valeur, unite), ancien)


def _ligne(droit: Droit, code: str) -> Fraction | None:
    return next((ligne.valeur for ligne in droit.lignes if ligne.code == code), None)


def _plafond(dossier: Dossier, cout: Cout, droit: Droit) -> tuple[Fraction, tuple[ValeurDatee, ...]] | None:
    """Give the ceiling of a unit cost and the parameters it rests on, None when one is unknown that day."""
    cles = {p.cle: p for p in droit.parametres}
    ligne = next((ligne for ligne in droit.lignes if ligne.code == cout.plafond), None)
    if ligne is not None:
        return None if ligne.valeur is None else (ligne.valeur, tuple(cles[cle] for cle in ligne.parametres))
    parametre = cles.get(cout.plafond.format_map(dossier.valeurs))
    if parametre is None:
        return None
    if not cout.divise_par:
        return parametre.nombre, (parametre,)
    part = cles.get(cout.divise_par)
    return None if part is None else (parametre.nombre / part.nombre, (parametre, part))


def _comparer_au_plafond(dossier: Dossier, cout: Cout, mesure: tuple[Fraction, str], droit: Droit) -> Iterator[Constat]:
    """Say that the surplus is not financed, which is common; alert when the cost is not plausible at all."""
    plafond = _plafond(dossier, cout, droit)
    if plafond is None or not plafond[0]:
        return
    (valeur, unite), (maximum, parametres) = mesure, plafond
    lu, borne = ecrire(valeur, unite), f"{ecrire(maximum, unite)}{_reserve(parametres, dossier.exercice)}"
    facteur = None if cout.facteur is None else exact(cout.facteur)
    if facteur is not None and not maximum / facteur <= valeur <= maximum * facteur:
        loin = "au-dessus" if valeur > maximum else "en dessous"
        noms = enumerer([f"« {dossier.definition(cle).libelle} »" for cle in cout.champs])
        yield Constat(
            "cout_improbable",
            Severite.ALERTE,
            cout.champs,
            f"{cout.libelle} : {lu}, très {loin} du prix plafond ({borne}). Vérifiez {noms}, ou expliquez.",
            lu,
            f"entre {ecrire(maximum / facteur, unite)} et {ecrire(maximum * facteur, unite)}",
        )
    elif valeur > maximum:
        yield Constat(
            "cout_au_dessus_du_plafond",
            Severite.INFORMATION,
            cout.champs,
            f"{cout.libelle} : {lu}, au-dessus du prix plafond ({borne}). C'est permis : la part au-delà du plafond "
            "n'est pas financée par la prestation.",
            lu,
        )


def _reserve(parametres: tuple[ValeurDatee, ...], exercice: int) -> str:
    """Say how sure the ceiling is, when it is not."""
    statuts = {p.statut for p in parametres}
    if Statut.DEMONSTRATION in statuts:
        return ", valeur de DÉMONSTRATION"
    reconduite = max((annee for p in parametres if (annee := p.reconduite_de(exercice)) is not None), default=None)
    if reconduite is not None:
        return f", valeur de {reconduite} reconduite"
    return "" if statuts <= PAYABLES else ", valeur à confirmer"


def _comparer_a_n_1(dossier: Dossier, cout: Cout, mesure: tuple[Fraction, str], ancien: Fraction) -> Iterator[Constat]:
    """Alert on a unit cost that moved too far, unless one of its figures already asks the question."""
    valeur, unite = mesure
    ecart = valeur - ancien
    if cout.n_1 is None or abs(ecart) <= exact(cout.n_1) * ancien:
        return
    verbe = "augmente" if ecart > 0 else "baisse"
    lu, avant = ecrire(valeur, unite), ecrire(ancien, unite)
    yield Constat(
        "cout_en_forte_variation",
        Severite.ALERTE,
        cout.champs,
        f"{cout.libelle} : {lu}. Ce coût {verbe} de {formater_mesure(abs(ecart) / ancien * 100, '%', 1)} par rapport "
        f"{Reference.N_1.nommer(dossier.exercice)} ({avant}) : vérifiez, ou expliquez cet écart.",
        lu,
        f"un écart d'au plus {ecrire_pourcent(exact(cout.n_1))} avec l'année précédente ({avant})",
    )
