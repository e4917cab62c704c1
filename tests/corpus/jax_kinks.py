"""jax: points without a derivative, and kinks that cancel.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import jax
import jax.numpy as jnp
from mpmath import mpf

from .record import KINK_CANCELS, ONE_SIDED, Case


def relu_pair_torch_m(x):
    return x + 0


def relu_pair_torch_d(x):
    return mpf(1)


def relu_pair_jax_f(x):
    return jax.nn.relu(x) - jax.nn.relu(-x)


def jmax_half_f(x):
    return jnp.maximum(x, 0.0)


def median_tie_f(x):
    return jnp.median(x)


def median_tie_m(x):
    return sorted(x)[1]


CASES: tuple[Case, ...] = (
    Case(
        id="relu_pair_jax",
        title="the same in JAX",
        source=(
            "https://www.groundai.com/project/provably-correct-automatic-subdifferent"
            "iation-for-qualified-programs/"
        ),
        family="kink",
        framework="jax",
        expected=KINK_CANCELS,
        points=(0.0,),
        function=relu_pair_jax_f,
        claimed="autodiff",
        exact=relu_pair_torch_m,
        exact_slope=relu_pair_torch_d,
        points_right=(0.3, -2.0),
        live=True,
        fidelity="analog",
    ),
    Case(
        id="jmax_half",
        title="jax.grad of jnp.maximum(x, 0) is 0.5 at 0",
        source="https://github.com/jax-ml/jax/issues/37821",
        family="kink",
        framework="jax",
        expected=ONE_SIDED,
        points=(0.0,),
        function=jmax_half_f,
        claimed="autodiff",
        exact=lambda x: max(x, mpf(0)),
        exact_slope=lambda x: mpf(1 if x > 0 else 0),
        points_right=(1.0, -1.0),
        live=True,
        fidelity="live",
    ),
    Case(
        id="median_tie",
        title="median with two equal middle candidates",
        source="https://github.com/pytorch/pytorch/pull/43519",
        family="kink",
        framework="jax",
        expected=ONE_SIDED,
        points=([1.0, 1.0, 2.0],),
        function=median_tie_f,
        claimed="autodiff",
        exact=median_tie_m,
        points_right=([1.0, 1.5, 2.0],),
        scalar=True,
        kink_direction=(1, 0, 0),
        live=True,
        fidelity="analog",
        note="the discussion is PyTorch's; JAX chooses one of the tied elements",
    ),
)
