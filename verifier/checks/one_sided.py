"""What does one entry of f do? Its value and its germs on both sides, compared order by order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb

from ..numerals.germ import Beyond, Germ
from ..numerals.germs import coefficient
from ..numerals.logarithms import Logs, highest
from ..numerals.tokens import ZERO
from ..numerals.twins import NOUGHT, stored, widened

BITS = (128, 512, 2048, 4096)
TINY_BITS = 200  # radii below 2^-200 of the number: equal to all the bits one could ask for

SMOOTH, KINK, JUMP = "smooth", "kink", "jump"
STEEP, UNDEFINED, UNDECIDED = "infinite-slope", "undefined", "undecided"


@dataclass(frozen=True, slots=True)
class Beside:
    """What one entry of f does at and beside its point.

    `left` and `right` are one-sided derivatives of order `order` (of order `differs_at` where
    that is lower; at a jump the two limits), `slope` the derivative of that order where it exists.
    `proved` is False where smoothness rests on numbers equal to many bits or on rounded constants.
    """

    kind: str
    left: arb | None = None
    right: arb | None = None
    slope: arb | None = None
    differs_at: int | None = None
    reason: str = ""
    proved: bool = True
    value: arb | None = None


def judge(here: Any, right: Any, left: Any, level: int, order: int, bits: int) -> Beside:
    """Say what f does from its value, its germs along +1 and -1 and the level proved for them.

    ``Beside(kind=UNDECIDED, proved=False)`` asks for more bits.
    """
    whole = NOUGHT if here is ZERO else here
    value = stored(whole)
    if not value.is_finite():
        return Beside(UNDEFINED, reason="f is no number at the point itself", value=value)
    for side in (right, left):
        if isinstance(side, Beyond):
            return Beside(UNDECIDED, reason=side.reason, proved=not side.retry, value=value)
    missing = [name for name, side in (("right", right), ("left", left)) if is_nan(side)]
    for side, name in ((right, "right"), (left, "left")):
        if name not in missing and (found := _steep(side, name, value, missing)) is not None:
            return found
    if missing:
        return _edge(right, left, missing, value, order)
    return _compared(whole, right, left, level, order, bits)


def is_nan(value: Any) -> bool:
    """Tell whether a germ is undefined on its side."""
    return not isinstance(value, (Germ, Beyond)) and value is not ZERO and (
        not stored(value).is_finite()
    )


def root_of(value: Any, below: int) -> tuple[Any, Any] | None:
    """Return the first term no power series up to t^`below` has: of t^(1/2), 1/t or t log t."""
    for exponent, number in getattr(value, "terms", ()):
        logs = isinstance(number, Logs)
        if exponent < 0 or (exponent < below and exponent != int(exponent)) or (
            logs and exponent <= below
        ):
            return exponent, number
    return None


def _certain(number: Any) -> bool:
    top = highest(number)
    return not stored(top).contains(0) and not widened(top).contains(0)


def _steep(side: Any, name: str, value: arb, missing: list[str]) -> Beside | None:
    """Return a pole or an infinite slope of one side, where it is certain."""
    found = root_of(side, 1)
    if found is None:
        return None
    exponent, number = found
    form = _form(exponent, number)
    if not _certain(number):
        return Beside(UNDECIDED, reason=f"a term {form} may or may not vanish", proved=False,
                      value=value)
    if exponent <= 0:
        return Beside(JUMP, differs_at=0, value=value,
                      reason=f"f grows without bound to the {name}, like {form}")
    edge = f"; undefined to the {missing[0]}" if missing else ""
    return Beside(STEEP, differs_at=1, value=value,
                  reason=f"f moves like {form} to the {name}{edge}")


def _form(exponent: Any, number: Any) -> str:
    power = "" if exponent == 0 else ("t" if exponent == 1 else f"t^{_short(exponent)}")
    return " ".join(filter(None, (power, "log t" if isinstance(number, Logs) else ""))) or "1"


def _short(exponent: Any) -> str:
    near = float(exponent)
    return str(exponent) if len(str(exponent)) < 6 else f"{near:.4g}"


def _edge(right: Any, left: Any, missing: list[str], value: arb, order: int) -> Beside:
    """f ends here: say its one-sided derivative on the side where it is defined."""
    found: dict[str, Any] = {}
    for name, side, sign in (("right", right, 1), ("left", left, (-1) ** order)):
        if name not in missing and root_of(side, order) is None:
            number = coefficient(side, order)
            found[name] = None if number is None else stored(number) * (sign * order)
    sides = "on both sides" if len(missing) == 2 else f"to the {missing[0]}"
    return Beside(UNDEFINED, reason=f"f is undefined {sides}", value=value, **found)


def _compared(whole: Any, right: Any, left: Any, level: int, order: int, bits: int) -> Beside:
    """Compare value and derivatives of both sides, lowest order first."""
    notes: list[str] = []
    value = stored(whole)
    ahead = behind = whole
    for k in range(order + 1):
        steep = _steep_again(right, left, k, value) if k > 1 else None
        if steep is not None:
            return steep
        pair = coefficient(right, k), coefficient(left, k)
        if pair[0] is None or pair[1] is None:
            return Beside(UNDECIDED, reason="the series is too short", value=value)
        factor = 2 if k == 2 else 1
        ahead = pair[0] * factor
        behind = (-pair[1] if k % 2 else pair[1]) * factor
        others = (ahead, behind, whole) if k == 0 else (ahead, behind)
        if k <= level:
            continue
        verdict = alike(others)
        if verdict == "apart":
            return _apart(k, stored(behind), stored(ahead), value)
        if verdict == "open" or (verdict == "near" and bits < BITS[-1]):
            return Beside(UNDECIDED, reason=f"both sides overlap at order {k}, widely",
                          proved=False, value=value)
        notes.append("equal but for the rounding of constants" if verdict == "rounding"
                     else f"equal to {bits} bits")
    number = stored(ahead)
    return Beside(SMOOTH, stored(behind), number, number, None, "; ".join(dict.fromkeys(notes)),
                  not notes, value)


def _steep_again(right: Any, left: Any, k: int, value: arb) -> Beside | None:
    """Return an infinite derivative of order k, where those below exist."""
    for side, name in ((right, "right"), (left, "left")):
        found = root_of(side, k)
        if found is not None and found[0] > k - 1:
            sure = _certain(found[1])
            reason = f"f' moves like {_form(found[0] - 1, found[1])} to the {name}"
            return Beside(STEEP if sure else UNDECIDED, differs_at=k, proved=sure, value=value,
                          reason=reason)
    return None


def alike(values: tuple[Any, ...]) -> str:
    """Return how two or three balls compare: equal, near (to all bits), rounding, apart, open."""
    pairs = [(a, b) for i, a in enumerate(values) for b in values[:i]]
    worst = "equal"
    for a, b in pairs:
        p, q = stored(a), stored(b)
        if not p.overlaps(q):
            if not widened(a).overlaps(widened(b)):
                return "apart"
            worst = "rounding" if worst != "open" else worst
        elif not (p.is_exact() and q.is_exact()):
            near = all(_sharp(v) for v in (p, q))
            worst = "open" if not near else ("near" if worst == "equal" else worst)
    return worst


def _sharp(value: arb) -> bool:
    scale = max(abs(value.mid()), arb(1))
    return bool(value.rad() <= scale * arb(2) ** -TINY_BITS)


def _apart(k: int, left: arb, right: arb, value: arb) -> Beside:
    if k == 0:
        reason = "the limits on both sides and the value at the point are not all equal"
        return Beside(JUMP, left, right, None, 0, reason, True, value)
    what = "slopes" if k == 1 else "second derivatives"
    return Beside(KINK, left, right, None, k, f"one-sided {what} differ", True, value)
