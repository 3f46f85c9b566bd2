"""Triggers that protect money and the journal whatever the code does, as migration 0002 installs them. Frozen with it.

They replace those of 0001, which it takes away before changing the tables.
"""

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
        inchangees(
            "structure_id",
            "prestation",
            "exercice",
            "nature",
            "montant_centimes",
            "droit_id",
            "rang",
            "etape",
            "reference",
        )
        + " OR CAST(NEW.calcul AS TEXT) <> CAST(OLD.calcul AS TEXT)",
        "un versement ne change que d'état",
    ),
    Garde(
        "garde_versement_retour",
        "versement",
        "UPDATE",
        "OLD.etat IN ('libere', 'reprise', 'recouvre', 'annule') AND NEW.etat <> OLD.etat",
        "un versement libéré, repris, recouvré ou annulé est définitif",
    ),
    Garde(
        "garde_versement_insert",
        "versement",
        "INSERT",
        "NEW.nature <> 'indu' AND NEW.droit_id IS NOT NULL AND NEW.montant_centimes + "
        "(SELECT COALESCE(SUM(CASE WHEN v.nature = 'indu' THEN -v.montant_centimes ELSE v.montant_centimes END), 0) "
        "FROM versement v WHERE v.structure_id = NEW.structure_id AND v.exercice = NEW.exercice "
        "AND v.etat <> 'annule') > (SELECT COALESCE(r.montant_centimes, 0) FROM droit r WHERE r.id = NEW.droit_id)",
        "les versements d'une structure dépasseraient son droit",
    ),
    Garde(
        "garde_versement_recouvre",
        "versement",
        "UPDATE",
        "NEW.etat = 'recouvre' AND OLD.etat <> 'recouvre' AND NEW.montant_centimes <> "
        "(SELECT COALESCE(SUM(r.montant_centimes), 0) FROM recouvrement r "
        "LEFT JOIN lignelot l ON l.id = r.ligne_id LEFT JOIN lot o ON o.id = l.lot_id "
        "WHERE r.indu_id = NEW.id AND (r.ligne_id IS NULL OR (l.active AND o.etat IN ('libere', 'exporte'))))",
        "un indu n'est recouvré qu'une fois son montant entier rentré",
    ),
    Garde(
        "garde_versement_indu_entame",
        "versement",
        "UPDATE",
        "OLD.nature = 'indu' AND NEW.etat = 'annule' AND EXISTS (SELECT 1 FROM recouvrement r "
        "LEFT JOIN lignelot l ON l.id = r.ligne_id WHERE r.indu_id = NEW.id AND (r.ligne_id IS NULL OR l.active))",
        "un indu dont une part est recouvrée ne s'annule plus",
    ),
    *intouchable("recouvrement", "un recouvrement"),
    Garde(
        "garde_recouvrement_insert",
        "recouvrement",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM versement v WHERE v.id = NEW.indu_id AND v.nature = 'indu' "
        "AND v.etat = 'a_recouvrer' AND v.montant_centimes >= NEW.montant_centimes + "
        "(SELECT COALESCE(SUM(r.montant_centimes), 0) FROM recouvrement r LEFT JOIN lignelot l ON l.id = r.ligne_id "
        "WHERE r.indu_id = NEW.indu_id AND (r.ligne_id IS NULL OR l.active)))",
        "on ne recouvre pas plus que ce qui reste d'un indu",
    ),
    Garde(
        "garde_coordonneebancaire_delete",
        "coordonneebancaire",
        "DELETE",
        "1 = 1",
        "des coordonnées bancaires ne s'effacent pas",
    ),
    Garde(
        "garde_coordonneebancaire_update",
        "coordonneebancaire",
        "UPDATE",
        inchangees("partenaire_id", "iban", "titulaire", "du", "enregistree_par", "enregistree_le")
        + " OR OLD.confirmee_par IS NOT NULL",
        "des coordonnées bancaires ne se modifient pas : on en enregistre d'autres",
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
        "((NEW.total_centimes, NEW.nombre) <> (SELECT COALESCE(SUM(l.montant_centimes), 0), COUNT(*) "
        "FROM lignelot l WHERE l.lot_id = NEW.id AND l.active) "
        "OR EXISTS (SELECT 1 FROM lignelot l WHERE l.lot_id = NEW.id AND l.active AND l.retenue_centimes <> "
        "(SELECT COALESCE(SUM(r.montant_centimes), 0) FROM recouvrement r WHERE r.ligne_id = l.id)))",
        "le total du lot n'est pas celui de ses lignes",
    ),
    Garde("garde_lignelot_delete", "lignelot", "DELETE", "1 = 1", "une ligne de lot ne s'efface pas"),
    Garde(
        "garde_lignelot_update",
        "lignelot",
        "UPDATE",
        inchangees("lot_id", "versement_id", "montant_centimes", "retenue_centimes", "coordonnee_id")
        + " OR (NEW.active AND NOT OLD.active)"
        + " OR (SELECT etat FROM lot WHERE id = OLD.lot_id) IN ('libere', 'exporte')",
        "une ligne de lot est figée",
    ),
    Garde(
        "garde_lignelot_insert",
        "lignelot",
        "INSERT",
        "(SELECT etat FROM lot WHERE id = NEW.lot_id) <> 'propose' OR "
        "NEW.montant_centimes + NEW.retenue_centimes <> "
        "(SELECT montant_centimes FROM versement WHERE id = NEW.versement_id)",
        "une ligne s'ajoute à un lot proposé, pour le montant du versement",
    ),
)
