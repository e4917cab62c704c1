"""Activations whose hand-written derivative is wrong somewhere."""

import math

import numpy as np

from .record import KINK_CANCELS, NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

SQRT_2_OVER_PI = np.sqrt(2 / np.pi)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def mish(x):
    return x * np.tanh(softplus(x))


def d_mish_no_sigmoid(x):
    t = np.tanh(softplus(x))
    return t + x * (1 - t**2)  # the slope of softplus is missing


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x**3)))


def d_gelu_cubic(x):
    u = SQRT_2_OVER_PI * (x + 0.044715 * x**3)
    t = np.tanh(u)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 0.044715 * x**2)


def gelu_sigmoid(x):
    return x * sigmoid(1.702 * x)


def d_gelu_sigmoid(x):
    s = sigmoid(1.702 * x)
    return s + x * s * (1 - s)


def hardswish(x):
    return x * np.minimum(np.maximum(x + 3, 0), 6) / 6


def d_hardswish(x):
    out = np.zeros_like(x)
    middle = (x > -3) & (x < 3)
    out[middle] = (x[middle] + 3) / 6
    out[x >= 3] = 1
    return out


def celu(x, alpha=1.5):
    return np.maximum(0, x) + np.minimum(0, alpha * (np.exp(x / alpha) - 1))


def d_celu(x, alpha=1.5):
    return np.where(x > 0, 1.0, alpha * np.exp(x / alpha))


def softsign(x):
    return x / (1 + np.abs(x))


def d_softsign(x):
    return 1 / (1 + x) ** 2


def log_sigmoid(x):
    return -np.logaddexp(0, -x)


def d_log_sigmoid(x):
    return sigmoid(x)


def hardshrink(x, lam=0.5):
    return np.where(np.abs(x) > lam, x, 0.0)


def d_hardshrink(x, lam=0.5):
    return (np.abs(x) > lam).astype(x.dtype)


def softshrink(x, lam=0.5):
    return np.sign(x) * np.maximum(np.abs(x) - lam, 0)


def d_softshrink(x, lam=0.5):
    return np.where(x > lam, 1.0, np.where(x < -lam, -1.0, 0.0))


def tanhshrink(x):
    return x - np.tanh(x)


def d_tanhshrink(x):
    return 1 - np.tanh(x) ** 2


def snake(x, a=2.0):
    return x + np.sin(a * x) ** 2 / a


def d_snake(x, a=2.0):
    return 1 + np.sin(2 * a * x) / a


def squareplus(x, b=4.0):
    return (x + np.sqrt(x * x + b)) / 2


def d_squareplus(x, b=4.0):
    return 0.5 + x / np.sqrt(x * x + b)


def threshold(x):
    return np.where(x > 1.0, x, 0.2)


def d_threshold(x):
    return np.where(x > 1.0, 1.0, 0.0)


def relu6(x):
    return np.clip(x, 0, 6)


def d_relu6_both_masks(x):
    grad = np.ones_like(x)
    grad[x <= 0] = 0
    grad[x > 6] = 0
    return grad


def silu(x):
    return x * sigmoid(x)


def d_silu_from_output(x):
    y = silu(x)
    return y + sigmoid(x) * (1 - sigmoid(x))


def bent_identity(x):
    return (np.sqrt(x**2 + 1) - 1) / 2 + x


def d_bent_identity(x):
    return x / (2 * np.sqrt(x**2 + 1))


def isru(x, a=0.5):
    return x / np.sqrt(1 + a * x * x)


def d_isru(x, a=0.5):
    return 1 / (1 + a * x * x) ** 2


def d_sigmoid_overflow(x):
    return np.exp(-x) / (1 + np.exp(-x)) ** 2


def scaled_softplus(x, beta=20.0):
    return np.log(1 + np.exp(-np.abs(beta * x))) / beta + np.maximum(x, 0)


def d_softplus_ratio(x, beta=20.0):
    e = np.exp(beta * x)
    return e / (1 + e)


def abs_through_relu(x):
    return np.maximum(x, 0) - np.maximum(-x, 0)


def d_abs_through_relu(x):
    return (x > 0) * 1.0 + (-x > 0) * 1.0


def swish_piece(x):
    if x > 2.0:
        return x - 2.0 / (1.0 + math.exp(2.0))
    return x / (1.0 + math.exp(-x))


def elementwise(function):
    def run(x):
        return np.array([function(float_like) for float_like in x])

    return run


def d_swish_piece(x):
    if x > 2.0:
        return 1.0
    s = 1.0 / (1.0 + math.exp(-x))
    return s * (1 + x * (1 - s))


def prelu(x, slope=0.25):
    return x * (x >= 0) + slope * x * (x < 0)


def d_prelu(x, slope=0.25):
    dx = np.ones(x.shape)
    dx[x < 0] = -slope
    return dx


def hard_sigmoid(x):
    return np.clip(0.2 * x + 0.5, 0, 1)


def d_hard_sigmoid(x):
    return np.where((x > -3) & (x < 3), 0.2, 0.0)  # keras cuts at 2.5


def serf(x):
    # x * erf(log(1 + e^x)) with erf from the standard library
    return np.array([v * math.erf(math.log1p(math.exp(v))) for v in x])


def d_serf(x):
    s = np.log1p(np.exp(x))
    inner = np.array([math.erf(v) for v in s])
    return inner + 2 / np.sqrt(np.pi) * x * np.exp(-s) * sigmoid(x)  # exp(-s**2) meant


CASES: tuple[Wild, ...] = (
    Wild("mish_no_sigmoid", mish, d_mish_no_sigmoid, (0.5, -1.0, 2.0), WRONG),
    Wild("gelu_cubic_3", gelu_tanh, d_gelu_cubic, (0.5, -1.5, 1.0), WRONG),
    Wild("gelu_sigmoid_chain", gelu_sigmoid, d_gelu_sigmoid, (0.5, -1.5, 2.0), WRONG),
    Wild("hardswish_half", hardswish, d_hardswish, (1.0, -2.0), WRONG),
    Wild("celu_alpha", celu, d_celu, (-0.5, -3.0), WRONG),
    Wild("softsign_abs", softsign, d_softsign, (-0.5, -3.0), WRONG),
    Wild("log_sigmoid_sign", log_sigmoid, d_log_sigmoid, (0.5, -3.0), WRONG),
    Wild(
        "hardshrink_jump", hardshrink, d_hardshrink, (0.5, -0.5), NO_DERIVATIVE, accept=(ONE_SIDED,)
    ),
    Wild("softshrink_sign", softshrink, d_softshrink, (-0.8, -3.0), WRONG),
    Wild("tanhshrink_flip", tanhshrink, d_tanhshrink, (0.3, -2.0), WRONG),
    Wild("snake_chain", snake, d_snake, (0.3, -2.0), WRONG),
    Wild("squareplus_half", squareplus, d_squareplus, (0.3, -2.0), WRONG),
    Wild("threshold_jump", threshold, d_threshold, (1.0,), NO_DERIVATIVE, accept=(ONE_SIDED,)),
    Wild("relu6_upper", relu6, d_relu6_both_masks, (0.0, 6.0), ONE_SIDED, box="[-8, 8]"),
    Wild("silu_from_output", silu, d_silu_from_output, (0.3, -2.0), WRONG),
    Wild("bent_identity_one", bent_identity, d_bent_identity, (0.3, -2.0), WRONG),
    Wild("isru_power", isru, d_isru, (0.7, -2.0), WRONG),
    Wild(
        "sigmoid_overflow", sigmoid, d_sigmoid_overflow, (-800.0, -400.0), NAN, box="[-1000, 1000]"
    ),
    Wild("softplus_ratio", scaled_softplus, d_softplus_ratio, (40.0, 100.0), NAN, box="[-60, 60]"),
    Wild(
        "relu_pair_zero",
        abs_through_relu,
        d_abs_through_relu,
        (0.0,),
        KINK_CANCELS,
        accept=(WRONG,),
    ),
    Wild("prelu_sign", prelu, d_prelu, (-0.4, -3.0), WRONG),
    Wild("hard_sigmoid_cut", hard_sigmoid, d_hard_sigmoid, (2.7, -2.9), WRONG),
    Wild(
        "swish_piece_kink",
        elementwise(swish_piece),
        elementwise(d_swish_piece),
        (2.0,),
        NO_DERIVATIVE,
        accept=(ONE_SIDED,),
    ),
    Wild("serf_square", serf, d_serf, (0.5, -1.0), WRONG),
)
