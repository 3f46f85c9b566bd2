"""The use cases: each composes the domain, the tables, the boundaries and the adapters. No Prefect here.

`tasks/` wraps them for the orchestrator, `commandes/` for the terminal. Rows become domain values here only.
"""
