"""The accepted files of an exercice, and the sums kept of a file."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlmodel import Session, select

from modeles.requetes_filoue import SANS_BRUTS, SANS_OCTETS
from modeles.tables import FichierFiloue, Structure
from regles.etats import EtatDepot
from regles.filoue import SommesFiloue
from regles.monnaie import arrondir, exact

DECIMALES = 4  # of a sum: as many as a cell keeps


def fichiers_acceptes(
    session: Session, exercice: int, *, avec_donnees: bool = False
) -> Sequence[tuple[FichierFiloue, Structure]]:
    """Give the accepted file of each structure for an exercice, by structure code; the encrypted bytes stay behind."""
    return session.exec(
        select(FichierFiloue, Structure)
        .where(
            FichierFiloue.structure_id == Structure.id,
            FichierFiloue.exercice == exercice,
            FichierFiloue.etat == EtatDepot.ACCEPTE,
        )
        .options(*(SANS_BRUTS if avec_donnees else SANS_OCTETS))
        .order_by(Structure.code)
    ).all()


def ecrire_sommes(sommes: SommesFiloue) -> dict[str, Any]:
    """Give the sums of a file as the database keeps them: hours and euros are decimal texts.

    Raises:
        ValueError: a sum that no decimal text writes.
    """
    return {
        "lignes": sommes.lignes,
        "heures_facturees": _texte(sommes.heures_facturees),
        "heures_realisees": _texte(sommes.heures_realisees),
        "montant_facture": _texte(sommes.montant_facture),
    }


def lire_sommes(valeurs: Mapping[str, Any]) -> SommesFiloue:
    """Give back the sums kept by `ecrire_sommes`."""
    return SommesFiloue(
        valeurs["lignes"],
        exact(valeurs["heures_facturees"]),
        exact(valeurs["heures_realisees"]),
        exact(valeurs["montant_facture"]),
    )


def _texte(valeur: Fraction) -> str:
    texte = arrondir(valeur, DECIMALES)
    if Fraction(texte) != valeur:
        raise ValueError("somme à plus de quatre décimales")
    return f"{texte.normalize():f}"
