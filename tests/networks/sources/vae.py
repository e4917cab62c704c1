"""A variational autoencoder with a fixed noise, its parameters in one dict."""

import numpy as np


def encode(params, x):
    h = np.tanh(x @ params["We"] + params["be"])
    return h, h @ params["Wm"], h @ params["Wv"]


def decode(params, z):
    h = np.tanh(z @ params["Wd"] + params["bd"])
    return h, 1 / (1 + np.exp(-(h @ params["Wo"] + params["bo"])))


def elbo_loss(params, x, eps):
    """Negative evidence lower bound a sample, and its gradient as a dict like params."""
    n = len(x)
    h, mu, logvar = encode(params, x)
    std = np.exp(0.5 * logvar)
    z = mu + std * eps
    hd, y = decode(params, z)
    reconstruction = -np.sum(x * np.log(y) + (1 - x) * np.log(1 - y)) / n
    kl = -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar)) / n

    grads = {}
    dout = (y - x) / n
    grads["Wo"] = hd.T @ dout
    grads["bo"] = dout.sum(0)
    dhd = dout @ params["Wo"].T * (1 - hd**2)
    grads["Wd"] = z.T @ dhd
    grads["bd"] = dhd.sum(0)
    dz = dhd @ params["Wd"].T
    dmu = dz + mu / n
    dlogvar = dz * eps * 0.5 * std + 0.5 * (np.exp(logvar) - 1) / n
    grads["Wm"] = h.T @ dmu
    grads["Wv"] = h.T @ dlogvar
    dh = (dmu @ params["Wm"].T + dlogvar @ params["Wv"].T) * (1 - h**2)
    grads["We"] = x.T @ dh
    grads["be"] = dh.sum(0)
    return reconstruction + kl, grads


def reparametrize(mu, logvar, eps):
    return mu + np.exp(0.5 * logvar) * eps


def reparametrize_grad(mu, logvar, eps, dz):
    return dz, dz * eps * 0.5 * np.exp(0.5 * logvar)


def kl_divergence(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1).mean()


def kl_divergence_grad(mu, logvar):
    n = mu.shape[0]
    return mu / n, 0.5 * (np.exp(logvar) - 1) / n


def bernoulli_nll(logits, x):
    return np.sum(np.maximum(logits, 0) - logits * x + np.log(1 + np.exp(-np.abs(logits))))


def bernoulli_nll_grad(logits, x):
    return np.where(logits >= 0, 1 / (1 + np.exp(-logits)), 1 - 1 / (1 + np.exp(logits))) - x


def gaussian_nll(mu, log_sigma, x):
    return np.mean(log_sigma + (x - mu) ** 2 / (2 * np.exp(2 * log_sigma)))


def gaussian_nll_grad(mu, log_sigma, x):
    inv_var = np.exp(-2 * log_sigma)
    d_mu = (mu - x) * inv_var / mu.size
    d_log_sigma = (1 - (x - mu) ** 2 * inv_var) / mu.size
    return d_mu, d_log_sigma


def normal_flow(z, u, w, b):
    """A planar flow, z + u tanh(w.z + b), and the log of its Jacobian, summed over samples."""
    a = np.tanh(z @ w + b)
    out = z + a[:, None] * u
    logdet = np.log(np.abs(1 + (1 - a**2) * (w @ u)))
    return np.sum(out**2) / 2 - np.sum(logdet)


def normal_flow_grad(z, u, w, b):
    a = np.tanh(z @ w + b)
    out = z + a[:, None] * u
    da_dt = 1 - a**2
    det = 1 + da_dt * (w @ u)
    dt = (out @ u) * da_dt - (-2 * a * da_dt * (w @ u)) / det
    dz = out + dt[:, None] * w
    du = a @ out - np.sum(da_dt / det) * w
    dw = dt @ z - np.sum(da_dt / det) * u
    return dz, du, dw, dt.sum()
