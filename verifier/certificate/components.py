"""Is a component of a claimed derivative wrong? Claim and truth, both evaluated anew.

The claim is run as the user runs it, bit for bit, and on exact numbers; the truth is the series
of the function. They refute the claim where the two balls have no point in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from ..errors import BadSpec
from ..exact import from_real, from_tensor
from ..importing import one_line
from ..verdicts import Finding, Witness
from .account import FOLDED, Account, apart
from .arrays import run
from .slopes import Line, Sides, climb, differences, line_of, sharp, truth, weight_of
from .standing import Standing, ran
from .taylor import Number, ball, number, precision
from .texts import BITS, ball_of, shown

Array = np.ndarray
TINY = 2.0**-1000  # below it mpmath's differences may see nothing
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
        leaves = {**self.here.leaves, **self.here.extra}
        return float(self._picked(ran(self.here.claim(), leaves, "the claim")))

    def formula(self, bits: int) -> arb:
        """Return the claimed number as the formula gives it, in exact numbers."""
        returned = run(self.here.claim(), {**self.here.leaves, **self.here.extra}, bits)
        with precision(bits):
            return number(self._picked(returned)).coefficient(0)

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
    if not here.wrt:
        raise _lost("the witness holds no point of an argument differentiated by")
    label, index = finding.argument or here.wrt[0], finding.index or ()
    out = tuple(here.value().shape)
    first = label.partition(",")[0]
    if first not in here.leaves:
        raise _lost(f"the witness holds no point for '{first}'")
    direction = {k: from_tensor(v) for k, v in witness.direction.items()}
    try:
        line = (
            Line(weight_of(here, out), direction) if direction else line_of(here, label, index, out)
        )
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
    account.scale = abs(computed) if np.isfinite(computed) else 0.0
    formula = formula_of(account, part)
    if formula is not None and _other_branch(witness, formula, computed):
        account.reasons.append(
            f"On exact numbers the claim gives {shown(formula)}: in floats it takes another "
            "branch, so its computed number stands for it."
        )
        formula = None
    real_value, measured = _truth(account, part, formula)
    account.overlap("claimed formula", witness.formula, formula)
    if measured is None:
        account.overlap("truth", witness.ball, real_value)
        _displayed(account, witness, real_value)
    else:
        _against_differences(account, witness, measured)
    return Evaluated(computed, formula, real_value, measured)


def formula_of(account: Account, part: Component) -> arb | None:
    try:
        return climb(part.formula, sharp)
    except Exception as error:  # the user's code may refuse exact numbers in any way
        account.reasons.append(
            f"The claim cannot be run on exact numbers ({one_line(error)}): its computed number "
            "stands for it."
        )
        return None


def _other_branch(witness: Witness, formula: arb, computed: float) -> bool:
    """Tell whether the report's formula is what was computed and exact numbers give another."""
    if witness.formula is None or not np.isfinite(computed) or not formula.is_finite():
        return False
    with precision(BITS):
        told, said = ball_of(witness.formula), ball(computed)
        bar = (abs(told) + abs(said)) * FOLDED
        return bool(abs(told - said) <= bar and abs(told - formula) > bar)


def _truth(
    account: Account, part: Component, formula: arb | None
) -> tuple[arb | None, tuple[float, float] | None]:
    """Return the truth as a ball, or None and a measurement by finite differences."""

    def told_apart(found: Sides) -> bool:
        value = found.right[-1]
        return sharp(value) or (formula is not None and apart(value, formula))

    try:
        found = climb(lambda bits: truth(part.here, part.line, bits), told_apart)
    except Exception as error:  # the user's code may refuse exact numbers in any way
        value, wide = differences(part.here, part.line)
        account.reasons.append(
            f"The function cannot be run on exact numbers ({one_line(error)}): finite differences "
            f"give {value:.12g} ± {wide:.2g}, an estimate."
        )
        return None, (value, wide)
    left, right = found.left[-1], found.right[-1]
    if apart(left, right):
        account.misfits.append(
            f"truth: there is no derivative here, it is {shown(left)} from the left and "
            f"{shown(right)} from the right"
        )
        return None, None
    account.reasons.append(
        f"Truth: series of the function itself in balls of {found.bits} bits, from both sides."
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
            if off > size * UNSEEN and size > TINY:
                account.misfits.append(
                    f"mpmath: the report says {witness.mpmath}, derived now it is {shown(value)}"
                )


def _against_differences(account: Account, witness: Witness, measured: tuple[float, float]) -> None:
    if witness.ball is None:
        return
    value, wide = measured
    told = ball_of(witness.ball)
    if told.is_finite() and np.isfinite(value):
        with precision(BITS):
            fits = bool(abs(told - ball(value)) <= ball(wide))
        if not fits:
            account.misfits.append(
                f"truth: the report says {shown(told)}, finite differences {value:.12g} "
                f"± {wide:.2g}"
            )
