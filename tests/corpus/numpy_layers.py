# ruff: noqa: B905
"""Layers and array functions whose hand-written gradient was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_dot, mp_rows, mp_sigmoid
from .record import NAN_OR_INF, WRONG, Case


def lstm_fgate_f(Wf):
    z = np.array([0.4, -0.6, 0.2])
    C_prev = np.array([0.8, -0.5])
    i, g, o = np.array([0.6, 0.3]), np.array([0.2, -0.4]), np.array([0.7, 0.9])
    f = 1.0 / (1.0 + np.exp(-(Wf @ z)))
    C = f * C_prev + i * g
    h = o * np.tanh(C)
    return np.sum(h)


def lstm_fgate_g(Wf):
    z = np.array([0.4, -0.6, 0.2])
    C_prev = np.array([0.8, -0.5])
    i, g, o = np.array([0.6, 0.3]), np.array([0.2, -0.4]), np.array([0.7, 0.9])

    def sigmoid(x, derivative=False):
        return x * (1 - x) if derivative else 1.0 / (1.0 + np.exp(-x))

    f = sigmoid(Wf @ z)
    C = f * C_prev + i * g
    dC = o * (1 - np.tanh(C) ** 2)
    df = dC * C_prev
    df = sigmoid(f) * df  # should be sigmoid(f, derivative=True)
    return np.outer(df, z)


def lstm_fgate_m(x):
    z, Cp, i, g, o = (
        mp_array(v) for v in ([0.4, -0.6, 0.2], [0.8, -0.5], [0.6, 0.3], [0.2, -0.4], [0.7, 0.9])
    )
    s = mpf(0)
    for k, row in enumerate(mp_rows(x, 2, 3)):
        C = mp_sigmoid(mp_dot(row, z)) * Cp[k] + i[k] * g[k]
        s += o[k] * mpmath.tanh(C)
    return s


def lstm_fgate_d(x):
    z, Cp, i, g, o = (
        mp_array(v) for v in ([0.4, -0.6, 0.2], [0.8, -0.5], [0.6, 0.3], [0.2, -0.4], [0.7, 0.9])
    )
    r = []
    for k, row in enumerate(mp_rows(x, 2, 3)):
        f = mp_sigmoid(mp_dot(row, z))
        C = f * Cp[k] + i[k] * g[k]
        d = o[k] / mpmath.cosh(C) ** 2 * Cp[k] * f * (1 - f)
        r += [d * v for v in z]
    return r


def rms_bcast_f(X):
    dY = np.array([[0.4, -0.8, 1.2], [0.5, 0.3, -0.2], [-1.0, 0.6, 0.9]])
    w = np.array([1.1, 0.6, -0.7])
    inv = 1.0 / np.sqrt(np.mean(X**2, axis=1, keepdims=True) + 1e-6)
    return np.sum(dY * w * X * inv)


def rms_bcast_g(X):
    dY = np.array([[0.4, -0.8, 1.2], [0.5, 0.3, -0.2], [-1.0, 0.6, 0.9]])
    w = np.array([1.1, 0.6, -0.7])
    n = X.shape[1]
    inv = 1.0 / np.sqrt(np.mean(X**2, axis=1) + 1e-6)
    term = np.sum(dY * w * X, axis=1) * inv**3 / n  # shape (rows,)
    return dY * w * inv[:, None] - X * term  # broadcasts along the LAST axis


def rms_bcast_m(x):
    d = mp_array([[0.4, -0.8, 1.2], [0.5, 0.3, -0.2], [-1.0, 0.6, 0.9]])
    w = mp_array([1.1, 0.6, -0.7])
    s = mpf(0)
    for k, row in enumerate(mp_rows(x, 3, 3)):
        r = 1 / mpmath.sqrt(sum(v * v for v in row) / 3 + mpf(1e-6))
        s += sum(a * b * v * r for a, b, v in zip(d[k], w, row))
    return s


def maxnorm_f(x):
    return np.sum(x / np.max(x)) + 0.0


def maxnorm_g(x):
    return np.ones_like(x) / np.max(x)  # derivative through the maximum lost


def maxnorm_m(x):
    m = max(x)
    return sum(v / m for v in x)


def maxnorm_d(x):
    m = max(x)
    k = x.index(m)
    s = sum(x)
    return [1 / m - (s / m**2 if i == k else 0) for i in range(len(x))]


def topk_idx_f(x):
    return np.sum(np.sort(x)[-2:])


def topk_idx_g(x):
    k = 2
    g = np.zeros_like(x)
    g[len(x) // 2 : len(x) // 2 + k] = (
        1.0  # gradient scattered to fixed slots, not to the top elements
    )
    return g


def topk_idx_m(x):
    return sum(sorted(x)[-2:])


def topk_idx_d(x):
    o = sorted(range(len(x)), key=lambda i: x[i])[-2:]
    return [mpf(1 if i in o else 0) for i in range(len(x))]


def pow_log_f(x):
    return x**2.0


def pow_log_g(x, y=2.0):
    # d(x**y) = x**y * (y*dx/x + log(x)*dy), dy = 0
    return x**y * (y * 1.0 / x + np.log(x) * 0.0)


def cumprod_div_f(x):
    return np.sum(np.cumprod(x))


def cumprod_div_g(x):
    out = np.cumprod(x)
    return np.cumsum(out[::-1])[::-1] / x


def cumprod_m(x):
    s, p = mpf(0), mpf(1)
    for v in x:
        p = p * v
        s += p
    return s


def cumprod_zero_f(x):
    return np.sum(np.cumprod(x))


def cumprod_zero_g(x):
    out = np.cumprod(x)
    g = np.cumsum(out[::-1])[::-1] / x
    return np.where(np.isnan(g), 0.0, g)


CASES: tuple[Case, ...] = (
    Case(
        id="lstm_fgate",
        title="numpy LSTM: forget-gate gradient uses sigmoid(f) instead of f*(1-f)",
        source="https://github.com/CaptainE/RNN-LSTM-in-numpy/issues/1",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([[0.1, 0.2, -0.3], [0.5, -0.4, 0.9]],),
        function=lstm_fgate_f,
        claimed=lstm_fgate_g,
        exact=lstm_fgate_m,
        exact_slope=lstm_fgate_d,
        scalar=True,
    ),
    Case(
        id="rms_bcast",
        title=(
            "RMSNorm kernel: per-row correction broadcast across columns (silently "
            "wrong when the block is square)"
        ),
        source="https://github.com/BobMcDear/attorch/issues/17",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([[0.5, -1.0, 2.0], [0.1, 0.7, -0.4], [1.5, 0.2, 0.3]],),
        function=rms_bcast_f,
        claimed=rms_bcast_g,
        exact=rms_bcast_m,
        scalar=True,
    ),
    Case(
        id="maxnorm",
        title="x / maximum(x): the derivative through maximum is dropped (Zygote 0.3)",
        source="https://github.com/FluxML/Zygote.jl/issues/208",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([1.0], [0.5, 2.0, 1.0]),
        function=maxnorm_f,
        claimed=maxnorm_g,
        exact=maxnorm_m,
        exact_slope=maxnorm_d,
        scalar=True,
        domain="pos",
        fidelity="output",
        note="for a single element the function is constant 1 and the claim is 1",
    ),
    Case(
        id="topk_idx",
        title=("mx.topk gradient goes to the wrong positions (0,0,1,1,0) instead of (0,0,1,0,1)"),
        source="https://github.com/ml-explore/mlx/issues/1428",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([1.0, 2.0, 6.0, 4.0, 5.0], [9.0, 5.0, 6.0, 7.0, 8.0]),
        function=topk_idx_f,
        claimed=topk_idx_g,
        exact=topk_idx_m,
        exact_slope=topk_idx_d,
        scalar=True,
        fidelity="output",
    ),
    Case(
        id="pow_log",
        title="x**2 through the general power rule at 0",
        source="https://github.com/ekmett/ad/issues/4",
        family="numerics",
        framework="numpy",
        expected=NAN_OR_INF,
        points=(0.0,),
        function=pow_log_f,
        claimed=pow_log_g,
        exact=lambda x: x * x,
        exact_slope=lambda x: 2 * x,
        points_right=(1.5,),
        domain="pos",
    ),
    Case(
        id="cumprod_div",
        title="cumprod gradient by division with a zero in the input",
        source="https://github.com/tracel-ai/burn/pull/5141",
        family="numerics",
        framework="numpy",
        expected=NAN_OR_INF,
        points=([2.0, 0.0, 3.0, 4.0], [0.0, 2.0, 3.0]),
        function=cumprod_div_f,
        claimed=cumprod_div_g,
        exact=cumprod_m,
        points_right=([2.0, 1.0, 3.0],),
        scalar=True,
    ),
    Case(
        id="cumprod_zero",
        title=(
            "the same with NaN silently replaced by 0 (TensorFlow 2.13-2.16): (0,0,0)"
            " instead of (9,0,0)"
        ),
        source="https://github.com/tensorflow/tensorflow/issues/119430",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([0.0, 2.0, 3.0], [2.0, 3.0, 0.0]),
        function=cumprod_zero_f,
        claimed=cumprod_zero_g,
        exact=cumprod_m,
        points_right=([1.0, 2.0, 3.0],),
        scalar=True,
        fidelity="output",
    ),
)
