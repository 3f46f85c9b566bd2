"""Triggers of the dossiers left without a sequel, as migration 0008 installs them."""

from modeles.gardes import Garde

OUVERTE = "IN ('deposee', 'inscrite')"
SANS_SUITE = "(SELECT etat FROM dossier WHERE id = NEW.dossier_id) = 'sans_suite'"
ROUVRIR = "un dossier sans suite n'a pas de demande ouverte : il se rouvre d'abord"

GARDES: tuple[Garde, ...] = (
    Garde(
        "garde_dossier_sans_suite",
        "dossier",
        "UPDATE",
        "NEW.etat = 'sans_suite' AND OLD.etat <> 'sans_suite' AND "
        f"EXISTS (SELECT 1 FROM demande WHERE dossier_id = NEW.id AND etat {OUVERTE})",
        "un dossier dont une demande est ouverte n'est pas sans suite",
    ),
    Garde("garde_demande_sans_suite_insert", "demande", "INSERT", f"NEW.etat {OUVERTE} AND {SANS_SUITE}", ROUVRIR),
    Garde(
        "garde_demande_sans_suite",
        "demande",
        "UPDATE",
        f"NEW.etat {OUVERTE} AND OLD.etat NOT {OUVERTE} AND {SANS_SUITE}",
        ROUVRIR,
    ),
)
