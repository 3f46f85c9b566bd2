"""Controls across the answers of a declaration."""
