"""What a traced value is: the number as really computed, and the node that stands for it.

A traced array is a handle with numpy's own aliasing: its concrete value is a true numpy view where
numpy gives one, and on the graph's side a view is a root buffer with the flat positions it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np

from ...graph.node import Node
from ...primitives.linear import broadcast_to, cast, reshape, select
from ...verdicts import Origin
from .methods import Methods
from .operators import NUMBERS, PYTHON, Operators
from .trace import Trace
from .writes import Writes, gathered, rearranged

Masked = tuple[Node, Node, np.ndarray]  # mask, the full array, and the mask as computed


@final
class Traced(Operators, Methods):
    """One value of the user's program. `value` is what numpy or Python computed, in its dtype."""

    __slots__ = (
        "_live",
        "_node",
        "_place",
        "_positions",
        "_root",
        "_seen",
        "_version",
        "_writes",
        "masked",
        "tape",
        "value",
    )
    __array_priority__ = 1e6
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, trace: Trace, value: Any, node: Node | None, live: bool) -> None:
        self.tape, self.value, self._live, self._node = trace, value, live, node
        self._root: Traced | None = None
        self._positions: np.ndarray | None = None
        self._seen = self._version = 0
        self._writes: Writes | None = None
        self._place: Origin | None = None  # where a view was made, or a buffer last written
        self.masked: Masked | None = None

    # Code that asks isinstance(x, np.ndarray) or isinstance(x, float) gets numpy's own answer.
    __class__ = property(lambda self: type(self.value))

    @property
    def root(self) -> Traced:
        """The buffer this value is a view of; itself where it is no view."""
        return self if self._root is None else self._root

    @property
    def live(self) -> bool:
        """Whether the value may depend on a leaf."""
        return self.root._live

    @property
    def positions(self) -> np.ndarray:
        """The flat positions of the entries in the root buffer."""
        return self.tape.grid(self.shape) if self._positions is None else self._positions

    @property
    def node(self) -> Node:
        """The node that stands for the present value."""
        root = self._root
        if root is None:
            if self._writes is not None:
                grid = self.tape.grid(self.shape)
                self._node, self._writes = self._writes.read(grid, self._place), None
            elif self._node is None:
                self._node = self._from_mask()
        elif self._node is None or self._seen != root._version:
            self._node = root.read(self.positions, self._place)
            self._seen = root._version
        assert self._node is not None
        return self._node

    def read(self, positions: np.ndarray, place: Origin | None = None) -> Node:
        """Return the entries of this root buffer at flat `positions`, read at `place`."""
        origin = place or self.tape.here()
        if self._writes is not None:
            return self._writes.read(positions, origin)
        return rearranged(self.node, positions, self.tape.grid(self.shape), origin)

    def seen_at(self, value: Any, positions: np.ndarray) -> Traced:
        """Return the handle of a numpy view of this value, showing `positions` of the root."""
        seen = Traced(self.tape, value, None, self.live)
        seen._root, seen._positions = self.root, positions
        seen._place = self.tape.here()
        return seen

    def write(self, positions: np.ndarray, node: Node, live: bool) -> None:
        """Assign `node` (broadcast) to flat `positions` of the root buffer."""
        root = self.root
        root._place = self.tape.here()
        dtype = root.node.dtype if root._writes is None else root._writes.sources[0].dtype
        if node.dtype != dtype:
            one, zero = self.tape.constant(1, dtype), self.tape.constant(0, dtype)
            node = select(node, one, zero) if node.dtype == "bool" else cast(node, dtype)
        if node.size != 1:
            node = broadcast_to(_trimmed(node, positions.ndim), positions.shape)
        root._version += 1
        root._live = root._live or live
        if positions is self.tape.grid(root.shape) and node.size == positions.size:
            root._node, root._writes = reshape(node, root.shape), None
            return
        if root._writes is None:
            root._writes = Writes(root.node)
        root._writes.write(positions, node)

    def _from_mask(self) -> Node:
        assert self.masked is not None
        mask, full, keep = self.masked
        self.masked = None
        self.tape.decide(mask, keep)
        return gathered([full], self.tape.grid(full.shape)[keep], self.tape.here())

    def decided(self) -> Any:
        """Return the value as the truth of an `if`, recorded as a decision taken."""
        bool(self.value)  # numpy's own error where the truth of an array is ambiguous
        if self.live and not self.tape.closed:
            truth = self if self.node.dtype == "bool" else self != 0
            if self.tape.told:
                return self.tape.answered(truth.node, truth.value)
            self.tape.decide(truth.node, truth.value)
        return self.value

    def settled(self) -> Any:
        """Return the value as a plain number, recorded as a decision taken or as pinned."""
        if self.live and not self.tape.closed:
            if self.node.discrete:
                self.tape.decide(self.node, self.value)
            elif self.dtype.kind in "iub":
                self.tape.decide_number(self.node, self.value)
            else:
                self.tape.pin()
        return self.value

    def shown(self) -> Any:
        """Return the value for a text, recorded as shown: most texts are printed and forgotten."""
        if self.live and not self.tape.closed and not self.node.discrete:
            self.tape.shown.append(self.tape.here() or Origin("<unknown>", 0))
        return self.value

    def _ufunc(self, ufunc: np.ufunc, *inputs: Any, **options: Any) -> Any:
        """Apply an operator; plain Python numbers stay plain, with Python's own errors."""
        values = [i.value if type(i) is Traced else i for i in inputs]
        python = PYTHON.get(ufunc) if all(type(v) in NUMBERS for v in values) else None
        value = python(*values) if python is not None else None
        result = self.tape.run["ufunc"](self.tape, ufunc, "__call__", inputs, options)
        if value is not None and type(result) is Traced:
            result.value = value
        return result

    def _call(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self.tape.run["function"](self.tape, function, args, options)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return self.tape.run["ufunc"](self.tape, ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return self.tape.run["function"](self.tape, function, args, options)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if not self.live or self.tape.closed:
            return np.array(self.value, dtype=dtype)
        if self.dtype.kind in "biu":
            return np.array(self.settled(), dtype=dtype)
        self.tape.lost = self.tape.refuse(
            "a value that depends on the inputs is handed to compiled code as a plain array",
            "Assign into buffers made inside the function by np.zeros or np.empty, and use numpy "
            "functions; or claim with opaque=True to test by sampling.",
            slug="left-the-trace",
        )
        raise self.tape.lost

    def __getitem__(self, key: Any) -> Any:
        return self.tape.run["get"](self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.tape.run["set"](self, key, value)

    def __repr__(self) -> str:
        return repr(self.shown())

    def __str__(self) -> str:
        return str(self.shown())

    def __format__(self, spec: str) -> str:
        return format(self.shown(), spec)


def _trimmed(node: Node, rank: int) -> Node:
    """Return `node` without the leading size-1 axes numpy ignores in an assignment."""
    extra = len(node.shape) - rank
    return reshape(node, node.shape[extra:]) if extra > 0 else node
