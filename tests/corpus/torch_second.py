"""torch: faults of second derivatives.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import torch
from mpmath import mpf

from .record import LOST_DIGITS, NAN_OR_INF, WRONG, Case


class _Square(torch.autograd.Function):
    """x*x that saves the derivative 2x computed in forward"""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(2 * x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (two_x,) = ctx.saved_tensors
        return g * two_x


def saved_inter_f(x):
    return _Square.apply(x)


class _LogGG(torch.autograd.Function):
    """1/x as backward op; derivative by x is -(g/x)*(g/x)"""

    @staticmethod
    def forward(ctx, g, x):
        gx = g / x
        ctx.save_for_backward(g, x)
        return gx

    @staticmethod
    def backward(ctx, og):
        g, x = ctx.saved_tensors
        gx = g / x
        return og / x, -og * gx * gx


class _LogOp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.log(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return _LogGG.apply(g, x)


def mxlog_f(x):
    return 0.5 * _LogOp.apply(x)


def sinc_hess_f(x):
    return torch.sinc(x)


def sinc_m(x):
    p = mpmath.pi * x
    return mpf(1) if x == 0 else mpmath.sin(p) / p


def sinc_dd(x):
    if x == 0:
        return -(mpmath.pi**2) / 3
    p = mpmath.pi * x
    return mpmath.pi**2 * (-mpmath.sin(p) / p - 2 * mpmath.cos(p) / p**2 + 2 * mpmath.sin(p) / p**3)


def sinc_hess_near_f(x):
    return torch.sinc(x)


CASES: tuple[Case, ...] = (
    Case(
        id="saved_inter",
        title="custom function that saves an intermediate: double backward is lost",
        source="https://github.com/albanD/subclass_zoo/pull/31",
        family="second-order",
        framework="torch",
        expected=WRONG,
        points=(3.0, -1.0),
        function=saved_inter_f,
        claimed="autodiff",
        exact=lambda x: x * x,
        exact_slope=lambda x: mpf(2),
        order=2,
        note="torch.autograd.grad gives no dependence on x at all (taken as 0)",
    ),
    Case(
        id="mxlog",
        title=(
            "higher-order gradient of log multiplies gx*gx, so the head gradient enters squared"
        ),
        source="https://github.com/apache/mxnet/pull/15120",
        family="second-order",
        framework="torch",
        expected=WRONG,
        points=(2.0, 0.7),
        function=mxlog_f,
        claimed="autodiff",
        exact=lambda x: mpmath.log(x) / 2,
        exact_slope=lambda x: -1 / (2 * x * x),
        order=2,
        domain="pos",
        note="right as long as the head gradient is 1",
    ),
    Case(
        id="sinc_hess",
        title=(
            "second derivative of sinc at 0: NaN in torch 2.13 (0 in old JAX) instead of -pi^2/3"
        ),
        source="https://github.com/jax-ml/jax/issues/5054",
        family="second-order",
        framework="torch",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=sinc_hess_f,
        claimed="autodiff",
        exact=sinc_m,
        exact_slope=sinc_dd,
        points_right=(0.3,),
        order=2,
        live=True,
        fidelity="analog",
    ),
    Case(
        id="sinc_hess_near",
        title="second derivative of sinc near 0: -5.2 at 1e-8 instead of -3.29",
        source="https://github.com/JuliaDiff/ForwardDiff.jl/issues/466",
        family="second-order",
        framework="torch",
        expected=LOST_DIGITS,
        points=(1e-08,),
        function=sinc_hess_near_f,
        claimed="autodiff",
        exact=sinc_m,
        exact_slope=sinc_dd,
        points_right=(0.3,),
        order=2,
        accept=(WRONG,),
        live=True,
        digits=0.2,
        fidelity="analog",
        note="reported for Julia's ForwardDiff; torch 2.13 shows the same cancellation",
    ),
)
