# ruff: noqa: B905
"""Regressions whose hand-written Hessian was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_dot
from .record import WRONG, Case


def ols_hess_f(beta):
    X = np.array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0], [1.0, 0.1], [1.0, -0.7]])
    y = np.array([1.0, -0.3, 2.5, 0.2, 0.4])
    n = 5
    ssr = np.sum((y - X @ beta) ** 2)
    return -n / 2.0 * (np.log(2 * np.pi) + np.log(ssr / n) + 1)


def ols_hess_g1(beta):
    X = np.array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0], [1.0, 0.1], [1.0, -0.7]])
    y = np.array([1.0, -0.3, 2.5, 0.2, 0.4])
    r = y - X @ beta
    return 5 * (X.T @ r) / np.sum(r**2)


def ols_hess_g(beta):
    X = np.array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0], [1.0, 0.1], [1.0, -0.7]])
    y = np.array([1.0, -0.3, 2.5, 0.2, 0.4])
    nobs = 5
    r = y - X @ beta
    ssr = np.sum(r**2)
    ssrp = -2 * X.T @ r
    hm = X.T @ X / ssr - np.outer(ssrp, ssrp) / ssr**2
    return -nobs * hm / 2.0


def ols_hess_m(b):
    X = mp_array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0], [1.0, 0.1], [1.0, -0.7]])
    Y = mp_array([1.0, -0.3, 2.5, 0.2, 0.4])
    s = sum((y - mp_dot(r, b)) ** 2 for r, y in zip(X, Y))
    return -mpf(5) / 2 * (mpmath.log(2 * mpmath.pi) + mpmath.log(s / 5) + 1)


def glm_sign_f(beta):
    X = np.array([[1.0, 0.2], [1.0, -0.5], [1.0, 1.1]])
    y = np.array([1.0, 0.0, 3.0])
    eta = X @ beta
    return np.sum(y * eta - np.exp(eta))


def glm_sign_g1(beta):
    X = np.array([[1.0, 0.2], [1.0, -0.5], [1.0, 1.1]])
    y = np.array([1.0, 0.0, 3.0])
    return X.T @ (y - np.exp(X @ beta))


def glm_sign_g(beta):
    X = np.array([[1.0, 0.2], [1.0, -0.5], [1.0, 1.1]])
    factor = np.exp(X @ beta)  # hessian_factor, positive by convention
    return (X.T * factor) @ X


def glm_sign_m(b):
    X = mp_array([[1.0, 0.2], [1.0, -0.5], [1.0, 1.1]])
    return sum(y * mp_dot(r, b) - mpmath.exp(mp_dot(r, b)) for r, y in zip(X, (1, 0, 3)))


def d2logp_f(mu):
    return -0.5 * ((1.3 - mu) / 0.7) ** 2 - np.log(0.7) - 0.5 * np.log(2 * np.pi)


def d2logp_g1(mu):
    return (1.3 - mu) / 0.7**2


def d2logp_g(mu):
    return np.ones_like(mu) / 0.7**2  # -grad grad log f


def invgauss_h_f(eta):
    y = np.array([1.3, 0.4, 2.2])
    w = np.array([1.0, 2.0, 0.5])
    mu = np.exp(eta)
    return np.sum(w * (1.0 / mu - 0.5 * y / mu**2))


def invgauss_h_g1(eta):
    y = np.array([1.3, 0.4, 2.2])
    w = np.array([1.0, 2.0, 0.5])
    return w * (y * np.exp(-2 * eta) - np.exp(-eta))


def invgauss_h_g(eta):
    y = np.array([1.3, 0.4, 2.2])
    w = np.array([1.0, 2.0, 0.5])
    inv_mu = np.exp(-eta)
    return 2.0 * w * (inv_mu - 2.0 * y * inv_mu**2)


def invgauss_h_m(eta):
    Y = mp_array([1.3, 0.4, 2.2])
    W = mp_array([1.0, 2.0, 0.5])
    return sum(
        (w * (mpmath.exp(-e) - y * mpmath.exp(-2 * e) / 2) for e, y, w in zip(eta, Y, W)), mpf(0)
    )


def invgauss_h_d(eta):
    Y = mp_array([1.3, 0.4, 2.2])
    W = mp_array([1.0, 2.0, 0.5])
    return [w * (mpmath.exp(-e) - 2 * y * mpmath.exp(-2 * e)) for e, y, w in zip(eta, Y, W)]


CASES: tuple[Case, ...] = (
    Case(
        id="ols_hess",
        title="statsmodels OLS Hessian: the X'X/ssr term halved",
        source="https://github.com/statsmodels/statsmodels/issues/9469",
        family="second-order",
        framework="numpy",
        expected=WRONG,
        points=([0.3, 0.9], [0.0, 0.0]),
        function=ols_hess_f,
        claimed=ols_hess_g,
        exact=ols_hess_m,
        first=ols_hess_g1,
        order=2,
        scalar=True,
    ),
    Case(
        id="glm_sign",
        title="GLM hessian_factor with the sign of minus the second derivative",
        source="https://github.com/statsmodels/statsmodels/issues/7826",
        family="second-order",
        framework="numpy",
        expected=WRONG,
        points=([0.1, 0.4],),
        function=glm_sign_f,
        claimed=glm_sign_g,
        exact=glm_sign_m,
        first=glm_sign_g1,
        order=2,
        scalar=True,
        soft=True,
    ),
    Case(
        id="d2logp",
        title="PyMC d2logp returns minus the Hessian",
        source="https://github.com/pymc-devs/pymc/issues/6310",
        family="second-order",
        framework="numpy",
        expected=WRONG,
        points=(0.2, 1.3),
        function=d2logp_f,
        claimed=d2logp_g,
        exact=lambda m: -(((mpf(1.3) - m) / mpf(0.7)) ** 2) / 2,
        exact_slope=lambda m: -1 / mpf(0.7) ** 2,
        first=d2logp_g1,
        order=2,
        note="f_mp leaves out the additive constant",
    ),
    Case(
        id="invgauss_h",
        title="glum inverse-Gaussian row Hessian doubled",
        source="https://github.com/Quantco/glum/issues/891",
        family="second-order",
        framework="numpy",
        expected=WRONG,
        points=([0.1, -0.4, 0.9],),
        function=invgauss_h_f,
        claimed=invgauss_h_g,
        exact=invgauss_h_m,
        exact_slope=invgauss_h_d,
        first=invgauss_h_g1,
        order=2,
        scalar=True,
        diagonal=True,
        soft=True,
        note=(
            "the issue's own correction gives yet another sign; ours is the "
            "derivative of the stated log-likelihood"
        ),
    ),
)
