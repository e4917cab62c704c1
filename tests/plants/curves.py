"""Functions claimed convex: healthy ones with their proof's road, and faulty twins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RANDOM = np.random.default_rng(11)
A = RANDOM.normal(size=(5, 3)).round(2)
X = RANDOM.normal(size=(20, 3)).round(2)
LABELS = (RANDOM.random(20) > 0.5) * 1.0
CLASSES = RANDOM.integers(0, 4, 20)
TURN = np.linalg.qr(RANDOM.normal(size=(3, 3)))[0]
BARELY = TURN @ np.diag([1.0, 2.0, -1e-10]) @ TURN.T


@dataclass(frozen=True)
class Bent:
    """A function, its domain, what is claimed and what must come out, and by which road."""

    name: str
    function: Callable[..., object]
    on: str
    claim: str
    verdict: str
    road: str = ""


def softplus(x):
    return np.log(1 + np.exp(x))


def log_sum_exp(x):
    return np.log(np.sum(np.exp(A @ x + 1)))


def log_sum_exp_shifted(x):
    z = A @ x
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top)))


def root(x):
    return np.sqrt(1 + x**2)


def entropy(x):
    return x * np.log(x)


def two_softplus(x):
    return 3 * np.logaddexp(0, x) - np.logaddexp(0, 2 * x) / 2


def logistic(w):
    return np.sum(np.logaddexp(0, X @ w) - LABELS * (X @ w))


def cross_entropy(w):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(LABELS * np.log(p) + (1 - LABELS) * np.log(1 - p))


def softmax(w):
    z = X @ w
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(20), CLASSES]))


def over_linear(v):
    return v[0] ** 2 / v[1]


def barely(x):
    return x @ BARELY @ x


def quadratic(x):
    return x @ (A.T @ A + np.eye(3)) @ x


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def outer_rises(x):
    return np.exp(x**2 - 1)


def outer_falls(x):
    return (x**2 - 1) ** 2


def huber(w):
    d = X @ w - LABELS
    return np.sum(np.where(np.abs(d) <= 0.5, d * d / 2, 0.5 * (np.abs(d) - 0.25)))


def leaky_squared(x):
    z = np.where(x > 0, x, 0.2 * x)
    return z * z


def largest(x):
    return np.max(A @ x)


def kullback(x):
    return np.sum(x * np.log(x / np.roll(x, 1)))


def log_det(x):
    return np.log(x[0] * x[2] - x[1] ** 2)


def distance(x):
    return np.linalg.norm(A @ x - 1)


def cube(x):
    return x**3


def wavy(x):
    return x**2 + 0.9 * np.sin(x)


REAL, REAL3 = "(-oo, oo)", "(-oo, oo)^(3)"
BENT = (
    Bent("softplus", softplus, REAL, "convex", "PROVED", "composition"),
    Bent("logsumexp", log_sum_exp, REAL3, "convex", "PROVED", "composition"),
    Bent("logsumexp, shifted", log_sum_exp_shifted, REAL3, "convex", "PROVED", "composition"),
    Bent("root", root, REAL, "convex", "PROVED", "composition"),
    Bent("entropy", entropy, "(0, 10]", "convex", "PROVED", "composition"),
    Bent("two softplus", two_softplus, "[-30, 30]", "convex", "PROVED"),
    Bent("two softplus on the line", two_softplus, REAL, "convex", "PROVED"),
    Bent("logistic", logistic, "[-8, 8]^(3)", "convex", "PROVED", "composition"),
    Bent("cross entropy", cross_entropy, "[-8, 8]^(3)", "convex", "PROVED", "composition"),
    Bent("softmax", softmax, "[-8, 8]^(3x4)", "convex", "PROVED", "composition"),
    Bent("x^2 / y", over_linear, "[-5, 5] x (0, 9]", "convex", "PROVED", "composition"),
    Bent("x^2 / y below", over_linear, "[-5, 5] x [-9, -1]", "convex", "REFUTED"),
    Bent("barely not", barely, "[-1, 1]^(3)", "convex", "REFUTED"),
    Bent("barely not, told", barely, "[-1, 1]^(3)", "not convex", "PROVED"),
    Bent("quadratic", quadratic, REAL3, "convex", "PROVED", "composition"),
    Bent("quadratic, strong", quadratic, REAL3, "2-strongly convex", "PROVED"),
    Bent("quadratic, too strong", quadratic, REAL3, "1000-strongly convex", "REFUTED"),
    Bent("sigmoid", sigmoid, "[-5, 5]", "convex", "REFUTED"),
    Bent("sigmoid below", sigmoid, "[-5, 0]", "convex", "PROVED", "composition"),
    Bent("outer rises", outer_rises, "[-2, 2]", "convex", "PROVED", "composition"),
    Bent("outer falls", outer_falls, "[-2, 2]", "convex", "REFUTED"),
    Bent("huber", huber, REAL3, "convex", "PROVED", "composition"),
    Bent("leaky squared", leaky_squared, REAL, "convex", "PROVED", "composition"),
    Bent("largest", largest, REAL3, "convex", "PROVED", "composition"),
    Bent("largest upside down", largest, REAL3, "concave", "REFUTED"),
    Bent("kullback", kullback, "[0.1, 2]^(3)", "convex", "PROVED", "composition"),
    Bent("distance", distance, REAL3, "convex", "PROVED", "composition"),
    Bent("log det", log_det, "[1, 2] x [-0.5, 0.5] x [1, 2]", "concave", "PROVED", "ledger"),
    Bent("cube", cube, "[-1, 1]", "convex", "REFUTED"),
    Bent("cube above", cube, "[0, 1]", "convex", "PROVED"),
    Bent("wavy", wavy, REAL, "convex", "PROVED"),
    Bent("affine", lambda x: np.sum(A @ x), REAL3, "affine", "PROVED", "both"),
    Bent("not affine", softplus, REAL, "affine", "REFUTED"),
)
