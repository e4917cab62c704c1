"""Layers as their authors write them: forward and backward lift, and hold at other weights."""

from __future__ import annotations

import numpy as np
import pytest

from .lifting import agree, nodes_in

RNG = np.random.default_rng(3)


def draw(**shapes):
    return {name: RNG.normal(size=shape) for name, shape in shapes.items()}


def nudged(leaves):
    return {k: v + 1e-3 * np.cos(np.arange(v.size)).reshape(v.shape) for k, v in leaves.items()}


class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        self.z = np.dot(x, self.W) + self.b
        return np.maximum(0, self.z)

    def backward(self, dout):
        dz = dout.copy()
        dz[self.z <= 0] = 0
        self.dW = self.x.T.dot(dz)
        self.db = np.sum(dz, axis=0)
        return dz.dot(self.W.T)


def dense(d):
    layer = Dense(d["W"], d["b"])
    out = layer.forward(d["x"])
    dx = layer.backward(2 * out)
    return out, dx, {"W": layer.dW, "b": layer.db}


def softmax_cross_entropy(d):
    y = np.array([0, 2, 1])
    scores = d["x"] - np.max(d["x"], axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.log(probs[np.arange(3), y]).mean()
    dx = probs.copy()
    dx[np.arange(3), y] -= 1
    return loss, dx / 3, -np.sum(np.eye(4)[y] * np.log(probs + 1e-12)) / 3


def max_pool(d):
    x = d["x"]
    n, h, w = x.shape
    out, dx = np.zeros((n, h // 2, w // 2)), np.zeros_like(x)
    for k in range(n):
        for i in range(h // 2):
            for j in range(w // 2):
                patch = x[k, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
                out[k, i, j] = np.max(patch)
                p, q = np.unravel_index(patch.argmax(), patch.shape)
                dx[k, 2 * i + p, 2 * j + q] += out[k, i, j]
    windows = x.reshape(n, h // 2, 2, w // 2, 2)
    return out, dx, windows.max(axis=(2, 4)), windows == out[:, :, None, :, None]


def convolution(d):
    x, W, b = d["x"], d["W"], d["b"]
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    view = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    out = np.einsum("nchwij,fcij->nfhw", view, W) + b[None, :, None, None]
    dW = np.tensordot(out, view, axes=([0, 2, 3], [0, 2, 3]))
    dpadded = np.zeros_like(padded)
    for i in range(x.shape[2]):
        for j in range(x.shape[3]):
            dpadded[:, :, i : i + 3, j : j + 3] += np.tensordot(out[:, :, i, j], W, 1)
    return out, dW, dpadded[:, :, 1:-1, 1:-1]


def batch_norm(d):
    x, gamma, beta = d["x"], d["gamma"], d["beta"]
    n = x.shape[0]
    mu, var = x.mean(axis=0), x.var(axis=0)
    inverse = 1.0 / np.sqrt(var + 1e-5)
    xhat = (x - mu) * inverse
    out = gamma * xhat + beta
    dxhat = out * gamma
    dx = inverse / n * (n * dxhat - dxhat.sum(0) - xhat * (dxhat * xhat).sum(0))
    return out, dx, (out * xhat).sum(axis=0)


def lstm(d):
    x, W, h, c = d["x"], d["W"], np.zeros((2, 3)), np.zeros((2, 3))
    hs = np.zeros((4, 2, 3))
    for t in range(4):
        z = np.hstack([x[t], h]) @ W
        i, f, o, g = np.split(z, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        hs[t] = h
    return hs, hs[-1].sum(), hs[::-1].cumsum(axis=0)


def attention(d):
    q, k, v = (d["x"] @ d[n] for n in ("Wq", "Wk", "Wv"))
    heads = [m.reshape(2, 5, 2, 3).transpose(0, 2, 1, 3) for m in (q, k, v)]
    scores = np.matmul(heads[0], heads[1].swapaxes(-1, -2)) / np.sqrt(3)
    scores = np.where(np.tril(np.ones((5, 5))) == 1, scores, -1e9)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    return np.matmul(weights, heads[2]).transpose(0, 2, 1, 3).reshape(2, 5, 6)


def embedding(d):
    index = np.array([[0, 3, 1], [3, 3, 2]])
    out = d["W"][index]
    dW = np.zeros_like(d["W"])
    np.add.at(dW, index, out * 2)
    return out.mean(axis=1), dW


def dropout(d):
    mask = (np.random.RandomState(0).rand(3, 4) < 0.7) / 0.7
    return d["x"] * mask, np.where(mask > 0, d["x"], 0)


def gelu_and_layer_norm(d):
    x = d["x"]
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    y = 0.5 * x * (1 + np.tanh(inner))
    mean, std = y.mean(-1, keepdims=True), y.std(-1, keepdims=True)
    return (y - mean) / (std + 1e-6)


LAYERS = {
    dense: draw(x=(3, 4), W=(4, 2), b=(2,)),
    softmax_cross_entropy: draw(x=(3, 4)),
    max_pool: draw(x=(2, 4, 4)),
    convolution: draw(x=(2, 2, 4, 4), W=(3, 2, 3, 3), b=(3,)),
    batch_norm: draw(x=(5, 3), gamma=(3,), beta=(3,)),
    lstm: draw(x=(4, 2, 5), W=(8, 12)),
    attention: draw(x=(2, 5, 4), Wq=(4, 6), Wk=(4, 6), Wv=(4, 6)),
    embedding: draw(W=(4, 3)),
    dropout: draw(x=(3, 4)),
    gelu_and_layer_norm: draw(x=(3, 4)),
}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_layer_lifts_and_holds_at_other_weights(layer, dtype):
    leaves = {k: v.astype(dtype) for k, v in LAYERS[layer].items()}
    close = 1e-9 if dtype == "float64" else 2e-4
    lifted = agree(
        layer, leaves, {k: v.astype(dtype) for k, v in nudged(leaves).items()}, close=close
    )
    assert nodes_in(lifted.output) and not lifted.pinned
    if layer is not max_pool:
        assert not lifted.path
