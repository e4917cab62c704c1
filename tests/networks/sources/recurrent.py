# ruff: noqa: RUF059
"""Recurrent nets step by step: a character model, an Elman layer, an LSTM and a GRU."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def char_rnn_loss(Wxh, Whh, Why, bh, by, inputs, targets, hprev):
    """inputs and targets are lists of integers; returns the loss and one gradient a parameter."""
    xs, hs, ps = {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    vocab_size = Wxh.shape[1]
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        y = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        draw = (1 - hs[t] * hs[t]) * dh
        dbh += draw
        dWxh += np.dot(draw, xs[t].T)
        dWhh += np.dot(draw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, draw)
    return loss, (dWxh, dWhh, dWhy, dbh, dby)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h**2)
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db


def rnn_forward(x, h0, Wx, Wh, b):
    """x (N, T, D) -> all hidden states (N, T, H)."""
    N, T, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    caches = []
    prev = h0
    for t in range(T):
        prev, cache = rnn_step_forward(x[:, t, :], prev, Wx, Wh, b)
        h[:, t, :] = prev
        caches.append(cache)
    return h, caches


def rnn_backward(dh, caches):
    N, T, H = dh.shape
    D = caches[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        dxt, dprev, dWxt, dWht, dbt = rnn_step_backward(dh[:, t, :] + dprev, caches.pop())
        dx[:, t, :] = dxt
        dWx += dWxt
        dWh += dWht
        db += dbt
    return dx, dprev, dWx, dWh, db


def lstm_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    H = h0.shape[1]
    h, c = h0, np.zeros_like(h0)
    outputs, caches = [], []
    for t in range(T):
        a = x[:, t] @ Wx + h @ Wh + b
        i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H])
        g = np.tanh(a[:, 3 * H :])
        c_prev, h_prev = c, h
        c = f * c_prev + i * g
        h = o * np.tanh(c)
        outputs.append(h)
        caches.append((x[:, t], h_prev, c_prev, i, f, o, g, c))
    return np.stack(outputs, axis=1), (caches, Wx, Wh)


def lstm_backward(dh_all, cache):
    caches, Wx, Wh = cache
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[1])
    dx = []
    dh_next = np.zeros_like(dh_all[:, 0])
    dc_next = np.zeros_like(dh_all[:, 0])
    for t in range(dh_all.shape[1] - 1, -1, -1):
        xt, h_prev, c_prev, i, f, o, g, c = caches[t]
        dh = dh_all[:, t] + dh_next
        tanh_c = np.tanh(c)
        dc = dc_next + dh * o * (1 - tanh_c**2)
        da = np.hstack(
            [
                dc * g * i * (1 - i),
                dc * c_prev * f * (1 - f),
                dh * tanh_c * o * (1 - o),
                dc * i * (1 - g**2),
            ]
        )
        dx.insert(0, da @ Wx.T)
        dh_next = da @ Wh.T
        dc_next = dc * f
        dWx += xt.T @ da
        dWh += h_prev.T @ da
        db += da.sum(0)
    return np.stack(dx, axis=1), dh_next, dWx, dWh, db


def gru_step(x, h, W, U, b):
    """Gates r, z and candidate n, their weights side by side in W and U."""
    W_r, W_z, W_n = np.split(W, 3, axis=1)
    U_r, U_z, U_n = np.split(U, 3, axis=1)
    b_r, b_z, b_n = np.split(b, 3)
    r = sigmoid(x @ W_r + h @ U_r + b_r)
    z = sigmoid(x @ W_z + h @ U_z + b_z)
    n = np.tanh(x @ W_n + r * (h @ U_n) + b_n)
    return (1 - z) * n + z * h, (x, h, W, U, r, z, n)


def gru_step_backward(dh_next, cache):
    x, h, W, U, r, z, n = cache
    U_n = U[:, 2 * U.shape[0] :]
    hU = h @ U_n
    dn = dh_next * (1 - z) * (1 - n**2)
    dz = dh_next * (h - n) * z * (1 - z)
    dr = dn * hU * r * (1 - r)
    da = np.concatenate([dr, dz, dn], axis=1)
    dh_side = np.concatenate([dr, dz, dn * r], axis=1)
    dx = da @ W.T
    dh = dh_next * z + dh_side @ U.T
    return dx, dh, x.T @ da, h.T @ dh_side, da.sum(axis=0)


def temporal_softmax_loss(x, y, mask):
    """x (N, T, V), y and mask (N, T): cross-entropy of the steps that count."""
    N, T, V = x.shape
    x_flat, y_flat, mask_flat = x.reshape(N * T, V), y.reshape(N * T), mask.reshape(N * T)
    probs = np.exp(x_flat - np.max(x_flat, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.sum(mask_flat * np.log(probs[np.arange(N * T), y_flat])) / N
    dx_flat = probs.copy()
    dx_flat[np.arange(N * T), y_flat] -= 1
    dx_flat /= N
    dx_flat *= mask_flat[:, None]
    return loss, dx_flat.reshape(N, T, V)
