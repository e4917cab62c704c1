# ruff: noqa: RUF059
"""Normalisations in one file: forward, and the gradients by hand."""

import numpy as np

EPS = 1e-5


def standardize(x):
    mu, sd = x.mean(), x.std()
    return (x - mu) / sd


def standardize_vjp(x, g):
    n = x.size
    mu, sd = x.mean(), x.std()
    z = (x - mu) / sd
    return (g - g.sum() / n - z * np.sum(g * z) / n) / sd


def l2_normalize(x):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    return x / norm


def l2_normalize_vjp(x, g):
    norm = np.linalg.norm(x, axis=1, keepdims=True)
    y = x / norm
    return (g - y * np.sum(y * g, axis=1, keepdims=True)) / norm


def group_norm(x, gamma, beta, groups):
    N, C, H, W = x.shape
    xg = x.reshape(N, groups, -1)
    mean = xg.mean(axis=2, keepdims=True)
    var = xg.var(axis=2, keepdims=True)
    xhat = ((xg - mean) / np.sqrt(var + EPS)).reshape(N, C, H, W)
    return xhat * gamma[None, :, None, None] + beta[None, :, None, None]


def group_norm_vjp(x, gamma, beta, groups, g):
    N, C, H, W = x.shape
    xg = x.reshape(N, groups, -1)
    m = xg.shape[2]
    mean = xg.mean(axis=2, keepdims=True)
    ivar = 1.0 / np.sqrt(xg.var(axis=2, keepdims=True) + EPS)
    xhat = (xg - mean) * ivar
    dgamma = np.sum(g * xhat.reshape(x.shape), axis=(0, 2, 3))
    dbeta = g.sum((0, 2, 3))
    d = (g * gamma[:, None, None]).reshape(N, groups, -1)
    dx = ivar / m * (m * d - d.sum(2, keepdims=True) - xhat * (d * xhat).sum(2, keepdims=True))
    return dx.reshape(x.shape), dgamma, dbeta


def instance_norm(x):
    mean = np.mean(x, axis=(2, 3), keepdims=True)
    var = np.var(x, axis=(2, 3), keepdims=True)
    return (x - mean) / np.sqrt(var + EPS)


def instance_norm_vjp(x, g):
    mean = np.mean(x, axis=(2, 3), keepdims=True)
    centred = x - mean
    m = x.shape[2] * x.shape[3]
    ivar = (np.var(x, axis=(2, 3), keepdims=True) + EPS) ** -0.5
    dvar = np.sum(g * centred * -0.5 * ivar**3, axis=(2, 3), keepdims=True)
    dmean = np.sum(-g * ivar, axis=(2, 3), keepdims=True)
    return g * ivar + dvar * 2 * centred / m + dmean / m


def rms_norm(x, gain):
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + EPS)
    return x / rms * gain


def rms_norm_vjp(x, gain, g):
    n = x.shape[-1]
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + EPS)
    dgain = (g * x / rms).sum(axis=0)
    gx = g * gain
    dx = gx / rms - x * np.sum(gx * x, axis=-1, keepdims=True) / (n * rms**3)
    return dx, dgain


def weight_norm(v, s):
    """Rows of v scaled to length s."""
    length = np.sqrt((v**2).sum(axis=1))
    return v * (s / length)[:, np.newaxis]


def weight_norm_vjp(v, s, g):
    length = np.sqrt((v**2).sum(axis=1))
    ds = (g * v).sum(axis=1) / length
    dv = (s / length)[:, np.newaxis] * g
    dv -= (s * ds / length**2)[:, np.newaxis] * v
    return dv, ds


def local_response(x, k=2.0, alpha=0.5, beta=0.75, r=1):
    """Divide each channel by its neighbours' energy; x (C, M)."""
    C = x.shape[0]
    energy = np.zeros_like(x)
    for c in range(C):
        for j in range(max(0, c - r), min(C, c + r + 1)):
            energy[c] += x[j] ** 2
    return x * (k + alpha * energy) ** -beta


def local_response_vjp(x, g, k=2.0, alpha=0.5, beta=0.75, r=1):
    C = x.shape[0]
    energy = np.zeros_like(x)
    for c in range(C):
        energy[c] = np.sum(x[max(0, c - r) : c + r + 1] ** 2, axis=0)
    base = k + alpha * energy
    dx = g * base**-beta
    shared = g * x * base ** (-beta - 1)
    for c in range(C):
        for j in range(max(0, c - r), min(C, c + r + 1)):
            dx[j] -= 2 * alpha * beta * x[j] * shared[c]
    return dx


def min_max(x):
    lo, hi = np.min(x), np.max(x)
    return (x - lo) / (hi - lo)


def min_max_vjp(x, g):
    lo, hi = np.min(x), np.max(x)
    width = hi - lo
    y = (x - lo) / width
    dx = g / width
    dx[np.argmin(x)] -= np.sum(g * (1 - y)) / width
    dx[np.argmax(x)] -= np.sum(g * y) / width
    return dx
