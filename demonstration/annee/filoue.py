"""The Filoué files of the year: the children of each crèche, their sums aimed at the réel that it declared.

Two gaps are planted: 3 %, under the threshold of config/filoue.yaml (`ecart_afas`), and 12 %, beyond it.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from demonstration.actes import Acte
from demonstration.boites import Fichier
from demonstration.filoue import CENT, HABITUDES, Sommes, ecrire, inventer
from demonstration.hasard import hasard
from demonstration.lieux import EAJE
from demonstration.partenaires import reponses
from demonstration.reseau import charger_reseau
from operations.contexte import Contexte
from regles.filoue import StructureAttendue

REEL = "reels-2025-a"
ENFANTS_PAR_PLACE = Fraction(3, 2)
# Hours billed in the file, over those of the réel.
ECARTS: Mapping[str, Fraction] = {"EAJE02": Fraction(103, 100), "EAJE12": Fraction(112, 100)}
COUPABLES: Mapping[str, frozenset[str]] = {
    "jamais": frozenset({"EAJE21"}),
    "en_retard": frozenset({"EAJE05", "EAJE13", "EAJE27"}),
    "autre_annee": frozenset({"EAJE10"}),
}


def fichier_filoue(contexte: Contexte, code: str, exercice: int, activite: int, *, juste: bool) -> Fichier:
    """Write the file of a crèche for an exercice; a wrong one is another year's.

    `activite`: thousandths of a usual year, as its réel was declared.
    """
    equipement = next(e for e in charger_reseau(contexte.reglages.config).equipements if e.code == code)
    reel = reponses(contexte, Acte(code, etape=REEL, activite=activite))
    heures = {cle: int(Decimal(reel[cle]) * CENT) for cle in ("heures_facturees", "heures_realisees")}
    montant = int(Decimal(reel["participations_familiales"]) * CENT)
    facturees = int(heures["heures_facturees"] * ECARTS.get(code, Fraction(1)))
    sommes = Sommes(facturees, min(heures["heures_realisees"], facturees), montant)
    enfants = inventer(int((equipement.places or 1) * ENFANTS_PAR_PLACE), exercice, code, sommes)
    if not juste:
        avant = exercice - 2
        enfants = tuple(
            replace(e, premier=e.premier.replace(year=avant), dernier=e.dernier.replace(year=avant)) for e in enfants
        )
    habitude = HABITUDES[hasard("annee", "logiciel", code).choice(sorted(h for h in HABITUDES if h.startswith("v3")))]
    suite = "" if juste else " (ancien)"
    return Fichier(f"{code} filoue {exercice}{suite}.csv", ecrire(enfants, _attendue(code), habitude))


def _attendue(code: str) -> StructureAttendue:
    """Say how the software of a crèche names itself; the Caf has not recorded these identifiers yet."""
    rang = int(code.removeprefix(EAJE))
    return StructureAttendue(code, 0, code_organisme="521", dossier_afc=f"2001000{rang:02d}", idequ=f"52000{rang:02d}")
