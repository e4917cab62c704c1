"""Controls: hard but right (near kinks, saturated, badly scaled, deep).

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_sigmoid
from .record import RIGHT, Case


def ctl_median_near_f(x):
    return np.median(x)


def ctl_median_near_g(x):
    g = np.zeros_like(x)
    g[np.argsort(x)[1]] = 1.0
    return g


def ctl_spline_f(x):
    t = np.abs(x)
    return np.where(
        t < 1, 2.0 / 3 - t**2 + 0.5 * t**3, np.where(t < 2, (2 - np.minimum(t, 2)) ** 3 / 6, 0.0)
    )


def ctl_spline_g(x):
    t = np.abs(x)
    return np.sign(x) * np.where(
        t < 1, -2 * t + 1.5 * t**2, np.where(t < 2, -0.5 * (2 - np.minimum(t, 2)) ** 2, 0.0)
    )


def ctl_spline_m(x):
    t = abs(x)
    return mpf(2) / 3 - t**2 + t**3 / 2 if t < 1 else (2 - t) ** 3 / 6 if t < 2 else mpf(0)


def ctl_spline_d(x):
    t = abs(x)
    s = mpf(1 if x > 0 else -1 if x < 0 else 0)
    return s * (-2 * t + 3 * t * t / 2 if t < 1 else -((2 - t) ** 2) / 2 if t < 2 else mpf(0))


def ctl_rosen_f(x):
    u, v = x[0] / 1e6, x[1] * 1e3
    return 100.0 * (v - u * u) ** 2 + (1.0 - u) ** 2


def ctl_rosen_g(x):
    u, v = x[0] / 1e6, x[1] * 1e3
    du = -400.0 * u * (v - u * u) - 2.0 * (1.0 - u)
    dv = 200.0 * (v - u * u)
    return np.array([du / 1e6, dv * 1e3])


def ctl_rosen_m(x):
    u, v = x[0] / 10**6, x[1] * 1000
    return 100 * (v - u * u) ** 2 + (1 - u) ** 2


def ctl_osc_f(x):
    return np.sin(1e6 * x)


def ctl_osc_g(x):
    return 1e6 * np.cos(1e6 * x)


def ctl_exp100_f(x):
    return np.exp(100.0 * x)


def ctl_exp100_g(x):
    return 100.0 * np.exp(100.0 * x)


def ctl_steep_f(x):
    return 1.0 / (1.0 + np.exp(-1e4 * (x - 0.5)))


def ctl_steep_g(x):
    s = 1.0 / (1.0 + np.exp(-1e4 * (x - 0.5)))
    return 1e4 * s * (1.0 - s)


def ctl_focalok_f(z):
    p = 1.0 / (1.0 + np.exp(-z))
    return (1 - p) ** 2 * np.logaddexp(0.0, -z)


def ctl_focalok_g(z):
    p = 1.0 / (1.0 + np.exp(-z))
    return -2 * (1 - p) ** 2 * p * np.logaddexp(0.0, -z) - (1 - p) ** 3


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_median_near",
        title="median with a gap of 1e-9 between candidates",
        source="own: near tie",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1.0, 1.000000001, 2.0],),
        function=ctl_median_near_f,
        claimed=ctl_median_near_g,
        exact=lambda x: sorted(x)[1],
        exact_slope=lambda x: [mpf(0), mpf(1), mpf(0)],
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_spline",
        title="cubic B-spline at its knots (C2)",
        source="own: C2 joint",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(0.0, 1.0, -2.0, 0.5, 2.5),
        function=ctl_spline_f,
        claimed=ctl_spline_g,
        exact=ctl_spline_m,
        exact_slope=ctl_spline_d,
        fidelity="own",
    ),
    Case(
        id="ctl_rosen",
        title="Rosenbrock with variables of size 1e6 and 1e-3",
        source="own: badly scaled",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1300000.0, 0.002], [-700000.0, 0.0004]),
        function=ctl_rosen_f,
        claimed=ctl_rosen_g,
        exact=ctl_rosen_m,
        scalar=True,
        domain="near",
        fidelity="own",
    ),
    Case(
        id="ctl_osc",
        title="sin(1e6 x)",
        source="own: high frequency",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(0.1, 0.25),
        function=ctl_osc_f,
        claimed=ctl_osc_g,
        exact=lambda x: mpmath.sin(10**6 * x),
        exact_slope=lambda x: 10**6 * mpmath.cos(10**6 * x),
        tolerance=1e-07,
        fidelity="own",
    ),
    Case(
        id="ctl_exp100",
        title="exp(100x)",
        source="own: steep",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(1.0, 3.0, -2.0),
        function=ctl_exp100_f,
        claimed=ctl_exp100_g,
        exact=lambda x: mpmath.exp(100 * x),
        exact_slope=lambda x: 100 * mpmath.exp(100 * x),
        fidelity="own",
    ),
    Case(
        id="ctl_steep",
        title="sigmoid of slope 1e4 (a soft step)",
        source="own: steep",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(0.5, 0.50005, 0.4999),
        function=ctl_steep_f,
        claimed=ctl_steep_g,
        exact=lambda x: mp_sigmoid(10**4 * (x - mpf(1) / 2)),
        exact_slope=lambda x: (
            10**4
            * mp_sigmoid(10**4 * (x - mpf(1) / 2))
            * (1 - mp_sigmoid(10**4 * (x - mpf(1) / 2)))
        ),
        fidelity="own",
    ),
    Case(
        id="ctl_focalok",
        title="focal loss by margin, right derivative, at +-12",
        source="own: saturated",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=(12.0, -12.0, 0.3),
        function=ctl_focalok_f,
        claimed=ctl_focalok_g,
        exact=lambda z: (1 - mp_sigmoid(z)) ** 2 * mpmath.log(1 + mpmath.exp(-z)),
        exact_slope=lambda z: (
            -2 * (1 - mp_sigmoid(z)) ** 2 * mp_sigmoid(z) * mpmath.log(1 + mpmath.exp(-z))
            - (1 - mp_sigmoid(z)) ** 3
        ),
        tolerance=1e-08,
        fidelity="own",
    ),
)
