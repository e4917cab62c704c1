"""flat-curvature: the second derivative is 0 on every piece, by the structure of the graph.

The claim it belongs to: any claim of second order. How it is decided: the slope graph's slope is a
structural zero for the arguments differentiated by (SOUNDNESS 13), so the function is affine on
every piece; numbers that merely vanish at the points tried do not count.
A model that shows it: ``np.maximum(w * x + b, 0)`` by x. Mended: softplus in place of relu.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import CannotLower
from ..readers.guards import guards_of
from ..readers.slope import slope
from ..verdicts import Finding
from .findings import finding
from .request import Request
from .subject import Here

SECOND = frozenset({"second_derivative", "hessian", "hessian_diagonal", "hvp"})


def flat_curvature(request: Request, kind: str, here: Here) -> Iterator[Finding]:
    """Yield one note where the function is affine on every piece in the arguments named."""
    if kind not in SECOND or here.output is None or here.road.lifted is None:
        return
    wrt = [here.road.lifted.inputs[k] for k in here.wrt]
    try:
        first = [g for g in slope(here.output, wrt) if g.op != "zero"]
        flat = all(h.op == "zero" for g in first for h in slope(g, wrt))
    except CannotLower:
        return
    if not flat or not any(g.piecewise for g in guards_of((here.output,))):
        return
    names = ", ".join(here.wrt)
    sentence = (
        f"the second derivative by {names} is 0 on every piece: a Newton step is not defined, "
        "and a loss that differentiates twice gets nothing from it"
    )
    yield finding("flat-curvature", sentence, check=request.name, claim=kind,
                  origin=request.origin)
