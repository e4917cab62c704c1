"""Geometry, matrix code and reductions whose hand-written gradient is wrong somewhere."""

import numpy as np

from .record import NAN, NO_DERIVATIVE, ONE_SIDED, WRONG, Wild

RNG = np.random.RandomState(2)


def rotate(angles):
    a, b = angles
    rz = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    return np.array([0.3, -0.7, 0.2]) @ rz @ ry @ np.array([1.0, 0.5, -1.0])


def g_rotate(angles):
    a, b = angles
    u, v = np.array([0.3, -0.7, 0.2]), np.array([1.0, 0.5, -1.0])
    rz = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    ry = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    drz = np.array([[-np.sin(a), -np.cos(a), 0], [np.cos(a), -np.sin(a), 0], [0, 0, 1]])
    dry = np.array([[-np.sin(b), 0, np.cos(b)], [0, 0, 0], [-np.cos(b), 0, -np.sin(b)]])
    return np.array([u @ drz @ ry @ v, u @ rz @ dry @ v])  # the last 1 of drz is 0


def bearing(p):
    return np.arctan2(p[1], p[0])


def g_bearing(p):
    r2 = p[0] ** 2 + p[1] ** 2
    return np.array([p[1], -p[0]]) / r2


def quaternion_angle(q):
    q = q / np.linalg.norm(q)
    return 2 * np.arccos(np.clip(q[0], -1, 1))


def g_quaternion_angle(q):
    n = np.linalg.norm(q)
    w = q[0] / n
    e = np.zeros(4)
    e[0] = 1
    return -2 / np.sqrt(1 - w * w) * (e / n - q[0] * q / n**3)


def log_det(a):
    return np.linalg.slogdet(a)[1]


def g_log_det(a):
    return np.linalg.inv(a)  # transpose


def inverse_trace(a):
    return np.trace(np.linalg.inv(a))


def g_inverse_trace(a):
    ai = np.linalg.inv(a)
    return -(ai @ ai)


def ridge_solution(lam):
    x = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
    y = np.array([1.0, 0.0, 2.0])
    w = np.linalg.solve(x.T @ x + lam[0] * np.eye(2), x.T @ y)
    return np.sum((x @ w - y) ** 2)


def g_ridge_solution(lam):
    x = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
    y = np.array([1.0, 0.0, 2.0])
    k = x.T @ x + lam[0] * np.eye(2)
    w = np.linalg.solve(k, x.T @ y)
    return np.array([2 * (x @ w - y) @ x @ np.linalg.solve(k, w)])


def matern32(theta):
    d = np.array([0.0, 0.4, 1.3])
    ell = np.exp(theta[0])
    s = np.sqrt(3) * d / ell
    return np.sum(theta[1] ** 2 * (1 + s) * np.exp(-s))


def g_matern32(theta):
    d = np.array([0.0, 0.4, 1.3])
    ell = np.exp(theta[0])
    s = np.sqrt(3) * d / ell
    return np.array(
        [
            np.sum(theta[1] ** 2 * s**2 * np.exp(-s)) / ell,
            np.sum(2 * theta[1] * (1 + s) * np.exp(-s)),
        ]
    )


def max_entry(x):
    return x.max()


def g_max_entry(x):
    return (x == x.max()).astype(float)


def distance_matrix(p):
    pts = p.reshape(3, 2)
    d = np.linalg.norm(pts[:, None] - pts[None], axis=-1)
    return d.sum()


def g_distance_matrix(p):
    pts = p.reshape(3, 2)
    diff = pts[:, None] - pts[None]
    d = np.sqrt((diff**2).sum(-1))
    return (2 * diff / d[..., None]).sum(1).ravel()


def product_of_all(x):
    return np.prod(x)


def g_product_of_all(x):
    return np.prod(x) / x


CASES: tuple[Wild, ...] = (
    Wild("rotation_corner", rotate, g_rotate, ([0.3, -0.8],), WRONG, "gradient"),
    Wild("bearing_sign", bearing, g_bearing, ([0.3, -0.8], [-1.0, 2.0]), WRONG, "gradient"),
    Wild(
        "quaternion_identity",
        quaternion_angle,
        g_quaternion_angle,
        ([1.0, 0.0, 0.0, 0.0],),
        NO_DERIVATIVE,
        "gradient",
        accept=(NAN,),
        blind=False,
    ),
    Wild("log_det_transpose", log_det, g_log_det, ([[2.0, 0.3], [1.0, 0.5]],), WRONG, "gradient"),
    Wild(
        "inverse_trace",
        inverse_trace,
        g_inverse_trace,
        ([[2.0, 0.3], [1.0, 0.5]],),
        WRONG,
        "gradient",
    ),
    Wild("ridge_sign", ridge_solution, g_ridge_solution, ([0.7],), WRONG, "gradient", "(0, 10]"),
    Wild("matern_log_scale", matern32, g_matern32, ([0.3, 1.2],), WRONG, "gradient", "[-2, 2]"),
    Wild("max_tie_all", max_entry, g_max_entry, ([1.0, 1.0, 0.0],), NO_DERIVATIVE, "gradient"),
    Wild(
        "distance_diagonal",
        distance_matrix,
        g_distance_matrix,
        (RNG.randn(6),),
        NAN,
        "gradient",
        accept=(NO_DERIVATIVE,),
    ),
    Wild("product_zero", product_of_all, g_product_of_all, ([2.0, 0.0, 3.0],), NAN, "gradient"),
    Wild(
        "relu_layer_half",
        lambda w: np.sum(np.maximum(w, 0) * np.array([1.0, -2.0])),
        lambda w: 0.5 * (np.sign(w) + 1) * np.array([1.0, -2.0]),
        ([0.0, 1.0],),
        ONE_SIDED,
        "gradient",
    ),
)
