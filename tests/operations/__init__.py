"""Use cases, through their public functions."""
