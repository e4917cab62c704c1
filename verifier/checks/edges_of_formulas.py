"""What happens where a formula ends, as sqrt does at 0? Germs say it, formulas cannot."""

from __future__ import annotations

import numpy as np
from flint import arb

from ..readers.scalar_pieces import Program
from ..readers.smoothness import Meeting
from .beside import beside_elementwise
from .one_sided import JUMP, SMOOTH, STEEP, UNDEFINED


def at_edge(program: Program | None, told: Meeting, order: int) -> Meeting:
    """Ask germs at a joint that is a float: is the slope infinite, does f leave its domain?"""
    joint = told.joint
    number = float(joint.low)
    if not joint.exact or arb(number) != joint.low or program is None or program.path:
        return told
    name = program.x.params["name"]
    (what,) = beside_elementwise(program.output, program.x, {name: np.asarray(number)},
                                 order=max(1, min(order, 2))).ravel().tolist()
    if what.kind in (STEEP, JUMP) or what.differs_at is not None:
        return Meeting(joint, -1, what.differs_at or 0, what.left, what.right, what.value,
                       what.reason)
    if what.kind == UNDEFINED and not (what.value is not None and what.value.is_finite()):
        return Meeting(joint, -1, reason="f has no value there")
    smooth = min(order, 2) if what.kind == SMOOTH and what.proved and not what.reason else -1
    return Meeting(joint, smooth, value=what.value, reason=what.reason or "at an edge of a row")
