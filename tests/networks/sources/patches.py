"""Patches of images as columns: where each entry of a patch comes from."""

import numpy as np


def patch_indices(shape, size, stride):
    _, channels, height, width = shape
    out_h = (height - size) // stride + 1
    out_w = (width - size) // stride + 1
    i0 = np.tile(np.repeat(np.arange(size), size), channels)
    j0 = np.tile(np.arange(size), size * channels)
    i = i0.reshape(-1, 1) + stride * np.repeat(np.arange(out_h), out_w).reshape(1, -1)
    j = j0.reshape(-1, 1) + stride * np.tile(np.arange(out_w), out_h).reshape(1, -1)
    k = np.repeat(np.arange(channels), size * size).reshape(-1, 1)
    return k, i, j


def im2col(x, size, stride=1, pad=0):
    """(N, C, H, W) -> (C * size * size, positions * N)."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    k, i, j = patch_indices(padded.shape, size, stride)
    cols = padded[:, k, i, j]
    return cols.transpose(1, 2, 0).reshape(x.shape[1] * size * size, -1)


def col2im(cols, shape, size, stride=1, pad=0):
    """The transpose of im2col: overlapping patches are added up."""
    n, channels, height, width = shape
    padded = np.zeros((n, channels, height + 2 * pad, width + 2 * pad), dtype=cols.dtype)
    k, i, j = patch_indices(padded.shape, size, stride)
    cols = cols.reshape(channels * size * size, -1, n).transpose(2, 0, 1)
    np.add.at(padded, (slice(None), k, i, j), cols)
    if pad == 0:
        return padded
    return padded[:, :, pad:-pad, pad:-pad]
