"""Losses of an array whose hand-written gradient is wrong somewhere."""

import numpy as np

from .record import WRONG, Wild

Y = np.array([1.0, 0.0, 1.0, 1.0])
T = np.array([0.5, -1.0, 2.0, 0.25])
COUNTS = np.array([2.0, 0.0, 5.0, 1.0])


def bce(p):
    return -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))


def g_bce_no_mean(p):
    return (p - Y) / (p * (1 - p))


def bce_clipped(p):
    q = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.sum(Y * np.log(q) + (1 - Y) * np.log(1 - q))


def g_bce_clipped(p):
    q = np.clip(p, 1e-7, 1 - 1e-7)
    return -(Y / q - (1 - Y) / (1 - q))  # not zero where the clip holds


def focal(z, gamma=2.0):
    p = 1 / (1 + np.exp(-z))
    pt = np.where(Y == 1, p, 1 - p)
    return -np.sum((1 - pt) ** gamma * np.log(pt))


def g_focal(z, gamma=2.0):
    p = 1 / (1 + np.exp(-z))
    pt = np.where(Y == 1, p, 1 - p)
    sign = 2 * Y - 1
    return sign * (1 - pt) ** gamma * (gamma * pt * np.log(pt) + pt)  # ... + pt - 1


def tversky(p, alpha=0.3, beta=0.7):
    tp = (p * Y).sum()
    fp = (p * (1 - Y)).sum()
    fn = ((1 - p) * Y).sum()
    return 1 - tp / (tp + alpha * fp + beta * fn)


def g_tversky(p, alpha=0.3, beta=0.7):
    tp = (p * Y).sum()
    fp = (p * (1 - Y)).sum()
    fn = ((1 - p) * Y).sum()
    d = tp + alpha * fp + beta * fn
    return -(Y * d - tp * (Y + beta * (1 - Y) - alpha * Y)) / d**2  # alpha, beta swapped


def pinball(q, tau=0.9):
    e = T - q
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


def g_pinball(q, tau=0.9):
    return np.where(q < T, tau, tau - 1) / q.size


def poisson(z):
    return np.sum(np.exp(z) - COUNTS * z)


def g_poisson(z):
    return 1 - COUNTS / np.exp(z)


def tweedie(z, rho=1.5):
    a = COUNTS * np.exp((1 - rho) * z) / (1 - rho)
    b = np.exp((2 - rho) * z) / (2 - rho)
    return np.sum(-a + b)


def g_tweedie(z, rho=1.5):
    return -COUNTS * np.exp((1 - rho) * z) + (2 - rho) * np.exp((2 - rho) * z)


def gamma_deviance(mu):
    y = COUNTS + 1
    return 2 * np.sum(np.log(mu / y) + y / mu - 1)


def g_gamma_deviance(mu):
    y = COUNTS + 1
    return 2 * (mu - y) / mu


def cox(eta):
    # sorted by time, all events: log partial likelihood, negated
    risk = np.cumsum(np.exp(eta)[::-1])[::-1]
    return -np.sum(eta - np.log(risk))


def g_cox(eta):
    w = np.exp(eta)
    risk = np.cumsum(w[::-1])[::-1]
    return -(1 - w * np.cumsum(1 / risk)[::-1])


def ordinal(theta):
    eta = np.array([0.3, -0.4, 1.2])
    label = [0, 2, 1]
    cuts = np.concatenate([[-np.inf], theta, [np.inf]])
    total = 0.0
    for i, k in enumerate(label):
        hi = 1.0 if k == 2 else 1 / (1 + np.exp(-(cuts[k + 1] - eta[i])))
        lo = 0.0 if k == 0 else 1 / (1 + np.exp(-(cuts[k] - eta[i])))
        total -= np.log(hi - lo)
    return total


def g_ordinal(theta):
    eta = np.array([0.3, -0.4, 1.2])
    label = [0, 2, 1]
    grad = np.zeros(2)
    for i, k in enumerate(label):
        hi = 1.0 if k == 2 else 1 / (1 + np.exp(-(theta[k] - eta[i])))
        lo = 0.0 if k == 0 else 1 / (1 + np.exp(-(theta[k - 1] - eta[i])))
        if k < 2:
            grad[k] -= hi * (1 - hi) / (hi - lo)
        if k > 0:
            grad[k - 1] -= lo * (1 - lo) / (hi - lo)  # += it should be
    return grad


def hinge(w):
    X = np.array([[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5]])
    y = np.array([1.0, -1.0, 1.0])
    return np.mean(np.maximum(0, 1 - y * X.dot(w))) + 0.05 * w.dot(w)


def g_hinge(w):
    X = np.array([[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5]])
    y = np.array([1.0, -1.0, 1.0])
    active = y * X.dot(w) < 1
    return -(X * y[:, None])[active].mean(axis=0) + 0.1 * w  # mean over the active only


def contrastive(e, margin=1.0):
    d = np.sqrt(np.sum((e[0] - e[1]) ** 2))
    return 0.5 * max(0.0, margin - d) ** 2


def g_contrastive(e, margin=1.0):
    diff = e[0] - e[1]
    d = np.sqrt(np.sum(diff**2))
    g = np.zeros_like(e)
    if d < margin:
        g[0] = (margin - d) * diff / d
        g[1] = -g[0]
    return g


def kl_softmax(z):
    q = np.array([0.1, 0.2, 0.3, 0.4])
    p = np.exp(z - z.max())
    p /= p.sum()
    return np.sum(p * (np.log(p) - np.log(q)))


def g_kl_softmax(z):
    q = np.array([0.1, 0.2, 0.3, 0.4])
    p = np.exp(z - z.max())
    p /= p.sum()
    return p * (np.log(p / q) + 1)


UNIT = ([0.3, 0.4, 0.7, 0.9], [0.2, 0.1, 0.6, 0.5])
REAL = ([0.3, -0.4, 1.7, 0.9], [-1.2, 0.1, 0.6, -0.5])
POS = ([0.3, 1.4, 2.7, 0.9], [3.2, 0.1, 5.6, 4.5])

CASES: tuple[Wild, ...] = (
    Wild("bce_mean", bce, g_bce_no_mean, UNIT, WRONG, "gradient", "[0.01, 0.99]"),
    Wild(
        "bce_clipped",
        bce_clipped,
        g_bce_clipped,
        ([1e-9, 0.5, 0.5, 0.5], [0.5, 1 - 1e-9, 0.5, 0.5]),
        WRONG,
        "gradient",
        "[0, 1]",
    ),
    Wild("focal_term", focal, g_focal, REAL, WRONG, "gradient"),
    Wild("tversky_swap", tversky, g_tversky, UNIT, WRONG, "gradient", "[0.01, 0.99]"),
    Wild("pinball_sign", pinball, g_pinball, REAL, WRONG, "gradient"),
    Wild("poisson_mean_link", poisson, g_poisson, REAL, WRONG, "gradient"),
    Wild("tweedie_chain", tweedie, g_tweedie, REAL, WRONG, "gradient"),
    Wild("gamma_deviance_mu", gamma_deviance, g_gamma_deviance, POS, WRONG, "gradient", "(0, 10]"),
    Wild("cox_reverse", cox, g_cox, REAL, WRONG, "gradient"),
    Wild("ordinal_cut_sign", ordinal, g_ordinal, ([-0.3, 0.8],), WRONG, "gradient", "[-2, 2]"),
    Wild("hinge_active_mean", hinge, g_hinge, ([-0.5, 0.3],), WRONG, "gradient"),
    Wild(
        "contrastive_sign",
        contrastive,
        g_contrastive,
        ([[0.1, 0.2], [0.3, -0.4]], [[0.0, 0.2], [0.3, 0.4]]),
        WRONG,
        "gradient",
        "[-0.3, 0.3]",
    ),
    Wild("kl_softmax_direct", kl_softmax, g_kl_softmax, REAL, WRONG, "gradient"),
)
