"""Triggers of the identifiers of transfers, as migration 0007 installs them."""

from modeles.gardes import Garde, inchangees

GARDES: tuple[Garde, ...] = (
    Garde(
        "garde_lignelot_bout_en_bout",
        "lignelot",
        "UPDATE",
        f"({inchangees('bout_en_bout')}) AND NOT (OLD.bout_en_bout IS NULL AND NEW.active AND NEW.montant_centimes > 0 "
        "AND length(NEW.bout_en_bout) BETWEEN 1 AND 35 AND (SELECT etat FROM lot WHERE id = OLD.lot_id) = 'libere')",
        "l'identifiant d'un virement se donne une fois, à l'export de son lot, et ne change pas",
    ),
    Garde(
        "garde_lignelot_bout_en_bout_insert",
        "lignelot",
        "INSERT",
        "NEW.bout_en_bout IS NOT NULL",
        "l'identifiant d'un virement se donne à l'export de son lot",
    ),
)
