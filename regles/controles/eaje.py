"""Controls of an EAJE declaration (PSU), with the thresholds and sources of config/controles/EAJE.yaml."""

from collections.abc import Iterator
from datetime import date

from regles.anomalies import Constat, Severite
from regles.controles.dossier import Dossier, Seuils, ecrire, ecrire_pourcent

SEMAINES = 52


def controler_taux(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Find a billing rate that asks for an explanation; the formula itself refuses hours that leave it undefined."""
    lus = dossier.nombres("heures_facturees", "heures_realisees")
    if lus is None or not all(lus):
        return
    taux = lus[0] / lus[1]
    plancher, plateau, plafond = (
        seuils.nombre(f"taux_facturation.{cle}") for cle in ("plancher", "plateau", "plafond")
    )
    champs = ("heures_facturees", "heures_realisees")
    lu = ecrire_pourcent(taux)
    if taux < plancher:
        yield Constat(
            "taux_facturation_bas",
            Severite.ALERTE,
            champs,
            f"Le taux de facturation est de {lu} : moins d'heures facturées que réalisées. Des heures gratuites ou "
            "exceptionnelles doivent l'expliquer.",
            lu,
            f"{ecrire_pourcent(plancher)} au moins",
        )
    elif taux > plafond:
        yield Constat(
            "taux_facturation_tres_eleve",
            Severite.ALERTE,
            champs,
            f"Le taux de facturation est de {lu} : les heures facturées et réalisées sont à vérifier.",
            lu,
            f"{ecrire_pourcent(plafond)} au plus",
        )
    elif taux >= plateau:
        yield Constat(
            "taux_facturation_eleve",
            Severite.INFORMATION,
            champs,
            f"Le taux de facturation est de {lu} : à partir de {ecrire_pourcent(plateau)}, le prix plafond est au plus "
            "bas.",
            lu,
        )


def controler_capacite(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:  # noqa: ARG001
    """Alert when more hours are billed than places × daily hours × days could hold: the excess is not financed."""
    lus = dossier.nombres("heures_facturees", "places", "amplitude_journaliere", "jours_ouverture")
    if lus is None:
        return
    facturees, places, amplitude, jours = lus
    capacite = places * amplitude * jours
    if facturees > capacite:
        yield Constat(
            "capacite_atteinte",
            Severite.ALERTE,
            ("heures_facturees", "amplitude_journaliere", "jours_ouverture"),
            f"Les heures facturées dépassent la capacité théorique ({ecrire(places)} places × {ecrire(amplitude)} h × "
            f"{ecrire(jours)} jours) : le surplus n'est pas financé.",
            ecrire(facturees, "heures"),
            f"au plus {ecrire(capacite, 'heures')}",
        )


def controler_journees(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert beyond the journées pédagogiques financed in a year."""
    lu, maximum = dossier.nombre("journees_pedagogiques"), seuils.nombre("journees_pedagogiques.maximum")
    if lu is not None and lu > maximum:
        yield Constat(
            "journees_pedagogiques_plafonnees",
            Severite.ALERTE,
            ("journees_pedagogiques",),
            f"La prestation finance au plus {ecrire(maximum)} journées pédagogiques par an : les autres ne le seront "
            "pas.",
            ecrire(lu, "jours"),
            f"au plus {ecrire(maximum, 'jours')}",
        )


def controler_jours(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert when more opening days are declared than the year holds, weekly closing and bank holidays put aside."""
    lu = dossier.nombre("jours_ouverture")
    annee = (date(dossier.exercice + 1, 1, 1) - date(dossier.exercice, 1, 1)).days
    fermes = seuils.nombre("jours_ouverture.fermes_par_semaine") * SEMAINES
    maximum = annee - fermes - seuils.nombre("jours_ouverture.feries")
    if lu is not None and lu > maximum:
        yield Constat(
            "jours_ouverture_trop_nombreux",
            Severite.ALERTE,
            ("jours_ouverture",),
            f"{ecrire(lu)} jours d'ouverture en {dossier.exercice}, c'est plus que les jours ouvrables de l'année.",
            ecrire(lu, "jours"),
            f"au plus {ecrire(maximum, 'jours')}",
        )


CONTROLES = (
    controler_taux,
    controler_capacite,
    controler_journees,
    controler_jours,
)
