"""Example a: g(x) = f(a2 f(a1 x + b1) + b2), and its first and second derivative by hand.

With f = tanh and f = sigmoid everything is smooth: the formulas below, finite differences and
mpmath agree everywhere. With f = ReLU the net is a broken line: at its kinks, x = 0.5 and x = 0.75,
there is only a slope from the left and one from the right, and elsewhere the second derivative
is 0.

    z1 = a1 x + b1      h = f(z1)      z2 = a2 h + b2      g = f(z2)
    g'  = f'(z2) a2 f'(z1) a1
    g'' = f''(z2) (a2 f'(z1) a1)^2 + f'(z2) a2 f''(z1) a1^2
"""

import numpy as np

a1, b1 = 1.5, -0.75
a2, b2 = -2.0, 0.75


# ---- f = tanh ------------------------------------------------------------------------------


def tanh_net(x):
    return np.tanh(a2 * np.tanh(a1 * x + b1) + b2)


def tanh_net_slope(x):
    h = np.tanh(a1 * x + b1)
    g = np.tanh(a2 * h + b2)
    return (1 - g**2) * a2 * (1 - h**2) * a1


def tanh_net_curvature(x):
    h = np.tanh(a1 * x + b1)
    g = np.tanh(a2 * h + b2)
    dh, dg = 1 - h**2, 1 - g**2  # tanh'  = 1 - tanh^2
    ddh, ddg = -2 * h * dh, -2 * g * dg  # tanh'' = -2 tanh tanh'
    return ddg * (a2 * dh * a1) ** 2 + dg * a2 * ddh * a1**2


# ---- f = sigmoid ---------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_net(x):
    return sigmoid(a2 * sigmoid(a1 * x + b1) + b2)


def sigmoid_net_slope(x):
    h = sigmoid(a1 * x + b1)
    g = sigmoid(a2 * h + b2)
    return g * (1 - g) * a2 * h * (1 - h) * a1


def sigmoid_net_curvature(x):
    h = sigmoid(a1 * x + b1)
    g = sigmoid(a2 * h + b2)
    dh, dg = h * (1 - h), g * (1 - g)  # s'  = s (1 - s)
    ddh, ddg = dh * (1 - 2 * h), dg * (1 - 2 * g)  # s'' = s' (1 - 2 s)
    return ddg * (a2 * dh * a1) ** 2 + dg * a2 * ddh * a1**2


# ---- f = ReLU ------------------------------------------------------------------------------


def relu(z):
    return np.maximum(z, 0)


def relu_net(x):
    return relu(a2 * relu(a1 * x + b1) + b2)


def relu_net_slope(x):
    z1 = a1 * x + b1
    z2 = a2 * relu(z1) + b2
    return np.where(z2 > 0, 1.0, 0.0) * a2 * np.where(z1 > 0, 1.0, 0.0) * a1


def relu_net_curvature(x):
    return np.zeros_like(x)
