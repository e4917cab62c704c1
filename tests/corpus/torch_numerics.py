"""torch: NaN gradients and lost digits.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import torch
import torch.nn.functional as F
from mpmath import mpf

from .exact import mp_sigmoid
from .record import LOST_DIGITS, NAN_OR_INF, WRONG, Case


def where_log2_f(x):
    return torch.where(x > 2, torch.log2(x), 2 * x)


def quat_log_f(w):
    """first-argument (scalar part) dependence of the quaternion logarithm, vector part zero"""
    v = torch.zeros(3, dtype=w.dtype)
    n = torch.clamp(torch.linalg.norm(v), min=1e-8)
    return torch.sum(v * torch.acos(torch.clamp(w, -1.0, 1.0)) / n) + 0.0 * torch.sum(w)


def frob_m(a):
    return mpmath.sqrt(sum(v * v for v in a))


def frob_d(a):
    n = frob_m(a)
    return [v / n for v in a]


def svd_zero_f(A):
    U, S, V = torch.linalg.svd(A, full_matrices=False)
    return torch.linalg.norm((U * S) @ V)


def logcumsum_inf_f(x):
    z = torch.stack([torch.full_like(x[0], -float("inf")) + x[0], x[1]])
    return torch.logcumsumexp(z, 0)[1] + x[0]


def silu_decomp_f(x):
    return x * (1.0 / (1.0 + torch.exp(-x)))


def burn_sigmoid_f(x):
    return torch.exp(-torch.log(torch.exp(-x) + 1.0))


def bce_sat_t_f(x):
    return F.binary_cross_entropy(torch.sigmoid(x), torch.zeros_like(x), reduction="none")


def sig_tail_f(x):
    return torch.sigmoid(x)


def norm_f32_f(x):
    return torch.sqrt(torch.sum(x**2))


def atan2_f32_f(x):
    return torch.atan2(x[0], x[1])


CASES: tuple[Case, ...] = (
    Case(
        id="where_log2",
        title="where(x>2, log2(x), 2x) at 0: inf*0",
        source="https://github.com/pytorch/pytorch/issues/108618",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=where_log2_f,
        claimed="autodiff",
        exact=lambda x: mpmath.log(x) / mpmath.log(2) if x > 2 else 2 * x,
        exact_slope=lambda x: 1 / (x * mpmath.log(2)) if x > 2 else mpf(2),
        points_right=(1.0, 3.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="quat_log",
        title="quaternion log at the identity: 0 * d acos(1) = NaN",
        source="https://github.com/kornia/kornia/issues/4007",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=([1.0],),
        function=quat_log_f,
        claimed="autodiff",
        exact=lambda x: 0 * x[0],
        exact_slope=lambda x: [mpf(0)],
        points_right=([0.5],),
        scalar=True,
        domain="unit",
        live=True,
        fidelity="analog",
    ),
    Case(
        id="svd_zero",
        title="the same with two zero singular values (torch)",
        source="https://github.com/pytorch/pytorch/issues/49886",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=(
            [
                [3.0, 0.0, 0.0, 0.0],
                [0.0, 2.0, 0.0, 0.0],
                [0.0, 0.0, 0.0, 0.0],
                [0.0, 0.0, 0.0, 0.0],
            ],
        ),
        function=svd_zero_f,
        claimed="autodiff",
        exact=frob_m,
        exact_slope=frob_d,
        scalar=True,
        live=True,
        fidelity="analog",
    ),
    Case(
        id="logcumsum_inf",
        title="logcumsumexp with a masked prefix",
        source="https://github.com/pytorch/pytorch/issues/49724",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=([0.5, 1.0],),
        function=logcumsum_inf_f,
        claimed="autodiff",
        exact=lambda x: x[1] + x[0],
        exact_slope=lambda x: [mpf(1), mpf(1)],
        scalar=True,
        live=True,
        fidelity="analog",
        note=("issue asks for finite gradients of log-space operations at -inf in general"),
    ),
    Case(
        id="silu_decomp",
        title="SiLU built from exp: NaN backward for x=-100 in float32",
        source="https://github.com/Lightning-AI/lightning-thunder/pull/2624",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=(-100.0,),
        function=silu_decomp_f,
        claimed="autodiff",
        exact=lambda x: x * mp_sigmoid(x),
        exact_slope=lambda x: mp_sigmoid(x) + x * mp_sigmoid(x) * (1 - mp_sigmoid(x)),
        points_right=(1.0, -10.0),
        dtype="float32",
        live=True,
        tolerance=0.0001,
        fidelity="output",
    ),
    Case(
        id="burn_sigmoid",
        title="sigmoid as exp(log_sigmoid(x)) for large negative x",
        source="https://github.com/tracel-ai/burn/pull/1140",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=(-1000.0, -720.0),
        function=burn_sigmoid_f,
        claimed="autodiff",
        exact=lambda x: mp_sigmoid(x),
        exact_slope=lambda x: mp_sigmoid(x) * (1 - mp_sigmoid(x)),
        points_right=(1.0, -30.0),
        live=True,
        fidelity="analog",
        note="true value exp(-1000) underflows to 0",
    ),
    Case(
        id="bce_sat_t",
        title="BCE of sigmoid at logit 50, label 0: gradient 0 instead of 1",
        source="https://github.com/FluxML/Flux.jl/issues/914",
        family="numerics",
        framework="torch",
        expected=LOST_DIGITS,
        points=(50.0, 40.0),
        function=bce_sat_t_f,
        claimed="autodiff",
        exact=lambda x: mpmath.log(1 + mpmath.exp(x)),
        exact_slope=lambda x: mp_sigmoid(x),
        points_right=(2.0, -3.0),
        accept=(WRONG,),
        soft=True,
        live=True,
        forward_right=False,
        digits=0.0,
        fidelity="analog",
        note=(
            "torch clamps the log at -100: the forward value is 100 instead of 50 and"
            " locally constant, so finite differences agree with the 0; re-executing "
            "the program with more digits gives 1"
        ),
    ),
    Case(
        id="sig_tail",
        title=("sigmoid'(40) = 4.2e-18 comes out 0: derivative rebuilt from the rounded output"),
        source="https://github.com/pytorch/pytorch/issues/195527",
        family="numerics",
        framework="torch",
        expected=LOST_DIGITS,
        points=(40.0, 37.0),
        function=sig_tail_f,
        claimed="autodiff",
        exact=lambda x: mp_sigmoid(x),
        exact_slope=lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
        points_right=(-40.0, 5.0),
        soft=True,
        live=True,
        digits=0.0,
        fidelity="live",
    ),
    Case(
        id="norm_f32",
        title="norm of a tiny float32 vector: squares underflow",
        source="https://github.com/tensorflow/tensorflow/issues/12071",
        family="numerics",
        framework="torch",
        expected=NAN_OR_INF,
        points=([1e-25, 2e-25],),
        function=norm_f32_f,
        claimed="autodiff",
        exact=lambda x: mpmath.sqrt(x[0] ** 2 + x[1] ** 2),
        exact_slope=lambda x: [v / mpmath.sqrt(x[0] ** 2 + x[1] ** 2) for v in x],
        points_right=([3.0, 4.0],),
        scalar=True,
        dtype="float32",
        domain="pos",
        live=True,
        forward_right=False,
        tolerance=1e-05,
        fidelity="analog",
    ),
    Case(
        id="atan2_f32",
        title=(
            "atan2 gradient for tiny float32 arguments: x^2+y^2 underflows and the "
            "gradient becomes 0"
        ),
        source="https://github.com/pytorch/pytorch/issues/98276",
        family="numerics",
        framework="torch",
        expected=LOST_DIGITS,
        points=([1e-23, 1e-23],),
        function=atan2_f32_f,
        claimed="autodiff",
        exact=lambda x: mpmath.atan2(x[0], x[1]),
        exact_slope=lambda x: [x[1] / (x[0] ** 2 + x[1] ** 2), -x[0] / (x[0] ** 2 + x[1] ** 2)],
        points_right=([1.0, 2.0],),
        scalar=True,
        dtype="float32",
        domain="pos",
        accept=(WRONG,),
        live=True,
        digits=0.0,
        tolerance=1e-05,
        fidelity="analog",
        note=(
            "true values +-5e22 are ordinary float32 numbers; between 1e-20 and 1e-19"
            " the result is inf. The zero comes from the guard added for the origin"
        ),
    ),
)
