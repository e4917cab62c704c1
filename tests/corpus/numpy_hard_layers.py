# ruff: noqa: E741
"""Controls: hard but right layers and models (deep, sensitive, linear algebra).

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_dot, mp_rows, mp_sigmoid, mp_softmax
from .record import RIGHT, Case


def ctl_rnn_f(w):
    h = 0.1
    for t in range(50):
        h = np.tanh(w[0] * h + w[1] * np.sin(t))
    return h


def ctl_rnn_g(w):
    h, dh = 0.1, np.zeros(2)
    for t in range(50):
        new = np.tanh(w[0] * h + w[1] * np.sin(t))
        dh = (1 - new**2) * (w[0] * dh + np.array([h, np.sin(t)]))
        h = new
    return dh


def ctl_rnn_m(w):
    h = mpf(0.1)
    for t in range(50):
        h = mpmath.tanh(w[0] * h + w[1] * mpf(float(np.sin(t))))
    return h


def ctl_attn_f(P):
    Q, K, V = P[0:4].reshape(2, 2), P[4:8].reshape(2, 2), P[8:12].reshape(2, 2)
    dO = np.array([[0.3, -0.2], [0.7, 0.4]])
    S = Q @ K.T / np.sqrt(2.0)
    A = np.exp(S - S.max(axis=1, keepdims=True))
    A = A / A.sum(axis=1, keepdims=True)
    return np.sum(dO * (A @ V))


def ctl_attn_g(P):
    Q, K, V = P[0:4].reshape(2, 2), P[4:8].reshape(2, 2), P[8:12].reshape(2, 2)
    dO = np.array([[0.3, -0.2], [0.7, 0.4]])
    S = Q @ K.T / np.sqrt(2.0)
    A = np.exp(S - S.max(axis=1, keepdims=True))
    A = A / A.sum(axis=1, keepdims=True)
    dV = A.T @ dO
    dA = dO @ V.T
    dS = A * (dA - np.sum(dA * A, axis=1, keepdims=True))
    return np.concatenate(
        [(dS @ K / np.sqrt(2.0)).ravel(), (dS.T @ Q / np.sqrt(2.0)).ravel(), dV.ravel()]
    )


def ctl_attn_m(P):
    Q, K, V = mp_rows(P[:4], 2, 2), mp_rows(P[4:8], 2, 2), mp_rows(P[8:], 2, 2)
    D = mp_array([[0.3, -0.2], [0.7, 0.4]])
    s = mpf(0)
    for i in range(2):
        p = mp_softmax([mp_dot(Q[i], k) / mpmath.sqrt(2) for k in K])
        s += sum(D[i][c] * sum(p[j] * V[j][c] for j in range(2)) for c in range(2))
    return s


def ctl_lstm_f(W):
    z = np.array([0.4, -0.6, 1.0])
    c_prev = 0.6
    a = W @ z
    f, i, o = 1.0 / (1.0 + np.exp(-a[:3]))
    g = np.tanh(a[3])
    return o * np.tanh(f * c_prev + i * g)


def ctl_lstm_g(W):
    z = np.array([0.4, -0.6, 1.0])
    c_prev = 0.6
    a = W @ z
    f, i, o = 1.0 / (1.0 + np.exp(-a[:3]))
    g = np.tanh(a[3])
    c = f * c_prev + i * g
    t = np.tanh(c)
    dc = o * (1 - t * t)
    da = np.array(
        [dc * c_prev * f * (1 - f), dc * g * i * (1 - i), t * o * (1 - o), dc * i * (1 - g * g)]
    )
    return np.outer(da, z)


def ctl_lstm_m(w):
    z = mp_array([0.4, -0.6, 1.0])
    a = [mp_dot(r, z) for r in mp_rows(w, 4, 3)]
    return mp_sigmoid(a[2]) * mpmath.tanh(
        mp_sigmoid(a[0]) * mpf(0.6) + mp_sigmoid(a[1]) * mpmath.tanh(a[3])
    )


def ctl_gp_f(theta):
    X = np.array([0.0, 0.4, 1.1])
    y = np.array([0.2, -0.1, 0.5])
    l, sn = np.exp(theta[0]), np.exp(theta[1])
    K = np.exp(-0.5 * (X[:, None] - X[None, :]) ** 2 / l**2) + sn**2 * np.eye(3)
    return 0.5 * y @ np.linalg.solve(K, y) + 0.5 * np.linalg.slogdet(K)[1]


def ctl_gp_g(theta):
    X = np.array([0.0, 0.4, 1.1])
    y = np.array([0.2, -0.1, 0.5])
    l, sn = np.exp(theta[0]), np.exp(theta[1])
    D = (X[:, None] - X[None, :]) ** 2
    R = np.exp(-0.5 * D / l**2)
    K = R + sn**2 * np.eye(3)
    Ki = np.linalg.inv(K)
    a = Ki @ y
    M = Ki - np.outer(a, a)
    return np.array([0.5 * np.sum(M * R * D / l**2), 0.5 * np.sum(M * 2 * sn**2 * np.eye(3))])


def ctl_gp_m(t):
    X = mp_array([0.0, 0.4, 1.1])
    y = mpmath.matrix(mp_array([0.2, -0.1, 0.5]))
    l, sn = mpmath.exp(t[0]), mpmath.exp(t[1])
    K = mpmath.matrix(3, 3)
    for i in range(3):
        for j in range(3):
            K[i, j] = mpmath.exp(-((X[i] - X[j]) ** 2) / (2 * l**2)) + (sn**2 if i == j else 0)
    return ((y.T * mpmath.lu_solve(K, y))[0] + mpmath.log(mpmath.det(K))) / 2


def ctl_hinge2_f(w):
    X = np.array([[1.0, 2.0], [2.0, -1.0]])
    y = np.array([1.0, -1.0])
    return np.sum(np.maximum(0.0, 1.0 - y * (X @ w)) ** 2)


def ctl_hinge2_g(w):
    X = np.array([[1.0, 2.0], [2.0, -1.0]])
    y = np.array([1.0, -1.0])
    h = np.maximum(0.0, 1.0 - y * (X @ w))
    return X.T @ (-2 * y * h)


def ctl_hinge2_m(w):
    return max(mpf(0), 1 - (w[0] + 2 * w[1])) ** 2 + max(mpf(0), 1 + (2 * w[0] - w[1])) ** 2


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_rnn",
        title="recurrent net, 50 steps, recurrent weight 1.8 (sensitive)",
        source="own: deep",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1.8, 0.3], [-1.5, 0.6]),
        function=ctl_rnn_f,
        claimed=ctl_rnn_g,
        exact=ctl_rnn_m,
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_attn",
        title="attention backward, all three inputs",
        source="own: layer",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.5, -0.3, 1.2, 0.8, 0.2, 1.0, -0.5, 0.3, 1.0, 0.5, -1.0, 2.0],),
        function=ctl_attn_f,
        claimed=ctl_attn_g,
        exact=ctl_attn_m,
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_lstm",
        title="LSTM cell, all gates",
        source="own: layer",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([[0.1, 0.2, -0.3], [0.5, -0.4, 0.9], [1.0, 0.3, 0.2], [-0.6, 0.8, 0.4]],),
        function=ctl_lstm_f,
        claimed=ctl_lstm_g,
        exact=ctl_lstm_m,
        scalar=True,
        fidelity="own",
    ),
    Case(
        id="ctl_gp",
        title="Gaussian-process negative log marginal likelihood, log hyper-parameters",
        source="own: linear algebra",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([-0.5, -2.0], [0.7, -1.0]),
        function=ctl_gp_f,
        claimed=ctl_gp_g,
        exact=ctl_gp_m,
        scalar=True,
        tolerance=1e-07,
        fidelity="own",
    ),
    Case(
        id="ctl_hinge2",
        title="squared hinge on the margin (C1 joint) and 1e-7 inside",
        source="own: C1 joint",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1.0, 0.0], [0.9999999, 0.0]),
        function=ctl_hinge2_f,
        claimed=ctl_hinge2_g,
        exact=ctl_hinge2_m,
        scalar=True,
        fidelity="own",
    ),
)
