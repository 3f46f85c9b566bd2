"""Tables, guards, journal, migrations."""
