"""Tasks: one side effect each over an operation, ids and plain values only."""
