"""The Commission d'action sociale: requests, sittings, decisions, and what an accord makes due."""
