# ruff: noqa: B905
"""Nets in plain Python: loops over numbers, the math module, lists of lists."""

import math


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


def neuron(w, x, b):
    total = b
    for wi, xi in zip(w, x):
        total += wi * xi
    return sigmoid(total)


def neuron_gradient(w, x, b):
    s = neuron(w, x, b)
    slope = s * (1.0 - s)
    return [slope * xi for xi in x], [slope * wi for wi in w], slope


def xor_net_error(hidden, output, inputs, target):
    """hidden: one row a unit, the bias last; output: one weight a unit, the bias last."""
    acts = []
    for row in hidden:
        z = row[-1]
        for i in range(len(inputs)):
            z += row[i] * inputs[i]
        acts.append(math.tanh(z))
    y = output[-1]
    for j in range(len(acts)):
        y += output[j] * acts[j]
    y = sigmoid(y)
    error = 0.5 * (target - y) ** 2
    delta = (y - target) * y * (1 - y)
    grad_output = [delta * a for a in acts] + [delta]
    grad_hidden = []
    for j, a in enumerate(acts):
        d = delta * output[j] * (1 - a * a)
        grad_hidden.append([d * v for v in inputs] + [d])
    return error, (grad_hidden, grad_output)


def softmax_list(z):
    top = max(z)
    e = [math.exp(v - top) for v in z]
    total = sum(e)
    return [v / total for v in e]


def cross_entropy(z, target):
    p = softmax_list(z)
    return -math.log(p[target])


def cross_entropy_gradient(z, target):
    g = softmax_list(z)
    g[target] -= 1.0
    return g


def gaussian_nll(mu, log_sigma, data):
    total = 0.0
    for v in data:
        total += log_sigma + 0.5 * ((v - mu) / math.exp(log_sigma)) ** 2
    return total + 0.5 * len(data) * math.log(2 * math.pi)


def gaussian_nll_gradient(mu, log_sigma, data):
    var = math.exp(2 * log_sigma)
    dmu, dls = 0.0, 0.0
    for v in data:
        dmu -= (v - mu) / var
        dls += 1.0 - (v - mu) ** 2 / var
    return dmu, dls


def rbf_unit(x, centre, width):
    d2 = 0.0
    for a, c in zip(x, centre):
        d2 += (a - c) ** 2
    return math.exp(-d2 / (2 * width**2))


def rbf_unit_gradient(x, centre, width):
    phi = rbf_unit(x, centre, width)
    d2 = sum((a - c) ** 2 for a, c in zip(x, centre))
    dx = [-phi * (a - c) / width**2 for a, c in zip(x, centre)]
    dc = [-g for g in dx]
    return dx, dc, phi * d2 / width**3


def elman_energy(w, signal):
    """A one-unit recurrent net driven by `signal`; w = (recurrent, input, bias)."""
    h, energy = 0.0, 0.0
    for s in signal:
        h = math.tanh(w[0] * h + w[1] * s + w[2])
        energy += h * h
    return energy


def elman_energy_gradient(w, signal):
    h, dh = 0.0, [0.0, 0.0, 0.0]
    grad = [0.0, 0.0, 0.0]
    for s in signal:
        new = math.tanh(w[0] * h + w[1] * s + w[2])
        slope = 1.0 - new * new
        dh = [slope * (w[0] * d + local) for d, local in zip(dh, (h, s, 1.0))]
        h = new
        for i in range(3):
            grad[i] += 2.0 * h * dh[i]
    return grad


def hinge(w, x, label):
    score = 0.0
    for i in range(len(w)):
        score += w[i] * x[i]
    margin = 1.0 - label * score
    if margin > 0:
        return margin
    return 0.0


def hinge_gradient(w, x, label):
    score = sum(wi * xi for wi, xi in zip(w, x))
    if 1.0 - label * score > 0:
        return [-label * xi for xi in x]
    return [0.0 for _ in w]
