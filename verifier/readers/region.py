"""What can a graph do over a whole region? Rigorous bounds of every node, all points at once.

One loop over a graph in zonotopes met with intervals. Noise symbols are shared by all nodes read
together, so that a derivative knows how its factors move with the values they came from. Bounds
speak of the real numbers, constants as stored (SOUNDNESS 2, reading A); an entry that may be
undefined somewhere in the box is marked and proves nothing (SOUNDNESS 19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import CannotLower
from ..graph.node import Node
from ..graph.order import topological
from ..numerals import zonotopes
from ..numerals.intervals import Interval
from ..primitives.linear import LINEAR
from ..primitives.table import SCALARS
from . import region_decisions as decisions
from . import region_linear as linear
from .region_matrices import MATRICES
from .region_rows import scalar
from .region_values import (
    Choice,
    Decided,
    Enclosed,
    Value,
    exactly,
    nowhere,
    of_interval,
    real,
)

Array = np.ndarray
Box = Mapping[str, tuple[Array, Array]]
GENERATORS = 512  # symbols a form may keep, unless its arrays grow too large
MIXING = frozenset({"matmul", "sum", "cumsum", "gather", "scatter", "take", "put", "broadcast"})


@dataclass(slots=True)
class Region:
    """All that is known of a graph over one box, or over several boxes read side by side.

    `lo[node]`, `hi[node]` and `undefined[node]` have the node's shape, after an axis of boxes
    where the box was given with one (`boxes` is not None).
    """

    box: Box
    boxes: int | None
    generators: int
    strict: bool
    values: dict[Node, Value] = field(default_factory=dict)
    moving: set[Node] = field(default_factory=set)
    readers: dict[Node, int] = field(default_factory=dict)
    named: set[Node] = field(default_factory=set)
    symbols: int = 0

    @property
    def lo(self) -> Ends:
        """Lower bounds by node, -inf where none is known."""
        return Ends(self, "lo")

    @property
    def hi(self) -> Ends:
        """Upper bounds by node, inf where none is known."""
        return Ends(self, "hi")

    @property
    def undefined(self) -> Ends:
        """Where a node may be no real number somewhere in the box, by node."""
        return Ends(self, "undefined")

    @property
    def absent(self) -> Ends:
        """Structural zeros, by node."""
        return Ends(self, "absent")

    def shaped(self, array: Array, node: Node) -> Array:
        """Return an array with an axis of boxes in the shape users of the region see."""
        count = 1 if self.boxes is None else self.boxes
        wide = np.broadcast_to(array, (count, *node.shape))
        return wide[0] if self.boxes is None else wide


@dataclass(frozen=True, slots=True)
class Ends:
    """One fact of every node of a region, looked up by node."""

    region: Region
    which: str

    def __getitem__(self, node: Node) -> Array:
        value = real(self.region.values[node])
        found = getattr(value.interval if self.which in ("lo", "hi") else value, self.which)
        return self.region.shaped(found, node)


def enclose(
    outputs: Iterable[Node], box: Box | None = None, *, generators: int = GENERATORS,
    strict: bool = True, known: Region | None = None,
) -> Region:
    """Enclose every node `outputs` depend on over a closed box.

    `box` gives lower and upper ends of each input by name, in the input's shape or with one
    leading axis of boxes; ends may be infinite. `strict`: a guard that touches zero leaves its
    decision open, so that slopes count both sides (False: decisions stand as the program takes
    them, for bounds of values alone). `known` is an earlier region over the same box to go on
    from. Raises KeyError for an unbound input and CannotLower for an op without a row.
    """
    wanted = tuple(outputs)
    region = known
    if region is None:
        assert box is not None
        region = Region(box, None, generators, strict)
    nodes = topological(wanted)
    for node in nodes:
        if node.op == "input" or any(i in region.moving for i in node.inputs):
            region.moving.add(node)
        if node not in region.values:
            for source in node.inputs:
                weight = 2 if node.op in MIXING else 1
                region.readers[source] = region.readers.get(source, 0) + weight
    for node in nodes:
        if node not in region.values:
            region.values[node] = _bounded(evaluate(node, region), region.generators)
    return region


def _bounded(value: Value, generators: int) -> Value:
    """Return a value whose form keeps no more symbols than allowed."""
    if not isinstance(value, Enclosed):
        return value
    count = zonotopes.allowed(value.form, generators)
    return value.reform(zonotopes.reduced(value.form, count))


def evaluate(node: Node, region: Region) -> Value:
    """Return what is known of one node whose inputs are already read."""
    if node.op == "input":
        return _bound(node, region)
    if node.op == "constant":
        return _constant(node)
    if node.op == "zero":
        return nowhere((1, *node.shape))
    values = [_named(source, region) for source in node.inputs]
    mode = decisions.Mode(region.strict, node in region.moving)
    if node.op in SCALARS:
        return scalar(node, values)
    if node.op in MATRICES:
        return MATRICES[node.op](node, [real(v) for v in values])
    if node.op in LINEAR:
        return _linear(node, values, region)
    return _decision(node, values, mode)


def _decision(node: Node, values: list[Value], mode: decisions.Mode) -> Value:
    if node.op in decisions.COMPARISONS:
        return decisions.compared(node, values, mode)
    if node.op in decisions.LOGIC:
        return decisions.combined(node, values)
    if node.op in ("isnan", "isinf", "isfinite"):
        return decisions.is_kind(node, values[0])
    if node.op == "signbit":
        return decisions.signed(node, values[0], mode)
    if node.op in ("argmax", "argmin", "argsort"):
        return decisions.ranked(node, values[0], mode)
    raise CannotLower(
        f"no row for the operation '{node.op}'", slug="not-covered", where=node.origin,
        hint="Write it in operations the table has, or claim with opaque=True.",
    )


def _linear(node: Node, values: list[Value], region: Region) -> Value:
    change = linear.rearrangement(node)
    if change is not None:
        return linear.moved(values[0], change)
    if node.op == "gather":
        return linear.gathered(node, values)
    if node.op == "select":
        return decisions.selected(node, values)
    if node.op in ("take", "put"):
        return _indexed(node, values, region)
    reals = [real(v) for v in values]
    if node.op == "matmul":
        return linear.multiplied(*reals)
    return linear.scattered(node, reals[0]) if node.op == "scatter" else linear.summed(
        node, reals[0])


def _indexed(node: Node, values: list[Value], region: Region) -> Value:
    axis = node.params["axis"]
    along = node.inputs[0].shape[axis] if node.op == "take" else node.shape[axis]
    index = values[1]
    if isinstance(index, Enclosed):
        index = decisions.among(index, along)
    assert isinstance(index, Choice)
    if node.op == "put":
        return decisions.put(node, real(values[0]), index)
    found = decisions.taken(node, real(values[0]), index)
    return decisions.extreme(node, found, real(values[0]))


def _constant(node: Node) -> Value:
    value = np.asarray(node.params["value"])[None]
    if value.dtype == bool:
        return Decided(value, ~value, np.zeros(value.shape, dtype=bool))
    return exactly(value)


def _bound(node: Node, region: Region) -> Value:
    """Return an input over its interval, one symbol for each entry that can move."""
    low, high = (np.asarray(e, dtype=np.float64) for e in region.box[node.params["name"]])
    if low.ndim == len(node.shape) + 1:
        region.boxes = max(region.boxes or 1, len(low))
    else:
        low, high = low[None], high[None]
    assert (low <= high).all(), f"an empty or undefined interval for {node.params['name']}"
    interval = Interval(np.broadcast_to(low, high.shape), high)
    return of_interval(interval, np.zeros(high.shape, dtype=bool))


def _named(source: Node, region: Region) -> Value:
    """Return a value read before; a rest that several readers share gets symbols of its own."""
    value = region.values[source]
    if not isinstance(value, Enclosed) or source in region.named:
        return value
    if region.readers.get(source, 0) < 2 and source.op != "input":
        return value
    region.named.add(source)
    form, region.symbols = zonotopes.named(value.form, region.symbols, region.generators)
    region.values[source] = value = value.reform(form)
    return value
