"""Faulty gradients, one for every suspicion, with the words its diagnosis must say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(32, 3))
Y = RANDOM.normal(size=32)
SQUARE = RANDOM.normal(size=(3, 3))
TARGETS = RANDOM.normal(size=(3, 3))


@dataclass(frozen=True)
class Plant:
    """A function, a faulty claim of one kind, where to check, and what must be said."""

    name: str
    function: Callable[..., Any]
    claim: Callable[..., Any]
    on: Mapping[str, Any]
    slug: str
    said: tuple[str, ...]
    kind: str = "gradient"
    rule: str = "wrong-derivative"
    options: Mapping[str, Any] = field(default_factory=dict)


# ---------------------------------------------------------------- least squares
def loss(w, X, y):
    return np.mean((X @ w - y) ** 2)


def sum_for_mean(w, X, y):
    return 2 * X.T @ (X @ w - y)


def other_way(w, X, y):
    return 2 * X.T @ (y - X @ w) / len(y)


def half_of_it(w, X, y):
    return X.T @ (X @ w - y) / len(y)


def by_root_two_pi(w, X, y):
    return np.sqrt(2 * np.pi) * 2 * X.T @ (X @ w - y) / len(y)


def nothing(w, X, y):
    return 0 * w


def shifted(w, X, y):
    return np.roll(2 * X.T @ (X @ w - y) / len(y), 1)


def backwards(w, X, y):
    return (2 * X.T @ (X @ w - y) / len(y))[::-1]


def decayed(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y) + 0.01 * w


def raised(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y) + 3


def ridge(w, X, y, rate):
    return np.mean((X @ w - y) ** 2) + rate * np.sum(w**2)


def ridge_without_penalty(w, X, y, rate):
    return 2 * X.T @ (X @ w - y) / len(y)


def scaled_loss(w, X, y, rate):
    return rate * np.mean((X @ w - y) ** 2)


def without_rate(w, X, y, rate):
    return 2 * X.T @ (X @ w - y) / len(y)


# ---------------------------------------------------------------- places
def bilinear(A, S, T):
    return np.sum((A @ S - T) ** 2)


def transposed(A, S, T):
    return (2 * (A @ S - T) @ S.T).T


def not_transposed(A, S, T):
    return 2 * (A @ S - T) @ S


def pair(a, b):
    return np.sum(np.sin(a) * b**2)


def pair_exchanged(a, b):
    return 2 * np.sin(a) * b, np.cos(a) * b**2


def two_largest(x):
    return np.sum(np.sort(x)[-2:] * np.array([2.0, 5.0]))


def sorted_places(x):
    g = np.zeros_like(x)
    g[-2:] = np.array([2.0, 5.0])
    return g


# ---------------------------------------------------------------- a two-layer net
def net(W1, W2, X, y):
    z = X @ W1
    h = np.tanh(z)
    return 0.5 * np.sum((h @ W2 - y) ** 2)


def _net_with(W1, W2, X, y, slope):
    z = X @ W1
    h = np.tanh(z)
    r = h @ W2 - y
    return X.T @ (np.outer(r, W2) * slope(z, h)), h.T @ r


def no_slope(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1.0)


def slope_twice(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: (1 - h**2) ** 2)


def slope_of_output(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1 - np.tanh(h) ** 2)


def formula_on_input(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1 - z**2)


def value_as_slope(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: h)


def square_forgotten(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1 - h)


def input_for_output(W1, W2, X, y):
    z = X @ W1
    h = np.tanh(z)
    r = h @ W2 - y
    return X.T @ (np.outer(r, W2) * (1 - h**2)), z.T @ r


def one_path_scaled(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1.7 * (1 - h**2))


def decayed_net(W1, W2, X, y):
    return net(W1, W2, X, y) + 0.05 * np.sum(W1**2)


def decayed_path_scaled(W1, W2, X, y):
    dW1, dW2 = _net_with(W1, W2, X, y, lambda z, h: 3 * (1 - h**2))
    return dW1 + 0.1 * W1, dW2


# ---------------------------------------------------------------- paths, masks, axes
def scaled_by_largest(x):
    return np.sum((x / np.max(x)) ** 2)


def largest_is_constant(x):
    return 2 * x / np.max(x) ** 2


def standardised(X, g):
    mu = np.mean(X, axis=0)
    var = np.mean((X - mu) ** 2, axis=0)
    return np.sum(g * (X - mu) / np.sqrt(var + 1e-5))


def standardised_without_var(X, g):
    mu = np.mean(X, axis=0)
    var = np.mean((X - mu) ** 2, axis=0)
    d = g / np.sqrt(var + 1e-5)
    return d - d.mean(axis=0)


def rectified(x, g):
    return np.sum(g * np.where(x > 0, x, 0.1 * x))


def mask_reversed(x, g):
    return g * np.where(x > 0, 0.1, 1.0)


def upstream_lost(x, g):
    return np.where(x > 0, g, 0.1)


def row_norms(X, g):
    return np.sum(g * X / np.sqrt(np.sum(X**2, axis=1, keepdims=True)))


def broadcast_along_rows(X, g):
    n = np.sqrt(np.sum(X**2, axis=1))
    return g / n[:, None] - X * (np.sum(g * X, axis=1) / n**3)


def attention(x, g):
    e = np.exp(x - np.max(x))
    p = e / np.sum(e)
    return np.sum(g * p)


def attention_diagonal(x, g):
    e = np.exp(x - np.max(x))
    p = e / np.sum(e)
    return g * p * (1 - p)


def looked_up(table, g):
    return np.sum(g * table[np.array([0, 2, 0, 1])])


def looked_up_overwritten(table, g):
    out = np.zeros_like(table)
    out[np.array([0, 2, 0, 1])] = g
    return out


def weighed(x, g):
    return np.sum(g * np.cos(x))


def not_weighed(x, g):
    return -np.sin(x)


def product_of_sines(x):
    a = np.sin(x)
    b = np.cos(2 * x)
    return np.sum(a * b + x**2)


def one_factor_lost(x):
    a = np.sin(x)
    return np.cos(x) - 2 * a * np.sin(2 * x) + 2 * x


# ---------------------------------------------------------------- elementwise
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_by_short_e(x):
    return 2.718**-x / (1 + 2.718**-x) ** 2


def normal_density(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def density_by_short_pi(x):
    return -x * np.exp(-(x**2) / 2) / np.sqrt(2 * 3.14159265358)


def selu(x):
    return np.where(x > 0, 1.0507 * x, 1.0507 * (1.6733 * np.exp(x) - 1.6733))


def selu_without_alpha(x):
    return np.where(x > 0, 1.0507, 1.0507 * np.exp(x))


def folded(x):
    return np.where(x > 0, 1.0507 * x, 1.0507 * 1.6733 * (np.exp(x) - 1))


def folded_without_alpha(x):
    return np.where(x > 0, 1.0507, 1.0507 * np.exp(x))


def bent(x):
    return np.where(x > 0, x**2, np.sin(x))


def wrong_to_the_left(x):
    return np.where(x > 0, 2 * x, np.cos(2 * x))


def cube_root_of_square(x):
    return x * np.sin(x)


def wrong_at_one(x):
    return np.where(x == 1.0, 7.0, np.sin(x) + x * np.cos(x))


ON_DATA = {"w": "[-1, 1]^(3)", "X": X, "y": Y}
ON_NET = {"W1": "[-1, 1]^(3x4)", "W2": "[-1, 1]^(4)", "X": X, "y": Y}
ON_SQUARE = {"A": "[-1, 1]^(3x3)", "S": SQUARE, "T": TARGETS}
ON_RATE = {**ON_DATA, "rate": 0.25}
G = {"g": RANDOM.normal(size=(3, 3))}
V = {"g": np.array([0.5, -1.5, 2.0, 0.75])}
FOUR = {"x": "[-2, 2]^(4)"}

PLANTS: tuple[Plant, ...] = (
    Plant("mean", loss, sum_for_mean, ON_DATA, "constant-factor",
          ("32 times too large, exactly", "the length of axis 0 of X", "the forward averages")),
    Plant("sign", loss, other_way, ON_DATA, "wrong-sign", ("minus the derivative",)),
    Plant("half", loss, half_of_it, ON_DATA, "constant-factor",
          ("2 times too small", "the factor 2 of", "is left out")),
    Plant("irrational", loss, by_root_two_pi, ON_DATA, "constant-factor",
          ("sqrt(2*pi) = 2.50663",)),
    Plant("nothing", loss, nothing, ON_DATA, "no-gradient", ("exactly 0",)),
    Plant("rate", scaled_loss, without_rate, ON_RATE, "constant-factor",
          ("4 times too large", "that is 1 / rate"), options={"wrt": ("w",)}),
    Plant("rolled", loss, shifted, ON_DATA, "rolled", ("shifted by 1",)),
    Plant("reversed", loss, backwards, ON_DATA, "reversed", ("in reverse order",)),
    Plant("decay", loss, decayed, ON_DATA, "extra-term", ("0.01 * w too many", "weight decay")),
    Plant("ridge", ridge, ridge_without_penalty, ON_RATE, "missing-term",
          ("lacks the term 0.5 * w", "2 * rate"), options={"wrt": ("w",)}),
    Plant("shift", loss, raised, ON_DATA, "extra-term", ("too large by 3 in every entry",)),
    Plant("transposed", bilinear, transposed, ON_SQUARE, "transposed", ("is transposed",)),
    Plant("untransposed", bilinear, not_transposed, ON_SQUARE, "not-transposed",
          ("S is not transposed", "np.sum((A @ S - T) ** 2)")),
    Plant("exchanged", pair, pair_exchanged, {"a": "[-1, 1]^(3)", "b": "[1, 2]^(3)"},
          "exchanged", ("the gradient by a and b are exchanged",)),
    Plant("sorted", two_largest, sorted_places, {"x": "[-2, 2]^(5)"}, "misplaced",
          ("the right entries in the wrong places",)),
    Plant("no slope", net, no_slope, ON_NET, "missing-slope",
          ("the slope of tanh in `h = np.tanh(z)`", "is missing")),
    Plant("slope twice", net, slope_twice, ON_NET, "doubled-slope",
          ("the slope of tanh in `h = np.tanh(z)`", "applied twice")),
    Plant("slope of output", net, slope_of_output, ON_NET, "slope-at-output",
          ("tanh", "at the output instead of the input")),
    Plant("formula on input", net, formula_on_input, ON_NET, "output-formula",
          ("1 - y**2 with the input in place of the output",)),
    Plant("value", net, value_as_slope, ON_NET, "value-for-slope", ("the value of tanh",)),
    Plant("square forgotten", net, square_forgotten, ON_NET, "wrong-slope",
          ("is written 1 - y, it is 1 - y**2",)),
    Plant("input for output", net, input_for_output, ON_NET, "pre-activation",
          ("z is used where h belongs",)),
    Plant("1.7", net, one_path_scaled, ON_NET, "constant-factor", ("1.7 times",)),
    Plant("path", decayed_net, decayed_path_scaled, ON_NET, "scaled-path",
          ("what flows back through", "3 times what it should be")),
    Plant("maximum", scaled_by_largest, largest_is_constant, {"x": "[0.5, 2]^(4)"}, "lost-path",
          ("the gradient through the maximum in", "is missing")),
    Plant("variance", standardised, standardised_without_var,
          {"X": "[-1, 1]^(5x3)", "g": RANDOM.normal(size=(5, 3))}, "lost-path",
          ("the gradient through", "var", "is missing")),
    Plant("mask", rectified, mask_reversed, {**FOUR, **V}, "wrong-mask",
          ("on the wrong side",)),
    Plant("upstream", rectified, upstream_lost, {**FOUR, **V}, "dropped-upstream",
          ("is dropped",)),
    Plant("axis", row_norms, broadcast_along_rows, {"X": "[0.5, 2]^(3x3)", **G}, "wrong-axis",
          ("broadcast along axis 0",)),
    Plant("diagonal", attention, attention_diagonal, {**FOUR, **V}, "diagonal-only",
          ("only the diagonal",)),
    Plant("overwritten", looked_up, looked_up_overwritten, {"table": "[-1, 1]^(3)", **V},
          "overwritten", ("only the last use of each entry",), options={"wrt": ("table",)}),
    Plant("weight", weighed, not_weighed, {**FOUR, **V}, "missing-factor",
          ("lacks the factor g",), options={"wrt": ("x",)}),
    Plant("product rule", product_of_sines, one_factor_lost, FOUR, "missing-factor",
          ("the factor b in", "is left out")),
    Plant("short e", sigmoid, sigmoid_by_short_e, {"x": "[-6, 6]"}, "truncated-constant",
          ("2.718 stands for e = 2.71828", "keeps 4.0 digits"), "derivative",
          "truncated-constant"),
    Plant("long pi", normal_density, density_by_short_pi, {"x": "[-3, 3]"},
          "truncated-constant", ("stands for sqrt(2*pi)", "keeps 11.8 digits"), "derivative",
          "truncated-constant"),
    Plant("alpha", selu, selu_without_alpha, {"x": "[-3, 3]"}, "missing-factor",
          ("the factor 1.6733", "is left out"), "derivative"),
    Plant("folded", folded, folded_without_alpha, {"x": "[-3, 3]"}, "constant-factor",
          ("where x < 0", "is 0.597621 times what it should be", "where x >= 0 it is right"),
          "derivative"),
    Plant("piece", bent, wrong_to_the_left, {"x": "[-3, 3]"}, "wrong-piece",
          ("right where x >= 0, wrong where x < 0",), "derivative"),
    Plant("one point", cube_root_of_square, wrong_at_one, {"x": "[-3, 3]"}, "special-value",
          ("right at points close by", "x = 1"), "derivative"),
)


# ---------------------------------------------------------------- near misses
def factor_at_one_point(w, X, y):
    """32 times too large only where w is what the first point is; elsewhere off by much more."""
    return 2 * X.T @ (X @ w - y) * (1 + np.sum((w - np.array([0.5, -0.25, 1.0])) ** 2))


def nearly_decayed(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y) + 0.01 * w * (1 + 1e-9 * w**2)


def nearly_double(w, X, y):
    return 4 * X.T @ (X @ w - y) / len(y) * (1 + 1e-9 * np.sum(w**2))


def nearly_no_slope(W1, W2, X, y):
    return _net_with(W1, W2, X, y, lambda z, h: 1.0 + 1e-9 * z)


def not_quite_e(x):
    return 2.5**-x / (1 + 2.5**-x) ** 2


def softplus(x):
    return np.logaddexp(0, x)


def the_other_sigmoid(x):
    return 1 / (1 + np.exp(x))


def twisted(w):
    return w[0] ** 2 * w[1] + np.sin(w[1]) * w[2]


def one_sign_wrong(w):
    h = np.array([[2 * w[1], 2 * w[0], 0], [2 * w[0], -np.sin(w[1]) * w[2], np.cos(w[1])],
                  [0, np.cos(w[1]), 0]])
    h[0, 1] = h[1, 0] = -h[0, 1]
    return h


def one_entry_doubled(w):
    return np.array([2 * w[0] * w[1], w[0] ** 2 + np.cos(w[1]) * w[2], 2 * np.sin(w[1])])


def rounded(x):
    return np.round(x)


def straight_through(x):
    return np.ones_like(x)


THREE = {"w": "[-2, 2]^(3)"}
PLANTS += (
    Plant("complement", softplus, the_other_sigmoid, {"x": "[-5, 5]"}, "complement",
          ("exactly 1 minus what it should be",), "derivative"),
    Plant("some signs", twisted, one_sign_wrong, THREE, "some-entries",
          ("wrong sign in 2 of 9 entries, [0, 1] and [1, 0]",), "hessian"),
    Plant("one entry", twisted, one_entry_doubled, THREE, "some-entries",
          ("2 times what it should be in 1 of 3 entries, [2]",)),
    Plant("constant", rounded, straight_through, {"x": "[0.6, 1.4]"}, "extra-term",
          ("the function is constant beside the point",), "derivative"),
)

MISSES: tuple[Plant, ...] = (
    Plant("one point", loss, factor_at_one_point, {"X": X, "y": Y}, "constant-factor", (),
          options={"at": {"w": np.array([0.5, -0.25, 1.0])}}),
    Plant("decay", loss, nearly_decayed, ON_DATA, "extra-term", ()),
    Plant("double", loss, nearly_double, ON_DATA, "constant-factor", ()),
    Plant("slope", net, nearly_no_slope, ON_NET, "missing-slope", ()),
    Plant("e", sigmoid, not_quite_e, {"x": "[-6, 6]"}, "truncated-constant", (), "derivative"),
)
