"""Is a component of a claimed derivative wrong? Claim and truth, both evaluated anew.

The claim is run as the user runs it, bit for bit, and on exact numbers; the truth is the series
of the function. They refute the claim where the two balls have no point in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..errors import BadSpec, SubjectRaised, VerifierError
from ..exact import from_real, from_tensor
from ..importing import one_line, place_of
from ..verdicts import Finding, Witness
from .account import Account, apart, gap
from .arrays import run
from .slopes import Line, Sides, climbing, differences, line_of, sharp, truth
from .standing import Standing, as_run
from .taylor import Number, ball, number, precision
from .texts import BITS, ball_of, shown

Array = np.ndarray
MANY_ULPS = 2**10  # SOUNDNESS 17: what an error must exceed where only computed numbers are known
RELATED = 0.01  # two statements of one relative error may differ by a per cent
UNSEEN = 1e-6  # mpmath's differences are displayed, not trusted: they must fit this far only


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a claim at a witness, or the claim along one direction."""

    here: Standing
    label: str
    index: tuple[int, ...]
    line: Line
    out: tuple[int, ...]
    direction: dict[str, Array]

    def computed(self) -> float:
        """Return the claimed number as the user's code computes it."""
        return float(self._picked(self._ran(as_run, "the claim", self.here.claim())))

    def formula(self, bits: int) -> arb:
        """Return the claimed number as the formula gives it, in exact numbers."""
        returned = run(self.here.claim(), {**self.here.leaves, **self.here.extra}, bits)
        with precision(bits):
            return number(self._picked(returned)).coefficient(0)

    def _ran(self, how: Any, what: str, program: Any) -> Any:
        try:
            return how(program, {**self.here.leaves, **self.here.extra})
        except VerifierError:
            raise
        except Exception as error:
            raise SubjectRaised(
                f"{what} raises {one_line(error)} at the witness",
                slug="subject-raised", where=place_of(error),
            ) from error

    def _picked(self, returned: Any) -> Any:
        parts = self.here.blocks(returned, self.out)
        if self.direction:
            chosen = [parts[k] * v for k, v in self.direction.items() if k in parts]
            if parts and next(iter(parts.values())).dtype == object:
                return sum((n for p in chosen for n in p.ravel()), Number(arb(0)))
            return sum(float(np.sum(p.astype(float))) for p in chosen)
        if self.label not in parts:
            raise _lost(f"the claim returns nothing for '{self.label}'")
        part = parts[self.label]
        if len(self.index) != part.ndim or any(
            not 0 <= i < side for i, side in zip(self.index, part.shape, strict=True)
        ):
            raise _lost(f"index {list(self.index)} is no entry of {self.label}, {part.shape}")
        return part[self.index]


def _lost(message: str) -> BadSpec:
    hint = "The report was edited, or the code has changed: make the report again."
    return BadSpec(message, slug="not-a-report", hint=hint)


def component_of(here: Standing, finding: Finding, witness: Witness) -> Component:
    """Return the component that a finding speaks of. Raises BadSpec where there is none."""
    label, index = finding.argument or here.wrt[0], finding.index or ()
    out = tuple(here.value().shape)
    first = label.partition(",")[0]
    if first not in here.leaves:
        raise _lost(f"the witness holds no point for '{first}'")
    direction = {k: from_tensor(v) for k, v in witness.direction.items()}
    try:
        line = Line(np.ones(out), direction) if direction else line_of(here, label, index, out)
    except IndexError:
        shape = here.leaves[first].shape
        raise _lost(f"index {list(index)} is no entry of {label}, {shape}") from None
    return Component(here, label, index, line, out, direction)


# ---------------------------------------------------------------- claim against truth
@dataclass(frozen=True, slots=True)
class Evaluated:
    """A component as evaluated now: each is None where it could not be."""

    computed: float
    formula: arb | None
    truth: arb | None
    measured: tuple[float, float] | None


def evaluated(account: Account, part: Component, witness: Witness) -> Evaluated:
    """Evaluate claim and truth anew and compare each with what the report says."""
    computed = part.computed()
    account.evaluated = True
    account.same_bits("claimed", witness.claimed, computed)
    formula = _formula(account, part)
    real_value, measured = _truth(account, part, formula)
    account.overlap("claimed formula", witness.formula, formula)
    if measured is None:
        account.overlap("truth", witness.ball, real_value)
        _displayed(account, witness, real_value)
    else:
        _against_differences(account, witness, measured)
    return Evaluated(computed, formula, real_value, measured)


def _formula(account: Account, part: Component) -> arb | None:
    try:
        found: arb | None = None
        for found in climbing(part.formula, sharp):
            pass
        return found
    except Exception as error:  # the user's code may refuse exact numbers in any way
        account.reasons.append(
            f"The claim cannot be run on exact numbers ({one_line(error)}): its computed number "
            "stands for it."
        )
        return None


def _truth(
    account: Account, part: Component, formula: arb | None
) -> tuple[arb | None, tuple[float, float] | None]:
    """Return the truth as a ball, or None and a measurement by finite differences."""
    def told_apart(found: Sides) -> bool:
        value = found.right[-1]
        return sharp(value) or (formula is not None and apart(value, formula))

    try:
        for found in climbing(lambda bits: truth(part.here, part.line, bits), told_apart):
            left, right, bits = found.left[-1], found.right[-1], found.bits
    except Exception as error:  # the user's code may refuse exact numbers in any way
        value, wide = differences(part.here, part.line)
        account.reasons.append(
            f"The function cannot be run on exact numbers ({one_line(error)}): finite differences "
            f"give {value:.12g} ± {wide:.2g}, an estimate."
        )
        return None, (value, wide)
    if apart(left, right):
        account.misfits.append(
            f"truth: there is no derivative here, it is {shown(left)} from the left and "
            f"{shown(right)} from the right"
        )
        return None, None
    account.reasons.append(
        f"Truth: series of the function itself in balls of {bits} bits, from both sides."
    )
    with precision(BITS):
        both = left.is_finite() and right.is_finite()
        return (left.union(right) if both else arb.nan()), None


def _displayed(account: Account, witness: Witness, value: arb | None) -> None:
    """mpmath's text and the relative error must fit the truth derived now."""
    if value is None or not value.is_finite() or witness.claimed is None:
        return
    with precision(BITS):
        said = ball(from_real(witness.claimed))
        size = abs(value) + (abs(said) if said.is_finite() else 0)
        if witness.mpmath is not None:
            try:
                off = abs(arb(witness.mpmath) - value)
            except ValueError:
                account.misfits.append(f"mpmath: {witness.mpmath!r} is no number")
                return
            if off > size * UNSEEN:
                account.misfits.append(
                    f"mpmath: the report says {witness.mpmath}, derived now it is {shown(value)}"
                )


def _against_differences(
    account: Account, witness: Witness, measured: tuple[float, float]
) -> None:
    if witness.ball is None:
        return
    value, wide = measured
    told = ball_of(witness.ball)
    if told.is_finite() and np.isfinite(value):
        with precision(BITS):
            fits = bool(abs(told - ball(value)) <= ball(wide))
        if not fits:
            account.misfits.append(
                f"truth: the report says {shown(told)}, finite differences {value:.12g} ± {wide:.2g}"
            )


# ---------------------------------------------------------------- the rules
def wrong(account: Account, part: Component, witness: Witness) -> None:
    """`wrong-derivative`, `truncated-constant`: claim and truth have no point in common."""
    now = evaluated(account, part, witness)
    said = now.formula if now.formula is not None else ball(now.computed)
    if now.measured is not None:
        value, wide = now.measured
        with precision(BITS):
            far = abs(said - ball(value)) > ball(wide) + abs(said) * MANY_ULPS * ball(2.0**-53)
        account.stands = bool(far)
        account.reasons.append(
            "The claim lies outside their error." if far else
            "Their error is too large to tell the claim from the truth."
        )
        return
    if now.truth is None:
        return
    if now.formula is None:
        account.stands = _by_many_ulps(now.computed, now.truth)
        account.reasons.append(
            "The computed number is more than 2^10 ulp from the truth." if account.stands else
            "The computed number lies within 2^10 ulp of the truth: rounding may explain it."
        )
        return
    account.stands = apart(now.formula, now.truth)
    distance = gap(now.formula, now.truth)
    account.reasons.append(
        f"Claim and truth are disjoint: |claim - truth| = {shown(distance)}."
        if account.stands else "Claim and truth have points in common: nothing is refuted."
    )
    _relative(account, witness, distance, now.truth)


def _by_many_ulps(computed: float, value: arb) -> bool:
    with precision(BITS):
        said = ball(computed)
        scale = abs(value) + abs(said)
        return bool(abs(said - value) > scale * MANY_ULPS * ball(2.0**-53))


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
        now.measured is not None and bool(np.isfinite(now.measured).all()))
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
    exact = _formula(account, mirrored)
    if now.formula is not None and exact is not None:
        account.stands = apart(now.formula, exact)
    else:
        account.stands = _by_many_ulps(now.computed, ball(other))
    if account.stands:
        account.reasons.append(f"The entry and its mirror {entry} are disjoint.")
