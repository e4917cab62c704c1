"""Functions of vectors and matrices whose curvature is known: formula, domain, claim, verdict.

Truth from Boyd and Vandenberghe, "Convex Optimization" (2004), chapters 3 and 7, and from
counter-examples by hand; nothing here was computed with the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RANDOM = np.random.default_rng(7)
A = RANDOM.normal(size=(4, 3)).round(2)
B = RANDOM.normal(size=4).round(2)
X = RANDOM.normal(size=(8, 3)).round(2)
SIDES = np.where(RANDOM.random(8) > 0.5, 1.0, -1.0)
Y = RANDOM.normal(size=8).round(2)
COUNTS = RANDOM.integers(0, 5, 8).astype(float)
KINDS = RANDOM.integers(0, 3, 8)
PSD = (A.T @ A).round(2)
R, R2, R3 = "(-oo, oo)", "(-oo, oo)^(2)", "(-oo, oo)^(3)"
UP2, UP3 = "(0, oo)^(2)", "(0, oo)^(3)"
BOTH = {"convex": "PROVED", "concave": "REFUTED"}
DOWN = {"convex": "REFUTED", "concave": "PROVED"}
NEITHER = {"convex": "REFUTED", "concave": "REFUTED"}
FLAT = {"convex": "PROVED", "concave": "PROVED", "affine": "PROVED"}


@dataclass(frozen=True)
class Curved:
    """One function over a domain with the verdict of each claim about it."""

    name: str
    function: Callable[..., object]
    on: dict[str, str]
    claims: dict[str, str]


def _case(name: str, function: Callable[..., object], on: object, claims: object) -> Curved:
    told = on if isinstance(on, dict) else {function.__code__.co_varnames[0]: on}
    return Curved(name, function, told, claims)  # type: ignore[arg-type]


def lse(z):
    return np.log(np.sum(np.exp(z)))


def lse_shifted(z):
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top)))


def softmax(z):
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def largest_two(x):
    return np.sum(np.sort(x)[-2:])


def huber(r):
    return np.where(np.abs(r) <= 1, r * r / 2, np.abs(r) - 0.5)


def cross_entropy(W):
    z = X @ W
    z = z - np.max(z, axis=1, keepdims=True)
    return -np.mean((z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[np.arange(8), KINDS])


def ordinal(w):
    z = X @ w
    return -np.sum(np.log(sigmoid(z + 1) - sigmoid(z - 1)))


def layer_norm(x):
    m = np.mean(x)
    return ((x - m) / np.sqrt(np.mean((x - m) ** 2) + 1e-5))[0]


def cosine(x):
    return np.sum(x * np.array([1.0, 2.0])) / (np.sqrt(np.sum(x * x)) * np.sqrt(5.0))


def triplet(a):
    return np.maximum(np.sum((a - 1) ** 2) - np.sum((a + 1) ** 2) + 1, 0)


def triplet_all(a, p, n):
    return np.maximum(np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1, 0)


def contrastive(x):
    return np.maximum(0, 1 - np.sqrt(np.sum(x * x))) ** 2


def factors(U, V):
    return np.sum((X[:3] - U @ V) ** 2)


def two_layers(V, w):
    return np.mean((np.maximum(X[:4] @ V, 0) @ w - Y[:4]) ** 2)


def deep_linear(u, v, w):
    return (u * v * w - 1) ** 2


def input_convex(x):
    first = np.logaddexp(0, A @ x + B)
    return np.sum(np.maximum(np.abs(A) @ first[:3] + A @ x, 0))


def max_affine(x):
    return np.max(A @ x + B)


def box_distance(x):
    return np.sqrt(np.sum(np.maximum(np.maximum(x - 1, -1 - x), 0) ** 2))


def log_det(a, b, c):
    return np.log(a * c - b * b)


def log_det_of_matrix(t):
    return np.linalg.slogdet(np.array([[2 + t[0], t[1]], [t[1], 2 + t[2]]]))[1]


def symmetric(t):
    return np.array([[t[0], t[1]], [t[1], t[2]]])


def trace_inverse(a, b, c):
    return (a + c) / (a * c - b * b)


def matrix_fractional(x, a, b, c):
    return (c * x[0] ** 2 - 2 * b * x[0] * x[1] + a * x[1] ** 2) / (a * c - b * b)


def relative_entropy(x, y):
    return np.sum(x * np.log(x / y))


def relative_entropy_apart(x, y):
    return np.sum(x * np.log(x) - x * np.log(y) - x + y)


def perspective_of_square(x, t):
    return np.sum(x * x) / t


def perspective_of_exp(x, t):
    return t * np.exp(x / t)


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def geometric_mean(x):
    return np.prod(x) ** (1 / 3)


def geometric_mean_by_logs(x):
    return np.exp(np.mean(np.log(x)))


NORMS = (
    _case("norm 1", lambda x: np.sum(np.abs(x)), R3, BOTH),
    _case("norm 2", lambda x: np.sqrt(np.sum(x**2)), R3, BOTH),
    _case("norm 2 of linalg", lambda x: np.linalg.norm(A @ x - B), R3, BOTH),
    _case("norm inf", lambda x: np.max(np.abs(x)), R3, BOTH),
    _case("norm 3", lambda x: np.cbrt(np.sum(np.abs(x) ** 3)), "[0.1, 1]^(2)", BOTH),
    _case("norm 3 everywhere", lambda x: np.cbrt(np.sum(np.abs(x) ** 3)), R2, BOTH),
    _case("norm 1.5", lambda x: np.sum(np.abs(x) ** 1.5) ** 0.75, R2, BOTH),
    _case("norm 4", lambda x: np.sum(x**4) ** 0.25, R2, BOTH),
    _case("sum of powers 4", lambda x: np.sum(x**4), R3, BOTH),
    _case("norm half", lambda x: np.sum(np.sqrt(x)) ** 2, UP2, DOWN),
    _case("norm squared", lambda x: np.sum(x * x), R3, BOTH),
    _case("frobenius", lambda M: np.linalg.norm(M), "(-oo, oo)^(2x2)", BOTH),
    _case("elastic net", lambda x: 0.5 * np.sum(x * x) + np.sum(np.abs(x)), R3, BOTH),
    _case("group lasso", lambda M: np.sum(np.sqrt(np.sum(M * M, axis=1))), "(-oo, oo)^(2x2)",
          BOTH),
    _case("minus a norm", lambda x: -np.sqrt(np.sum(x**2)), R3, DOWN),
    _case("distance to a point", lambda x: np.sqrt(np.sum((x - 1) ** 2)), R3, BOTH),
    _case("distance to a box", box_distance, R3, BOTH),
    _case("smoothed norm", lambda x: np.sqrt(np.sum(x * x) + 1e-3), R3, BOTH),
    _case("total variation", lambda x: np.sum(np.abs(np.diff(x))), R3, BOTH),
    _case("chebyshev", lambda x: np.max(np.abs(A @ x - B)), R3, BOTH),
)
MAXIMA = (
    _case("max", lambda x: np.max(x), R3, BOTH),
    _case("min", lambda x: np.min(A @ x + B), R3, DOWN),
    _case("range", lambda x: np.max(x) - np.min(x), R3, BOTH),
    _case("two largest", largest_two, R3, BOTH),
    _case("two smallest", lambda x: np.sum(np.sort(x)[:2]), R3, DOWN),
    _case("median", lambda x: np.median(x), "[-1, 1]^(3)", NEITHER),
    _case("max affine", max_affine, R3, BOTH),
    _case("max minus max", lambda x: np.max(x) - np.max(A @ x), "[-1, 1]^(3)", NEITHER),
    _case("max of squares", lambda x: np.maximum(x[0] ** 2, (x[1] - 1) ** 2), R2, BOTH),
    _case("min of squares", lambda x: np.minimum(x[0] ** 2, (x[1] - 1) ** 2), "[-1, 1]^(2)",
          NEITHER),
    _case("logsumexp", lse, R3, BOTH),
    _case("logsumexp shifted", lse_shifted, R3, BOTH),
    _case("logsumexp of affine", lambda x: lse(A @ x + B), R3, BOTH),
    _case("logsumexp weighted", lambda x: np.log(np.sum(np.array([1.0, 2.0, 0.5]) * np.exp(x))),
          R3, BOTH),
    _case("logsumexp scaled", lambda x: 0.5 * lse(x / 0.5), R3, BOTH),
    _case("log sum exp of squares", lambda x: lse(x**2), R2, BOTH),
    _case("mean log softmax", lambda x: np.mean(x - lse_shifted(x)), R3, DOWN),
    _case("soft minimum", lambda x: -lse(-x), R3, DOWN),
)
MEANS = (
    _case("arithmetic mean", lambda x: np.mean(x), R3, FLAT),
    _case("geometric mean", geometric_mean, "[0.5, 2]^(3)", DOWN),
    _case("geometric mean everywhere", geometric_mean, UP3, DOWN),
    _case("geometric mean by logarithms", geometric_mean_by_logs, UP3, DOWN),
    _case("sqrt(x y)", lambda x: np.sqrt(x[0] * x[1]), UP2, DOWN),
    _case("x^.3 y^.5", lambda x: x[0] ** 0.3 * x[1] ** 0.5, UP2, DOWN),
    _case("x^.3 y^.5 on a box", lambda x: x[0] ** 0.3 * x[1] ** 0.5, "[0.5, 2]^(2)", DOWN),
    _case("x^.8 y^.5", lambda x: x[0] ** 0.8 * x[1] ** 0.5, "[0.5, 2]^(2)", NEITHER),
    _case("1/(x y)", lambda x: 1 / (x[0] * x[1]), UP2, BOTH),
    _case("x^-1 y^2", lambda x: x[1] ** 2 / x[0], UP2, BOTH),
    _case("x^3/y^2", lambda x: x[0] ** 3 / x[1] ** 2, UP2, BOTH),
    _case("harmonic mean", lambda x: 3 / np.sum(1 / x), UP3, DOWN),
    _case("harmonic mean of two", lambda x: x[0] * x[1] / (x[0] + x[1]), UP2, DOWN),
    _case("quadratic mean", lambda x: np.sqrt(np.mean(x * x)), R3, BOTH),
    _case("variance", lambda x: np.mean((x - np.mean(x)) ** 2), R3, BOTH),
    _case("variance of numpy", lambda x: np.var(x), R3, BOTH),
    _case("variance by moments", lambda x: np.mean(x * x) - np.mean(x) ** 2, R3, BOTH),
    _case("standard deviation", lambda x: np.std(x), R3, BOTH),
    _case("x y", lambda x: x[0] * x[1], "[-1, 1]^(2)", NEITHER),
    _case("x y everywhere", lambda x: x[0] * x[1], R2, NEITHER),
    _case("x^2 y^2", lambda x: x[0] ** 2 * x[1] ** 2, "[-1, 1]^(2)", NEITHER),
    _case("x y z", lambda x: np.prod(x), R3, NEITHER),
    _case("x/y", lambda x: x[0] / x[1], UP2, NEITHER),
    _case("x^2 - y^2", lambda x: x[0] ** 2 - x[1] ** 2, R2, NEITHER),
)
ENTROPIES = (
    _case("negative entropy", lambda x: np.sum(x * np.log(x)), UP3, BOTH),
    _case("entropy", lambda x: -np.sum(x * np.log(x)), UP3, DOWN),
    _case("log barrier", lambda x: -np.sum(np.log(x)), UP3, BOTH),
    _case("barrier of slabs", lambda x: -np.sum(np.log(1 - x * x)), "(-1, 1)^(3)", BOTH),
    _case("relative entropy", relative_entropy, {"x": UP2, "y": UP2}, BOTH),
    _case("relative entropy apart", relative_entropy_apart, {"x": UP2, "y": UP2}, BOTH),
    _case("relative entropy in y", lambda y: np.sum(0.5 * np.log(0.5 / y)), UP2, BOTH),
    _case("binary entropy", lambda p: -p * np.log(p) - (1 - p) * np.log(1 - p), "(0, 1)", DOWN),
    _case("quadratic over linear", lambda x: x[0] ** 2 / x[1], "(-oo, oo) x (0, oo)", BOTH),
    _case("perspective of a square", perspective_of_square, {"x": R2, "t": "(0, oo)"}, BOTH),
    _case("perspective of exp", perspective_of_exp, {"x": "[-1, 1]", "t": "[0.5, 2]"}, BOTH),
    _case("perspective of log", lambda x: x[1] * np.log(x[0] / x[1]), UP2, DOWN),
    _case("square of a sum over a sum", lambda x: (x[0] - x[1]) ** 2 / (x[0] + x[1]), UP2, BOTH),
    _case("log det", log_det, {"a": "[1, 2]", "b": "[-0.5, 0.5]", "c": "[1, 2]"}, DOWN),
    _case("log det of a matrix", log_det_of_matrix, "[-0.5, 0.5]^(3)", DOWN),
    _case("trace of the inverse", trace_inverse,
          {"a": "[1, 2]", "b": "[-0.5, 0.5]", "c": "[1, 2]"}, BOTH),
    _case("matrix fractional", matrix_fractional,
          {"x": "[-1, 1]^(2)", "a": "[2, 2.5]", "b": "[-0.25, 0.25]", "c": "[2, 2.5]"},
          {"concave": "REFUTED"}),
    _case("det", lambda x: x[0] * x[2] - x[1] ** 2, R3, NEITHER),
    _case("sqrt of det", lambda a, b, c: np.sqrt(a * c - b * b),
          {"a": "[1, 2]", "b": "[-0.5, 0.5]", "c": "[1, 2]"}, {"convex": "REFUTED"}),
    _case("largest eigenvalue", lambda t: np.linalg.eigvalsh(symmetric(t))[-1], R3, BOTH),
    _case("smallest eigenvalue", lambda t: np.linalg.eigvalsh(symmetric(t))[0], R3, DOWN),
    _case("log of a determinant", lambda t: np.log(np.linalg.det(2 * np.eye(2) + symmetric(t))),
          "[-0.5, 0.5]^(3)", DOWN),
    _case("log of product", lambda x: np.log(x[0] * x[1]), UP2, DOWN),
)
REGRESSIONS = (
    _case("least squares", lambda w: np.mean((X @ w - Y) ** 2), R3, BOTH),
    _case("ridge", lambda w: np.mean((X @ w - Y) ** 2) + 0.1 * w @ w, R3, BOTH),
    _case("lasso", lambda w: np.mean((X @ w - Y) ** 2) + 0.1 * np.sum(np.abs(w)), R3, BOTH),
    _case("root of squares", lambda w: np.sqrt(np.sum((X @ w - Y) ** 2)), R3, BOTH),
    _case("absolute regression", lambda w: np.mean(np.abs(X @ w - Y)), R3, BOTH),
    _case("quantile regression", lambda w: np.mean(np.maximum(0.9 * (Y - X @ w),
                                                              -0.1 * (Y - X @ w))), R3, BOTH),
    _case("huber regression", lambda w: np.sum(huber(X @ w - Y)), R3, BOTH),
    _case("log cosh regression", lambda w: np.sum(np.log(np.cosh(X @ w - Y))), R3, BOTH),
    _case("logistic", lambda w: np.mean(np.log(1 + np.exp(-SIDES * (X @ w)))), R3, BOTH),
    _case("logistic by logaddexp", lambda w: np.mean(np.logaddexp(0, -SIDES * (X @ w)))
          + 0.01 * w @ w, R3, BOTH),
    _case("logistic, strong", lambda w: np.mean(np.logaddexp(0, -SIDES * (X @ w)))
          + 0.05 * w @ w, R3, {"0.1-strongly convex": "PROVED", "0.2-strongly convex": "REFUTED"}),
    _case("poisson", lambda w: np.sum(np.exp(X @ w) - COUNTS * (X @ w)), R3, BOTH),
    _case("gamma", lambda w: np.sum(X @ w + 2 * np.exp(-(X @ w))), R3, BOTH),
    _case("probit", lambda w: np.sum(np.log1p(np.exp(X @ w))), R3, BOTH),
    _case("softmax regression", cross_entropy, "(-oo, oo)^(3x3)", BOTH),
    _case("ordinal", ordinal, "[-0.5, 0.5]^(3)", BOTH),
    _case("hinge", lambda w: np.mean(np.maximum(0, 1 - SIDES * (X @ w))) + 0.1 * w @ w, R3, BOTH),
    _case("squared hinge", lambda w: np.mean(np.maximum(0, 1 - SIDES * (X @ w)) ** 2), R3, BOTH),
    _case("epsilon insensitive", lambda w: np.sum(np.maximum(np.abs(X @ w - Y) - 0.1, 0)), R3,
          BOTH),
    _case("exponential loss", lambda w: np.sum(np.exp(-SIDES * (X @ w))), R3, BOTH),
    _case("crammer singer", lambda W: np.max(X[0] @ W + np.array([0.0, 1.0, 1.0]))
          - (X[0] @ W)[0], "(-oo, oo)^(3x3)", BOTH),
    _case("squared sigmoid", lambda w: np.mean((sigmoid(X @ w) - (Y > 0)) ** 2), "[-5, 5]^(3)",
          NEITHER),
    _case("cauchy loss", lambda w: np.sum(np.log(1 + (X @ w - Y) ** 2)), "[-5, 5]^(3)", NEITHER),
    _case("welsch loss", lambda w: np.sum(1 - np.exp(-((X @ w - Y) ** 2))), "[-2, 2]^(3)",
          NEITHER),
    _case("ramp loss", lambda w: np.mean(np.minimum(np.maximum(0, 1 - SIDES * (X @ w)), 1)),
          "[-2, 2]^(3)", NEITHER),
    _case("focal loss", lambda x: -((1 - sigmoid(x)) ** 2) * np.log(sigmoid(x)), "[-5, 5]",
          NEITHER),
    _case("kl of gaussians", lambda m, s: np.sum(m * m + np.exp(s) - s - 1) / 2,
          {"m": R2, "s": R2}, BOTH),
    _case("gaussian likelihood", lambda m, s: m * m / (2 * s * s) + np.log(s),
          {"m": "[-2, 2]", "s": "[0.2, 4]"}, NEITHER),
    _case("gaussian in precision", lambda p: 0.7 * p - np.log(p) / 2, "(0, oo)", BOTH),
    _case("markowitz", lambda w: w @ PSD @ w - 0.3 * np.sum(w), R3, BOTH),
)
NETS = (
    _case("softmax entry", lambda x: softmax(x)[0], "[-3, 3]^(3)", NEITHER),
    _case("layer norm", layer_norm, "[-1, 1]^(3)", NEITHER),
    _case("glu", lambda x: x[0] * sigmoid(x[1]), R2, NEITHER),
    _case("cosine", cosine, "[1, 3]^(2)", NEITHER),
    _case("triplet in the anchor", triplet, R2, BOTH),
    _case("triplet", triplet_all, {"a": "[-1, 1]^(2)", "p": "[-1, 1]^(2)", "n": "[-1, 1]^(2)"},
          NEITHER),
    _case("contrastive", contrastive, "[-2, 2]^(2)", NEITHER),
    _case("matrix factors", factors, {"U": "[-1, 1]^(3x2)", "V": "[-1, 1]^(2x3)"},
          {**NEITHER, "convex in U": "PROVED", "convex in V": "PROVED"}),
    _case("relu net", two_layers, {"V": "[-1, 1]^(3x2)", "w": "[-1, 1]^(2)"},
          {**NEITHER, "convex in w": "PROVED", "convex in V": "REFUTED"}),
    _case("deep linear", deep_linear, {"u": "[-1, 1]", "v": "[-1, 1]", "w": "[-1, 1]"},
          {**NEITHER, "convex in u": "PROVED", "convex in w": "PROVED"}),
    _case("input convex", input_convex, R3, BOTH),
    _case("attention", lambda q: softmax(A @ q) @ B, "[-1, 1]^(3)", NEITHER),
    _case("rosenbrock", rosenbrock, "[-2, 2]^(2)", NEITHER),
    _case("himmelblau", lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2,
          "[-5, 5]^(2)", NEITHER),
    _case("rastrigin", lambda x: np.sum(x * x - 10 * np.cos(2 * np.pi * x)), "[-5, 5]^(2)",
          NEITHER),
    _case("himmelblau far out",
          lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2,
          "[4, 6] x [4, 6]", BOTH),
    _case("difference of convex", lambda x: np.sum(x**4) - np.sum(x**2), "[-1, 1]^(2)", NEITHER),
    _case("difference, convex", lambda x: np.sum(np.cosh(x)) - 0.5 * np.sum(x**2), R2, BOTH),
    _case("exp of a square", lambda x: np.exp(np.sum(x * x)), R2, BOTH),
    _case("log of a square", lambda x: np.log(1 + np.sum(x * x)), R2, NEITHER),
    _case("gaussian bump", lambda x: np.exp(-np.sum(x * x)), R2, NEITHER),
    _case("gaussian bump near 0", lambda x: np.exp(-np.sum(x * x)), "[-0.4, 0.4]^(2)", DOWN),
    _case("sum of sines", lambda x: np.sum(x * x + np.sin(x)), R3, BOTH),
    _case("quadratic form", lambda x: x @ PSD @ x, R3, BOTH),
    _case("indefinite form", lambda x: x @ (PSD - 2 * np.eye(3)) @ x, R3, NEITHER),
    _case("inverse of a positive", lambda x: 1 / (1 + x[0] + 2 * x[1]), "[0, oo)^(2)", BOTH),
    _case("log of affine", lambda x: np.log(1 + x[0] + x[1]), "[0, oo)^(2)", DOWN),
    _case("square root of affine", lambda x: np.sqrt(1 + x[0] + x[1]), "[0, oo)^(2)", DOWN),
    _case("affine", lambda x: np.sum(A @ x + B), R3, FLAT),
    _case("log of logistic", lambda x: np.sum(np.log(sigmoid(x))), R3, DOWN),
    _case("square of softplus", lambda x: np.logaddexp(0, x[0] + x[1]) ** 2, R2, BOTH),
    _case("product of convex", lambda x: x[0] ** 2 * np.exp(x[0]), R2, NEITHER),
    _case("arccos", lambda x: np.arccos(x[0] * 0.5), "[-1, 1]^(2)", NEITHER),
    _case("tanh above", lambda x: np.sum(np.tanh(x)), "[0, 3]^(2)", DOWN),
)
CURVED = (*NORMS, *MAXIMA, *MEANS, *ENTROPIES, *REGRESSIONS, *NETS)
