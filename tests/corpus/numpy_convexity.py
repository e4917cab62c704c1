# ruff: noqa: B905, E731, E741
"""Functions claimed convex: three that are not, and three that are.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_dot, mp_sigmoid
from .record import CONVEX, NOT_CONVEX, Case


def cvx_smape_f(p):
    l, eps = 3.0, 0.0001
    return np.abs(p[0] - l) / (p[0] + l + eps)


def cvx_focal_f(z):
    p = 1.0 / (1.0 + np.exp(-z[0]))
    return -0.5 * (1 - p) ** 2 * np.log(p)


def cvx_focal_m(z):
    p = mp_sigmoid(z[0])
    return -((1 - p) ** 2) * mpmath.log(p) / 2


def cvx_mfrac_f(x):
    P = np.array([[-2.0, 0.3], [0.3, -1.0]])
    return x @ np.linalg.solve(P, x)


def cvx_mfrac_m(x):
    a, b, d = mpf(-2), mpf(0.3), mpf(-1)
    det = a * d - b * b
    return (d * x[0] ** 2 - 2 * b * x[0] * x[1] + a * x[1] ** 2) / det


def cvx_logistic_f(w):
    X = np.array([[1.0, 0.5], [1.0, -2.0], [1.0, 3.0]])
    y = np.array([1.0, 0.0, 1.0])
    z = X @ w
    return np.sum(np.logaddexp(0.0, z) - y * z)


def cvx_logistic_m(w):
    X = mp_array([[1.0, 0.5], [1.0, -2.0], [1.0, 3.0]])
    return sum(
        mpmath.log(1 + mpmath.exp(mp_dot(r, w))) - y * mp_dot(r, w) for r, y in zip(X, (1, 0, 1))
    )


def cvx_icnn0_f(y):
    W = np.array([[1.0, -2.0], [-0.5, -1.5], [0.3, 0.8]])
    b = np.array([0.1, -0.4, 0.0])
    return np.sum(np.maximum(0.0, W @ y + b))


def cvx_icnn0_m(y):
    W = mp_array([[1.0, -2.0], [-0.5, -1.5], [0.3, 0.8]])
    b = mp_array([0.1, -0.4, 0.0])
    return sum(max(mpf(0), mp_dot(r, y) + c) for r, c in zip(W, b))


def cvx_cellot_f(x):
    A0 = np.array([[0.8, -0.6], [0.2, 1.1]])
    A1 = np.array([[0.5, 0.1]])
    W = np.array([[0.7, 0.3]])
    z = A0 @ x
    z = np.where(z > 0, z, 0.2 * z)
    z = z * z
    z = W @ z + A1 @ x
    return np.sum(np.where(z > 0, z, 0.2 * z))


def cvx_cellot_m(x):
    A0 = mp_array([[0.8, -0.6], [0.2, 1.1]])
    lk = lambda t: t if t > 0 else mpf(0.2) * t
    z = [lk(mp_dot(r, x)) ** 2 for r in A0]
    return lk(mpf(0.7) * z[0] + mpf(0.3) * z[1] + mpf(0.5) * x[0] + mpf(0.1) * x[1])


CASES: tuple[Case, ...] = (
    Case(
        id="cvx_smape",
        title=("SMAPE objective handed to a booster (its Hessian is negative for p > label)"),
        source="https://github.com/lightgbm-org/LightGBM/issues/2156",
        family="convexity",
        framework="numpy",
        expected=NOT_CONVEX,
        points=([5.0],),
        function=cvx_smape_f,
        claimed="convex",
        exact=lambda p: abs(p[0] - 3) / (p[0] + 3 + mpf(0.0001)),
        order=2,
        scalar=True,
        region=((0.5, 10.0),),
        witness=(5.0,),
    ),
    Case(
        id="cvx_focal",
        title="focal loss as a function of the margin, used with Newton boosting",
        source="https://github.com/lightgbm-org/LightGBM/issues/2052",
        family="convexity",
        framework="numpy",
        expected=NOT_CONVEX,
        points=([-4.0],),
        function=cvx_focal_f,
        claimed="convex",
        exact=cvx_focal_m,
        order=2,
        scalar=True,
        region=((-8.0, 8.0),),
        witness=(-4.0,),
        note="violation is small: f'' is about -0.02 at -4",
    ),
    Case(
        id="cvx_mfrac",
        title="matrix_frac with a negative semidefinite matrix reported convex",
        source="https://github.com/cvxpy/cvxpy/issues/1597",
        family="convexity",
        framework="numpy",
        expected=NOT_CONVEX,
        points=([0.5, 0.5],),
        function=cvx_mfrac_f,
        claimed="convex",
        exact=cvx_mfrac_m,
        order=2,
        scalar=True,
        region=((-1.0, 1.0), (-1.0, 1.0)),
        witness=(0.5, 0.5),
    ),
    Case(
        id="cvx_logistic",
        title="cross-entropy of logistic regression",
        source=("https://newbe.dev/logistic-regression-prove-that-the-cost-function-is-convex"),
        family="control",
        framework="numpy",
        expected=CONVEX,
        points=([0.1, -0.3], [3.0, -4.0]),
        function=cvx_logistic_f,
        claimed="convex",
        exact=cvx_logistic_m,
        order=2,
        scalar=True,
        region=((-8.0, 8.0), (-8.0, 8.0)),
    ),
    Case(
        id="cvx_icnn0",
        title=(
            "input convex net with all z-weights 0 and negative input weights (a "
            "reader expected it not to be convex)"
        ),
        source="https://github.com/locuslab/icnn/issues/8",
        family="control",
        framework="numpy",
        expected=CONVEX,
        points=([0.3, 0.2], [-1.0, 0.7]),
        function=cvx_icnn0_f,
        claimed="convex",
        exact=cvx_icnn0_m,
        order=2,
        scalar=True,
        region=((-2.0, 2.0), (-2.0, 2.0)),
    ),
    Case(
        id="cvx_cellot",
        title=("ICNN whose first layer squares a leaky ReLU (asked whether that is right)"),
        source="https://github.com/bunnech/cellot/issues/6",
        family="control",
        framework="numpy",
        expected=CONVEX,
        points=([0.3, 0.2], [-1.0, 0.7]),
        function=cvx_cellot_f,
        claimed="convex",
        exact=cvx_cellot_m,
        order=2,
        scalar=True,
        region=((-2.0, 2.0), (-2.0, 2.0)),
    ),
)
