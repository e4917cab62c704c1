"""Soundness is sacred: programs over every row, 10^4 samples each, no PROVED is contradicted.

Claims are made from the samples themselves, false by a hair where they can be: a bound just inside
the sampled range, a Lipschitz constant just below the steepest chord. What floats contradict is
confirmed in balls before it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.errors import VerifierError
from verifier.frontends.from_numpy import lift
from verifier.graph.node import Node
from verifier.graph.order import topological
from verifier.numerals.balls import Balls, plain, precision
from verifier.primitives.table import SCALARS
from verifier.readers.value import read

from .random_programs import Program, random_program

Array = np.ndarray
BITS = 300
SAMPLES = 10_000
BOXES = ((-2.0, 2.0), (0.0, 1.5), (-0.5, 3.0), (0.25, 1.0), (-1.0, 0.0), (0.1, 0.9))
HAIR = 1e-3  # share by which a claim made from samples is false


def samples(draws: np.random.Generator, low: float, high: float, size: int) -> Array:
    """Return points of a box: random ones, corners, round numbers, ties, small neighbourhoods."""
    some = draws.uniform(low, high, (SAMPLES - 3000, size))
    whole = np.linspace(np.ceil(low * 4) / 4, np.floor(high * 4) / 4, 9)
    round_ = draws.choice([low, high, *whole[(whole >= low) & (whole <= high)]], (1500, size))
    tied = np.repeat(draws.uniform(low, high, (500, 1)), size, axis=1)
    away = draws.normal(size=(1000, size)) * 10.0 ** draws.uniform(-9, -1, (1000, 1))
    return np.clip(np.concatenate([some, round_, tied, round_[:1000] + away]), low, high)


def partners(draws: np.random.Generator, points: Array, low: float, high: float) -> Array:
    """Return another point for each: anywhere, a short step away, or along one axis."""
    size = points.shape[1]
    step = draws.normal(size=points.shape) * 10.0 ** draws.uniform(-4, 0.5, (len(points), 1))
    axis = np.eye(size)[draws.integers(size, size=len(points))]
    step = np.where(draws.random((len(points), 1)) < 0.5, step, step * axis)
    return np.clip(points + step, low, high)


# ---------------------------------------------------------------- the truth, in balls
def value(program: Program, point: Array) -> Any:
    """Return the value at an exact point as a ball, and the node that has none, if any."""
    leaves = {"x": point} if program.vector else dict(
        zip(program.names, map(np.asarray, point), strict=True))
    lifted = lift(lambda given: program.function(*given.values()), leaves)
    output = lifted.output
    if not isinstance(output, Node):
        with precision(BITS):
            return Balls(BITS).exact(np.asarray(output, dtype=float)).ravel()[0], None
    with precision(BITS):
        reading = read([output], leaves, Balls(BITS))
        for node in topological([output]):
            if node.op in SCALARS and node.inputs and _undefined(node, reading):
                return plain(reading[output]).ravel()[0], node
        return plain(reading[output]).ravel()[0], None


def _undefined(node: Node, reading: Any) -> bool:
    """Tell whether moderate numbers went in and no number came out."""
    if not all(v.is_finite() and abs(v) < 1e6 for i in node.inputs if not i.discrete
               for v in plain(reading[i]).ravel().tolist()):
        return False
    return any(not v.is_finite() for v in plain(reading[node]).ravel().tolist())


# ---------------------------------------------------------------- claims and what speaks against
Gap = Callable[[Array, Array, Array], Array]  # f(a), f(b), distances -> positive where wrong


def claims_of(values: Array, pairs: tuple[Array, Array], ends: tuple[Array, Array],
              names: str) -> dict[str, Gap]:
    """Return claims with the gap by which two values speak against them."""
    (fa, fb), (a, b) = pairs, ends
    first, last = np.quantile(values, [HAIR, 1 - HAIR]).tolist()
    found: dict[str, Gap] = {
        f"f <= {last!r}": lambda p, q, d: p - last,
        f"f >= {first!r}": lambda p, q, d: first - p,
    }
    for order, text in ((1, "1"), (2, "2"), (np.inf, "inf")):
        distance = np.linalg.norm(a - b, ord=order, axis=1)
        far = distance > 1e-6
        if not far.any():
            continue
        steep = float(np.max(np.abs(fa - fb)[far] / distance[far])) * (1 - HAIR)
        found[f"{steep!r}-Lipschitz ({text})"] = (
            lambda p, q, d, steep=steep, order=order: abs(p - q) - steep * d[order])
    for axis, name in enumerate(names):
        rise = (fb - fa) * distances(a, b)["up"][axis]
        apart = np.abs(a - b)[:, axis]
        slopes = rise[apart > 1e-6] / apart[apart > 1e-6]
        found[f"increasing in {name}"] = (
            lambda p, q, d, axis=axis: (p - q) * d["up"][axis])
        found[f"decreasing in {name}"] = (
            lambda p, q, d, axis=axis: (q - p) * d["up"][axis])
        steepest = float(np.max(slopes, initial=-np.inf))
        if np.isfinite(steepest):
            bound = steepest - HAIR * abs(steepest)
            found[f"df/d{name} <= {bound!r}"] = (
                lambda p, q, d, axis=axis, bound=bound:
                ((q - p) * d["up"][axis] - bound * d[1]) * abs(d["up"][axis]))
    return found


def distances(a: Array, b: Array) -> dict[Any, Any]:
    """Return how far two points are apart, and along which axis alone b lies above a."""
    gap = b - a
    alone = [np.all(np.delete(gap, k, axis=-1) == 0, axis=-1) for k in range(gap.shape[-1])]
    return {1: np.sum(np.abs(gap), axis=-1), 2: np.sqrt(np.sum(gap * gap, axis=-1)),
            np.inf: np.max(np.abs(gap), axis=-1),
            "up": [np.where(alone[k], np.sign(gap[..., k]), 0.0) for k in range(gap.shape[-1])]}


BENT = {"convex": 1.0, "concave": -1.0}
SMOOTH = ("C0", "C1", "C2")


def contradictions(program: Program, box: tuple[float, float], seed: int,
                   budget: float) -> tuple[dict[str, str], list[str]]:
    """Return the verdicts and what samples, confirmed in balls, say against the PROVED ones."""
    draws = np.random.default_rng(seed)
    points = samples(draws, *box, program.size)
    others = partners(draws, points, *box)
    values, there = program.on(points), program.on(others)
    good = np.isfinite(values) & np.isfinite(there)
    if good.sum() < 100:
        return {}, []
    pairs, ends = (values[good], there[good]), (points[good], others[good])
    claims = claims_of(values[good], pairs, ends, "" if program.vector else program.names)
    told = verdicts(program, box, [*claims, *BENT, "affine", "0.5-strongly convex", *SMOOTH],
                    budget)
    proved = [c for c, verdict in told.items() if verdict == "PROVED"]
    wrong = [f"{proved}: undefined at {p.tolist()} ({node.op})"
             for p in points[~np.isfinite(values)][:5] if proved
             and (node := value(program, p)[1]) is not None]
    if told.get("C0") != "PROVED":  # the slope off a jump says nothing of chords across it
        proved = [c for c in proved if not c.startswith("df/d")]
    with np.errstate(all="ignore"):
        for claim in proved:
            if claim in claims:
                wrong += by_pairs(program, claim, claims[claim], pairs, ends)
        wrong += by_chords(program, proved, *ends)
        wrong += by_halving(program, proved, *ends)
    return told, wrong


def verdicts(program: Program, box: tuple[float, float], claims: list[str],
             budget: float) -> dict[str, str]:
    low, high = box
    on = {"x": f"[{low}, {high}]^(3)"} if program.vector else dict.fromkeys(
        program.names, f"[{low}, {high}]")
    (check,) = vf.verify(program.function, on=on, claims=claims, budget=budget,
                         effort="quick").checks
    assert "bad-claim" not in check.error and "unknown" not in check.error, check.error
    return {c.claim: c.verdict.value for c in check.claims} or {"error": check.error}


def by_pairs(program: Program, claim: str, gap: Gap, pairs: Any, ends: Any) -> list[str]:
    (fa, fb), (a, b) = pairs, ends
    wrong = gap(fa, fb, distances(a, b))
    noise = 1e-13 * (1 + np.abs(fa) + np.abs(fb))
    for k in np.argsort(-(wrong / noise))[:3]:
        if wrong[k] > noise[k]:
            with precision(BITS):
                exact = [value(program, p)[0] for p in (a[k], b[k])]
                if gap(*exact, distances(a[k], b[k])) > 1e-14:
                    return [f"{claim}: f({a[k].tolist()}) = {fa[k]!r}, "
                            f"f({b[k].tolist()}) = {fb[k]!r}"]
    return []


def by_chords(program: Program, proved: list[str], a: Array, b: Array) -> list[str]:
    """Compare the middle of every chord with its ends, on a grid where the middle is exact."""
    grid = 2.0**-30
    a, b = np.round(a / grid) * grid, np.round(b / grid) * grid
    middle = (a + b) / 2
    fa, fb, fm = (program.on(p) for p in (a, b, middle))
    found = []
    bent = 0.25 * np.sum((a - b) ** 2, axis=1) / 4
    for claim, gap in (("convex", fm - (fa + fb) / 2), ("concave", (fa + fb) / 2 - fm),
                       ("affine", np.abs(fm - (fa + fb) / 2)),
                       ("0.5-strongly convex", fm + bent - (fa + fb) / 2)):
        noise = 1e-13 * (1 + np.abs(fa) + np.abs(fb))
        worst = np.nan_to_num(gap / noise, nan=-1.0)
        for k in np.argsort(-worst)[:3] if claim in proved else ():
            with precision(BITS):
                p, q, m = (value(program, x[k])[0] for x in (a, b, middle))
                exact = m - (p + q) / 2
                exact = {"concave": -exact, "affine": abs(exact)}.get(claim, exact)
                exact += float(bent[k]) if claim.startswith("0.5") else 0
                if worst[k] > 1 and exact > 1e-14:
                    found.append(f"{claim}: chord {a[k].tolist()} to {b[k].tolist()}")
    return found[:1]


def by_halving(program: Program, proved: list[str], a: Array, b: Array) -> list[str]:
    """Halve the steepest chords 44 times: a value that still jumps is no continuous function."""
    if "C0" not in proved:
        return []
    fa, fb = program.on(a), program.on(b)
    for _ in range(44):
        middle = (a + b) / 2
        fm = program.on(middle)
        left = np.abs(fm - fa) >= np.abs(fb - fm)
        a, b = np.where(left[:, None], a, middle), np.where(left[:, None], middle, b)
        fa, fb = np.where(left, fa, fm), np.where(left, fm, fb)
    jump = np.nan_to_num(np.abs(fa - fb))
    for k in np.argsort(-jump)[:2]:
        if jump[k] > 1e-3 * (1 + abs(fa[k])):
            with precision(BITS):
                p, q = (value(program, x[k])[0] for x in (a, b))
                if abs(p - q) > 1e-4:
                    return [f"C0: a jump of {jump[k]!r} near {a[k].tolist()}"]
    return []


ROWS = sorted(SCALARS)


def fuzz(seed: int, budget: float = 1.0) -> tuple[str, dict[str, str], list[str]]:
    """Return a random program with its verdicts and what contradicts them."""
    draws = np.random.default_rng([seed, 303])
    arguments, vector = (("x", False), ("xy", False), ("x", True))[seed % 3]
    program = random_program(draws, arguments, vector, ROWS[seed % len(ROWS)])
    box = BOXES[draws.integers(len(BOXES))]
    text = f"seed {seed}, box {box}\n{program.text}"
    try:
        return text, *contradictions(program, box, seed, budget)
    except VerifierError as error:
        return text, {"error": str(error)}, []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(16))
def test_no_proof_is_contradicted_by_samples(seed: int) -> None:
    text, _, wrong = fuzz(seed, 0.4)
    assert not wrong, text + "\n".join(wrong)
