"""Which way does a decision go? Comparisons, orders and choices on numbers that may not know.

Three answers: decided strictly; decided by an exact tie, the way numpy decides it (marked in
`reading.ties`); or open, a :class:`Maybe` that every later choice meets with the hull.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

import numpy as np

from ..graph.node import Node
from ..numerals.tokens import UNDECIDED, ZERO, Maybe

Array = np.ndarray
_WHEN_GREATER = {"greater", "greater_equal", "not_equal"}
_WHEN_LESS = {"less", "less_equal", "not_equal"}
_WHEN_EQUAL = {"greater_equal", "less_equal", "equal"}


def _tidy(values: Array, kind: type) -> Array:
    """Return a plain bool or int array where nothing is open."""
    flat = values.ravel().tolist()
    if any(isinstance(v, Maybe) for v in flat):
        return values
    return values.astype(kind)


def _compare(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    a, b = (_real(x, numeral) for x in arrays)
    above, equal = np.frompyfunc(numeral.strictly, 2, 2)(a, b)
    above, equal = (np.broadcast_to(np.asarray(x, dtype=object), node.shape)
                    for x in (above, equal))
    answers = {
        (None, True): node.op in _WHEN_EQUAL, (None, False): UNDECIDED,
        (True, False): node.op in _WHEN_GREATER, (False, False): node.op in _WHEN_LESS,
    }
    flat = [answers[key] for key in zip(above.ravel().tolist(), equal.ravel().tolist(),
                                        strict=True)]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    reading.ties[node] = equal.astype(bool)
    return _as_run(node, out.reshape(node.shape), reading)


def _as_run(node: Node, out: Array, reading: Any) -> Array:
    """Where the run met inf or nan the decision stands as it was taken there."""
    if "taken" in node.params:
        met = node.params["where"]
        out = np.where(met, node.params["taken"].astype(object), out)
        reading.ties[node] = reading.ties.get(node, np.zeros(node.shape, bool)) & ~met
    return _tidy(out, bool)


def _real(array: Array, numeral: Any) -> Array:
    """Decisions compared with numbers (``mask == 1``) are read as 0 and 1."""
    boxed = np.asarray(array)
    return boxed if boxed.dtype == object else numeral.exact(boxed.astype(float))


def _logical(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    combine = _LOGIC[node.op]
    out = np.frompyfunc(combine, len(arrays), 1)(*arrays)
    ties = [np.broadcast_to(reading.ties.get(i, np.zeros(i.shape, bool)), node.shape)
            for i in node.inputs]
    reading.ties[node] = np.any(ties, axis=0)
    return _tidy(np.asarray(out, dtype=object).reshape(node.shape), bool)


def _and(a: Any, b: Any) -> Any:
    if a is False or b is False or (not isinstance(a, Maybe) and not a):
        return False
    if not isinstance(b, Maybe) and not b:
        return False
    return UNDECIDED if isinstance(a, Maybe) or isinstance(b, Maybe) else True


def _not(a: Any) -> Any:
    return UNDECIDED if isinstance(a, Maybe) else not a


def _or(a: Any, b: Any) -> Any:
    return _not(_and(_not(a), _not(b)))


def _xor(a: Any, b: Any) -> Any:
    return UNDECIDED if isinstance(a, Maybe) or isinstance(b, Maybe) else bool(a) != bool(b)


_LOGIC: dict[str, Callable[..., Any]] = {
    "logical_and": _and, "logical_or": _or, "logical_not": _not, "logical_xor": _xor,
}


def _is_kind(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    answer = node.op == "isfinite"

    def one(value: Any) -> Any:
        return answer if value is ZERO or numeral.finite(value) else UNDECIDED

    out = np.frompyfunc(one, 1, 1)(arrays[0])
    return _as_run(node, np.asarray(out, dtype=object).reshape(node.shape), reading)


def _signbit(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    nought = numeral.exact(np.zeros(()))
    return _compare(_as_less(node), (arrays[0], nought), numeral, reading)


def _as_less(node: Node) -> Node:
    return Node("less", node.inputs, {}, node.shape, "bool", node.origin)


def _order(values: list[Any], numeral: Any) -> tuple[list[Any], list[bool]]:
    """Sort one line: positions (ints, or Maybe inside a cluster that cannot be told apart).

    A value opens a new place only where it is surely above every value of the cluster before it.
    """
    placed = _placed(values, numeral)
    out: list[Any] = list(placed)
    ties = [False] * len(placed)
    start, rivals, open_ = 0, placed[:1], False
    for k in range(1, len(placed) + 1):
        if k < len(placed):
            last = values[placed[k]]
            relations = [numeral.strictly(last, values[rival]) for rival in rivals]
            if relations[-1][1]:
                ties[k] = ties[k - 1] = True
                continue
            if not all(above is True for above, _ in relations):
                open_ = True
                rivals.append(placed[k])
                continue
        if open_:
            cluster = Maybe(frozenset(placed[start:k]))
            out[start:k] = [cluster] * (k - start)
        start, rivals, open_ = k, placed[k:k + 1], False
    return out, ties


def _placed(values: list[Any], numeral: Any) -> list[int]:
    """Return the likeliest order; values that are one float are told apart in full."""
    guesses = [numeral.guess(v) for v in values]
    unknown = [bool(g != g) for g in guesses]  # nan may stand anywhere: nothing after it is settled
    if any(unknown):
        return sorted(range(len(values)), key=lambda i: (not unknown[i], i))

    def before(i: int, j: int) -> int:
        if guesses[i] != guesses[j]:
            return -1 if guesses[i] < guesses[j] else 1
        above, _ = numeral.strictly(values[i], values[j])
        return i - j if above is None else (1 if above else -1)

    return sorted(range(len(values)), key=cmp_to_key(before))


def _extreme(values: list[Any], numeral: Any, sign: int) -> tuple[Any, bool]:
    """Find argmax (sign 1) or argmin (-1) of one line, the first among exact ties."""
    guesses = [sign * numeral.guess(v) for v in values]
    best = max(range(len(values)), key=lambda i: (guesses[i], -i))
    tied, rivals = [best], []
    for i, value in enumerate(values):
        if i == best:
            continue
        above, equal = numeral.strictly(values[best], value)
        if equal:
            tied.append(i)
        elif above is not (sign > 0):
            rivals.append(i)
    if rivals:
        return Maybe(frozenset(tied + rivals)), len(tied) > 1
    return min(tied), len(tied) > 1


def _ranked(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    axis = node.params["axis"]
    lines = np.moveaxis(_real(arrays[0], numeral), axis, -1)
    batch = lines.shape[:-1]
    sorting = node.op == "argsort"
    shape = lines.shape if sorting else batch
    out, ties = np.empty(shape, dtype=object), np.zeros(shape, dtype=bool)
    for i in np.ndindex(*batch):
        line = list(lines[i])
        if sorting:
            places, tied = _order(line, numeral)
            for k, place in enumerate(places):
                out[(*i, k)] = place
            ties[i] = tied
        else:
            out[i], ties[i] = _extreme(line, numeral, 1 if node.op == "argmax" else -1)
    if sorting:
        out, ties = np.moveaxis(out, -1, axis), np.moveaxis(ties, -1, axis)
    reading.ties[node] = ties
    return _tidy(out, np.int64)


DECISIONS: dict[str, Callable[..., Array]] = {
    **dict.fromkeys(
        ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"), _compare
    ),
    **dict.fromkeys(_LOGIC, _logical),
    **dict.fromkeys(("isnan", "isinf", "isfinite"), _is_kind),
    "signbit": _signbit,
    **dict.fromkeys(("argmax", "argmin", "argsort"), _ranked),
}


# ---------------------------------------------------------------- choices
def select(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    """Read `where`: the taken side where decided, the hull of both where open (SOUNDNESS 8)."""
    condition = np.broadcast_to(arrays[0], node.shape)
    a, b = (np.broadcast_to(x, node.shape) for x in arrays[1:])
    if condition.dtype == bool:
        out = np.where(condition, a, b)
    else:
        out = np.empty(node.shape, dtype=object)
        for i in np.ndindex(*node.shape):
            open_ = isinstance(condition[i], Maybe)
            out[i] = numeral.hull(a[i], b[i]) if open_ else (a[i] if condition[i] else b[i])
    if node.discrete:
        return _tidy(out, bool if node.dtype == "bool" else np.int64)
    return _unstrict(out, reading.ties.get(node.inputs[0]), numeral)


def _unstrict(values: Array, ties: Array | None, numeral: Any) -> Array:
    """Where a tie decided, the untaken branch is not absent: its zero is a plain number."""
    if ties is None or not ties.any():
        return values
    places = np.broadcast_to(ties, values.shape)
    nought = numeral.exact(np.zeros(()))[()]
    out = values.copy()
    for i in np.ndindex(*values.shape):
        value: Any = out[i]
        if places[i] and value is ZERO:
            out[i] = nought
    return out


def choose(node: Node, arrays: tuple[Array, ...], numeral: Any, reading: Any) -> Array:
    """Read `take` (entries at computed indices) and `put` (its transpose)."""
    x, index = arrays
    axis = node.params["axis"]
    tied = reading.ties.get(node.inputs[1])
    nought = numeral.exact(np.zeros(()))[()]
    fill = nought if (tied is not None and tied.any()) or index.dtype == object else ZERO
    if node.op == "take":
        lead = _lead(x, index, axis)
        return _take(np.broadcast_to(x, (*lead[:axis], x.shape[axis], *lead[axis:])),
                     np.broadcast_to(index, node.shape), axis, numeral)
    out = np.full(node.shape, fill, dtype=object)
    for i in np.ndindex(*x.shape):
        where = np.broadcast_to(index, x.shape)[i]
        options = where.options if isinstance(where, Maybe) else (where,)
        for option in sorted(options):
            place = (*i[:axis], int(option), *i[axis + 1:])
            part = x[i] if len(options) == 1 else numeral.hull(x[i], nought)
            out[place] = part if out[place] is ZERO else out[place] + part
    return out


def _lead(x: Array, index: Array, axis: int) -> tuple[int, ...]:
    cut = [(*s[:axis], *s[axis + 1:]) for s in (x.shape, index.shape)]
    return np.broadcast_shapes(*cut)


def _take(x: Array, index: Array, axis: int, numeral: Any) -> Array:
    if index.dtype != object:
        return np.take_along_axis(x, index.astype(np.int64), axis)
    out = np.empty(index.shape, dtype=x.dtype)
    for i in np.ndindex(*index.shape):
        where = index[i]
        options = sorted(where.options) if isinstance(where, Maybe) else [int(where)]
        value = x[(*i[:axis], options[0], *i[axis + 1:])]
        for option in options[1:]:
            value = numeral.hull(value, x[(*i[:axis], option, *i[axis + 1:])])
        out[i] = value
    return out
