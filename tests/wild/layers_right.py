"""Layers, geometry and matrix code whose hand-written gradient is right."""

import numpy as np

from .record import Wild

RNG = np.random.RandomState(1)
G = RNG.randn(3, 4)
EPS = 1e-5


def batchnorm(x):
    mu = np.mean(x, axis=0)
    xmu = x - mu
    inv = 1.0 / np.sqrt(np.mean(xmu**2, axis=0) + EPS)
    return np.sum(G * xmu * inv)


def g_batchnorm(x):
    n = len(x)
    mu = np.mean(x, axis=0)
    inv = 1.0 / np.sqrt(np.var(x, axis=0) + EPS)
    xh = (x - mu) * inv
    return inv / n * (n * G - G.sum(axis=0) - xh * (G * xh).sum(axis=0))


def rmsnorm(x):
    return np.sum(G * x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6))


def g_rmsnorm(x):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
    return G * r - x * r**3 * (G * x).mean(-1, keepdims=True)


def im2col(x, k):
    h, w = x.shape
    rows = [x[i : i + k, j : j + k].ravel() for i in range(h - k + 1) for j in range(w - k + 1)]
    return np.array(rows)


def conv_im2col(w):
    x = np.sin(np.arange(20.0)).reshape(4, 5)
    return np.sum(np.tanh(im2col(x, 3) @ w.ravel()))


def g_conv_im2col(w):
    x = np.sin(np.arange(20.0)).reshape(4, 5)
    cols = im2col(x, 3)
    y = np.tanh(cols @ w.ravel())
    return (cols.T @ (1 - y**2)).reshape(w.shape)


def conv_input(x):
    w = np.array([[1.0, -1.0], [0.5, 2.0]])
    xp = np.pad(x, 1)
    out = np.empty((x.shape[0] + 1, x.shape[1] + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (xp[i : i + 2, j : j + 2] * w).sum()
    return (out**2).sum() / 2


def g_conv_input(x):
    w = np.array([[1.0, -1.0], [0.5, 2.0]])
    xp = np.pad(x, 1)
    dxp = np.zeros_like(xp)
    for i in range(x.shape[0] + 1):
        for j in range(x.shape[1] + 1):
            dxp[i : i + 2, j : j + 2] += (xp[i : i + 2, j : j + 2] * w).sum() * w
    return dxp[1:-1, 1:-1]


def maxpool(x):
    return np.sum(x.reshape(2, 2, 2, 2).max(axis=(1, 3)) ** 2)


def g_maxpool(x):
    dx = np.zeros_like(x)
    for i in range(2):
        for j in range(2):
            window = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            a, b = np.unravel_index(np.argmax(window), window.shape)
            dx[2 * i + a, 2 * j + b] = 2 * window[a, b]
    return dx


class Rnn:
    def __init__(self, steps):
        self.inputs = np.cos(np.arange(steps))
        self.cache = []

    def loss(self, w):
        self.cache = [0.0]
        for value in self.inputs:
            self.cache.append(np.tanh(w[0] * self.cache[-1] + w[1] * value + w[2]))
        return 0.5 * self.cache[-1] ** 2

    def backward(self, w):
        self.loss(w)
        grad = np.zeros(3)
        dh = self.cache[-1]
        for t in reversed(range(len(self.inputs))):
            da = dh * (1 - self.cache[t + 1] ** 2)
            grad += da * np.array([self.cache[t], self.inputs[t], 1.0])
            dh = da * w[0]
        return grad


def embedding(table):
    ids = np.array([1, 3, 1, 0])
    return 0.5 * np.sum((np.take(table, ids, axis=0) - 1.0) ** 2)


def g_embedding(table):
    ids = np.array([1, 3, 1, 0])
    grad = np.zeros_like(table)
    np.add.at(grad, ids, table[ids] - 1.0)
    return grad


def causal_attention(q):
    q = q.reshape(3, 2)
    s = np.einsum("ik,jk->ij", q, q) / np.sqrt(2)
    s = np.where(np.tril(np.ones((3, 3), dtype=bool)), s, -np.inf)
    a = np.exp(s - s.max(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    return np.sum(a @ np.array([1.0, -2.0, 0.5]))


def g_causal_attention(q):
    q = q.reshape(3, 2)
    v = np.array([1.0, -2.0, 0.5])
    s = q @ q.T / np.sqrt(2)
    e = np.exp(s) * np.tril(np.ones((3, 3)))
    a = e / e.sum(1, keepdims=True)
    ds = a * (v[None, :] - (a @ v)[:, None]) / np.sqrt(2)
    return ((ds + ds.T) @ q).ravel()


def bearing_range(p):
    dx, dy = p[2] - p[0], p[3] - p[1]
    return np.arctan2(dy, dx) + np.hypot(dx, dy)


def g_bearing_range(p):
    dx, dy = p[2] - p[0], p[3] - p[1]
    r = np.hypot(dx, dy)
    return np.array(
        [dy / r**2 - dx / r, -dx / r**2 - dy / r, dx / r - dy / r**2, dx / r**2 + dy / r]
    )


def rodrigues(w):
    theta = np.sqrt(w.dot(w))
    p = np.array([1.0, 0.5, -1.0])
    if theta < 1e-8:
        return np.cross(w, p) @ np.array([0.3, -0.7, 0.2])
    k = w / theta
    r = p * np.cos(theta) + np.cross(k, p) * np.sin(theta) + k * k.dot(p) * (1 - np.cos(theta))
    return r @ np.array([0.3, -0.7, 0.2])


def g_rodrigues(w):
    theta = np.linalg.norm(w)
    p, u = np.array([1.0, 0.5, -1.0]), np.array([0.3, -0.7, 0.2])
    if theta < 1e-8:
        return np.cross(p, u)
    k = w / theta
    c, s = np.cos(theta), np.sin(theta)
    dtheta = -s * (p @ u) + c * (np.cross(k, p) @ u) + s * (k @ p) * (k @ u)
    dk = s * np.cross(p, u) + (1 - c) * ((k @ u) * p + (k @ p) * u)
    return dtheta * k + (dk - k * (k @ dk)) / theta


def project(p):
    f, c = 500.0, np.array([320.0, 240.0])
    x = p.reshape(-1, 3)
    uv = f * x[:, :2] / x[:, 2:] + c
    return 0.5 * np.sum((uv - c) ** 2) / f**2


def g_project(p):
    x = p.reshape(-1, 3)
    n = x[:, :2] / x[:, 2:]
    return np.column_stack([n / x[:, 2:], -(n**2).sum(1) / x[:, 2]]).ravel()


def gaussian_nll(a):
    x = np.array([0.3, -1.0])
    s = a @ a.T + 0.5 * np.eye(2)
    return 0.5 * (np.log(np.linalg.det(s)) + x @ np.linalg.solve(s, x))


def g_gaussian_nll(a):
    x = np.array([0.3, -1.0])
    si = np.linalg.inv(a @ a.T + 0.5 * np.eye(2))
    v = si @ x
    return (si - np.outer(v, v)) @ a


def determinant(a):
    return np.linalg.det(a)


def g_determinant(a):
    return np.linalg.det(a) * np.linalg.inv(a).T


def frobenius(a):
    return np.linalg.norm(a, "fro") + np.trace(a @ a) + np.linalg.norm(a.ravel(), 1)


def g_frobenius(a):
    return a / np.sqrt(np.sum(a * a)) + 2 * a.T + np.sign(a)


def rbf_kernel(theta):
    x = np.linspace(0, 1, 4)
    k = theta[0] ** 2 * np.exp(-0.5 * np.subtract.outer(x, x) ** 2 / theta[1] ** 2)
    return np.sum(k)


def g_rbf_kernel(theta):
    x = np.linspace(0, 1, 4)
    d2 = np.subtract.outer(x, x) ** 2
    e = np.exp(-0.5 * d2 / theta[1] ** 2)
    return np.array([2 * theta[0] * e.sum(), theta[0] ** 2 * (e * d2).sum() / theta[1] ** 3])


def safe_product(x):
    return np.multiply.reduce(x)


def g_safe_product(x):
    left = np.concatenate([[1.0], np.cumprod(x)[:-1]])
    right = np.concatenate([np.cumprod(x[::-1])[::-1][1:], [1.0]])
    return left * right


def top_k(x, k=2):
    return np.sum(np.sort(x)[-k:])


def g_top_k(x, k=2):
    g = np.zeros(x.shape)
    g[np.argpartition(x, -k)[-k:]] = 1
    return g


RNN = Rnn(12)
X34 = RNG.randn(3, 4)
A22 = [[2.0, 0.3], [1.0, 0.5]]
CASES: tuple[Wild, ...] = (
    Wild("batchnorm_short", batchnorm, g_batchnorm, (X34,), claim="gradient"),
    Wild("rmsnorm", rmsnorm, g_rmsnorm, (X34, 1e-3 * X34), claim="gradient"),
    Wild("conv_im2col", conv_im2col, g_conv_im2col, (RNG.randn(3, 3),), claim="gradient"),
    Wild("conv_input_pad", conv_input, g_conv_input, (X34,), claim="gradient"),
    Wild("maxpool_argmax", maxpool, g_maxpool, (RNG.randn(4, 4),), claim="gradient"),
    Wild("rnn_class", RNN.loss, RNN.backward, ([1.5, 0.3, -0.2],), claim="gradient"),
    Wild("embedding_add_at", embedding, g_embedding, (RNG.randn(4, 2),), claim="gradient"),
    Wild(
        "causal_attention", causal_attention, g_causal_attention, (RNG.randn(6),), claim="gradient"
    ),
    Wild("bearing_range", bearing_range, g_bearing_range, (RNG.randn(4),), claim="gradient"),
    Wild("rodrigues", rodrigues, g_rodrigues, ([0.3, -0.2, 1.0], [1e-3, 0, 0]), claim="gradient"),
    Wild(
        "project",
        project,
        g_project,
        ([0.3, -0.2, 4.0, 1.0, 2.0, 3.0],),
        claim="gradient",
        box="[0.5, 6]",
    ),
    Wild("gaussian_nll", gaussian_nll, g_gaussian_nll, (A22,), claim="gradient"),
    Wild("determinant", determinant, g_determinant, (A22,), claim="gradient"),
    Wild("frobenius", frobenius, g_frobenius, (A22,), claim="gradient", box="[0.1, 6]"),
    Wild("rbf_kernel", rbf_kernel, g_rbf_kernel, ([1.3, 0.4],), claim="gradient", box="[0.2, 3]"),
    Wild(
        "product_at_zeros",
        safe_product,
        g_safe_product,
        ([2.0, 0.0, 3.0], [0.0, 1, 0]),
        claim="gradient",
    ),
    Wild("top_k", top_k, g_top_k, ([0.3, -0.2, 4.0, 1.0],), claim="gradient"),
)
