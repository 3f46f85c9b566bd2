"""Workbooks: guard, isolated reading, form, annotated copy."""
