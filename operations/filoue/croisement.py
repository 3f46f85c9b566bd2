"""Cross-check of the Filoué files with the AFAS réels: told to the partner and the team, never weighed on a payment.

Done when a file comes (`ecarts_du_reel`) and, for the réels that come later, over a whole exercice (`croiser`).
"""

from dataclasses import dataclass
from fractions import Fraction

from sqlmodel import Session

from modeles.base import transaction
from modeles.requetes import declarations_de_reference
from operations.configuration import reglages_filoue
from operations.contexte import Contexte
from operations.filoue.acceptes import fichiers_acceptes, lire_sommes
from regles.anomalies import Severite
from regles.croisement import EcartFiloue, comparer
from regles.filoue import AnomalieFiloue, SommesFiloue

REEL = "reel"
CODE = "ecart_afas"
OPPOSITIONS = "Si des familles se sont opposées à la transmission, il peut être normal."


@dataclass(frozen=True, slots=True)
class Croisement:
    """A file beside the réel of its structure. `ecarts` is None as long as there is no réel: said, not an alert."""

    structure: str
    nom: str
    fichier: int
    ecarts: tuple[EcartFiloue, ...] | None
    seuil: Fraction

    @property
    def alertes(self) -> tuple[EcartFiloue, ...]:
        """The gaps beyond the threshold."""
        return tuple(ecart for ecart in self.ecarts or () if ecart.depasse(self.seuil))


@dataclass(frozen=True, slots=True)
class BilanCroisement:
    """Every accepted file of an exercice, by structure code."""

    exercice: int
    lignes: tuple[Croisement, ...]

    @property
    def en_alerte(self) -> tuple[Croisement, ...]:
        """The files with a gap beyond the threshold."""
        return tuple(ligne for ligne in self.lignes if ligne.alertes)

    @property
    def sans_reel(self) -> tuple[Croisement, ...]:
        """The files whose structure has no réel yet."""
        return tuple(ligne for ligne in self.lignes if ligne.ecarts is None)

    @property
    def phrase(self) -> str:
        """« 24 fichiers comparés au réel 2025, dont 2 avec un écart à expliquer ; 3 sans réel. »."""
        compares = len(self.lignes) - len(self.sans_reel)
        mots = f"{compares} fichier(s) comparé(s) au réel {self.exercice}, dont {len(self.en_alerte)} avec un écart à "
        return f"{mots}expliquer ; {len(self.sans_reel)} sans réel."


def croiser(contexte: Contexte, exercice: int) -> BilanCroisement:
    """Compare every accepted file of an exercice with the réel as it stands now. Nothing is written."""
    seuil = seuil_ecart(contexte)
    with transaction(contexte.moteur) as session:
        acceptes = fichiers_acceptes(session, exercice)
        reels = declarations_de_reference(session, [s.id or 0 for _, s in acceptes], REEL, exercice)
        lignes = [
            Croisement(
                structure=structure.code,
                nom=structure.nom,
                fichier=fichier.id or 0,
                ecarts=comparer(lire_sommes(fichier.sommes), reels[structure.id or 0].donnees)
                if structure.id in reels
                else None,
                seuil=seuil,
            )
            for fichier, structure in acceptes
        ]
    return BilanCroisement(exercice, tuple(lignes))


def ecarts_du_reel(
    session: Session, structure_id: int, exercice: int, sommes: SommesFiloue
) -> tuple[EcartFiloue, ...] | None:
    """Compare the sums of a file just read with the réel of its structure; None when there is none yet."""
    reel = declarations_de_reference(session, [structure_id], REEL, exercice).get(structure_id)
    return None if reel is None else comparer(sommes, reel.donnees)


def alertes_du_croisement(ecarts: tuple[EcartFiloue, ...] | None, seuil: Fraction) -> tuple[AnomalieFiloue, ...]:
    """Give an alert for each gap beyond the threshold (a share): both values, the gap, and what to do about it."""
    return tuple(
        AnomalieFiloue(
            CODE,
            Severite.ALERTE,
            f"{ecart.phrase} {OPPOSITIONS}" if ecart.filoue < ecart.reel else ecart.phrase,
            colonne=ecart.grandeur.colonne,
        )
        for ecart in ecarts or ()
        if ecart.depasse(seuil)
    )


def seuil_ecart(contexte: Contexte) -> Fraction:
    """Give the share of the réel beyond which a gap is an alert (config/filoue.yaml, `ecart_afas`)."""
    return Fraction(reglages_filoue(contexte).seuils.ecart_afas.valeur)
