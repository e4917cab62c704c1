"""Losses and likelihoods of an array whose hand-written gradient is wrong somewhere."""

import numpy as np
from scipy.special import digamma, gammaln

from .record import LOST_DIGITS, NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

Y = np.array([1.0, 0.0, 1.0, 1.0])
T = np.array([0.5, -1.0, 2.0, 0.25])
COUNTS = np.array([2.0, 0.0, 5.0, 1.0])
EPS = np.finfo(float).eps


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
    Wild("hinge_active_mean", hinge, g_hinge, ([0.2, 0.1], [-0.5, 0.3]), WRONG, "gradient"),
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
    Wild("dirichlet_sum", dirichlet, g_dirichlet, POS, WRONG, "gradient", "(0, 10]"),
    Wild("negbin_log_p", negative_binomial, g_negative_binomial, POS, WRONG, "gradient", "(0, 10]"),
    Wild(
        "student_t_nu", student_t, g_student_t, ([0.1, -0.2, 3.0],), WRONG, "gradient", "[0.5, 6]"
    ),
    Wild("wasserstein_order", wasserstein_1d, g_wasserstein_1d, REAL, WRONG, "gradient"),
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
