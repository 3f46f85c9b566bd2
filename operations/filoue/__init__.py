"""The Filoué files: received, verified, pseudonymised, compared, added up, handed over, erased."""
