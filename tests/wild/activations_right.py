"""Activations whose hand-written derivative is right, where a hasty checker would doubt it."""

import math

import numpy as np

from .record import RIGHT, Wild

LAMBDA, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
C = math.sqrt(2.0 / math.pi)
HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)


def stable_sigmoid(x):
    out = np.empty_like(x)
    pos = x >= 0
    out[pos] = 1.0 / (1.0 + np.exp(-x[pos]))
    e = np.exp(x[~pos])
    out[~pos] = e / (1.0 + e)
    return out


def d_stable_sigmoid(x):
    s = stable_sigmoid(x)
    return s * stable_sigmoid(-x)


def mish(x):
    return x * np.tanh(np.logaddexp(0.0, x))


def d_mish_omega(x):
    e = np.exp(x)
    omega = 4 * (x + 1) + 4 * e**2 + e**3 + e * (4 * x + 6)
    delta = 2 * e + e**2 + 2
    return e * omega / delta**2


def gelu_new(x):
    return 0.5 * x * (1.0 + np.tanh(C * (x + 0.044715 * np.power(x, 3.0))))


def d_gelu_new(x):
    t = np.tanh(C * (x + 0.044715 * np.power(x, 3.0)))
    left = 0.5 * (1.0 + t)
    right = 0.5 * x * (1.0 - np.square(t)) * C * (1.0 + 3 * 0.044715 * np.power(x, 2.0))
    return left + right


class Selu:
    def __init__(self):
        self.scale = LAMBDA
        self.alpha = ALPHA

    def __call__(self, x):
        return self.scale * np.where(x > 0.0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))

    def gradient(self, x):
        y = self(x)
        return np.where(x > 0.0, self.scale, y + self.scale * self.alpha)


def elu_loop(x, alpha=1.0):
    y = np.zeros(x.shape)
    for i in range(len(x)):
        if x[i] > 0:
            y[i] = x[i]
        else:
            y[i] = alpha * (math.exp(x[i]) - 1)
    return y


def d_elu_loop(x, alpha=1.0):
    g = np.zeros(x.shape)
    for i, v in enumerate(x):
        g[i] = 1.0 if v > 0 else alpha * math.exp(v)
    return g


def softsign(x):
    return x / (1 + abs(x))


def d_softsign(x):
    return 1 / np.square(1 + np.abs(x))


def sech_slope(x):
    return np.cosh(x) ** -2


def tanh_from_exp(x):
    e = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - e) / (1 + e)


def d_tanh_from_exp(x):
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def hard_tanh_far(x):
    return np.maximum(-1.0, np.minimum(1.0, x))


def d_hard_tanh_far(x):
    return 1.0 * (np.abs(x) < 1)


def snake_safe(x, a=0.7):
    return x + (1 - np.cos(2 * a * x)) / (2 * a)


def d_snake_safe(x, a=0.7):
    return 1 + 2 * np.sin(a * x) * np.cos(a * x)


def log_cosh(x):
    return np.abs(x) + np.log1p(np.exp(-2 * np.abs(x))) - np.log(2.0)


def silu32(x):
    return x / (1 + np.exp(-x))


def d_silu32(x):
    s = 1 / (1 + np.exp(-x))
    return s * (1 + x * (1 - s))


def smooth_step(x):
    t = np.clip(x, 0.0, 1.0)
    return t * t * (3 - 2 * t)


def d_smooth_step(x):
    t = np.clip(x, 0.0, 1.0)
    return 6 * t * (1 - t)


def soft_exponential(x, a=0.3):
    if a < 0:
        return -np.log(1 - a * (x + a)) / a
    if a > 0:
        return (np.exp(a * x) - 1) / a + a
    return x


def d_soft_exponential(x, a=0.3):
    return np.exp(a * x) if a >= 0 else 1 / (1 - a * (a + x))


def relu_squared(x):
    return np.maximum(x, 0) ** 2


def d_relu_squared(x):
    return 2 * np.maximum(x, 0)


def huberised_relu(x, d=0.5):
    return np.piecewise(
        x,
        [x < 0, (x >= 0) & (x < d), x >= d],
        [0.0, lambda v: v * v / (2 * d), lambda v: v - d / 2],
    )


def d_huberised_relu(x, d=0.5):
    return np.clip(x / d, 0, 1)


def swish_beta(x, beta=1.5):
    return x * (0.5 * (np.tanh(0.5 * beta * x) + 1))


def d_swish_beta(x, beta=1.5):
    s = 0.5 * (np.tanh(0.5 * beta * x) + 1)
    y = x * s
    return beta * y + s * (1 - beta * y)


def normal_quantile_gap(x):
    return 0.5 * np.vectorize(math.erfc)(-x / math.sqrt(2.0))


def d_normal_quantile_gap(x):
    return np.exp(-0.5 * x**2 - HALF_LOG_2PI)


SELU = Selu()

CASES: tuple[Wild, ...] = (
    Wild("stable_sigmoid", stable_sigmoid, d_stable_sigmoid, (0.0, 800.0, -800.0, 3.0)),
    Wild("mish_omega", mish, d_mish_omega, (0.5, -3.0, 4.0)),
    Wild("gelu_new", gelu_new, d_gelu_new, (0.0, 1.0, -2.5, 6.0)),
    Wild("selu_class", SELU, SELU.gradient, (0.3, -0.4, -5.0)),
    Wild("elu_loop", elu_loop, d_elu_loop, (0.0, 1e-9, -1e-9, -3.0)),
    Wild("softsign_zero", softsign, d_softsign, (0.0, 1e-300, -2.0)),
    Wild("tanh_sech", np.tanh, sech_slope, (0.0, 15.0, -2.0)),
    Wild("tanh_from_exp", tanh_from_exp, d_tanh_from_exp, (0.3, -2.0, 30.0, 0.0)),
    Wild("hard_tanh_near", hard_tanh_far, d_hard_tanh_far, (0.999999999, 1.000000001, -3.0)),
    Wild("snake_double_angle", snake_safe, d_snake_safe, (0.3, -2.0, 40.0)),
    Wild("log_cosh", log_cosh, np.tanh, (0.0, 0.4, -3.0, 400.0)),
    Wild("silu_float32", silu32, d_silu32, (0.3, -2.0, 20.0, -20.0), dtype="float32"),
    Wild("smooth_step", smooth_step, d_smooth_step, (0.0, 1.0, 0.4, -2.0)),
    Wild("soft_exponential", soft_exponential, d_soft_exponential, (0.0, 2.0, -2.0)),
    Wild("relu_squared", relu_squared, d_relu_squared, (0.0, 1e-200, -1.0, 3.0)),
    Wild("huberised_relu", huberised_relu, d_huberised_relu, (0.0, 0.5, 0.2, 2.0)),
    Wild("swish_tanh", swish_beta, d_swish_beta, (0.0, 2.0, -4.0)),
    Wild("ndtr_vectorize", normal_quantile_gap, d_normal_quantile_gap, (0.0, 2.0, -7.0)),
)
assert all(case.fault == RIGHT for case in CASES)
