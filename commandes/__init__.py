"""The `campagnes` command line. Imports Prefect only where a command needs it."""
