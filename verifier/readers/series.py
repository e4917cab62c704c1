"""What does the function do just beside a point? A graph read along x + t d for t -> 0+.

A row of the table is expanded by its own slopes: y' = sum slope_i(x, y) x_i', integrated term by
term until the series is as long as asked for (Griewank and Walther 2008, chapter 13, for the
analytic case). At an edge of a row the same integral gives the Puiseux series, or Beyond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from flint import arb

from ..errors import NoGerm
from ..graph.node import Node, variable
from ..graph.order import topological
from ..numerals.balls import Balls, precision
from ..numerals.germ import (
    UNKNOWN, UNSIGNED, Beyond, Exponent, Germ, build, coefficient, known_to, leading,
)
from ..numerals.germ_calculus import integral, slope_in_t
from ..numerals.germs import Germs
from ..numerals.tokens import ZERO, Maybe
from ..numerals.twins import NAN, NOUGHT, is_number, sign_of, stored, twice
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
    corners = [[_corner(v) for v in c.tolist()] for c in columns]
    active = _active(row, corners)
    for k in range(out.size):
        values = [c[k] for c in columns]
        start = _start(row, values, [c[k] for c in corners], active[k], numeral)
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


def _corner(value: Any) -> Any:
    """Return the limit of an argument for t -> 0+; None where it has none or is not known."""
    if isinstance(value, Germ):
        limit = None if value.lead < 0 else coefficient(value, 0)
        return None if isinstance(limit, Logs) else limit
    return NOUGHT if value is ZERO else value


def _active(row: Any, corners: list[list[Any]]) -> list[bool]:
    """Tell for each line whether the row may fail to be analytic at its corner."""
    count = len(corners[0])
    if row.guards is None:
        return [False] * count
    names = [variable(f"x{i}", (count,)) for i in range(len(corners))]
    columns = [_objects(NAN if c is None else stored(c) for c in column) for column in corners]
    found = row.guards(*names)
    reading = read(found, {}, Balls(), known=Reading(dict(zip(names, columns, strict=True))))
    flags = np.zeros(count, dtype=bool)
    for node in found:
        values = np.broadcast_to(reading[node], (count,)).ravel().tolist()
        flags |= np.array([v is not ZERO and bool(v.contains(0)) for v in values], dtype=bool)
    return flags.tolist()


def _start(
    row: Any, values: list[Any], corners: list[Any], active: bool, numeral: Germs
) -> Any:
    """Return the limit of the row for t -> 0+."""
    if any(c is None for c in corners):
        short = any(isinstance(v, Germ) and v.cut is not None and v.cut <= 0 for v in values)
        return UNKNOWN if short else Beyond(f"'{row.name}' of an argument that grows without bound")
    if (active or any(c is None for c in corners)) and row.name in AT_EDGE:
        return Beyond(EDGE)
    if active and row.name == "arctan2":
        return _angle(row, values, corners)
    if active and row.piecewise and -1 in row.smooth_at.values():
        return _step(row, values, corners, numeral)
    start = twice(row.balls, *corners)
    if not is_number(start) and active:
        return Beyond(f"'{row.name}' at an edge of its domain")
    return start


def _step(row: Any, values: list[Any], corners: list[Any], numeral: Germs) -> Any:
    """Return the value just beside a step; steps are at least 1/2 apart.

    A remainder jumps too, and is what its slopes say: the sum of slope_i x_i.
    """
    slopes = _slopes(row, [_objects([v]) for v in values])
    if any(s is not None and s.op != "zero" for s in slopes):
        return _by_slopes(row, values, corners, numeral)
    moving, corner = values[0], stored(corners[0])
    if not isinstance(moving, Germ):
        return twice(row.balls, *corners)
    first = leading(moving - corners[0])
    if first is None or not corner.is_exact():
        return UNSIGNED
    return row.balls(corner + first[2] * arb(0.25), *(stored(c) for c in corners[1:]))


def _by_slopes(row: Any, values: list[Any], corners: list[Any], numeral: Germs) -> Any:
    names = [variable(f"x{i}", (1,)) for i in range(len(values))]
    slopes = [rule(*names, variable("y", (1,))) for rule in row.slopes]
    bound = {f"x{i}": _objects([v]) for i, v in enumerate(values)}
    reading = read(slopes, bound, numeral)
    total: Any = NOUGHT
    for node, corner in zip(slopes, corners, strict=True):
        slope = reading[node].ravel()[0]
        if isinstance(slope, Beyond):
            return slope
        limit = coefficient(slope, 0)
        if limit is None:
            return UNKNOWN
        total = total + limit * corner
    return total


def _angle(row: Any, values: list[Any], corners: list[Any]) -> Any:
    """Return the limit of arctan2 on its cut and at the origin."""
    up, across = (v if isinstance(v, Germ) else build({0: v}, None, 1) for v in values)
    firsts = [leading(v) if isinstance(v, Germ) else None for v in (up, across)]
    if firsts[0] is None and not isinstance(up, Germ) and sign_of(up) != 0:
        firsts[0] = (0, up, sign_of(up) or 0)
    if firsts[1] is None and not isinstance(across, Germ) and sign_of(across):
        firsts[1] = (0, across, sign_of(across) or 0)
    if firsts[0] is None:
        return twice(row.balls, *corners) if sign_of(corners[0]) == 0 else UNSIGNED
    if firsts[1] is None or firsts[0][0] < firsts[1][0]:
        return row.balls(stored(firsts[0][1]), NOUGHT)
    if firsts[0][0] == firsts[1][0]:
        return twice(row.balls, firsts[0][1], firsts[1][1])
    if firsts[1][2] > 0:
        return NOUGHT
    half_turn = row.balls(NOUGHT, -1 + NOUGHT)
    return half_turn if firsts[0][2] > 0 else -half_turn


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
    if step >= top:
        return _objects(Germ(((0, s),), top, top) for s in starts)
    if top > DEEPEST * step:
        return _objects(Beyond("a series with too many terms") for _ in starts)
    # The slopes of a piecewise row are constants, whose decisions need every term there is.
    needed = top if row.piecewise else top - step
    shorter = [_objects(_restricted(v, needed) for v in c.tolist()) for c in columns]
    rates = [np.frompyfunc(slope_in_t, 1, 1)(c) for c in columns]
    slopes = _slopes(row, columns)
    present = [s for s in slopes if s is not None]
    bound = {f"x{i}": c for i, c in enumerate(shorter)}
    if variable_in(present, "y"):
        if at_edge:
            return _objects(Beyond(f"'{row.name}' at an edge of its domain") for _ in starts)
        bound["y"] = _integrated(row, shorter, starts, at_edge, numeral)
    reading = read(present, bound, numeral)
    rate = _rate(slopes, rates, reading, count)
    return _objects(integral(r, top) + s for r, s in zip(rate, starts, strict=True))


def _slopes(row: Any, columns: list[Array]) -> list[Node | None]:
    """Return the row's slopes by the arguments that move, as graphs."""
    count = columns[0].size
    names = [variable(f"x{i}", (count,)) for i in range(len(columns))]
    value = variable("y", (count,))
    found: list[Node | None] = []
    for rule, column in zip(row.slopes, columns, strict=True):
        moves = any(isinstance(v, Germ) for v in column.tolist())
        if moves and rule is None:
            raise NoGerm(f"'{row.name}' has no slope by this argument", slug="no-germ")
        found.append(rule(*names, value) if moves else None)
    return found


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


def _objects(values: Iterable[Any]) -> Array:
    listed = list(values)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out


def _rate(
    slopes: list[Node | None], rates: list[Array], reading: Reading, count: int
) -> list[Any]:
    total: list[Any] = [ZERO] * count
    for node, rate in zip(slopes, rates, strict=True):
        if node is not None:
            parts = np.broadcast_to(reading[node], (count,)) * rate
            total = [t + p for t, p in zip(total, parts.tolist(), strict=True)]
    return [NOUGHT if t is ZERO else t for t in total]
