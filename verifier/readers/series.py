"""What does the function do just beside a point? A graph read along x + t d for t -> 0+.

A row of the table is expanded by its own slopes: y' = sum slope_i(x, y) x_i', integrated term by
term until the series is as long as asked for (Griewank and Walther 2008, chapter 13, for the
analytic case). At an edge of a row the same integral gives the Puiseux series, or Beyond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..errors import NoGerm
from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import precision
from ..numerals.germ import UNKNOWN, Beyond, Exponent, Germ, build, coefficient, known_to
from ..numerals.germ_calculus import integral, slope_in_t
from ..numerals.germs import Germs
from ..numerals.tokens import ZERO, Maybe
from ..numerals.twins import NAN, NOUGHT, is_number
from .edges import column_of, corner_of, limit_of, logarithm, may_be_singular, moving_slopes
from .value import Reading, read

Array = np.ndarray
MOST_ORDER = 12
DEEPEST = 40  # terms of one series: more than any order asked for


def germs(order: int = 2, bits: int = 128, widen: bool = False) -> Germs:
    """Return the numeral of germs that knows how to expand the rows of the table."""
    return Germs(order, bits, widen, expand)


def series(
    outputs: Iterable[Node],
    bindings: Mapping[str, Any],
    directions: Mapping[str, Array],
    *,
    order: int = 2,
    bits: int = 128,
    widen: bool = False,
) -> Reading:
    """Read a graph along ``bindings + t directions`` for t -> 0+, known at least up to t^order.

    Inputs without a direction do not move. An output that is no germ stays a
    :class:`~verifier.numerals.germ.Beyond`, which names the reason; see :func:`coefficients`.
    """
    wanted = list(outputs)
    with precision(bits):
        unsettled: list[int] = []
        for extra in range(0, MOST_ORDER - order + 1, 2):
            numeral = germs(order + extra, bits, widen)
            bound = {
                name: numeral.line(value, directions[name]) if name in directions else value
                for name, value in bindings.items()
            }
            reading = read(wanted, bound, numeral)
            short = any(_too_short(v, order) for n in wanted for v in _flat(reading[n]))
            unsettled.append(_open(reading))
            if not short and (not unsettled[-1] or unsettled[-3:].count(unsettled[-1]) == 3):
                break
    return reading


def _open(reading: Reading) -> int:
    """Count the decisions that stayed open: more terms may take them."""
    return sum(
        isinstance(v, Maybe)
        for node, values in reading.values.items()
        if node.discrete and values.dtype == object
        for v in values.ravel().tolist()
    )


def _flat(array: Array) -> list[Any]:
    return array.ravel().tolist() if array.dtype == object else []


def _too_short(value: Any, order: int) -> bool:
    if value is UNKNOWN:
        return True
    cut = known_to(value)
    return cut is not None and cut <= order


def coefficients(value: Any, order: int) -> list[Any]:
    """Return the coefficients of t^0 ... t^order of a germ.

    Raises NoGerm where the value is no germ, has a pole or is not known that far.
    """
    if isinstance(value, Beyond):
        raise NoGerm(value.reason, slug="no-germ")
    if isinstance(value, Germ) and value.lead < 0:
        raise NoGerm("the value has a pole beside this point", slug="no-germ")
    found = [coefficient(value, k) for k in range(order + 1)]
    if any(c is None for c in found):
        raise NoGerm(UNKNOWN.reason, slug="no-germ")
    return found


# ---------------------------------------------------------------- the expansion of a row
def expand(row: Any, columns: list[Array], numeral: Germs) -> Array:
    """Return a row of the table on columns of germs, of which at least one moves in each line."""
    out = np.empty(columns[0].size, dtype=object)
    ready: dict[int, Any] = {}
    corners = [[corner_of(v) for v in c.tolist()] for c in columns]
    active = may_be_singular(row, corners)
    for k in range(out.size):
        values = [c[k] for c in columns]
        if active[k]:
            out[k] = logarithm(row, values, numeral)
            if out[k] is not None:
                continue
        start = limit_of(row, values, [c[k] for c in corners], active[k], numeral)
        if isinstance(start, Beyond) or not is_number(start):
            out[k] = start if isinstance(start, Beyond) else NAN
        else:
            ready[k] = start
    for at_edge in (False, True):
        places = [k for k in ready if (active[k] and not row.piecewise) == at_edge]
        if places:
            chosen = [c[places] for c in columns]
            starts = [ready[k] for k in places]
            out[places] = _integrated(row, chosen, starts, at_edge, numeral)
    return out


def _integrated(
    row: Any, columns: list[Array], starts: list[Any], at_edge: bool, numeral: Germs
) -> Array:
    """Integrate y' = sum slope_i x_i' from the limits `starts`.

    The slopes are needed to a lower order only, by the least exponent with which an argument
    moves: that ends the recursion (tanh needs sech, whose slope needs tanh).
    """
    count = len(starts)
    top = min(v.top for c in columns for v in c.tolist() if isinstance(v, Germ))
    step = min(_first_step(line, top) for line in zip(*columns, strict=True))
    if step >= top:  # at an edge a row may move like a root of its argument: more terms will tell
        return column_of(UNKNOWN if at_edge else Germ(((0, s),), top, top) for s in starts)
    if top > DEEPEST * step:
        return column_of(Beyond("a series with too many terms") for _ in starts)
    # The slopes of a piecewise row are constants, whose decisions need every term there is.
    needed = top if row.piecewise else top - step
    shorter = [column_of(_restricted(v, needed) for v in c.tolist()) for c in columns]
    rates = [np.frompyfunc(slope_in_t, 1, 1)(c) for c in columns]
    slopes = moving_slopes(row, columns)
    present = [s for s in slopes if s is not None]
    bound = {f"x{i}": c for i, c in enumerate(shorter)}
    if variable_in(present, "y"):
        if at_edge:
            return column_of(Beyond(f"'{row.name}' at an edge of its domain") for _ in starts)
        bound["y"] = _integrated(row, shorter, starts, at_edge, numeral)
    reading = read(present, bound, numeral)
    rate = _rate(slopes, rates, reading, count)
    return column_of(integral(r, top) + s for r, s in zip(rate, starts, strict=True))


def variable_in(nodes: list[Node], name: str) -> bool:
    """Tell whether an input called `name` stands below `nodes`."""
    return any(n.op == "input" and n.params["name"] == name for n in topological(nodes))


def _restricted(value: Any, top: Exponent) -> Any:
    return build(dict(value.terms), value.cut, top) if isinstance(value, Germ) else value


def _first_step(line: tuple[Any, ...], top: Exponent) -> Exponent:
    """Return the least positive exponent with which an argument moves."""
    steps: list[Exponent] = [top]
    for value in line:
        if isinstance(value, Germ):
            steps.extend(e for e, _ in value.terms if e > 0)
            if value.cut is not None:
                steps.append(value.cut)
    return min(steps)


def _rate(
    slopes: list[Node | None], rates: list[Array], reading: Reading, count: int
) -> list[Any]:
    total: list[Any] = [ZERO] * count
    for node, rate in zip(slopes, rates, strict=True):
        if node is not None:
            parts = np.broadcast_to(reading[node], (count,)) * rate
            total = [t + p for t, p in zip(total, parts.tolist(), strict=True)]
    return [NOUGHT if t is ZERO else t for t in total]
