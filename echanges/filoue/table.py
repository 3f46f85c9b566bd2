"""A pseudonymised table as bytes: the same table gives the same bytes (Parquet, zstd)."""

import io

import polars as pl


def en_octets(table: pl.DataFrame) -> bytes:
    """Write a table."""
    flux = io.BytesIO()
    table.write_parquet(flux, compression="zstd")
    return flux.getvalue()


def depuis_octets(octets: bytes) -> pl.DataFrame:
    """Read a table written by `en_octets`."""
    return pl.read_parquet(io.BytesIO(octets))
