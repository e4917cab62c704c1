"""jax: controls, right but hard.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import jax
import jax.numpy as jnp
import mpmath
from mpmath import mpf

from .exact import mp_sigmoid
from .record import RIGHT, Case


def ctl_xabsx_f(x):
    return x * jnp.abs(x)


def ctl_softplusj_f(x):
    return jax.nn.softplus(x)


def ctl_lsehess_f(z):
    return jax.nn.logsumexp(z)


def ctl_expm1x_f(x):
    small = jnp.abs(x) < 1e-3
    safe = jnp.where(small, 1.0, x)
    taylor = 1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5)))
    return jnp.where(small, taylor, jnp.expm1(safe) / safe)


def ctl_expm1x_m(x):
    if abs(x) < mpf(1e-3):
        return 1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5)))
    return mpmath.expm1(x) / x


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_xabsx",
        title="x|x| at 0: differentiable, derivative 0",
        source="own: removable kink",
        family="control",
        framework="jax",
        expected=RIGHT,
        points=(0.0, 0.5, -0.5),
        function=ctl_xabsx_f,
        claimed="autodiff",
        exact=lambda x: x * abs(x),
        exact_slope=lambda x: 2 * abs(x),
        fidelity="own",
    ),
    Case(
        id="ctl_softplusj",
        title="softplus at +-700",
        source="own: saturated",
        family="control",
        framework="jax",
        expected=RIGHT,
        points=(700.0, -700.0, 40.0),
        function=ctl_softplusj_f,
        claimed="autodiff",
        exact=lambda x: mpmath.log(1 + mpmath.exp(x)),
        exact_slope=lambda x: mp_sigmoid(x),
        fidelity="own",
    ),
    Case(
        id="ctl_lsehess",
        title="Hessian of logsumexp",
        source="own: double backward",
        family="control",
        framework="jax",
        expected=RIGHT,
        points=([0.1, 2.0, -1.0],),
        function=ctl_lsehess_f,
        claimed="autodiff",
        exact=lambda z: mpmath.log(sum(mpmath.exp(v) for v in z)),
        order=2,
        scalar=True,
        autodiff_mode="fwd",
        fidelity="own",
    ),
    Case(
        id="ctl_expm1x",
        title="expm1(x)/x with safe branches, second derivative at 0",
        source="own: removable singularity",
        family="control",
        framework="jax",
        expected=RIGHT,
        points=(0.0, 0.5),
        function=ctl_expm1x_f,
        claimed="autodiff",
        exact=ctl_expm1x_m,
        order=2,
        tolerance=1e-07,
        fidelity="own",
    ),
)
