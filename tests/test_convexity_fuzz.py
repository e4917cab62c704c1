"""Random functions written as a user would: no proof is contradicted, nothing convex is refuted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf

SAMPLES = 10_000
LOW, HIGH = -1.0, 1.5
POSITIVE = 0.25

# Ways to build; {a} and {b} are parts that are built already.
ANY = ("np.tanh({a})", "np.sin({a})", "({a}) * ({b})", "({a}) + ({b})", "({a}) - ({b})",
       "np.exp(0.5 * ({a}))", "np.abs({a})", "np.sqrt(1 + ({a}) ** 2)", "np.maximum({a}, {b})",
       "np.minimum({a}, 0.5)", "np.log1p(np.exp({a}))", "({a}) ** 2", "({a}) ** 3",
       "np.arctan({a})", "np.cosh({a})", "({a}) / (1.5 + np.cosh({b}))", "np.log(2 + np.cos({a}))")
KEEPING = ("({a}) + ({b})", "np.maximum({a}, {b})", "np.exp(0.3 * ({a}))", "2.5 * ({a})",
           "np.logaddexp({a}, {b})", "np.maximum({a}, 0) ** 2", "np.log(np.exp({a}) + np.exp({b}))",
           "np.maximum({a}, 0.0)")
STARTING = ("{l} ** 2", "np.abs({l})", "np.exp({l})", "np.sqrt(0.5 + {l} ** 2)", "{l}",
            "np.logaddexp(0, {l})", "-np.log({p})", "{p} * np.log({p})", "{l} ** 2 / {p}",
            "-np.sqrt({p} * {q})", "1 / ({p} * {q})", "np.cosh({l})", "-({p} ** 0.3 * {q} ** 0.5)",
            "{p} * np.exp({l} / {p})", "-1 / (1 / {p} + 1 / {q})")


def number(draws: np.random.Generator) -> str:
    return str(round(float(draws.normal()), 2))


def line(draws: np.random.Generator) -> str:
    return f"({number(draws)} * x[0] + {number(draws)} * x[1] + {number(draws)})"


def positive(draws: np.random.Generator) -> str:
    """Return an affine value of at least POSITIVE on the box."""
    a, b = (abs(float(number(draws))) for _ in range(2))
    return f"({a} * (x[0] + 1) + {b} * (x[1] + 1) + {POSITIVE})"


def convex(draws: np.random.Generator, depth: int) -> str:
    if depth == 0:
        start = str(draws.choice(STARTING))
        return "(" + start.format(l=line(draws), p=positive(draws), q=positive(draws)) + ")"
    rule = str(draws.choice(KEEPING))
    return rule.format(a=convex(draws, depth - 1), b=convex(draws, depth - 1))


def anything(draws: np.random.Generator, depth: int) -> str:
    if depth == 0:
        return line(draws)
    rule = str(draws.choice(ANY))
    return rule.format(a=anything(draws, depth - 1), b=anything(draws, depth - 1))


def made(text: str) -> Any:
    scope: dict[str, Any] = {"np": np}
    exec(f"def subject(x):\n    return {text}\n", scope)
    return scope["subject"]


def told(text: str, claim: str) -> str:
    (check,) = vf.verify(made(text), on={"x": f"[{LOW}, {HIGH}]^(2)"}, claims=[claim],
                         budget=1.5).checks
    assert not check.error, (text, check.error)
    return str(check.claims[0].verdict.value)


def violated(text: str, sign: float, draws: np.random.Generator) -> bool:
    """Tell whether a sampled midpoint lies above its chord by more than floats can err."""
    function = made(text)
    a = draws.uniform(LOW, HIGH, size=(2, SAMPLES))
    b = np.where(draws.random((1, SAMPLES)) < 0.5, draws.uniform(LOW, HIGH, size=(2, SAMPLES)),
                 np.clip(a + 0.1 * draws.normal(size=(2, SAMPLES)), LOW, HIGH))
    with np.errstate(all="ignore"):
        fa, fb, fm = (function(p) * np.ones(SAMPLES) for p in (a, b, (a + b) / 2))
    noise = 1e-11 * (1 + np.abs(fa) + np.abs(fb) + np.abs(fm))
    return bool(np.any(~np.isfinite(fm)) or np.any(sign * (fm - (fa + fb) / 2) > noise))


@pytest.mark.parametrize("seed", range(8))
def test_no_proof_is_contradicted_by_chords(seed: int) -> None:
    draws = np.random.default_rng([seed, 77])
    text = anything(draws, 2)
    for claim, sign in (("convex", 1.0), ("concave", -1.0)):
        if told(text, claim) == "PROVED":
            assert not violated(text, sign, draws), (text, claim)


@pytest.mark.parametrize("seed", range(15))
def test_what_is_convex_by_construction_is_never_refuted(seed: int) -> None:
    draws = np.random.default_rng([seed, 78])
    text = convex(draws, seed % 3)
    assert not violated(text, 1.0, draws), text
    wanted = ("PROVED",) if seed % 3 == 0 else ("PROVED", "UNDECIDED")
    assert told(text, "convex") in wanted, text
