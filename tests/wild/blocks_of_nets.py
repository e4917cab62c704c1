"""Layers with their backward passes: loops, windows, masks, scatters, recurrences."""

import numpy as np

from .record import NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

RNG = np.random.RandomState(7)
C44, K3, M22 = RNG.randn(4, 4), RNG.randn(3), RNG.randn(2, 2)
C34, W44, U44, V4 = RNG.randn(3, 4), RNG.randn(4, 4), RNG.randn(4, 4), RNG.randn(4)
IDS = np.array([2, 0, 2, 1])
SEQ = np.array([0.5, -1.0, 0.8])


def conv1d(x, stride=2, pad=1):
    xp = np.pad(x, pad)
    n = (len(xp) - 3) // stride + 1
    out = np.array([xp[i * stride : i * stride + 3] @ K3 for i in range(n)])
    return np.sum(out**2) / 2


def g_conv1d(x, stride=2, pad=1):
    xp = np.pad(x, pad)
    dxp = np.zeros_like(xp)
    for i in range((len(xp) - 3) // stride + 1):
        window = slice(i * stride, i * stride + 3)
        dxp[window] += (xp[window] @ K3) * K3
    return dxp[pad:-pad]


def g_conv1d_crop(x, stride=2, pad=1):
    xp = np.pad(x, pad)
    dxp = np.zeros_like(xp)
    for i in range((len(xp) - 3) // stride + 1):
        window = slice(i * stride, i * stride + 3)
        dxp[window] += (xp[window] @ K3) * K3
    return dxp[: -2 * pad]


def g_conv1d_assign(x, stride=2, pad=1):
    xp = np.pad(x, pad)
    dxp = np.zeros_like(xp)
    for i in range((len(xp) - 3) // stride + 1):
        window = slice(i * stride, i * stride + 3)
        dxp[window] = (xp[window] @ K3) * K3
    return dxp[pad:-pad]


def _columns(n=4, k=2):
    i0 = np.repeat(np.arange(k), k)
    j0 = np.tile(np.arange(k), k)
    o = n - k + 1
    i = i0[:, None] + np.repeat(np.arange(o), o)[None, :]
    j = j0[:, None] + np.tile(np.arange(o), o)[None, :]
    return i, j


def im2col(x):
    i, j = _columns()
    return np.sum(np.tanh(M22.ravel() @ x[i, j]))


def g_im2col(x):
    i, j = _columns()
    d = 1 - np.tanh(M22.ravel() @ x[i, j]) ** 2
    out = np.zeros_like(x)
    np.add.at(out, (i, j), np.outer(M22.ravel(), d))
    return out


def g_im2col_lost(x):
    i, j = _columns()
    d = 1 - np.tanh(M22.ravel() @ x[i, j]) ** 2
    out = np.zeros_like(x)
    out[i, j] += np.outer(M22.ravel(), d)
    return out


def windows(x):
    w = np.lib.stride_tricks.sliding_window_view(x, (3, 3))
    return np.sum(np.einsum("ijkl,kl->ij", w, W44[:3, :3]) ** 2)


def g_windows(x):
    w = np.lib.stride_tricks.sliding_window_view(x, (3, 3))
    out = np.einsum("ijkl,kl->ij", w, W44[:3, :3])
    dx = np.zeros_like(x)
    for i in range(2):
        for j in range(2):
            dx[i : i + 3, j : j + 3] += 2 * out[i, j] * W44[:3, :3]
    return dx


def overlap_pool(x):
    return sum(c * x[i : i + 2].max() for i, c in enumerate([1.0, -0.5, 2.0]))


def g_overlap_pool(x):
    dx = np.zeros_like(x)
    for i, c in enumerate([1.0, -0.5, 2.0]):
        dx[i + np.argmax(x[i : i + 2])] += c
    return dx


def g_overlap_pool_last(x):
    dx = np.zeros_like(x)
    for i, c in enumerate([1.0, -0.5, 2.0]):
        dx[i + np.argmax(x[i : i + 2])] = c
    return dx


def g_overlap_pool_mask(x):
    dx = np.zeros_like(x)
    for i, c in enumerate([1.0, -0.5, 2.0]):
        dx[i : i + 2] += c * (x[i : i + 2] == x[i : i + 2].max())
    return dx


def padded_mean(x):
    xp = np.pad(x, ((1, 1), (1, 1)))
    out = sum(xp[i : i + 4, j : j + 4] for i in range(3) for j in range(3)) / 9
    return np.sum(C44 * out)


def g_padded_mean(x):
    cp = np.pad(C44, 1)
    return sum(cp[i : i + 4, j : j + 4] for i in range(3) for j in range(3)) / 9


def g_padded_mean_count(x):
    cp, ones = np.pad(C44, 1), np.pad(np.ones((4, 4)), 1)
    total = sum(cp[i : i + 4, j : j + 4] for i in range(3) for j in range(3))
    return total / sum(ones[i : i + 4, j : j + 4] for i in range(3) for j in range(3))


def rmsnorm(x):
    return np.sum(C34 * x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6))


def g_rmsnorm(x):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6)
    return r * C34 - x * r**3 * np.mean(C34 * x, axis=-1, keepdims=True)


def g_rmsnorm_sum(x):
    r = 1 / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-6)
    return r * C34 - x * r**3 * np.sum(C34 * x, axis=-1, keepdims=True)


def groupnorm(x):
    g = x.reshape(3, 2, 2)
    h = (g - g.mean(-1, keepdims=True)) / np.sqrt(g.var(-1, keepdims=True) + 1e-3)
    return np.vdot(C34, h.reshape(3, 4))


def g_groupnorm(x):
    g, d = x.reshape(3, 2, 2), C34.reshape(3, 2, 2)
    s = np.sqrt(g.var(-1, keepdims=True) + 1e-3)
    h = (g - g.mean(-1, keepdims=True)) / s
    dx = (d - d.mean(-1, keepdims=True) - h * (d * h).mean(-1, keepdims=True)) / s
    return dx.reshape(x.shape)


def unbiased_norm(x):
    return np.sum(C34 * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + 1e-5))


def g_unbiased_norm(x):
    s = np.sqrt(x.var(0, ddof=1) + 1e-5)
    h = (x - x.mean(0)) / s
    return (C34 - C34.mean(0) - h * (C34 * h).mean(0)) / s


def dropout(x):
    mask = np.random.RandomState(3).rand(*x.shape) < 0.6
    return np.sum(C34 * x * mask / 0.6)


def g_dropout(x):
    return C34 * (np.random.RandomState(3).rand(3, 4) < 0.6) / 0.6


def g_dropout_scale(x):
    return C34 * (np.random.RandomState(3).rand(3, 4) < 0.6)


def _causal(x):
    s = x @ W44 @ x.T / 2.0
    s = np.where(np.tril(np.ones((3, 3))) > 0, s, -1e9)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def attention(x):
    return np.sum(C34 * (_causal(x) @ x))


def g_attention(x):
    a = _causal(x)
    da = C34 @ x.T
    ds = a * (da - np.sum(da * a, axis=-1, keepdims=True)) / 2.0
    return a.T @ C34 + ds @ x @ W44.T + ds.T @ x @ W44


def g_attention_diagonal(x):
    a = _causal(x)
    ds = a * (1 - a) * (C34 @ x.T) / 2.0
    return a.T @ C34 + ds @ x @ W44.T + ds.T @ x @ W44


def g_attention_transposed(x):
    a = _causal(x)
    da = C34 @ x.T
    ds = a * (da - np.sum(da * a, axis=-1, keepdims=True)) / 2.0
    return a.T @ C34 + ds @ x @ W44 + ds.T @ x @ W44


def heads(x):
    q = x.reshape(3, 2, 2).transpose(1, 0, 2)
    return np.sum(np.tanh(q @ np.swapaxes(q, 1, 2)))


def g_heads(x):
    q = x.reshape(3, 2, 2).transpose(1, 0, 2)
    d = 1 - np.tanh(q @ np.swapaxes(q, 1, 2)) ** 2
    return (2 * d @ q).transpose(1, 0, 2).reshape(3, 4)


def g_heads_reshape(x):
    q = x.reshape(3, 2, 2).transpose(1, 0, 2)
    d = 1 - np.tanh(q @ np.swapaxes(q, 1, 2)) ** 2
    return (2 * d @ q).reshape(3, 4)


def rnn(w):
    h = 0.0
    for x in SEQ:
        h = np.tanh(w[0] * x + w[1] * h + w[2])
    return 0.5 * (h - 1) ** 2


def _rnn(w, recurrent=True):
    hs = [0.0]
    for x in SEQ:
        hs.append(np.tanh(w[0] * x + w[1] * hs[-1] + w[2]))
    dw, dh = np.zeros(3), hs[-1] - 1
    for t in reversed(range(3)):
        da = dh * (1 - hs[t + 1] ** 2)
        dw += da * np.array([SEQ[t], hs[t], 1.0])
        dh = da * w[1] if recurrent else 0.0
    return dw


def g_rnn(w):
    return _rnn(w)


def g_rnn_truncated(w):
    return _rnn(w, recurrent=False)


def _gates(w, x, h):
    a = w.reshape(4, 3) @ np.array([x, h, 1.0])
    i, f, o = 1 / (1 + np.exp(-a[:3]))
    return i, f, o, np.tanh(a[3])


def lstm(w):
    h, c = 0.0, 0.0
    for x in SEQ:
        i, f, o, g = _gates(w, x, h)
        c = f * c + i * g
        h = o * np.tanh(c)
    return h


def _lstm(w, through_output=True):
    h, c, tape = 0.0, 0.0, []
    for x in SEQ:
        i, f, o, g = _gates(w, x, h)
        new = f * c + i * g
        tape.append((x, h, c, i, f, o, g, new))
        c, h = new, o * np.tanh(new)
    dw, dh, dc = np.zeros((4, 3)), 1.0, 0.0
    for x, h, c, i, f, o, g, new in reversed(tape):
        t = np.tanh(new)
        dc = dc + (dh * o * (1 - t**2) if through_output else dh * o)
        da = np.array(
            [dc * g * i * (1 - i), dc * c * f * (1 - f), dh * t * o * (1 - o), dc * i * (1 - g**2)]
        )
        dw += np.outer(da, [x, h, 1.0])
        dh, dc = da @ w.reshape(4, 3)[:, 1], dc * f
    return dw.ravel()


def g_lstm(w):
    return _lstm(w)


def g_lstm_tanh(w):
    return _lstm(w, through_output=False)


def bag(table):
    return np.sum(np.tanh(table[IDS].mean(axis=0)))


def g_bag(table):
    d = (1 - np.tanh(table[IDS].mean(axis=0)) ** 2) / len(IDS)
    out = np.zeros_like(table)
    np.add.at(out, IDS, d)
    return out


def g_bag_unique(table):
    d = (1 - np.tanh(table[IDS].mean(axis=0)) ** 2) / len(IDS)
    out = np.zeros_like(table)
    out[np.unique(IDS)] = d
    return out


def bilinear(m):
    return np.einsum("i,ij,j->", V4, m, np.tanh(m @ V4))


def g_bilinear(m):
    t = np.tanh(m @ V4)
    return np.outer(V4, t) + np.outer((m.T @ V4) * (1 - t**2), V4)


def g_bilinear_index(m):
    t = np.tanh(m @ V4)
    return np.outer(V4, t) + np.einsum("ij,i,k->jk", m.T, V4, V4) * (1 - t[:, None] ** 2)


def cumulative(x):
    return np.sum(V4 * np.cumsum(np.sin(x)))


def g_cumulative(x):
    return np.cos(x) * np.cumsum(V4[::-1])[::-1]


def g_cumulative_forward(x):
    return np.cos(x) * np.cumsum(V4)


def running_product(x):
    return np.sum(V4 * np.cumprod(x))


def g_running_product(x):
    return np.cumsum((V4 * np.cumprod(x))[::-1])[::-1] / x


def top_two(x):
    return np.sum(np.array([2.0, 1.0]) * np.sort(x)[::-1][:2])


def g_top_two(x):
    order = np.argsort(x)[::-1]
    g = np.zeros_like(x)
    g[order[:2]] = [2.0, 1.0]
    return g


def g_top_two_order(x):
    order = np.argsort(x)
    g = np.zeros_like(x)
    g[order[-2:]] = [2.0, 1.0]
    return g


def tied(w):
    x = np.array([0.3, -1.0, 0.5, 0.9])
    return 0.5 * np.sum((w.T @ np.tanh(w @ x) - x) ** 2)


def g_tied(w):
    x = np.array([0.3, -1.0, 0.5, 0.9])
    h = np.tanh(w @ x)
    r = w.T @ h - x
    return np.outer(h, r) + np.outer((w @ r) * (1 - h**2), x)


def g_tied_decoder(w):
    x = np.array([0.3, -1.0, 0.5, 0.9])
    h = np.tanh(w @ x)
    return np.outer(h, w.T @ h - x)


def swiglu(x):
    a, b = x[:2], x[2:]
    return np.sum(a / (1 + np.exp(-a)) * b)


def g_swiglu(x):
    a, b = np.split(x, 2)
    s = 1 / (1 + np.exp(-a))
    return np.concatenate([b * s * (1 + a * (1 - s)), a * s])


def g_swiglu_gate(x):
    a, b = np.split(x, 2)
    s = 1 / (1 + np.exp(-a))
    return np.concatenate([b * s * (1 - s), a * s])


def infonce(z):
    u = z / np.linalg.norm(z, axis=1, keepdims=True)
    s = u @ u[:, ::-1].T / 0.5
    return -np.mean(np.diag(s) - np.log(np.exp(s).sum(axis=1)))


def triplet(x):
    a, p, n = x.reshape(3, 2)
    return max(0.0, np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1.0)


def g_triplet(x):
    a, p, n = x.reshape(3, 2)
    if np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1.0 <= 0:
        return np.zeros(6)
    return 2 * np.concatenate([n - p, p - a, a - n])


def g_triplet_negative(x):
    a, p, n = x.reshape(3, 2)
    if np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1.0 <= 0:
        return np.zeros(6)
    return 2 * np.concatenate([n - p, p - a, n - a])


def rotary(x):
    a = np.arange(3) * 0.7
    c, s = np.cos(a)[:, None], np.sin(a)[:, None]
    return np.sum(C34 * np.hstack([x[:, :2] * c - x[:, 2:] * s, x[:, 2:] * c + x[:, :2] * s]))


def g_rotary(x):
    a = np.arange(3) * 0.7
    c, s = np.cos(a)[:, None], np.sin(a)[:, None]
    p, q = np.hsplit(C34, 2)
    return np.hstack([p * c + q * s, q * c - p * s])


def g_rotary_same(x):
    a = np.arange(3) * 0.7
    c, s = np.cos(a)[:, None], np.sin(a)[:, None]
    p, q = np.hsplit(C34, 2)
    return np.hstack([p * c - q * s, q * c + p * s])


FOUR, SIX, THREE = [0.4, -1.2, 0.7, 1.5], [0.3, -0.8, 1.4, 0.2, -0.9, 0.5], [0.8, -0.6, 0.2]
SQUARE, ROWS = RNG.randn(4, 4).tolist(), RNG.randn(3, 4).tolist()
TWELVE = (RNG.randn(12) / 2).tolist()
G = "gradient"

CASES: tuple[Wild, ...] = (
    Wild("strided_conv", conv1d, g_conv1d, (SIX,), claim=G),
    Wild("strided_conv_crop", conv1d, g_conv1d_crop, (SIX,), WRONG, G),
    Wild("strided_conv_assign", conv1d, g_conv1d_assign, (SIX,), WRONG, G),
    Wild("im2col_ok", im2col, g_im2col, (SQUARE,), claim=G),
    Wild("im2col_lost", im2col, g_im2col_lost, (SQUARE,), WRONG, G),
    Wild("sliding_windows", windows, g_windows, (SQUARE,), claim=G),
    Wild("overlap_pool", overlap_pool, g_overlap_pool, (FOUR,), claim=G),
    Wild("overlap_pool_last", overlap_pool, g_overlap_pool_last, ([0.4, 1.2, 0.7, 1.5],), WRONG, G),
    Wild(
        "overlap_pool_mask",
        overlap_pool,
        g_overlap_pool_mask,
        ([1.0, 1.0, 0.7, 0.0],),
        WRONG,
        G,
    ),
    Wild("padded_mean", padded_mean, g_padded_mean, (SQUARE,), claim=G),
    Wild("padded_mean_count", padded_mean, g_padded_mean_count, (SQUARE,), WRONG, G),
    Wild("rmsnorm_ok", rmsnorm, g_rmsnorm, (ROWS,), claim=G),
    Wild("rmsnorm_sum", rmsnorm, g_rmsnorm_sum, (ROWS,), WRONG, G),
    Wild("groupnorm_ok", groupnorm, g_groupnorm, (ROWS,), claim=G),
    Wild("unbiased_norm", unbiased_norm, g_unbiased_norm, (ROWS,), WRONG, G),
    Wild("dropout_mask", dropout, g_dropout, (ROWS,), claim=G),
    Wild("dropout_keep", dropout, g_dropout_scale, (ROWS,), WRONG, G),
    Wild("masked_attention", attention, g_attention, (ROWS,), claim=G, box="[-2, 2]"),
    Wild("attention_diagonal", attention, g_attention_diagonal, (ROWS,), WRONG, G, "[-2, 2]"),
    Wild("attention_transposed", attention, g_attention_transposed, (ROWS,), WRONG, G, "[-2, 2]"),
    Wild("heads_ok", heads, g_heads, (ROWS,), claim=G),
    Wild("heads_reshape", heads, g_heads_reshape, (ROWS,), WRONG, G),
    Wild("rnn_ok", rnn, g_rnn, (THREE,), claim=G),
    Wild("rnn_truncated", rnn, g_rnn_truncated, (THREE,), WRONG, G),
    Wild("lstm_ok", lstm, g_lstm, (TWELVE,), claim=G),
    Wild("lstm_tanh", lstm, g_lstm_tanh, (TWELVE,), WRONG, G),
    Wild("bag_ok", bag, g_bag, (ROWS,), claim=G),
    Wild("bag_unique", bag, g_bag_unique, (ROWS,), WRONG, G),
    Wild("bilinear_ok", bilinear, g_bilinear, (SQUARE,), claim=G),
    Wild("bilinear_index", bilinear, g_bilinear_index, (SQUARE,), WRONG, G),
    Wild("cumulative_ok", cumulative, g_cumulative, (FOUR,), claim=G),
    Wild("cumulative_forward", cumulative, g_cumulative_forward, (FOUR,), WRONG, G),
    Wild("running_product", running_product, g_running_product, (FOUR,), claim=G, blind=False),
    Wild("running_product_0", running_product, g_running_product, ([0.4, 0.0, 0.7, 1.5],), NAN, G),
    Wild("top_two_ok", top_two, g_top_two, (FOUR,), claim=G),
    Wild("top_two_order", top_two, g_top_two_order, (FOUR,), WRONG, G),
    Wild("top_two_tie", top_two, g_top_two, ([0.4, 1.5, 0.7, 1.5],), ONE_SIDED, G),
    Wild("tied_ok", tied, g_tied, (ROWS,), claim=G),
    Wild("tied_decoder", tied, g_tied_decoder, (ROWS,), WRONG, G),
    Wild("swiglu_ok", swiglu, g_swiglu, (FOUR,), claim=G),
    Wild("swiglu_gate", swiglu, g_swiglu_gate, (FOUR,), WRONG, G),
    Wild("triplet_ok", triplet, g_triplet, (SIX,), claim=G),
    Wild("triplet_negative", triplet, g_triplet_negative, (SIX,), WRONG, G),
    Wild(
        "triplet_edge", triplet, g_triplet, ([0.0, 0, 0, 0, 1, 0],), NO_DERIVATIVE, G, blind=False
    ),
    Wild("rotary_ok", rotary, g_rotary, (ROWS,), claim=G),
    Wild("rotary_same", rotary, g_rotary_same, (ROWS,), WRONG, G),
)
