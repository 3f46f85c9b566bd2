"""Trigger of a payment taken back, as migration 0010 installs it in the place of that of 0006.

What was withheld on a due never left: what comes back is what the bank paid of it, neither more nor less.
"""

from modeles.gardes import Garde

GARDES: tuple[Garde, ...] = (
    Garde(
        "garde_versement_contrepasse",
        "versement",
        "INSERT",
        "NEW.contrepasse_id IS NOT NULL AND (NEW.nature <> 'indu' OR NOT EXISTS (SELECT 1 FROM versement v "
        "JOIN lignelot l ON l.versement_id = v.id AND l.active AND l.etat = 'payee' "
        "WHERE v.id = NEW.contrepasse_id AND v.etat = 'libere' AND v.structure_id = NEW.structure_id "
        "AND v.exercice = NEW.exercice AND l.montant_centimes = NEW.montant_centimes))",
        "une contre-passation reprend en entier ce que la banque a payé",
    ),
)
