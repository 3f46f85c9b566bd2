"""How a trigger is written for SQLite and PostgreSQL; the list of each migration stands beside it."""

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
            *self._contre_truncate(),
        ]

    def retrait(self, dialecte: str) -> list[str]:
        """Give the statements that take it away, for a migration that replaces it."""
        if dialecte == "sqlite":
            return [f"DROP TRIGGER {self.nom}"]
        return [f"DROP FUNCTION {self.nom}() CASCADE"]

    def _contre_truncate(self) -> list[str]:
        if self.moment != "DELETE":
            return []
        return [
            f"CREATE TRIGGER {self.nom}_tout BEFORE TRUNCATE ON {self.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.nom}()"
        ]


def intouchable(table: str, quoi: str) -> list[Garde]:
    """Rows that are written once: neither changed nor erased."""
    return [
        Garde(f"garde_{table}_{moment.lower()}", table, moment, "1 = 1", f"{quoi} ne se modifie ni ne s'efface")
        for moment in ("UPDATE", "DELETE")
    ]


def inchangees(*colonnes: str) -> str:
    """Condition true when an UPDATE touches one of the columns."""
    return " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in colonnes)
