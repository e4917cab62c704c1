"""Functions of users with claims that hold: what certificates are made for and replayed."""

from __future__ import annotations

import math

import numpy as np

random = np.random.default_rng(7)
W1 = random.standard_normal((12, 4))
B1 = random.standard_normal(12)
W2 = 0.1 * random.standard_normal(12)
X = random.standard_normal((20, 3))
Y = np.sign(random.standard_normal(20))


def softplus(x):
    return np.log1p(np.exp(x))


def stable_softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def relu(x):
    return np.maximum(x, 0)


def leaky_relu(x):
    return np.where(x > 0, x, 0.01 * x)


def elu(x):
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def stable_sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def tanh(x):
    return np.tanh(x)


def silu(x):
    return x / (1 + np.exp(-x))


def softsign(x):
    return x / (1 + np.abs(x))


def hard_tanh(x):
    return np.clip(x, -1, 1)


def huber(x):
    return np.where(np.abs(x) <= 1, 0.5 * x * x, np.abs(x) - 0.5)


def log_cosh(x):
    return np.log(np.cosh(x))


def pseudo_huber(x):
    return np.sqrt(1 + x * x) - 1


def branching(x):
    if x > 0:
        return 2 * x
    return math.exp(x) - 1


def tanh_net(x):
    return W2 @ np.tanh(W1 @ x + B1) + 0.5 * x @ x


def softplus_net(x):
    return W2 @ np.log1p(np.exp(W1 @ x + B1)) + 0.5 * x @ x


def least_squares(w, X, y):
    return np.mean((X @ w - y) ** 2)


def logistic(w, X, y):
    return np.mean(np.log1p(np.exp(-y * (X @ w))))


def ridge(w, X, y):
    return np.mean((X @ w - y) ** 2) + 0.25 * np.sum(w**2)


def labelled(z, labels):
    return np.log(np.exp(z).sum()) - z[labels].sum()


def cross_entropy(z):
    shifted = z - z.max()
    return np.log(np.exp(shifted).sum()) - shifted[1]


def perspective(x):
    return x[0] ** 2 / x[1]


def pair(x):
    return np.array([np.tanh(x[0]) + 0.5 * x[1], np.sin(x[1])])


# --------------------------------------------------- what the laws of soundness warn of
def forked(x):
    return x if x > 0 else -x * x


def rooted(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


def masked_root(x):
    return (x > 0) * np.sqrt(x)


def stairs(x):
    return np.floor(x)


def step(x):
    return np.where(x > 0, 1.0, 0.0)


def minus_absolute(x):
    return -np.abs(x)


def dented(x):
    return x * x - 0.001 * np.abs(x)


def inverse(x):
    return 1 / x


def logarithm(x):
    return np.log(x)


def root(x):
    return np.sqrt(x)


def tenth(x):
    return 0.1 * np.exp(x)


def not_a_number(x):
    return x * 0.0 + np.nan


def overflowing(x):
    return np.exp(x * 1000) + np.inf


def piece_of_two(x):
    return np.where(x == 0, 1.0, x * x)


def cubed(x):
    return np.abs(x) ** 3


def minimum_of_two(x):
    return np.minimum(np.abs(x[0]), np.abs(x[1]))


def product_of_two(x):
    return x[0] * x[1]


def clipped_exponent(x):
    return np.exp(np.log(2.0)) - 2 + x * 0
