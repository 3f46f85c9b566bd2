"""SEPA credit transfers: an order of payments written as pain.001.001.09, then read again by eyes of its own."""
