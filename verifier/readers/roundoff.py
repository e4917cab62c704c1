"""Units of rounding: half an ulp, gamma_n, the ends of each dtype, and the radii of a reading."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.node import Node
from ..numerals.tokens import ZERO
from .value import Reading

Array = np.ndarray
DIGITS = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}
LARGEST = {"float64": 2.0**1023 * (2 - 2.0**-52), "float32": 2.0**127 * (2 - 2.0**-23),
           "float16": 65504.0, "bfloat16": 2.0**127 * (2 - 2.0**-7)}
LEAST = {"float64": 5e-324, "float32": 2.0**-149, "float16": 2.0**-24, "bfloat16": 2.0**-133}


def unit(dtype: str) -> float:
    """Return the unit roundoff of `dtype`: half an ulp of 1."""
    return float(2.0 ** -DIGITS.get(dtype, 53))


def gamma(terms: int, dtype: str) -> float:
    """Return gamma_n = n u / (1 - n u) (Higham 2002, section 3.1)."""
    share = terms * unit(dtype)
    return share / (1 - share) if share < 1 else np.inf


def _float_one(value: Any) -> float:
    if value is ZERO:
        return 0.0
    try:
        return float(value)
    except OverflowError:
        return np.inf


_float = np.frompyfunc(_float_one, 1, 1)


def floats(array: Array) -> Array:
    """Return the midpoints of an array of balls as float64 (inf beyond its range)."""
    if array.dtype != object:
        return array
    return np.asarray(_float(array), dtype=float)


class Budget:
    """Radii of all nodes of a reading, in float64; `open` marks decisions rounding may flip."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.radius: dict[Node, Array] = {}
        self.own: dict[Node, Array] = {}
        self.open: dict[Node, Array] = {}
        self._mid: dict[Node, Array] = {}

    def mid(self, node: Node) -> Array:
        """Return the midpoints of a node's values as float64."""
        if node not in self._mid:
            self._mid[node] = floats(self.reading.values[node])
        return self._mid[node]

    def absent(self, node: Node) -> Array | None:
        """Return where a node's value is a structural zero: nothing is computed there."""
        values = self.reading.values[node]
        flat = values.ravel().tolist()
        if values.dtype != object or not any(v is ZERO for v in flat):
            return None
        return np.array([v is ZERO for v in flat], dtype=bool).reshape(values.shape)
