"""Nets with output weights of both signs, made convex by mu/2 |x|^2 and by nothing simpler."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray


def softplus(z: Array) -> Array:
    """Return log(1 + exp z) as numpy spells it."""
    return np.logaddexp(0, z)


@dataclass(frozen=True)
class Net:
    """A fixed net on four numbers; `most_boxes` is what its proof may cost."""

    name: str
    sizes: tuple[int, ...]
    activation: Callable[[Array], Array]
    scale: float
    mu: float
    most_boxes: int

    def layers(self) -> list[tuple[Array, Array]]:
        random = np.random.default_rng(1)
        pairs = list(itertools.pairwise(self.sizes))
        weights = [(self.scale * random.normal(size=(m, n)) / np.sqrt(n)).round(3)
                   for n, m in pairs]
        return [(w, (0.3 * random.normal(size=len(w))).round(3)) for w in weights]

    def function(self, x):
        """Return the net's value plus mu/2 |x|^2."""
        z = x
        *hidden, (last, offset) = self.layers()
        for weight, bias in hidden:
            z = self.activation(weight @ z + bias)
        return (last @ z + offset)[0] + self.mu / 2 * np.sum(x * x)


NETS = (
    Net("4-12-1 tanh", (4, 12, 1), np.tanh, 0.5, 0.125, 10),
    Net("4-12-1 softplus", (4, 12, 1), softplus, 1.0, 0.1875, 10),
    Net("4-12-12-1 tanh", (4, 12, 12, 1), np.tanh, 0.7, 0.25, 1000),
    Net("4-12-12-1 softplus", (4, 12, 12, 1), softplus, 1.0, 0.1875, 1000),
)


def least_eigenvalue(net: Net, count: int = 200) -> float:
    """Return the smallest eigenvalue of Hessians sampled in [-.5, .5]^4, corners included."""
    random = np.random.default_rng(5)
    points = [*random.uniform(-0.5, 0.5, size=(count, 4)),
              *0.5 * np.array(list(itertools.product((-1.0, 1.0), repeat=4)))]
    return min(float(np.linalg.eigvalsh(_hessian(net, x))[0]) for x in points)


def _hessian(net: Net, x: Array, step: float = 1e-4) -> Array:
    steps = step * np.eye(4)
    out = np.empty((4, 4))
    for i, j in itertools.product(range(4), repeat=2):
        a, b = steps[i], steps[j]
        out[i, j] = (net.function(x + a + b) - net.function(x + a - b)
                     - net.function(x - a + b) + net.function(x - a - b)) / (4 * step * step)
    return out


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(-z))."""
    return 1 / (1 + np.exp(-z))


def silu(z: Array) -> Array:
    """Return z sigmoid(z)."""
    return z / (1 + np.exp(-z))


def wide_nets(least: float = 0.05, only: str = "") -> tuple[Net, ...]:
    """Return nets of weights of size 1/sqrt(n), mu such that the least eigenvalue is `least`.

    The least eigenvalue is that of sampled Hessians, to 1/64; `least` below 0 spoils them. `only`
    picks one by name.
    """
    plain = (("4-12-1 tanh", (4, 12, 1), np.tanh, 10), ("4-12-1 sin", (4, 12, 1), np.sin, 10),
             ("4-12-1 silu", (4, 12, 1), silu, 10),
             ("4-12-12-1 silu", (4, 12, 12, 1), silu, 1000),
             ("4-12-12-1 sigmoid", (4, 12, 12, 1), sigmoid, 1000))
    found = []
    for name, sizes, activation, most in plain:
        if only not in ("", name):
            continue
        flat = Net(name, sizes, activation, 1.0, 0.0, most)
        mu = np.ceil(64 * (least - least_eigenvalue(flat))) / 64
        found.append(Net(name, sizes, activation, 1.0, float(mu), most))
    return tuple(found)
