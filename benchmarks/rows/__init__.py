"""The rows of the contract's table that are measured, in the contract's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.rows import cells, fits, histories, kills, logging, searches

if TYPE_CHECKING:
    from benchmarks.row import Row

ROWS: tuple[Row, ...] = (
    logging.LATENCY,
    logging.THROUGHPUT,
    cells.CELL,
    cells.LOAD,
    fits.FIT,
    searches.SEARCH,
    searches.DATAFRAME,
    histories.HISTORY,
    histories.LONG_HISTORY,
    kills.KILL,
)
