"""Strict configuration files."""
