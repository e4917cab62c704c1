"""How the objectives of `sources/boosting.py` are verified, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .planting import Call, Fault, Layer, call, positive, sample

NETWORK = "boosting"
SCORES = sample(4)
COUNTS = np.array([0.0, 2.0, 1.0, 5.0])
BINARY = np.array([1.0, 0.0, 0.0, 1.0])


def _objective(name: str, scores: np.ndarray, **data: Any) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        objective = getattr(net, f"{name}_obj")
        return call(
            getattr(net, f"{name}_loss"),
            at={"preds": scores},
            on=data,
            gradient=lambda *arguments: objective(*arguments)[0],
            hessian_diagonal=lambda *arguments: objective(*arguments)[1],
        )

    return made


def _gradient(name: str, **data: Any) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        gradient = getattr(net, f"{name}_grad")
        return call(getattr(net, f"{name}_loss"), at={"preds": SCORES}, on=data, gradient=gradient)

    return made


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "squared_error",
        _objective("squared", SCORES, y=COUNTS, w=positive(4)),
        Fault("squared_obj", "hess = w * np.ones_like(preds)", "hess = np.ones_like(preds)"),
        "preds",
    ),
    Layer(
        NETWORK,
        "logistic",
        _objective("logistic", SCORES, y=BINARY),
        Fault("logistic_obj", "p * (1 - p)", "preds * (1 - preds)"),
        "preds",
    ),
    Layer(
        NETWORK,
        "softmax",
        _objective("softmax", sample(2, 3), y=np.array([2, 0])),
        Fault("softmax_obj", "p[c] * (1.0 - p[c])", "2.0 * p[c] * (1.0 - p[c])"),
        "preds",
    ),
    Layer(
        NETWORK,
        "poisson",
        _objective("poisson", SCORES, y=COUNTS),
        Fault("poisson_obj", "return mu - y, mu", "return mu - y, mu - y"),
        "preds",
    ),
    Layer(
        NETWORK,
        "gamma",
        _objective("gamma", SCORES, y=positive(4)),
        Fault("gamma_obj", "return 1 - ratio, ratio", "return 1 - ratio, 1 - ratio"),
        "preds",
    ),
    Layer(
        NETWORK,
        "tweedie",
        _objective("tweedie", SCORES, y=COUNTS),
        Fault("tweedie_obj", "- (1 - rho) * a", "+ (1 - rho) * a"),
        "preds",
    ),
    Layer(
        NETWORK,
        "pseudo_huber",
        _objective("pseudo_huber", SCORES, y=COUNTS),
        Fault("pseudo_huber_obj", "d / root, 1 /", "d / root, 1 / delta /"),
        "preds",
    ),
    Layer(
        NETWORK,
        "log_cosh",
        _objective("log_cosh", SCORES, y=COUNTS),
        Fault("log_cosh_obj", "return t, 1 - t * t", "return t, 1 - t"),
        "preds",
    ),
    Layer(
        NETWORK,
        "focal",
        _gradient("focal", y=BINARY),
        Fault("focal_grad", "- (1 - pt))", "+ (1 - pt))"),
        "preds",
    ),
    Layer(
        NETWORK,
        "cox_survival",
        _gradient(
            "survival",
            time=np.array([3.0, 1.0, 4.0, 2.0]),
            event=np.array([1.0, 0.0, 1.0, 1.0]),
        ),
        Fault("survival_grad", "grad[order] = e * later - d", "grad = e * later - d"),
        "preds",
    ),
)
