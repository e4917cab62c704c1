# ruff: noqa: B905
"""Controls: somebody reported a bug in a layer, and the formula was right.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .exact import mp_array, mp_dot, mp_rows, mp_sigmoid
from .record import RIGHT, Case


def ctl_3dgs_f(cov):
    """opacity of a 2-D Gaussian at offset (dx, dy), cov = (a, b, c)"""
    a, b, c = cov
    dx, dy = 0.8, -1.1
    det = a * c - b * b
    con = np.array([c / det, -b / det, a / det])
    power = -0.5 * (con[0] * dx * dx + con[2] * dy * dy) - con[1] * dx * dy
    return np.exp(power)


def ctl_3dgs_g(cov):
    a, b, c = cov
    dx, dy = 0.8, -1.1
    det = a * c - b * b
    con = np.array([c / det, -b / det, a / det])
    power = -0.5 * (con[0] * dx * dx + con[2] * dy * dy) - con[1] * dx * dy
    Gs = np.exp(power)
    dL = np.array(
        [-0.5 * Gs * dx * dx, -0.5 * Gs * dx * dy, -0.5 * Gs * dy * dy]
    )  # off-diagonal halved here...
    i2 = 1.0 / (det * det)
    da = i2 * (-c * c * dL[0] + 2 * b * c * dL[1] + (det - a * c) * dL[2])
    dc = i2 * (-a * a * dL[2] + 2 * a * b * dL[1] + (det - a * c) * dL[0])
    db = i2 * 2 * (b * c * dL[0] - (det + 2 * b * b) * dL[1] + a * b * dL[2])  # ...and doubled here
    return np.array([da, db, dc])


def ctl_3dgs_m(v):
    a, b, c = v
    det = a * c - b * b
    dx, dy = mpf(0.8), mpf(-1.1)
    return mpmath.exp(-(c * dx * dx - 2 * b * dx * dy + a * dy * dy) / (2 * det))


def ctl_bn_caffe_f(x):
    dY = np.array([0.5, -1.0, 2.0, 0.3])
    y = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    return np.sum(dY * y)


def ctl_bn_caffe_g(x):
    dY = np.array([0.5, -1.0, 2.0, 0.3])
    s = np.sqrt(x.var() + 1e-5)
    y = (x - x.mean()) / s
    return (dY - dY.mean() - np.mean(dY * y) * y) / s


def bn4_m(x):
    d = mp_array([0.5, -1.0, 2.0, 0.3])
    n = len(x)
    mu = sum(x) / n
    s = mpmath.sqrt(sum((v - mu) ** 2 for v in x) / n + mpf(1e-5))
    return sum(a * (v - mu) / s for a, v in zip(d, x))


def ctl_bn_dark_f(x):
    delta = np.array([0.5, -1.0, 2.0, 0.3])
    return np.sum(delta * (x - x.mean()) / np.sqrt(x.var() + 1e-5))


def ctl_bn_dark_g(x):
    delta = np.array([0.5, -1.0, 2.0, 0.3])
    m = x.size
    mean, var = x.mean(), x.var()
    mean_delta = np.sum(delta) * (-1.0 / np.sqrt(var + 1e-5))  # variance part left out: it is zero
    variance_delta = np.sum(delta * (x - mean)) * -0.5 * (var + 1e-5) ** -1.5
    return delta / np.sqrt(var + 1e-5) + variance_delta * 2.0 * (x - mean) / m + mean_delta / m


def ctl_lstmnotanh_f(w):
    """h = s * o without tanh, as in that code; w = weights of the gate o"""
    x = np.array([0.4, -0.6, 0.2])
    s = np.array([0.8, -0.5])
    o = 1.0 / (1.0 + np.exp(-(w @ x)))
    return np.sum(np.array([1.0, 2.0]) * s * o)


def ctl_lstmnotanh_g(w):
    x = np.array([0.4, -0.6, 0.2])
    s = np.array([0.8, -0.5])
    o = 1.0 / (1.0 + np.exp(-(w @ x)))
    top_diff_h = np.array([1.0, 2.0])
    do = s * top_diff_h
    return np.outer((1.0 - o) * o * do, x)


def ctl_lstmnotanh_m(w):
    x = mp_array([0.4, -0.6, 0.2])
    r0, r1 = mp_rows(w, 2, 3)
    return mpf(0.8) * mp_sigmoid(mp_dot(r0, x)) + 2 * mpf(-0.5) * mp_sigmoid(mp_dot(r1, x))


def ctl_dicevnet_f(p):
    gt = np.array([1.0, 1.0, 0.0, 0.0])
    return 2.0 * np.sum(p * gt) / (np.sum(p**2) + np.sum(gt**2))


def ctl_dicevnet_g(p):
    gt = np.array([1.0, 1.0, 0.0, 0.0])
    inter = np.sum(p * gt)
    union = np.sum(p**2) + np.sum(gt**2)
    return 2.0 * (gt * union / union**2 - 2.0 * p * inter / union**2)


CASES: tuple[Case, ...] = (
    Case(
        id="ctl_3dgs",
        title=(
            "3-D Gaussian splatting: conic off-diagonal coefficient -0.5 reported as "
            "wrong; the factor 2 comes one step later"
        ),
        source="https://github.com/graphdeco-inria/gaussian-splatting/issues/551",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([1.5, 0.4, 2.0], [0.5, -0.2, 0.6]),
        function=ctl_3dgs_f,
        claimed=ctl_3dgs_g,
        exact=ctl_3dgs_m,
        scalar=True,
        domain="near",
        note=("several people changed it and retrained; the full chain is right as it was"),
    ),
    Case(
        id="ctl_bn_caffe",
        title=("Caffe batch-norm backward, 'a term mean(dE.Y)*mean(Y) is missing' (mean(Y) is 0)"),
        source="https://github.com/BVLC/caffe/issues/4110",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.1, 2.0, -1.0, 0.5], [5.0, 5.001, 4.999, 5.0]),
        function=ctl_bn_caffe_f,
        claimed=ctl_bn_caffe_g,
        exact=bn4_m,
        scalar=True,
        tolerance=1e-07,
    ),
    Case(
        id="ctl_bn_dark",
        title=(
            "Darknet batch-norm: 'mean_delta lacks the variance term' (which is identically zero)"
        ),
        source="https://github.com/pjreddie/darknet/issues/1723",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.1, 2.0, -1.0, 0.5],),
        function=ctl_bn_dark_f,
        claimed=ctl_bn_dark_g,
        exact=bn4_m,
        scalar=True,
    ),
    Case(
        id="ctl_lstmnotanh",
        title=("LSTM demo 'forgot the tanh': unusual forward, but forward and backward agree"),
        source="https://github.com/nicodjimenez/lstm/issues/47",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([[0.1, 0.2, -0.3], [0.5, -0.4, 0.9]],),
        function=ctl_lstmnotanh_f,
        claimed=ctl_lstmnotanh_g,
        exact=ctl_lstmnotanh_m,
        scalar=True,
    ),
    Case(
        id="ctl_dicevnet",
        title=("V-Net Dice derivative, 'union**2 should be eliminated from the first term'"),
        source="https://github.com/faustomilletari/VNet/issues/18",
        family="control",
        framework="numpy",
        expected=RIGHT,
        points=([0.7, 0.4, 0.2, 0.9],),
        function=ctl_dicevnet_f,
        claimed=ctl_dicevnet_g,
        exact=lambda p: 2 * (p[0] + p[1]) / (sum(v * v for v in p) + 2),
        scalar=True,
        domain="unit",
    ),
)
