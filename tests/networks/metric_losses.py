"""How the losses of `sources/metric_losses.py` are verified, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .planting import Call, Fault, Layer, call, positive, sample

NETWORK = "metric_losses"
MASK = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
ROWS = {"a": sample(4, 2), "b": sample(4, 2, seed=1)}


def _loss(name: str, at: dict[str, Any], **data: Any) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        return call(getattr(net, name), at=at, on=data, gradient=getattr(net, f"{name}_grad"))

    return made


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "contrastive",
        _loss("contrastive", ROWS, same=np.array([1.0, 0.0, 0.0, 1.0])),
        Fault("contrastive_grad", "da, -da", "da, da"),
        "b",
    ),
    Layer(
        NETWORK,
        "triplet",
        _loss(
            "triplet",
            {
                "anchor": sample(3, 2),
                "positive": sample(3, 2, seed=2),
                "negative": sample(3, 2, seed=1),
            },
        ),
        Fault("triplet_grad", "2 * (negative - positive)", "2 * (anchor - positive)"),
        "anchor",
    ),
    Layer(
        NETWORK,
        "cosine",
        _loss("cosine_loss", {"u": sample(3), "v": sample(3, seed=1)}),
        Fault("cosine_loss_grad", "cos * u / nu**2", "cos * u / nu"),
        "u",
    ),
    Layer(
        NETWORK,
        "info_nce",
        _loss("info_nce", {"q": sample(3, 2), "k": sample(3, 2, seed=1)}),
        Fault("info_nce_grad", "p /= n * temperature", "p /= n"),
        "q",
    ),
    Layer(
        NETWORK,
        "dice",
        _loss("dice_loss", {"p": positive(2, 3)}, t=MASK),
        Fault("dice_loss_grad", "- (2 * inter + smooth)", "- 2 * inter"),
        "p",
    ),
    Layer(
        NETWORK,
        "tversky",
        _loss("tversky_loss", {"p": positive(2, 3)}, t=MASK),
        Fault("tversky_loss_grad", " - beta * t", ""),
        "p",
    ),
    Layer(
        NETWORK,
        "huber",
        _loss("huber", {"pred": sample(2, 3, scale=2.0)}, y=MASK),
        Fault(
            "huber_grad", "np.clip(pred - y, -delta, delta)", "np.clip(pred - y, -1, delta) * 0.5"
        ),
        "pred",
    ),
    Layer(
        NETWORK,
        "kl_divergence",
        _loss("kl_loss", {"logits": sample(2, 3)}, target=np.array([[0.5, 0.25, 0.25]] * 2)),
        Fault("kl_loss_grad", "(q - target)", "(q * target)"),
        "logits",
    ),
    Layer(
        NETWORK,
        "quantile",
        _loss("quantile_loss", {"pred": sample(2, 3)}, y=MASK),
        Fault("quantile_loss_grad", "-tau, 1 - tau", "tau, 1 - tau"),
        "pred",
    ),
    Layer(
        NETWORK,
        "centre_loss",
        _loss(
            "centre_loss",
            {"features": sample(4, 2), "centres": sample(3, 2)},
            labels=np.array([0, 2, 0, 1]),
        ),
        Fault(
            "centre_loss_grad", "-diff[labels == c].sum(axis=0)", "-diff[labels == c].mean(axis=0)"
        ),
        "centres",
    ),
)
