"""The orchestrator: schedules, flows, artifacts, the release, on a real server."""
