"""Does a function lie above its chord? f at three exact points, and the Jensen gap as a ball."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from ..checks.request import Request
from ..claims import ClaimSpec
from ..domains import BOX, Domain, parse_domain
from ..errors import VerifierError
from ..exact import from_tensor
from ..importing import one_line
from ..verdicts import Witness
from .account import Account
from .arrays import entries, run
from .slopes import sharp
from .standing import Standing, as_run
from .taylor import ball, number, precision
from .texts import BITS, shown

Array = np.ndarray
LADDER = (256, 1024, 4096)
SIGNS = {"convex": (1,), "strongly-convex": (1,), "concave": (-1,), "affine": (1, -1)}


def chord(account: Account, here: Standing, spec: ClaimSpec, witness: Witness) -> None:
    """`not-convex`: f(tx + (1-t)y) lies strictly on the wrong side of t f(x) + (1-t) f(y)."""
    other = {k: from_tensor(v) for k, v in witness.second_point.items()}
    missing = [k for k in here.leaves if k not in other]
    if missing or not witness.weight:
        lost = f"the second point has no {', '.join(missing)}" if missing else "no weight"
        account.misfits.append(f"witness: {lost}")
        return
    share = _share(account, witness.weight)
    if share is None:
        return
    for name, problem in outside(here.request, (here.leaves, other)):
        account.misfits.append(f"{name}: {problem}")
    try:
        bits, values, gap = _gap(here, other, share, spec, witness)
    except Exception as error:  # the user's code may refuse exact numbers in any way
        _in_floats(account, here, other, share, spec, one_line(error))
        return
    account.evaluated = True
    names = ("f(x)", "f(y)", "f((x+y)/2)")
    for name, value in zip(names, values, strict=True):
        same_number(account, name, witness.numbers.get(name), value)
    account.overlap("Jensen gap", witness.ball, gap)
    account.stands = bool(gap > 0)
    account.reasons.append(
        f"The three points are exact, the values balls of {bits} bits; the gap "
        + ("is strictly positive." if account.stands else "is not certainly positive.")
    )


def _share(account: Account, weight: str) -> Fraction | None:
    try:
        share = Fraction(weight)
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if 0 < share < 1:
        return share
    account.misfits.append(f"weight: {weight!r} is no number between 0 and 1")
    return None


def outside(
    request: Request, points: tuple[Mapping[str, Array], ...]
) -> Iterator[tuple[str, str]]:
    for name, told in request.on.items():
        if not isinstance(told, (str, Domain)):
            continue
        try:
            domain = told if isinstance(told, Domain) else parse_domain(told, name=name)
        except VerifierError:
            continue
        for point in points:
            if domain.kind == BOX and name in point and not domain.contains(point[name]):
                yield f"point {name}", f"it lies outside the domain {domain.describe()}"


def _gap(
    here: Standing, other: Mapping[str, Array], share: Fraction, spec: ClaimSpec, witness: Witness
) -> tuple[int, tuple[arb, arb, arb], arb]:
    """Return (bits, values at x, y and between, gap), the gap of the sign that refutes."""
    told = witness.claimed
    for bits in LADDER:
        values = tuple(_value(here, other, t, bits) for t in (Fraction(1), Fraction(0), share))
        with precision(bits):
            gap = values[2] - ball(share) * values[0] - ball(1 - share) * values[1]
            signs = SIGNS[spec.kind]
            upward = told is None or told.number is None or told.number > 0
            flip = spec.kind == "affine" and bool(gap < 0) and upward
            gap = gap * (-1 if flip else signs[0])
            if spec.kind == "strongly-convex" and spec.number:
                gap += ball(_curved(here, other, share, Fraction(spec.number)))
        if sharp(gap):
            break
    return bits, (values[0], values[1], values[2]), gap


def _curved(
    here: Standing, other: Mapping[str, Array], share: Fraction, strength: Fraction
) -> Fraction:
    """Return what mu/2 |x|^2 takes off the gap: mu/2 t (1-t) |x - y|^2, an exact rational."""
    total = sum(
        (Fraction(float(a)) - Fraction(float(b))) ** 2
        for k, v in here.leaves.items()
        for a, b in zip(v.ravel(), other[k].ravel(), strict=True)
    )
    return strength / 2 * share * (1 - share) * total


def _value(here: Standing, other: Mapping[str, Array], share: Fraction, bits: int) -> arb:
    """Return f(t x + (1-t) y), the point between formed exactly, as a ball."""

    def program(leaves: dict[str, Any]) -> Any:
        if share == 1:
            return here.function(leaves)
        part = number(share)
        mixed = {
            k: v if np.array_equal(other[k], here.leaves[k]) else v * part + other[k] * (1 - part)
            for k, v in leaves.items()
        }
        return here.function(mixed)

    returned = run(program, here.leaves, bits)
    with precision(bits):
        found = entries(returned)
        if found.size != 1:
            raise ValueError("the function has more than one value")
        return number(found.ravel()[0]).coefficient(0)


def same_number(account: Account, name: str, told: str | None, now: arb) -> None:
    if told is None:
        account.misfits.append(f"{name}: the report holds no number")
        return
    with precision(BITS):
        try:
            recorded = arb(told)
        except ValueError:
            account.misfits.append(f"{name}: {told!r} is no ball")
            return
        fits = bool((recorded + abs(recorded) * arb(0, "1e-19")).overlaps(now))
    account.rows.append((name, told, shown(now), "overlap" if fits else "DIFFER"))
    if not fits:
        account.misfits.append(f"{name}: the report says {told}, derived now it is {shown(now)}")


def _in_floats(
    account: Account,
    here: Standing,
    other: Mapping[str, Array],
    share: Fraction,
    spec: ClaimSpec,
    reason: str,
) -> None:
    """The same in floats, where the code refuses exact numbers: 2^10 ulp must not explain it."""
    account.evaluated = True
    account.reasons.append(f"The function cannot be run on exact numbers ({reason}).")
    t = float(share)
    points = [here.leaves, other]
    points.append({k: t * v + (1 - t) * other[k] for k, v in here.leaves.items()})
    values = [float(np.asarray(as_run(here.function, p)).ravel()[0]) for p in points]
    gap = values[2] - t * values[0] - (1 - t) * values[1]
    sign = -1.0 if spec.kind == "concave" else 1.0
    seen = abs(gap) if spec.kind == "affine" else sign * gap
    if spec.kind == "strongly-convex" and spec.number:
        seen += float(_curved(here, other, share, Fraction(spec.number)))
    noise = 2.0**-43 * max(map(abs, values))
    account.stands = bool(seen > noise)
    account.rows.append(("Jensen gap", "-", f"{seen:.6g}", "in floats"))
