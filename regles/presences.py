"""Who a step is for, from the days on which they were there: members of a scheme, structures that open and close."""

from collections.abc import Iterable
from datetime import date

from regles.calendrier import Etape, PlanRelances, ouverture_prevue
from regles.conventions import Periode, periode_financee


def periode_visee(etape: Etape, plan: PlanRelances) -> Periode:
    """Give the days of which one is enough: those of its exercice, or from its opening to its limit."""
    if etape.exercice is not None:
        return Periode(date(etape.exercice, 1, 1), date(etape.exercice, 12, 31))
    au = etape.limite or date.max
    return Periode(ouverture_prevue(etape, plan) or au, au)


def est_du_public(prestation: str, activite: Periode, etape: Etape, plan: PlanRelances) -> bool:
    """Whether a structure has a day to answer for: in its own exercice (the school year of a CLAS), or the window."""
    if etape.exercice is not None:
        return not periode_financee(prestation, etape.exercice, activite.du, activite.au).est_vide
    return se_touchent(activite, periode_visee(etape, plan))


def se_touchent(une: Periode, autre: Periode) -> bool:
    """Whether two periods have a day in common."""
    return une.du <= autre.au and une.au >= autre.du


def parti_le(presences: Iterable[Periode], etape_courante: Periode, visee: Periode | None) -> date | None:
    """Give the last day of who is not expected any more; None for who still is, or never was there.

    Who leaves while the step runs, from its opening to the end of its reception; and who was gone before the period it
    is about (`visee`, None when whoever wants may answer): the departure was recorded late. Who left in between has
    something to answer for.
    """
    dernier = max((p.au for p in presences), default=None)
    if dernier is None:
        return None
    parti = etape_courante.du <= dernier <= etape_courante.au or (visee is not None and dernier < visee.du)
    return dernier if parti else None
