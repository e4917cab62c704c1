"""Which analytic pieces of f touch a point, and what is the gradient of each?

The guards that vanish at the point are split one after the other: the gradient of the next guard
is read on the piece the others leave, both signs are kept where a direction realises them, and a
sign pattern is left out only where rationals prove it inconsistent (SOUNDNESS 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from ..numerals.balls import Balls
from ..numerals.germ import Beyond, Germ, has_logs
from ..numerals.germs import coefficient, numbers_of
from ..numerals.logarithms import Logs
from ..numerals.tokens import ZERO
from ..numerals.twins import NOUGHT, is_number, sign_of, stored
from ..primitives.linear import gather
from ..readers.guards import ActiveGuard
from ..readers.series import series
from ..readers.slope import slope
from ..readers.value import Reading, read
from .cones import Row, direction_inside, independent
from .guard_forms import flat_place, is_piecewise_affine, merge

Array = np.ndarray
MOST_GUARDS = 12
SAMPLED = 12  # directions tried where there are too many guards to go through all patterns


@dataclass(frozen=True, slots=True)
class Place:
    """A scalar function at a point: output, the inputs it is differentiated by, all bindings."""

    output: Node
    wrt: tuple[Node, ...]
    bindings: Mapping[str, Any]
    bits: int = 128

    def along(self, direction: Array, outputs: Sequence[Node], order: int) -> Reading:
        """Read graphs in germs along a direction over all of `wrt`, joined."""
        return series(outputs, self.bindings, self.split(direction), order=order,
                      bits=self.bits, widen=True)

    def still(self) -> Any:
        """Return the value of f at the point, constants both as stored and widened."""
        reading = series([self.output], self.bindings, {}, order=1, bits=self.bits, widen=True)
        return joined([reading[self.output]])[0]

    def split(self, direction: Array) -> dict[str, Array]:
        """Return a joined direction as one array per input."""
        parts = np.split(direction, np.cumsum([v.size for v in self.wrt])[:-1])
        return {v.params["name"]: p.reshape(v.shape) for v, p in zip(self.wrt, parts, strict=True)}

    @property
    def size(self) -> int:
        return sum(v.size for v in self.wrt)

    @property
    def most_pieces(self) -> int:
        """How many pieces are read at most: each costs one gradient of the graph in germs."""
        return 512 if self.size <= 300 else (64 if self.size <= 5000 else 2)


@dataclass(frozen=True, slots=True)
class Form:
    """An active guard to split by: its node and slopes, and its gradient where it has only one."""

    node: Node
    slopes: tuple[Node, ...]
    row: Row | None


@dataclass(frozen=True, slots=True)
class Piece:
    """One analytic piece with interior touching the point, and a direction into it.

    `gradient` is joined over `wrt`: balls, or twins of them; `value` the limit of f.
    """

    signs: tuple[int, ...]
    direction: Array
    value: Any
    gradient: list[Any]


@dataclass(slots=True)
class Pieces:
    """The pieces found; `complete` says that no other sign pattern is consistent.

    `rows` are gradients of guards met on the way, in floats: where to look for kinks.
    """

    found: list[Piece] = field(default_factory=list)
    rows: list[Array] = field(default_factory=list)
    complete: bool = True
    reason: str = ""

    def miss(self, reason: str) -> None:
        self.complete, self.reason = False, self.reason or reason


def joined(values: Sequence[Array]) -> list[Any]:
    """Return arrays of numbers as one list."""
    return [NOUGHT if v is ZERO else v for a in values for v in numbers_of(a).ravel().tolist()]


def pieces_at(place: Place, guards: Sequence[ActiveGuard]) -> Pieces:
    """Return the pieces that touch the point, split by the given active guards."""
    merged = merge(guards)
    result = Pieces()
    split = [_form(place, g, merged) for g in merged[: 4 * MOST_GUARDS]]
    result.rows += [_floats(f.row) for f in split if f.row is not None][:MOST_GUARDS]
    gradient = slope(place.output, place.wrt)
    if len(merged) > MOST_GUARDS or 2 ** len(merged) > 4 * place.most_pieces:
        result.miss(f"{len(merged)} guards vanish here: only some sign patterns are tried")
        _sampled(place, split, gradient, result)
    else:
        _split(place, split, gradient, [], [], (), result)
    return result


def _form(place: Place, guard: ActiveGuard, others: Sequence[ActiveGuard]) -> Form:
    """Prepare one guard; below no other active guard, its gradient is one on all pieces."""
    node = gather([guard.quantity], np.array(flat_place(guard)))
    slopes = slope(node, place.wrt)
    below = set(topological([guard.quantity]))
    if any(o.owner in below for o in others if o is not guard):
        return Form(node, slopes, None)
    reading = read(slopes, place.bindings, Balls(place.bits))
    row = joined([reading[s] for s in slopes])
    return Form(node, slopes, row if all(v.is_finite() for v in row) else None)


def _sampled(
    place: Place, forms: list[Form], gradient: tuple[Node, ...], result: Pieces
) -> None:
    """Enter pieces along random directions and their opposites, where every guard moves."""
    random = np.random.default_rng(0)
    for _ in range(min(SAMPLED, max(place.most_pieces // 2, 1))):
        direction = random.integers(-512, 513, place.size) / 512.0
        for sign in (1.0, -1.0):
            reading = place.along(sign * direction, [f.node for f in forms], 1)
            speeds = [coefficient(v, 1) for v in joined([reading[f.node] for f in forms])
                      if not isinstance(v, Beyond) and not has_logs(v)]
            pattern = tuple(sign_of(v) or 0 for v in speeds if v is not None)
            if len(pattern) == len(forms) and all(pattern):
                _leaf(place, gradient, sign * direction, [], [], pattern, result)


def _split(
    place: Place, forms: list[Form], gradient: tuple[Node, ...], rows: list[Row],
    signs: list[int], pattern: tuple[int, ...], result: Pieces,
) -> None:
    """Go through the sign patterns depth first; `rows` and `signs` span the cone so far."""
    if len(result.found) >= place.most_pieces:
        result.miss(f"more than {place.most_pieces} pieces touch this point")
        return
    direction, sure = _inside(place, rows, signs)
    if direction is None:
        if not sure:
            result.miss("a sign pattern could not be decided in rationals")
        return
    if len(pattern) == len(forms):
        _leaf(place, gradient, direction, rows, signs, pattern, result)
        return
    form = forms[len(pattern)]
    row = _form_on(place, direction, form)
    if row is None:
        result.miss("a guard has no gradient on some piece")
        return
    if all(v.is_zero() for v in row):
        if not _rests(place, direction, form):
            result.miss("a guard only touches zero here: it is tangent")
        _split(place, forms, gradient, rows, signs, (*pattern, 0), result)
        return
    for sign in (1, -1):
        _split(place, forms, gradient, [*rows, row], [*signs, sign], (*pattern, sign), result)


def _inside(place: Place, rows: list[Row], signs: list[int]) -> tuple[Array | None, bool]:
    if not rows:
        return np.ones(place.size), True
    return direction_inside(rows, signs)


def _floats(row: Row) -> Array:
    return np.array([float(v.mid()) for v in row])


def _form_on(place: Place, direction: Array, form: Form) -> Row | None:
    """Return the gradient of a guard on the piece that `direction` enters, as stored."""
    if form.row is not None:
        return form.row
    slopes = form.slopes
    reading = place.along(direction, slopes, 1)
    limits = [limit(v) for v in joined([reading[s] for s in slopes])]
    if any(v is None or not is_number(v) for v in limits):
        return None
    return [stored(v) for v in limits]


def limit(value: Any) -> Any:
    """Return the limit of a germ for t -> 0+; None where it has none."""
    if isinstance(value, Beyond) or (isinstance(value, Germ) and value.lead < 0):
        return None
    found = coefficient(value, 0)
    return None if isinstance(found, Logs) else found


def _rests(place: Place, direction: Array, form: Form) -> bool:
    """Tell whether a guard of gradient zero is zero on the whole piece: it does not move at all."""
    reading = place.along(direction, form.slopes, 1)
    raw = [v for s in form.slopes for v in np.ravel(reading[s]).tolist()]
    return all(v is ZERO for v in raw) or (
        is_piecewise_affine(form.node, place.wrt) and all(v is ZERO or not isinstance(v, Germ)
                                                     for v in raw)
    )


def _leaf(
    place: Place, gradient: tuple[Node, ...], direction: Array, rows: list[Row],
    signs: list[int], pattern: tuple[int, ...], result: Pieces,
) -> None:
    reading = place.along(direction, [place.output, *gradient], 1)
    value = limit(joined([reading[place.output]])[0])
    limits = [limit(v) for v in joined([reading[g] for g in gradient])]
    if value is None or any(v is None or not is_number(v) for v in limits):
        result.miss("the gradient of a piece has no finite limit here")
        return
    if not independent(rows) and not _affine_rows(place, rows, result):
        result.miss("guards with dependent gradients may leave thin pieces between them")
    result.found.append(Piece(pattern, direction, value, limits))


def _affine_rows(place: Place, rows: list[Row], result: Pieces) -> bool:
    exact = all(v.is_exact() for r in rows for v in r)
    return exact and is_piecewise_affine(place.output, place.wrt, guards_only=True)


def hessian_on(place: Place, piece: Piece) -> list[list[Any]] | None:
    """Return the second-derivative matrix of one piece at the point; None where it has none."""
    gradient = slope(place.output, place.wrt)
    rows = []
    for node in gradient:
        for k in range(node.size):
            entry = gather([node], np.array(k))
            rows.append(slope(entry, place.wrt))
    reading = place.along(piece.direction, [n for row in rows for n in row], 1)
    found = [[limit(v) for v in joined([reading[n] for n in row])] for row in rows]
    finite = all(v is not None and is_number(v) for row in found for v in row)
    return found if finite else None
