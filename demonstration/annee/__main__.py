"""`python -m demonstration.annee`: the simulated year twice at once, plain and with stops, then what they come to."""

import shutil
import sys
import time
from random import Random

from demonstration.annee.arrets import Arret, jours, tirer_arrets
from demonstration.annee.bilan import ENTETE, lignes, totaux
from demonstration.annee.comparaison import comparer, dresser
from demonstration.annee.jeu import AnneeInterrompue, Consigne, conclure, lancer
from demonstration.annee.monde import DERNIER_JOUR, PREMIER_JOUR, Monde, ouvrir_monde
from demonstration.annee.oracle import consulter
from demonstration.hasard import GRAINE
from schemas.configuration.reglages import RACINE

MORTS = 8
BANDEAU = "DÉMONSTRATION — réseau, montants et barème inventés ; aucun courriel ne quitte cette machine."


def main() -> int:
    """Play both years; give the exit code: 0 when every invariant held and the two agree."""
    debut = time.monotonic()
    dossier, config = RACINE / "var" / "annee", RACINE / "config"
    shutil.rmtree(dossier, ignore_errors=True)
    dossier.mkdir(parents=True)
    _dire(f"{BANDEAU}\nL'année du {PREMIER_JOUR:%d/%m/%Y} au {DERNIER_JOUR:%d/%m/%Y}, jouée deux fois à la fois.\n")
    arrets = tirer_arrets(ouvrir_monde(dossier / "regle", config).contexte, Random(GRAINE))  # noqa: S311
    entiere = Consigne(dossier / "entiere", config)
    arretee = Consigne(dossier / "arretee", config, frozenset(jours(arrets)), MORTS)
    encours = [(consigne, lancer(consigne)) for consigne in (entiere, arretee)]
    try:
        sans, avec = (conclure(consigne, processus) for consigne, processus in encours)
    except AnneeInterrompue as erreur:
        _dire(f"\nArrêt : {erreur}")
        return 1
    monde, autre = ouvrir_monde(entiere.var, config), ouvrir_monde(arretee.var, config)
    _raconter(monde, sans.secondes)
    _dire("\nInvariants, vérifiés chaque jour (nombre de vérifications, sans arrêt)")
    for invariant, nombre in sorted(sans.faits.items()):
        _dire(f"  {nombre:>7}  {invariant}")
    _dire(f"\nArrêts du serveur : {', '.join(f'{du:%d/%m/%y}-{au:%d/%m/%y}' for du, au in arrets)}")
    _dire(f"Morts subites (SIGKILL) : {avec.morts}")
    identiques = _confronter(monde, autre, arrets)
    _dire(f"\n{time.monotonic() - debut:.0f} secondes. {BANDEAU}")
    return 0 if identiques else 1


def _raconter(monde: Monde, secondes: dict[str, float]) -> None:
    toutes = lignes(monde, consulter(monde.contexte))
    _dire(ENTETE)
    for ligne in toutes:
        _dire(str(ligne))
    _dire(f"\n{sum(ligne.est_jouee for ligne in toutes)} étapes jouées sur {len(toutes)}")
    for total in totaux(monde):
        _dire(total)
    phases = ", ".join(f"{nom} {duree:.0f} s" for nom, duree in secondes.items())
    _dire(f"Temps       : {phases}")


def _confronter(monde: Monde, autre: Monde, arrets: tuple[Arret, ...]) -> bool:
    sans, avec = dresser(monde), dresser(autre)
    for quoi in ("droits", "dus", "courriels"):
        avant, apres = getattr(sans, quoi), getattr(avec, quoi)
        _dire(f"{quoi:<10}: {'identiques' if avant == apres else 'différents'} ({avant[:16]}… et {apres[:16]}…)")
    verdict = comparer(monde.contexte, sans, avec, arrets)
    for dit in verdict.dits:
        _dire(f"  {dit}")
    for faute in verdict.fautes[:20]:
        _dire(f"  INEXPLIQUÉ : {faute}")
    _dire(
        "Conforme à la règle du rattrapage." if not verdict.fautes else f"{len(verdict.fautes)} écart(s) inexpliqué(s)"
    )
    return not verdict.fautes


def _dire(texte: str) -> None:
    sys.stdout.write(f"{texte}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
