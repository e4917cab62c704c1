"""What does f do beside a point? One-sided values and slopes of an elementwise function.

Germs on both sides decide: equal values and slopes make it differentiable (SOUNDNESS 10), a
difference that is certain with the constants as stored and with them widened makes a kink or a
jump. Equality is proved only exactly or by structure; otherwise it is told to N bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..numerals.germs import numbers_of
from ..numerals.tokens import ZERO
from ..numerals.twins import NOUGHT, stored
from ..readers.continuity import Sides, levels
from ..readers.definedness import surely_undefined
from ..readers.guards import active, reaching
from ..readers.series import series
from ..readers.slope import slope
from ..readers.value import Reading, read
from .one_sided import BITS, SMOOTH, UNDECIDED, UNDEFINED, Beside, judge

Array = np.ndarray


def beside_elementwise(
    output: Node, x: Node, bindings: Mapping[str, Any], *, order: int = 1
) -> Array:
    """Return a :class:`Beside` for each entry of `output`, in the shape of `output`.

    `output` is elementwise in `x`: entry i depends on entry i alone, and both have one size.
    `bindings` are exact inputs; `order` 1 asks for f', 2 for f''.
    """
    out = np.empty(output.size, dtype=object)
    pending = np.ones(output.size, dtype=bool)
    for bits in BITS:
        with precision(bits):
            here = read([output], bindings, Balls(bits))
            pending &= _touched(output, x, here) if bits == BITS[0] else pending
            if bits == BITS[0]:
                _plain(out, ~pending, output, x, bindings, here, order)
            if not pending.any():
                break
            sides = _sides(output, x, bindings, here, pending, order, bits)
            proved = levels(output, sides)[output].ravel()
            at, ahead, behind = (
                np.broadcast_to(numbers_of(r[output]), output.shape).ravel().tolist()
                for r in (_still(output, bindings, bits), sides.right, sides.left)
            )
            for k in np.flatnonzero(pending):
                found = judge(at[k], ahead[k], behind[k], int(proved[k]), order, bits)
                if found.kind == UNDEFINED and not stored(at[k]).is_finite():
                    found = sure_of(found, output, int(k), here, (x,))
                out[k] = found
                pending[k] = found.kind == UNDECIDED and not found.proved
    for k in np.flatnonzero(pending):
        out[k] = replace(out[k], proved=True)
    return out.reshape(output.shape)


def _still(output: Node, bindings: Mapping[str, Any], bits: int) -> Reading:
    """Read f at the point itself, constants both as stored and widened."""
    return series([output], bindings, {}, order=1, bits=bits, widen=True)


def sure_of(
    found: Beside, output: Node, entry: int, here: Reading, wrt: tuple[Node, ...]
) -> Beside:
    """Keep "undefined" only where it is certain; a ball that is nan may just be too wide."""
    if surely_undefined(output, entry, here, wrt):
        return found
    return replace(found, kind=UNDECIDED, proved=False, reason="f may have no value at the point")


def _touched(output: Node, x: Node, here: Reading) -> Array:
    """Return which entries a guard that may be zero, or a value that is no number, concerns."""
    marked = np.asarray(_strange(numbers_of(here[output])), dtype=bool).ravel()
    marked = np.broadcast_to(marked, (output.size,)).copy()
    for guard in active((output,), here, (x,)):
        seed = np.zeros(guard.quantity.shape, dtype=bool)
        seed[guard.index] = True
        owner = reaching({guard.quantity: seed}, here).get(x)
        if owner is None:
            continue
        marked |= owner.ravel()
    return marked


_strange = np.frompyfunc(lambda v: v is not ZERO and not v.is_finite(), 1, 1)


def _plain(
    out: Array, where: Array, output: Node, x: Node, bindings: Mapping[str, Any],
    here: Reading, order: int,
) -> None:
    """Fill in the entries at which f is analytic: all guards that matter have a strict sign."""
    if not where.any():
        return
    node = output
    for _ in range(order):
        node = slope(node, [x])[0]
    values = numbers_of(read([node], bindings, Balls(), known=here)[node]).ravel()
    whole = np.broadcast_to(numbers_of(here[output]), output.shape).ravel()
    for k in np.flatnonzero(where):
        number = NOUGHT if values[k] is ZERO else values[k]
        value = NOUGHT if whole[k] is ZERO else whole[k]
        out[k] = Beside(SMOOTH, number, number, number, value=value)


def _sides(
    output: Node, x: Node, bindings: Mapping[str, Any], here: Reading, moving: Array,
    order: int, bits: int,
) -> Sides:
    name = x.params["name"]
    ahead = moving.reshape(x.shape).astype(float)
    right, left = (
        series([output], bindings, {name: sign * ahead}, order=order, bits=bits, widen=True)
        for sign in (1.0, -1.0)
    )
    return Sides(here, right, left, order)


__all__ = ["BITS", "SMOOTH", "Beside", "beside_elementwise", "judge"]
