"""How the layers of `sources/im2col_cnn.py` are verified, and what is planted in them."""

from __future__ import annotations

from typing import Any

from .planting import Call, Fault, Layer, call, sample

NETWORK = "im2col_cnn"


def _through(layer: Any, *shape: int, **options: Any) -> Call:
    at = {"x": sample(*shape)}
    return call(layer.forward, at=at, backward=layer.backward, **options)


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "conv_by_im2col",
        lambda net: _through(net.Conv2D(2, 3, 3, pad=1), 2, 2, 4, 4, grads={"W": "dW", "b": "db"}),
        Fault("Conv2D.backward", "dout.transpose(1, 2, 3, 0)", "dout.transpose(1, 0, 2, 3)"),
        "W",
    ),
    Layer(
        NETWORK,
        "strided_conv_by_im2col",
        lambda net: _through(
            net.Conv2D(2, 2, 3, stride=2), 2, 2, 5, 5, grads={"W": "dW", "b": "db"}
        ),
        Fault("Conv2D.backward", "np.sum(dout, axis=(0, 2, 3))", "np.mean(dout, axis=(0, 2, 3))"),
        "b",
    ),
    Layer(
        NETWORK,
        "max_pool_by_im2col",
        lambda net: _through(net.MaxPool(2, 2), 2, 2, 4, 4),
        Fault("MaxPool.backward", "dout.transpose(2, 3, 0, 1)", "dout"),
        "x",
    ),
    Layer(
        NETWORK,
        "average_pool",
        lambda net: _through(net.AvgPool(2), 2, 2, 4, 4),
        Fault("AvgPool.backward", " / (s * s)", ""),
        "x",
    ),
    Layer(
        NETWORK,
        "global_average_pool",
        lambda net: _through(net.GlobalAvgPool(), 2, 3, 2, 3),
        Fault("GlobalAvgPool.backward", "/ (h * w)", "/ h"),
        "x",
    ),
    Layer(
        NETWORK,
        "flatten",
        lambda net: _through(net.Flatten(), 2, 2, 2, 3),
        Fault(
            "Flatten.backward", "dout.reshape(self.shape)", 'dout.reshape(self.shape, order="F")'
        ),
        "x",
    ),
    Layer(
        NETWORK,
        "nearest_upsample",
        lambda net: _through(net.NearestUpsample(2), 1, 2, 2, 3),
        Fault("NearestUpsample.backward", "np.sum(", "np.mean("),
        "x",
    ),
    Layer(
        NETWORK,
        "depthwise_conv",
        lambda net: _through(net.DepthwiseConv(2), 1, 2, 3, 3, grads={"K": "dK"}),
        Fault("DepthwiseConv.backward", "+= self.K[:, i, j]", "+= self.K[:, 2 - i, 2 - j]"),
        "x",
    ),
    Layer(
        NETWORK,
        "transposed_conv",
        lambda net: _through(net.TransposedConv(2, 2, 2, 1), 2, 2, 2, 2, grads={"W": "dW"}),
        Fault("TransposedConv.backward", "self.dW += np.tensordot", "self.dW = np.tensordot"),
        "W",
    ),
)
