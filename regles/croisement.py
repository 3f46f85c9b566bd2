"""What a Filoué file adds up to, beside the réel of the same structure and exercice: exact gaps, no judgement.

A gap asks for an explanation, it never weighs on a payment: families may have opposed, so that fewer hours than at the
réel are normal. Sources: docs/regles.md, Filoué.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from regles.filoue import SommesFiloue
from regles.monnaie import INSECABLE, exact, formater_mesure, formater_nombre

HEURES, EUROS = "heures", "€"


@dataclass(frozen=True, slots=True)
class Grandeur:
    """A figure that both sides know: its key in a réel, its column in a file, its unit."""

    cle: str
    colonne: str
    libelle: str
    unite: str


GRANDEURS = (
    Grandeur("heures_facturees", "NOMBRE_HEURES_FACTUREES", "heures facturées", HEURES),
    Grandeur("heures_realisees", "NOMBRE_HEURES_REALISEES", "heures réalisées", HEURES),
    Grandeur("participations_familiales", "MONTANT_FACTURE", "participations familiales", EUROS),
)


@dataclass(frozen=True, slots=True)
class EcartFiloue:
    """A figure of the file and of the réel, in hours or euros."""

    grandeur: Grandeur
    filoue: Fraction
    reel: Fraction

    @property
    def part(self) -> Fraction | None:
        """The gap as a share of the réel, signed; None when the réel is 0 and the file is not."""
        if self.reel:
            return (self.filoue - self.reel) / self.reel
        return None if self.filoue else Fraction(0)

    def depasse(self, seuil: Fraction) -> bool:
        """Whether the gap is beyond the threshold (a share); exactly the threshold is not."""
        part = self.part
        return part is None or abs(part) > seuil

    @property
    def pourcentage(self) -> str:
        """« +12 % », « −3,25 % »; « ≈ » when two places hide something."""
        part = self.part
        if part is None:
            return "réel nul"
        signe = "−" if part < 0 else "+" if part else ""
        nombre = formater_nombre(abs(part) * 100, 2)
        approche, _, chiffres = nombre.rpartition(INSECABLE)
        return f"{approche}{INSECABLE if approche else ''}{signe}{chiffres}{INSECABLE}%"

    @property
    def phrase(self) -> str:
        """The two values and the gap, as a sentence for the partner and the team."""
        filoue, reel = (formater_mesure(valeur, self.grandeur.unite, 2) for valeur in (self.filoue, self.reel))
        debut = self.grandeur.libelle.capitalize()
        return f"{debut} : {filoue} dans le fichier Filoué, {reel} au réel, soit un écart de {self.pourcentage}."


def comparer(sommes: SommesFiloue, reel: Mapping[str, object]) -> tuple[EcartFiloue, ...]:
    """Put each sum of a file beside the answer of the réel; an answer it does not hold is left out.

    Raises:
        ValueError: an answer of the réel that is not a decimal number.
        TypeError: a float.
    """
    du_fichier = {
        "heures_facturees": sommes.heures_facturees,
        "heures_realisees": sommes.heures_realisees,
        "participations_familiales": sommes.montant_facture,
    }
    return tuple(
        EcartFiloue(grandeur, du_fichier[grandeur.cle], _nombre(reel[grandeur.cle]))
        for grandeur in GRANDEURS
        if reel.get(grandeur.cle) is not None
    )


def _nombre(valeur: object) -> Fraction:
    if not isinstance(valeur, str | int):
        raise TypeError(f"nombre exact attendu, reçu {type(valeur).__name__}")
    return exact(valeur)
