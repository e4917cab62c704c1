"""Likelihoods, norms and reductions whose hand-written gradient is wrong somewhere."""

import numpy as np
from scipy.special import digamma, gammaln

from .losses_wrong import pinball
from .record import LOST_DIGITS, NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

T = np.array([0.5, -1.0, 2.0, 0.25])
COUNTS = np.array([2.0, 0.0, 5.0, 1.0])


def dirichlet(a):
    x = np.array([0.2, 0.3, 0.1, 0.4])
    return gammaln(a.sum()) - gammaln(a).sum() + ((a - 1) * np.log(x)).sum()


def g_dirichlet(a):
    x = np.array([0.2, 0.3, 0.1, 0.4])
    return digamma(a).sum() - digamma(a) + np.log(x)


def negative_binomial(r):
    k = COUNTS
    p = 0.4
    return np.sum(gammaln(k + r) - gammaln(r) - gammaln(k + 1) + r * np.log(p) + k * np.log1p(-p))


def g_negative_binomial(r):
    return digamma(COUNTS + r) - digamma(r) + np.log1p(-0.4)


def student_t(theta):
    mu, log_s, nu = theta
    z = (T - mu) / np.exp(log_s)
    c = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - log_s
    return np.sum(c - (nu + 1) / 2 * np.log1p(z**2 / nu))


def g_student_t(theta):
    mu, log_s, nu = theta
    s = np.exp(log_s)
    z = (T - mu) / s
    w = (nu + 1) / (nu + z**2)
    d_nu = digamma((nu + 1) / 2) - digamma(nu / 2) - 1 / nu - np.log1p(z**2 / nu)
    d_nu = 0.5 * (d_nu + w * z**2)  # w z^2 / nu
    return np.array([np.sum(w * z) / s, np.sum(w * z**2 - 1), np.sum(d_nu)])


def wasserstein_1d(x):
    return np.sum(np.abs(np.sort(x) - np.sort(T)))


def g_wasserstein_1d(x):
    return np.sign(np.sort(x) - np.sort(T))  # not brought back to the order of x


def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


def g_log_sum_exp(x):
    e = np.exp(x)
    return e / e.sum()


def crps_gauss_scale(x):
    # log of the running product of probabilities, as a CTC path score
    return np.log(np.prod(x))


def g_product_score(x):
    g = np.empty_like(x)
    for i in range(x.size):
        g[i] = 1 / x[i] ** 2
    return g


def l2_norm(w):
    return np.sqrt(np.sum(w**2))


def g_l2_norm(w):
    return w / (np.sqrt(np.sum(w**2)))


def g_l2_norm_eps(w):
    return w / (np.sqrt(np.sum(w**2)) + 1e-3)


def elastic_net(w):
    return 0.5 * np.sum((w - T) ** 2) + 0.3 * np.sum(np.abs(w))


def g_elastic_net(w):
    return (w - T) + 0.3 * np.where(w >= 0, 2.0, -1.0) * np.where(w > 0, 0.5, 1.0)


def variance_shifted(x):
    y = x + 1e8
    return np.mean(y**2) - np.mean(y) ** 2


def g_variance_shifted(x):
    y = (x + 1e8).astype(np.float32)
    return (2 * (y - y.mean()) / x.size).astype(float)


UNIT = ([0.3, 0.4, 0.7, 0.9], [0.2, 0.1, 0.6, 0.5])
REAL = ([0.3, -0.4, 1.7, 0.9], [-1.2, 0.1, 0.6, -0.5])
POS = ([0.3, 1.4, 2.7, 0.9], [3.2, 0.1, 5.6, 4.5])

CASES: tuple[Wild, ...] = (
    Wild("dirichlet_sum", dirichlet, g_dirichlet, POS, WRONG, "gradient", "(0, 10]"),
    Wild("negbin_log_p", negative_binomial, g_negative_binomial, POS, WRONG, "gradient", "(0, 10]"),
    Wild(
        "student_t_nu", student_t, g_student_t, ([0.1, -0.2, 3.0],), WRONG, "gradient", "[0.5, 6]"
    ),
    Wild("wasserstein_order", wasserstein_1d, g_wasserstein_1d, REAL[:1], WRONG, "gradient"),
    Wild(
        "lse_unshifted",
        log_sum_exp,
        g_log_sum_exp,
        ([800.0, 799.0], [1000.0, -3.0]),
        NAN,
        "gradient",
        "[-1000, 1000]",
    ),
    Wild("product_score", crps_gauss_scale, g_product_score, UNIT, WRONG, "gradient", "(0, 10]"),
    Wild("norm_at_zero", l2_norm, g_l2_norm, ([0.0, 0.0, 0.0],), NO_DERIVATIVE, "gradient"),
    Wild("norm_eps", l2_norm, g_l2_norm_eps, ([0.3, -0.4, 1.2],), WRONG, "gradient"),
    Wild(
        "elastic_net_zero",
        elastic_net,
        g_elastic_net,
        ([0.0, 1.0, -2.0, 0.5],),
        NO_DERIVATIVE,
        "gradient",
        accept=(WRONG,),
    ),
    Wild(
        "variance_float32",
        variance_shifted,
        g_variance_shifted,
        ([0.1, 0.5, -0.3],),
        LOST_DIGITS,
        "gradient",
        accept=(WRONG,),
    ),
    Wild(
        "pinball_tie",
        pinball,
        lambda q: np.where(q < T, -0.9, 0.1) / q.size,
        ([0.5, 0.0, 0.0, 0.0],),
        ONE_SIDED,
        "gradient",
    ),
)
