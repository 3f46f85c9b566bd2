"""Strict readers of config/: no duplicate key, no float, no unknown key; errors give file, line and reason."""
