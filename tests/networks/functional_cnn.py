"""How the layers of `sources/functional_cnn.py` are verified, and what is planted in them."""

from __future__ import annotations

import numpy as np

from .planting import Fault, Layer, call, sample

NETWORK = "functional_cnn"
CONV = {"stride": 1, "pad": 1}
POOL = {"height": 2, "width": 2, "stride": 2}
LABELS = np.array([2, 0, 1])
IMAGE = sample(2, 2, 4, 4, seed=1)

LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "affine",
        lambda net: call(
            net.affine_forward,
            at={"x": sample(3, 2, 2), "w": sample(4, 3), "b": sample(3)},
            backward=net.affine_backward,
            cache=1,
        ),
        Fault("affine_backward", "db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)"),
        "b",
    ),
    Layer(
        NETWORK,
        "relu",
        lambda net: call(
            net.relu_forward, at={"x": sample(4, 5)}, backward=net.relu_backward, cache=1
        ),
        Fault("relu_backward", "dx[x <= 0] = 0", "dx[x < 0] *= 0.01"),
        "x",
    ),
    Layer(
        NETWORK,
        "conv_by_loops",
        lambda net: call(
            net.conv_forward_naive,
            at={
                "x": sample(2, 2, 4, 4),
                "w": sample(3, 2, 3, 3),
                "b": sample(3),
                "conv_param": CONV,
            },
            wrt=["x", "w", "b"],
            backward=net.conv_backward_naive,
            cache=1,
        ),
        Fault("conv_backward_naive", "dw[f] += x_pad", "dw[f] = x_pad"),
        "w",
    ),
    Layer(
        NETWORK,
        "max_pool_by_loops",
        lambda net: call(
            net.max_pool_forward_naive,
            at={"x": IMAGE, "pool_param": POOL},
            wrt=["x"],
            backward=net.max_pool_backward_naive,
            cache=1,
        ),
        Fault("max_pool_backward_naive", "mask = window == np.max(window)", "mask = window > 0"),
        "x",
    ),
    Layer(
        NETWORK,
        "batchnorm",
        lambda net: call(
            net.batchnorm_forward,
            at={"x": sample(5, 3), "gamma": sample(3, seed=1), "beta": sample(3, seed=2)},
            backward=net.batchnorm_backward,
            cache=1,
        ),
        Fault("batchnorm_backward", "dx = dxc - dmu / N", "dx = dxc"),
        "x",
    ),
    Layer(
        NETWORK,
        "spatial_batchnorm",
        lambda net: call(
            net.spatial_batchnorm_forward,
            at={
                "x": sample(2, 3, 2, 2),
                "gamma": sample(3, seed=1),
                "beta": sample(3, seed=2),
            },
            backward=net.spatial_batchnorm_backward,
            cache=1,
        ),
        Fault(
            "spatial_batchnorm_backward",
            "dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)",
            "dx = dx.reshape(N, C, H, W)",
        ),
        "x",
    ),
    Layer(
        NETWORK,
        "dropout",
        lambda net: call(
            net.dropout_forward,
            at={"x": sample(4, 5), "dropout_param": {"p": 0.75, "seed": 3}},
            wrt=["x"],
            backward=net.dropout_backward,
            cache=1,
        ),
        Fault("dropout_backward", "dx = dout * mask", "dx = dout * (mask > 0)"),
        "x",
    ),
    Layer(
        NETWORK,
        "softmax_loss",
        lambda net: call(
            net.softmax_loss,
            at={"x": sample(3, 4), "y": LABELS},
            value_and_gradient=net.softmax_loss,
        ),
        Fault("softmax_loss", "dx /= N", "dx *= 1.0"),
        "x",
    ),
    Layer(
        NETWORK,
        "svm_loss",
        lambda net: call(
            net.svm_loss, at={"x": sample(3, 4), "y": LABELS}, value_and_gradient=net.svm_loss
        ),
        Fault("svm_loss", "dx[np.arange(N), y] -= num_pos", "dx[np.arange(N), y] -= 1"),
        "x",
    ),
)
