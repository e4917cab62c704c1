"""Example f: a real hand-written net. Minibatch classifier, softmax cross-entropy, weight decay.

64 inputs, 64 ReLU units, 10 classes: 4,810 parameters. Every component of the gradient is verified
on a batch of 32, at the parameters training starts from and at those it ends with. Run as a
program, this file trains the net on synthetic digits.
"""

import numpy as np

INPUTS, HIDDEN, CLASSES, BATCH = 64, 64, 10, 32
DECAY = 1e-3


def synthetic_digits(count, seed):
    """Ten noisy prototypes on an 8 x 8 grid: (count, 64) images and (count,) labels."""
    rng = np.random.default_rng(seed)
    prototypes = np.random.default_rng(0).normal(size=(CLASSES, INPUTS))
    labels = rng.integers(0, CLASSES, size=count)
    return prototypes[labels] + 0.5 * rng.normal(size=(count, INPUTS)), labels


X, y = synthetic_digits(BATCH, seed=1)


def loss(W1, b1, W2, b2, X, y):
    value, _ = loss_and_gradient(W1, b1, W2, b2, X, y)
    return value


def loss_and_gradient(W1, b1, W2, b2, X, y):
    N = X.shape[0]

    # forward
    z1 = X @ W1 + b1
    h = np.maximum(0, z1)
    scores = h @ W2 + b2
    scores = scores - np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= np.sum(probs, axis=1, keepdims=True)
    data_loss = -np.mean(np.log(probs[np.arange(N), y]))
    decay_loss = 0.5 * DECAY * (np.sum(W1 * W1) + np.sum(W2 * W2))

    # backward
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    grads = {}
    grads["W2"] = h.T @ dscores + DECAY * W2
    grads["b2"] = dscores.sum(axis=0)
    dh = dscores @ W2.T
    dh[z1 <= 0] = 0
    grads["W1"] = X.T @ dh + DECAY * W1
    grads["b1"] = dh.sum(axis=0)
    return data_loss + decay_loss, grads


def gradient_without_decay(W1, b1, W2, b2, X, y):
    """Wrong: the weight decay of W2 never reaches its gradient."""
    _, grads = loss_and_gradient(W1, b1, W2, b2, X, y)
    grads["W2"] = grads["W2"] - DECAY * W2
    return grads


def initial_parameters(seed=2):
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(size=(INPUTS, HIDDEN)) * np.sqrt(2 / INPUTS),
        "b1": np.zeros(HIDDEN),
        "W2": rng.normal(size=(HIDDEN, CLASSES)) * np.sqrt(2 / HIDDEN),
        "b2": np.zeros(CLASSES),
    }


def train(steps=300, rate=0.5):
    """Minibatch gradient descent; returns the parameters and the last loss."""
    params = initial_parameters()
    for step in range(steps):
        images, labels = synthetic_digits(BATCH, seed=1000 + step)
        value, grads = loss_and_gradient(**params, X=images, y=labels)
        for name in params:
            params[name] -= rate * grads[name]
    return params, value


def before_and_after_training():
    """The two points at which the gradient is verified, rounded to be the same on all machines."""
    trained = train(steps=50)[0]
    return [initial_parameters(), {name: np.round(part, 9) for name, part in trained.items()}]


if __name__ == "__main__":
    print(f"loss after training: {train()[1]:.4f}")
