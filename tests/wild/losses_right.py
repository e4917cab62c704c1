"""Losses and likelihoods whose hand-written gradient is right, written as people do."""

import numpy as np
import scipy.special as sc
from scipy.special import expit, log_softmax, logsumexp, softmax, xlogy

from .record import Wild

Y = np.array([1.0, 0.0, 1.0, 1.0])
T = np.array([0.5, -1.0, 2.0, 0.25])
COUNTS = np.array([2, 0, 5, 1])


def bce_logits(z):
    return np.mean(np.maximum(z, 0) - z * Y + np.log1p(np.exp(-np.abs(z))))


def g_bce_logits(z):
    return (expit(z) - Y) / len(z)


def huber(p, delta=1.0):
    r = p - T
    small = np.abs(r) <= delta
    return np.sum(np.where(small, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)))


def g_huber(p, delta=1.0):
    g = p - T
    g[g > delta] = delta
    g[g < -delta] = -delta
    return g


def dice(p):
    smooth = 1.0
    i = np.sum(p * Y)
    u = np.sum(p) + np.sum(Y)
    return 1 - (2 * i + smooth) / (u + smooth)


def g_dice(p):
    smooth = 1.0
    i = np.sum(p * Y)
    u = np.sum(p) + np.sum(Y)
    return -(2 * Y * (u + smooth) - (2 * i + smooth)) / np.square(u + smooth)


def cross_entropy(z):
    logits = z.reshape(2, 3)
    labels = np.array([2, 0])
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(2), labels].mean()


def g_cross_entropy(z):
    logits = z.reshape(2, 3)
    labels = np.array([2, 0])
    p = softmax(logits, axis=1)
    p[range(2), labels] -= 1
    return (p / 2).ravel()


def smoothed(z, eps=0.1):
    k = z.shape[-1]
    q = np.full(k, eps / k)
    q[1] += 1 - eps
    return -np.dot(q, log_softmax(z))


def g_smoothed(z, eps=0.1):
    k = z.shape[-1]
    return softmax(z) - eps / k - (1 - eps) * np.eye(k)[1]


def poisson_deviance(z):
    mu = np.exp(z)
    return 2 * np.sum(xlogy(COUNTS, COUNTS / mu) - (COUNTS - mu))


def g_poisson_deviance(z):
    return 2 * (np.exp(z) - COUNTS)


def beta_nll(theta):
    a, b = np.exp(theta[0]), np.exp(theta[1])
    x = np.array([0.2, 0.7, 0.55])
    n = len(x)
    return n * sc.betaln(a, b) - (a - 1) * np.log(x).sum() - (b - 1) * np.log1p(-x).sum()


def g_beta_nll(theta):
    a, b = np.exp(theta)
    x = np.array([0.2, 0.7, 0.55])
    n = len(x)
    common = sc.psi(a + b)
    da = n * (sc.psi(a) - common) - np.log(x).sum()
    db = n * (sc.psi(b) - common) - np.log1p(-x).sum()
    return np.array([a * da, b * db])


def gamma_nll(theta):
    k, rate = theta
    x = np.array([0.2, 1.7, 3.5])
    return np.sum(sc.gammaln(k) - k * np.log(rate) - (k - 1) * np.log(x) + rate * x)


def g_gamma_nll(theta):
    k, rate = theta
    x = np.array([0.2, 1.7, 3.5])
    return np.array([np.sum(sc.digamma(k) - np.log(rate) - np.log(x)), np.sum(x - k / rate)])


def von_mises(theta):
    mu, kappa = theta
    x = np.array([0.1, -0.4, 1.2])
    return np.sum(kappa * np.cos(x - mu) - np.log(2 * np.pi * sc.i0(kappa)))


def g_von_mises(theta):
    mu, kappa = theta
    x = np.array([0.1, -0.4, 1.2])
    ratio = sc.i1(kappa) / sc.i0(kappa)
    return np.array([kappa * np.sin(x - mu).sum(), np.cos(x - mu).sum() - len(x) * ratio])


def multinomial(z):
    return sc.gammaln(COUNTS.sum() + 1) - sc.gammaln(COUNTS + 1).sum() + COUNTS @ (z - logsumexp(z))


def g_multinomial(z):
    return COUNTS - COUNTS.sum() * np.exp(z - logsumexp(z))


def mixture(theta):
    w, m0, m1 = theta
    x = np.array([-1.0, 0.3, 2.0])
    a = np.log(expit(w)) - 0.5 * (x - m0) ** 2
    b = np.log(expit(-w)) - 0.5 * (x - m1) ** 2
    return -np.logaddexp(a, b).sum()


def g_mixture(theta):
    w, m0, m1 = theta
    x = np.array([-1.0, 0.3, 2.0])
    a = np.log(expit(w)) - 0.5 * (x - m0) ** 2
    b = np.log(expit(-w)) - 0.5 * (x - m1) ** 2
    r = expit(a - b)
    return -np.array([np.sum(r - expit(w)), np.sum(r * (x - m0)), np.sum((1 - r) * (x - m1))])


def cox_breslow(eta):
    order = np.array([2, 0, 3, 1])
    event = np.array([1, 1, 0, 1])
    e = eta[order]
    risk = np.logaddexp.accumulate(e[::-1])[::-1]
    return -np.sum(event * (e - risk))


def g_cox_breslow(eta):
    order = np.array([2, 0, 3, 1])
    event = np.array([1, 1, 0, 1])
    w = np.exp(eta[order])
    risk = np.cumsum(w[::-1])[::-1]
    g = np.zeros_like(eta)
    g[order] = -(event - w * np.cumsum(event / risk))
    return g


def triplet(e, margin=0.2):
    a, p, n = e
    return max(np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + margin, 0)


def g_triplet(e, margin=0.2):
    a, p, n = e
    if np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + margin <= 0:
        return np.zeros_like(e)
    return 2 * np.stack([n - p, p - a, a - n])


def info_nce(u):
    z = u / np.linalg.norm(u, axis=1, keepdims=True)
    s = z @ z.T / 0.5
    s = s + np.diag([-1e9] * 3)
    return -(s[0, 1] - logsumexp(s[0]))


def g_info_nce(u):
    norm = np.linalg.norm(u, axis=1, keepdims=True)
    z = u / norm
    s = (z @ z.T / 0.5)[0] + np.array([-1e9, 0, 0])
    w = softmax(s) - np.array([0.0, 1.0, 0.0])
    dz = np.zeros_like(z)
    dz[0] = w[1:] @ z[1:] / 0.5
    dz[1:] = np.outer(w[1:], z[0]) / 0.5
    return (dz - z * np.sum(dz * z, axis=1, keepdims=True)) / norm


def wasserstein_1d(x):
    return np.sum(np.abs(np.sort(x) - np.sort(T)))


def g_wasserstein_1d(x):
    i = np.argsort(x)
    g = np.empty_like(x)
    g[i] = np.sign(x[i] - np.sort(T))
    return g


def mean_pairwise(x):
    d = x[:, None] - x[None, :]
    return np.abs(d).mean()


def g_mean_pairwise(x):
    rank = np.argsort(np.argsort(x))
    n = len(x)
    return 2 * (2 * rank - (n - 1)) / n**2


def gaussian_kl(v):
    mu, logvar = v[:2], v[2:]
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar))


def g_gaussian_kl(v):
    mu, logvar = np.split(v, 2)
    return np.hstack([mu, 0.5 * np.expm1(logvar)])


def soft_margin32(z):
    return np.mean(np.log1p(np.exp(-np.array([1, -1, 1], dtype=np.float32) * z)))


def g_soft_margin32(z):
    y = np.array([1, -1, 1], dtype=np.float32)
    return -y / (1 + np.exp(y * z)) / np.float32(3)


REAL = ([0.3, -0.4, 1.7, 0.9], [-1.2, 0.1, 0.6, -0.5])
UNIT = ([0.3, 0.4, 0.7, 0.9],)

CASES: tuple[Wild, ...] = (
    Wild(
        "bce_logits", bce_logits, g_bce_logits, (*REAL, [0.0, 800.0, -800.0, 3.0]), claim="gradient"
    ),
    Wild("huber_edge", huber, g_huber, (*REAL, [1.5, 0.0, 3.0, -2.0]), claim="gradient"),
    Wild("dice_smooth", dice, g_dice, UNIT, claim="gradient", box="[0.01, 0.99]"),
    Wild(
        "cross_entropy",
        cross_entropy,
        g_cross_entropy,
        ([0.1, 2.0, -1.0, 0.0, 0.0, 50.0],),
        claim="gradient",
    ),
    Wild("label_smoothing", smoothed, g_smoothed, ([0.1, 2.0, -1.0],), claim="gradient"),
    Wild("poisson_deviance", poisson_deviance, g_poisson_deviance, REAL, claim="gradient"),
    Wild("beta_nll", beta_nll, g_beta_nll, ([0.3, -0.4],), claim="gradient", box="[-2, 2]"),
    Wild("gamma_nll", gamma_nll, g_gamma_nll, ([0.3, 1.4],), claim="gradient", box="(0, 10]"),
    Wild("von_mises", von_mises, g_von_mises, ([0.3, 1.4],), claim="gradient", box="(0, 10]"),
    Wild("multinomial", multinomial, g_multinomial, REAL, claim="gradient"),
    Wild("mixture", mixture, g_mixture, ([0.3, -0.4, 1.1],), claim="gradient"),
    Wild("cox_breslow", cox_breslow, g_cox_breslow, REAL, claim="gradient"),
    Wild(
        "triplet",
        triplet,
        g_triplet,
        ([[0.1, 0.2], [0.3, -0.4], [0.2, 0.1]], [[0.1, 0.2], [0.1, 0.2], [3.0, 0.1]]),
        claim="gradient",
    ),
    Wild(
        "info_nce",
        info_nce,
        g_info_nce,
        ([[0.1, 0.2], [0.3, -0.4], [0.2, 0.9]],),
        claim="gradient",
        box="[0.1, 2]",
    ),
    Wild("wasserstein", wasserstein_1d, g_wasserstein_1d, REAL, claim="gradient"),
    Wild("mean_pairwise", mean_pairwise, g_mean_pairwise, REAL, claim="gradient"),
    Wild("gaussian_kl", gaussian_kl, g_gaussian_kl, REAL, claim="gradient"),
    Wild(
        "soft_margin32",
        soft_margin32,
        g_soft_margin32,
        ([0.3, 2.0, -40.0],),
        claim="gradient",
        dtype="float32",
    ),
)
