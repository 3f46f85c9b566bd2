"""Next year's calendar, drafted for a person to review: the file, what moved, what must follow. Nothing is put live."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from echanges.brouillon import brouillon_yaml, demarches_yaml
from operations.configuration import calendriers
from operations.contexte import ActeRefuse, Contexte
from regles.calendrier_suivant import Brouillon, EtapeReportee, avancer_annees, preparer
from schemas.configuration.calendrier import charger_calendrier
from schemas.configuration.demarches import charger_demarches, feries


@dataclass(frozen=True, slots=True)
class BrouillonEcrit:
    """A draft as text, and what the reviewer must know. `demarches`: lines for config/demarches.yaml, "" when none."""

    brouillon: Brouillon
    yaml: str
    demarches: str

    @property
    def etapes(self) -> tuple[EtapeReportee, ...]:
        """The drafted steps."""
        return self.brouillon.etapes


def preparer_annee(contexte: Contexte, annee: int) -> BrouillonEcrit:
    """Draft the calendar of a year from that of the year before; a step that a calendar already publishes is left out.

    Raises:
        ActeRefuse: no calendar for the year before, or every step already published.
    """
    publies = {calendrier.annee: calendrier for calendrier in calendriers(contexte)}
    if annee - 1 not in publies:
        connues = ", ".join(map(str, publies))
        raise ActeRefuse(
            f"Le calendrier {annee} se prépare sur celui de {annee - 1}, qui manque (publiés : {connues})."
        )
    identifiants = {etape.id for calendrier in publies.values() for etape in calendrier.etapes}
    anciens = [calendrier for calendrier in publies.values() if calendrier.annee < annee - 1]
    brouillon = preparer(publies[annee - 1], identifiants, feries(), anciens)
    if not brouillon.etapes:
        raise ActeRefuse(f"Toutes les étapes de {annee - 1} ont déjà leur suite : rien à préparer.")
    texte = brouillon_yaml(brouillon, contexte.maintenant().date())
    _relire(texte, annee)
    reprises = _demarches(contexte, brouillon)
    return BrouillonEcrit(brouillon, texte, demarches_yaml(reprises) if reprises else "")


def ecrire_brouillon(ecrit: BrouillonEcrit, chemin: Path) -> None:
    """Write a draft where nothing is yet.

    Raises:
        ActeRefuse: the file exists: a calendar is never written over.
    """
    try:
        with chemin.open("x", encoding="utf-8") as fichier:
            fichier.write(ecrit.yaml)
    except FileExistsError:
        raise ActeRefuse(
            f"« {chemin} » existe déjà : un calendrier n'est jamais écrasé. Donnez un autre nom."
        ) from None


def _relire(texte: str, annee: int) -> None:
    """Read the draft back as the installation would: it never hands over what it would refuse."""
    with TemporaryDirectory() as dossier:
        fichier = Path(dossier) / f"{annee}.yaml"
        fichier.write_text(texte, encoding="utf-8")
        charger_calendrier(fichier)


def _demarches(contexte: Contexte, brouillon: Brouillon) -> Mapping[str, Mapping[str, Any]]:
    """Give what must be said again of the drafted steps: what the last of their line that has lines of its own says.

    Years in the words move like those of the steps, once for each year passed since.
    """
    publies = calendriers(contexte)
    lues = charger_demarches(
        contexte.reglages.config / "demarches.yaml",
        {e.id: e for c in publies for e in c.etapes},
        {code for c in publies for code, _ in c.prestations},
    )
    reprises: dict[str, Mapping[str, Any]] = {}
    for reportee in brouillon.etapes:
        recul = next((rang for rang, ancienne in enumerate(reportee.lignee) if ancienne in lues.etapes), None)
        if recul is None:
            continue
        dites = lues.etapes[reportee.lignee[recul]].model_dump(mode="json", exclude_unset=True)
        for annee in range(brouillon.annee - 1 - recul, brouillon.annee):
            dites = _avancer(dites, annee)
        reprises[reportee.etape.id] = dites
    return reprises


def _avancer(valeur: Any, annee: int) -> Any:
    """Move by one the years that texts name, at any depth."""
    match valeur:
        case str():
            return avancer_annees(valeur, annee)
        case dict():
            return {cle: _avancer(v, annee) for cle, v in valeur.items()}
        case list():
            return [_avancer(v, annee) for v in valeur]
        case _:
            return valeur
