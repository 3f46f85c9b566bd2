"""The pure domain: money, dates, calendar, barèmes, formulas, trace, controls, states, payments.

Standard library (and stdnum) only. No clock, no file, no database: the day and the barème are arguments.
"""
