"""Controls of an EAJE declaration (PSU), with the thresholds and sources of config/controles/EAJE.yaml."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from regles.anomalies import Constat, Severite
from regles.controles.dossier import Dossier, Seuils, ecrire, ecrire_pourcent

SEMAINES = 52


def controler_heures(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Refuse hours that leave the billing rate undefined, or wipe the right out (all typed as exceptional hours)."""
    facturees, realisees = dossier.nombre("heures_facturees"), dossier.nombre("heures_realisees")
    if realisees == 0:
        yield Constat(
            "heures_realisees_nulles",
            Severite.BLOQUANTE,
            ("heures_realisees",),
            "Aucune heure réalisée n'est déclarée : le taux de facturation ne peut pas être calculé.",
            ecrire(Fraction(0), "heures"),
            "les heures de présence des enfants",
        )
    if facturees == 0:
        yield _sans_heure_facturee(dossier.nombre("heures_exceptionnelles") or Fraction(0))
    elif facturees is not None and realisees:
        yield from _controler_taux(facturees / realisees, seuils)


def _sans_heure_facturee(exceptionnelles: Fraction) -> Constat:
    lu, attendu = ecrire(Fraction(0), "heures"), "les heures facturées aux familles"
    if exceptionnelles > 0:
        return Constat(
            "heures_toutes_exceptionnelles",
            Severite.BLOQUANTE,
            ("heures_facturees", "heures_exceptionnelles"),
            "Toutes les heures sont déclarées en heures exceptionnelles : le droit serait nul. Les heures facturées "
            "aux familles vont dans leur propre case.",
            lu,
            attendu,
        )
    message = "Aucune heure facturée n'est déclarée : le droit ne peut pas être calculé."
    return Constat("heures_facturees_nulles", Severite.BLOQUANTE, ("heures_facturees",), message, lu, attendu)


def _controler_taux(taux: Fraction, seuils: Seuils) -> Iterator[Constat]:
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
            "capacite_depassee",
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


def controler_enfants(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:  # noqa: ARG001
    """Alert when hours are billed for no enrolled child."""
    lus = dossier.nombres("enfants_inscrits", "heures_facturees")
    if lus is not None and lus[0] == 0 and lus[1] > 0:
        yield Constat(
            "enfants_inscrits_nuls",
            Severite.ALERTE,
            ("enfants_inscrits",),
            "Des heures sont facturées, mais aucun enfant inscrit n'est déclaré.",
            ecrire(Fraction(0), "enfants"),
            "le nombre d'enfants accueillis dans l'année",
        )


def controler_participation(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert when the average participation per billed hour leaves the band the national scale allows."""
    lus = dossier.nombres("participations_familiales", "heures_facturees")
    if lus is None or lus[1] == 0:
        return
    moyenne = lus[0] / lus[1]
    bas, haut = seuils.nombre("participation_moyenne.minimum"), seuils.nombre("participation_moyenne.maximum")
    if not bas <= moyenne <= haut:
        yield Constat(
            "participation_moyenne_improbable",
            Severite.ALERTE,
            ("participations_familiales", "heures_facturees"),
            f"La participation moyenne des familles serait de {ecrire(moyenne, '€')} par heure facturée, hors de ce "
            "que permet le barème national.",
            ecrire(lus[0], "€"),
            f"entre {ecrire(bas, '€')} et {ecrire(haut, '€')} par heure facturée",
        )


def controler_contributions(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:  # noqa: ARG001
    """Refuse accounts 86 and 87 that differ: what is given in kind is both a charge and a produit."""
    lus = dossier.nombres("charges_86", "produits_87")
    if lus is not None and lus[0] != lus[1]:
        yield Constat(
            "contributions_inegales",
            Severite.BLOQUANTE,
            ("produits_87", "charges_86"),
            "Les contributions volontaires en nature ont le même montant en charges (86) et en produits (87).",
            ecrire(lus[1], "€"),
            f"{ecrire(lus[0], '€')}, le montant du compte 86",
        )


def controler_equilibre(dossier: Dossier, seuils: Seuils) -> Iterator[Constat]:
    """Alert when produits and charges differ by more than a share of the charges."""
    lus = dossier.nombres("charges", "produits")
    if lus is None:
        return
    charges, produits = lus
    ecart = produits - charges
    if abs(ecart) > seuils.nombre("equilibre.ecart") * charges:
        nom = "excédent" if ecart > 0 else "déficit"
        yield Constat(
            "budget_desequilibre",
            Severite.ALERTE,
            ("produits", "charges"),
            f"Les produits ({ecrire(produits, '€')}) et les charges ({ecrire(charges, '€')}) laissent un {nom} de "
            f"{ecrire(abs(ecart), '€')} : une ligne manque peut-être.",
            ecrire(produits, "€"),
            f"un écart d'au plus {ecrire_pourcent(seuils.nombre('equilibre.ecart'))} des charges",
        )


CONTROLES = (
    controler_heures,
    controler_capacite,
    controler_journees,
    controler_jours,
    controler_enfants,
    controler_participation,
    controler_contributions,
    controler_equilibre,
)
