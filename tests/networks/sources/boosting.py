"""Custom objectives for gradient boosting: each returns (grad, hess) as the library wants them."""

import numpy as np


def _sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def squared_loss(preds, y, w):
    return 0.5 * np.sum(w * (preds - y) ** 2)


def squared_obj(preds, y, w):
    grad = w * (preds - y)
    hess = w * np.ones_like(preds)
    return grad, hess


def logistic_loss(preds, y):
    return np.sum(np.logaddexp(0, preds) - y * preds)


def logistic_obj(preds, y):
    p = _sigmoid(preds)
    return p - y, p * (1 - p)


def softmax_loss(preds, y):
    """preds (N, K) raw scores."""
    z = preds - preds.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])


def softmax_obj(preds, y):
    n, k = preds.shape
    grad = np.zeros((n, k))
    hess = np.zeros((n, k))
    for r in range(n):
        e = np.exp(preds[r] - np.max(preds[r]))
        p = e / np.sum(e)
        for c in range(k):
            grad[r, c] = p[c] - 1.0 if c == y[r] else p[c]
            hess[r, c] = p[c] * (1.0 - p[c])
    return grad, hess


def poisson_loss(preds, y):
    return np.sum(np.exp(preds) - y * preds)


def poisson_obj(preds, y):
    mu = np.exp(preds)
    return mu - y, mu


def gamma_loss(preds, y):
    """Gamma regression with a log link."""
    return np.sum(preds + y * np.exp(-preds))


def gamma_obj(preds, y):
    ratio = y * np.exp(-preds)
    return 1 - ratio, ratio


def tweedie_loss(preds, y, rho=1.5):
    return np.sum(np.exp((2 - rho) * preds) / (2 - rho) - y * np.exp((1 - rho) * preds) / (1 - rho))


def tweedie_obj(preds, y, rho=1.5):
    a = y * np.exp((1 - rho) * preds)
    b = np.exp((2 - rho) * preds)
    return b - a, (2 - rho) * b - (1 - rho) * a


def pseudo_huber_loss(preds, y, delta=1.5):
    return np.sum(delta**2 * (np.sqrt(1 + ((preds - y) / delta) ** 2) - 1))


def pseudo_huber_obj(preds, y, delta=1.5):
    d = preds - y
    scale = 1 + (d / delta) ** 2
    root = np.sqrt(scale)
    return d / root, 1 / (scale * root)


def log_cosh_loss(preds, y):
    return np.log(np.cosh(preds - y)).sum()


def log_cosh_obj(preds, y):
    t = np.tanh(preds - y)
    return t, 1 - t * t


def focal_loss(preds, y, gamma=2.0):
    p = _sigmoid(preds)
    pt = np.where(y == 1, p, 1 - p)
    return -np.sum((1 - pt) ** gamma * np.log(pt))


def focal_grad(preds, y, gamma=2.0):
    p = _sigmoid(preds)
    pt = np.where(y == 1, p, 1 - p)
    sign = np.where(y == 1, 1.0, -1.0)
    return sign * (1 - pt) ** gamma * (gamma * pt * np.log(pt) - (1 - pt))


def survival_loss(preds, time, event):
    """Cox partial likelihood, times sorted from late to early."""
    order = np.argsort(-time)
    s = preds[order]
    risk = np.log(np.cumsum(np.exp(s)))
    return np.sum(event[order] * (risk - s))


def survival_grad(preds, time, event):
    order = np.argsort(-time)
    s, d = preds[order], event[order]
    e = np.exp(s)
    total = np.cumsum(e)
    later = np.cumsum((d / total)[::-1])[::-1]
    grad = np.empty_like(preds)
    grad[order] = e * later - d
    return grad
