"""How the layers of `sources/stateful_mlp.py` are verified, and what is planted in them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from .planting import Call, Fault, Layer, call, sample

NETWORK = "stateful_mlp"
ONE_HOT = np.eye(4)[[1, 3, 0]]


def _through(layer: Any, *shape: int, **options: Any) -> Call:
    at = {"x": sample(*shape)}
    return call(layer.forward, at=at, backward=layer.backward, **options)


def _sequence(net: ModuleType) -> Call:
    model = net.Sequential(net.Linear(3, 3), net.Tanh(), net.Linear(3, 3, seed=1))
    return _through(model, 2, 3)


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "linear",
        lambda net: _through(net.Linear(4, 3), 5, 4, grads={"W": "dW", "b": "db"}),
        Fault("Linear.backward", "self.dW = self.x.T @ dout", "self.dW = self.x.T @ dout / 5"),
        "W",
    ),
    Layer(
        NETWORK,
        "relu",
        lambda net: _through(net.ReLU(), 3, 4),
        Fault("ReLU.backward", "return dout * self.mask", "return dout * (dout > 0)"),
        "x",
    ),
    Layer(
        NETWORK,
        "leaky_relu",
        lambda net: _through(net.LeakyReLU(), 3, 4),
        Fault("LeakyReLU.backward", "return dout * dx", "return dx"),
        "x",
    ),
    Layer(
        NETWORK,
        "sigmoid",
        lambda net: _through(net.Sigmoid(), 3, 4),
        Fault("Sigmoid.backward", "* self.out * (1.0 - self.out)", "* (1.0 - self.out)"),
        "x",
    ),
    Layer(
        NETWORK,
        "tanh",
        lambda net: _through(net.Tanh(), 3, 4),
        Fault("Tanh.backward", "(1 - self.out**2)", "(1 - self.out) ** 2"),
        "x",
    ),
    Layer(
        NETWORK,
        "dropout",
        lambda net: _through(net.Dropout(0.4, (3, 4)), 3, 4),
        Fault("Dropout.backward", "* self.mask / self.keep", "* self.mask"),
        "x",
    ),
    Layer(
        NETWORK,
        "batchnorm",
        lambda net: _through(net.BatchNorm1d(3), 5, 3, grads={"gamma": "dgamma", "beta": "dbeta"}),
        Fault("BatchNorm1d.backward", " - np.sum(dx_hat, axis=0)", ""),
        "x",
    ),
    Layer(
        NETWORK,
        "softmax_cross_entropy",
        lambda net: call(
            (loss := net.SoftmaxCrossEntropy(ONE_HOT)).forward,
            at={"logits": sample(3, 4)},
            backward=loss.backward,
        ),
        Fault("SoftmaxCrossEntropy.backward", " / len(self.probs)", ""),
        "logits",
    ),
    Layer(
        NETWORK,
        "mean_squared_error",
        lambda net: call(
            (loss := net.MeanSquaredError(sample(3, 2, seed=1))).forward,
            at={"prediction": sample(3, 2)},
            backward=loss.backward,
        ),
        Fault("MeanSquaredError.backward", "/ self.diff.size", "/ len(self.diff)"),
        "prediction",
    ),
    Layer(
        NETWORK,
        "sequence_of_layers",
        _sequence,
        Fault("Sequential.backward", "reversed(self.layers)", "self.layers"),
        "x",
    ),
)
