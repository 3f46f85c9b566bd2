"""Boundaries: configuration and declarations."""
