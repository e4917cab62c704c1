"""What may rounding decide otherwise, and what does a matrix row pass on?

A decision is open where the widened numbers no longer settle it; a choice by an open decision has
the union over everything that may be chosen (SOUNDNESS 16).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.node import Node
from ..primitives.linear import LINEAR
from .rounding_rules import Spread, inputs_of, rounded
from .roundoff import Budget, gamma

Array = np.ndarray
# ---------------------------------------------------------------- decisions and choices
def _open_compare(node: Node, found: Budget) -> Array:
    a, b = node.inputs
    reach = found.radius[a] + found.radius[b]
    gap = np.abs(found.mid(a) - found.mid(b))
    open_ = ((gap <= reach) & (reach > 0)) | _inherited(node, found)
    return np.asarray(np.broadcast_to(open_, node.shape) & ~_taken(node))


def _taken(node: Node) -> Array:
    """Return where a decision stands as it was run: it cannot go otherwise."""
    return np.asarray(node.params.get("where", np.zeros(node.shape, dtype=bool)))


def _inherited(node: Node, found: Budget) -> Array:
    """A decision made of decisions is open where one of them is."""
    masks = [found.open[i] for i in node.inputs if i in found.open and i.shape != ()]
    same = [np.broadcast_to(m, node.shape) for m in masks if _fits(m.shape, node.shape)]
    return np.any(same, axis=0) if same else np.zeros(node.shape, dtype=bool)


def _fits(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False


def _open_finite(node: Node, found: Budget) -> Array:
    return np.asarray(~np.isfinite(found.radius[node.inputs[0]]) & ~_taken(node))


def _select(node: Node, found: Budget) -> Spread:
    condition, a, b = node.inputs
    value = found.mid(node)
    taken = found.reading.values[condition]
    chosen = np.where(np.asarray(np.frompyfunc(_is_true, 1, 1)(taken), dtype=bool),
                      found.radius[a], found.radius[b])
    far = np.maximum(np.abs(found.mid(a) - value) + found.radius[a],
                     np.abs(found.mid(b) - value) + found.radius[b])
    return np.where(found.open[condition], far, chosen), 0.0


def _is_true(value: Any) -> bool:
    return value is True or (isinstance(value, np.bool_) and bool(value)) or value == 1


def _take(node: Node, found: Budget) -> Spread:
    """A choice by rank: any rival whose widened key overlaps the winner's may be taken instead."""
    x, index = node.inputs
    axis = node.params["axis"]
    places = found.reading.values[index]
    if places.dtype == object:
        return np.full(node.shape, np.inf), 0.0
    evaluate = LINEAR["take"].evaluate
    assert evaluate is not None
    picked = evaluate(node, found.radius[x], places)
    key = _key_of(index)
    if key is None or not found.radius[key].any():
        return picked, 0.0
    return np.maximum(picked, _rivals(node, found, key, places, axis)), 0.0


def _key_of(index: Node) -> Node | None:
    """Return the ranked quantity behind an index that was reshaped on its way."""
    while index.op in ("reshape", "gather", "broadcast", "transpose") and index.inputs:
        index = index.inputs[0]
    return index.inputs[0] if index.op in ("argmax", "argmin", "argsort") else None


def _rivals(node: Node, found: Budget, key: Node, places: Array, axis: int) -> Array:
    x = node.inputs[0]
    if key.shape != x.shape:
        return np.full(node.shape, float(np.max(found.radius[key], initial=0.0)))
    lines = [np.moveaxis(v, axis, -1)[..., None, :] for v in
             (found.mid(key), found.radius[key], found.mid(x), found.radius[x])]
    at = np.moveaxis(np.broadcast_to(places, node.shape), axis, -1).astype(np.int64)
    won = [np.take_along_axis(v[..., 0, :], at, -1)[..., None] for v in lines]
    close = np.abs(lines[0] - won[0]) <= lines[1] + won[1]
    reach = np.where(close, np.abs(lines[2] - won[2]) + lines[3], 0.0).max(axis=-1)
    return np.moveaxis(reach, -1, axis)


def _put(node: Node, found: Budget) -> Spread:
    return np.full(node.shape, np.inf), 0.0


# ---------------------------------------------------------------- matrix rows
def _solve(node: Node, found: Budget) -> Spread:
    (a, ra), (_, rb) = inputs_of(node, found)
    return _inverse_times(node, found, (ra + _pivoting(node, a)) @ np.abs(found.mid(node)) + rb)


def _inverse(node: Node, found: Budget) -> Spread:
    ((a, ra),) = inputs_of(node, found)
    return _inverse_times(node, found, (ra + _pivoting(node, a)) @ np.abs(found.mid(node)))


def _pivoting(node: Node, a: Array) -> Array:
    """Bound gamma_3n |L||U| by partial pivoting: |L| <= 1, |U| <= n max|A| (Higham 2002, 9.4)."""
    n = a.shape[-1]
    top = a.max(axis=(-2, -1), keepdims=True)
    return np.asarray(gamma(3 * n, node.dtype) * n * n * np.broadcast_to(top, a.shape))


def _inverse_times(node: Node, found: Budget, right: Array) -> Spread:
    try:
        inverted = np.abs(np.linalg.inv(found.mid(node.inputs[0])))
    except np.linalg.LinAlgError:
        return np.full(node.shape, np.inf), 0.0
    return 2 * inverted @ right, rounded(node, found)


def _determinant(node: Node, found: Budget) -> Spread:
    ((a, ra),) = inputs_of(node, found)
    share = 2 * (_cofactors(found.mid(node.inputs[0])) * (ra + _pivoting(node, a)))
    total = np.asarray(share.sum(axis=(-2, -1)))
    if node.op == "logabsdet":
        with np.errstate(all="ignore"):
            total = np.nan_to_num(total / np.exp(found.mid(node)), nan=np.inf, posinf=np.inf)
    n = a.shape[-1]
    return total, gamma(n, node.dtype) * n * (np.abs(found.mid(node)) + 1.0)


def _cofactors(matrix: Array) -> Array:
    """Return |d det / d matrix|, by singular values: finite for a singular matrix too."""
    try:
        left, values, right = np.linalg.svd(matrix)
    except np.linalg.LinAlgError:
        return np.full(matrix.shape, np.inf)
    n = matrix.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1.0, values[..., None, :]).prod(axis=-1)
    return np.asarray(np.abs((left * others[..., None, :]) @ right))


def _eigenvalues(node: Node, found: Budget) -> Spread:
    """An eigenvalue moves by no more than the matrix (Weyl); LAPACK is backward stable."""
    moved = _perturbed(node, found)
    return np.full(node.shape, moved), rounded(node, found)


def _perturbed(node: Node, found: Budget) -> float:
    """Bound the norm of the backward error: p(n) u |A|, p(n) = 10 n (LAPACK Guide, 4.7)."""
    a, ra = inputs_of(node, found)[0]
    norms = np.sqrt(np.sum(a**2)), np.sqrt(np.sum(ra**2))
    return float(norms[1] + 10 * a.shape[-1] * gamma(1, node.dtype) * norms[0])


def _eigenvectors(node: Node, found: Budget) -> Spread:
    """An eigenvector moves by the backward error over the gap of its eigenvalue (Davis, Kahan)."""
    values = np.linalg.eigvalsh(found.mid(node.inputs[0]))
    gaps = np.abs(values[:, None] - values[None, :])
    np.fill_diagonal(gaps, np.inf)
    with np.errstate(divide="ignore"):
        moved = 2 * _perturbed(node, found) / gaps.min(axis=0)
    return np.broadcast_to(moved, node.shape), rounded(node, found)


OPEN: dict[str, Callable[[Node, Budget], Array]] = {
    **dict.fromkeys(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"),
                    _open_compare),
    **dict.fromkeys(("isnan", "isfinite", "isinf"), _open_finite),
}
CHOICES: dict[str, Callable[[Node, Budget], Spread]] = {
    "select": _select, "take": _take, "put": _put,
    "solve": _solve, "inv": _inverse, "det": _determinant, "logabsdet": _determinant,
    "eigvalsh": _eigenvalues, "eigenvectors": _eigenvectors,
}


def inherited(node: Node, found: Budget) -> Array:
    """Return where a decision made of decisions is open."""
    return _inherited(node, found)
