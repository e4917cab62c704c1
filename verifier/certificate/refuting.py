"""Does the finding follow from the numbers? One function a rule, over one component."""

from __future__ import annotations

import numpy as np
from flint import arb

from ..verdicts import Witness
from .account import Account, apart, gap
from .components import Component, evaluated, formula_of
from .taylor import ball, precision
from .texts import BITS, shown

MANY_ULPS = 2**10  # SOUNDNESS 17: what an error must exceed where only computed numbers are known
RELATED = 0.01  # two statements of one relative error may differ by a per cent
HALF_ULP = 2.0**-53


def wrong(account: Account, part: Component, witness: Witness) -> None:
    """`wrong-derivative`, `truncated-constant`: claim and truth have no point in common."""
    now = evaluated(account, part, witness)
    said = now.formula if now.formula is not None else ball(now.computed)
    if now.measured is not None:
        value, wide = now.measured
        with precision(BITS):
            far = abs(said - ball(value)) > ball(wide) + abs(said) * MANY_ULPS * ball(HALF_ULP)
        account.stands = bool(far)
        account.reasons.append(
            "The claim lies outside their error."
            if far
            else "Their error is too large to tell the claim from the truth."
        )
        return
    if now.truth is None:
        return
    if now.formula is None:
        account.stands = _by_many_ulps(now.computed, now.truth)
        account.reasons.append(
            "The computed number is more than 2^10 ulp from the truth."
            if account.stands
            else "The computed number lies within 2^10 ulp of the truth: rounding may explain it."
        )
        return
    account.stands = apart(now.formula, now.truth)
    distance = gap(now.formula, now.truth)
    account.reasons.append(
        f"Claim and truth are disjoint: |claim - truth| = {shown(distance)}."
        if account.stands
        else "Claim and truth have points in common: nothing is refuted."
    )
    _relative(account, witness, distance, now.truth)


def _by_many_ulps(computed: float, value: arb) -> bool:
    with precision(BITS):
        said = ball(computed)
        scale = abs(value) + abs(said)
        return bool(abs(said - value) > scale * MANY_ULPS * ball(HALF_ULP))


def _relative(account: Account, witness: Witness, distance: arb, value: arb) -> None:
    told = witness.relative_error
    if told is None or not np.isfinite(told) or not account.stands or value.contains(0):
        return
    with precision(BITS):
        now = float(distance / abs(value))
    if abs(told - now) > RELATED * max(told, now):
        account.misfits.append(
            f"relative error: the report says {told:.6g}, derived now it is {now:.6g}"
        )


def not_finite(account: Account, part: Component, witness: Witness) -> None:
    """`nan-derivative`, `overflow`: the claim computes no number where the truth is one."""
    now = evaluated(account, part, witness)
    defined = (now.truth is not None and now.truth.is_finite()) or (
        now.measured is not None and bool(np.isfinite(now.measured).all())
    )
    account.stands = not np.isfinite(now.computed) and defined
    if account.stands:
        account.reasons.append(f"The claim computes {now.computed} where the truth is a number.")


def lossy(account: Account, part: Component, witness: Witness) -> None:
    """`precision-loss`: the computed number is off by what the report says."""
    now = evaluated(account, part, witness)
    if now.truth is None or not now.truth.is_finite():
        return
    off = gap(ball(now.computed), now.truth)
    account.stands = bool(off > 0)
    account.reasons.append(f"|computed - truth| = {shown(off)}.")


def asymmetric(account: Account, part: Component, witness: Witness) -> None:
    """`asymmetric-hessian`: two entries of the claim that should be equal are disjoint."""
    now = evaluated(account, part, witness)
    rank = len(part.index) // 2
    half = part.index[rank:] + part.index[:rank]
    mirrored = Component(part.here, part.label, half, part.line, part.out, part.direction)
    other, entry = mirrored.computed(), f"{part.label}{list(half)}"
    account.rows.append((f"claimed at {entry}", "-", repr(other), ""))
    exact = formula_of(account, mirrored)
    if now.formula is not None and exact is not None:
        account.stands = apart(now.formula, exact)
    else:
        account.stands = _by_many_ulps(now.computed, ball(other))
    if account.stands:
        account.reasons.append(f"The entry and its mirror {entry} are disjoint.")
