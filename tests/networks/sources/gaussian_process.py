# ruff: noqa: RUF059
"""Linear algebra in losses: Gaussian processes, ridge regression, covariances."""

import numpy as np
from numpy.linalg import inv, slogdet, solve


def rbf(X, log_length):
    sq = np.sum(X**2, 1)
    d2 = sq[:, None] + sq[None, :] - 2 * X @ X.T
    return np.exp(-0.5 * d2 / np.exp(log_length) ** 2), d2


def gp_nll(log_length, log_signal, log_noise, X, y):
    n = len(y)
    K, _ = rbf(X, log_length)
    C = np.exp(2 * log_signal) * K + np.exp(2 * log_noise) * np.eye(n)
    return 0.5 * y @ solve(C, y) + 0.5 * slogdet(C)[1] + 0.5 * n * np.log(2 * np.pi)


def gp_nll_gradient(log_length, log_signal, log_noise, X, y):
    n = len(y)
    K, d2 = rbf(X, log_length)
    signal = np.exp(2 * log_signal) * K
    Cinv = inv(signal + np.exp(2 * log_noise) * np.eye(n))
    a = Cinv @ y
    inner = Cinv - np.outer(a, a)
    d_length = 0.5 * np.trace(inner @ (signal * d2 / np.exp(2 * log_length)))
    d_signal = 0.5 * np.trace(inner @ (2 * signal))
    d_noise = np.exp(2 * log_noise) * np.trace(inner)
    return d_length, d_signal, d_noise


def ridge_error(X, lam, y, Xtest, ytest):
    """Test error of ridge regression as a function of the data and the penalty."""
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = solve(A, X.T @ y)
    return 0.5 * np.sum((Xtest @ w - ytest) ** 2)


def ridge_error_gradient(X, lam, y, Xtest, ytest):
    A = X.T @ X + lam * np.eye(X.shape[1])
    w = solve(A, X.T @ y)
    v = solve(A, Xtest.T @ (Xtest @ w - ytest))
    residual = y - X @ w
    dX = np.outer(residual, v) - np.outer(X @ v, w)
    return dX, -v @ w


def gaussian_nll(mu, S, X):
    n, d = X.shape
    centred = X - mu
    maha = np.einsum("ni,ij,nj->", centred, np.linalg.inv(S), centred)
    return 0.5 * (n * np.log(np.linalg.det(S)) + maha)


def gaussian_nll_gradient(mu, S, X):
    n = len(X)
    centred = X - mu
    P = np.linalg.inv(S)
    dmu = -(P + P.T) @ centred.sum(axis=0) / 2
    dS = 0.5 * (n * P.T - P.T @ centred.T @ centred @ P.T)
    return dmu, dS


def metric_loss(L, A, B, margin):
    """Distances under M = L L^T between rows of A and B, beyond a margin, by softplus."""
    diff = A - B
    d = np.sqrt(np.sum((diff @ L) ** 2, axis=1))
    return np.log1p(np.exp(d - margin)).sum()


def metric_loss_gradient(L, A, B, margin):
    diff = A - B
    proj = diff @ L
    d = np.sqrt(np.sum(proj**2, axis=1))
    s = 1 / (1 + np.exp(margin - d))
    return diff.T @ (proj * (s / d)[:, None])


def determinantal(V, items):
    """log det of the chosen rows minus log det of the whole, a determinantal point process."""
    chosen = V[items]
    L_items = chosen @ chosen.T + 0.1 * np.eye(len(items))
    whole = V.T @ V + np.eye(V.shape[1])
    return slogdet(L_items)[1] - slogdet(whole)[1]


def determinantal_gradient(V, items):
    chosen = V[items]
    G = np.zeros_like(V)
    G[items] += 2 * solve(chosen @ chosen.T + 0.1 * np.eye(len(items)), chosen)
    G -= 2 * V @ inv(V.T @ V + np.eye(V.shape[1]))
    return G


def kalman_step(m, P, A, Q, H, R, z):
    """Predict and update once; negative log-likelihood of the innovation."""
    m_pred = A @ m
    P_pred = A @ P @ A.T + Q
    S = H @ P_pred @ H.T + R
    e = z - H @ m_pred
    return 0.5 * (e @ solve(S, e) + slogdet(S)[1])


def kalman_step_gradient(m, P, A, Q, H, R, z):
    m_pred = A @ m
    P_pred = A @ P @ A.T + Q
    S = H @ P_pred @ H.T + R
    e = z - H @ m_pred
    a = solve(S, e)
    dS = 0.5 * (inv(S) - np.outer(a, a))
    dm = -A.T @ H.T @ a
    dP = A.T @ H.T @ dS.T @ H @ A
    return dm, dP
