"""What a claimed derivative returns, sorted into blocks: one array for each leaf (or pair)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..frontends.calling import Calling, flatten
from ..graph.node import Node, constant
from ..primitives.linear import gather, reshape

Shape = tuple[int, ...]


class WrongShape(VerifierError):
    """The claim returned something that cannot be the derivative by its shape alone."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a derivative: its label (a leaf, or "a,b" for a Hessian) and shapes.

    `shape` is canonical; `accepted` lists every shape a claim may return for it.
    """

    label: str
    shape: Shape
    accepted: tuple[Shape, ...]


def expected_blocks(kind: str, out: Shape, wrt: Mapping[str, Shape]) -> tuple[Block, ...]:
    """Return the blocks a claim of `kind` owes, given the output's and the leaves' shapes."""
    scalar = int(np.prod(out, dtype=np.int64)) == 1
    if kind == "hessian":
        return tuple(
            _block(f"{a},{b}" if len(wrt) > 1 else a, (*sa, *sb), (_size(sa), _size(sb)))
            for a, sa in wrt.items()
            for b, sb in wrt.items()
        )
    if kind == "jacobian":
        return tuple(
            _block(a, (*out, *sa), (_size(out), _size(sa)), *([sa] if scalar else []))
            for a, sa in wrt.items()
        )
    return tuple(_block(a, sa, *([()] if _size(sa) == 1 else [])) for a, sa in wrt.items())


def _block(label: str, shape: Shape, *others: Shape) -> Block:
    same = [o for o in others if _size(o) == _size(shape)]
    return Block(label, shape, (shape, *same))


def _size(shape: Shape) -> int:
    return int(np.prod(shape, dtype=np.int64))


def arrange(kind: str, returned: Any, calling: Calling, labels: Sequence[str]) -> dict[str, Any]:
    """Return {label: array or Node} from what a claim returned.

    One array per argument of `wrt`: a single value where there is one, else a tuple in order or a
    dict keyed by argument; nested arguments are mirrored. Raises WrongShape where parts lack.
    """
    if kind == "hessian" and len(labels) > 1:
        return _arrange_pairs(returned, calling, labels)
    parts = _by_argument(returned, calling.wrt)
    found: dict[str, Any] = {}
    for argument, part in parts.items():
        expected = [x for x in labels if x == argument or x.startswith((f"{argument}.",
                                                                        f"{argument}["))]
        if expected == [argument]:
            found[argument] = _single(part)
        else:
            found.update({k: _single(v) for k, v in flatten(part, argument).items()
                          if k in expected} or _raw(part, expected))
    missing = [x for x in labels if x not in found]
    if missing:
        raise WrongShape(
            f"the claim returns nothing for {', '.join(missing)}", slug="wrong-shape",
            hint="Return one array for each argument differentiated by: a tuple in that order, "
            "or a dict keyed by argument.",
        )
    return found


def _raw(part: Any, expected: list[str]) -> dict[str, Any]:
    entries = list(part) if isinstance(part, (list, tuple)) else []
    if len(entries) != len(expected):
        return {}
    return {k: _single(v) for k, v in zip(expected, entries, strict=True)}


def _by_argument(returned: Any, wrt: Sequence[str]) -> dict[str, Any]:
    if isinstance(returned, Mapping) and all(w in returned for w in wrt):
        return {w: returned[w] for w in wrt}
    if len(wrt) == 1:
        alone = isinstance(returned, tuple) and len(returned) == 1
        return {wrt[0]: returned[0] if alone else returned}
    if isinstance(returned, Mapping):
        lost = [w for w in wrt if w not in returned]
        raise WrongShape(
            f"the claim returns a dict with keys {', '.join(map(str, returned))} "
            f"but nothing for {', '.join(lost)}", slug="wrong-shape",
            hint="Key the dict by the names of the arguments differentiated by.",
        )
    count = len(returned) if isinstance(returned, (tuple, list)) else 1
    if count != len(wrt):
        raise WrongShape(
            f"the claim returns {count} array{'s' if count != 1 else ''} for {len(wrt)} arguments "
            f"({', '.join(wrt)})", slug="wrong-shape",
            hint="Return one array per argument differentiated by, or narrow `wrt`.",
        )
    return dict(zip(wrt, returned, strict=True))


def _arrange_pairs(returned: Any, calling: Calling, labels: Sequence[str]) -> dict[str, Any]:
    leaves = list(dict.fromkeys(x.split(",")[0] for x in labels))
    found = {}
    for label in labels:
        a, b = label.split(",")
        i, j = leaves.index(a), leaves.index(b)
        try:
            if isinstance(returned, Mapping):
                found[label] = _single(returned[(a, b)] if (a, b) in returned else returned[a][b])
            else:
                found[label] = _single(returned[i][j])
        except (KeyError, IndexError, TypeError):
            raise WrongShape(
                f"the claim has no Hessian block ({a}, {b})", slug="wrong-shape",
                hint="Return blocks[i][j] in the order of the arguments, or a dict keyed by pairs.",
            ) from None
    return found


def _single(part: Any) -> Any:
    """Return one array or node; nested lists of numbers are stacked."""
    if isinstance(part, (list, tuple)):
        entries = [_single(p) for p in part]
        if any(isinstance(e, Node) for e in entries):
            return stack([e if isinstance(e, Node) else constant(e) for e in entries])
        return np.asarray(entries)
    return part


def stack(nodes: Sequence[Node]) -> Node:
    """Return nodes of one shape joined along a new first axis."""
    shape = nodes[0].shape
    size = _size(shape)
    index = np.arange(size * len(nodes)).reshape(len(nodes), *shape)
    return gather(list(nodes), index)


def fit(block: Block, value: Any) -> Any:
    """Return the block's value in its canonical shape; raises WrongShape, never broadcasts."""
    if value is None:
        raise WrongShape(
            f"the claim returns None for '{block.label}'", slug="wrong-shape",
            hint="Does the function end without `return`?",
        )
    if isinstance(value, Node):
        if value.shape not in block.accepted:
            raise _misfit(block, value.shape)
        return reshape(value, block.shape)
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise WrongShape(
            f"the claim returns {array.dtype} for '{block.label}'", slug="wrong-shape",
            hint="Return real numbers.",
        )
    if array.shape not in block.accepted:
        raise _misfit(block, array.shape)
    return array.reshape(block.shape)


def _misfit(block: Block, shape: Shape) -> WrongShape:
    return WrongShape(
        f"the claim returns shape {shape} for '{block.label}', expected {block.shape}",
        slug="wrong-shape", hint="Shapes are compared exactly and never broadcast.",
    )
