"""How the losses of `sources/gaussian_process.py` are verified, and what is planted in them."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from .planting import Call, Fault, Layer, call, sample

NETWORK = "gaussian_process"
COVARIANCE = np.array([[1.25, 0.25], [0.25, 0.75]])


def _kalman(net: ModuleType) -> Call:
    return call(
        net.kalman_step,
        at={"m": sample(2), "P": COVARIANCE},
        on={
            "A": sample(2, 2),
            "Q": 0.5 * np.eye(2),
            "H": sample(2, 2, seed=1),
            "R": np.eye(2),
            "z": sample(2, seed=1),
        },
        gradient=net.kalman_step_gradient,
    )


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "marginal_likelihood",
        lambda net: call(
            net.gp_nll,
            at={"log_length": 0.25, "log_signal": -0.5, "log_noise": -1.0},
            on={"X": sample(4, 2), "y": sample(4)},
            gradient=net.gp_nll_gradient,
        ),
        Fault("gp_nll_gradient", "inner = Cinv - np.outer(a, a)", "inner = np.outer(a, a) - Cinv"),
        "log_length",
    ),
    Layer(
        NETWORK,
        "ridge_regression",
        lambda net: call(
            net.ridge_error,
            at={"X": sample(4, 2), "lam": 0.5},
            on={"y": sample(4), "Xtest": sample(3, 2), "ytest": sample(3)},
            gradient=net.ridge_error_gradient,
        ),
        Fault("ridge_error_gradient", "np.outer(X @ v, w)", "np.outer(X @ w, v)"),
        "X",
    ),
    Layer(
        NETWORK,
        "gaussian_likelihood",
        lambda net: call(
            net.gaussian_nll,
            at={"mu": sample(2), "S": COVARIANCE},
            on={"X": sample(3, 2)},
            gradient=net.gaussian_nll_gradient,
        ),
        Fault("gaussian_nll_gradient", "(n * P.T -", "(P.T -"),
        "S",
    ),
    Layer(
        NETWORK,
        "learned_metric",
        lambda net: call(
            net.metric_loss,
            at={"L": sample(3, 2)},
            on={"A": sample(4, 3), "B": sample(4, 3, seed=1), "margin": 1.0},
            gradient=net.metric_loss_gradient,
        ),
        Fault("metric_loss_gradient", "(s / d)[:, None]", "s[:, None]"),
        "L",
    ),
    Layer(
        NETWORK,
        "determinantal_process",
        lambda net: call(
            net.determinantal,
            at={"V": sample(4, 3)},
            on={"items": np.array([0, 2])},
            gradient=net.determinantal_gradient,
        ),
        Fault("determinantal_gradient", "G -= 2 * V", "G -= V"),
        "V",
    ),
    Layer(
        NETWORK,
        "kalman_filter",
        _kalman,
        Fault("kalman_step_gradient", "dm = -A.T @ H.T @ a", "dm = -H.T @ a"),
        "m",
    ),
)
