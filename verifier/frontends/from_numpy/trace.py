"""What is remembered while a program is lifted: constants, decisions taken, values pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from ...errors import CannotLower
from ...graph.node import Condition, Node, apply
from ...verdicts import Origin
from .origins import origin_of, user_frame

_LONG = 1 << 14  # bytes above which a constant is known by its digest
REMEDY = (
    "Write it with the functions that `verifier explain not-lifted` lists, or claim with "
    "opaque=True to test by sampling."
)


@final
class Trace:
    """The record of one lift. After `closed`, what was traced behaves as plain numbers."""

    def __init__(
        self, run: dict[str, Callable[..., Any]], told: Mapping[int, bool] | None = None
    ) -> None:
        self.run = run
        self.told = told or {}  # answers to give to an `if`, by its place on the path
        self.closed = False
        self.path: list[Condition] = []
        self.pinned: list[Origin] = []
        self.shown: list[Origin] = []
        self.cuts = 0  # how often a real value became a plain number
        self.lost: CannotLower | None = None  # numpy may replace it by an error of its own
        self.adopted: dict[int, tuple[np.ndarray, Any]] = {}
        self._decided: set[Node] = set()
        self._answers: dict[Node, bool] = {}
        self._constants: dict[Any, Node] = {}
        self._grids: dict[tuple[int, ...], np.ndarray] = {}
        self._places: dict[tuple[str, int], Origin] = {}

    def here(self) -> Origin | None:
        """Return the place in the user's code that is running."""
        return origin_of(user_frame(), self._places)

    def constant(self, value: Any, dtype: str) -> Node:
        """Return the constant node of `value` rounded to `dtype`; equal constants share one."""
        array = np.asarray(value, dtype=dtype)
        data: Any = array.tobytes()
        if len(data) > _LONG:
            data = hashlib.blake2b(data).digest()
        key = (dtype, array.shape, data)
        node = self._constants.get(key)
        if node is None:
            kept = np.array(array, order="C")
            kept.flags.writeable = False
            node = Node("constant", (), {"value": kept}, kept.shape, dtype, self.here())
            self._constants[key] = node
        return node

    def grid(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return the flat position of every entry of an array of `shape`; shared, read-only."""
        found = self._grids.get(shape)
        if found is None:
            count = int(np.prod(shape, dtype=np.int64))
            found = np.arange(count, dtype=np.int64).reshape(shape)
            found.flags.writeable = False
            self._grids[shape] = found
        return found

    def decide(self, node: Node, taken: Any) -> None:
        """Record that the program went on as if `node` always had the value `taken`."""
        if node not in self._decided:
            self._decided.add(node)
            self.path.append(Condition(node, np.array(taken), self.here()))

    def answered(self, node: Node, value: Any) -> Any:
        """Record the truth of an `if` and return it: as computed, or as this lift is told."""
        if node not in self._decided and len(self.path) in self.told:
            self._answers[node] = self.told[len(self.path)]
        if node not in self._answers:
            self.decide(node, value)
            return value
        self.decide(node, np.full(np.shape(value), self._answers[node]))
        return self._answers[node]

    def decide_number(self, node: Node, value: Any) -> None:
        """Record that the whole number `node` had `value`."""
        held = self.constant(value, node.dtype)
        self.decide(apply("equal", node, held, dtype="bool"), np.ones(np.shape(value), bool))

    def pin(self) -> None:
        """Record that a real value became a plain number without a guard."""
        self.cuts += 1
        place = self.here() or Origin("<unknown>", 0)
        if place not in self.pinned:
            self.pinned.append(place)

    def refuse(self, what: str, hint: str = "", slug: str = "not-lifted") -> CannotLower:
        """Return the error that says what cannot be lifted, where, and what to do."""
        return CannotLower(what, slug=slug, hint=hint or REMEDY, where=self.here())
