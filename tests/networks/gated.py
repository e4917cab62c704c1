"""How the layers of `sources/gated.py` are verified, and what is planted in them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .planting import Call, Fault, Layer, call, sample

NETWORK = "gated"


def _pullback(name: str, **at: Any) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        layer = getattr(net, name)

        @functools.wraps(layer)
        def value(*arguments: Any) -> Any:
            return layer(*arguments)[0]

        def vjp(*arguments: Any) -> Any:
            return layer(*arguments[:-1])[1](arguments[-1])

        return call(value, at=at, vjp=vjp)

    return made


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "residual",
        _pullback("residual", x=sample(2, 3), W1=sample(3, 4), W2=sample(4, 3)),
        Fault("residual", "return dy + dpre @ W1.T", "return dpre @ W1.T"),
        "x",
    ),
    Layer(
        NETWORK,
        "highway",
        _pullback(
            "highway",
            x=sample(2, 3),
            WH=sample(3, 3, seed=1),
            bH=sample(3),
            WT=sample(3, 3, seed=2),
            bT=sample(3, seed=1),
        ),
        Fault("highway", "dt = dy * (h - x) * t", "dt = dy * (h + x) * t"),
        "WT",
    ),
    Layer(
        NETWORK,
        "gated_linear_unit",
        _pullback("gated_linear_unit", x=sample(2, 3), W=sample(3, 2), V=sample(3, 2, seed=1)),
        Fault("gated_linear_unit", "dy * a * gate * (1 - gate)", "dy * gate * (1 - gate)"),
        "V",
    ),
    Layer(
        NETWORK,
        "maxout",
        _pullback("maxout", x=sample(3, 2), W=sample(2, 2, 3), b=sample(2, 3)),
        Fault("maxout", "dx += d @ W[i].T", "dx = d @ W[i].T"),
        "x",
    ),
    Layer(
        NETWORK,
        "squeeze_and_excite",
        _pullback("squeeze_excite", x=sample(2, 3, 2), W1=sample(3, 2), W2=sample(2, 3)),
        Fault("squeeze_excite", " / x.shape[-1]", ""),
        "x",
    ),
    Layer(
        NETWORK,
        "mixture_of_experts",
        _pullback("mixture_of_experts", x=sample(2, 3), Wg=sample(3, 2), We=sample(2, 3, 2)),
        Fault("mixture_of_experts", "dlogits @ Wg.T + np.einsum", "np.einsum"),
        "x",
    ),
    Layer(
        NETWORK,
        "parametric_relu",
        _pullback("prelu", x=sample(4, 3), alpha=sample(3)),
        Fault("prelu", "np.where(x > 0, 0.0, x)", "np.where(x > 0, x, 0.0)"),
        "alpha",
    ),
    Layer(
        NETWORK,
        "bilinear_with_softsign",
        _pullback("bilinear_gate", x=sample(2, 2), y=sample(2, 3), B=sample(2, 2, 3)),
        Fault("bilinear_gate", "(1 + np.abs(s)) ** 2", "(1 + s) ** 2"),
        "B",
    ),
)
