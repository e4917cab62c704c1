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
from ..numerals.germ import Beyond, Germ
from ..numerals.germs import coefficient, numbers_of
from ..numerals.tokens import ZERO
from ..numerals.twins import NOUGHT, is_number, sign_of, stored
from ..primitives.linear import gather
from ..readers.guards import ActiveGuard
from ..readers.series import series
from ..readers.slope import slope
from ..readers.value import Reading
from .cones import Row, direction_inside, independent
from .guard_forms import flat_place, is_piecewise_affine, merge

Array = np.ndarray
MOST_GUARDS = 12
SAMPLED = 24  # sign patterns tried where there are too many guards to go through all


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

    @property
    def most_pieces(self) -> int:
        """How many pieces are read at most: each costs one gradient of the graph in germs."""
        return 512 if self.size <= 300 else (64 if self.size <= 5000 else 8)


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
    forms = [gather([g.quantity], np.array(flat_place(g))) for g in merged]
    split = [(f, slope(f, place.wrt)) for f in forms]
    gradient = slope(place.output, place.wrt)
    if len(merged) > MOST_GUARDS or 2 ** len(merged) > 4 * place.most_pieces:
        result.miss(f"{len(merged)} guards vanish here: only some sign patterns are tried")
        _sampled(place, split, gradient, result)
    else:
        _split(place, split, gradient, [], [], (), result)
    return result


def _sampled(
    place: Place, forms: list[tuple[Node, tuple[Node, ...]]], gradient: tuple[Node, ...],
    result: Pieces,
) -> None:
    """Enter pieces of opposite and of random sign patterns, whichever a direction realises."""
    everywhere = np.ones(place.size)
    rows = [_form_on(place, everywhere, slopes) for _, slopes in forms]
    if any(r is None or all(v.is_zero() for v in r) for r in rows):
        return
    matrix = np.array([[float(v.mid()) for v in r] for r in rows if r is not None])
    result.rows.extend(matrix[:MOST_GUARDS])
    pull = np.linalg.pinv(matrix)
    random = np.random.default_rng(0)
    ones = np.ones(len(forms))
    patterns = [ones, -ones, *random.choice([-1.0, 1.0], (min(SAMPLED, place.most_pieces),
                                                          len(forms)))]
    for signs in patterns:
        direction = np.round(pull @ signs * 2.0**20) / 2.0**20
        reading = place.along(direction, [f for f, _ in forms], 1)
        speeds = [coefficient(v, 1) for v in joined([reading[f] for f, _ in forms])
                  if not isinstance(v, Beyond)]
        pattern = tuple(sign_of(v) or 0 for v in speeds if v is not None)
        if len(pattern) == len(forms) and all(pattern):
            _leaf(place, gradient, direction, [], [], pattern, result)


def _split(
    place: Place, forms: list[tuple[Node, tuple[Node, ...]]], gradient: tuple[Node, ...],
    rows: list[Row], signs: list[int], pattern: tuple[int, ...], result: Pieces,
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
    form, slopes = forms[len(pattern)]
    row = _form_on(place, direction, slopes)
    if row is None:
        result.miss("a guard has no gradient on some piece")
        return
    if len(result.rows) < MOST_GUARDS:
        result.rows.append(np.array([float(v.mid()) for v in row]))
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
    reading = place.along(direction, slopes, 1)
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
    reading = place.along(direction, slopes, 1)
    raw = [v for s in slopes for v in np.ravel(reading[s]).tolist()]
    return all(v is ZERO for v in raw) or (
        is_piecewise_affine(form, place.wrt) and all(v is ZERO or not isinstance(v, Germ)
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
