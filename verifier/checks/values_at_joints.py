"""Does f keep limits at the very joints of its pieces, where its value is none of theirs?"""

from __future__ import annotations

from ..numerals.balls import precision
from ..numerals.spans import point
from .scalar_cover import Cover, Limits
from .scalar_view import ScalarView


def at_joints(view: ScalarView, limits: Limits, found: Cover) -> None:
    """Judge the value at every joint and add what became of it to a cover."""
    for joint in view.pieces().joints:
        if joint.exact:
            value = view.value(joint.low)
            with precision(256):
                if value is None:
                    if view.holds(float(joint.low)):
                        found.reason = f"f is not defined at {joint}"
                        found.left.append(view.domain)
                elif limits.broken(value):
                    found.witnesses.append((float(joint.low), value))
                elif not limits.hold(point(value)):
                    found.reason = f"the value at {joint} stays open"
                    found.left.append(view.domain)
