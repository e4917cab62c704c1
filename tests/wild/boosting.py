"""Objectives of boosted trees and of Newton's method: gradients, Hessians, their diagonals."""

import numpy as np
from scipy.special import expit, log_ndtr, ndtr, softmax

from .record import NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

Y = np.array([1.0, 0.0, 3.0, 2.0])
LABEL = np.array([1.0, -1.0, -1.0, 1.0])
EVENT = np.array([1.0, 0.0, 1.0, 1.0])
CLASS = np.array([2, 0])
X = np.array([[1.0, 0.5], [-0.3, 2.0], [0.8, -1.1], [1.5, 0.2]])
RHO, TAU, DELTA = 1.5, 0.8, 1.0


def poisson(z):
    return np.sum(np.exp(z) - Y * z)


def h_poisson(z):
    return np.exp(z)


def h_poisson_cautious(z, max_delta_step=0.7):
    return np.exp(z + max_delta_step)


def gamma(z):
    return np.sum(z + Y * np.exp(-z))


def g_gamma(z):
    return 1 - Y * np.exp(-z)


def g_gamma_mean(z):
    mu = np.exp(z)
    return (mu - Y) / mu**2 * mu * 0.5


def tweedie(z):
    a, b = 1 - RHO, 2 - RHO
    return np.sum(-Y * np.exp(a * z) / a + np.exp(b * z) / b)


def h_tweedie(z):
    a, b = 1 - RHO, 2 - RHO
    return -Y * a * np.exp(a * z) + b * np.exp(b * z)


def h_tweedie_sign(z):
    a, b = 1 - RHO, 2 - RHO
    return Y * a * np.exp(a * z) + b * np.exp(b * z)


def quantile(z):
    r = Y - z
    return np.sum(np.maximum(TAU * r, (TAU - 1) * r))


def g_quantile(z):
    return np.where(z < Y, -TAU, 1 - TAU)


def g_quantile_swapped(z):
    return np.where(z < Y, -(1 - TAU), TAU)


def h_ones(z):
    return np.ones_like(z)


def huber(z):
    r = z - Y
    small = np.abs(r) <= DELTA
    return np.sum(np.where(small, 0.5 * r**2, DELTA * (np.abs(r) - 0.5 * DELTA)))


def g_huber(z):
    return np.clip(z - Y, -DELTA, DELTA)


def h_huber(z):
    return (np.abs(z - Y) <= DELTA).astype(float)


def h_huber_majorant(z):
    r = np.abs(z - Y)
    return np.where(r <= DELTA, 1.0, DELTA / np.maximum(r, 1e-12))


def expectile(z):
    r = Y - z
    return np.sum(np.where(r >= 0, TAU, 1 - TAU) * r**2)


def g_expectile(z):
    r = Y - z
    return -2 * np.where(r >= 0, TAU, 1 - TAU) * r


def g_expectile_half(z):
    r = Y - z
    return -np.where(r >= 0, TAU, 1 - TAU) * r


def h_expectile(z):
    return 2 * np.where(z <= Y, TAU, 1 - TAU)


def fair(z, c=2.0):
    r = np.abs(z - Y) / c
    return c**2 * np.sum(r - np.log1p(r))


def h_fair(z, c=2.0):
    return c**2 / (np.abs(z - Y) + c) ** 2


def h_fair_linear(z, c=2.0):
    return c / (np.abs(z - Y) + c)


def mape(z):
    return np.mean(np.abs(z - Y) / np.maximum(1.0, np.abs(Y)))


def g_mape(z):
    return np.sign(z - Y) / np.maximum(1.0, np.abs(Y)) / len(z)


def g_mape_sum(z):
    return np.sign(z - Y) / np.maximum(1.0, np.abs(Y))


def clipped(z):
    p = np.clip(1 / (1 + np.exp(-z)), 1e-7, 1 - 1e-7)
    t = (LABEL + 1) / 2
    return -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p))


def g_clipped(z):
    return 1 / (1 + np.exp(-z)) - (LABEL + 1) / 2


def squared_hinge(z):
    return np.sum(np.maximum(0, 1 - LABEL * z) ** 2)


def g_squared_hinge(z):
    return -2 * LABEL * np.maximum(0, 1 - LABEL * z)


def h_squared_hinge(z):
    return 2.0 * (1 - LABEL * z > 0)


def cox(z):
    return -np.sum(EVENT * (z - np.log(np.cumsum(np.exp(z)))))


def g_cox(z):
    e = np.exp(z)
    share = EVENT / np.cumsum(e)
    return e * np.cumsum(share[::-1])[::-1] - EVENT


def g_cox_forward(z):
    e = np.exp(z)
    return e * np.cumsum(EVENT / np.cumsum(e)) - EVENT


def h_cox(z):
    e, risk = np.exp(z), np.cumsum(np.exp(z))
    first = np.cumsum((EVENT / risk)[::-1])[::-1]
    second = np.cumsum((EVENT / risk**2)[::-1])[::-1]
    return e * first - e**2 * second


def h_cox_first(z):
    e = np.exp(z)
    return e * np.cumsum((EVENT / np.cumsum(e))[::-1])[::-1]


def pairwise(z):
    total = 0.0
    for i in range(len(z)):
        for j in range(len(z)):
            if Y[i] > Y[j]:
                total += np.log1p(np.exp(-(z[i] - z[j])))
    return total


def _pairs(z, weight, sign):
    out = np.zeros_like(z)
    for i in range(len(z)):
        for j in range(len(z)):
            if Y[i] > Y[j]:
                w = weight(z[i] - z[j])
                out[i] += w
                out[j] += sign * w
    return out


def g_pairwise(z):
    return _pairs(z, lambda s: -1 / (1 + np.exp(s)), -1)


def g_pairwise_sign(z):
    return _pairs(z, lambda s: -1 / (1 + np.exp(s)), 1)


def h_pairwise(z):
    return _pairs(z, lambda s: expit(s) * expit(-s), 1)


def ndcg_weighted(z):
    gain = 2**Y - 1
    diff = gain[:, None] - gain[None, :]
    s = z[:, None] - z[None, :]
    return np.sum(np.where(diff > 0, diff * np.logaddexp(0, -s), 0.0))


def g_ndcg_weighted(z):
    gain = 2**Y - 1
    diff = np.maximum(gain[:, None] - gain[None, :], 0)
    lam = -diff * expit(-(z[:, None] - z[None, :]))
    return lam.sum(axis=1) - lam.sum(axis=0)


def g_ndcg_unweighted(z):
    lam = -1.0 * (Y[:, None] > Y[None, :]) * expit(-(z[:, None] - z[None, :]))
    return lam.sum(axis=1) - lam.sum(axis=0)


def multi(z):
    z = z.reshape(2, 3)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[np.arange(2), CLASS])


def g_multi(z):
    p = softmax(z.reshape(2, 3), axis=1)
    p[np.arange(2), CLASS] -= 1
    return p.ravel()


def g_multi_columns(z):
    p = softmax(z.reshape(2, 3), axis=1)
    p[np.arange(2), CLASS] -= 1
    return p.ravel(order="F")  # the older layout of xgboost


def probit(z):
    return -np.sum(log_ndtr(LABEL * z))


def g_probit(z):
    phi = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return -LABEL * phi / ndtr(LABEL * z)


def h_probit(z):
    m = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) / ndtr(LABEL * z)
    return m * (m + LABEL * z)


def h_probit_sign(z):
    m = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) / ndtr(LABEL * z)
    return m * (m - LABEL * z)


def irls(w):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - (Y > 1) * z) + 0.05 * w @ w


def h_irls(w):
    p = expit(X @ w)
    return X.T @ np.diag(p * (1 - p)) @ X / len(X) + 0.1 * np.eye(2)


def h_irls_penalty(w):
    p = expit(X @ w)
    return X.T @ (X * (p * (1 - p))[:, None]) / len(X) + 0.05 * np.eye(2)


def v_irls(w, v):
    p = expit(X @ w)
    return X.T @ (p * (1 - p) * (X @ v)) / len(X) + 0.1 * v


def v_irls_sum(w, v):
    p = expit(X @ w)
    return X.T @ (p * (1 - p) * (X @ v)) + 0.1 * v


def least_squares(w):
    return 0.5 * np.sum((np.tanh(X @ w) - 0.3 * Y) ** 2)


def h_gauss_newton(w):
    slope = 1 - np.tanh(X @ w) ** 2
    jac = slope[:, None] * X
    return jac.T @ jac


def h_least_squares(w):
    t = np.tanh(X @ w)
    slope, bend = 1 - t**2, -2 * t * (1 - t**2)
    return X.T @ np.diag(slope**2 + (t - 0.3 * Y) * bend) @ X


def softmax_regression(w):
    s = X @ w.reshape(2, 3)
    return np.sum(np.log(np.exp(s).sum(axis=1)) - s[:, 1])


def h_softmax_regression(w):
    p = softmax(X @ w.reshape(2, 3), axis=1)
    h = np.zeros((6, 6))
    for x, q in zip(X, p, strict=True):
        h += np.kron(np.outer(x, x), np.diag(q) - np.outer(q, q))
    return h


def h_softmax_regression_order(w):
    p = softmax(X @ w.reshape(2, 3), axis=1)
    h = np.zeros((6, 6))
    for x, q in zip(X, p, strict=True):
        h += np.kron(np.diag(q) - np.outer(q, q), np.outer(x, x))
    return h


AT = ([0.3, -0.8, 1.4, 0.2], [-1.5, 0.1, 0.6, 2.3])
TIE = ([1.0, -0.8, 1.4, 0.2],)
SIX = ([0.3, -0.8, 1.4, 0.2, 0.9, -0.5],)
H, D, G, V = "hessian", "hessian_diagonal", "gradient", "hvp"

CASES: tuple[Wild, ...] = (
    Wild("poisson_h", poisson, h_poisson, AT, claim=D),
    Wild("poisson_delta_step", poisson, h_poisson_cautious, AT, WRONG, D),
    Wild("gamma_g", gamma, g_gamma, AT, claim=G),
    Wild("gamma_half", gamma, g_gamma_mean, AT, WRONG, G),
    Wild("tweedie_h", tweedie, h_tweedie, AT, claim=D),
    Wild("tweedie_sign", tweedie, h_tweedie_sign, AT, WRONG, D),
    Wild("quantile_g", quantile, g_quantile, AT, claim=G),
    Wild("quantile_swapped", quantile, g_quantile_swapped, AT, WRONG, G),
    Wild("quantile_h_ones", quantile, h_ones, AT, WRONG, D),
    Wild("quantile_tie", quantile, g_quantile, TIE, ONE_SIDED, G),
    Wild("huber_tie_c1", huber, g_huber, ([2.0, -1.0, 1.4, 0.2],), claim=G),
    Wild("huber_h_tie", huber, h_huber, ([2.0, -0.8, 1.4, 0.2],), NO_DERIVATIVE, D),
    Wild("huber_majorant", huber, h_huber_majorant, ([4.0, -3.0, 1.4, 0.2],), WRONG, D),
    Wild("expectile_g", expectile, g_expectile, (*AT, *TIE), claim=G),
    Wild("expectile_half", expectile, g_expectile_half, AT, WRONG, G),
    Wild("expectile_h_tie", expectile, h_expectile, TIE, NO_DERIVATIVE, D),
    Wild("fair_h", fair, h_fair, AT, claim=D),
    Wild("fair_linear", fair, h_fair_linear, AT, WRONG, D),
    Wild("mape_g", mape, g_mape, AT, claim=G),
    Wild("mape_sum", mape, g_mape_sum, AT, WRONG, G),
    Wild("clipped_logits", clipped, g_clipped, ([20.0, 1.0, 18.0, 0.3],), WRONG, G, "[-40, 40]"),
    Wild("squared_hinge_g", squared_hinge, g_squared_hinge, (*AT, *TIE), claim=G),
    Wild("squared_hinge_h", squared_hinge, h_squared_hinge, TIE, NO_DERIVATIVE, D),
    Wild("cox_g", cox, g_cox, AT, claim=G),
    Wild("cox_forward", cox, g_cox_forward, AT, WRONG, G),
    Wild("cox_h", cox, h_cox, AT, claim=D),
    Wild("cox_h_first", cox, h_cox_first, AT, WRONG, D),
    Wild("pairwise_g", pairwise, g_pairwise, AT, claim=G),
    Wild("pairwise_sign", pairwise, g_pairwise_sign, AT, WRONG, G),
    Wild("pairwise_h", pairwise, h_pairwise, AT, claim=D),
    Wild("ndcg_g", ndcg_weighted, g_ndcg_weighted, AT, claim=G),
    Wild("ndcg_unweighted", ndcg_weighted, g_ndcg_unweighted, AT, WRONG, G),
    Wild("multi_g", multi, g_multi, SIX, claim=G),
    Wild("multi_columns", multi, g_multi_columns, SIX, WRONG, G),
    Wild("probit_g", probit, g_probit, AT, claim=G),
    Wild("probit_h", probit, h_probit, AT, claim=D),
    Wild("probit_h_sign", probit, h_probit_sign, AT, WRONG, D),
    Wild("irls_h", irls, h_irls, ([0.4, -0.7],), claim=H),
    Wild("irls_penalty", irls, h_irls_penalty, ([0.4, -0.7],), WRONG, H),
    Wild("irls_hvp", irls, v_irls, ([0.4, -0.7],), claim=V),
    Wild("irls_hvp_sum", irls, v_irls_sum, ([0.4, -0.7],), WRONG, V),
    Wild("gauss_newton", least_squares, h_gauss_newton, ([0.4, -0.7],), WRONG, H),
    Wild("least_squares_h", least_squares, h_least_squares, ([0.4, -0.7],), claim=H),
    Wild("softmax_regression_h", softmax_regression, h_softmax_regression, SIX, claim=H),
    Wild("softmax_kron", softmax_regression, h_softmax_regression_order, SIX, WRONG, H),
)
