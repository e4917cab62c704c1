"""Statistical models, twice-differentiated losses, and numbers that are hard for floats."""

import numpy as np
from scipy.special import gammaln, logsumexp, psi

from .record import KINK_CANCELS, LOST_DIGITS, NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

RNG = np.random.RandomState(5)
OBS = np.array([0, 1, 1, 0])
DATA = np.array([0.3, -1.1, 0.8, 2.0, 0.1])
COUNTS = np.array([3.0, 0.0, 7.0, 2.0])
PLACES = np.array([0.0, 0.4, 1.1, 1.5])
HEIGHTS = np.array([0.2, 0.9, -0.4, 0.3])


# ---------------------------------------------------------------- likelihoods
def mixture(t):
    w, m = np.exp(t[:2]) / np.exp(t[:2]).sum(), t[2:]
    p = w * np.exp(-((DATA[:, None] - m) ** 2) / 2)
    return -np.sum(np.log(p.sum(axis=1)))


def _mixture(t, normalised=True):
    w, m = np.exp(t[:2]) / np.exp(t[:2]).sum(), t[2:]
    p = w * np.exp(-((DATA[:, None] - m) ** 2) / 2)
    r = p / p.sum(axis=1, keepdims=True)
    by_weight = (len(DATA) * w if normalised else 0) - r.sum(axis=0)
    return np.concatenate([by_weight, -np.sum(r * (DATA[:, None] - m), axis=0)])


def g_mixture(t):
    return _mixture(t)


def g_mixture_free(t):
    return _mixture(t, normalised=False)


def forward(t):
    a = t[:4].reshape(2, 2)
    log_a = a - logsumexp(a, axis=1, keepdims=True)
    log_b = np.log(np.array([[0.8, 0.2], [0.3, 0.7]]))
    alpha = np.log([0.6, 0.4]) + log_b[:, OBS[0]]
    for o in OBS[1:]:
        alpha = logsumexp(alpha[:, None] + log_a, axis=0) + log_b[:, o]
    return -logsumexp(alpha)


def _forward(t, project=True):
    a = t.reshape(2, 2)
    p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    b = np.array([[0.8, 0.2], [0.3, 0.7]])
    alphas = [np.array([0.6, 0.4]) * b[:, OBS[0]]]
    for o in OBS[1:]:
        alphas.append((alphas[-1] @ p) * b[:, o])
    beta, counts = np.ones(2), np.zeros((2, 2))
    for k in range(len(OBS) - 1, 0, -1):
        counts += np.outer(alphas[k - 1], b[:, OBS[k]] * beta) * p
        beta = p @ (b[:, OBS[k]] * beta)
    counts /= alphas[-1].sum()
    expected = p * counts.sum(axis=1, keepdims=True) if project else p * counts.sum()
    return (expected - counts).ravel()


def g_forward(t):
    return _forward(t)


def g_forward_rows(t):
    return _forward(t, project=False)


def kalman(t):
    q, r = np.exp(t)
    m, p, total = 0.0, 1.0, 0.0
    for y in DATA:
        p = p + q
        s = p + r
        total += 0.5 * (np.log(s) + (y - m) ** 2 / s)
        k = p / s
        m, p = m + k * (y - m), (1 - k) * p
    return total


def _kalman(t, through_gain=True):
    q, r = np.exp(t)
    m, p, dm, dp = 0.0, 1.0, np.zeros(2), np.zeros(2)
    g = np.zeros(2)
    for y in DATA:
        p, dp = p + q, dp + np.array([q, 0.0])
        s, ds = p + r, dp + np.array([0.0, r])
        e = y - m
        g += 0.5 * (ds / s - 2 * e * dm / s - e**2 * ds / s**2)
        k = p / s
        dk = dp / s - p * ds / s**2 if through_gain else 0.0
        dm, dp = dm + dk * e - k * dm, (1 - k) * dp - dk * p
        m, p = m + k * e, (1 - k) * p
    return g


def g_kalman(t):
    return _kalman(t)


def g_kalman_gain(t):
    return _kalman(t, through_gain=False)


def _kernel(t):
    d2 = (PLACES[:, None] - PLACES[None, :]) ** 2
    k = np.exp(2 * t[0]) * np.exp(-d2 / 2 * np.exp(-2 * t[1]))
    return k, k * d2 * np.exp(-2 * t[1])


def marginal(t):
    c = _kernel(t)[0] + np.exp(2 * t[2]) * np.eye(4)
    low = np.linalg.cholesky(c)
    z = np.linalg.solve(low, HEIGHTS)
    return 0.5 * z @ z + np.log(np.diag(low)).sum()


def _marginal(t, noise=2.0):
    k, by_length = _kernel(t)
    c = k + np.exp(2 * t[2]) * np.eye(4)
    inv = np.linalg.inv(c)
    a = inv @ HEIGHTS
    parts = [2 * k, by_length, noise * np.exp(2 * t[2]) * np.eye(4)]
    return np.array([0.5 * np.trace((inv - np.outer(a, a)) @ d) for d in parts])


def g_marginal(t):
    return _marginal(t)


def g_marginal_noise(t):
    return _marginal(t, noise=1.0)


def elbo(t):
    mu, log_sigma = t
    eps = np.array([-1.2, 0.3, 0.9])
    z = mu + np.exp(log_sigma) * eps
    fit = np.mean(-0.5 * (1.5 - z) ** 2)
    return -(fit - 0.5 * (mu**2 + np.exp(2 * log_sigma) - 1 - 2 * log_sigma))


def g_elbo(t):
    mu, log_sigma = t
    eps = np.array([-1.2, 0.3, 0.9])
    sigma = np.exp(log_sigma)
    r = 1.5 - (mu + sigma * eps)
    return np.array([-np.mean(r) + mu, -np.mean(r * eps) * sigma + sigma**2 - 1])


def g_elbo_chain(t):
    mu, log_sigma = t
    eps = np.array([-1.2, 0.3, 0.9])
    sigma = np.exp(log_sigma)
    r = 1.5 - (mu + sigma * eps)
    return np.array([-np.mean(r) + mu, -np.mean(r * eps) + sigma**2 - 1])


def dirichlet(a):
    x = np.array([0.2, 0.5, 0.3])
    return gammaln(a).sum() - gammaln(a.sum()) - np.sum((a - 1) * np.log(x))


def g_dirichlet(a):
    return psi(a) - psi(a.sum()) - np.log([0.2, 0.5, 0.3])


def g_dirichlet_each(a):
    return psi(a) - psi(a) / len(a) - np.log([0.2, 0.5, 0.3])


def negative_binomial(t):
    mu, r = np.exp(t[0]), np.exp(t[1])
    return np.sum(
        gammaln(r) - gammaln(COUNTS + r) - r * np.log(r / (r + mu)) - COUNTS * np.log(mu / (r + mu))
    )


def g_negative_binomial(t):
    mu, r = np.exp(t[0]), np.exp(t[1])
    by_mu = np.sum((mu - COUNTS) * r / (r + mu))
    inside = psi(r) - psi(COUNTS + r) - np.log(r / (r + mu)) - 1 + (r + COUNTS) / (r + mu)
    return np.array([by_mu, r * np.sum(inside)])


def g_negative_binomial_size(t):
    mu, r = np.exp(t[0]), np.exp(t[1])
    by_mu = np.sum((mu - COUNTS) * r / (r + mu))
    inside = psi(r) - psi(COUNTS + r) - np.log(r / (r + mu))
    return np.array([by_mu, r * np.sum(inside)])


def crf(t):
    unary, pair = t[:6].reshape(3, 2), t[6:].reshape(2, 2)
    alpha = unary[0]
    for u in unary[1:]:
        alpha = logsumexp(alpha[:, None] + pair, axis=0) + u
    return logsumexp(alpha) - unary[0, 1] - unary[1, 0] - unary[2, 0] - pair[1, 0] - pair[0, 0]


def g_crf(t):
    unary, pair = t[:6].reshape(3, 2), t[6:].reshape(2, 2)
    g, h, total = np.zeros((3, 2)), np.zeros((2, 2)), 0.0
    for a in range(2):
        for b in range(2):
            for c in range(2):
                w = np.exp(unary[0, a] + unary[1, b] + unary[2, c] + pair[a, b] + pair[b, c])
                total += w
                g[0, a] += w
                g[1, b] += w
                g[2, c] += w
                h[a, b] += w
                h[b, c] += w
    g, h = g / total, h / total
    g[[0, 1, 2], [1, 0, 0]] -= 1
    h[1, 0] -= 1
    h[0, 0] -= 1
    return np.concatenate([g.ravel(), h.ravel()])


def g_crf_pairs(t):
    g = g_crf(t)
    g[6:] = g[6:].reshape(2, 2).T.ravel()
    return g


# ---------------------------------------------------------------- differentiated twice
XS = np.array([-0.8, 0.1, 0.9])


def residual(w):
    a, b, c = w.reshape(3, 2)
    t = np.tanh(np.outer(XS, a) + b)
    second = (-2 * t * (1 - t**2) * a**2) @ c
    return np.mean((second + t @ c) ** 2)


def _residual(w, third=True):
    a, b, c = w.reshape(3, 2)
    t = np.tanh(np.outer(XS, a) + b)
    s = 1 - t**2
    r = 2 * ((-2 * t * s * a**2) @ c + t @ c) / len(XS)
    by_t = (-2 * (1 - 3 * t**2) * a**2 if third else -2 * s * a**2) + 1
    dz = r[:, None] * by_t * c * s
    da = XS @ dz + r @ (-4 * t * s * a * c)
    return np.concatenate([da, dz.sum(axis=0), r @ (-2 * t * s * a**2 + t)])


def g_residual(w):
    return _residual(w)


def g_residual_third(w):
    return _residual(w, third=False)


def mish(x):
    return x * np.tanh(np.logaddexp(0, x))


def dd_mish(x):
    s = 1 / (1 + np.exp(-x))
    t = np.tanh(np.logaddexp(0, x))
    u = 1 - t**2
    return 2 * u * s + x * (u * s * (1 - s) - 2 * t * u * s**2)


def dd_mish_lost(x):
    s = 1 / (1 + np.exp(-x))
    t = np.tanh(np.logaddexp(0, x))
    u = 1 - t**2
    return 2 * u * s + x * u * s * (1 - s)


def snake(x, a=1.5):
    return x + np.sin(a * x) ** 2 / a


def dd_snake(x, a=1.5):
    return 2 * a * np.cos(2 * a * x)


def dd_snake_inner(x, a=1.5):
    return 2 * np.cos(2 * a * x)


def squared_relu(x):
    return np.maximum(x, 0) ** 2


def dd_squared_relu(x):
    return 2.0 * (x > 0)


def hard_swish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def d_hard_swish(x):
    return np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, (2 * x + 3) / 6))


def d_hard_swish_gate(x):
    return np.clip(x + 3, 0, 6) / 6


# ---------------------------------------------------------------- hard for floats
def log_mean_exp(z):
    m = z.max()
    return m + np.log(np.mean(np.exp(z - m)))


def g_log_mean_exp(z):
    return np.exp(z) / np.exp(z).sum()


def g_shifted(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def spread(x):
    return np.mean((x - x.mean()) ** 2)


def g_spread(x):
    return 2 * (x - x.mean()) / len(x)


def g_spread_center(x):
    return 2 * x / len(x) - 2 * x.mean()


def rational(x):
    return x / np.sqrt(1 + x * x)


def d_rational(x):
    return 1 / (1 + x * x) ** 1.5


def d_rational_difference(x):
    r = np.sqrt(1 + x * x)
    return 1 / r - x * x / r**3


def log_one_minus_exp(x):
    return np.log(-np.expm1(x))


def d_log_one_minus_exp(x):
    return -1 / np.expm1(-x)


def d_log_one_minus_exp_direct(x):
    return -np.exp(x) / (1 - np.exp(x))


def single(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def d_single(x):
    return 1 / (1 + np.exp(-x))


def clamp_and_relu(x):
    return np.maximum(x, 0) - np.maximum(-x, 0)


def d_clamp_and_relu(x):
    return (x > 0).astype(float) + (-x > 0).astype(float)


def largest_gap(x):
    return x.max() - x.min()


def g_largest_gap(x):
    g = np.zeros_like(x)
    g[x.argmax()] += 1
    g[x.argmin()] -= 1
    return g


def g_largest_gap_all(x):
    return (x == x.max()).astype(float) - (x == x.min()).astype(float)


def group_lasso(w):
    return np.linalg.norm(w[:2]) + np.linalg.norm(w[2:])


def g_group_lasso(w):
    out = np.empty_like(w)
    for part in (slice(0, 2), slice(2, 4)):
        n = np.linalg.norm(w[part])
        out[part] = w[part] / n if n > 0 else 0.0
    return out


def g_group_lasso_plain(w):
    a, b = w[:2], w[2:]
    return np.concatenate([a / np.linalg.norm(a), b / np.linalg.norm(b)])


def berhu(x, c=1.0):
    a = np.abs(x)
    return np.where(a <= c, a, (x**2 + c**2) / (2 * c))


def d_berhu(x, c=1.0):
    return np.where(np.abs(x) <= c, np.sign(x), x / c)


G, E = "gradient", "second_derivative"
FOUR, THREE, TWO = ([0.3, -0.7, 1.1, -0.4],), ([0.3, -0.7, 1.1],), ([0.4, -0.3],)
LINE = (-1.7, 0.3, 2.4)
TEN = (RNG.randn(10).tolist(),)

CASES: tuple[Wild, ...] = (
    Wild("mixture_ok", mixture, g_mixture, FOUR, claim=G, box="[-3, 3]"),
    Wild("mixture_free", mixture, g_mixture_free, FOUR, WRONG, G, "[-3, 3]"),
    Wild("hmm_ok", forward, g_forward, FOUR, claim=G, box="[-3, 3]"),
    Wild("hmm_rows", forward, g_forward_rows, FOUR, WRONG, G, "[-3, 3]"),
    Wild("kalman_ok", kalman, g_kalman, TWO, claim=G, box="[-2, 2]"),
    Wild("kalman_gain", kalman, g_kalman_gain, TWO, WRONG, G, "[-2, 2]"),
    Wild("marginal_ok", marginal, g_marginal, THREE, claim=G, box="[-1, 1]"),
    Wild("marginal_noise", marginal, g_marginal_noise, THREE, WRONG, G, "[-1, 1]"),
    Wild("elbo_ok", elbo, g_elbo, TWO, claim=G, box="[-2, 2]"),
    Wild("elbo_chain", elbo, g_elbo_chain, TWO, WRONG, G, "[-2, 2]"),
    Wild("dirichlet_ok", dirichlet, g_dirichlet, ([0.5, 2.0, 3.1],), claim=G, box="[0.1, 5]"),
    Wild("dirichlet_each", dirichlet, g_dirichlet_each, ([0.5, 2.0, 3.1],), WRONG, G, "[0.1, 5]"),
    Wild("counts_ok", negative_binomial, g_negative_binomial, TWO, claim=G, box="[-2, 2]"),
    Wild("counts_size", negative_binomial, g_negative_binomial_size, TWO, WRONG, G, "[-2, 2]"),
    Wild("crf_ok", crf, g_crf, TEN, claim=G, box="[-2, 2]"),
    Wild("crf_pairs", crf, g_crf_pairs, TEN, WRONG, G, "[-2, 2]"),
    Wild("residual_ok", residual, g_residual, ([0.3, -0.7, 1.1, -0.4, 0.8, 0.5],), claim=G),
    Wild(
        "residual_third", residual, g_residual_third, ([0.3, -0.7, 1.1, -0.4, 0.8, 0.5],), WRONG, G
    ),
    Wild("mish_dd", mish, dd_mish, LINE, claim=E),
    Wild("mish_dd_lost", mish, dd_mish_lost, LINE, WRONG, E),
    Wild("snake_dd", snake, dd_snake, LINE, claim=E),
    Wild("snake_dd_inner", snake, dd_snake_inner, LINE, WRONG, E),
    Wild("squared_relu_dd", squared_relu, dd_squared_relu, (0.0,), NO_DERIVATIVE, E),
    Wild("hard_swish_ok", hard_swish, d_hard_swish, LINE),
    Wild("hard_swish_gate", hard_swish, d_hard_swish_gate, LINE, WRONG),
    Wild("log_mean_exp", log_mean_exp, g_log_mean_exp, ([800.0, 1.0, 790.0],), NAN, G, "[0, 1000]"),
    Wild(
        "log_mean_exp_ok", log_mean_exp, g_shifted, ([800.0, 1.0, 790.0], [1.0, 1.0, 0.0]), claim=G
    ),
    Wild("spread_ok", spread, g_spread, FOUR, claim=G),
    Wild("spread_center", spread, g_spread_center, FOUR, WRONG, G),
    Wild("rational_ok", rational, d_rational, (*LINE, 1e6)),
    Wild(
        "rational_difference", rational, d_rational_difference, (1e6,), LOST_DIGITS, box="[1, 1e7]"
    ),
    Wild("log1mexp_ok", log_one_minus_exp, d_log_one_minus_exp, (-1e-9, -2.0), box="[-30, -1e-12]"),
    Wild(
        "log1mexp_direct",
        log_one_minus_exp,
        d_log_one_minus_exp_direct,
        (-1e-12,),
        LOST_DIGITS,
        box="[-30, -1e-13]",
    ),
    Wild("single_precision", single, d_single, (-200.0, 0.0, 30.0), dtype="float32"),
    Wild("relu_pair", clamp_and_relu, d_clamp_and_relu, (0.0,), KINK_CANCELS),
    Wild("largest_gap", largest_gap, g_largest_gap, FOUR, claim=G),
    Wild("largest_gap_tie", largest_gap, g_largest_gap, ([1.0, 0.3, 1.0, -0.4],), ONE_SIDED, G),
    Wild("largest_gap_all", largest_gap, g_largest_gap_all, ([1.0, 0.3, 1.0, -0.4],), WRONG, G),
    Wild("group_lasso_0", group_lasso, g_group_lasso, ([0.0, 0.0, 1.0, 2.0],), ONE_SIDED, G),
    Wild(
        "group_lasso_nan",
        group_lasso,
        g_group_lasso_plain,
        ([0.0, 0.0, 1.0, 2.0],),
        NAN,
        G,
        accept=(NO_DERIVATIVE,),
    ),
    Wild("berhu_ok", berhu, d_berhu, (1.0, -1.0, *LINE)),
    Wild("berhu_zero", berhu, d_berhu, (0.0,), ONE_SIDED),
)
