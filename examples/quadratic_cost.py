"""Example b: J = 1/2 sum (y - yhat)^2 of a two-layer net, its gradient and its Hessian by hand.

The net has one output and three hidden units, yhat = W2 f(W1 x) with f = tanh. With h = f(W1 x),
r = yhat - y and sums over the N rows of X:

    dJ/dW2[k]    = sum r h[k]
    dJ/dW1[j,i]  = sum r W2[j] f'(z[j]) x[i]

and the Hessian in blocks [[a, b], [b^T, c]], rows and columns in the order W1 (row by row), W2:

    a[(j,i),(k,l)] = sum W2[j] f'(z[j]) x[i] W2[k] f'(z[k]) x[l]
                     + [j = k] sum r W2[j] f''(z[j]) x[i] x[l]
    b[(j,i),k]     = sum W2[j] f'(z[j]) x[i] h[k]  +  [j = k] sum r f'(z[j]) x[i]
    c[k,l]         = sum h[k] h[l]

Below stand the same gradient with a forgotten f'(z), and one with a forgotten 1/N.
"""

import numpy as np

X = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5], [0.125, 2.0]])
y = np.array([0.5, -0.25, 1.0, 0.0])


def one_point():
    """One point to look at closely; the names are the cost's arguments."""
    W1 = np.array([[0.5, -0.25], [1.0, 0.5], [-0.75, 0.25]])
    return [{"W1": W1, "W2": np.array([1.0, -0.5, 0.25])}]


def cost(W1, W2, X, y):
    yhat = np.tanh(X @ W1.T) @ W2
    return 0.5 * np.sum((y - yhat) ** 2)


def cost_gradient(W1, W2, X, y):
    h = np.tanh(X @ W1.T)
    r = h @ W2 - y
    dz = np.outer(r, W2) * (1 - h**2)
    return dz.T @ X, h.T @ r


def cost_hessian(W1, W2, X, y):
    h = np.tanh(X @ W1.T)
    r = h @ W2 - y
    df = 1 - h**2
    ddf = -2 * h * df
    units, inputs = W1.shape

    # slope of yhat by W1: one row an example, one column an entry of W1
    J1 = (W2 * df)[:, :, None] * X[:, None, :]
    J1 = J1.reshape(len(X), units * inputs)

    a = J1.T @ J1
    b = J1.T @ h
    c = h.T @ h
    for j in range(units):  # what the residual adds: only a unit with itself
        own = slice(j * inputs, (j + 1) * inputs)
        a[own, own] += W2[j] * (X.T * (r * ddf[:, j])) @ X
        b[own, j] += X.T @ (r * df[:, j])
    return (a, b), (b.T, c)


def cost_gradient_without_slope(W1, W2, X, y):
    """Wrong: f'(z) is forgotten on the way back through the hidden layer."""
    h = np.tanh(X @ W1.T)
    r = h @ W2 - y
    dz = np.outer(r, W2)
    return dz.T @ X, h.T @ r


def mean_cost(W1, W2, X, y):
    yhat = np.tanh(X @ W1.T) @ W2
    return 0.5 * np.mean((y - yhat) ** 2)


def mean_cost_gradient(W1, W2, X, y):
    dW1, dW2 = cost_gradient(W1, W2, X, y)
    return dW1 / len(y), dW2 / len(y)


def mean_cost_gradient_without_mean(W1, W2, X, y):
    """Wrong: the cost is a mean over N examples, the gradient a sum."""
    return cost_gradient(W1, W2, X, y)
