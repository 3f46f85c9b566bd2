"""Triggers that protect money and the journal whatever the code does, on SQLite and PostgreSQL.

The migration that creates the tables installs them; each is named, and its message says what it forbids.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Garde:
    """A trigger: before `moment` (« UPDATE », « DELETE », « INSERT ») on `table`, refuse when `condition` holds."""

    nom: str
    table: str
    moment: str
    condition: str
    message: str

    def sql(self, dialecte: str) -> list[str]:
        """Give the statements that install it."""
        message = self.message.replace("'", "''")
        if dialecte == "sqlite":
            return [
                f"CREATE TRIGGER {self.nom} BEFORE {self.moment} ON {self.table} WHEN {self.condition} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ]
        retour = "OLD" if self.moment == "DELETE" else "NEW"
        return [
            f"CREATE FUNCTION {self.nom}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {self.condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {retour}; END $$",
            f"CREATE TRIGGER {self.nom} BEFORE {self.moment} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.nom}()",
        ]


def _intouchable(table: str, quoi: str) -> list[Garde]:
    return [
        Garde(f"garde_{table}_{moment.lower()}", table, moment, "1 = 1", f"{quoi} ne se modifie ni ne s'efface")
        for moment in ("UPDATE", "DELETE")
    ]


def _inchangees(*colonnes: str) -> str:
    return " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in colonnes)


GARDES: tuple[Garde, ...] = (
    *_intouchable("journal", "le journal"),
    *_intouchable("droit", "un droit calculé"),
    *_intouchable("exportlot", "un export"),
    *_intouchable("anomaliedepot", "une anomalie"),
    Garde("garde_depot_delete", "depot", "DELETE", "1 = 1", "un dépôt ne s'efface pas"),
    Garde(
        "garde_depot_update",
        "depot",
        "UPDATE",
        _inchangees("sha256", "nom_fichier", "taille", "recu_le", "origine"),
        "les octets et l'origine d'un dépôt ne changent pas",
    ),
    Garde("garde_declaration_delete", "declaration", "DELETE", "1 = 1", "une déclaration ne s'efface pas"),
    Garde(
        "garde_declaration_update",
        "declaration",
        "UPDATE",
        _inchangees("structure_id", "nature", "exercice", "etape", "depot_id", "recue_le"),
        "une déclaration ne se corrige pas : une nouvelle la remplace",
    ),
    Garde("garde_versement_delete", "versement", "DELETE", "1 = 1", "un versement ne s'efface pas"),
    Garde(
        "garde_versement_update",
        "versement",
        "UPDATE",
        _inchangees("structure_id", "prestation", "exercice", "nature", "montant_centimes", "droit_id", "reference"),
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
        _inchangees("numero", "etape", "propose_par", "propose_le", "nombre", "total_centimes", "demonstration"),
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
        f"OLD.etat <> 'propose' AND ({_inchangees('decide_par', 'decide_le', 'motif')})",
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
        _inchangees("lot_id", "versement_id", "montant_centimes")
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
