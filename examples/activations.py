"""Example e: eight activations with first and second derivatives, as numpy code writes them.

At a kink the code has to return something, and `>` or `>=` decides what: the slope from the left
or the slope from the right. Neither is the derivative, for there is none; the report shows both
slopes and says which one the code returns.
"""

import numpy as np

# ---- ReLU: a kink at 0 -----------------------------------------------------------------------


def relu(x):
    return np.maximum(x, 0.0)


def relu_slope(x):
    return np.where(x > 0, 1.0, 0.0)  # at 0: the slope from the left


def relu_slope_from_right(x):
    return np.where(x >= 0, 1.0, 0.0)  # at 0: the slope from the right


def relu_curvature(x):
    return np.zeros_like(x)


# ---- leaky ReLU: a kink at 0 -------------------------------------------------------------------


def leaky_relu(x, leak=0.01):
    return np.where(x > 0, x, leak * x)


def leaky_relu_slope(x, leak=0.01):
    slope = np.ones_like(x)
    slope[x <= 0] = leak
    return slope


def leaky_relu_slope_from_right(x, leak=0.01):
    slope = np.ones_like(x)
    slope[x < 0] = leak
    return slope


def leaky_relu_curvature(x, leak=0.01):
    return np.zeros_like(x)


# ---- ELU: smooth once at 0, its second derivative jumps there ----------------------------------


def elu(x):
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)


def elu_slope(x):
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


def elu_curvature(x):
    return np.where(x > 0, 0.0, np.exp(np.minimum(x, 0)))  # at 0: 1, from the left


def elu_curvature_from_right(x):
    return np.where(x >= 0, 0.0, np.exp(np.minimum(x, 0)))  # at 0: 0, from the right


# ---- softplus, sigmoid, tanh: smooth -------------------------------------------------------------


def softplus(x):
    return np.logaddexp(0.0, x)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_slope(x):
    s = sigmoid(x)
    return s * (1 - s)


def sigmoid_curvature(x):
    s = sigmoid(x)
    return s * (1 - s) * (1 - 2 * s)


def softplus_slope(x):
    return sigmoid(x)


def softplus_curvature(x):
    return sigmoid_slope(x)


def tanh(x):
    return np.tanh(x)


def tanh_slope(x):
    return 1 - np.tanh(x) ** 2


def tanh_curvature(x):
    t = np.tanh(x)
    return -2 * t * (1 - t**2)


# ---- GELU (the tanh form): smooth ----------------------------------------------------------------

C = np.sqrt(2 / np.pi)


def gelu(x):
    return 0.5 * x * (1 + np.tanh(C * (x + 0.044715 * x**3)))


def gelu_slope(x):
    t = np.tanh(C * (x + 0.044715 * x**3))
    du = C * (1 + 3 * 0.044715 * x**2)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du


def gelu_curvature(x):
    t = np.tanh(C * (x + 0.044715 * x**3))
    du = C * (1 + 3 * 0.044715 * x**2)
    ddu = C * 6 * 0.044715 * x
    dt = (1 - t**2) * du
    ddt = (1 - t**2) * (ddu - 2 * t * du**2)
    return dt + 0.5 * x * ddt


# ---- hardswish: kinks at -3 and 3 ----------------------------------------------------------------


def hardswish(x):
    return x * np.clip(x + 3, 0, 6) / 6


def hardswish_slope(x):
    inside = (x > -3) & (x < 3)
    return np.where(inside, x / 3 + 0.5, np.where(x >= 3, 1.0, 0.0))  # at 3: from the right


def hardswish_slope_from_inside(x):
    inside = (x >= -3) & (x <= 3)
    return np.where(inside, x / 3 + 0.5, np.where(x > 3, 1.0, 0.0))


def hardswish_curvature(x):
    return np.where((x > -3) & (x < 3), 1 / 3, 0.0)
