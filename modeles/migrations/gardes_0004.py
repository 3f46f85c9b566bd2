"""Triggers that keep a due on its way, and a paid structure with its partner; installed by migration 0004."""

from modeles.gardes import Garde, inchangees

LIGNE_ACTIVE = (
    "EXISTS (SELECT 1 FROM lignelot l JOIN lot o ON o.id = l.lot_id WHERE l.versement_id = NEW.id AND l.active{suite})"
)

GARDES: tuple[Garde, ...] = (
    Garde(
        "garde_versement_etats",
        "versement",
        "UPDATE",
        "NEW.etat <> OLD.etat AND NOT (OLD.etat = 'du' AND NEW.etat IN ('en_lot', 'annule')) "
        "AND NOT (OLD.etat = 'en_lot' AND NEW.etat IN ('libere', 'du')) "
        "AND NOT (OLD.etat = 'a_recouvrer' AND NEW.etat IN ('recouvre', 'annule')) "
        "AND OLD.etat NOT IN ('libere', 'reprise', 'recouvre', 'annule')",
        "ce changement d'état du versement est interdit",
    ),
    Garde(
        "garde_versement_en_lot",
        "versement",
        "UPDATE",
        f"NEW.etat = 'en_lot' AND OLD.etat <> 'en_lot' AND NOT {LIGNE_ACTIVE.format(suite='')}",
        "un versement n'entre dans un lot que par une ligne",
    ),
    Garde(
        "garde_versement_libere",
        "versement",
        "UPDATE",
        "NEW.etat = 'libere' AND OLD.etat = 'en_lot' AND NOT "
        + LIGNE_ACTIVE.format(suite=" AND o.etat IN ('libere', 'exporte')"),
        "un versement n'est libéré qu'avec son lot",
    ),
    Garde(
        "garde_versement_date",
        "versement",
        "UPDATE",
        inchangees("cree_le"),
        "la date d'un versement ne change pas",
    ),
    Garde(
        "garde_structure_partenaire",
        "structure",
        "UPDATE",
        "NEW.partenaire_id <> OLD.partenaire_id AND EXISTS (SELECT 1 FROM versement v "
        "WHERE v.structure_id = OLD.id AND v.etat <> 'annule')",
        "une structure déjà payée ne change pas de gestionnaire",
    ),
)
