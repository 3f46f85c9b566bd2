"""Whose declaration a workbook is, for which step: read from « Identité », checked against the Caf's own record."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from regles.anomalies import Anomalie, Severite
from regles.baremes import Bareme
from regles.calcul import Donnee
from regles.calendrier import Etape
from regles.champs import Formulaire, Origine, TypeChamp
from regles.controles import Reference, Seuils
from regles.controles.dossier import Valeur
from regles.formulaire import FEUILLE_IDENTITE, LIBELLES_NATURE, Reperage
from schemas.declarations.lecture_fr import Refus, lire_cellule, montrer

ReponsesConnues = Mapping[tuple[str, int], Mapping[str, Mapping[str, Valeur]]]
_ANNEE = re.compile(r"([0-9]{4})(?:\.0)?")  # a spreadsheet stores 2025 as 2025.0


@dataclass(frozen=True, slots=True)
class StructureConnue:
    """A structure as the Caf records it; `valeurs` holds the fields of the form that the Caf answers itself."""

    code: str
    nom: str
    gestionnaire: str
    siret: str
    commune: str
    prestation: str
    valeurs: Mapping[str, Valeur]


@dataclass(frozen=True, slots=True)
class Identite:
    """What a workbook says it is; empty texts and None when it does not say."""

    structure: str = ""
    prestation: str = ""
    nature: str = ""
    exercice: int | None = None
    version: str = ""


@dataclass(frozen=True, slots=True)
class Referentiel:
    """What workbooks are checked against.

    `etapes` are the declaration steps with the last day each takes an answer; `references` gives the answers already
    known of a structure, by (nature, exercice), then by step, the last received at the end; `conditions` what the
    convention of a structure brings to its right, by exercice; `delais` the step with its own dates, and its own last
    day, of a structure that was given more time, by (step, structure). Without `bareme`, nothing that rests on the
    right is controlled.
    """

    formulaires: Mapping[str, Formulaire]
    seuils: Mapping[str, Seuils]
    structures: Mapping[str, StructureConnue]
    etapes: tuple[tuple[Etape, date | None], ...]
    references: Callable[[str], ReponsesConnues]
    conditions: Mapping[str, Mapping[int, Mapping[str, Donnee]]] = field(default_factory=dict)
    bareme: Bareme | None = None
    delais: Mapping[tuple[str, str], tuple[Etape, date | None]] = field(default_factory=dict)

    def comparaisons(self, identite: Identite, etape: str) -> dict[Reference, Mapping[str, Valeur]]:
        """Give the answers that exist for the references of a declaration made for a step.

        A prévisionnel has the réel of the year before only; what a correction replaces is not its reference.
        """
        if identite.exercice is None:
            return {}
        cles = {Reference.N_1: ("reel", identite.exercice - 1)}
        if identite.nature != "previsionnel":
            cles[Reference.PREVISIONNEL] = ("previsionnel", identite.exercice)
            cles[Reference.ACTUALISATION] = ("actualisation", identite.exercice)
        connues, trouvees = self.references(identite.structure), {}
        for reference, cle in cles.items():
            autres = [valeurs for autre, valeurs in connues.get(cle, {}).items() if autre != etape]
            if autres:
                trouvees[reference] = autres[-1]
        return trouvees


@dataclass(frozen=True, slots=True)
class ChoixEtape:
    """The step a declaration answers, and the anomaly when it does not take it: none, too early, or too late."""

    etape: Etape | None
    anomalie: Anomalie | None = None
    trop_tot: bool = False
    hors_delai: bool = False


def lire_identite(reperage: Reperage) -> Identite:
    """Read the identity; an exercice that is not a year is None."""
    annee = _ANNEE.fullmatch(reperage.texte_identite("exercice"))
    return Identite(
        structure=reperage.texte_identite("structure"),
        prestation=reperage.texte_identite("prestation"),
        nature=reperage.texte_identite("nature"),
        exercice=int(annee[1]) if annee else None,
        version=reperage.texte_identite("version"),
    )


def verifier_identite(
    reperage: Reperage, identite: Identite, formulaire: Formulaire, referentiel: Referentiel
) -> Iterator[Anomalie]:
    """Check the structure, the version, and that the pre-filled identity is still the record's."""
    structure = referentiel.structures.get(identite.structure)
    if identite.version != formulaire.version:
        yield _anomalie(
            reperage,
            "version",
            "version_perimee",
            "Ce classeur n'est pas la version actuelle du formulaire : demandez le nouveau et reportez-y vos réponses.",
            formulaire.version,
        )
    if structure is None:
        yield _anomalie(
            reperage,
            "structure",
            "structure_inconnue",
            "Ce code de structure n'est pas connu de la Caf.",
            "le code écrit dans le classeur que la Caf vous a envoyé",
        )
        return
    if structure.prestation != identite.prestation:
        yield _anomalie(
            reperage,
            "prestation",
            "identite_modifiee",
            f"La structure {structure.code} ne relève pas de cette prestation.",
            structure.prestation,
        )
    yield from _comparer_au_dossier(reperage, structure, formulaire, referentiel)


def _comparer_au_dossier(
    reperage: Reperage, structure: StructureConnue, formulaire: Formulaire, referentiel: Referentiel
) -> Iterator[Anomalie]:
    siret = reperage.texte_identite("siret").replace(" ", "")
    if siret != structure.siret or reperage.texte_identite("nom") != structure.nom:
        autre = _autre_structure(reperage, structure, referentiel)
        if autre is not None:
            message = (
                f"Ce classeur a été préparé pour « {autre.nom} » ({autre.code}), mais porte le code de "
                f"« {structure.nom} ». Repartez du classeur de la bonne structure."
            )
            meme_gestionnaire = autre.gestionnaire == structure.gestionnaire
            code = "autre_structure" if meme_gestionnaire else "identite_modifiee"
            yield _anomalie(reperage, "structure", code, message, autre.code)
            return
    if siret != structure.siret:
        message = "Le SIRET n'est pas celui de la structure : l'identité préremplie ne se modifie pas."
        yield _anomalie(reperage, "siret", "identite_modifiee", message, structure.siret)
    for champ in formulaire.champs:
        if champ.origine is not Origine.CAF or champ.type is TypeChamp.TEXTE:
            continue
        connu = structure.valeurs.get(champ.cle)
        lu = lire_cellule(champ, reperage.identite[champ.cle].valeur)
        if lu is not None and (isinstance(lu, Refus) or lu != connu):
            message = (
                f"« {champ.libelle} » est tenu par la Caf : c'est sa valeur qui sera retenue. Si la situation a "
                "changé, écrivez à la Caf."
            )
            yield _anomalie(reperage, champ.cle, "valeur_caf_modifiee", message, montrer(_brut(connu)), Severite.ALERTE)


def _autre_structure(
    reperage: Reperage, structure: StructureConnue, referentiel: Referentiel
) -> StructureConnue | None:
    """Find the structure a workbook was prepared for, when its name and SIRET are those of another one."""
    nom, siret = reperage.texte_identite("nom"), reperage.texte_identite("siret").replace(" ", "")
    for autre in referentiel.structures.values():
        if autre.code != structure.code and autre.nom == nom and autre.siret == siret:
            return autre
    return None


def choisir_etape(
    reperage: Reperage, identite: Identite, jours: tuple[date, date], referentiel: Referentiel
) -> ChoixEtape:
    """Choose the step whose prestation, nature and exercice match and that takes answers.

    `jours`: the day of reception, which must not be after the end, and the day of examination, which must not be before
    the opening (what came too early is examined later). Among several steps, the one that ends first, then by id.
    """
    recu_le, instruit_le = jours
    datees = (referentiel.delais.get((e.id, identite.structure), (e, fin)) for e, fin in referentiel.etapes)
    candidates = sorted(
        (
            (etape, fin)
            for etape, fin in datees
            if identite.prestation in etape.prestations
            and etape.nature.value == identite.nature
            and etape.exercice == identite.exercice
        ),
        key=lambda candidate: (candidate[1] or date.max, candidate[0].id),
    )
    nature = LIBELLES_NATURE.get(identite.nature, identite.nature)
    objet = f"{nature} {identite.exercice or ''} {identite.prestation}".strip()
    if not candidates:
        message = f"Aucune campagne du calendrier n'attend cette déclaration ({objet})."
        return ChoixEtape(
            None, _anomalie(reperage, "nature", "campagne_inconnue", message, "le classeur reçu de la Caf")
        )
    for etape, fin in candidates:
        if (etape.ouverture is None or etape.ouverture <= instruit_le) and (fin is None or recu_le <= fin):
            return ChoixEtape(etape)
    closes = [(etape, fin) for etape, fin in candidates if fin is not None and fin < recu_le]
    if closes:
        etape, fin = closes[-1]
        message = (
            f"Ce dépôt est arrivé après la clôture de la campagne « {etape.libelle} » ({fin:%d/%m/%Y}). Il est "
            "conservé : une personne de la Caf le reprendra avec vous."
        )
        return ChoixEtape(etape, Anomalie("campagne_close", Severite.BLOQUANTE, message), hors_delai=True)
    etape, _ = candidates[0]
    message = (
        f"La campagne « {etape.libelle} » ouvre le {etape.ouverture:%d/%m/%Y} : ce classeur sera examiné ce jour-là."
    )
    return ChoixEtape(etape, Anomalie("campagne_pas_ouverte", Severite.BLOQUANTE, message), trop_tot=True)


def _brut(valeur: Valeur | None) -> str | int | float | None:
    return valeur if valeur is None or isinstance(valeur, str | int) else str(valeur.normalize()).replace(".", ",")


def _anomalie(
    reperage: Reperage, cle: str, code: str, message: str, attendu: str, severite: Severite = Severite.BLOQUANTE
) -> Anomalie:
    emplacement = reperage.identite[cle]
    return Anomalie(
        code, severite, message, FEUILLE_IDENTITE, emplacement.cellule, cle, montrer(emplacement.valeur), attendu
    )
