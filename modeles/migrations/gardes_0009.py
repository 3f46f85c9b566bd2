"""Trigger on the numbers of the journal, as migration 0009 installs it."""

from modeles.gardes import Garde

GARDES: tuple[Garde, ...] = (
    Garde("garde_journal_insert", "journal", "INSERT", "NEW.numero < 1", "le journal commence à la ligne 1"),
)
