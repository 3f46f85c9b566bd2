"""From the bytes of a Filoué file to a typed table, its anomalies, and pseudonyms in place of what names a child."""
