"""A multilayer perceptron out of layer objects: forward remembers, backward sets self.dW."""

import numpy as np


class Linear:
    def __init__(self, n_in, n_out, seed=0):
        rng = np.random.default_rng(seed)
        self.W = rng.normal(0, np.sqrt(2.0 / n_in), size=(n_in, n_out))
        self.b = np.zeros((1, n_out))
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = np.sum(dout, axis=0, keepdims=True)
        return dout @ self.W.T


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class LeakyReLU:
    def __init__(self, alpha=0.1):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        out = x.copy()
        out[x < 0] *= self.alpha
        return out

    def backward(self, dout):
        dx = np.ones_like(self.x)
        dx[self.x < 0] = self.alpha
        return dout * dx


class Sigmoid:
    def forward(self, x):
        self.out = 1.0 / (1.0 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1.0 - self.out)


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out**2)


class Dropout:
    def __init__(self, rate, shape, seed=0):
        self.keep = 1.0 - rate
        self.mask = np.random.default_rng(seed).random(shape) < self.keep

    def forward(self, x):
        return x * self.mask / self.keep

    def backward(self, dout):
        return dout * self.mask / self.keep


class BatchNorm1d:
    def __init__(self, dim, momentum=0.9):
        self.gamma = np.linspace(0.5, 1.5, dim)
        self.beta = np.linspace(-1.0, 1.0, dim)
        self.running_mean = np.zeros(dim)
        self.running_var = np.ones(dim)
        self.momentum = momentum

    def forward(self, x):
        self.mean = x.mean(axis=0)
        self.var = x.var(axis=0)
        self.inv_std = 1.0 / np.sqrt(self.var + 1e-5)
        self.x_hat = (x - self.mean) * self.inv_std
        m = self.momentum
        self.running_mean = m * self.running_mean + (1 - m) * self.mean
        self.running_var = m * self.running_var + (1 - m) * self.var
        return self.gamma * self.x_hat + self.beta

    def backward(self, dout):
        n = dout.shape[0]
        self.dgamma = np.sum(dout * self.x_hat, axis=0)
        self.dbeta = np.sum(dout, axis=0)
        dx_hat = dout * self.gamma
        dx = n * dx_hat - np.sum(dx_hat, axis=0) - self.x_hat * np.sum(dx_hat * self.x_hat, axis=0)
        return dx * self.inv_std / n


class SoftmaxCrossEntropy:
    def __init__(self, targets):
        self.targets = targets

    def forward(self, logits):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.probs = e / e.sum(axis=1, keepdims=True)
        return -np.sum(self.targets * np.log(self.probs)) / len(logits)

    def backward(self, dout=1.0):
        return dout * (self.probs - self.targets) / len(self.probs)


class MeanSquaredError:
    def __init__(self, targets):
        self.targets = targets

    def forward(self, prediction):
        self.diff = prediction - self.targets
        return np.mean(self.diff**2)

    def backward(self, dout=1.0):
        return dout * 2.0 * self.diff / self.diff.size


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
