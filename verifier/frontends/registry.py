"""Which front ends are there, and which one lifts a program? The first that can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import CannotLower
from .from_numpy.lift import lift as from_numpy
from .lifted import Lifted

FRONTENDS: dict[str, Callable[..., Lifted]] = {
    "numpy": from_numpy,
}


def lift(
    program: Callable[[dict[str, Any]], Any],
    leaves: Mapping[str, Any],
    *,
    told: Mapping[int, bool] | None = None,
) -> Lifted:
    """Return `program` as a graph at `leaves`, by the first front end that can write it.

    `told` answers decisions of the program by their position, to lift another of its branches.
    Raises CannotLower with what the first front end says where none can.
    """
    refused: CannotLower | None = None
    for front_end in FRONTENDS.values():
        try:
            return front_end(program, dict(leaves), told=told)
        except CannotLower as error:
            refused = refused or error
    assert refused is not None
    raise refused
