"""What every front end returns: a program as a graph, with what was seen while it was lifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..graph.node import Condition, Node
from ..verdicts import Origin


@dataclass(frozen=True, slots=True)
class Lifted:
    """A program lifted at one point.

    `inputs` are the leaves by name; `output` is what the program returned, with a Node wherever a
    number depends on a leaf (or was traced) and an ndarray elsewhere; `value` is the same
    structure as computed in the user's dtype; `path` holds the decisions taken (SOUNDNESS 5);
    `pinned` the places where a value was turned into a plain number without a guard, which ties
    the graph to this one point; `shown` those where one became part of a text.
    """

    inputs: dict[str, Node]
    output: Any
    value: Any
    path: tuple[Condition, ...] = ()
    pinned: tuple[Origin, ...] = ()
    shown: tuple[Origin, ...] = ()


def leaves_of(structure: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (name, leaf) of nested dicts, lists and tuples, in a fixed order."""
    if isinstance(structure, dict):
        for key, value in structure.items():
            yield from leaves_of(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(structure, (list, tuple)):
        for key, value in enumerate(structure):
            yield from leaves_of(value, f"{prefix}[{key}]")
    else:
        yield prefix, structure
