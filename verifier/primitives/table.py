"""THE TABLE: every scalar function there is, by name. Nothing registers itself."""

from __future__ import annotations

from . import activations, arithmetic, elementary, incomplete, piecewise, special
from .row import ScalarRow

SCALARS: dict[str, ScalarRow] = {
    row.name: row
    for row in (
        *arithmetic.ROWS, *elementary.ROWS, *activations.ROWS, *piecewise.ROWS, *special.ROWS,
        *incomplete.ROWS,
    )
}
