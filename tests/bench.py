"""`make bench`: 29 workbooks from deposit to right; each stage's share of one run, then the same through the flows.

Shares of one run, not seconds to compare between machines. The answers' mails and the artifacts are in the second part.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

OUVERTURE, DEPOT, EXAMEN = date(2026, 2, 8), date(2026, 2, 16), date(2026, 3, 11)
CIBLE = 15.0
FLUX = "flux"


class Chronometre:
    """Time spent by stage, in seconds of a clock; a stage inside another is taken off the outer one."""

    def __init__(self, horloge: Callable[[], float] = time.perf_counter) -> None:
        self.temps: dict[str, float] = {}
        self._horloge = horloge
        self._pile: list[float] = []

    @contextmanager
    def etape(self, nom: str) -> Iterator[None]:
        debut = self._horloge()
        self._pile.append(0.0)
        try:
            yield
        finally:
            ecoule = self._horloge() - debut
            self.temps[nom] = self.temps.get(nom, 0.0) + ecoule - self._pile.pop()
            if self._pile:
                self._pile[-1] += ecoule

    def suivre(self, module: Any, fonction: str, nom: str) -> None:
        """Count every call of a function under a stage."""
        vraie: Callable[..., Any] = getattr(module, fonction)

        def chronometree(*args: Any, **kwargs: Any) -> Any:
            with self.etape(nom):
                return vraie(*args, **kwargs)

        setattr(module, fonction, chronometree)

    @contextmanager
    def suivis(self, fonctions: Sequence[tuple[Any, str, str]]) -> Iterator[None]:
        """Count every call of some functions under their stages, for the time of a block."""
        vraies = [(module, fonction, getattr(module, fonction)) for module, fonction, _ in fonctions]
        for module, fonction, nom in fonctions:
            self.suivre(module, fonction, nom)
        try:
            yield
        finally:
            for module, fonction, vraie in vraies:
                setattr(module, fonction, vraie)


def preparer(dossier: Path) -> Any:
    """Install the network, open the campaign, and put 29 filled workbooks in the inbox; give the context."""
    os.environ["CAMPAGNES_VAR"] = str(dossier)
    os.environ["CAMPAGNES_DEMONSTRATION"] = "1"
    from demonstration.actes import CAMPAGNE, Acte
    from demonstration.installation import installer
    from demonstration.partenaires import agir
    from demonstration.reseau import charger_reseau
    from operations import courriels, relances
    from operations.contexte import contexte

    contexte.cache_clear()
    ici = contexte()
    installer(ici)
    relances.ouvrir(ici, CAMPAGNE, OUVERTURE)
    courriels.envoyer_en_attente(ici, OUVERTURE)
    for equipement in charger_reseau(ici.reglages.config).equipements:
        if equipement.prestation == "EAJE":
            agir(ici, Acte(equipement.code))
    return ici


def par_les_operations(ici: Any) -> Chronometre:
    """From the inbox to rights, timed."""
    from demonstration.actes import CAMPAGNE
    from demonstration.equipe import MOTIF, VALIDE_PAR
    from operations import droits, instruction, reception
    from schemas.declarations import verification

    chrono = Chronometre()
    chrono.suivre(instruction, "lire_fichiers", "garde et lecture isolée")
    chrono.suivre(verification, "_examiner", "lecture française et contrat")
    chrono.suivre(verification, "_appliquer_contrat", "lecture française et contrat")
    chrono.suivre(verification, "_controler", "contrôles")
    with chrono.etape("écriture"):
        reception.enregistrer_arrivees(ici, DEPOT)
        bilan = reception.instruire(ici, DEPOT)
        droits.valider(ici, CAMPAGNE, VALIDE_PAR, MOTIF, EXAMEN)
    with chrono.etape("droit"):
        calcules = droits.calculer_droits(ici, CAMPAGNE, EXAMEN)
    assert (bilan.acceptes, len(calcules.lignes)) == (29, 29)
    return chrono


def par_les_flux(dossier: Path) -> Chronometre:
    """The same, with answers and artifacts, through the flows on a real server (in a process that ends before it)."""
    from demonstration.serveur import serveur_prefect

    preparer(dossier)
    silence = {"PREFECT_LOGGING_TO_API_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "ERROR"}
    chrono = Chronometre()
    with serveur_prefect(dossier / "prefect", lambda _: None):
        commande = [sys.executable, "-m", "tests.bench", FLUX]
        sortie = subprocess.run(commande, env={**os.environ, **silence}, stdout=subprocess.PIPE, check=True).stdout
    chrono.temps = json.loads(sortie)
    return chrono


def executer_les_flux() -> None:
    """Run the flows in this process, and print the time of each as JSON."""
    from demonstration.actes import CAMPAGNE
    from demonstration.equipe import MOTIF, VALIDE_PAR
    from flows.demandes import DemandeCampagne, DemandeReception, DemandeValidation
    from flows.droits import calculer_droits, valider
    from flows.receptions import recevoir

    chrono = Chronometre()
    with chrono.etape("réception, réponses et artefacts"):
        recevoir(DemandeReception(jour=DEPOT))
    with chrono.etape("validation"):
        valider(DemandeValidation(etape=CAMPAGNE, par=VALIDE_PAR, motif=MOTIF, jour=EXAMEN))
    with chrono.etape("droits, explications et artefacts"):
        calculer_droits(DemandeCampagne(etape=CAMPAGNE, jour=EXAMEN))
    sys.stdout.write(json.dumps(chrono.temps))


def afficher(titre: str, chrono: Chronometre) -> float:
    """Print the shares; give the total in seconds."""
    total = sum(chrono.temps.values())
    sys.stdout.write(f"\n{titre} : {total:.2f} s\n")
    for nom, temps in sorted(chrono.temps.items(), key=lambda paire: -paire[1]):
        sys.stdout.write(f"  {nom:<34}{temps / total:6.1%}\n")
    return total


def main() -> int:
    """Run both; exit code 1 when the flows take longer than the target."""
    with tempfile.TemporaryDirectory() as dossier:
        ici = preparer(Path(dossier, "operations"))
        afficher("29 classeurs, du dépôt au droit, par les opérations", par_les_operations(ici))
        total = afficher("Les mêmes par les flux Prefect, serveur démarré", par_les_flux(Path(dossier, "flux")))
    sys.stdout.write(f"\nCible : moins de {CIBLE:.0f} s — {'tenue' if total < CIBLE else 'dépassée'}.\n")
    return 0 if total < CIBLE else 1


if __name__ == "__main__":
    if sys.argv[1:] == [FLUX]:
        executer_les_flux()
    else:
        sys.exit(main())
