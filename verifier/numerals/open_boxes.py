"""Arrays of spans: a graph read once over a whole box whose ends may be left out or infinite.

One reading, without cutting: what it says is true of the box as a whole, and exp(x) > 0 or x > 0 on
(0, oo) are said strictly, which no closed box can. What it cannot read it refuses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from ..errors import CannotLower
from . import span_rows
from .spans import Span, hull, point
from .tokens import ZERO

Array = np.ndarray


class OpenBoxes:
    """The numeral of spans. Array nodes are object arrays of spans."""

    def exact(self, array: Any) -> Array:
        found = np.asarray(array)
        return found if found.dtype == object else self.constant(found)

    def constant(self, array: Any) -> Array:
        values = np.asarray(array, dtype=float)
        if not np.all(np.isfinite(values)):
            raise CannotLower("a constant is no finite number", slug="not-covered")
        return _filled(values.shape, [point(arb(v)) for v in values.ravel().tolist()])

    def scalar(self, row: Any, arrays: tuple[Array, ...]) -> Array:
        evaluate = np.frompyfunc(lambda *v: span_rows.evaluate(row, v), len(arrays), 1)
        found = evaluate(*arrays)
        return found if isinstance(found, np.ndarray) else _filled((), [found])

    def matmul(self, a: Array, b: Array) -> Array:
        return np.asarray((a[..., :, :, None] * b[..., None, :, :]).sum(axis=-2), dtype=object)

    def matrix(self, op: str, arrays: tuple[Array, ...]) -> Array:
        raise CannotLower(f"'{op}' is not read over open boxes", slug="not-covered")

    def settle(self, array: Array, absent: bool) -> Array:
        flat = [v if isinstance(v, Span) else ZERO if absent else point(arb(0))
                for v in array.ravel().tolist()]
        return _filled(array.shape, flat)

    def strictly(self, a: Any, b: Any) -> tuple[bool | None, bool]:
        sign = (_span(a) - _span(b)).sign()
        return (None if sign is None else sign > 0), False

    def hull(self, a: Any, b: Any) -> Any:
        return hull(a, b)

    def guess(self, value: Any) -> float:
        span = _span(value)
        low, high = float(span.low), float(span.high)
        return low / 2 + high / 2 if np.isfinite(low) and np.isfinite(high) else 0.0

    def finite(self, value: Any) -> bool:
        return bool(_span(value).finite())


def _span(value: Any) -> Span:
    return value if isinstance(value, Span) else point(arb(0) if value is ZERO else arb(value))


def _filled(shape: tuple[int, ...], values: list[Any]) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out.reshape(shape)
