"""All kinks of a function along a segment: exactly for piecewise-linear code, else isolated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import BadSpec, CannotLower, VerifierError
from ..frontends.calling import leaves_of_point, origin_of
from ..numerals.rationals import NotRational
from ..readers.atlas import Atlas, atlas_of_lines
from ..readers.isolation import isolate
from .plan import plan
from .request import Request
from .subject import Here, stand_at

Array = np.ndarray
MOST_WORK = 200_000  # entries of a graph beyond which isolation in balls is not tried


def atlas(
    function: Callable[..., Any], begin: Any, end: Any, *, on: Mapping[str, Any] | None = None,
    dtype: str | None = None,
) -> Atlas:
    """Return every kink of `function` along begin + t (end - begin), 0 < t < 1.

    `begin` and `end` are points as in ``at=`` (arrays, tuples or dicts by name); `on` gives the
    arguments that stay. Raises BadSpec for points that do not fit, CannotLower where the function
    cannot be written as a graph.

    >>> found = atlas(lambda x: np.maximum(x, 0.0), -1.0, 3.0)
    >>> [(kink.t, kink.left, kink.right) for kink in found.kinks]
    [('1/4', ('0',), ('4',))]
    """
    name = getattr(function, "__name__", type(function).__name__)
    request = Request(name, function, subject=name, on=dict(on or {}), at=[begin, end],
                      dtype=dtype, origin=origin_of(function))
    found = plan(request)
    here = stand_at(request, found, found.points[0])
    if here.output is None:
        raise CannotLower(f"'{name}' is not lifted: {here.road.reason}", slug="not-lifted")
    goal = leaves_of_point(found.points[1], dtype)
    for key, value in here.leaves.items():
        if key not in goal or goal[key].shape != value.shape:
            raise BadSpec(f"the two ends differ in the shape of '{key}'", slug="bad-point",
                          hint="Give both ends of the segment with the same shapes.")
    return along(here, goal)


def along(here: Here, goal: Mapping[str, Array]) -> Atlas:
    """Return the kinks from the point where the subject stands to another one."""
    lifted = here.road.lifted
    assert lifted is not None and here.output is not None
    ends = {k: (here.leaves[k], goal[k]) for k in here.leaves}
    begin, end = {k: a for k, (a, _) in ends.items()}, {k: b for k, (_, b) in ends.items()}
    path = [(c.node, c.taken) for c in lifted.path]
    try:
        return atlas_of_lines(here.output, begin, end, path)
    except NotRational as error:
        reason = _reason(error)
    if path:
        return Atlas((), False, 1, 0, (f"the whole segment: {reason}",))
    if here.output.size * sum(v.size for v in begin.values()) > MOST_WORK:
        return Atlas((), False, 1, 0, ("the whole segment: too large to isolate in balls",))
    try:
        found = isolate(here.output, lifted.inputs, begin, end)
    except VerifierError as error:
        return Atlas((), False, 1, 0, (f"the whole segment: {error}",))
    return Atlas(found.kinks, False, found.pieces, found.hidden, found.undecided,
                 (f"not listed in rationals: {reason}",))


def _reason(error: VerifierError) -> str:
    """Return why a graph is not piecewise linear, with the line but no folders."""
    place = f" ({PurePath(error.where.file).name}:{error.where.line})" if error.where else ""
    return f"{error.message.rstrip('.')}{place}"
