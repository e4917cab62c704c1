# ruff: noqa: B905, E731, E741
"""Log-likelihoods whose hand-written gradient was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_sigmoid
from .record import WRONG, Case


def weibull_swap_f(t):
    """log-free Weibull density at x=1.3 as a function of (beta, alpha)"""
    beta, alpha = t[0], t[1]
    x = 1.3
    return alpha / beta * (x / beta) ** (alpha - 1.0) * np.exp(-((x / beta) ** alpha))


def weibull_swap_g(t):
    beta, alpha = t[0], t[1]
    x = 1.3
    powX = (x / beta) ** alpha
    factor = powX / x * np.exp(-powX)
    d0 = factor * (1.0 + (1.0 - powX) * np.log(powX))  # this is d/d alpha
    d1 = factor * (powX - 1.0) * alpha * alpha / beta  # this is d/d beta
    return np.array([d0, d1])


def weibull_swap_m(t):
    b, a = t
    q = mpf(1.3) / b
    return a / b * q ** (a - 1) * mpmath.exp(-(q**a))


def weibull_swap_d(t):
    b, a = t
    q = mpf(1.3) / b
    w = q**a
    pdf = a / mpf(1.3) * w * mpmath.exp(-w)
    return [pdf * a / b * (w - 1), pdf * (1 / a + mpmath.log(q) * (1 - w))]


def ordlogit_f(c):
    lam = np.array([0.3, -0.5, 1.1, 0.0])
    y = np.array([1, 1, 3, 2])
    sig = lambda v: 1.0 / (1.0 + np.exp(-v))
    ll = 0.0
    for n in range(4):
        if y[n] == 1:
            ll += np.log(1.0 - sig(lam[n] - c[0]))
        elif y[n] == 3:
            ll += np.log(sig(lam[n] - c[1]))
        else:
            ll += np.log(sig(lam[n] - c[0]) - sig(lam[n] - c[1]))
    return ll


def ordlogit_g(c):
    lam = np.array([0.3, -0.5, 1.1, 0.0])
    y = np.array([1, 1, 3, 2])
    sig = lambda v: 1.0 / (1.0 + np.exp(-v))
    g = np.zeros(2)
    for n in range(4):
        if y[n] == 1:
            g[0] = sig(lam[n] - c[0])  # = overwrites, += was meant
        elif y[n] == 3:
            g[1] = -(1.0 - sig(lam[n] - c[1]))  # likewise
        else:
            p, q = sig(lam[n] - c[0]), sig(lam[n] - c[1])
            g[0] += -p * (1 - p) / (p - q)
            g[1] += q * (1 - q) / (p - q)
    return g


def ordlogit_m(c):
    L = mp_array([0.3, -0.5, 1.1, 0.0])
    s = mpf(0)
    for l, y in zip(L, (1, 1, 3, 2)):
        p, q = mp_sigmoid(l - c[0]), mp_sigmoid(l - c[1])
        s += mpmath.log(1 - p) if y == 1 else mpmath.log(q) if y == 3 else mpmath.log(p - q)
    return s


def mvn_cov_f(S):
    x = np.array([0.7, -0.4])
    S = S.reshape(2, 2)
    return -0.5 * (2 * np.log(2 * np.pi) + np.log(np.linalg.det(S)) + x @ np.linalg.solve(S, x))


def mvn_cov_g(S):
    x = np.array([0.7, -0.4])
    S = S.reshape(2, 2)
    Si = np.linalg.inv(S)
    J = np.outer(Si @ x, Si @ x)
    return 0.5 * (Si.T - J.T)  # sign reversed


def mvn_cov_m(s):
    a, b, c, d = s
    det = a * d - b * c
    x, y = mpf(0.7), mpf(-0.4)
    q = (x * (d * x - b * y) + y * (-c * x + a * y)) / det
    return -(2 * mpmath.log(2 * mpmath.pi) + mpmath.log(det) + q) / 2


CASES: tuple[Case, ...] = (
    Case(
        id="weibull_swap",
        title="OpenTURNS WeibullMin: partial derivatives by beta and alpha exchanged",
        source="https://github.com/openturns/openturns/issues/1556",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([0.9, 1.8], [2.0, 0.7]),
        function=weibull_swap_f,
        claimed=weibull_swap_g,
        exact=weibull_swap_m,
        exact_slope=weibull_swap_d,
        scalar=True,
        domain="pos",
    ),
    Case(
        id="ordlogit",
        title=(
            "Stan ordered_logistic_lpmf: cut-point derivative assigned (=) instead of"
            " accumulated (+=)"
        ),
        source="https://github.com/stan-dev/math/issues/1248",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([-0.4, 0.8],),
        function=ordlogit_f,
        claimed=ordlogit_g,
        exact=ordlogit_m,
        scalar=True,
        domain="near",
        note="right when every outcome occurs once, so a one-row test passes",
    ),
    Case(
        id="mvn_cov",
        title=(
            "autograd 1.2: derivative of the multivariate normal log-density by the "
            "covariance with reversed sign"
        ),
        source="https://github.com/HIPS/autograd/pull/412",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([[1.2, 0.3], [0.3, 0.8]],),
        function=mvn_cov_f,
        claimed=mvn_cov_g,
        exact=mvn_cov_m,
        scalar=True,
        domain="near",
        fidelity="output",
    ),
)
