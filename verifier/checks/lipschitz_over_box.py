"""Lipschitz constants in several numbers: the operator norm of the Jacobian over a cover of boxes.

One output: the dual norm of the gradient. Several: row or column sums, for the 2-norm a bound of
the largest singular value of all matrices within the entry bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb, arb_mat

from ..errors import CannotLower, VerifierError
from ..exact import tensor
from ..graph.node import Node, apply, constant
from ..numerals.balls import precision
from ..primitives.linear import sum_over
from ..readers.merged_choices import merged
from ..readers.region import Region
from ..readers.scalar_cells import counted
from ..readers.slope import slope
from ..search.floats import values_of
from ..settings import Settings
from ..verdicts import Claim, Witness
from .answers import proved, rational, refuted, undecided
from .box_ground import (
    Ground,
    cover_of,
    facts_at,
    ground,
    jumping_guards,
    left_open,
    tree_of,
    volume_of,
)
from .climb import ends_inside, highest, starts
from .findings import short
from .gradient_over_box import BITS, STEPS, value_at
from .scalar_cover import ball_of

Array = np.ndarray
Point = dict[str, Array]
OUTPUTS = 32
SQUARINGS = 9


def lipschitz_over_box(
    request: Any, spec: Any, stops: Any, numbers: Settings, why: str,
    by_entries: Callable[[Ground], Claim | None],
) -> Claim:
    """Return what became of a Lipschitz claim, jointly in the arguments named."""
    on = ground(spec, stops)
    if isinstance(on, str) or on.output.size > OUTPUTS:
        return undecided(spec, on if isinstance(on, str) else f"more than {OUTPUTS} outputs")
    number = rational(spec.number)
    assert number is not None
    try:
        rows = _jacobian(on)
        pair = _steep(request, stops, numbers, on, rows, number, spec.norm)
        if pair is not None:
            return _exceeded(request, spec, *pair)
        simple = by_entries(on)
        if simple is not None:
            return simple
        nodes = [n for row in rows for n in row]

        def judge(region: Region, box: int) -> float:
            size = _norm(region, box, rows, spec.norm)
            if size is None:
                return np.inf
            return 0.0 if size <= ball_of(number) else max(float(size) - float(number), 1e-300)

        told = cover_of(on, nodes, judge, stops, True)
    except (CannotLower, VerifierError) as error:
        return undecided(spec, str(error))
    if told.proved:
        return proved(spec, f"f is continuous and the norm of its derivative is at most "
                      f"{spec.number} on {counted(told.judged, 'box')}, all pieces together",
                      cells=told.judged, notes=on.notes, proof=tree_of(told),
                      plots=volume_of(told))
    return undecided(spec, f"the search ended ({told.ended}) with boxes left",
                     left=left_open(told), points=told.judged,
                     plots=volume_of(told))


def _jacobian(on: Ground) -> list[tuple[Node, ...]]:
    rows = []
    for k in range(on.output.size):
        seed = np.zeros(on.output.size)
        seed[k] = 1.0
        rows.append(slope(on.output, on.moved, constant(seed.reshape(on.output.shape))))
    flat = merged(n for row in rows for n in row)
    return [flat[k:k + len(on.moved)] for k in range(0, len(flat), len(on.moved))]


def _norm(region: Region, box: int, rows: list[tuple[Node, ...]], norm: str) -> arb | None:
    """Return an upper bound of the operator norm of the Jacobian over one box."""
    balls: list[list[arb]] = []
    sizes: list[list[arb]] = []
    for row in rows:
        facts = [facts_at(region, node, box) for node in row]
        if any(np.any(undefined) for _, _, undefined in facts):
            return None
        ends = [(np.ravel(low).tolist(), np.ravel(high).tolist()) for low, high, _ in facts]
        pairs = [pair for low, high in ends for pair in zip(low, high, strict=True)]
        if not np.all(np.isfinite(pairs)):
            return None
        balls.append([arb(a).union(arb(b)) for a, b in pairs])
        sizes.append([arb(max(abs(a), abs(b))) for a, b in pairs])
    if norm == "1":
        return _largest([sum(column, arb(0)) for column in zip(*sizes, strict=True)])
    if norm == "inf":
        return _largest([sum(row, arb(0)) for row in sizes])
    squares = sum((v * v for row in sizes for v in row), arb(0)).sqrt().upper()
    return squares if len(balls) == 1 else _largest([-squares, -spectral(balls)]) * -1


def norm_of(rows: list[dict[int, arb]], entries: int, norm: str) -> arb:
    """Return an upper bound of the operator norm of a matrix, entry sizes in each row given."""
    across = [sum(row.values(), arb(0)) for row in rows]
    down = [sum((row[k] for row in rows if k in row), arb(0)) for k in range(entries)]
    if norm in ("1", "inf"):
        return _largest(down if norm == "1" else across)
    square = sum((v * v for row in rows for v in row.values()), arb(0))
    product = _largest(across) * _largest(down)
    return (-(-square.upper()).max(-product.upper())).sqrt().upper()


def _largest(values: list[arb]) -> arb:
    best = values[0]
    for value in values[1:]:
        best = best.max(value)
    return best.upper()


def spectral(balls: list[list[arb]]) -> arb:
    """Bound the largest singular value: |M|^2 <= |(M'M)^(2^k)|_inf^(1/2^k), for any k."""
    matrix = arb_mat(balls)
    small = matrix * matrix.transpose() if len(balls) < len(balls[0]) else (
        matrix.transpose() * matrix)
    best = arb("inf")
    for k in range(SQUARINGS + 1):
        small = small * small if k else small
        entries = np.array(small.entries(), dtype=object).reshape(small.nrows(), small.ncols())
        size = _largest([sum((abs(v) for v in row), arb(0)) for row in entries.tolist()])
        root = size.root(2 ** (k + 1)).upper() if size.is_finite() else best
        best = -(-root).max(-best)
    return best


def _steep(
    request: Any, stops: Any, numbers: Settings, on: Ground, rows: list[tuple[Node, ...]],
    number: Any, norm: str,
) -> tuple[Point, Point, arb, arb] | None:
    begin, ends = starts(request, stops, on.here, numbers), ends_inside(stops, on.here)
    size = _squared(rows)
    for point in highest(size, 0, 1.0, begin, ends):
        flat = [np.concatenate([np.ravel(v) for v in values_of(row, point)]) for row in rows]
        direction = _direction(np.array(flat, dtype=float), norm)
        found = _pair_along(on, point, direction, STEPS, number, norm, ends)
        if found is not None:
            return found
    if jumping_guards(on):
        width = sum(begin[0][n].size for n in on.names)
        random = np.random.default_rng([request.seed, 11])
        for point in begin:
            found = _pair_along(on, point, random.standard_normal(width), STEPS[-2:], number,
                                norm, ends)
            if found is not None:
                return found
    return None


def _pair_along(
    on: Ground, point: Point, direction: Array | None, steps: tuple[float, ...], number: Any,
    norm: str, ends: Any,
) -> tuple[Point, Point, arb, arb] | None:
    """Return two points around one between which f certainly changes faster than claimed."""
    if direction is None:
        return None
    for step in steps:
        pair = _apart(point, np.asarray(direction * step), on.names, ends)
        values = [value_at(on, p) for p in pair]
        if None in values:
            continue
        with precision(BITS):
            gap = _length([b - a for a, b in zip(*values, strict=True)], norm)
            far = _length([arb(float(y)) - arb(float(x)) for n in on.names for x, y in zip(
                pair[0][n].ravel(), pair[1][n].ravel(), strict=True)], norm)
            if gap > ball_of(number) * far:
                return (*pair, gap, far)
    return None


def _squared(rows: list[tuple[Node, ...]]) -> Node:
    parts = [sum_over(apply("square", n)) for row in rows for n in row if n.op != "zero"]
    total = parts[0] if parts else constant(0.0)
    for part in parts[1:]:
        total = total + part
    return total


def _direction(matrix: Array, norm: str) -> Array | None:
    """Return the direction a matrix stretches most in its norm."""
    if not np.all(np.isfinite(matrix)) or not matrix.any():
        return None
    if norm == "1":
        chosen = np.zeros(matrix.shape[1])
        chosen[np.abs(matrix).sum(axis=0).argmax()] = 1.0
        return chosen
    if norm == "inf":
        return np.asarray(np.sign(matrix[np.abs(matrix).sum(axis=1).argmax()]))
    return np.asarray(np.linalg.svd(matrix)[2][0])


def _apart(point: Point, move: Array, names: tuple[str, ...], ends: Any) -> tuple[Point, Point]:
    pair: list[Point] = []
    for side in (-1.0, 1.0):
        moved, start = dict(point), 0
        for name in names:
            size = point[name].size
            part = move[start:start + size].reshape(point[name].shape)
            low, high = ends.get(name, (point[name], point[name]))
            moved[name] = np.clip(point[name] + side * part, low, high).astype(point[name].dtype)
            start += size
        pair.append(moved)
    return pair[0], pair[1]


def _length(values: list[arb], norm: str) -> arb:
    if norm == "inf":
        best = abs(values[0])
        for value in values[1:]:
            best = best.max(abs(value))
        return best
    if norm == "1":
        return sum((abs(v) for v in values), arb(0))
    return sum((v * v for v in values), arb(0)).sqrt()


def _exceeded(request: Any, spec: Any, a: Point, b: Point, gap: arb, far: arb) -> Claim:
    with precision(BITS):
        ratio = gap / far
    sentence = (f"'{spec.text}' does not hold: between the two points f changes "
                f"{short(ratio, 8)} times as fast as they are apart")
    witness = Witness(point={k: tensor(v) for k, v in a.items()},
                      second_point={k: tensor(v) for k, v in b.items()},
                      numbers={"|f(x) - f(y)|": gap.str(25), "|x - y|": far.str(25),
                               "ratio": ratio.str(25)})
    return refuted(request, spec, "lipschitz-exceeded", sentence, witness, points=2)
