"""What node does np.einsum become? Diagonals, sums, transposes and one matrix product a pair."""

from __future__ import annotations

import math
import string
from typing import Any

import numpy as np

from ...graph.node import Node, apply
from ...primitives.linear import broadcast_to, gather, matmul, reshape, sum_over, transpose
from .operands import loop_dtype, real
from .trace import Trace

Term = tuple[str, Node]  # one letter an axis, and the array


def lower(trace: Trace, result: Any, *operands: Any, **options: Any) -> Node:
    """Return the node of ``np.einsum(*operands)``."""
    inputs, output, arrays = _parsed(operands)
    loop = loop_dtype(trace, result)
    nodes = [real(trace, a, loop) for a in arrays]
    inputs, output = _without_ellipsis(inputs, output, [len(n.shape) for n in nodes])
    terms = [_distinct(trace, t, n) for t, n in zip(inputs, nodes, strict=True)]
    done = terms[0]
    for k, term in enumerate(terms[1:], 2):
        wanted = set(output).union(*(t for t, _ in terms[k:]))
        done = _product(
            _summed(done, wanted | set(term[0])), _summed(term, wanted | set(done[0])), wanted
        )
    letters, node = _summed(done, set(output))
    return _ordered(letters, node, output)


def _parsed(operands: tuple[Any, ...]) -> tuple[list[str], str, list[Any]]:
    if not isinstance(operands[0], str):
        return _from_lists(operands)
    subscripts = operands[0].replace(" ", "")
    left, arrow, right = subscripts.partition("->")
    if not arrow:
        flat = left.replace("...", "").replace(",", "")
        once = "".join(sorted(c for c in set(flat) if flat.count(c) == 1))
        right = ("..." if "..." in left else "") + once
    return left.split(","), right, list(operands[1:])


def _from_lists(operands: tuple[Any, ...]) -> tuple[list[str], str, list[Any]]:
    def text(axes: Any) -> str:
        return "".join("..." if a is Ellipsis else string.ascii_letters[a] for a in axes)

    pairs, rest = divmod(len(operands), 2)
    left = [text(operands[2 * k + 1]) for k in range(pairs)]
    arrays = [operands[2 * k] for k in range(pairs)]
    joined = ",".join(left) + ("->" + text(operands[-1]) if rest else "")
    return _parsed((joined, *arrays))


def _without_ellipsis(inputs: list[str], output: str, ranks: list[int]) -> tuple[list[str], str]:
    used = set("".join(inputs) + output)
    spare = [c for c in string.ascii_letters if c not in used]
    hidden = [r - len(t.replace("...", "")) for t, r in zip(inputs, ranks, strict=True)]
    most = max((h for h, t in zip(hidden, inputs, strict=True) if "..." in t), default=0)
    letters = "".join(spare[:most])
    filled = [
        t.replace("...", letters[most - h :] if h else "")
        for t, h in zip(inputs, hidden, strict=True)
    ]
    return filled, output.replace("...", letters)


def _distinct(trace: Trace, letters: str, node: Node) -> Term:
    """Take diagonals where a letter is repeated."""
    if len(set(letters)) == len(letters):
        return letters, node
    kept = "".join(dict.fromkeys(letters))
    grid = np.einsum(f"{letters}->{kept}", trace.grid(node.shape))
    return kept, gather([node], grid)


def _summed(term: Term, wanted: set[str]) -> Term:
    letters, node = term
    gone = tuple(k for k, c in enumerate(letters) if c not in wanted)
    if not gone:
        return term
    return "".join(c for c in letters if c in wanted), sum_over(node, gone)


def _ordered(letters: str, node: Node, order: str) -> Node:
    return transpose(node, [letters.index(c) for c in order]) if letters != order else node


def _sizes(a: Term, b: Term) -> dict[str, int]:
    """Return the length of each axis; size 1 stretches, as einsum allows."""
    sizes: dict[str, int] = {}
    for letters, node in (a, b):
        for c, n in zip(letters, node.shape, strict=True):
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    return sizes


def _stretched(term: Term, sizes: dict[str, int]) -> Term:
    return term[0], broadcast_to(term[1], tuple(sizes[c] for c in term[0]))


def _product(a: Term, b: Term, wanted: set[str]) -> Term:
    sizes = _sizes(a, b)
    (left, x), (right, y) = _stretched(a, sizes), _stretched(b, sizes)
    both = [c for c in left if c in right]
    batch = "".join(c for c in both if c in wanted)
    inner = "".join(c for c in both if c not in wanted)
    rows = "".join(c for c in left if c not in right)
    columns = "".join(c for c in right if c not in left)
    letters = batch + rows + columns
    shape = tuple(sizes[c] for c in letters)
    if not inner:
        ones = (*(sizes[c] for c in batch + rows), *(1 for _ in columns))
        middle = (*(sizes[c] for c in batch), *(1 for _ in rows), *(sizes[c] for c in columns))
        wide = reshape(_ordered(left, x, batch + rows), ones)
        return letters, apply(
            "multiply", wide, reshape(_ordered(right, y, batch + columns), middle)
        )

    def count(part: str) -> int:
        return math.prod(sizes[c] for c in part)

    p = reshape(_ordered(left, x, batch + rows + inner), (count(batch), count(rows), count(inner)))
    q = reshape(
        _ordered(right, y, batch + inner + columns), (count(batch), count(inner), count(columns))
    )
    if not batch:
        p, q = reshape(p, p.shape[1:]), reshape(q, q.shape[1:])
    return letters, reshape(matmul(p, q), shape)
