"""Convex, concave, affine, strongly convex: refuted by an exact chord, else undecided.

The claim: `convex in w`, `concave`, `affine`, `0.1-strongly convex`, `not convex`.
How it is decided: chords between points of the domain are searched in floats for a midpoint above
the chord; the best ones are made exact (dyadic ends whose midpoint is a float) and the Jensen gap
f(m) - (f(x) + f(y)) / 2 is enclosed in a ball, constants at their stored values (SOUNDNESS 15). A
strictly positive gap refutes convexity and proves "not convex"; without one the claim is UNDECIDED
(proofs are not built yet).
A model that fails: ``x**3`` on [-1, 1]; the chord from -1 to 0 lies below the curve.
The same model mended: ``abs(x)**3``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..domains import BOX
from ..errors import VerifierError
from ..exact import tensor
from ..graph.node import Node
from ..numerals.balls import Balls, precision
from ..readers.value import read
from ..search.points import propose
from ..settings import Settings
from ..verdicts import Claim, Evidence, Finding, Verdict, Witness
from .findings import ball, finding, number, short
from .lifting import take_road
from .observe import quiet
from .request import Request
from .subject import Here

Array = np.ndarray
Point = dict[str, Array]
MANTISSA = 24  # bits of a chord's ends: their midpoint is then a float64
VERIFIED = 8  # chords whose gap is enclosed, best first
SIGNS = {"convex": (1.0,), "strongly-convex": (1.0,), "concave": (-1.0,), "affine": (1.0, -1.0)}


def check_convexity(request: Request, spec: Any, stops: Any, numbers: Settings) -> Claim:
    """Return what became of a convexity claim: REFUTED or PROVED ("not") by a chord, else open."""
    here = next(iter(stops))
    if here.value.size != 1:
        return _open(spec, "convexity needs a function with one value", 0)
    names = _moved(spec, here)
    tried = 0
    for sign in SIGNS[spec.kind]:
        chords = sorted(_chords(request, spec, stops, here, names, numbers, sign),
                        key=lambda c: -c[0])
        tried += numbers.segments
        for _, left, right in chords[:VERIFIED]:
            found = _enclosed(request, spec, here, left, right, sign)
            if found is not None:
                return _decided(request, spec, here, left, right, found, tried)
    return _open(spec, "no chord violates it; proofs of convexity are not built yet", tried)


def _moved(spec: Any, here: Here) -> tuple[str, ...]:
    wanted = spec.arguments or here.calling.wrt
    return tuple(k for k in here.leaves
                 if any(k == w or k.startswith((f"{w}.", f"{w}[")) for w in wanted))


def _strength(spec: Any) -> float:
    return float(spec.number) if spec.kind == "strongly-convex" and spec.number else 0.0


def _chords(
    request: Request, spec: Any, stops: Any, here: Here, names: tuple[str, ...],
    numbers: Settings, sign: float,
) -> Iterator[tuple[float, Point, Point]]:
    """Yield (violation in floats, left, right) for the chords that look violated."""
    domains = {k: d for k, d in stops.plan.domains.items() if d.kind == BOX}
    random = np.random.default_rng([request.seed, 5])
    base = {k: v for k, v in here.leaves.items()}
    for left, right in _pairs(domains, base, names, request.seed, numbers.segments, random):
        ends = _exact_chord(left, right, names)
        if ends is None or not _inside(domains, ends):
            continue
        values = [_float(here, p) for p in (*ends, _middle(*ends, names))]
        chord = (values[0] + values[1]) / 2
        lift = _strength(spec) / 8 * _distance(*ends, names)
        gap = sign * (values[2] - chord) + lift
        noise = 8 * np.finfo(float).eps * max(map(abs, values))
        if np.isfinite(gap) and gap > noise:
            yield gap / (noise + abs(chord)), *ends


def _pairs(
    domains: Any, base: Point, names: tuple[str, ...], seed: int, count: int, random: Any
) -> Iterator[tuple[Point, Point]]:
    """Chords between proposed points, and shorter ones around each."""
    shapes = {k: base[k].shape for k in domains if k in base}
    points = list(propose(domains, shapes, "float64", seed, max(8, count // 8))) if domains else []
    points = [{**base, **{k: np.asarray(v, float) for k, v in p.items()}} for p in points] or [base]
    for turn in range(count):
        one = points[turn % len(points)]
        other = points[int(random.integers(len(points)))]
        share = 2.0 ** -float(random.integers(0, 8))
        yield one, {k: one[k] + share * (other[k] - one[k]) if k in names else v
                    for k, v in one.items()}


def _rounded(array: Array) -> Array:
    part, power = np.frexp(np.asarray(array, dtype=float))
    rounded: Array = np.ldexp(np.round(part * 2**MANTISSA), power - MANTISSA)
    return rounded


def _exact_chord(left: Point, right: Point, names: tuple[str, ...]) -> tuple[Point, Point] | None:
    """Round both ends so that the midpoint is exact; None where they fall together."""
    a = {k: _rounded(v) if k in names else v for k, v in left.items()}
    b = {k: _rounded(v) if k in names else v for k, v in right.items()}
    for k in names:
        with np.errstate(all="ignore"):
            total = a[k] + b[k]
            if not np.all(np.isfinite(total)) or np.any(total - a[k] != b[k]):
                return None
    return (a, b) if any(np.any(a[k] != b[k]) for k in names) else None


def _inside(domains: Any, ends: tuple[Point, Point]) -> bool:
    return all(d.contains(p[k]) for p in ends for k, d in domains.items() if k in p)


def _middle(left: Point, right: Point, names: tuple[str, ...]) -> Point:
    return {k: (v + right[k]) / 2 if k in names else v for k, v in left.items()}


def _distance(left: Point, right: Point, names: tuple[str, ...]) -> float:
    return float(sum(np.sum((left[k] - right[k]) ** 2) for k in names))


def _float(here: Here, point: Point) -> float:
    with quiet():
        try:
            handed = {k: v if v.ndim else v[()] for k, v in point.items()}
            return float(np.asarray(here.program(handed), dtype=float).ravel()[0])
        except Exception:  # the user's code may raise anywhere
            return float("nan")


def _value(here: Here, point: Point, bits: int) -> Any:
    """Return f at an exact point as a ball; None where the graph does not hold there."""
    with quiet():
        try:
            run = here.program({k: v.copy() if v.ndim else v[()] for k, v in point.items()})
        except Exception:  # the user's code may raise anywhere
            return None
    road = take_road(here.program, point, run)
    if road.lifted is None or road.forked or not isinstance(road.lifted.output, Node):
        return None
    with precision(bits):
        try:
            values = read([road.lifted.output], point, Balls(bits)).values
        except VerifierError:
            return None
    found = values[road.lifted.output].ravel()[0]
    return found if found.is_finite() else None


def _enclosed(
    request: Request, spec: Any, here: Here, left: Point, right: Point, sign: float
) -> tuple[Any, ...] | None:
    """Return (f(x), f(y), f(m), gap) as balls where the gap is strictly positive."""
    names = _moved(spec, here)
    middle = _middle(left, right, names)
    values = [_value(here, p, 256) for p in (left, right, middle)]
    if any(v is None for v in values):
        return None
    with precision(256):
        gap = int(sign) * (values[2] - (values[0] + values[1]) / 2)
        if spec.kind == "strongly-convex":
            gap += _exact_lift(spec, left, right, names)
    return (*values, gap) if gap > 0 else None


def _exact_lift(spec: Any, left: Point, right: Point, names: tuple[str, ...]) -> Any:
    from fractions import Fraction

    from flint import arb, fmpq

    total = sum((Fraction(float(a)) - Fraction(float(b))) ** 2
                for k in names
                for a, b in zip(left[k].ravel(), right[k].ravel(), strict=True))
    exact = Fraction(spec.number) * total / 8
    return arb(fmpq(exact.numerator, exact.denominator))


def _decided(
    request: Request, spec: Any, here: Here, left: Point, right: Point, found: tuple[Any, ...],
    tried: int,
) -> Claim:
    shown = {k: tensor(v) for k, v in left.items()}
    other = {k: tensor(v) for k, v in right.items()}
    at_left, at_right, at_middle, gap = found
    witness = Witness(
        point=shown, second_point=other, weight="1/2", ball=ball(gap),
        numbers={"f(x)": at_left.str(20), "f(y)": at_right.str(20), "f((x+y)/2)":
                 at_middle.str(20), "Jensen gap": gap.str(20)},
        claimed=number(float(gap.mid())),
    )
    if spec.negated:
        return Claim(claim=spec.text, verdict=Verdict.PROVED, points=3, patterns=1,
                     evidence=Evidence(components=1, agreed=1, precision=256),
                     reason=f"a chord lies below the function by {short(gap)}")
    claimed = "above" if spec.kind == "concave" else "below"
    sentence = (f"'{spec.text}' does not hold: at the midpoint of a chord the function is "
                f"{short(gap)} {'below' if claimed == 'above' else 'above'} the chord")
    found_ = _finding(request, spec, sentence, witness)
    return Claim(claim=spec.text, verdict=Verdict.REFUTED, points=tried, patterns=1,
                 evidence=Evidence(components=1, precision=256), findings=(found_,),
                 reason=sentence)


def _finding(request: Request, spec: Any, sentence: str, witness: Witness) -> Finding:
    from ..verdicts import Severity

    return finding("not-convex", sentence, check=request.name, claim=spec.text, witness=witness,
                   origin=request.origin, severity=Severity.ERROR)


def _open(spec: Any, reason: str, tried: int) -> Claim:
    return Claim(claim=spec.text, verdict=Verdict.UNDECIDED, points=tried, patterns=0,
                 reason=reason, not_checked=(f"{tried} chords tried, no proof attempted",))
