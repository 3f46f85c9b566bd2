"""Flows: the order of steps, nothing else. The team reads these runs in the Prefect UI."""
