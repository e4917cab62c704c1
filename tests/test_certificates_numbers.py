"""The checker's own numbers: what a tape encloses is what the program does, by Taylor series."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from verifier.certificate.arrays import run
from verifier.certificate.curving import _all, ledger_of
from verifier.certificate.enclosing import BITS, Enclosure, Side
from verifier.certificate.ground import Ground
from verifier.certificate.questions import Look, again, look
from verifier.certificate.settling import settled
from verifier.certificate.taylor import NoReading, number, precision

UNARY: tuple[Callable[[Any], Any], ...] = (
    np.exp, np.tanh, np.sin, np.cos, np.arctan, np.abs, np.cosh, np.arcsinh,
    lambda v: np.log(v * v + 1), lambda v: np.sqrt(v * v + 0.5), lambda v: np.log1p(np.exp(v)),
    lambda v: 1 / (1 + np.exp(-v)), lambda v: v**3, lambda v: v * v, lambda v: np.maximum(v, 0),
    lambda v: np.where(v > 0.25, v, np.exp(v)), lambda v: np.clip(v, -0.5, 0.75),
    lambda v: np.log(np.cosh(v)), lambda v: np.sinh(v / 2), lambda v: np.exp(-v * v),
    lambda v: v**2 / (2 + np.tanh(v)),
    lambda v: (v * v + 0.1) ** 1.5, lambda v: v * (v > 0), lambda v: np.logaddexp(v, 0.3 * v),
    lambda v: (1 + v * v) * np.log(1 + v * v), lambda v: v / (1 + np.abs(v)),
)
BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    np.add, np.subtract, np.multiply, np.maximum, np.logaddexp,
    lambda a, b: a / (b * b + 1), lambda a, b: a * a / (b * b + 0.5),
    lambda a, b: np.log(np.exp(a) + np.exp(b) + 1), lambda a, b: np.hypot(a, b + 0.3),
    lambda a, b: np.where(a > b, a * b, b),
)
Program = Callable[[Any], Any]


def program_of(seed: int) -> Program:
    """Return a random program of two numbers."""
    chance = random.Random(seed)
    steps = [(chance.choice(UNARY), chance.randrange(99), None) if chance.random() < 0.55 else
             (chance.choice(BINARY), chance.randrange(99), chance.randrange(99))
             for _ in range(chance.randint(2, 6))]
    weights = [chance.choice([-1.5, -0.5, 0.25, 1.0, 2.0]) for _ in range(3)]

    def program(x: Any) -> Any:
        known = [x[0], x[1], weights[0] * x[0] + weights[1] * x[1] + 0.125 * weights[2]]
        for step, i, j in steps:
            a = known[i % len(known)]
            known.append(step(a) if j is None else step(a, known[j % len(known)]))
        return known[-1] + 0.5 * known[-2]

    return program


def ground_of(program: Program) -> Ground:
    sides = {("x", k): Side(Fraction(-2), Fraction(2)) for k in range(2)}
    return Ground(lambda leaves: program(leaves["x"]), {"x": np.zeros(2)}, sides, tuple(sides))


def series(program: Program, point: Any, way: Any) -> list[arb]:
    """Return f and its first two derivatives along a direction, by series of balls."""
    found = number(run(lambda leaves: program(leaves["x"]), {"x": point}, 256, {"x": way}, 2))
    return [found.coefficient(0), found.coefficient(1), 2 * found.coefficient(2)]


def box_of(low: Any, high: Any) -> dict[int, Side]:
    return {k: Side(Fraction(a), Fraction(b)) for k, (a, b) in enumerate(
        zip(low.tolist(), high.tolist(), strict=True))}


def holds(at: Look, entry: int, value: arb) -> bool:
    v = at.enclosure.value(entry)
    slack = arb("1e-14") * (1 + abs(value))  # constants that the code folds in floats are rounded
    return v.ok and not (value + slack < v.lo) and not (value - slack > v.hi)


@pytest.mark.parametrize("seed", range(80))
def test_a_tape_encloses_value_slope_and_curvature(seed: int) -> None:
    program, numbers = program_of(seed), np.random.default_rng(seed)
    ground, point, way = ground_of(program), numbers.uniform(-1.5, 1.5, 2), np.array([1.0, -0.5])
    value, slope, bend = series(program, point, way)
    with precision(BITS):
        at = look(ground, box_of(point, point))
        at = Look(ground, at.written, at.enclosure, tuple(settled(at.enclosure, at.outputs)))
        tape = at.written.tape
        assert holds(at, at.outputs[0], value)
        first, second = at.slopes()[0]
        assert holds(at, tape.add(first, second, -tape.number(tape.constant(1)) / 2), slope)
        page = ledger_of(tape, at.outputs[0], ground.wanted(), 1, Fraction(0))
        if page.signs:
            return  # atoms known to be convex carry no matrix
        total = arb(0)
        for factor, u, v in _all(page):
            c, *rest = (x.lo.union(x.hi) for x in at.values((factor, *u, *v)))
            total += c * (rest[0] - rest[1] / 2) * (rest[2] - rest[3] / 2)
        assert total.overlaps(bend) or abs(total - bend) < arb("1e-12") * (1 + abs(bend))


@pytest.mark.parametrize("seed", range(80))
def test_what_a_box_encloses_holds_at_its_points(seed: int) -> None:
    program, numbers = program_of(seed), np.random.default_rng(seed)
    centre, reach = numbers.uniform(-1.5, 1.5, 2), numbers.uniform(0.01, 0.8)
    ground = ground_of(program)
    with precision(BITS):
        box = box_of(centre - reach, centre + reach)
        at = look(ground, box)
        at = again(at) or at
        entries = at.slopes()[0]
    for _ in range(12):
        point = numbers.uniform(centre - reach, centre + reach)
        rows = [series(program, point, way) for way in np.eye(2)]
        with precision(BITS):
            assert not at.enclosure.value(at.outputs[0]).ok or holds(at, at.outputs[0], rows[0][0])
            for entry, (_, slope, _) in zip(entries, rows, strict=True):
                assert not at.enclosure.value(entry).ok or holds(at, entry, slope)


FAR: tuple[Callable[[Any], Any], ...] = (
    lambda x: x / (1 + np.exp(-x)), lambda x: x * np.exp(-x * x), lambda x: np.tanh(x) * x - x,
    lambda x: x * np.tanh(np.log1p(np.exp(x))), lambda x: x / (1 + np.abs(x)),
    lambda x: x / np.sqrt(1 + x * x), lambda x: (x * x + x) * np.exp(-np.abs(x)),
    lambda x: np.log1p(np.exp(x)) - np.maximum(x, 0), lambda x: 1 / (x * x + 1) * x,
    lambda x: x * (1 + np.tanh(0.75 * (x + 0.0447 * x**3))) / 2,
    lambda x: (x**4 - x) * np.exp(-x * x) + np.log(np.cosh(x)) - np.abs(x),
    lambda x: np.where(x > 3, 1 / x, x * np.exp(x)), lambda x: np.exp(-1 / (1 + x * x)) * 2,
)


@pytest.mark.parametrize("place", range(len(FAR)))
@pytest.mark.parametrize("way", [1, -1])
def test_tails_enclose_what_lies_far_out(place: int, way: int) -> None:
    function = FAR[place]
    sides = {("x", 0): Side(None, None)}
    ground = Ground(lambda leaves: function(leaves["x"]), {"x": np.array(0.0)}, sides,
                    tuple(sides))
    side = Side(Fraction(4), None) if way > 0 else Side(None, Fraction(-4))
    told = 0
    with precision(BITS):
        at = look(ground, {0: side})
        at = again(at) or at
        entries = [at.outputs[0], *at.slopes()[0]]
        told = sum(v.lo.is_finite() or v.hi.is_finite() for v in at.values(entries))
    for size in (4.0, 4.5, 7.0, 20.0, 60.0, 300.0, 1e4):
        found = run(lambda leaves: function(leaves["x"]), {"x": np.array(way * size)}, 256,
                    {"x": np.array(1.0)}, 1)
        with precision(BITS):
            for order, entry in enumerate(entries):
                v = at.enclosure.value(entry)
                assert not v.ok or holds(at, entry, found.coefficient(order)), (size, order)
    assert told, "the tail says something"


def test_an_undecided_choice_counts_both_branches() -> None:
    sides = {("x", 0): Side(Fraction(-1), Fraction(2))}
    ground = Ground(lambda leaves: np.where(leaves["x"] > 0, 5.0, -leaves["x"]),
                    {"x": np.array(0.0)}, sides, tuple(sides))
    with precision(BITS):
        at = look(ground, ground.box())
        (found,) = at.values(at.outputs)
        assert found.lo <= -2 and found.hi >= 5
        assert not at.continuous(), "5 and -x do not meet at 0"


@pytest.mark.parametrize(
    ("function", "low"),
    [(np.log, -1), (np.sqrt, -1), (lambda x: 1 / x, -1), (lambda x: x**0.5, -1),
     (lambda x: np.log(x) * 0, -1), (lambda x: x / (x - x), 1)],
)
def test_what_may_be_undefined_is_said(function: Any, low: int) -> None:
    sides = {("x", 0): Side(Fraction(low), Fraction(2))}
    ground = Ground(lambda leaves: function(leaves["x"]), {"x": np.array(0.5)}, sides,
                    tuple(sides))
    with precision(BITS):
        try:
            at = look(ground, ground.box())
        except NoReading:
            return
        assert not at.enclosure.value(at.outputs[0]).ok
        assert not Enclosure(at.written.tape, ground.box()).value(at.outputs[0]).ok
