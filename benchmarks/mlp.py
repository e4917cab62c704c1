"""The network every row of the table differentiates: two tanh layers, softmax cross-entropy."""

from __future__ import annotations

import numpy as np

BATCH = 32
CLASSES = 10
LAYERS = {1_000: (25, 18), 10_000: (80, 64), 100_000: (784, 110)}  # size: (inputs, hidden)


def loss(W1, b1, W2, b2, W3, b3, X, y):
    """Return the mean cross-entropy, as people write it."""
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    z = h2 @ W3 + b3
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(y)), y])


def gradient(W1, b1, W2, b2, W3, b3, X, y):
    """Return the hand-written gradient of `loss` by W1, b1, W2, b2, W3, b3."""
    n = len(y)
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    z = h2 @ W3 + b3
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    d3 = p.copy()
    d3[np.arange(n), y] -= 1
    d3 /= n
    d2 = (d3 @ W3.T) * (1 - h2**2)
    d1 = (d2 @ W2.T) * (1 - h1**2)
    return X.T @ d1, d1.sum(axis=0), h1.T @ d2, d2.sum(axis=0), h2.T @ d3, d3.sum(axis=0)


def parameters(size: int) -> dict[str, np.ndarray]:
    """Return the weights of the net of about `size` parameters, the same every time."""
    inputs, hidden = LAYERS[size]
    generator = np.random.default_rng(size)
    shapes = {"W1": (inputs, hidden), "b1": (hidden,), "W2": (hidden, hidden), "b2": (hidden,),
              "W3": (hidden, CLASSES), "b3": (CLASSES,)}  # fmt: skip
    return {k: generator.standard_normal(s) / np.sqrt(s[0]) for k, s in shapes.items()}


def data(size: int) -> dict[str, np.ndarray]:
    """Return the batch: X and the labels y."""
    generator = np.random.default_rng(size + 1)
    X = generator.standard_normal((BATCH, LAYERS[size][0]))
    return {"X": X, "y": generator.integers(0, CLASSES, BATCH)}


def count(size: int) -> int:
    """Return the exact number of parameters."""
    return sum(value.size for value in parameters(size).values())
