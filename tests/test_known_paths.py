"""A path that was lifted before is not lifted again, and never stands for another program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.checks import lifting
from verifier.checks.known_paths import Shelf
from verifier.verdicts import Verdict


def root(x: Any) -> Any:
    y = x if x > 1 else 1.0
    for _ in range(60):
        new = 0.5 * (y + x / y)
        if abs(new - y) <= 1e-15 * abs(new):
            break
        y = new
    return y


def droot(x: Any) -> Any:
    return 0.5 / root(x)


def droot_wrong_below_two(x: Any) -> Any:
    return 0.5 / root(x) * (1.25 if x < 2 else 1.0)


def lifts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    count, lifted = [0], lifting._lifted

    def counted(*arguments: Any) -> Any:
        count[0] += 1
        return lifted(*arguments)

    monkeypatch.setattr(lifting, "_lifted", counted)
    return count


@pytest.mark.parametrize(("derivative", "verdict"), [
    (droot, Verdict.PASSED), (droot_wrong_below_two, Verdict.REFUTED),
])  # fmt: skip
def test_lifts_are_shared_and_the_answer_is_that_without(
    monkeypatch: pytest.MonkeyPatch, derivative: Any, verdict: Verdict
) -> None:
    def ask() -> tuple[Any, ...]:
        claim = vf.verify(root, on={"x": "[1.5, 9]"}, derivative=derivative, effort="quick",
                          budget=60).checks[0].claims[0]
        return claim.verdict, claim.points, claim.patterns, [f.rule for f in claim.findings]

    count = lifts(monkeypatch)
    shared = ask()
    few, count[0] = count[0], 0
    monkeypatch.setattr(Shelf, "keep", lambda self, lifted: None)
    assert ask() == shared and shared[0] is verdict
    assert few < count[0]
    assert verdict is Verdict.REFUTED or 4 * few <= count[0]


def test_data_beside_the_input_keeps_lifts_apart() -> None:
    def power(x: Any, n: int) -> Any:
        return x**n if x > 0 else -(x**n)

    def slope(x: Any, n: int) -> Any:
        return n * x ** (n - 1) if x > 0 else -n * x ** (n - 1)

    points = [{"x": 2.0, "n": n} for n in (2, 3, 2, 4)]
    assert vf.verify(power, at=points, derivative=slope, wrt=("x",)).holds
    wrong = vf.verify(power, at=points, derivative=lambda x, n: 2 * x, wrt=("x",))
    assert wrong.verdict is Verdict.REFUTED


def test_a_program_with_a_memory_is_lifted_anew_where_its_graph_is_refused() -> None:
    calls = np.zeros(())

    def f(x: Any) -> Any:
        return (x if x > 0 else -x) * (2.0 if calls[()] > 3 else 1.0)

    first = vf.verify(f, at=[{"x": 1.0}, {"x": 2.0}], derivative=lambda x: 1.0)
    assert first.holds
    calls[()] = 5
    assert vf.verify(f, at=[{"x": 1.0}, {"x": 2.0}], derivative=lambda x: 2.0).holds
