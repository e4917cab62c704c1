"""Example g: which losses are convex, and in which of their arguments?

A composition of convex functions is convex where the outer one does not decrease. That makes the
logistic loss convex in its weights, and a net's loss convex in the last layer alone. It does not
make a net's loss convex in all its weights, even where every activation is a ReLU.
"""

import numpy as np

X = np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0], [2.0, 0.5]])
y = np.array([1.0, 0.0, 0.0, 1.0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def square_of_square(x):
    """x^2 is convex and so is (z - 1)^2, which falls before it rises."""
    return (x**2 - 1) ** 2


def softplus_of_square(x):
    """x^2 is convex, and softplus is convex and increasing."""
    return np.logaddexp(0, x**2)


def logistic_loss(w, X, y):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - y * z)


def squared_loss_of_sigmoid(w, X, y):
    """The same model under squared error: the sigmoid bends it both ways."""
    return np.mean((sigmoid(X @ w) - y) ** 2)


def relu_net_loss(W, v, X, y):
    return np.mean((relu(X @ W) @ v - y) ** 2)
