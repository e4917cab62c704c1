"""Kinks and far tails where a hand-written derivative was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_sigmoid
from .record import KINK_CANCELS, LOST_DIGITS, NAN_OR_INF, NO_DERIVATIVE, ONE_SIDED, WRONG, Case


def hardswish_edge_f(x):
    return x * np.clip(x + 3.0, 0.0, 6.0) / 6.0


def hardswish_edge_g(x):
    return np.where(x < -3, 0.0, np.where(x <= 3, x / 3.0 + 0.5, 1.0))


def hardswish_edge_m(x):
    return x * min(max(x + 3, mpf(0)), mpf(6)) / 6


def relu_hess_f(x):
    return 0.5 * (x + np.abs(x))


def relu_hess_g1(x):
    return 0.5 * (1.0 + np.sign(x))


def relu_hess_g(x):
    # d/dx |x| = x/|x|, differentiated again by the quotient rule
    return 0.5 * (1.0 / np.abs(x) - x * x / np.abs(x) ** 3)


def softplus_tt_f(x, beta=1.0, threshold=100.0):
    z = beta * x
    return np.where(z > threshold, x, np.logaddexp(0.0, z) / beta).astype(x.dtype)


def softplus_tt_g(x, beta=1.0, threshold=100.0):
    x = x.astype(np.float32)
    e = np.exp(np.float32(beta) * x)
    recip = np.where(np.isinf(e), np.float32(0), np.float32(1) / (e + np.float32(1)))
    grad = np.where(np.isinf(e), np.float32(0), e * recip)  # inf*0 collapses to 0 on that hardware
    return np.where(beta * x > threshold, np.float32(1), grad)


def selu_tail_f(x):
    scale, scale_alpha = 1.0507009873554805, 1.7580993408473766
    return np.where(x > 0, scale * x, scale_alpha * np.expm1(np.minimum(x, 0.0)))


def selu_tail_g(x):
    scale, scale_alpha = 1.0507009873554805, 1.7580993408473766
    y = np.where(x > 0, scale * x, scale_alpha * np.expm1(np.minimum(x, 0.0)))
    return np.where(y < 0, y + scale_alpha, scale)


def elu_tiny_f(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


def elu_tiny_g1(x):
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0)))


def elu_tiny_g(x):
    y = np.where(x > 0, x, np.exp(np.minimum(x, 0.0)) - 1.0)
    return np.where(y < 0, y + 1.0, 0.0)


def sinc_m(x):
    p = mpmath.pi * x
    return mpf(1) if x == 0 else mpmath.sin(p) / p


def sinc_dd(x):
    if x == 0:
        return -(mpmath.pi**2) / 3
    p = mpmath.pi * x
    return mpmath.pi**2 * (-mpmath.sin(p) / p - 2 * mpmath.cos(p) / p**2 + 2 * mpmath.sin(p) / p**3)


def sinc_hess_old_f(x):
    return np.sinc(x)


def sinc_hess_old_g1(x):
    p = np.pi * np.where(x == 0, 1.0, x)
    return np.where(x == 0, 0.0, np.pi * (np.cos(p) / p - np.sin(p) / p**2))


def sinc_hess_old_g(x):
    # differentiating where(x==0, 1, sin(pi x)/(pi x)): the branch at 0 is a constant
    p = np.pi * np.where(x == 0, 1.0, x)
    d2 = np.pi**2 * (-np.sin(p) / p - 2 * np.cos(p) / p**2 + 2 * np.sin(p) / p**3)
    return np.where(x == 0, 0.0, d2)


CASES: tuple[Case, ...] = (
    Case(
        id="hardswish_edge",
        title="hardswish slope -0.5 / 1.5 at -3 / +3 (closed interval; torch 2.6)",
        source="https://github.com/pytorch/pytorch/issues/147801",
        family="kink",
        framework="numpy",
        expected=ONE_SIDED,
        points=(-3.0, 3.0),
        function=hardswish_edge_f,
        claimed=hardswish_edge_g,
        exact=hardswish_edge_m,
        exact_slope=lambda x: mpf(0) if x < -3 else mpf(1) if x > 3 else x / 3 + mpf(1) / 2,
        points_right=(-2.0, 2.0, -4.0),
        fidelity="output",
    ),
    Case(
        id="relu_hess",
        title="Theano relu 0.5*(x+|x|): second derivative NaN at 0",
        source="https://github.com/Theano/Theano/issues/3210",
        family="kink",
        framework="numpy",
        expected=NO_DERIVATIVE,
        points=(0.0,),
        function=relu_hess_f,
        claimed=relu_hess_g,
        exact=lambda x: (x + abs(x)) / 2,
        exact_slope=lambda x: mpf(0),
        first=relu_hess_g1,
        points_right=(1.0, -1.0),
        order=2,
        accept=(NAN_OR_INF,),
        fidelity="output",
    ),
    Case(
        id="softplus_tt",
        title=("softplus backward e/(1+e) returns 0 once exp overflows (threshold above 88)"),
        source="https://github.com/tenstorrent/tt-metal/pull/56397",
        family="numerics",
        framework="numpy",
        expected=WRONG,
        points=(90.0, 95.0, 99.0),
        function=softplus_tt_f,
        claimed=softplus_tt_g,
        exact=lambda x: x if x > 100 else mpmath.log(1 + mpmath.exp(x)),
        exact_slope=lambda x: mpf(1) if x > 100 else mp_sigmoid(x),
        points_right=(10.0, 85.0, 101.0),
        dtype="float32",
        box="[-120, 120]",
        tolerance=1e-05,
        fidelity="output",
    ),
    Case(
        id="selu_tail",
        title="SELU derivative from the output, y + scale*alpha, at x=-700",
        source="https://github.com/tensorflow/tensorflow/issues/124834",
        family="numerics",
        framework="numpy",
        expected=LOST_DIGITS,
        points=(-700.0, -45.0),
        function=selu_tail_f,
        claimed=selu_tail_g,
        exact=lambda x: (
            mpf(1.0507009873554805) * x if x > 0 else mpf(1.7580993408473766) * mpmath.expm1(x)
        ),
        exact_slope=lambda x: (
            mpf(1.0507009873554805) if x > 0 else mpf(1.7580993408473766) * mpmath.exp(x)
        ),
        points_right=(-1.0, 2.0),
        box="[-800, 800]",
        soft=True,
        digits=0.0,
        fidelity="output",
    ),
    Case(
        id="elu_tiny",
        title=(
            "ELU second derivative chosen by the sign of the output: 0 instead of 1 for x=-1e-300"
        ),
        source="https://github.com/tensorflow/tensorflow/issues/124830",
        family="second-order",
        framework="numpy",
        expected=WRONG,
        points=(-1e-300, -1e-17),
        function=elu_tiny_f,
        claimed=elu_tiny_g,
        exact=lambda x: x if x > 0 else mpmath.expm1(x),
        exact_slope=lambda x: mpf(0) if x > 0 else mpmath.exp(x),
        first=elu_tiny_g1,
        points_right=(-0.5, 1.0),
        order=2,
        accept=(LOST_DIGITS,),
        fidelity="output",
    ),
    Case(
        id="sinc_hess_old",
        title=(
            "the JAX 0.2 behaviour: second derivative 0 at 0 because the branch there is constant"
        ),
        source="https://github.com/jax-ml/jax/issues/5054",
        family="second-order",
        framework="numpy",
        expected=KINK_CANCELS,
        points=(0.0,),
        function=sinc_hess_old_f,
        claimed=sinc_hess_old_g,
        exact=sinc_m,
        exact_slope=sinc_dd,
        first=sinc_hess_old_g1,
        points_right=(0.3,),
        order=2,
        accept=(WRONG,),
        fidelity="output",
    ),
)
