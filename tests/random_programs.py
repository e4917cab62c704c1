"""Random programs over every row of the table, in numpy and scipy, and what samples say of them.

A program takes a number x, two numbers x and y, or a vector x of three, and works on a batch of
them at once: the engine sees one point, the samples are drawn by the thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from verifier.primitives.table import SCALARS

Array = np.ndarray
BY_HAND = {
    "sech": "(1 / np.cosh({0}))", "gaussian": "np.exp(-{0} * {0})", "relu": "np.maximum({0}, 0.0)",
    "hazard": "np.exp(-{0} * {0} / 2 - scipy.special.log_ndtr({0}))",
    "softplus": "np.logaddexp(0.0, {0})", "sinc_derivative": "np.sinc({0} - {1})",
    "exp_moment": "(np.expm1({0}) * {1})", "bessel_i": "scipy.special.iv(1.0, {0})",
    "polygamma": "scipy.special.polygamma(1, {0})",
    "gammainc": "scipy.special.gammainc(1.5, {0})",
    "gammaincc": "scipy.special.gammaincc(2.0, {0})",
    "betainc": "scipy.special.betainc(2.0, 1.5, {0})",
}  # fmt: skip
DECIDED = (
    "np.where({0} > {1}, {0}, {1} * {1})", "np.where({0} >= 0.25, {0}, 0.5 * {0})",
    "np.where(np.abs({0}) < 1, {0} * {0} / 2, np.abs({0}) - 0.5)", "np.clip({0}, -1.0, 1.0)",
    "np.where({0} < 0, -{0}, {0})", "np.where({0} > 0, {1}, 0.0)", "np.maximum({0}, -{0})",
    "np.where({0} > 0, {0}, 0.01 * {0})", "({0} * ({1} > 0.5))",
)
MIXED = (
    "np.cumsum({0}, axis=-1)", "({0} @ W)", "np.sort({0}, axis=-1)", "{0}[..., [2, 0, 1]]",
    "({0} - np.max({0}, axis=-1, keepdims=True))", "np.sum({0}, axis=-1, keepdims=True) + {1}",
    "({0} / np.sqrt(np.sum({0} * {0}, axis=-1, keepdims=True) + 0.5))",
    "np.exp({0} - np.log(np.sum(np.exp({0}), axis=-1, keepdims=True)))", "np.diff({0}, append=0.0)",
)
REDUCED = (
    "np.sum({0}, axis=-1)", "np.max({0}, axis=-1)", "np.mean({0}, axis=-1)",
    "np.sqrt(np.sum({0} * {0}, axis=-1))", "np.log(np.sum(np.exp({0}), axis=-1))",
    "np.min({0}, axis=-1)", "np.sum(np.abs({0}), axis=-1)", "{0}[..., 1]",
)
ARITHMETIC = ("({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} + 0.5)", "(2.0 * {0})", "(-{0})",
              "({0} / 3.0)", "({0} ** 2)", "({0} ** 3)", "(1.0 - {0})")


def spelling(name: str) -> str:
    """Return how a row is written: numpy's name, else scipy's, else by hand."""
    if name in BY_HAND:
        return BY_HAND[name]
    spelled = SCALARS[name].spelled
    lists = "{0}" if SCALARS[name].arity == 1 else "{0}, {1}"
    for module, owner, prefix in (("numpy", np, "np"), ("scipy", scipy.special, "scipy.special")):
        for known in spelled.get(module, ()):
            if hasattr(owner, known):
                return f"{prefix}.{known}({lists})"
    raise AssertionError(f"no spelling of {name}")


ROWS = {name: spelling(name) for name in SCALARS}


@dataclass(frozen=True)
class Program:
    """A function with its source; it takes `names` numbers, or one vector of three."""

    text: str
    function: Callable[..., Any]
    names: str
    vector: bool

    @property
    def size(self) -> int:
        return 3 if self.vector else len(self.names)

    def on(self, points: Array) -> Array:
        """Return the values at points (n, arguments)."""
        with np.errstate(all="ignore"):
            args = (points,) if self.vector else tuple(points.T)
            return np.broadcast_to(np.asarray(self.function(*args), dtype=float), len(points))


def random_program(
    draws: np.random.Generator, arguments: str, vector: bool, row: str | None = None
) -> Program:
    """Return a program of a few steps of "x" or "xy"; `row` stands in it for certain."""
    names = list(arguments)
    lines = []
    steps = int(draws.integers(1, 6))
    certain = int(draws.integers(steps))
    for k in range(steps):
        shape = ROWS[row] if row and k == certain else _shape(draws, vector)
        a = names[-1] if draws.random() < 0.6 else names[draws.integers(len(names))]
        b = names[draws.integers(len(names))]
        if draws.random() < 0.3:
            b = str(float(draws.choice([0.5, 1.0, 2.0, -1.0, 3.0])))
        lines.append(f"    t{k} = {shape.format(a, b)}")
        names.append(f"t{k}")
    last = REDUCED[draws.integers(len(REDUCED))].format(names[-1]) if vector else names[-1]
    lines.append(f"    return {last}")
    weights = np.round(draws.normal(size=(3, 3)), 1)
    text = f"def f({', '.join(arguments)}):\n" + "\n".join(lines) + "\n"
    scope: dict[str, Any] = {"np": np, "scipy": scipy, "W": weights}
    exec(compile(text, "<program>", "exec"), scope)
    told = f"# W = {weights.tolist()}\n" if "W" in text else ""
    return Program(text + told, scope["f"], arguments, vector)


def _shape(draws: np.random.Generator, vector: bool) -> str:
    kind = draws.random()
    if kind < 0.4:
        return ROWS[list(ROWS)[draws.integers(len(ROWS))]]
    if kind < 0.65:
        return ARITHMETIC[draws.integers(len(ARITHMETIC))]
    if vector and kind < 0.8:
        return MIXED[draws.integers(len(MIXED))]
    if kind < 0.85:
        return DECIDED[draws.integers(len(DECIDED))]
    tame = ("tanh", "sigmoid", "softplus", "relu", "exp", "absolute", "square", "sin", "maximum")
    return ROWS[tame[draws.integers(len(tame))]]
