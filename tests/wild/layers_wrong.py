"""Layers of networks whose hand-written gradient is wrong somewhere."""

import numpy as np

from .record import WRONG, Wild

RNG = np.random.RandomState(0)
G = RNG.randn(3, 4)
GAMMA, BETA = np.array([1.2, 0.7, -0.4, 1.0]), np.array([0.1, 0.0, -0.2, 0.3])
EPS = 1e-5


def batchnorm(x):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    return (G * (GAMMA * (x - mu) / np.sqrt(var + EPS) + BETA)).sum()


def g_batchnorm(x):
    m = x.shape[0]
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    std_inv = 1.0 / np.sqrt(var + EPS)
    dx_hat = G * GAMMA
    dvar = np.sum(dx_hat * (x - mu) * -0.5 * std_inv**3, axis=0)
    dmu = np.sum(dx_hat * -std_inv, axis=0) + dvar * np.mean(-2.0 * (x - mu), axis=0)
    return dx_hat * std_inv + dvar * 2 * (x - mu) / m + dmu  # dmu / m


def layernorm(x):
    mu = x.mean(-1, keepdims=True)
    s = x.std(-1, keepdims=True)
    return np.sum(G * (x - mu) / (s + EPS))


def g_layernorm(x):
    mu = x.mean(-1, keepdims=True)
    s = x.std(-1, keepdims=True) + EPS
    xh = (x - mu) / s
    return (G - G.mean(0, keepdims=True) - xh * (G * xh).mean(-1, keepdims=True)) / s


def conv2d(w):
    x = np.arange(25.0).reshape(5, 5) / 10 - 1
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] = np.sum(x[i : i + 3, j : j + 3] * w)
    return 0.5 * np.sum(out**2)


def g_conv2d(w):
    x = np.arange(25.0).reshape(5, 5) / 10 - 1
    dw = np.zeros_like(w)
    for i in range(3):
        for j in range(3):
            patch = x[i : i + 3, j : j + 3]
            dw += np.sum(patch * w) * patch[::-1, ::-1]
    return dw


def maxpool(x):
    scale = np.array([[1.0, -2.0], [0.5, 3.0]])
    return np.sum(scale * x.reshape(2, 2, 2, 2).max(axis=(1, 3)))


def g_maxpool(x):
    scale = np.array([[1.0, -2.0], [0.5, 3.0]])
    top = x.reshape(2, 2, 2, 2).max(axis=(1, 3))
    mask = x == np.repeat(np.repeat(top, 2, axis=0), 2, axis=1)
    return mask * np.tile(scale, (2, 2))  # repeat, not tile


def avgpool(x):
    return np.sum(np.arange(4.0) * x.reshape(4, 3).mean(axis=1))


def g_avgpool(x):
    return np.kron(np.arange(4.0), np.ones(3)) / 4


def gru_step(w):
    h, x = 0.5, -0.8
    z = 1 / (1 + np.exp(-(w[0] * x + w[1] * h)))
    r = 1 / (1 + np.exp(-(w[2] * x + w[3] * h)))
    n = np.tanh(w[4] * x + r * (w[5] * h))
    return (1 - z) * n + z * h


def g_gru_step(w):
    h, x = 0.5, -0.8
    z = 1 / (1 + np.exp(-(w[0] * x + w[1] * h)))
    r = 1 / (1 + np.exp(-(w[2] * x + w[3] * h)))
    n = np.tanh(w[4] * x + r * (w[5] * h))
    dz = (h - n) * z * (1 - z)
    dn = (1 - z) * (1 - n**2)
    dr = dn * w[5] * h * r * (1 - r)
    return np.array([dz * x, dz * h, dr * x, dr * h, dn * x, dn * h])  # last: dn * r * h


def embedding(table):
    ids = np.array([1, 3, 1, 0])
    v = table[ids]
    return 0.5 * np.sum((v - 1.0) ** 2)


def g_embedding(table):
    ids = np.array([1, 3, 1, 0])
    d = table[ids] - 1.0
    grad = np.zeros_like(table)
    grad[ids] += d  # repeated ids are lost
    return grad


def attention(q):
    k = np.array([[0.2, -0.5], [1.0, 0.3], [0.4, 0.8]])
    v = np.array([1.0, -2.0, 0.5])
    s = k @ q / np.sqrt(2)
    s[2] = -np.inf
    a = np.exp(s - s.max())
    a /= a.sum()
    return a @ v


def g_attention(q):
    k = np.array([[0.2, -0.5], [1.0, 0.3], [0.4, 0.8]])
    v = np.array([1.0, -2.0, 0.5])
    s = k @ q / np.sqrt(2)
    a = np.exp(s - s.max())  # the mask is forgotten
    a /= a.sum()
    return k.T @ (a * (v - a @ v)) / np.sqrt(2)


def dropout_relu(x):
    mask = np.array([1.0, 0.0, 1.0, 1.0]) / 0.75
    return np.sum(np.arange(1, 5) * np.maximum(x, 0) * mask)


def g_dropout_relu(x):
    mask = np.array([1.0, 0.0, 1.0, 1.0])
    return np.arange(1, 5) * (x > 0) * mask


X34 = RNG.randn(3, 4)
CASES: tuple[Wild, ...] = (
    Wild("batchnorm_mean", batchnorm, g_batchnorm, (X34,), WRONG, "gradient"),
    Wild("layernorm_axis", layernorm, g_layernorm, (X34,), WRONG, "gradient"),
    Wild("conv2d_flip", conv2d, g_conv2d, (X34[:, :3],), WRONG, "gradient"),
    Wild("maxpool_tile", maxpool, g_maxpool, (RNG.randn(4, 4),), WRONG, "gradient"),
    Wild("avgpool_size", avgpool, g_avgpool, (RNG.randn(12),), WRONG, "gradient"),
    Wild("gru_reset", gru_step, g_gru_step, (RNG.randn(6),), WRONG, "gradient"),
    Wild("embedding_repeat", embedding, g_embedding, (RNG.randn(4, 2),), WRONG, "gradient"),
    Wild("attention_mask", attention, g_attention, ([0.3, -0.8],), WRONG, "gradient"),
    Wild("dropout_scale", dropout_relu, g_dropout_relu, ([0.3, -0.8, 1, -2],), WRONG, "gradient"),
)
