"""Where a claim is made: boxes, integer grids, single points and Hypothesis strategies.

Box texts are exact decimals: ``[0, 0.1]`` ends at 1/10, and :meth:`Domain.ends_inside` gives the
outermost floats of a dtype that still lie inside.

>>> parse_domain("[-1, 1]^(8x3)", name="W").describe()
'[-1, 1]^(8x3)'
>>> low, high = parse_domain("(0, 0.1]", name="x").ends_inside("float64")
>>> float(low), float(high)
(5e-324, 0.09999999999999999)
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .endpoints import float_type, inward
from .errors import BadSpec
from .intervals import BOX as BOX
from .intervals import EXAMPLE, Interval, check_size, interval, read_product
from .intervals import GRID as GRID
from .points_at import points_from as points_from

if TYPE_CHECKING:
    import numpy as np

POINT, STRATEGY = "point", "strategy"
BOX_CALL = "box(lo, hi)"


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """Where one argument may lie.

    kind      box: a product of real intervals · grid: integers · point: one array · strategy
    factors   one interval for all entries, or one for each entry in C order
    shape     None where the text names no shape
    value     the array of a point, or the strategy
    """

    kind: str
    factors: tuple[Interval, ...] = ()
    shape: tuple[int, ...] | None = None
    value: Any = None

    def describe(self) -> str:
        """Return the domain as text, long ones shortened."""
        if self.kind == STRATEGY:
            return repr(self.value)
        if self.kind == POINT:
            size = "x".join(map(str, self.shape or ()))
            return f"array {self.value.dtype} ({size})" if size else f"{self.value}"
        if len(self.factors) == 1:
            size = "" if self.shape is None else f"^({'x'.join(map(str, self.shape))})"
            return f"{self.factors[0]}{size}"
        more = f" x ... ({len(self.factors)} factors)" if len(self.factors) > 8 else ""
        return " x ".join(map(str, self.factors[:8])) + more

    def ends_inside(self, dtype: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest and the largest numbers of `dtype` inside, rounded inward.

        Both arrays have the domain's shape (() where it has none). Raises BadSpec "empty-domain"
        where no number of `dtype` lies inside, and "opaque-domain" for a strategy.
        """
        import numpy as np

        if self.kind == STRATEGY:
            raise BadSpec(
                "a Hypothesis strategy has no ends",
                slug="opaque-domain",
                hint='Give a box such as "[-1, 1]" where bounds are needed.',
            )
        if self.kind == POINT:
            return self.value, self.value
        pairs = {factor: _ends(factor, dtype) for factor in dict.fromkeys(self.factors)}
        found = np.array([pairs[factor] for factor in self.factors], dtype=float_type(dtype))
        low, high = found[:, 0], found[:, 1]
        shape = self.shape or ()
        if len(self.factors) == 1:
            return np.full(shape, low[0]), np.full(shape, high[0])
        return low.reshape(shape), high.reshape(shape)

    def contains(self, array: Any) -> bool:
        """Tell whether every entry lies inside, exactly; nan never does.

        A domain without shape takes any; a strategy is opaque and takes everything.
        """
        import numpy as np

        if self.kind == STRATEGY:
            return True
        found = np.asarray(array)
        if self.kind == POINT:
            return found.shape == self.value.shape and bool(np.all(found == self.value))
        if self.shape is not None and found.shape != self.shape:
            return False
        if self.kind == GRID and not np.all(found == np.floor(found)):
            return False
        dtype = found.dtype.name if found.dtype.kind not in "biu" else "float64"
        low, high = self.ends_inside(dtype)
        return bool(np.all((found >= low) & (found <= high)))


def _ends(factor: Interval, dtype: str) -> tuple[Any, Any]:
    low = inward(factor.low, factor.low_open, dtype, upward=True)
    high = inward(factor.high, factor.high_open, dtype, upward=False)
    if low > high:
        raise BadSpec(
            f"no {dtype} number lies in {factor}",
            slug="empty-domain",
            hint="Widen the interval or choose a wider dtype.",
        )
    return low, high


def box(low: Any, high: Any) -> Domain:
    """Return the closed box between two numbers or two arrays of one shape, ends as stored.

    The decimal text of a Python or numpy float is not used: its exact binary value is the end.
    Infinite ends are open. Raises BadSpec "empty-domain", "ragged-domain".
    """
    import numpy as np

    try:
        lows, highs = np.broadcast_arrays(_numbers(low, BOX_CALL), _numbers(high, BOX_CALL))
    except ValueError:
        raise BadSpec(
            f"{BOX_CALL}: shapes {np.shape(low)} and {np.shape(high)} do not fit",
            slug="ragged-domain",
            hint="Give two arrays of one shape, or a number and an array.",
        ) from None
    shape = lows.shape if (np.ndim(low) or np.ndim(high)) else None
    check_size(lows.shape, BOX_CALL)
    factors = tuple(
        interval(_end_of(a, -1), _end_of(b, 1), False, False, f"[{a!r}, {b!r}]", BOX_CALL)
        for a, b in zip(lows.ravel().tolist(), highs.ravel().tolist(), strict=True)
    )
    if len(set(factors)) == 1:
        factors = factors[:1]
    return Domain(BOX, factors, shape)


def _end_of(number: float, outward: int) -> Fraction | None:
    if math.isnan(number):
        raise BadSpec(
            f"{BOX_CALL}: an end is nan", slug="nan-domain", hint="Use -inf and inf for no bound."
        )
    if math.isinf(number) and number * outward < 0:
        raise BadSpec(
            f"{BOX_CALL}: {number} stands at the wrong end",
            slug="empty-domain",
            hint="The lower end may be -inf, the upper end inf.",
        )
    return None if math.isinf(number) else Fraction(number)


def looks_like_domain(value: Any) -> bool:
    """Tell whether `value` is the text of a domain and not of a selector such as "data:X"."""
    return isinstance(value, str) and value.lstrip()[:1] in tuple("[(]{")


def parse_domain(value: Any, *, name: str) -> Domain:
    """Return the domain of the argument `name` given as text, numbers, box or strategy.

    Raises BadSpec: "bad-domain" (syntax, with the position), "empty-domain", "nan-domain",
    "ragged-domain" (no rectangular array), "large-domain" (over 10^6 elements).
    """
    if isinstance(value, Domain):
        return value
    if isinstance(value, str):
        return Domain(*read_product(value, f"on {name}"))
    strategies = sys.modules.get("hypothesis.strategies")
    if strategies and isinstance(value, strategies.SearchStrategy):
        return Domain(STRATEGY, value=value)
    if isinstance(value, dict):
        raise BadSpec(
            f"on {name}: a dict has no single domain",
            slug="bad-domain",
            hint=f"Give one entry a leaf: {', '.join(f'{name}.{key}' for key in list(value)[:3])}.",
        )
    array = _numbers(value, f"on {name}")
    return Domain(POINT, shape=array.shape, value=array)


def parse_leaves(value: Any, *, name: str) -> Iterator[tuple[str, Domain]]:
    """Yield (leaf name, domain) of a value that may be a dict, list or tuple of domains.

    Leaves are named ``params.W1`` and ``params[0]``; a list of plain numbers is one array.
    """
    if isinstance(value, dict):
        for key, part in value.items():
            yield from parse_leaves(part, name=f"{name}.{key}")
    elif isinstance(value, (list, tuple)) and not all(_is_plain(part) for part in value):
        for position, part in enumerate(value):
            yield from parse_leaves(part, name=f"{name}[{position}]")
    else:
        yield name, parse_domain(value, name=name)


def _is_plain(part: Any) -> bool:
    """Tell whether `part` is a number or nested lists of numbers."""
    if isinstance(part, (list, tuple)):
        return all(_is_plain(inner) for inner in part)
    return isinstance(part, (int, float))


def _numbers(value: Any, of: str) -> np.ndarray:
    """Return `value` as an array of numbers; refuse ragged nesting, text and objects."""
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
        if isinstance(value, (list, tuple)):
            raise BadSpec(
                f"{of}: the nested lists are ragged, rows differ in length",
                slug="ragged-domain",
                hint="Every row needs the same number of entries.",
            ) from None
    if array.dtype.kind not in "biufV" or array.dtype.names:
        raise BadSpec(
            f"{of}: {type(value).__name__} {str(value)[:40]!r} is neither a domain nor numbers",
            slug="bad-domain",
            hint=f"Write it like {EXAMPLE}, or give an array.",
        )
    return array
