"""The boundaries: what may enter (declarations, configuration), and how a refusal is said in French."""
