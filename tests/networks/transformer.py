"""How the layers of `sources/transformer.py` are verified, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .planting import Call, Fault, Layer, call, sample

NETWORK = "transformer"


def _pair(name: str, at: dict[str, Any], **options: Any) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        backward = getattr(net, f"{name}_backward")
        return call(getattr(net, name), at=at, backward=backward, cache=1, **options)

    return made


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "causal_attention",
        _pair("attention", {n: sample(2, 3, 2, seed=i) for i, n in enumerate("qkv")}),
        Fault("attention_backward", "dscores /= np.sqrt(q.shape[-1])", "dscores /= q.shape[-1]"),
        "q",
    ),
    Layer(
        NETWORK,
        "multi_head_attention",
        _pair(
            "multi_head",
            {
                "x": sample(3, 4),
                "Wq": sample(4, 4, seed=1),
                "Wk": sample(4, 4, seed=2),
                "Wv": sample(4, 4, seed=3),
                "Wo": sample(4, 4, seed=4),
                "heads": 2,
            },
        ),
        Fault("multi_head_backward", '"hts,htd->hsd", ds, q', '"hst,htd->hsd", ds, q'),
        "Wk",
    ),
    Layer(
        NETWORK,
        "layer_norm",
        _pair("layer_norm", {"x": sample(3, 4), "g": sample(4), "b": sample(4, seed=1)}),
        Fault("layer_norm_backward", "d.mean(-1, keepdims=True)", "d.mean(0, keepdims=True)"),
        "x",
    ),
    Layer(
        NETWORK,
        "gelu",
        _pair("gelu", {"x": sample(3, 4)}),
        Fault("gelu_backward", "3 * 0.044715", "0.044715"),
        "x",
    ),
    Layer(
        NETWORK,
        "feed_forward_with_residual",
        _pair(
            "feed_forward",
            {
                "x": sample(2, 3),
                "W1": sample(3, 4),
                "b1": sample(4),
                "W2": sample(4, 3),
                "b2": sample(3),
            },
        ),
        Fault("feed_forward_backward", "dx = dout + dpre", "dx = dpre"),
        "x",
    ),
    Layer(
        NETWORK,
        "rotary_positions",
        _pair("rotary", {"x": sample(3, 4)}, on={"positions": np.arange(3.0)}),
        Fault("rotary_backward", "d1 * cos + d2 * sin", "d1 * cos - d2 * sin"),
        "x",
    ),
    Layer(
        NETWORK,
        "smoothed_cross_entropy",
        _pair("smoothed_cross_entropy", {"logits": sample(3, 4), "targets": np.array([1, 0, 3])}),
        Fault("smoothed_cross_entropy_backward", ' / len(saved["goal"])', ""),
        "logits",
    ),
    Layer(
        NETWORK,
        "token_and_position_embedding",
        _pair(
            "embed",
            {
                "tokens": np.array([1, 4, 1]),
                "table": sample(5, 2),
                "positions": sample(4, 2),
            },
        ),
        Fault("embed_backward", "dtable[token] += dout[t]", "dtable[token] = dout[t]"),
        "table",
    ),
)
