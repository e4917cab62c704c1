"""Is there a derivative at a kink? One-sided series, or quotients that grow without bound."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb

from ..exact import real
from ..importing import one_line
from ..verdicts import Witness
from .account import Account, apart
from .arrays import entries, run
from .components import Component
from .slopes import BITS as LADDER
from .slopes import Sides, climb, in_floats, sides
from .taylor import Number, ball, number, precision
from .texts import BITS, shown

ORDERS = {"derivative": 1, "second_derivative": 2}
NAMES = ("limit", "slope", "second derivative")
TINY = (2.0**-60, 2.0**-120, 2.0**-240)  # steps, relative to 1
GROWS = 1.25  # at least so much from one step to the next: even x log x does


def kink(account: Account, part: Component, witness: Witness, rule: str) -> None:
    """`kink`, `jump`, `one-sided-derivative`, `not-a-subgradient`, `infinite-slope`."""
    claimed = _claimed(account, part, witness)
    account.evaluated = True
    if rule == "infinite-slope":
        _steep(account, part)
        return
    order = ORDERS.get(part.here.kind, 1)
    try:
        found = _sides(part, order)
    except Exception as error:  # the user's code may refuse exact numbers in any way
        account.reasons.append(f"The function cannot be run beside it ({one_line(error)}).")
        _by_quotients(account, part, witness)
        return
    place = next((k for k in range(order + 1) if _differ(found, k)), None)
    shown_at = order if place is None else place
    name = NAMES[shown_at]
    account.overlap(f"{name} from left", witness.left, found.left[shown_at])
    account.overlap(f"{name} from right", witness.right, found.right[shown_at])
    if place is None:
        account.reasons.append("Both sides agree: there is a derivative here.")
        return
    account.reasons.append(
        f"Both sides, by series in balls of {found.bits} bits, are disjoint: no derivative here."
    )
    account.stands = (place == 0) == (rule == "jump")
    if rule in ("one-sided-derivative", "not-a-subgradient") and claimed is not None:
        _between(account, claimed, found, place, rule)


def _claimed(account: Account, part: Component, witness: Witness) -> arb | None:
    """Return the claim in exact numbers, else as computed; None where none was recorded."""
    if witness.claimed is None:
        return None
    computed = part.computed()
    account.same_bits("claimed", witness.claimed, computed)
    try:
        found = part.formula(LADDER[0])
    except Exception:  # the user's code may refuse exact numbers in any way
        return ball(computed)
    return found if found.is_finite() else ball(computed)


def _sides(part: Component, order: int) -> Sides:
    def settled(found: Sides) -> bool:
        return all(v.is_finite() for v in (*found.left, *found.right))

    return climb(lambda bits: sides(part.here, part.line, bits, order=order), settled)


def _differ(found: Sides, place: int) -> bool:
    left, right = found.left[place], found.right[place]
    if place == 0:
        return apart(left, right) or apart(left, found.value) or apart(right, found.value)
    return apart(left, right)


def _between(account: Account, claimed: arb, found: Sides, place: int, rule: str) -> None:
    with precision(BITS):
        low, high = sorted((found.left[place], found.right[place]), key=float)
        outside = bool(claimed < low or claimed > high)
    account.stands = account.stands and outside == (rule == "not-a-subgradient")
    account.reasons.append(
        f"The claim {shown(claimed)} lies {'outside' if outside else 'between'} them."
    )


# ---------------------------------------------------------------- by quotients
def _quotient(part: Component, step: float, sign: int) -> arb:
    """Return (f(x + step d) - f(x)) / step exactly; step and point are dyadic."""
    bits = LADDER[-1]
    values = []
    for size in (step * sign, 0.0):
        moved = {k: size * np.asarray(v) for k, v in part.line.first.items()}
        values.append(_shifted(part, moved, bits))
    with precision(bits):
        return (values[0] - values[1]) / (ball(step) * sign)


def _shifted(part: Component, moved: dict[str, Any], bits: int) -> arb:
    """Return <weight, f> at x + moved, the sum formed exactly."""
    here = part.here

    def program(leaves: dict[str, Any]) -> Any:
        with precision(bits):
            return here.function({k: v + moved[k] if k in moved else v for k, v in leaves.items()})

    returned = run(program, here.leaves, bits)
    with precision(bits):
        total = Number(arb(0))
        values = entries(returned).reshape(part.line.weight.shape)
        for weight, value in zip(part.line.weight.ravel(), values.ravel(), strict=True):
            if weight:
                total = total + number(value) * float(weight)
        return total.coefficient(0)


def _steep(account: Account, part: Component) -> None:
    for sign, side in ((1, "right"), (-1, "left")):
        try:
            found = [abs(_quotient(part, step, sign)) for step in TINY]
        except Exception as error:  # the user's code may refuse exact numbers in any way
            account.reasons.append(f"To the {side} it cannot be run ({one_line(error)}).")
            continue
        with precision(BITS):
            finite = all(q.is_finite() for q in found)
            grows = finite and all(b > a * GROWS for a, b in pairwise(found))
        if grows:
            account.stands = True
            account.reasons.append(
                f"To the {side} the difference quotient grows without bound: "
                + ", ".join(
                    f"{float(q):.4g} at 2^{int(np.log2(h))}"
                    for q, h in zip(found, TINY, strict=True)
                )
                + "."
            )


def _by_quotients(account: Account, part: Component, witness: Witness) -> None:
    """One-sided quotients of the code as it runs, at a step of 2^-20: an estimate."""
    step = 2.0**-20
    middle = in_floats(part.here, part.line, 0.0)
    right = (in_floats(part.here, part.line, step) - middle) / step
    left = (middle - in_floats(part.here, part.line, -step)) / step
    size = max(abs(left), abs(right))
    account.rows.append(("quotient from left", "-", real(left).text, "estimate"))
    account.rows.append(("quotient from right", "-", real(right).text, "estimate"))
    account.stands = bool(np.isfinite(size) and abs(left - right) > 2.0**-8 * size)
