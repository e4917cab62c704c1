"""Linear rows: how whole arrays are summed, moved and multiplied, and how each is transposed.

A row needs one numpy expression that works on object arrays of any numeral, and its transpose as
a graph. The constructors below infer shapes and are the only places these nodes are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..graph.node import Node, constant, structural_zero
from ..verdicts import Origin

Array = np.ndarray
Axis = int | tuple[int, ...] | None


# ---------------------------------------------------------------- constructors
def axes_of(axis: Axis, rank: int) -> tuple[int, ...]:
    """Return `axis` as a sorted tuple of non-negative axes."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(a % rank if rank else 0 for a in given))


def sum_over(
    x: Node, axis: Axis = None, keepdims: bool = False, *, origin: Origin | None = None
) -> Node:
    """Return the sum of `x` over `axis` (all axes when None)."""
    axes = axes_of(axis, len(x.shape))
    if not axes:
        return x
    shape = tuple(n for a, n in enumerate(x.shape) if a not in axes)
    total = Node("sum", (x,), {"axis": axes}, shape, x.dtype, origin)
    kept = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
    return reshape(total, kept, origin=origin) if keepdims else total


def cumulative_sum(x: Node, axis: int, *, origin: Origin | None = None) -> Node:
    """Return the running sum of `x` along `axis`."""
    return Node("cumsum", (x,), {"axis": axis % len(x.shape)}, x.shape, x.dtype, origin)


def matmul(a: Node, b: Node, *, origin: Origin | None = None) -> Node:
    """Return ``a @ b`` with numpy's rules for any rank >= 1."""
    left = a if len(a.shape) > 1 else reshape(a, (1, *a.shape), origin=origin)
    right = b if len(b.shape) > 1 else reshape(b, (*b.shape, 1), origin=origin)
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    shape = (*batch, left.shape[-2], right.shape[-1])
    dtype = np.result_type(a.dtype, b.dtype).name
    product = Node("matmul", (left, right), {}, shape, dtype, origin)
    if len(a.shape) == 1:
        product = reshape(product, (*product.shape[:-2], product.shape[-1]), origin=origin)
    if len(b.shape) == 1:
        product = reshape(product, product.shape[:-1], origin=origin)
    return product


def reshape(x: Node, shape: Sequence[int], *, origin: Origin | None = None) -> Node:
    """Return `x` in C order under another shape; one entry may be -1."""
    new = tuple(int(n) for n in shape)
    if -1 in new:
        known = int(np.prod([n for n in new if n != -1], dtype=np.int64))
        new = tuple(x.size // known if n == -1 else n for n in new)
    return x if new == x.shape else Node("reshape", (x,), {}, new, x.dtype, origin or x.origin)


def transpose(
    x: Node, axes: Sequence[int] | None = None, *, origin: Origin | None = None
) -> Node:
    """Return `x` with its axes permuted (reversed when None)."""
    rank = len(x.shape)
    order = tuple(a % rank for a in axes) if axes is not None else tuple(reversed(range(rank)))
    if order == tuple(range(rank)):
        return x
    shape = tuple(x.shape[a] for a in order)
    return Node("transpose", (x,), {"axes": order}, shape, x.dtype, origin or x.origin)


def broadcast_to(x: Node, shape: Sequence[int], *, origin: Origin | None = None) -> Node:
    """Return `x` repeated along new and size-1 axes up to `shape`."""
    new = tuple(shape)
    return x if new == x.shape else Node("broadcast", (x,), {}, new, x.dtype, origin or x.origin)


def gather(inputs: Sequence[Node], index: Array, *, origin: Origin | None = None) -> Node:
    """Return entries of the inputs, raveled and joined, at `index`; -1 gives an exact zero."""
    places = np.asarray(index, dtype=np.int64)
    dtype = np.result_type(*(i.dtype for i in inputs)).name
    return Node("gather", tuple(inputs), {"index": places}, places.shape, dtype, origin)


def scatter(
    x: Node, index: Array, shape: Sequence[int], *, absent: bool = False,
    origin: Origin | None = None,
) -> Node:
    """Return zeros of `shape` with the entries of `x` added at flat `index` (-1 drops one).

    `absent` says that an untouched entry is a structural zero: nothing reads what stands there.
    """
    places = np.broadcast_to(np.asarray(index, dtype=np.int64), x.shape)
    params = {"index": places, "absent": absent}
    return Node("scatter", (x,), params, tuple(shape), x.dtype, origin)


def select(condition: Node, a: Node, b: Node, *, origin: Origin | None = None) -> Node:
    """Return `a` where `condition` holds and `b` elsewhere, shapes broadcast."""
    shape = np.broadcast_shapes(condition.shape, a.shape, b.shape)
    dtype = np.result_type(a.dtype, b.dtype).name
    return Node("select", (condition, a, b), {}, shape, dtype, origin)


def take(x: Node, index: Node, axis: int, *, origin: Origin | None = None) -> Node:
    """Return ``np.take_along_axis(x, index, axis)`` for an index the program computed."""
    shape = list(np.broadcast_shapes(
        (*x.shape[:axis], 1, *x.shape[axis + 1:]), (*index.shape[:axis], 1, *index.shape[axis + 1:])
    ))
    shape[axis] = index.shape[axis]
    return Node("take", (x, index), {"axis": axis}, tuple(shape), x.dtype, origin)


def put(x: Node, index: Node, axis: int, shape: Sequence[int]) -> Node:
    """Return the transpose of :func:`take`: entries of `x` added at `index` along `axis`."""
    return Node("put", (x, index), {"axis": axis}, tuple(shape), x.dtype)


def cast(x: Node, dtype: str, *, origin: Origin | None = None) -> Node:
    """Return `x` as another dtype: the same real number, rounded differently."""
    return Node("cast", (x,), {}, x.shape, np.dtype(dtype).name, origin)


def compare(op: str, a: Node, b: Node, *, origin: Origin | None = None) -> Node:
    """Return the decision ``a op b`` (greater, less_equal, ...), shapes broadcast."""
    return Node(op, (a, b), {}, np.broadcast_shapes(a.shape, b.shape), "bool", origin)


def arg(op: str, x: Node, axis: int, *, origin: Origin | None = None) -> Node:
    """Return argmax, argmin (axis removed) or argsort of `x` along `axis`."""
    place = axis % len(x.shape)
    shape = x.shape if op == "argsort" else (*x.shape[:place], *x.shape[place + 1:])
    return Node(op, (x,), {"axis": place}, shape, "int64", origin)


def solve(a: Node, b: Node, *, origin: Origin | None = None) -> Node:
    """Return the solution X of ``a X = b``; b is a vector or a matrix as in numpy."""
    if len(b.shape) == 1:
        columns = solve(a, reshape(b, (*b.shape, 1)), origin=origin)
        return reshape(columns, columns.shape[:-1], origin=origin)
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return Node("solve", (a, b), {}, (*batch, *b.shape[-2:]), _joint(a, b), origin)


def inverse(a: Node, *, origin: Origin | None = None) -> Node:
    """Return the inverse of the square matrices `a`."""
    return Node("inv", (a,), {}, a.shape, a.dtype, origin)


def determinant(a: Node, *, origin: Origin | None = None) -> Node:
    """Return the determinants of the square matrices `a`."""
    return Node("det", (a,), {}, a.shape[:-2], a.dtype, origin)


def logabsdet(a: Node, *, origin: Origin | None = None) -> Node:
    """Return ``log|det a|`` of the square matrices `a`."""
    return Node("logabsdet", (a,), {}, a.shape[:-2], a.dtype, origin)


def symmetrised(a: Node, *, upper: bool = False, origin: Origin | None = None) -> Node:
    """Return the symmetric matrix that shares one triangle with `a`: LAPACK reads no other."""
    n = a.shape[-1]
    rows, columns = np.indices((n, n))
    least, most = np.minimum(rows, columns), np.maximum(rows, columns)
    return gather([a], least * n + most if upper else most * n + least, origin=origin)


def eigenvalues(a: Node, *, origin: Origin | None = None) -> Node:
    """Return the eigenvalues of a symmetric matrix, ascending."""
    return Node("eigvalsh", (a,), {}, a.shape[:1], a.dtype, origin)


def eigenvectors(a: Node, like: Node, *, origin: Origin | None = None) -> Node:
    """Return the unit eigenvectors of a symmetric matrix as columns, in order of eigenvalues.

    `like`, a constant, settles their signs: each has a positive product with its column there,
    or a positive largest entry where that column is 0.
    """
    return Node("eigenvectors", (a, like), {}, a.shape, a.dtype, origin)


def _joint(a: Node, b: Node) -> str:
    return np.result_type(a.dtype, b.dtype).name


def sum_to(x: Node, shape: tuple[int, ...]) -> Node:
    """Return the transpose of broadcasting: `x` summed down to `shape`."""
    extra = len(x.shape) - len(shape)
    total = sum_over(x, tuple(range(extra))) if extra else x
    stretched = tuple(
        a for a, (n, m) in enumerate(zip(shape, total.shape, strict=True)) if n == 1 and m != 1
    )
    return sum_over(total, stretched, keepdims=True) if stretched else total


def mirror(x: Node) -> Node:
    """Return `x` with its last two axes exchanged."""
    rank = len(x.shape)
    return transpose(x, (*range(rank - 2), rank - 1, rank - 2))


# ---------------------------------------------------------------- evaluation
def _gather(node: Node, *arrays: Array) -> Array:
    flat = np.concatenate([a.ravel() for a in arrays]) if len(arrays) > 1 else arrays[0].ravel()
    index = node.params["index"]
    if index.size and index.min() < 0:
        flat = np.concatenate([flat, _zeros(1, flat)])
    return np.asarray(flat[index])


def _zeros(count: int, like: Array) -> Array:
    return np.zeros(count, dtype=like.dtype)


def _scatter(node: Node, x: Array) -> Array:
    out = np.zeros(node.size, dtype=x.dtype)
    index = node.params["index"].ravel()
    kept = index >= 0
    np.add.at(out, index[kept], x.ravel()[kept])
    return out.reshape(node.shape)


def _put(node: Node, x: Array, index: Array) -> Array:
    axis = node.params["axis"]
    out = np.zeros(node.shape, dtype=x.dtype)
    full = np.broadcast_to(index, x.shape).astype(np.int64)
    places: list[Any] = list(np.indices(x.shape, sparse=True))
    places[axis] = full
    np.add.at(out, tuple(places), x)
    return out


def _take(node: Node, x: Array, index: Array) -> Array:
    axis = node.params["axis"]
    shape = list(node.shape)
    shape[axis] = x.shape[axis]
    full = np.broadcast_to(x, shape)
    places = np.broadcast_to(index, node.shape).astype(np.int64)
    return np.take_along_axis(full, places, axis)


# ---------------------------------------------------------------- transposes
def _transposed_gather(node: Node, g: Node, which: int) -> Node:
    target = node.inputs[which]
    start = sum(i.size for i in node.inputs[:which])
    index = node.params["index"]
    inside = (index >= start) & (index < start + target.size)
    return scatter(g, np.where(inside, index - start, -1), target.shape, absent=True)


def _transposed_scatter(node: Node, g: Node, which: int) -> Node:
    return gather([g], node.params["index"])


def _transposed_sum(node: Node, g: Node, which: int) -> Node:
    (x,) = node.inputs
    kept = tuple(1 if a in node.params["axis"] else n for a, n in enumerate(x.shape))
    return broadcast_to(reshape(g, kept), x.shape)


def _transposed_cumsum(node: Node, g: Node, which: int) -> Node:
    axis = node.params["axis"]
    back = np.flip(np.arange(node.size).reshape(node.shape), axis)
    return gather([cumulative_sum(gather([g], back), axis)], back)


def _transposed_matmul(node: Node, g: Node, which: int) -> Node:
    a, b = node.inputs
    product = matmul(g, mirror(b)) if which == 0 else matmul(mirror(a), g)
    return sum_to(product, node.inputs[which].shape)


def _transposed_transpose(node: Node, g: Node, which: int) -> Node:
    return transpose(g, tuple(np.argsort(node.params["axes"])))


def _transposed_select(node: Node, g: Node, which: int) -> Node:
    condition = node.inputs[0]
    full = broadcast_to(g, node.shape)
    zero = structural_zero((), g.dtype)
    chosen = select(condition, full, zero) if which == 1 else select(condition, zero, full)
    return sum_to(chosen, node.inputs[which].shape)


def _transposed_take(node: Node, g: Node, which: int) -> Node:
    x, index = node.inputs
    axis = node.params["axis"]
    wide = (*node.shape[:axis], x.shape[axis], *node.shape[axis + 1:])
    return sum_to(put(g, index, axis, wide), x.shape)


def _transposed_put(node: Node, g: Node, which: int) -> Node:
    return take(g, node.inputs[1], node.params["axis"])


def _transposed_solve(node: Node, g: Node, which: int) -> Node:
    a, b = node.inputs
    pulled = solve(mirror(a), g)
    if which == 1:
        return sum_to(pulled, b.shape)
    return sum_to(-matmul(pulled, mirror(node)), a.shape)


def _transposed_inverse(node: Node, g: Node, which: int) -> Node:
    across = mirror(node)
    return -matmul(matmul(across, g), across)


def _lifted_twice(g: Node) -> Node:
    return reshape(g, (*g.shape, 1, 1))


def _transposed_determinant(node: Node, g: Node, which: int) -> Node:
    return _lifted_twice(g * node) * mirror(inverse(node.inputs[0]))


def _transposed_logabsdet(node: Node, g: Node, which: int) -> Node:
    return _lifted_twice(g) * mirror(inverse(node.inputs[0]))


def _transposed_eigenvalues(node: Node, g: Node, which: int) -> Node:
    """Return V diag(g) V': dl_i = v_i' dA v_i where the eigenvalue is simple."""
    a = node.inputs[0]
    vectors = eigenvectors(a, constant(np.zeros(a.shape), a.dtype))  # any signs will do
    return matmul(vectors * reshape(g, (1, *g.shape)), mirror(vectors))


def _transposed_eigenvectors(node: Node, g: Node, which: int) -> Node:
    """Return the symmetric part of V (F * V'G) V', F_ij = 1 / (l_j - l_i) off the diagonal.

    Magnus 1985, theorem 1; undefined where two eigenvalues meet.
    """
    if which == 1:
        return structural_zero(node.inputs[1].shape, node.dtype)
    n = node.shape[0]
    rows, columns = np.nonzero(~np.eye(n, dtype=bool))
    values = eigenvalues(node.inputs[0])
    gaps = gather([values], columns) - gather([values], rows)
    turned = gather([matmul(mirror(node), g)], rows * n + columns)
    inner = scatter(turned / gaps, rows * n + columns, (n, n))
    pulled = matmul(matmul(node, inner), mirror(node))
    return (pulled + mirror(pulled)) * 0.5


# ---------------------------------------------------------------- the rows
@dataclass(frozen=True, slots=True)
class LinearRow:
    """One structural op: its evaluation on object arrays and its transpose as a graph.

    `evaluate(node, *arrays)`; None where the numeral itself must supply it (matrix rows).
    `transpose(node, cotangent, which)` is the cotangent of input `which`.
    """

    evaluate: Callable[..., Array] | None
    transpose: Callable[[Node, Node, int], Node]


def _row(evaluate: Callable[..., Any] | None, transposed: Callable[..., Node]) -> LinearRow:
    return LinearRow(evaluate, transposed)


LINEAR: Mapping[str, LinearRow] = {
    "sum": _row(lambda n, x: np.asarray(x.sum(axis=n.params["axis"])), _transposed_sum),
    "cumsum": _row(lambda n, x: np.cumsum(x, axis=n.params["axis"]), _transposed_cumsum),
    "matmul": _row(None, _transposed_matmul),
    "reshape": _row(
        lambda n, x: x.reshape(n.shape), lambda n, g, k: reshape(g, n.inputs[0].shape)
    ),
    "transpose": _row(lambda n, x: x.transpose(n.params["axes"]), _transposed_transpose),
    "broadcast": _row(
        lambda n, x: np.broadcast_to(x, n.shape), lambda n, g, k: sum_to(g, n.inputs[0].shape)
    ),
    "gather": _row(_gather, _transposed_gather),
    "scatter": _row(_scatter, _transposed_scatter),
    "take": _row(_take, _transposed_take),
    "put": _row(_put, _transposed_put),
    "cast": _row(lambda n, x: x, lambda n, g, k: cast(g, n.inputs[0].dtype)),
    "select": _row(None, _transposed_select),
    "solve": _row(None, _transposed_solve),
    "inv": _row(None, _transposed_inverse),
    "det": _row(None, _transposed_determinant),
    "logabsdet": _row(None, _transposed_logabsdet),
    "eigvalsh": _row(None, _transposed_eigenvalues),
    "eigenvectors": _row(None, _transposed_eigenvectors),
}
# Rows of this table that are not linear: their numerals evaluate whole matrices.
MATRIX_OPS = frozenset({"solve", "inv", "det", "logabsdet", "eigvalsh", "eigenvectors"})
