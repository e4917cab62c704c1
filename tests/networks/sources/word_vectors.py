# ruff: noqa: B905, RUF007
"""Word embeddings: lookups whose gradients are scattered back with np.add.at."""

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def embedding(W, idx):
    return W[idx]


def embedding_backward(W, idx, dout):
    dW = np.zeros_like(W)
    np.add.at(dW, idx, dout)
    return dW


def cbow_loss(W_in, W_out, context, centre):
    """context (B, 2m) word ids, centre (B,): mean of the context predicts the centre."""
    B, width = context.shape
    h = W_in[context].mean(axis=1)
    scores = h @ W_out
    scores -= scores.max(axis=1)[:, None]
    p = np.exp(scores)
    p /= p.sum(axis=1)[:, None]
    loss = -np.log(p[range(B), centre]).sum() / B

    dscores = p
    dscores[range(B), centre] -= 1
    dscores /= B
    dW_out = np.dot(h.T, dscores)
    dh = np.dot(dscores, W_out.T)
    dW_in = np.zeros_like(W_in)
    for k in range(width):
        np.add.at(dW_in, context[:, k], dh / width)
    return loss, {"W_in": dW_in, "W_out": dW_out}


def skip_gram_loss(centre, outside, target, negatives):
    """Negative sampling for one centre vector; outside holds one row a word."""
    u_o = outside[target]
    u_k = outside[negatives]
    pos = sigmoid(u_o @ centre)
    neg = sigmoid(-u_k @ centre)
    loss = -np.log(pos) - np.sum(np.log(neg))
    grad_centre = (pos - 1) * u_o + u_k.T @ (1 - neg)
    grad_outside = np.zeros(outside.shape)
    grad_outside[target] += (pos - 1) * centre
    np.add.at(grad_outside, negatives, (1 - neg)[:, None] * centre)
    return loss, (grad_centre, grad_outside)


def glove_loss(W, V, b, c, pairs, counts):
    """Weighted least squares of log counts; pairs (P, 2)."""
    i, j = pairs[:, 0], pairs[:, 1]
    weight = np.minimum(1.0, (counts / 100.0) ** 0.75)
    inner = np.einsum("pd,pd->p", W[i], V[j]) + b[i] + c[j] - np.log(counts)
    return 0.5 * np.sum(weight * inner**2)


def glove_gradient(W, V, b, c, pairs, counts):
    i, j = pairs[:, 0], pairs[:, 1]
    weight = np.minimum(1.0, (counts / 100.0) ** 0.75)
    inner = np.einsum("pd,pd->p", W[i], V[j]) + b[i] + c[j] - np.log(counts)
    e = weight * inner
    dW, dV, db, dc = (np.zeros_like(m) for m in (W, V, b, c))
    np.add.at(dW, i, e[:, None] * V[j])
    np.add.at(dV, j, e[:, None] * W[i])
    np.add.at(db, i, e)
    np.add.at(dc, j, e)
    return dW, dV, db, dc


def bag_of_words(W, offsets, ids):
    """Mean of the embeddings of each bag: bag n is ids[offsets[n]:offsets[n + 1]]."""
    bags = []
    for start, stop in zip(offsets[:-1], offsets[1:]):
        bags.append(W[ids[start:stop]].mean(axis=0))
    return np.array(bags)


def bag_of_words_backward(W, offsets, ids, dout):
    dW = np.zeros_like(W)
    for n, (start, stop) in enumerate(zip(offsets[:-1], offsets[1:])):
        for word in ids[start:stop]:
            dW[word] += dout[n] / (stop - start)
    return dW


def tied_logits(W, h):
    """Output scores with the embedding matrix itself: (B, D) -> (B, V)."""
    return h @ W.T / np.sqrt(W.shape[1])


def tied_logits_backward(W, h, dout):
    scale = 1.0 / np.sqrt(W.shape[1])
    return scale * dout.T @ h, scale * dout @ W


def max_over_time(W, ids):
    """Text CNN pooling: the largest value of each feature over the words of a sentence."""
    vectors = W[ids]
    return vectors.max(axis=1)


def max_over_time_backward(W, ids, dout):
    vectors = W[ids]
    best = vectors.argmax(axis=1)
    B, D = best.shape
    dW = np.zeros_like(W)
    rows = ids[np.arange(B)[:, None], best]
    np.add.at(dW, (rows, np.arange(D)[None, :]), dout)
    return dW
