"""The demonstration world: network, partners, scenario."""
