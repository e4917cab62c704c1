"""Has the path a program takes at a point been lifted before? Then the graph is there already.

A graph holds wherever its recorded decisions fall as they fell (SOUNDNESS 5). They are evaluated at
the new point in the user's dtype; where all fall alike the graph is handed to the audit in place
of a new lift. The audit decides, as ever: a graph it refuses is lifted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import CannotLower
from ..frontends.calling import flatten, is_floating
from ..frontends.lifted import Lifted
from ..search.floats import values_of
from .request import Request

Array = np.ndarray
MOST = 24  # paths of one program that are kept, the last used first


@dataclass(slots=True)
class Shelf:
    """The lifts of one program, called with the same data beside its floating inputs."""

    owner: Any
    lifts: list[Lifted] = field(default_factory=list)

    def find(self, leaves: Mapping[str, Array]) -> Lifted | None:
        """Return the lift whose every decision falls at `leaves` as it fell, if there is one."""
        for place, lifted in enumerate(self.lifts):
            if _falls_alike(lifted, leaves):
                self.lifts.insert(0, self.lifts.pop(place))
                return lifted
        return None

    def keep(self, lifted: Lifted) -> None:
        """Keep a lift that branches and holds beyond its point."""
        if lifted.path and not lifted.pinned and not lifted.shown:
            self.lifts.insert(0, lifted)
            del self.lifts[MOST:]


def shelf_of(
    request: Request, role: str, function: Any, point: Mapping[str, Any],
    leaves: Mapping[str, Array],
) -> Shelf | None:
    """Return where lifts of `function` are kept, None where it works on an object with a state."""
    if request.grads or request.cache is not None or role == "backward":
        return None
    shapes = tuple((k, v.shape, v.dtype.name) for k, v in leaves.items())
    fixed = tuple((k, _told(v)) for name, value in point.items()
                  for k, v in flatten(value, name).items() if not is_floating(v))
    key = (role, id(function), shapes, fixed)
    shelf = request.shelves.get(key)
    if shelf is None or shelf.owner is not function:
        shelf = request.shelves[key] = Shelf(function)
    return shelf


def _told(value: Any) -> Any:
    """Return what tells one piece of data from another."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.shape, value.dtype.str, value.tobytes()
    return repr(value) if isinstance(value, (bool, int, str, bytes, type(None))) else id(value)


def _falls_alike(lifted: Lifted, leaves: Mapping[str, Array]) -> bool:
    try:
        values = values_of([c.node for c in lifted.path], leaves)
    except (CannotLower, KeyError, ValueError, TypeError, np.linalg.LinAlgError):
        return False
    return all(np.array_equal(np.broadcast_to(v, c.taken.shape), c.taken)
               for v, c in zip(values, lifted.path, strict=True))
