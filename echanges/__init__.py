"""Adapters to the outside: workbooks, mail, calendars, documents. No Prefect, no database."""
