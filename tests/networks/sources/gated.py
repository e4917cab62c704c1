"""Gates and shortcuts: every layer returns its value and a function that goes back."""

import numpy as np


def sigma(z):
    return np.reciprocal(1.0 + np.exp(-z))


def residual(x, W1, W2):
    pre = x @ W1
    act = np.where(pre > 0, pre, 0)
    y = x + act @ W2

    def back(dy):
        dact = dy @ W2.T
        dpre = dact * (pre > 0)
        return dy + dpre @ W1.T, x.T @ dpre, act.T @ dy

    return y, back


def highway(x, WH, bH, WT, bT):
    h = np.tanh(x @ WH + bH)
    t = sigma(x @ WT + bT)
    y = h * t + x * (1 - t)

    def back(dy):
        dh = dy * t * (1 - h**2)
        dt = dy * (h - x) * t * (1 - t)
        dx = dy * (1 - t) + dh @ WH.T + dt @ WT.T
        return dx, x.T @ dh, dh.sum(0), x.T @ dt, dt.sum(0)

    return y, back


def gated_linear_unit(x, W, V):
    a, b = x @ W, x @ V
    gate = sigma(b)

    def back(dy):
        da = dy * gate
        db = dy * a * gate * (1 - gate)
        return da @ W.T + db @ V.T, x.T @ da, x.T @ db

    return a * gate, back


def maxout(x, W, b):
    """W (k, D, H): the largest of k affine pieces."""
    pieces = np.stack([x @ W[i] + b[i] for i in range(W.shape[0])])
    winner = pieces.argmax(axis=0)
    y = np.take_along_axis(pieces, winner[None], axis=0)[0]

    def back(dy):
        dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(b)
        for i in range(W.shape[0]):
            d = dy * (winner == i)
            dx += d @ W[i].T
            dW[i] = x.T @ d
            db[i] = d.sum(axis=0)
        return dx, dW, db

    return y, back


def squeeze_excite(x, W1, W2):
    """x (N, C, L): channels weighted by a gate on their means."""
    s = x.mean(axis=-1)
    pre = s @ W1
    h = np.maximum(pre, 0)
    gate = sigma(h @ W2)
    y = x * gate[..., None]

    def back(dy):
        dgate = np.sum(dy * x, axis=-1) * gate * (1 - gate)
        dW2 = h.T @ dgate
        dpre = dgate @ W2.T
        dpre[pre < 0] = 0.0
        dW1 = s.T @ dpre
        ds = dpre @ W1.T
        dx = dy * gate[..., None] + ds[..., None] / x.shape[-1]
        return dx, dW1, dW2

    return y, back


def mixture_of_experts(x, Wg, We):
    """x (N, D), Wg (D, K), We (K, D, H): experts weighted by a softmax gate."""
    logits = x @ Wg
    g = np.exp(logits - logits.max(1, keepdims=True))
    g = g / g.sum(1, keepdims=True)
    experts = np.einsum("nd,kdh->nkh", x, We)
    y = np.einsum("nk,nkh->nh", g, experts)

    def back(dy):
        dg = np.einsum("nh,nkh->nk", dy, experts)
        dlogits = g * (dg - np.sum(g * dg, axis=1, keepdims=True))
        dWe = np.einsum("nd,nk,nh->kdh", x, g, dy)
        dx = dlogits @ Wg.T + np.einsum("nk,kdh,nh->nd", g, We, dy)
        return dx, x.T @ dlogits, dWe

    return y, back


def prelu(x, alpha):
    y = np.where(x > 0, x, alpha * x)

    def back(dy):
        dx = np.where(x > 0, dy, alpha * dy)
        dalpha = np.sum(np.where(x > 0, 0.0, x) * dy, axis=0)
        return dx, dalpha

    return y, back


def bilinear_gate(x, y, B):
    """x_n^T B_k y_n for each k, squashed by softsign."""
    s = np.einsum("ni,kij,nj->nk", x, B, y)
    out = s / (1 + np.abs(s))

    def back(dout):
        ds = dout / (1 + np.abs(s)) ** 2
        dx = np.einsum("nk,kij,nj->ni", ds, B, y)
        dy = np.einsum("nk,kij,ni->nj", ds, B, x)
        return dx, dy, np.einsum("nk,ni,nj->kij", ds, x, y)

    return out, back
