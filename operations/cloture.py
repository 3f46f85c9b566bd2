"""Closing the barème of an exercice: its values are locked, so that no figure of a past year moves unseen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from regles.baremes import ErreurDeBareme, Statut
from schemas.configuration.baremes import charger_bareme, lire_a_clore
from schemas.configuration.reglages import Reglages
from schemas.configuration.verrous import Verrou, ajouter_verrou, lire_verrous


@dataclass(frozen=True, slots=True)
class Cloture:
    """What closing an exercice locks: the sha256 of its values, and how many there are of each status.

    `ancien` is the lock that this one replaces; None the first time.
    """

    exercice: int
    empreinte: str
    valeurs: Mapping[Statut, int]
    ancien: Verrou | None


def preparer_cloture(reglages: Reglages, exercice: int, jour: date) -> Cloture:
    """Say what closing the exercice on `jour` would lock, writing nothing.

    Raises:
        ErreurDeBareme: no barème for that exercice, an exercice still open or incomplete, or one already closed with
            these very values.
        ErreurDeConfiguration: an unreadable barème.
    """
    if exercice >= jour.year:
        raise ErreurDeBareme(f"L'exercice {exercice} n'est pas fini : il se clôt à partir du 01/01/{exercice + 1}.")
    lu = lire_a_clore(reglages.config, exercice)
    if lu is None:
        raise ErreurDeBareme(f"Aucun barème n'est enregistré pour l'exercice {exercice}.")
    if not lu.est_complet:
        raise ErreurDeBareme(
            f"Le barème {exercice} n'est pas complet : écrire chaque valeur, au besoin « inconnu », puis "
            f"« complet: true » dans baremes/{exercice}.yaml."
        )
    verrous = [v for v in lire_verrous(reglages.config / "baremes") if v.exercice == exercice]
    ancien = verrous[-1] if verrous else None
    if ancien is not None and ancien.empreinte == lu.empreinte:
        raise ErreurDeBareme(
            f"L'exercice {exercice} est déjà clos avec ces valeurs, depuis le {ancien.clos_le:%d/%m/%Y}, par "
            f"{ancien.clos_par}."
        )
    bareme = charger_bareme(reglages.config, demonstration=False, a_clore=exercice)
    siennes = [v for v in bareme.valeurs if v.du.year == exercice and v.statut is not Statut.CONFIRME]
    return Cloture(exercice, lu.empreinte, Counter(v.statut for v in siennes), ancien)


def clore(reglages: Reglages, cloture: Cloture, par: str, motif: str, jour: date) -> Verrou:
    """Lock what `preparer_cloture` gave: a line of `config/baremes/verrous.yaml`, after those already there.

    Raises:
        ErreurDeBareme: in demonstration, for someone who may not release payments, or without a reason.
        ErreurDeConfiguration: when the lock cannot be written.
    """
    if reglages.demonstration:
        raise ErreurDeBareme("La démonstration ne clôt aucun exercice.")
    habilites = {personne.identifiant for personne in reglages.fichier.equipe if "liberer" in personne.peut}
    if par not in habilites:
        raise ErreurDeBareme(f"« {par} » n'est pas une personne de l'équipe qui peut libérer (config/reglages.yaml).")
    if not motif.strip():
        raise ErreurDeBareme("Dire pourquoi l'exercice est clos.")
    verrou = Verrou(
        exercice=cloture.exercice, empreinte=cloture.empreinte, clos_par=par, clos_le=jour, motif=motif.strip()
    )
    ajouter_verrou(reglages.config / "baremes", verrou)
    return verrou
