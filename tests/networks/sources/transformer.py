# ruff: noqa: C408, E731
"""A small transformer: every function returns (out, saved) with `saved` a dict."""

import numpy as np


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def attention(q, k, v):
    """q, k, v (B, T, D): scaled dot products under a causal mask."""
    T, D = q.shape[1:]
    scores = np.matmul(q, k.swapaxes(1, 2)) / np.sqrt(D)
    future = np.triu(np.ones((T, T), dtype=bool), k=1)
    scores = np.where(future, -1e9, scores)
    weights = softmax(scores)
    return weights @ v, dict(q=q, k=k, v=v, weights=weights)


def attention_backward(dout, saved):
    q, k, v, weights = saved["q"], saved["k"], saved["v"], saved["weights"]
    dv = weights.swapaxes(1, 2) @ dout
    dweights = dout @ v.swapaxes(1, 2)
    dscores = weights * (dweights - np.sum(dweights * weights, axis=-1, keepdims=True))
    dscores /= np.sqrt(q.shape[-1])
    dq = dscores @ k
    dk = dscores.swapaxes(1, 2) @ q
    return dq, dk, dv


def multi_head(x, Wq, Wk, Wv, Wo, heads):
    """x (T, D): heads side by side in the columns of the projections."""
    T, D = x.shape
    split = lambda m: m.reshape(T, heads, D // heads).transpose(1, 0, 2)
    q, k, v = split(x @ Wq), split(x @ Wk), split(x @ Wv)
    a = softmax(np.einsum("htd,hsd->hts", q, k) / np.sqrt(D // heads))
    mixed = np.einsum("hts,hsd->htd", a, v).transpose(1, 0, 2).reshape(T, D)
    return mixed @ Wo, dict(x=x, W=(Wq, Wk, Wv, Wo), q=q, k=k, v=v, a=a, mixed=mixed)


def multi_head_backward(dout, saved):
    x, q, k, v, a = (saved[name] for name in ("x", "q", "k", "v", "a"))
    Wq, Wk, Wv, Wo = saved["W"]
    T, D = x.shape
    heads, _, depth = q.shape
    dWo = saved["mixed"].T @ dout
    dmixed = (dout @ Wo.T).reshape(T, heads, depth).transpose(1, 0, 2)
    da = np.einsum("htd,hsd->hts", dmixed, v)
    dv = np.einsum("hts,htd->hsd", a, dmixed)
    ds = a * (da - (da * a).sum(-1, keepdims=True)) / np.sqrt(depth)
    dq = np.einsum("hts,hsd->htd", ds, k)
    dk = np.einsum("hts,htd->hsd", ds, q)
    join = lambda m: m.transpose(1, 0, 2).reshape(T, D)
    dq, dk, dv = join(dq), join(dk), join(dv)
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, x.T @ dq, x.T @ dk, x.T @ dv, dWo


def layer_norm(x, g, b, eps=1e-5):
    mean = x.mean(-1, keepdims=True)
    std = np.sqrt(x.var(-1, keepdims=True) + eps)
    xhat = (x - mean) / std
    return g * xhat + b, dict(xhat=xhat, std=std, g=g)


def layer_norm_backward(dout, saved):
    xhat, std, g = saved["xhat"], saved["std"], saved["g"]
    dg = np.einsum("td,td->d", dout, xhat)
    db = dout.sum(0)
    d = dout * g
    dx = (d - d.mean(-1, keepdims=True) - xhat * (d * xhat).mean(-1, keepdims=True)) / std
    return dx, dg, db


def gelu(x):
    c = np.sqrt(2.0 / np.pi)
    t = np.tanh(c * (x + 0.044715 * np.power(x, 3)))
    return 0.5 * x * (1.0 + t), dict(x=x, t=t, c=c)


def gelu_backward(dout, saved):
    x, t, c = saved["x"], saved["t"], saved["c"]
    du = c * (1.0 + 3 * 0.044715 * np.power(x, 2))
    return dout * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t**2) * du)


def feed_forward(x, W1, b1, W2, b2):
    pre = x @ W1 + b1
    act, gelu_saved = gelu(pre)
    return x + act @ W2 + b2, dict(x=x, W1=W1, W2=W2, act=act, gelu=gelu_saved)


def feed_forward_backward(dout, saved):
    dW2 = saved["act"].T @ dout
    dact = dout @ saved["W2"].T
    dpre = gelu_backward(dact, saved["gelu"])
    dW1 = saved["x"].T @ dpre
    dx = dout + dpre @ saved["W1"].T
    return dx, dW1, dpre.sum(axis=0), dW2, dout.sum(axis=0)


def rotary(x, positions):
    """Rotate pairs of features by an angle that grows with the position."""
    half = x.shape[-1] // 2
    angle = positions[:, None] * 100.0 ** (-np.arange(half) / half)
    cos, sin = np.cos(angle), np.sin(angle)
    x1, x2 = x[:, :half], x[:, half:]
    out = np.concatenate([x1 * cos - x2 * sin, x1 * sin + x2 * cos], axis=1)
    return out, dict(cos=cos, sin=sin)


def rotary_backward(dout, saved):
    cos, sin = saved["cos"], saved["sin"]
    d1, d2 = np.split(dout, 2, axis=1)
    return np.concatenate([d1 * cos + d2 * sin, d2 * cos - d1 * sin], axis=1)


def smoothed_cross_entropy(logits, targets, smoothing=0.1):
    T, V = logits.shape
    logp = logits - logits.max(-1, keepdims=True)
    logp = logp - np.log(np.exp(logp).sum(-1, keepdims=True))
    goal = np.full((T, V), smoothing / V)
    goal[np.arange(T), targets] += 1.0 - smoothing
    return -(goal * logp).sum() / T, dict(logp=logp, goal=goal)


def smoothed_cross_entropy_backward(dout, saved):
    return dout * (np.exp(saved["logp"]) - saved["goal"]) / len(saved["goal"])


def embed(tokens, table, positions):
    return table[tokens] + positions[: len(tokens)], dict(
        tokens=tokens, rows=table.shape, places=positions.shape
    )


def embed_backward(dout, saved):
    dtable = np.zeros(saved["rows"])
    for t, token in enumerate(saved["tokens"]):
        dtable[token] += dout[t]
    dpositions = np.zeros(saved["places"])
    dpositions[: len(dout)] = dout
    return dtable, dpositions
