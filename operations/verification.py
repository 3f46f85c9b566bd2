"""Check a workbook without depositing it, and the record that deposits are checked against."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import Session

from echanges.classeur.annotation import annoter
from echanges.classeur.garde import TAILLE_MAX
from echanges.classeur.lecture import LecteurIsole
from modeles.base import transaction
from modeles.requetes import declarations_de_reference, structures_attendues
from modeles.tables import Partenaire, Structure
from operations.configuration import calendriers, formulaire, plan_relances
from operations.contexte import ActeRefuse, Contexte
from regles.anomalies import Anomalie, Severite
from regles.calendrier import fin_de_reception
from regles.champs import Formulaire
from regles.controles import Seuils
from regles.grille import FichierRefuse
from schemas.configuration.controles import charger_seuils
from schemas.declarations.identite import Referentiel, StructureConnue
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
        raise ActeRefuse(f"Le fichier « {chemin} » ne s'ouvre pas ({erreur.strerror}).") from None
    recu_le = contexte.maintenant(jour).date()
    if trop_lourd:
        fichiers = [FichierLu(chemin.name, recu_le, recu_le, None, refus_de_taille())]
    else:
        fichiers = lire_fichiers([(chemin.name, octets, recu_le)], recu_le)
    with transaction(contexte.moteur) as session:
        connu = referentiel(contexte, session)
    (resultat,) = verifier_fichiers(fichiers, connu)
    adouci = tuple(
        replace(a, severite=Severite.INFORMATION) if a.code in HORS_CAMPAGNE else a for a in resultat.anomalies
    )
    return Verification(replace(resultat, anomalies=adouci), octets)


def annoter_copie(verification: Verification, cible: Path) -> None:
    """Write a copy of the verified workbook with its anomalies marked at their cells.

    Raises:
        ActeRefuse: when the file could not be read, or the copy cannot be written.
    """
    if verification.resultat.illisible:
        raise ActeRefuse("Ce fichier n'a pas pu être lu : il n'y a pas de copie à annoter.")
    try:
        cible.write_bytes(annoter(verification.octets, verification.anomalies))
    except OSError as erreur:
        raise ActeRefuse(f"La copie « {cible} » ne s'écrit pas ({erreur.strerror}).") from None


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
    """Gather what workbooks are checked against: forms, thresholds, structures, steps, known answers."""
    config = contexte.reglages.config
    prestations = sorted(fichier.stem for fichier in (config / "formulaires").glob("*.yaml"))
    formulaires = {prestation: formulaire(contexte, prestation) for prestation in prestations}
    plan = plan_relances(contexte)
    etapes = [e for calendrier in calendriers(contexte) for e in calendrier.etapes if e.nature.est_declaration]
    structures = structures_attendues(session, prestations)
    exercices = {e.exercice for e in etapes if e.exercice is not None}
    attendues = {("previsionnel", e) for e in exercices} | {("reel", e - 1) for e in exercices}
    par_id = {s.id or 0: s for s, _ in structures}
    references = {}
    for nature, exercice in sorted(attendues):
        trouvees = declarations_de_reference(session, tuple(par_id), nature, exercice)
        for identifiant, declaration in trouvees.items():
            structure = par_id[identifiant]
            reponses = depuis_json(formulaires[structure.prestation], declaration.donnees)
            references[structure.code, nature, exercice] = reponses
    return Referentiel(
        formulaires=formulaires,
        seuils={prestation: _seuils(config, form) for prestation, form in formulaires.items()},
        structures={s.code: _connue(s, p) for s, p in structures},
        etapes=tuple((e, fin_de_reception(e, plan)) for e in etapes),
        references=references,
    )


def _connue(structure: Structure, partenaire: Partenaire) -> StructureConnue:
    return StructureConnue(
        code=structure.code,
        nom=structure.nom,
        gestionnaire=partenaire.code,
        siret=structure.siret,
        commune=structure.commune,
        prestation=structure.prestation,
        valeurs={
            "places": structure.places,
            "taux_regime_general": Decimal(structure.taux_regime_general),
            "statut_gestionnaire": structure.statut_gestionnaire.value,
        },
    )
