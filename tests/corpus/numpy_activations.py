# ruff: noqa: B905, E741
"""Activations whose hand-written first derivative was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_softmax
from .record import LOST_DIGITS, WRONG, Case


def selu_mlpack_f(x):
    lam, alpha = 1.0507009873554802, 1.6732632423543774
    return np.where(x > 0, lam * x, lam * alpha * (np.exp(np.minimum(x, 0.0)) - 1.0))


def selu_mlpack_g(x):
    lam, alpha = 1.0507009873554802, 1.6732632423543774
    y = np.where(x > 0, lam * x, lam * alpha * (np.exp(np.minimum(x, 0.0)) - 1.0))
    return np.where(y > 0, lam, lam * (y + alpha))


def selu_mlpack_m(x):
    l, a = mpf(1.0507009873554802), mpf(1.6732632423543774)
    return l * x if x > 0 else l * a * (mpmath.exp(x) - 1)


def selu_mlpack_d(x):
    l, a = mpf(1.0507009873554802), mpf(1.6732632423543774)
    return l if x > 0 else l * a * mpmath.exp(x)


def selu_nd4j_f(x):
    lam, alpha = 1.0507009873554804, 1.6732632423543772
    return np.where(x > 0, lam * x, lam * (alpha * np.exp(np.minimum(x, 0.0)) - alpha))


def selu_nd4j_g(x):
    lam = 1.0507009873554804
    return np.where(x > 0, lam, lam * np.exp(np.minimum(x, 0.0)))


def selu_nd4j_m(x):
    l, a = mpf(1.0507009873554804), mpf(1.6732632423543772)
    return l * x if x > 0 else l * (a * mpmath.exp(x) - a)


def selu_nd4j_d(x):
    l, a = mpf(1.0507009873554804), mpf(1.6732632423543772)
    return l if x > 0 else l * a * mpmath.exp(x)


def logsm_mlpack_f(x):
    gy = np.array([1.0, 1.0])
    m = np.max(x)
    y = x - m - np.log(np.sum(np.exp(x - m)))
    return np.sum(gy * y)


def logsm_mlpack_g(x):
    gy = np.array([1.0, 1.0])
    m = np.max(x)
    y = x - m - np.log(np.sum(np.exp(x - m)))
    return np.exp(y) + gy


def logsm_mlpack_m(x):
    return sum((mpmath.log(v) for v in mp_softmax(x)), mpf(0))


def logsm_mlpack_d(x):
    return [1 - 2 * p for p in mp_softmax(x)]


def tanh_horn_m(x):
    return mpmath.tanh(x)


def tanh_horn_d(x):
    return 1 / mpmath.cosh(x) ** 2


def tanh_500q_f(x):
    return np.tanh(x)


def tanh_500q_g(x):
    return -((np.tanh(x)) ** 2)


def tanh_expcomment_f(x):
    return np.tanh(x)


def tanh_expcomment_g(x):
    return 1.0 - np.exp(np.tanh(x))  # Math.exp(Math.tanh(x), 2) ignores its second argument


def lrelu_zig_f(x):
    w = np.array([2.0, -1.5, 0.7])
    return np.sum(w * np.where(x >= 0, x, 0.01 * x))


def lrelu_zig_g(x):
    grads = np.array([2.0, -1.5, 0.7])
    out = grads.copy()
    out[x < 0] = 0.01  # should be 0.01 * grads
    return out


def lrelu_zig_m(x):
    return sum(
        (w * (v if v >= 0 else mpf(0.01) * v) for w, v in zip(mp_array([2.0, -1.5, 0.7]), x)),
        mpf(0),
    )


def lrelu_zig_d(x):
    return [w * (1 if v >= 0 else mpf(0.01)) for w, v in zip(mp_array([2.0, -1.5, 0.7]), x)]


def arctan_prec_f(x):
    return np.arctan(x)


def arctan_prec_g(x):
    return 1 / (x * x) + 1


def arctan_prec_m(x):
    return mpmath.atan(x)


def arctan_prec_d(x):
    return 1 / (1 + x * x)


def e2718_f(x):
    return 1.0 / (1.0 + 2.718 ** (-x))


def e2718_g(x):
    s = 1.0 / (1.0 + 2.718 ** (-x))
    return s * (1.0 - s)


def e2718_m(x):
    return 1 / (1 + mpf(2.718) ** (-x))


def e2718_d(x):
    s = 1 / (1 + mpf(2.718) ** (-x))
    return s * (1 - s) * mpmath.log(mpf(2.718))


CASES: tuple[Case, ...] = (
    Case(
        id="selu_mlpack",
        title=(
            "mlpack SELU derivative from the output: lambda*(y+alpha) instead of y+lambda*alpha"
        ),
        source="https://github.com/mlpack/mlpack/pull/1540",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(-0.5, -2.0, -0.05),
        function=selu_mlpack_f,
        claimed=selu_mlpack_g,
        exact=selu_mlpack_m,
        exact_slope=selu_mlpack_d,
        points_right=(0.7, 3.0),
        note="right for ELU (lambda=1), wrong by (lambda-1)*y for SELU",
    ),
    Case(
        id="selu_nd4j",
        title="libnd4j SELUDerivative without alpha on the negative side",
        source="https://github.com/deeplearning4j/libnd4j/pull/401",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(-0.5, -3.0),
        function=selu_nd4j_f,
        claimed=selu_nd4j_g,
        exact=selu_nd4j_m,
        exact_slope=selu_nd4j_d,
        points_right=(1.0,),
    ),
    Case(
        id="logsm_mlpack",
        title=(
            "mlpack LogSoftMax backward returns exp(y)+gy (1.31, 1.69) instead of gy "
            "- softmax*sum(gy) (0.38, -0.38)"
        ),
        source="https://github.com/mlpack/mlpack/issues/2360",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([0.1, 0.9], [-2.0, 1.0]),
        function=logsm_mlpack_f,
        claimed=logsm_mlpack_g,
        exact=logsm_mlpack_m,
        exact_slope=logsm_mlpack_d,
        scalar=True,
        fidelity="output",
    ),
    Case(
        id="tanh_500q",
        title="textbook table gives tanh' = -(tanh x)^2, the leading 1 is missing",
        source="https://github.com/scutan90/DeepLearning-500-questions/issues/544",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.3, -1.0, 4.0),
        function=tanh_500q_f,
        claimed=tanh_500q_g,
        exact=tanh_horn_m,
        exact_slope=tanh_horn_d,
    ),
    Case(
        id="tanh_expcomment",
        title=(
            "maintainer's replacement formula 1 - Math.exp(Math.tanh(x), 2): exp instead of pow"
        ),
        source="https://github.com/cazala/synaptic/pull/276",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.3, -1.0, 1.7),
        function=tanh_expcomment_f,
        claimed=tanh_expcomment_g,
        exact=tanh_horn_m,
        exact_slope=tanh_horn_d,
        note="the comment says 'is just fine'; Math.exp takes one argument",
    ),
    Case(
        id="lrelu_zig",
        title=("leaky ReLU backward writes 0.01 instead of 0.01*grad (upstream gradient dropped)"),
        source="https://github.com/SilasMarvin/dnns-from-scratch-in-zig/issues/5",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([1.0, -1.0, -2.0], [-0.3, 0.2, -0.1]),
        function=lrelu_zig_f,
        claimed=lrelu_zig_g,
        exact=lrelu_zig_m,
        exact_slope=lrelu_zig_d,
        points_right=([1.0, 2.0, 0.5],),
        scalar=True,
        fidelity="output",
    ),
    Case(
        id="arctan_prec",
        title="arctan derivative 1/(y*y)+1: missing brackets",
        source="https://github.com/CodingTrain/Toy-Neural-Network-JS/pull/75",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.5, -2.0, 10.0),
        function=arctan_prec_f,
        claimed=arctan_prec_g,
        exact=arctan_prec_m,
        exact_slope=arctan_prec_d,
    ),
    Case(
        id="e2718",
        title=("sigmoid written with e = 2.718 while the derivative s(1-s) presumes the exact e"),
        source=(
            "public code, full-text index id 7335267043 (class PersiptronNetwork; "
            "activfunc / derivativeofactivfunc)"
        ),
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.5, -2.0, 3.0),
        function=e2718_f,
        claimed=e2718_g,
        exact=e2718_m,
        exact_slope=e2718_d,
        accept=(LOST_DIGITS,),
        fidelity="analog",
        note=(
            "relative error 1 - ln(2.718) = 1.04e-4: below gradcheck's default rtol "
            "1e-3. The same line occurs in at least ten public files"
        ),
    ),
)
