"""What is the limit of a row just beside a point where it jumps, ends or has a pole?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from flint import arb

from ..errors import NoGerm
from ..graph.node import Node, apply, variable
from ..numerals.balls import Balls
from ..numerals.germ import UNKNOWN, UNSIGNED, Beyond, Germ, build, coefficient, leading
from ..numerals.germ_calculus import log_of
from ..numerals.germs import Germs
from ..numerals.logarithms import Logs
from ..numerals.tokens import ZERO
from ..numerals.twins import NAN, NOUGHT, is_number, sign_of, stored, twice
from .value import Reading, read

Array = np.ndarray


def _log(x: Node) -> Node:
    return apply("log", x)


# Rows that are logarithms in disguise: beside an edge, or of what grows, they are read as these.
LOGARITHMS: dict[str, Callable[..., Node]] = {
    "log1p": lambda x: _log(1.0 + x),
    "log2": lambda x: _log(x) / _log(x * 0.0 + 2.0),
    "log10": lambda x: _log(x) / _log(x * 0.0 + 10.0),
    "logit": lambda x: _log(x) - _log(1.0 - x),
    "arctanh": lambda x: 0.5 * (_log(1.0 + x) - _log(1.0 - x)),
    "entr": lambda x: -(x * _log(x)),
    "xlogy": lambda x, y: x * _log(y),
    "xlog1py": lambda x, y: x * _log(1.0 + y),
}


def logarithm(row: Any, values: list[Any], numeral: Germs) -> Any:
    """Return a logarithmic row at its edge as a germ with a log term; None for any other row."""
    if row.name == "log":
        return log_of(values[0])
    if row.name not in LOGARITHMS:
        return None
    names = [variable(f"x{i}", (1,)) for i in range(len(values))]
    formula = LOGARITHMS[row.name](*names)
    bound = {f"x{i}": column_of([v]) for i, v in enumerate(values)}
    return read([formula], bound, numeral)[formula].ravel()[0]


def column_of(values: Iterable[Any]) -> Array:
    """Return values as a 1-D object array."""
    listed = list(values)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out


def moving_slopes(row: Any, columns: list[Array]) -> list[Node | None]:
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


def corner_of(value: Any) -> Any:
    """Return the limit of an argument for t -> 0+; None where it has none or is not known."""
    if isinstance(value, Germ):
        limit = None if value.lead < 0 else coefficient(value, 0)
        return None if isinstance(limit, Logs) else limit
    return NOUGHT if value is ZERO else value


def may_be_singular(row: Any, corners: list[list[Any]]) -> list[bool]:
    """Tell for each line whether the row may fail to be analytic at its corner."""
    count = len(corners[0])
    if row.guards is None:
        return [False] * count
    names = [variable(f"x{i}", (count,)) for i in range(len(corners))]
    columns = [column_of(NAN if c is None else stored(c) for c in column) for column in corners]
    found = row.guards(*names)
    reading = read(found, {}, Balls(), known=Reading(dict(zip(names, columns, strict=True))))
    flags = np.zeros(count, dtype=bool)
    for node in found:
        values = np.broadcast_to(reading[node], (count,)).ravel().tolist()
        flags |= np.array([v is not ZERO and bool(v.contains(0)) for v in values], dtype=bool)
    return flags.tolist()


def limit_of(
    row: Any, values: list[Any], corners: list[Any], active: bool, numeral: Germs
) -> Any:
    """Return the limit of the row for t -> 0+."""
    if any(c is None for c in corners):
        short = any(isinstance(v, Germ) and v.cut is not None and v.cut <= 0 for v in values)
        return UNKNOWN if short else Beyond(f"'{row.name}' of an argument that grows without bound")
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
    slopes = moving_slopes(row, [column_of([v]) for v in values])
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
    bound = {f"x{i}": column_of([v]) for i, v in enumerate(values)}
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
        return row.balls(NOUGHT + firsts[0][2], NOUGHT)
    if firsts[0][0] == firsts[1][0]:
        if isinstance(firsts[0][1], Logs) or isinstance(firsts[1][1], Logs):
            return Beyond("'arctan2' of terms that grow like a logarithm")
        return twice(row.balls, firsts[0][1], firsts[1][1])
    if firsts[1][2] > 0:
        return NOUGHT
    half_turn = row.balls(NOUGHT, -1 + NOUGHT)
    return half_turn if firsts[0][2] > 0 else -half_turn
