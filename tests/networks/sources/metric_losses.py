"""Losses on embeddings and probabilities, each with its gradient."""

import numpy as np


def contrastive(a, b, same, margin=1.0):
    d = np.sqrt(np.sum((a - b) ** 2, axis=1))
    return np.mean(same * d**2 + (1 - same) * np.maximum(0, margin - d) ** 2)


def contrastive_grad(a, b, same, margin=1.0):
    diff = a - b
    d = np.sqrt(np.sum(diff**2, axis=1))
    coef = same * 2 - (1 - same) * 2 * np.maximum(0, margin - d) / d
    da = coef[:, None] * diff / len(a)
    return da, -da


def triplet(anchor, positive, negative, margin=0.2):
    dp = ((anchor - positive) ** 2).sum(1)
    dn = ((anchor - negative) ** 2).sum(1)
    return np.sum(np.maximum(dp - dn + margin, 0))


def triplet_grad(anchor, positive, negative, margin=0.2):
    dp = ((anchor - positive) ** 2).sum(1)
    dn = ((anchor - negative) ** 2).sum(1)
    active = (dp - dn + margin > 0).astype(float)[:, None]
    da = active * 2 * (negative - positive)
    return da, active * -2 * (anchor - positive), active * 2 * (anchor - negative)


def cosine_loss(u, v):
    nu, nv = np.linalg.norm(u), np.linalg.norm(v)
    return 1 - np.dot(u, v) / (nu * nv)


def cosine_loss_grad(u, v):
    nu, nv = np.linalg.norm(u), np.linalg.norm(v)
    cos = np.dot(u, v) / (nu * nv)
    du = -(v / (nu * nv) - cos * u / nu**2)
    dv = -(u / (nu * nv) - cos * v / nv**2)
    return du, dv


def info_nce(q, k, temperature=0.5):
    """Rows of q against all rows of k; the diagonal is the positive pair."""
    logits = q @ k.T / temperature
    logits = logits - logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(np.diag(logp))


def info_nce_grad(q, k, temperature=0.5):
    n = len(q)
    logits = q @ k.T / temperature
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.diag_indices(n)] -= 1
    p /= n * temperature
    return p @ k, p.T @ q


def dice_loss(p, t, smooth=1.0):
    inter = (p * t).sum()
    return 1 - (2 * inter + smooth) / (p.sum() + t.sum() + smooth)


def dice_loss_grad(p, t, smooth=1.0):
    inter = (p * t).sum()
    total = p.sum() + t.sum() + smooth
    return -(2 * t * total - (2 * inter + smooth)) / total**2


def tversky_loss(p, t, alpha=0.3, beta=0.7):
    tp = np.sum(p * t)
    fp = np.sum(p * (1 - t))
    fn = np.sum((1 - p) * t)
    return 1 - tp / (tp + alpha * fp + beta * fn)


def tversky_loss_grad(p, t, alpha=0.3, beta=0.7):
    tp, fp, fn = np.sum(p * t), np.sum(p * (1 - t)), np.sum((1 - p) * t)
    den = tp + alpha * fp + beta * fn
    dden = t + alpha * (1 - t) - beta * t
    return -(t * den - tp * dden) / den**2


def huber(pred, y, delta=1.0):
    r = np.abs(pred - y)
    small = r <= delta
    return np.sum(small * 0.5 * r**2 + ~small * delta * (r - 0.5 * delta))


def huber_grad(pred, y, delta=1.0):
    return np.clip(pred - y, -delta, delta)


def kl_loss(logits, target):
    """KL(target || softmax(logits)) a row."""
    logq = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
    return np.sum(target * (np.log(target) - logq)) / logits.shape[0]


def kl_loss_grad(logits, target):
    q = np.exp(logits)
    q = q / np.sum(q, axis=1, keepdims=True)
    return (q - target) / logits.shape[0]


def quantile_loss(pred, y, tau=0.9):
    e = y - pred
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


def quantile_loss_grad(pred, y, tau=0.9):
    return np.where(y - pred > 0, -tau, 1 - tau) / pred.size


def centre_loss(features, centres, labels):
    return 0.5 * np.sum((features - centres[labels]) ** 2)


def centre_loss_grad(features, centres, labels):
    diff = features - centres[labels]
    dcentres = np.zeros_like(centres)
    for c in range(len(centres)):
        dcentres[c] = -diff[labels == c].sum(axis=0)
    return diff, dcentres
