"""Formulas, one module a prestation, each function named by the day it starts."""
