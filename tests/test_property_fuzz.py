"""Soundness is sacred: random functions, 10^4 samples each, no PROVED is ever contradicted."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import verifier as vf

ONE = (
    "np.tanh({})", "np.exp(-np.abs({}))", "np.sin({})", "np.maximum({}, 0)", "np.abs({})",
    "np.sqrt(np.abs({}) + 0.5)", "np.log1p(np.exp({}))", "({})**2", "({})**3",
    "1 / (1 + np.exp(-({})))", "np.where({} > 0.25, {}, 0.5 * ({}))", "np.floor({})",
    "np.minimum({}, 1)", "np.log(np.abs({}) + 1)", "np.sign({})", "np.arctan({})",
    "np.where(np.abs({}) < 1, ({})**2 / 2, np.abs({}) - 0.5)", "np.clip({}, -1, 1)",
    "np.exp(-({})**2)", "np.round({})", "1 / (1 + ({})**2)",
)
TWO = ("({}) + ({})", "({}) * ({})", "({}) - ({})", "np.maximum({}, {})",
       "({}) / (1 + np.abs({}))", "np.logaddexp({}, {})")
BOXES = {1: ((-2.0, 2.0), (-0.5, 3.0), (0.0, 1.5), (-np.inf, np.inf)), 2: ((-2.0, 2.0), (0.0, 1.5))}


def expression(draw: random.Random, depth: int, names: list[str]) -> str:
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(names) if draw.random() < 0.8 else draw.choice(["0.5", "2", "0.3"])
    if draw.random() < 0.65:
        return draw.choice(ONE).replace("{}", expression(draw, depth - 1, names))
    return draw.choice(TWO).format(*(expression(draw, depth - 1, names) for _ in "ab"))


def samples(low: float, high: float, seed: int) -> np.ndarray:
    low, high = max(low, -60.0), min(high, 60.0)
    numbers = np.random.default_rng(seed).uniform(low, high, 9_967)
    whole = np.arange(-4, 4.25, 0.25)
    return np.sort(np.concatenate([numbers, whole[(whole > low) & (whole < high)]]))


def contradicted(told: dict[str, str], rise: np.ndarray, step: Any, noise: float) -> list[str]:
    """Return the claims PROVED that the samples refute; `rise` is f(x + step) - f(x)."""
    steep = {k: np.abs(rise) > k * step * (1 + 1e-6) + noise for k in (1, 3)}
    seen = {
        "increasing in x": rise < -noise, "decreasing in x": rise > noise,
        "strictly increasing in x": rise < -noise,
        "1-Lipschitz in x": steep[1], "3-Lipschitz in x": steep[3],
    }  # fmt: skip
    return [c for c, wrong in seen.items() if told.get(c) == "PROVED" and wrong.any()]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("arguments", [1, 2])
@pytest.mark.parametrize("seed", range(14))
def test_no_proof_is_contradicted_by_samples(arguments: int, seed: int) -> None:
    draw = random.Random(1000 * arguments + seed)
    names = ["x", "y"][:arguments]
    scope: dict[str, Any] = {"np": np}
    text = f"0 * x + {expression(draw, draw.choice([2, 3]), names)}"
    exec(f"def f({', '.join(names)}):\n    return {text}", scope)
    low, high = draw.choice(BOXES[arguments])
    x = samples(low, high, seed)
    others = [np.random.default_rng(seed).uniform(low, high, x.size) for _ in names[1:]]
    values = np.broadcast_to(scope["f"](x, *others), x.shape)
    least, most = float(values.min()), float(values.max())
    slack = 0.01 * max(most - least, 1e-3)
    claims = ["increasing in x", "decreasing in x", "strictly increasing in x",
              "1-Lipschitz in x", "3-Lipschitz in x", "C0", "C1", "C2",
              f"f <= {most - slack!r}", f"f >= {least + slack!r}"]
    bounds = f"[{low}, {high}]" if np.isfinite(high) else "(-oo, oo)"
    (check,) = vf.verify(scope["f"], on=dict.fromkeys(names, bounds), claims=claims, budget=3.0,
                         effort="quick").checks
    assert not check.error, (text, check.error)
    told = {c.claim: c.verdict.value for c in check.claims}
    if arguments == 1:
        rise, step = np.diff(values), np.diff(x)
    else:
        step = (high - low) / 500
        start = np.minimum(x, high - step)
        rise = scope["f"](start + step, *others) - scope["f"](start, *others)
    noise = 1e-9 * max(1.0, abs(least), abs(most))
    assert not contradicted(told, np.broadcast_to(rise, np.shape(rise)), step, noise), text
    assert "PROVED" not in (told[claims[-1]], told[claims[-2]]), text
    order = [told[c] for c in ("C0", "C1", "C2")]
    assert not any(a == "REFUTED" and b == "PROVED" for a, b in pairwise(order))
