# ruff: noqa: B905, E741
"""Controls: somebody reported a bug, and the formula was right.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array
from .record import RIGHT, Case


def ctl_contr_f(ab):
    a, b = ab[:3], ab[3:]
    return 0.5 * np.sum((a - b) ** 2)


def ctl_contr_g(ab):
    a, b = ab[:3], ab[3:]
    return np.concatenate([a - b, -(a - b)])


def ctl_sk_dot_f(theta):
    sigma_0 = np.exp(theta)
    return 2.7 + sigma_0**2


def ctl_sk_dot_g(theta):
    sigma_0 = np.exp(theta)
    return 2 * sigma_0**2


def ctl_sk_logrbf_f(theta):
    l = np.exp(theta)
    d2 = np.array([8.0, 32.0])
    return np.sum(np.exp(-0.5 * d2 / l**2))


def ctl_sk_logrbf_g(theta):
    l = np.exp(theta)
    d2 = np.array([8.0, 32.0])
    return np.sum(np.exp(-0.5 * d2 / l**2) * d2 / l**2) * np.ones_like(theta)


def ctl_lgbbin_m(s):
    return sum(mpmath.log(1 + mpmath.exp(-y * v)) for y, v in zip((1, -1, 1), s))


def ctl_lgbbin2_f(score):
    y = np.array([1.0, -1.0, 1.0])
    return np.sum(np.logaddexp(0.0, -y * score))


def ctl_lgbbin2_g1(score):
    y = np.array([1.0, -1.0, 1.0])
    return -y / (1.0 + np.exp(y * score))


def ctl_lgbbin2_g(score):
    y = np.array([1.0, -1.0, 1.0])
    a = np.abs(-y / (1.0 + np.exp(y * score)))
    return a * (1.0 - a)


def ctl_tweedie_f(score):
    label, rho = np.array([0.0, 2.5, 1.0]), 1.3
    return np.sum(
        -label * np.exp((1 - rho) * score) / (1 - rho) + np.exp((2 - rho) * score) / (2 - rho)
    )


def ctl_tweedie_g(score):
    label, rho = np.array([0.0, 2.5, 1.0]), 1.3
    return -label * np.exp((1 - rho) * score) + np.exp((2 - rho) * score)


def ctl_tweedie_m(s):
    r = mpf(1.3)
    return sum(
        -l * mpmath.exp((1 - r) * v) / (1 - r) + mpmath.exp((2 - r) * v) / (2 - r)
        for l, v in zip(mp_array([0.0, 2.5, 1.0]), s)
    )


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_contr",
        title="Caffe contrastive loss: 'the gradient should be a-2b' (it should not)",
        source="https://github.com/BVLC/caffe/issues/2312",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1.0, 2.0, 0.5, -1.0, 0.3, 0.5], [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]),
        function=ctl_contr_f,
        claimed=ctl_contr_g,
        exact=lambda v: sum((v[i] - v[i + 3]) ** 2 for i in range(3)) / 2,
        exact_slope=lambda v: (
            [v[i] - v[i + 3] for i in range(3)] + [v[i + 3] - v[i] for i in range(3)]
        ),
        scalar=True,
    ),
    Case(
        id="ctl_sk_dot",
        title="scikit-learn DotProduct kernel gradient 2*sigma0^2 (by log sigma0)",
        source="https://github.com/scikit-learn/scikit-learn/issues/18702",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(0.3, -1.0),
        function=ctl_sk_dot_f,
        claimed=ctl_sk_dot_g,
        exact=lambda t: mpf(2.7) + mpmath.exp(2 * t),
        exact_slope=lambda t: 2 * mpmath.exp(2 * t),
    ),
    Case(
        id="ctl_sk_logrbf",
        title="RBF kernel gradient r^2/l^2*K, right by log length scale",
        source="https://github.com/scikit-learn/scikit-learn/issues/26502",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.7], [-0.4]),
        function=ctl_sk_logrbf_f,
        claimed=ctl_sk_logrbf_g,
        exact=lambda t: (
            mpmath.exp(-4 * mpmath.exp(-2 * t[0])) + mpmath.exp(-16 * mpmath.exp(-2 * t[0]))
        ),
        scalar=True,
    ),
    Case(
        id="ctl_lgbbin2",
        title="and its Hessian |g|(1-|g|)",
        source="https://github.com/lightgbm-org/LightGBM/issues/2423",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.3, -1.0, 5.0],),
        function=ctl_lgbbin2_f,
        claimed=ctl_lgbbin2_g,
        exact=ctl_lgbbin_m,
        first=ctl_lgbbin2_g1,
        order=2,
        scalar=True,
        diagonal=True,
    ),
    Case(
        id="ctl_tweedie",
        title="LightGBM Tweedie gradient with the log link hidden in the score",
        source="https://github.com/lightgbm-org/LightGBM/issues/3155",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.1, -0.5, 1.2],),
        function=ctl_tweedie_f,
        claimed=ctl_tweedie_g,
        exact=ctl_tweedie_m,
        scalar=True,
    ),
)
