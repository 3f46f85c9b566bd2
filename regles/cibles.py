"""How much of a right must have been paid by now: a share of it while it is expected, all of it once it is real.

    cible = droit réel
    cible = min(taux cumulé ; plafond) × droit prévisionnel ou actualisé     (acomptes)

Source: docs/regles.md §1 (prudential cap on the acomptes; the rates are local parameters of the barème).
"""

from datetime import date
from fractions import Fraction

from regles.baremes import Bareme
from regles.monnaie import arrondir_au_centime, en_euros, exact, formater_nombre
from regles.trace import Calcul, Droit

REEL = "reel"
PLAFOND = "acompte.plafond"


def calculer_cible(
    prestation: str, nature: str, exercice: int, droit_centimes: int, bareme: Bareme, connu_le: date
) -> Droit:
    """Give what must have been paid in all, explained like a right: `droit_centimes` is the target, in cents.

    None when a rate is unknown. An acompte never exceeds the cap, not even by the rounding of a cent.
    """
    calcul = Calcul(bareme, exercice, connu_le)
    droit = exact(en_euros(droit_centimes))
    libelle = "Droit réel" if nature == REEL else "Droit attendu"
    calcul.ligne("droit", libelle, "€", lambda: (f"{formater_nombre(droit)} €", droit))
    if nature == REEL:
        return calcul.conclure(prestation, nature, [droit])

    def operation() -> tuple[str, Fraction | None]:
        taux, plafond = (p.nombre for p in calcul.parametres(f"acompte.taux_cumule.{nature}", PLAFOND))
        retenu = min(taux, plafond)
        entier = int(plafond * droit_centimes)
        cible = min(arrondir_au_centime(retenu * droit), entier)
        ecriture = f"{formater_nombre(retenu * 100)} % × {formater_nombre(droit)} €"
        if taux > plafond:
            ecriture += f" (plafond des acomptes, au lieu de {formater_nombre(taux * 100)} %)"
        return ecriture, exact(en_euros(cible))

    cible = calcul.ligne("cible", "Acomptes cumulés, au plus", "€", operation)
    return calcul.conclure(prestation, nature, [cible])
