"""A function of one number as a list of scalar operations, read in balls or in spans.

Arrays inside are taken apart entry by entry and equal operations are kept once, so that a read
costs a few microseconds an operation: branch and bound reads a graph thousands of times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..errors import CannotLower
from ..graph.node import Node, apply, constant
from ..graph.order import topological
from ..numerals import span_rows
from ..numerals.growth import Growth
from ..numerals.spans import Span, hull, point
from ..numerals.tokens import UNDECIDED, ZERO, Maybe
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS

Array = np.ndarray
FOLDED = 2.0**-20  # constants below are read as stored, but for their own rounding
MOST = 20_000  # scalar operations of one tape
COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
RANKED = {"argmax": "maximum", "argmin": "minimum"}
LOGIC = ("logical_and", "logical_or", "logical_not", "logical_xor")


def scalarised(output: Node, x: Node, fixed: Mapping[str, Array]) -> tuple[Node, Node]:
    """Return (f, x) as scalar nodes: arrays taken apart, inputs in `fixed` as constants.

    Raises CannotLower "not-scalar" where an operation cannot be taken apart.
    """
    variable = Node("input", (), {"name": x.params["name"]}, (), x.dtype)
    parts: dict[Node, Array] = {}
    count = 0
    for node in topological([output]):
        parts[node] = apart(node, parts, x, variable, fixed)
        count += node.size if node.inputs else 0
        if count > MOST:
            raise _not_scalar(node, "too many operations")
    found = parts[output].ravel().tolist()
    if len(found) != 1 or found[0] is None:
        raise _not_scalar(output, f"it returns {len(found)} numbers")
    return as_node(found[0]), variable


def _not_scalar(node: Node, why: str) -> CannotLower:
    return CannotLower(f"'{node.op}' cannot be read as a function of one number: {why}",
                       slug="not-covered", where=node.origin)


def as_node(value: Any) -> Node:
    return value if isinstance(value, Node) else constant(float(value))


def filled(shape: tuple[int, ...], values: Sequence[Any]) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out.reshape(shape)


def apart(
    node: Node, parts: Mapping[Node, Array], x: Node | None, variable: Node | None,
    fixed: Mapping[str, Array],
) -> Array:
    """Return the entries of a node as scalar graphs, those of its inputs in `parts`."""
    arrays = [parts[i] for i in node.inputs]
    if node is x:
        return filled(node.shape, [variable] * node.size)
    if node.op == "input":
        values = np.asarray(fixed[node.params["name"]]).astype(float).ravel().tolist()
        return filled(node.shape, [constant(v) for v in values])
    if node.op == "constant":
        values = node.params["value"]
        kind = values.dtype.name
        return filled(node.shape, [constant(v, kind) for v in values.ravel()])
    if node.op == "zero":
        return filled(node.shape, [node] * node.size if not node.shape else [
            Node("zero", (), {}, (), node.dtype)] * node.size)
    if any(v is None for a in arrays for v in a.ravel()) and node.op not in (
            "reshape", "broadcast", "cast", "take"):
        raise _not_scalar(node, "it calculates with an index")
    if node.op in SCALARS or node.op in (*COMPARISONS, *LOGIC, "select"):
        kind = "bool" if node.op in (*COMPARISONS, *LOGIC) else None
        each = np.frompyfunc(lambda *v: apply(node.op, *v, dtype=kind or node.dtype,
                                              origin=node.origin), len(arrays), 1)
        return filled(node.shape, np.asarray(each(*arrays), dtype=object).ravel().tolist())
    if node.op in RANKED:
        return filled(node.shape, [None] * node.size)
    if node.op == "take":
        return _extreme(node, arrays[0])
    if node.op == "matmul":
        a, b = arrays
        return np.asarray((a[..., :, :, None] * b[..., None, :, :]).sum(axis=-2), dtype=object)
    rule = LINEAR.get(node.op)
    if rule is None or rule.evaluate is None or node.op == "put":
        raise _not_scalar(node, "it has no entries of its own")
    made = rule.evaluate(node, *arrays)
    listed = np.asarray(made, dtype=object).ravel().tolist() if isinstance(
        made, np.ndarray) else [made]
    return filled(node.shape, [v if v is None else as_node(v) for v in listed])


def _extreme(node: Node, x: Array) -> Array:
    """Return x[argmax x] as a chain of maxima; an index of any other kind is refused."""
    index = node.inputs[1]
    while index.op in ("reshape", "broadcast", "cast"):
        index = index.inputs[0]
    if index.op not in RANKED or index.inputs[0] is not node.inputs[0] or (
            index.params["axis"] != node.params["axis"]):
        raise _not_scalar(node, "it chooses by an index that is no maximum's")
    lines = np.moveaxis(x, node.params["axis"], 0)
    best = lines[0]
    for line in lines[1:]:
        best = np.frompyfunc(lambda a, b: apply(RANKED[index.op], a, b), 2, 1)(best, line)
    return filled(node.shape, np.asarray(best, dtype=object).ravel().tolist())


# ---------------------------------------------------------------- the tape
@dataclass(frozen=True, slots=True)
class Step:
    """One operation: its name, its row, the places of its operands, and a constant's value."""

    op: str
    row: Any
    operands: tuple[int, ...]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Tape:
    """Scalar operations in order; `wanted` are the places of the outputs."""

    steps: tuple[Step, ...]
    wanted: tuple[int, ...]

    def in_balls(self, x: arb, wide: bool = False) -> tuple[Any, ...]:
        """Return the outputs at a ball; a decision that is open gives the hull of both sides."""
        return _run(self, x, _ball_of(wide), row_on_balls, _hull_of_balls)

    def in_spans(self, x: Span) -> tuple[Any, ...]:
        """Return enclosures of the outputs over a span; it carries a form on a tail."""
        bare = x.form is None
        return _run(self, x, _bare if bare else _formed, span_rows.evaluate, hull)


def tape(outputs: Sequence[Node]) -> Tape:
    """Return the tape of scalar graphs, equal operations written once."""
    places: dict[Node, int] = {}
    known: dict[Any, int] = {}
    steps: list[Step] = []
    for node in topological(outputs):
        operands = tuple(places[i] for i in node.inputs)
        value = node.params["value"].item() if node.op == "constant" else None
        if node.op in ("cast", "reshape", "broadcast") and len(operands) == 1:
            places[node] = operands[0]
            continue
        key = (node.op, operands, repr(value), node.op == "constant" and node.discrete)
        if key not in known:
            known[key] = len(steps)
            steps.append(Step(node.op, SCALARS.get(node.op), operands, value))
        places[node] = known[key]
    return Tape(tuple(steps), tuple(places[o] for o in outputs))


def _run(
    tape: Tape, x: Any, number: Callable[[Any], Any], row: Callable[..., Any],
    join: Callable[[Any, Any], Any],
) -> tuple[Any, ...]:
    values: list[Any] = []
    for step in tape.steps:
        operands = tuple([values[i] for i in step.operands])
        if step.row is not None:
            values.append(row(step.row, _as_numbers(operands, number, join)))
        elif step.op == "constant":
            values.append(step.value if isinstance(step.value, bool) else number(step.value))
        elif step.op == "input":
            values.append(x)
        elif step.op == "zero":
            values.append(ZERO)
        elif step.op == "select":
            values.append(_chosen(operands, join))
        elif step.op in COMPARISONS:
            values.append(_compared(step.op, *operands))
        else:
            values.append(_logical(step.op, operands))
    return tuple(values[i] for i in tape.wanted)


def _as_numbers(
    operands: tuple[Any, ...], number: Callable[[Any], Any], join: Callable[[Any, Any], Any]
) -> tuple[Any, ...]:
    """Read decisions that are calculated with as 0 and 1, an open one as what lies between."""
    if not any(isinstance(v, (bool, Maybe)) for v in operands):
        return operands
    return tuple(
        number(int(v)) if isinstance(v, bool) else
        join(number(0), number(1)) if isinstance(v, Maybe) else v for v in operands)


def _ball_of(wide: bool) -> Callable[[Any], Any]:
    from ..numerals.balls import _widened_one

    def widened(value: Any) -> arb:
        """A folded constant such as 1 - log 3 carries the error of its largest operand too."""
        found = _widened_one(float(value), "float64")
        folded = not found.is_exact() and FOLDED < abs(float(value)) < 1
        return found + arb(0, 2.0**-50) if folded else found

    return widened if wide else (lambda v: arb(float(v)))


def _bare(value: Any) -> Span:
    number = arb(float(value))
    return Span(number, number)


def _formed(value: Any) -> Span:
    number = arb(float(value))
    return Span(number, number, form=Growth.constant(number))


def row_on_balls(row: Any, values: tuple[Any, ...]) -> Any:
    """Return a row of the table on balls; a structural zero is a number where it must be one."""
    if row.name not in span_rows.KEEP_ZERO and not (row.name == "divide" and values[0] is ZERO):
        values = tuple(arb(0) if v is ZERO else v for v in values)
    return row.balls(*values)


def _hull_of_balls(a: Any, b: Any) -> Any:
    from ..numerals.balls import hull as joined

    return joined(a, b)


def _chosen(operands: tuple[Any, ...], join: Callable[[Any, Any], Any]) -> Any:
    condition, a, b = operands
    if isinstance(condition, Maybe):
        return join(a, b)
    return a if condition else b


def _compared(op: str, a: Any, b: Any) -> Any:
    sign = sign_of_difference(a, b)
    if sign is None:
        return UNDECIDED
    return {"greater": sign > 0, "greater_equal": sign >= 0, "less": sign < 0,
            "less_equal": sign <= 0, "equal": sign == 0, "not_equal": sign != 0}[op]


def sign_of_difference(a: Any, b: Any) -> int | None:
    """Return the sign of a - b where it is certain (0: exactly equal)."""
    if isinstance(a, (bool, Maybe)) or isinstance(b, (bool, Maybe)):
        if isinstance(a, Maybe) or isinstance(b, Maybe):
            return None
        a, b = (arb(int(v)) if isinstance(v, bool) else v for v in (a, b))
    if isinstance(a, Span) or isinstance(b, Span):
        a, b = (v if isinstance(v, Span) else point(arb(0) if v is ZERO else v) for v in (a, b))
        return (a - b).sign()  # type: ignore[no-any-return]
    gap = (arb(0) if a is ZERO else a) - (arb(0) if b is ZERO else b)
    return 1 if gap > 0 else -1 if gap < 0 else 0 if gap.is_zero() else None


def _logical(op: str, operands: tuple[Any, ...]) -> Any:
    if op == "logical_not":
        return UNDECIDED if isinstance(operands[0], Maybe) else not operands[0]
    a, b = operands
    if op in ("logical_and", "logical_or"):
        ending = op == "logical_or"
        if any(not isinstance(v, Maybe) and bool(v) == ending for v in (a, b)):
            return ending
        return UNDECIDED if isinstance(a, Maybe) or isinstance(b, Maybe) else not ending
    if op == "logical_xor" and not isinstance(a, Maybe) and not isinstance(b, Maybe):
        return bool(a) != bool(b)
    return UNDECIDED
