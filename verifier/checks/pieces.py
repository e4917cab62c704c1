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
from ..numerals.germ import Beyond, Germ
from ..numerals.germs import coefficient, numbers_of
from ..numerals.tokens import ZERO
from ..numerals.twins import NOUGHT, is_number, stored
from ..primitives.linear import LINEAR, gather
from ..primitives.table import SCALARS
from ..readers.guards import ActiveGuard
from ..readers.series import series
from ..readers.slope import slope
from ..readers.value import Reading
from .cones import Row, direction_inside, independent

Array = np.ndarray
MOST_GUARDS = 12
MOST_PIECES = 512


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

    def split(self, direction: Array) -> dict[str, Array]:
        """Return a joined direction as one array per input."""
        parts = np.split(direction, np.cumsum([v.size for v in self.wrt])[:-1])
        return {v.params["name"]: p.reshape(v.shape) for v, p in zip(self.wrt, parts, strict=True)}

    @property
    def size(self) -> int:
        return sum(v.size for v in self.wrt)


@dataclass(frozen=True, slots=True)
class Piece:
    """One analytic piece with interior touching the point: a direction into it, and what holds there.

    `gradient` is joined over `wrt`: balls, or twins of them; `value` the limit of f.
    """

    signs: tuple[int, ...]
    direction: Array
    value: Any
    gradient: list[Any]


@dataclass(slots=True)
class Pieces:
    """The pieces found; `complete` says that no other sign pattern is consistent."""

    found: list[Piece] = field(default_factory=list)
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
    if len(merged) > MOST_GUARDS:
        result.miss(f"{len(merged)} guards vanish here, at most {MOST_GUARDS} are split")
        return result
    forms = [gather([g.quantity], np.array(_flat(g))) for g in merged]
    slopes = [slope(f, place.wrt) for f in forms]
    gradient = slope(place.output, place.wrt)
    _split(place, list(zip(forms, slopes, strict=True)), gradient, [], [], (), result)
    return result


def _flat(guard: ActiveGuard) -> int:
    shape = guard.quantity.shape
    return int(np.ravel_multi_index(guard.index, shape)) if shape else 0


def _split(
    place: Place, forms: list[tuple[Node, tuple[Node, ...]]], gradient: tuple[Node, ...],
    rows: list[Row], signs: list[int], pattern: tuple[int, ...], result: Pieces,
) -> None:
    """Go through the sign patterns depth first; `rows` and `signs` span the cone so far."""
    if len(result.found) >= MOST_PIECES:
        result.miss(f"more than {MOST_PIECES} pieces touch this point")
        return
    direction, sure = _inside(place, rows, signs)
    if direction is None:
        if not sure:
            result.miss("a sign pattern could not be decided in rationals")
        return
    if len(pattern) == len(forms):
        _leaf(place, gradient, direction, rows, signs, pattern, result)
        return
    form, slopes = forms[len(pattern)]
    row = _form_on(place, direction, slopes)
    if row is None:
        result.miss("a guard has no gradient on some piece")
        return
    if all(v.is_zero() for v in row):
        if not _rests(place, direction, form, slopes):
            result.miss("a guard only touches zero here: it is tangent")
        _split(place, forms, gradient, rows, signs, (*pattern, 0), result)
        return
    for sign in (1, -1):
        _split(place, forms, gradient, [*rows, row], [*signs, sign], (*pattern, sign), result)


def _inside(place: Place, rows: list[Row], signs: list[int]) -> tuple[Array | None, bool]:
    if not rows:
        return np.ones(place.size), True
    return direction_inside(rows, signs)


def _form_on(place: Place, direction: Array, slopes: tuple[Node, ...]) -> Row | None:
    """Return the gradient of a guard on the piece that `direction` enters, as stored."""
    reading = place.along(direction, slopes, 0)
    limits = [limit(v) for v in joined([reading[s] for s in slopes])]
    if any(v is None or not is_number(v) for v in limits):
        return None
    return [stored(v) for v in limits]


def limit(value: Any) -> Any:
    """Return the limit of a germ for t -> 0+; None where it has none."""
    if isinstance(value, Beyond) or (isinstance(value, Germ) and value.lead < 0):
        return None
    return coefficient(value, 0)


def _rests(place: Place, direction: Array, form: Node, slopes: tuple[Node, ...]) -> bool:
    """Tell whether a guard of gradient zero is zero on the whole piece: it does not move at all."""
    reading = place.along(direction, slopes, 0)
    raw = [v for s in slopes for v in np.ravel(reading[s]).tolist()]
    return all(v is ZERO for v in raw) or (
        is_piecewise_affine(form, place.wrt) and all(v is ZERO or not isinstance(v, Germ)
                                                     for v in raw)
    )


def _leaf(
    place: Place, gradient: tuple[Node, ...], direction: Array, rows: list[Row],
    signs: list[int], pattern: tuple[int, ...], result: Pieces,
) -> None:
    reading = place.along(direction, [place.output, *gradient], 0)
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


# ---------------------------------------------------------------- one guard said twice
def merge(guards: Sequence[ActiveGuard]) -> list[ActiveGuard]:
    """Leave out guards that are a multiple of an earlier one by construction: x and -x."""
    seen: set[Any] = set()
    kept = []
    for guard in guards:
        key = _essence(guard.quantity, _flat(guard))
        if key not in seen:
            seen.add(key)
            kept.append(guard)
    return kept


def _essence(node: Node, place: int) -> Any:
    """Return what an entry is a constant multiple of, as a key."""
    while True:
        if node.op in ("negative", "cast", "reshape"):
            node = node.inputs[0]
            continue
        if node.op == "gather" and len(node.inputs) == 1:
            where = int(node.params["index"].ravel()[place])
            if where < 0:
                return None
            node, place = node.inputs[0], where
            continue
        if node.op in ("subtract", "add", "multiply", "divide"):
            step = _scaled(node, place)
            if step is not None:
                node, place = step
                continue
        if node.op == "subtract":
            ends = sorted(((id(i), _entry(node, i, place)) for i in node.inputs))
            return ("subtract", *ends)
        return (id(node), place)


def _scaled(node: Node, place: int) -> tuple[Node, int] | None:
    """Return the operand of 0 + x, x - 0, 0 - x, c x or x / c with a known c that is not 0."""
    a, b = node.inputs
    for kept, known in ((a, b), (b, a)):
        if known.op != "constant" or (node.op == "divide" and known is a):
            continue
        number = float(known.params["value"].ravel()[_entry(node, known, place)])
        neutral = number == 0.0 if node.op in ("add", "subtract") else (
            number != 0.0 and np.isfinite(number)
        )
        if neutral:
            return kept, _entry(node, kept, place)
    return None


def _entry(node: Node, operand: Node, place: int) -> int:
    """Return the flat place in an operand that an entry of an elementwise node reads."""
    places = np.broadcast_to(np.arange(operand.size).reshape(operand.shape), node.shape)
    return int(places.ravel()[place])


# ---------------------------------------------------------------- affine on every piece
HOMOGENEOUS = frozenset({"add", "subtract", "negative", "relu", "absolute", "maximum", "minimum"})
MATRIX_OPS = frozenset({"solve", "inv", "det", "logabsdet"})


def is_piecewise_affine(output: Node, wrt: Sequence[Node], *, guards_only: bool = False) -> bool:
    """Tell whether a graph is affine in `wrt` on each of its pieces, guards included.

    `guards_only`: only what the decisions and piecewise rows read needs to be.
    """
    curved: set[Node] = set()
    moving = set(wrt)
    for node in topological([output]):
        if any(i in moving for i in node.inputs):
            moving.add(node)
        elif node not in moving:
            continue
        if any(i in curved for i in node.inputs) or not _affine_step(node, moving):
            curved.add(node)
    if not guards_only:
        return output not in curved
    return not any(
        i in curved
        for node in topological([output])
        if node.dtype == "bool" or node.op.startswith("arg") or (
            node.op in SCALARS and SCALARS[node.op].piecewise
        )
        for i in node.inputs
    )


def _affine_step(node: Node, moving: set[Node]) -> bool:
    moved = [i in moving for i in node.inputs]
    if node.op in HOMOGENEOUS or not node.inputs or node.discrete:
        return True
    if node.op in ("multiply", "matmul"):
        return sum(moved) < 2
    if node.op == "divide":
        return not moved[1]
    return node.op in LINEAR and node.op not in MATRIX_OPS


__all__ = ["Piece", "Pieces", "Place", "is_piecewise_affine", "joined", "limit", "merge",
           "pieces_at"]
