# ruff: noqa: B905, E741
"""Losses and likelihoods whose hand-written derivative was wrong in public code.

Re-created from issue texts and formulas, in our own code; `source` says from where.
"""

import mpmath
import numpy as np
from mpmath import mpf

from .record import WRONG, Case


def huber_sign_f(preds, delta=10.0):
    labels = np.array([3.0, -4.0, 60.0, 1.5])
    r = preds - labels
    a = np.abs(r)
    return np.sum(np.where(a > delta, delta * (a - 0.5 * delta), 0.5 * r**2))


def huber_sign_g(preds, delta=10.0):
    labels = np.array([3.0, -4.0, 60.0, 1.5])
    err = labels - preds
    sgn = err / np.abs(err)
    return np.where(np.abs(err) > delta, sgn * delta, err)


def huber_sign_m(p):
    s = mpf(0)
    for v, l in zip(p, (3, -4, 60, mpf("1.5"))):
        a = abs(v - l)
        s += 10 * (a - 5) if a > 10 else a * a / 2
    return s


def huber_sign_d(p):
    return [max(min(v - l, mpf(10)), mpf(-10)) for v, l in zip(p, (3, -4, 60, mpf("1.5")))]


def focal_sign_f(p, alpha=0.5, gamma=2.0):
    return -alpha * (1.0 - p) ** gamma * np.log(p)


def focal_sign_g(p, alpha=0.5, gamma=2.0):
    return -alpha * (1.0 - p) ** (gamma - 1.0) * (gamma * p * np.log(p) + (p - 1.0)) / p


def focal_sign_m(p):
    return -((1 - p) ** 2) * mpmath.log(p) / 2


def focal_sign_d(p):
    return (1 - p) * mpmath.log(p) - (1 - p) ** 2 / (2 * p)


def phuber_alpha_f(e, alpha=0.5):
    return alpha**2 * (np.sqrt(1.0 + (e / alpha) ** 2) - 1.0)


def phuber_alpha_g(e, alpha=0.5):
    return e / np.sqrt(e**2 + alpha**2)


def phuber_alpha_m(e):
    return (mpmath.sqrt(1 + 4 * e * e) - 1) / 4


def phuber_alpha_d(e):
    return e / (2 * mpmath.sqrt(e * e + mpf(1) / 4))


def cauchy_w_f(r2):
    inv_sq_thr = 1.0 / 2.5**2
    return np.log1p(r2 * inv_sq_thr)


def cauchy_w_g(r2):
    inv_sq_thr = 1.0 / 2.5**2
    return np.maximum(np.finfo(float).tiny, 1.0 / (1.0 + r2 * inv_sq_thr))


def cauchy_w_m(r2):
    return mpmath.log(1 + r2 * mpf(1 / 2.5**2))


def cauchy_w_d(r2):
    c = mpf(1 / 2.5**2)
    return c / (1 + r2 * c)


def dice_plus_f(x):
    t = np.array([1.0, 0.0, 1.0, 1.0])
    eps = 0.0001
    inter = np.dot(x, t)
    union = np.sum(x) + np.sum(t) + eps
    return (2 * inter + eps) / union


def dice_plus_g(x):
    t = np.array([1.0, 0.0, 1.0, 1.0])
    eps = 0.0001
    inter = np.dot(x, t)
    union = np.sum(x) + np.sum(t) + eps
    return 2 * (t * union + inter) / union * union


def dice_plus_m(x):
    e = mpf(0.0001)
    i = x[0] + x[2] + x[3]
    return (2 * i + e) / (sum(x) + 3 + e)


def dice_plus_d(x):
    e = mpf(0.0001)
    i = x[0] + x[2] + x[3]
    u = sum(x) + 3 + e
    return [(2 * t * u - (2 * i + e)) / u**2 for t in (1, 0, 1, 1)]


def dice_vnet_f(p):
    gt = np.array([1.0, 1.0, 0.0, 0.0])
    return 2.0 * np.sum(p * gt) / (np.sum(p**2) + np.sum(gt**2))


def dice_vnet_g(p):
    gt = np.array([1.0, 1.0, 0.0, 0.0])
    inter = np.sum(p * gt)
    union = np.sum(p**2) + np.sum(gt**2)
    diff = np.zeros_like(p)
    diff -= 2.0 * (gt * union / union**2 - 2.0 * p * inter / union**2)
    return diff


def dice_vnet_m(p):
    return 2 * (p[0] + p[1]) / (sum(v * v for v in p) + 2)


def dice_vnet_d(p):
    i = p[0] + p[1]
    u = sum(v * v for v in p) + 2
    return [2 * (g / u - 2 * v * i / u**2) for v, g in zip(p, (1, 1, 0, 0))]


CASES: tuple[Case, ...] = (
    Case(
        id="huber_sign",
        title=("custom XGBoost Huber objective: gradient of labels-preds, so the sign is reversed"),
        source="https://github.com/dmlc/xgboost/issues/2602",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([1.0, 2.0, 3.0, 4.0], [0.5, -30.0, 58.0, 0.0]),
        function=huber_sign_f,
        claimed=huber_sign_g,
        exact=huber_sign_m,
        exact_slope=huber_sign_d,
        scalar=True,
        box="[-40, 40]",
    ),
    Case(
        id="focal_sign",
        title=(
            "focal loss derivative in a course notebook with the global sign reversed"
            " (+0.5966 instead of -0.5966 at p=0.5)"
        ),
        source="https://github.com/jsboige/CoursIA/pull/16165",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.5, 0.2, 0.9),
        function=focal_sign_f,
        claimed=focal_sign_g,
        exact=focal_sign_m,
        exact_slope=focal_sign_d,
        domain="unit",
    ),
    Case(
        id="phuber_alpha",
        title=(
            "pseudo-Huber derivative without the factor alpha (invisible in the unit "
            "test, which uses alpha=1)"
        ),
        source="https://github.com/RubixML/ML/pull/446",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.3, -2.0, 5.0),
        function=phuber_alpha_f,
        claimed=phuber_alpha_g,
        exact=phuber_alpha_m,
        exact_slope=phuber_alpha_d,
    ),
    Case(
        id="cauchy_w",
        title="PoseLib Cauchy loss: IRLS weight lacks the factor 1/threshold^2",
        source="https://github.com/PoseLib/PoseLib/issues/97",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=(0.5, 3.0, 40.0),
        function=cauchy_w_f,
        claimed=cauchy_w_g,
        exact=cauchy_w_m,
        exact_slope=cauchy_w_d,
        domain="pos",
    ),
    Case(
        id="dice_plus",
        title="Dice backward: + instead of - and '/ union * union' (Pytorch-UNet)",
        source="https://github.com/milesial/Pytorch-UNet/issues/35",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([0.8, 0.3, 0.6, 0.1],),
        function=dice_plus_f,
        claimed=dice_plus_g,
        exact=dice_plus_m,
        exact_slope=dice_plus_d,
        scalar=True,
        domain="unit",
    ),
    Case(
        id="dice_vnet",
        title=("V-Net Dice layer: top returns Dice, backward returns minus its derivative"),
        source="https://github.com/faustomilletari/VNet/issues/32",
        family="formula",
        framework="numpy",
        expected=WRONG,
        points=([0.7, 0.4, 0.2, 0.9],),
        function=dice_vnet_f,
        claimed=dice_vnet_g,
        exact=dice_vnet_m,
        exact_slope=dice_vnet_d,
        scalar=True,
        domain="unit",
        soft=True,
        note=(
            "a deliberate trick (minimising -Dice while printing Dice); as the "
            "derivative of what forward returns it is wrong"
        ),
    ),
)
