# ruff: noqa: E731
"""torch: points without a derivative, and kinks that cancel.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import torch
import torch.nn.functional as F
from mpmath import mpf

from .record import KINK_CANCELS, NAN_OR_INF, NO_DERIVATIVE, ONE_SIDED, Case


def relu_pair_torch_f(x):
    return torch.relu(x) - torch.relu(-x)


def relu_pair_torch_m(x):
    return x + 0


def relu_pair_torch_d(x):
    return mpf(1)


def clamp_edge_f(x):
    return torch.clamp(x, 0.0, 6.0)


def clamp_edge_m(x):
    return min(max(x, mpf(0)), mpf(6))


def relu6_edge_f(x):
    return F.relu6(x)


def hardtanh_edge_f(x):
    return F.hardtanh(x)


def hsigmoid_edge_f(x):
    return F.hardsigmoid(x)


def amax_tie_f(x):
    return torch.amax(x)


def amax_tie_m(x):
    return max(x)


def eigmax_rep_f(A):
    A = 0.5 * (A + A.T)
    return torch.linalg.eigvalsh(A)[-1]


def eigmax_rep_m(a):
    p, q, r = a[0], (a[1] + a[2]) / 2, a[3]
    return (p + r) / 2 + mpmath.sqrt((p - r) ** 2 / 4 + q * q)


def sign_jump_f(x):
    return torch.sign(x)


def triplet_same_f(e):
    a, p, n = e[0:2], e[2:4], e[4:6]
    dp = torch.sqrt(torch.sum((a - p) ** 2))
    dn = torch.sqrt(torch.sum((a - n) ** 2))
    return torch.relu(dp - dn + 5.0)


def triplet_same_m(e):
    d = lambda u, v: mpmath.sqrt((u[0] - v[0]) ** 2 + (u[1] - v[1]) ** 2)
    return max(mpf(0), d(e[:2], e[2:4]) - d(e[:2], e[4:6]) + 5)


def acos_edge_f(x):
    return torch.acos(x)


CASES: tuple[Case, ...] = (
    Case(
        id="relu_pair_torch",
        title="relu(x)-relu(-x) = x, autodiff says 0 at 0",
        source=(
            "https://www.groundai.com/project/provably-correct-automatic-subdifferent"
            "iation-for-qualified-programs/"
        ),
        family="kink",
        framework="torch",
        expected=KINK_CANCELS,
        points=(0.0,),
        function=relu_pair_torch_f,
        claimed="autodiff",
        exact=relu_pair_torch_m,
        exact_slope=relu_pair_torch_d,
        points_right=(0.3, -2.0),
        live=True,
        fidelity="live",
        note="Kakade and Lee 2018 show it for TensorFlow and PyTorch",
    ),
    Case(
        id="clamp_edge",
        title="torch.clamp has slope 1 at its bounds",
        source="https://github.com/pytorch/pytorch/issues/184574",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=(0.0, 6.0),
        function=clamp_edge_f,
        claimed="autodiff",
        exact=clamp_edge_m,
        exact_slope=lambda x: mpf(1 if 0 < x < 6 else 0),
        points_right=(1.0, 7.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="relu6_edge",
        title="relu6, the same function, has slope 0 there",
        source="https://github.com/pytorch/pytorch/issues/184574",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=(0.0, 6.0),
        function=relu6_edge_f,
        claimed="autodiff",
        exact=clamp_edge_m,
        exact_slope=lambda x: mpf(1 if 0 < x < 6 else 0),
        points_right=(1.0, 7.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="hardtanh_edge",
        title="hardtanh backward against its documentation at +-1",
        source="https://github.com/pytorch/pytorch/issues/120258",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=(-1.0, 1.0),
        function=hardtanh_edge_f,
        claimed="autodiff",
        exact=lambda x: min(max(x, mpf(-1)), mpf(1)),
        exact_slope=lambda x: mpf(1 if abs(x) < 1 else 0),
        points_right=(0.5, 2.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="hsigmoid_edge",
        title="hardsigmoid at +-3",
        source="https://github.com/pytorch/pytorch/issues/49922",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=(-3.0, 3.0),
        function=hsigmoid_edge_f,
        claimed="autodiff",
        exact=lambda x: min(max(x + 3, mpf(0)), mpf(6)) / 6,
        exact_slope=lambda x: mpf(1) / 6 if abs(x) < 3 else mpf(0),
        points_right=(1.0, 4.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="amax_tie",
        title="amax with ties shares the gradient evenly",
        source="https://github.com/pytorch/pytorch/pull/43519",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=([1.0, 1.0, 0.0],),
        function=amax_tie_f,
        claimed="autodiff",
        exact=amax_tie_m,
        points_right=([1.0, 2.0, 0.0],),
        scalar=True,
        kink_direction=(1, 0, 0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="eigmax_rep",
        title="largest eigenvalue at a repeated eigenvalue: one arbitrary subgradient",
        source="https://github.com/invenia/Nabla.jl/issues/183",
        family="kink",
        framework="torch",
        expected=ONE_SIDED,
        points=([[1.0, 0.0], [0.0, 1.0]],),
        function=eigmax_rep_f,
        claimed="autodiff",
        exact=eigmax_rep_m,
        points_right=([[2.0, 0.3], [0.3, 1.0]],),
        scalar=True,
        kink_direction=(1, 0, 0, -1),
        live=True,
        fidelity="analog",
    ),
    Case(
        id="sign_jump",
        title="sign / floor / round are discontinuous, autodiff says 0",
        source="https://github.com/stan-dev/stan/issues/857",
        family="kink",
        framework="torch",
        expected=NO_DERIVATIVE,
        points=(0.0,),
        function=sign_jump_f,
        claimed="autodiff",
        exact=lambda x: mpf(1 if x > 0 else -1 if x < 0 else 0),
        exact_slope=lambda x: mpf(0),
        points_right=(0.3, -2.0),
        accept=(ONE_SIDED,),
        live=True,
        fidelity="analog",
        note="the issue concerns floor's zero gradient; the point is the jump",
    ),
    Case(
        id="triplet_same",
        title="triplet loss with identical anchor and positive: NaN",
        source="https://github.com/huggingface/sentence-transformers/pull/4033",
        family="kink",
        framework="torch",
        expected=NO_DERIVATIVE,
        points=([1.0, 2.0, 1.0, 2.0, 3.0, 0.0],),
        function=triplet_same_f,
        claimed="autodiff",
        exact=triplet_same_m,
        points_right=([1.0, 2.0, 0.0, 2.5, 3.0, 0.0],),
        scalar=True,
        kink_direction=(0, 0, 1, 0, 0, 0),
        accept=(NAN_OR_INF,),
        live=True,
        fidelity="analog",
    ),
    Case(
        id="acos_edge",
        title="acos at +-1: infinite slope",
        source="https://github.com/PlasmaControl/DESC/issues/1456",
        family="kink",
        framework="torch",
        expected=NO_DERIVATIVE,
        points=(1.0, -1.0),
        function=acos_edge_f,
        claimed="autodiff",
        exact=lambda x: mpmath.acos(x) if abs(x) <= 1 else mpf("nan"),
        exact_slope=lambda x: -1 / mpmath.sqrt(1 - x * x),
        points_right=(0.5,),
        domain="unit",
        accept=(NAN_OR_INF,),
        live=True,
        fidelity="analog",
        note="derivative is -inf from inside, f undefined outside",
    ),
)
