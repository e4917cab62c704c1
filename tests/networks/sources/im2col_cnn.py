# ruff: noqa: RUF059
"""A convolutional net whose layers go through im2col."""

import numpy as np

from .patches import col2im, im2col


class Conv2D:
    def __init__(self, in_channels, filters, size, stride=1, pad=0):
        rng = np.random.default_rng(7)
        self.size, self.stride, self.pad = size, stride, pad
        self.W = rng.standard_normal((filters, in_channels, size, size)) * 0.3
        self.b = rng.standard_normal((filters, 1)) * 0.1

    def forward(self, x):
        n, _, h, w = x.shape
        filters = self.W.shape[0]
        out_h = (h - self.size + 2 * self.pad) // self.stride + 1
        out_w = (w - self.size + 2 * self.pad) // self.stride + 1
        self.shape = x.shape
        self.cols = im2col(x, self.size, self.stride, self.pad)
        out = self.W.reshape(filters, -1) @ self.cols + self.b
        return out.reshape(filters, out_h, out_w, n).transpose(3, 0, 1, 2)

    def backward(self, dout):
        filters = self.W.shape[0]
        self.db = np.sum(dout, axis=(0, 2, 3)).reshape(filters, -1)
        flat = dout.transpose(1, 2, 3, 0).reshape(filters, -1)
        self.dW = (flat @ self.cols.T).reshape(self.W.shape)
        dcols = self.W.reshape(filters, -1).T @ flat
        return col2im(dcols, self.shape, self.size, self.stride, self.pad)


class MaxPool:
    def __init__(self, size, stride):
        self.size, self.stride = size, stride

    def forward(self, x):
        n, c, h, w = x.shape
        out_h = (h - self.size) // self.stride + 1
        out_w = (w - self.size) // self.stride + 1
        self.shape = (n * c, 1, h, w)
        self.outer = x.shape
        self.cols = im2col(x.reshape(n * c, 1, h, w), self.size, self.stride)
        self.arg = np.argmax(self.cols, axis=0)
        out = self.cols[self.arg, np.arange(self.arg.size)]
        return out.reshape(out_h, out_w, n, c).transpose(2, 3, 0, 1)

    def backward(self, dout):
        dcols = np.zeros_like(self.cols)
        flat = dout.transpose(2, 3, 0, 1).ravel()
        dcols[self.arg, np.arange(self.arg.size)] = flat
        return col2im(dcols, self.shape, self.size, self.stride).reshape(self.outer)


class AvgPool:
    """Non-overlapping windows by reshape."""

    def __init__(self, size):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        s = self.size
        return x.reshape(n, c, h // s, s, w // s, s).mean(axis=(3, 5))

    def backward(self, dout):
        s = self.size
        return dout.repeat(s, axis=2).repeat(s, axis=3) / (s * s)


class GlobalAvgPool:
    def forward(self, x):
        self.shape = x.shape
        return np.mean(x, axis=(2, 3))

    def backward(self, dout):
        n, c, h, w = self.shape
        return np.broadcast_to(dout[:, :, None, None], self.shape) / (h * w)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, dout):
        return dout.reshape(self.shape)


class NearestUpsample:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return np.kron(x, np.ones((1, 1, self.factor, self.factor)))

    def backward(self, dout):
        n, c, h, w = dout.shape
        f = self.factor
        return np.sum(dout.reshape(n, c, h // f, f, w // f, f), axis=(3, 5))


class DepthwiseConv:
    """One 3 x 3 filter a channel, written as nine shifted products."""

    def __init__(self, channels):
        self.K = np.random.default_rng(3).standard_normal((channels, 3, 3))

    def forward(self, x):
        self.x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        h, w = x.shape[2:]
        out = np.zeros_like(x)
        for i in range(3):
            for j in range(3):
                out += self.K[None, :, i, j, None, None] * self.x[:, :, i : i + h, j : j + w]
        return out

    def backward(self, dout):
        h, w = dout.shape[2:]
        self.dK = np.zeros_like(self.K)
        dx = np.zeros_like(self.x)
        for i in range(3):
            for j in range(3):
                window = self.x[:, :, i : i + h, j : j + w]
                self.dK[:, i, j] = np.einsum("nchw,nchw->c", dout, window)
                dx[:, :, i : i + h, j : j + w] += self.K[:, i, j][None, :, None, None] * dout
        return dx[:, :, 1:-1, 1:-1]


class TransposedConv:
    """The transpose of a strided convolution, by scattering each input into the output."""

    def __init__(self, in_channels, out_channels, size, stride):
        rng = np.random.default_rng(11)
        self.W = rng.standard_normal((in_channels, out_channels, size, size))
        self.size, self.stride = size, stride

    def forward(self, x):
        self.x = x
        n, _, h, w = x.shape
        s, k = self.stride, self.size
        out = np.zeros((n, self.W.shape[1], (h - 1) * s + k, (w - 1) * s + k))
        for i in range(h):
            for j in range(w):
                piece = np.tensordot(x[:, :, i, j], self.W, axes=(1, 0))
                out[:, :, i * s : i * s + k, j * s : j * s + k] += piece
        return out

    def backward(self, dout):
        s, k = self.stride, self.size
        dx = np.empty_like(self.x)
        self.dW = np.zeros_like(self.W)
        for i in range(self.x.shape[2]):
            for j in range(self.x.shape[3]):
                window = dout[:, :, i * s : i * s + k, j * s : j * s + k]
                dx[:, :, i, j] = np.tensordot(window, self.W, axes=([1, 2, 3], [1, 2, 3]))
                self.dW += np.tensordot(self.x[:, :, i, j], window, axes=(0, 0))
        return dx
