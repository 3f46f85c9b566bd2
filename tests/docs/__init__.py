"""The documents that a person follows, followed."""
