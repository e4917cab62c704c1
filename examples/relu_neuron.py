"""Example d: a ReLU neuron under mean squared error, a small ReLU net, Newton and Gauss-Newton.

The second derivative of ReLU is 0 wherever it has one. That does not make the Hessian of a loss
vanish: the square bends it, and weights of different layers multiply each other.

    neuron(w, b) = relu(X w + b)                loss = mean (neuron - y)^2
    net(W, v)    = relu(X W) v                  loss = mean (net - y)^2

Of the neuron itself every second derivative is 0, by structure. Its loss keeps only 2/n J'J, which
is what Gauss-Newton takes for the Hessian: here it misses nothing. Of the net the blocks W,W and
v,v are 0 by structure, the block W,v is not: it makes the loss indefinite, and Gauss-Newton, which
never is, does not see it.
"""

import numpy as np

X = np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, -1.0], [2.0, 0.5]])
y = np.array([1.0, 0.0, 2.0, 1.0])
n = len(y)

# Points where every ReLU is strictly on or off, and one where a unit stands on its kink.
neuron_points = [(np.array([0.5, 0.25]), 0.125), (np.array([-1.0, -1.0]), 0.25)]
net_points = [
    (np.array([[1.0, -0.5], [0.25, 0.5]]), np.array([1.0, -1.0])),
    (np.array([[-1.0, 0.5], [0.25, -1.0]]), np.array([0.5, 2.0])),
]
kink = [(np.array([1.0, -0.5]), 0.0)]  # X[0] w + b = 0


def relu(z):
    return np.maximum(z, 0)


# ---- one neuron --------------------------------------------------------------------------------


def neuron(w, b):
    return relu(X @ w + b)


def neuron_loss(w, b):
    return np.mean((neuron(w, b) - y) ** 2)


def neuron_gradient(w, b):
    z = X @ w + b
    dz = 2 / n * (relu(z) - y) * (z > 0)
    return X.T @ dz, dz.sum()


def neuron_hessian(w, b):
    on = (X @ w + b > 0).astype(float)  # relu'; relu'' is 0 and adds nothing
    ww, wb, bb = (X.T * on) @ X, X.T @ on, on.sum()
    return (2 / n * ww, 2 / n * wb), (2 / n * wb, 2 / n * bb)


# ---- a small net -------------------------------------------------------------------------------


def net(W, v):
    return relu(X @ W) @ v


def net_loss(W, v):
    return np.mean((net(W, v) - y) ** 2)


def net_gradient(W, v):
    z = X @ W
    d = 2 / n * (relu(z) @ v - y)
    return X.T @ (np.outer(d, v) * (z > 0)), relu(z).T @ d


def net_hessian(W, v):
    return hessian_blocks(W, v, residual_bends=True)


def net_hessian_of_gauss_newton(W, v):
    """Without the residual's own curvature: the Hessian only where every residual is 0."""
    return hessian_blocks(W, v, residual_bends=False)


def hessian_blocks(W, v, residual_bends):
    z = X @ W
    on, h = (z > 0).astype(float), relu(z)
    J = X[:, :, None] * (on * v)[:, None, :]  # slope of net by W, one example a row
    WW = 2 / n * np.einsum("nik,njl->ikjl", J, J)
    Wv = 2 / n * np.einsum("nik,nl->ikl", J, h)
    if residual_bends:  # W and v multiply each other: only a unit with its own weight
        Wv += 2 / n * np.einsum("ni,n,nk,kl->ikl", X, h @ v - y, on, np.eye(len(v)))
    vv = 2 / n * h.T @ h
    return (WW, Wv), (np.moveaxis(Wv, -1, 0), vv)
