"""From a grid of cells to a typed declaration: French reading, contract, located anomalies."""
