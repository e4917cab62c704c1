"""torch: controls, right but hard.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import torch
import torch.nn.functional as F
from mpmath import mpf

from .exact import mp_sigmoid
from .record import RIGHT, Case


def ctl_softplus19_f(x):
    return F.softplus(x, beta=3, threshold=1)


def ctl_prodhess_f(x):
    return torch.prod(x)


def ctl_relu_near_f(x):
    return torch.relu(x)


def ctl_maxpool_near_f(x):
    return torch.max(x) + 0.1 * torch.sum(torch.sort(x)[0] * torch.arange(4, dtype=x.dtype))


def ctl_maxpool_near_m(x):
    return max(x) + mpf(0.1) * sum(i * v for i, v in enumerate(sorted(x)))


def ctl_relusq_f(x):
    return torch.relu(x) ** 2


def ctl_elu0_f(x):
    return F.elu(x)


def ctl_dwhere_f(x):
    safe = torch.where(x > 0, x, torch.ones_like(x))
    return torch.where(x > 0, torch.sqrt(safe), x)


def ctl_logsm_f(z):
    return -F.log_softmax(z, 0)[1]


def ctl_logsm_m(z):
    m = max(z)
    return mpmath.log(sum(mpmath.exp(v - m) for v in z)) + m - z[1]


def ctl_logdet_f(A):
    return torch.logdet(A @ A.T + 1e-6 * torch.eye(2, dtype=A.dtype))


def ctl_logdet_m(a):
    e = mpf(1e-6)
    p = a[0] ** 2 + a[1] ** 2 + e
    q = a[0] * a[2] + a[1] * a[3]
    r = a[2] ** 2 + a[3] ** 2 + e
    return mpmath.log(p * r - q * q)


def ctl_celu2_f(x):
    return F.celu(x, alpha=2.0)


def ctl_erfinv_f(x):
    return torch.erfinv(x)


def ctl_acosnear_f(x):
    return torch.acos(x)


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_softplus19",
        title="the softplus case after the repair (torch 2.13)",
        source="https://github.com/pytorch/pytorch/issues/61568",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(0.2736, -1.0, 0.9),
        function=ctl_softplus19_f,
        claimed="autodiff",
        exact=lambda x: x if 3 * x > 1 else mpmath.log(1 + mpmath.exp(3 * x)) / 3,
        exact_slope=lambda x: mpf(1) if 3 * x > 1 else mp_sigmoid(3 * x),
    ),
    Case(
        id="ctl_prodhess",
        title="Hessian of prod with two zeros after the repair (torch 2.13)",
        source="https://github.com/pytorch/pytorch/issues/106789",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=([2.0, 3.0, 0.0, 0.0],),
        function=ctl_prodhess_f,
        claimed="autodiff",
        exact=lambda x: x[0] * x[1] * x[2] * x[3],
        order=2,
        scalar=True,
    ),
    Case(
        id="ctl_relu_near",
        title="relu 1e-9 away from its kink",
        source="own: near kink",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(1e-09, -1e-09),
        function=ctl_relu_near_f,
        claimed="autodiff",
        exact=lambda x: max(x, mpf(0)),
        exact_slope=lambda x: mpf(1 if x > 0 else 0),
        fidelity="own",
    ),
    Case(
        id="ctl_maxpool_near",
        title="max and sort with gaps of 1e-7",
        source="own: near tie",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=([0.3, 0.3000001, 0.1, 0.2],),
        function=ctl_maxpool_near_f,
        claimed="autodiff",
        exact=ctl_maxpool_near_m,
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_relusq",
        title="relu^2 at 0: differentiable once",
        source="own: removable kink",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(0.0, 1e-07, -1e-07),
        function=ctl_relusq_f,
        claimed="autodiff",
        exact=lambda x: max(x, mpf(0)) ** 2,
        exact_slope=lambda x: 2 * max(x, mpf(0)),
        fidelity="own",
    ),
    Case(
        id="ctl_elu0",
        title="ELU with alpha=1 at 0 is C1",
        source="own: C1 joint",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(0.0, -1e-09, 1e-09),
        function=ctl_elu0_f,
        claimed="autodiff",
        exact=lambda x: x if x > 0 else mpmath.expm1(x),
        exact_slope=lambda x: mpf(1) if x > 0 else mpmath.exp(x),
        fidelity="own",
    ),
    Case(
        id="ctl_dwhere",
        title="double-where sqrt, the recommended repair",
        source="https://github.com/tensorflow/tensorflow/pull/38467",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(-1.0, 4.0, 1e-08),
        function=ctl_dwhere_f,
        claimed="autodiff",
        exact=lambda x: mpmath.sqrt(x) if x > 0 else x,
        exact_slope=lambda x: 1 / (2 * mpmath.sqrt(x)) if x > 0 else mpf(1),
    ),
    Case(
        id="ctl_logsm",
        title="log_softmax at logits of 1e4",
        source="own: saturated",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=([10000.0, -10000.0, 9999.0],),
        function=ctl_logsm_f,
        claimed="autodiff",
        exact=ctl_logsm_m,
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_logdet",
        title="logdet of a nearly singular matrix (condition 1e7)",
        source="own: ill-conditioned",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=([[1.0, 2.0], [0.5, 1.0001]],),
        function=ctl_logdet_f,
        claimed="autodiff",
        exact=ctl_logdet_m,
        scalar=True,
        tolerance=1e-06,
        fidelity="own",
    ),
    Case(
        id="ctl_celu2",
        title="second derivative of CELU with alpha=2",
        source="own: double backward",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(-1.0, -0.01, 1.0),
        function=ctl_celu2_f,
        claimed="autodiff",
        exact=lambda x: x if x > 0 else 2 * mpmath.expm1(x / 2),
        exact_slope=lambda x: mpf(0) if x > 0 else mpmath.exp(x / 2) / 2,
        order=2,
        fidelity="own",
    ),
    Case(
        id="ctl_erfinv",
        title="erfinv at 0.9999999 (a step of 1e-6 leaves the domain)",
        source="own: edge of domain",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(0.9999999, 0.5),
        function=ctl_erfinv_f,
        claimed="autodiff",
        exact=lambda x: mpmath.erfinv(x),
        exact_slope=lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(mpmath.erfinv(x) ** 2),
        domain="unit",
        tolerance=1e-06,
        fidelity="own",
    ),
    Case(
        id="ctl_acosnear",
        title="acos at 0.99999999",
        source="own: edge of domain",
        family="control",
        framework="torch",
        expected=RIGHT,
        points=(0.99999999, -0.9),
        function=ctl_acosnear_f,
        claimed="autodiff",
        exact=lambda x: mpmath.acos(x),
        exact_slope=lambda x: -1 / mpmath.sqrt(1 - x * x),
        domain="unit",
        tolerance=1e-07,
        fidelity="own",
    ),
)
