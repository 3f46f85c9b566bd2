"""Check a workbook without depositing it, and the record that deposits are checked against."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import Session

from echanges.classeur.copie import annoter_a_part
from echanges.classeur.garde import TAILLE_MAX
from echanges.classeur.lecture import LecteurIsole
from modeles.base import transaction
from modeles.requetes import conventions_des_structures, declarations_en_vigueur, structures_attendues
from modeles.requetes_dossiers import prolongations_par_etape
from modeles.tables import Partenaire, Structure
from operations.attendus import dates_pour
from operations.configuration import bareme, calendriers, formulaire, plan_relances, prestations_collectees
from operations.contexte import ActeRefuse, Contexte, dire_l_obstacle
from operations.droits import conditions, periode_de, typer_entrees
from regles.anomalies import Anomalie, Severite
from regles.calcul import Donnee
from regles.calendrier import Etape, fin_de_reception
from regles.champs import Formulaire, Origine
from regles.controles import Seuils
from regles.controles.dossier import Valeur
from regles.formulaire import questions
from regles.grille import FichierRefuse
from schemas.configuration.controles import charger_seuils
from schemas.declarations.identite import Referentiel, ReponsesConnues, StructureConnue
from schemas.declarations.verification import FichierLu, Resultat, depuis_json, verifier_fichiers
from schemas.rapport import FICHIER, en_json

# Out of its campaign, a workbook may be checked all the same: said, not refused.
HORS_CAMPAGNE = frozenset({"campagne_close", "campagne_pas_ouverte"})


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in a workbook, and its bytes for an annotated copy."""

    resultat: Resultat
    octets: bytes

    @property
    def anomalies(self) -> tuple[Anomalie, ...]:
        """The anomalies, by sheet and cell."""
        return self.resultat.anomalies

    @property
    def questions(self) -> dict[str, str]:
        """The words of each question of its form, by key."""
        return {} if self.resultat.formulaire is None else questions(self.resultat.formulaire)

    @property
    def code_de_sortie(self) -> int:
        """0 when it may be deposited, 1 when something is to be corrected, 2 when it could not be read."""
        if self.resultat.illisible:
            return 2
        return 0 if self.resultat.est_recevable else 1

    def en_valeurs(self) -> dict[str, Any]:
        """The report as a JSON object."""
        identite = self.resultat.identite
        etape = self.resultat.etape
        entete = {
            "lisible": not self.resultat.illisible,
            "recevable": self.resultat.est_recevable,
            "structure": identite.structure,
            "prestation": identite.prestation,
            "nature": identite.nature,
            "exercice": identite.exercice,
            "etape": etape.id if etape else "",
            "donnees": self.resultat.donnees,
        }
        return en_json(self.resultat.nom, entete, self.anomalies)


def verifier(contexte: Contexte, chemin: Path, jour: date | None = None) -> Verification:
    """Check one file against the record; nothing is written.

    Raises:
        ActeRefuse: when there is no such file, or it cannot be opened.
    """
    try:
        trop_lourd = chemin.stat().st_size > TAILLE_MAX
        octets = b"" if trop_lourd else chemin.read_bytes()
    except OSError as erreur:
        raise ActeRefuse(f"Le fichier « {chemin} » ne s'ouvre pas ({dire_l_obstacle(erreur)}).") from None
    recu_le = contexte.maintenant(jour).date()
    if trop_lourd:
        fichiers = [FichierLu(chemin.name, recu_le, recu_le, None, refus_de_taille())]
    else:
        fichiers = lire_fichiers([(chemin.name, octets, recu_le)], recu_le)
    with transaction(contexte.moteur) as session:
        connu = referentiel(contexte, session)
    (resultat,) = verifier_fichiers(fichiers, connu)
    adouci = tuple(_hors_campagne(a, resultat.etape) for a in resultat.anomalies)
    return Verification(replace(resultat, anomalies=adouci), octets)


def _hors_campagne(anomalie: Anomalie, reglee: Etape | None) -> Anomalie:
    """Say of a closed campaign what a verification may say: nothing was deposited."""
    if anomalie.code not in HORS_CAMPAGNE or reglee is None:
        return anomalie
    suite = "close : déposé maintenant, ce classeur serait refusé"
    if anomalie.code == "campagne_pas_ouverte":
        suite = f"ouverte à partir du {reglee.ouverture:%d/%m/%Y} : déposé avant, ce classeur attendrait ce jour-là"
    message = f"La campagne « {reglee.libelle} » est {suite}. La vérification, elle, ne dépose rien."
    return replace(anomalie, severite=Severite.INFORMATION, message=message)


def annoter_copie(verification: Verification, cible: Path) -> None:
    """Write a copy of the verified workbook with its anomalies marked at their cells.

    Raises:
        ActeRefuse: when the file could not be read, or the copy cannot be made or written.
    """
    if verification.resultat.illisible:
        raise ActeRefuse("Ce fichier n'a pas pu être lu : il n'y a pas de copie à annoter.")
    try:
        cible.write_bytes(annoter_a_part(verification.octets, verification.anomalies, verification.questions))
    except FichierRefuse as refus:
        raise ActeRefuse(refus.phrase) from None
    except OSError as erreur:
        raise ActeRefuse(f"La copie « {cible} » ne s'écrit pas ({dire_l_obstacle(erreur)}).") from None


def refus_de_taille() -> Anomalie:
    """The anomaly of a file too heavy to be read."""
    message = (
        f"Ce fichier dépasse {TAILLE_MAX // 2**20} Mo : il n'a pas été lu. Retirez-en les images, puis redéposez-le."
    )
    return Anomalie(f"{FICHIER}trop_lourd", Severite.BLOQUANTE, message)


def lire_fichiers(
    contenus: Sequence[tuple[str, bytes, date]],
    instruit_le: date,
    avancement: Callable[[int, int], None] | None = None,
) -> list[FichierLu]:
    """Read files (name, bytes, day of reception) in one isolated process; a refused one keeps its reason."""
    lus = []
    with LecteurIsole() as lecteur:
        for rang, (nom, octets, recu_le) in enumerate(contenus, start=1):
            try:
                lus.append(FichierLu(nom, recu_le, instruit_le, lecteur.lire(octets)))
            except FichierRefuse as refus:
                anomalie = Anomalie(f"{FICHIER}{refus.code}", Severite.BLOQUANTE, refus.phrase)
                lus.append(FichierLu(nom, recu_le, instruit_le, None, anomalie))
            if avancement is not None:
                avancement(rang, len(contenus))
    return lus


@lru_cache
def _seuils(config: Path, form: Formulaire) -> Seuils:
    return charger_seuils(config, form)


def referentiel(contexte: Contexte, session: Session) -> Referentiel:
    """Gather what workbooks are checked against: forms, thresholds, barème, structures, conventions, known answers."""
    config = contexte.reglages.config
    prestations = sorted(fichier.stem for fichier in (config / "formulaires").glob("*.yaml"))
    formulaires = {prestation: formulaire(contexte, prestation) for prestation in prestations}
    etapes = [
        e for calendrier in calendriers(contexte) for e in calendrier.etapes if prestations_collectees(contexte, e)
    ]
    structures = structures_attendues(session, prestations)
    return Referentiel(
        formulaires=formulaires,
        seuils={prestation: _seuils(config, form) for prestation, form in formulaires.items()},
        structures={s.code: _connue(s, p, formulaires[s.prestation]) for s, p in structures},
        etapes=tuple((e, fin_de_reception(e, plan_relances(contexte, e))) for e in etapes),
        references=_reponses_connues(contexte, [s for s, _ in structures], _natures_comparees(etapes)),
        conditions=_conditions(session, [s for s, _ in structures], etapes),
        bareme=bareme(contexte),
        delais=_delais(contexte, session, [s for s, _ in structures], etapes),
    )


def _reponses_connues(
    contexte: Contexte, structures: Sequence[Structure], natures: Collection[tuple[str, int]]
) -> Callable[[str], ReponsesConnues]:
    """Give what reads the known answers of a structure, once, when a file asks for them."""
    par_code = {s.code: (s.id or 0, formulaire(contexte, s.prestation)) for s in structures}

    @cache
    def lire(code: str) -> ReponsesConnues:
        connues: dict[tuple[str, int], dict[str, dict[str, Valeur]]] = {}
        if code in par_code:
            identifiant, modele = par_code[code]
            with transaction(contexte.moteur) as session:
                for d in declarations_en_vigueur(session, [identifiant], natures):
                    connues.setdefault((d.nature, d.exercice), {})[d.etape] = depuis_json(modele, d.donnees)
        return connues

    return lire


def _delais(
    contexte: Contexte, session: Session, structures: Sequence[Structure], etapes: Sequence[Etape]
) -> dict[tuple[str, str], tuple[Etape, date | None]]:
    """Give the dates of who was given more time, by step and structure; the step opened for them as for the others."""
    prolongees = prolongations_par_etape(session)
    delais = {}
    for reglee in (e for e in etapes if e.id in prolongees):
        partenaires = {p.partenaire_id for p in prolongees[reglee.id]}
        for structure in (s for s in structures if s.partenaire_id in partenaires):
            dates = replace(dates_pour(contexte, session, reglee, structure), ouverture=reglee.ouverture)
            delais[reglee.id, structure.code] = dates, fin_de_reception(dates, plan_relances(contexte, reglee))
    return delais


def _conditions(
    session: Session, structures: Sequence[Structure], etapes: Sequence[Etape]
) -> dict[str, dict[int, dict[str, Donnee]]]:
    """Give what the convention in force at the end of each exercice declared or compared brings to the right."""
    exercices = {exercice for e in etapes if e.exercice is not None for exercice in (e.exercice - 1, e.exercice)}
    par_id = {s.id: s for s in structures}
    trouvees: dict[str, dict[int, dict[str, Donnee]]] = {}
    for convention in conventions_des_structures(session, [s.id or 0 for s in structures]):
        structure = par_id[convention.structure_id]
        typees = typer_entrees(structure.prestation, conditions(convention))
        for exercice in exercices:
            if convention.du <= periode_de(structure, exercice).au <= convention.au:
                trouvees.setdefault(structure.code, {})[exercice] = typees
    return trouvees


def _natures_comparees(etapes: Sequence[Etape]) -> frozenset[tuple[str, int]]:
    """Give the natures and exercices that the answers to the steps are compared with."""
    exercices = {e.exercice for e in etapes if e.exercice is not None}
    return frozenset(
        comparee
        for exercice in exercices
        for comparee in (("previsionnel", exercice), ("actualisation", exercice), ("reel", exercice - 1))
    )


def _connue(structure: Structure, partenaire: Partenaire, form: Formulaire) -> StructureConnue:
    demandees = {c.cle for c in form.champs if c.origine is Origine.CAF}
    tenues: dict[str, Valeur | None] = {
        "places": structure.places,
        "taux_regime_general": Decimal(structure.taux_regime_general),
        "statut_gestionnaire": structure.statut_gestionnaire.value,
        "type_accueil": structure.type_accueil,
    }
    return StructureConnue(
        code=structure.code,
        nom=structure.nom,
        gestionnaire=partenaire.code,
        siret=structure.siret,
        commune=structure.commune,
        prestation=structure.prestation,
        valeurs={cle: valeur for cle, valeur in tenues.items() if cle in demandees and valeur is not None},
    )
