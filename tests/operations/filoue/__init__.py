"""The Filoué use cases, without an orchestrator."""
