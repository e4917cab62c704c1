# ruff: noqa: RUF005
"""jax: NaN gradients, lost digits and wrong slopes.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import jax
import jax.numpy as jnp
import mpmath
from mpmath import mpf

from .exact import mp_rows, mp_sigmoid, mp_softmax
from .record import LOST_DIGITS, NAN_OR_INF, WRONG, Case


def where_normj_f(x):
    n = jnp.sqrt(jnp.sum(x**2, axis=1))
    return jnp.sum(jnp.where(n > 0.5, n, jnp.ones_like(n)))


def where_normj_m(x):
    s = mpf(0)
    for r in mp_rows(x, 3, 2):
        n = mpmath.sqrt(r[0] ** 2 + r[1] ** 2)
        s += n if n > mpf(1) / 2 else 1
    return s


def exprel1_f(x):
    return jnp.where(jnp.abs(x) < 1e-4, 1 + x / 2 + x * x / 6, jnp.expm1(x) / x)


def exprel1_m(x):
    if abs(x) < mpf(1e-4):
        return 1 + x / 2 + x * x / 6
    return mpmath.expm1(x) / x


def relu_norm_f(w):
    x = jnp.array([[-1.0]])
    return 0.5 * jnp.linalg.norm(jnp.maximum(w * x, 0.0)) ** 2


def igamma_edge_f(x):
    return jax.scipy.special.gammainc(1.0, x)


def log1pexp_f(x):
    return jnp.log(1.0 + jnp.exp(x))


def ce0_m(o):
    m = max(o)
    return -(o[0] - m) + mpmath.log(sum(mpmath.exp(v - m) for v in o))


def ce0_d(o):
    p = mp_softmax(o)
    return [p[0] - 1] + p[1:]


def ce_softmax_f(z):
    return -jnp.log(jax.nn.softmax(z)[0])


def sinc_near0_f(x):
    return jnp.sinc(x)


def sinc_m(x):
    p = mpmath.pi * x
    return mpf(1) if x == 0 else mpmath.sin(p) / p


def sinc_d(x):
    p = mpmath.pi * x
    return mpf(0) if x == 0 else (mpmath.cos(p) - mpmath.sin(p) / p) / x


def digamma_neg_f(x):
    return jax.lax.digamma(x)


def silu_tail_f(x):
    return jax.nn.silu(x)


def pow_hess_f(x):
    return jnp.power(x, 1.0) + x**2 + x**3


CASES: tuple[Case, ...] = (
    Case(
        id="where_normj",
        title="row norms guarded by where after the sqrt",
        source="https://github.com/jax-ml/jax/issues/347",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]],),
        function=where_normj_f,
        claimed="autodiff",
        exact=where_normj_m,
        points_right=([[1.0, 2.0], [3.0, 4.0], [0.1, 0.2]],),
        scalar=True,
        live=True,
        fidelity="live",
    ),
    Case(
        id="exprel1",
        title="expm1(x)/x with a Taylor branch: NaN at exactly 0",
        source="https://github.com/chaobrain/saiunit/pull/114",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=exprel1_f,
        claimed="autodiff",
        exact=exprel1_m,
        exact_slope=lambda x: (
            mpf(1) / 2 + x / 3 if abs(x) < mpf(1e-4) else (mpmath.exp(x) * (x - 1) + 1) / x**2
        ),
        points_right=(0.5, -1.0, 1e-05),
        live=True,
        fidelity="live",
    ),
    Case(
        id="relu_norm",
        title="0.5*norm(relu(w*x))^2 with an inactive unit",
        source="https://github.com/Theano/Theano/issues/3223",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=([[0.5]],),
        function=relu_norm_f,
        claimed="autodiff",
        exact=lambda w: max(-w[0], mpf(0)) ** 2 / 2,
        exact_slope=lambda w: [-max(-w[0], mpf(0))],
        points_right=([[-0.5]],),
        scalar=True,
        live=True,
        fidelity="analog",
    ),
    Case(
        id="igamma_edge",
        title="gammainc(1, x) at x=0: (a-1)*log(x) = 0*-inf",
        source="https://github.com/tensorflow/tensorflow/issues/123578",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=igamma_edge_f,
        claimed="autodiff",
        exact=lambda x: 1 - mpmath.exp(-x),
        exact_slope=lambda x: mpmath.exp(-x),
        points_right=(1.0,),
        domain="pos",
        live=True,
        fidelity="analog",
        note="reported for TensorFlow; JAX has the same formula",
    ),
    Case(
        id="log1pexp",
        title="log(1+exp(x)) for large logits",
        source="https://github.com/borgwang/tinynn/pull/7",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=(800.0, 1000.0),
        function=log1pexp_f,
        claimed="autodiff",
        exact=lambda x: mpmath.log(1 + mpmath.exp(x)),
        exact_slope=lambda x: mp_sigmoid(x),
        points_right=(1.0, -5.0),
        live=True,
        forward_right=False,
        fidelity="analog",
    ),
    Case(
        id="ce_softmax",
        title="-log(softmax(z)[k]) with unbounded activations",
        source="https://github.com/Theano/Theano/issues/3162",
        family="numerics",
        framework="jax",
        expected=NAN_OR_INF,
        points=([-500.0, 300.0, 10.0],),
        function=ce_softmax_f,
        claimed="autodiff",
        exact=ce0_m,
        exact_slope=ce0_d,
        points_right=([1.0, 2.0, 0.5],),
        scalar=True,
        live=True,
        forward_right=False,
        fidelity="analog",
    ),
    Case(
        id="sinc_near0",
        title="jnp.sinc gradient at 1e-6..1e-8: cancellation of cos - sin(x)/x",
        source="https://github.com/jax-ml/jax/issues/34139",
        family="numerics",
        framework="jax",
        expected=LOST_DIGITS,
        points=(1e-08, 1e-06),
        function=sinc_near0_f,
        claimed="autodiff",
        exact=sinc_m,
        exact_slope=sinc_d,
        points_right=(0.3, 0.0),
        accept=(WRONG,),
        live=True,
        digits=0.4,
        fidelity="live",
    ),
    Case(
        id="digamma_neg",
        title=("derivative of digamma at negative half-integers: -0.0588 instead of +9.8108"),
        source="https://github.com/jax-ml/jax/issues/37635",
        family="formula",
        framework="jax",
        expected=WRONG,
        points=(-16.5, -19.5, -22.5),
        function=digamma_neg_f,
        claimed="autodiff",
        exact=lambda x: mpmath.digamma(x),
        exact_slope=lambda x: mpmath.polygamma(1, x),
        points_right=(2.0, -0.5),
        live=True,
        fidelity="live",
    ),
    Case(
        id="silu_tail",
        title="second derivative of SiLU at -709: 0 instead of -8.6e-306",
        source="https://github.com/tensorflow/tensorflow/issues/124832",
        family="second-order",
        framework="jax",
        expected=LOST_DIGITS,
        points=(-709.0,),
        function=silu_tail_f,
        claimed="autodiff",
        exact=lambda x: x * mp_sigmoid(x),
        exact_slope=lambda x: (
            mp_sigmoid(x) * (1 - mp_sigmoid(x)) * (2 + x * (1 - 2 * mp_sigmoid(x)))
        ),
        points_right=(1.0, -5.0),
        order=2,
        soft=True,
        live=True,
        digits=0.0,
        fidelity="analog",
        note="reported for TensorFlow, same in jax 0.10.2",
    ),
    Case(
        id="pow_hess",
        title=("x^1 + x^2 + x^3 with a float exponent 1: second derivative NaN at 0 instead of 2"),
        source="https://github.com/tensorflow/tensorflow/issues/35011",
        family="second-order",
        framework="jax",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=pow_hess_f,
        claimed="autodiff",
        exact=lambda x: x + x**2 + x**3,
        exact_slope=lambda x: 2 + 6 * x,
        points_right=(1.0,),
        order=2,
        live=True,
        fidelity="analog",
    ),
)
