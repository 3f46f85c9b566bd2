"""Triggers that protect money and the journal whatever the code does; installed by migration 0001, frozen with it."""

from modeles.gardes import Garde, inchangees, intouchable

GARDES: tuple[Garde, ...] = (
    *intouchable("journal", "le journal"),
    *intouchable("droit", "un droit calculé"),
    *intouchable("exportlot", "un export"),
    *intouchable("anomaliedepot", "une anomalie"),
    Garde("garde_depot_delete", "depot", "DELETE", "1 = 1", "un dépôt ne s'efface pas"),
    Garde(
        "garde_depot_update",
        "depot",
        "UPDATE",
        inchangees("sha256", "octets", "nom_fichier", "taille", "recu_le", "origine"),
        "les octets et l'origine d'un dépôt ne changent pas",
    ),
    Garde("garde_declaration_delete", "declaration", "DELETE", "1 = 1", "une déclaration ne s'efface pas"),
    Garde(
        "garde_declaration_update",
        "declaration",
        "UPDATE",
        inchangees("structure_id", "nature", "exercice", "etape", "depot_id", "recue_le"),
        "une déclaration ne se corrige pas : une nouvelle la remplace",
    ),
    Garde("garde_versement_delete", "versement", "DELETE", "1 = 1", "un versement ne s'efface pas"),
    Garde(
        "garde_versement_update",
        "versement",
        "UPDATE",
        inchangees("structure_id", "prestation", "exercice", "nature", "montant_centimes", "droit_id", "reference"),
        "un versement ne change que d'état",
    ),
    Garde(
        "garde_versement_retour",
        "versement",
        "UPDATE",
        "OLD.etat IN ('libere', 'reprise', 'annule') AND NEW.etat <> OLD.etat",
        "un versement libéré, repris ou annulé est définitif",
    ),
    Garde("garde_lot_delete", "lot", "DELETE", "1 = 1", "un lot ne s'efface pas"),
    Garde("garde_lot_insert", "lot", "INSERT", "NEW.etat <> 'propose'", "un lot naît proposé"),
    Garde(
        "garde_lot_update",
        "lot",
        "UPDATE",
        inchangees("numero", "etape", "propose_par", "propose_le", "nombre", "total_centimes", "demonstration"),
        "un lot proposé est figé",
    ),
    Garde(
        "garde_lot_etats",
        "lot",
        "UPDATE",
        "NEW.etat <> OLD.etat AND NOT (OLD.etat = 'propose' AND NEW.etat IN ('libere', 'refuse')) "
        "AND NOT (OLD.etat = 'libere' AND NEW.etat = 'exporte')",
        "ce changement d'état du lot est interdit",
    ),
    Garde(
        "garde_lot_decision",
        "lot",
        "UPDATE",
        f"OLD.etat <> 'propose' AND ({inchangees('decide_par', 'decide_le', 'motif')})",
        "la décision sur un lot est définitive",
    ),
    Garde(
        "garde_lot_total",
        "lot",
        "UPDATE",
        "NEW.etat = 'libere' AND OLD.etat = 'propose' AND "
        "(NEW.total_centimes, NEW.nombre) <> (SELECT COALESCE(SUM(l.montant_centimes), 0), COUNT(*) "
        "FROM lignelot l WHERE l.lot_id = NEW.id AND l.active)",
        "le total du lot n'est pas celui de ses lignes",
    ),
    Garde("garde_lignelot_delete", "lignelot", "DELETE", "1 = 1", "une ligne de lot ne s'efface pas"),
    Garde(
        "garde_lignelot_update",
        "lignelot",
        "UPDATE",
        inchangees("lot_id", "versement_id", "montant_centimes")
        + " OR (NEW.active AND NOT OLD.active)"
        + " OR (SELECT etat FROM lot WHERE id = OLD.lot_id) IN ('libere', 'exporte')",
        "une ligne de lot est figée",
    ),
    Garde(
        "garde_lignelot_insert",
        "lignelot",
        "INSERT",
        "(SELECT etat FROM lot WHERE id = NEW.lot_id) <> 'propose' OR "
        "NEW.montant_centimes <> (SELECT montant_centimes FROM versement WHERE id = NEW.versement_id)",
        "une ligne s'ajoute à un lot proposé, pour le montant du versement",
    ),
)
