"""How the layers of `sources/normalization.py` are verified, and what is planted in them."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from .planting import Call, Fault, Layer, call, sample

NETWORK = "normalization"


def _vjp(name: str, at: dict[str, Any]) -> Callable[[ModuleType], Call]:
    def made(net: ModuleType) -> Call:
        wrt = [key for key, value in at.items() if not isinstance(value, int)]
        return call(getattr(net, name), at=at, wrt=wrt, vjp=getattr(net, f"{name}_vjp"))

    return made


LAYERS: tuple[Layer, ...] = (
    Layer(
        NETWORK,
        "standardize",
        _vjp("standardize", {"x": sample(5)}),
        Fault("standardize_vjp", " - z * np.sum(g * z) / n", ""),
        "x",
    ),
    Layer(
        NETWORK,
        "l2_normalize",
        _vjp("l2_normalize", {"x": sample(3, 4)}),
        Fault("l2_normalize_vjp", "y * np.sum(y * g", "x * np.sum(y * g"),
        "x",
    ),
    Layer(
        NETWORK,
        "group_norm",
        _vjp(
            "group_norm",
            {"x": sample(1, 4, 1, 3), "gamma": sample(4), "beta": sample(4, seed=1), "groups": 2},
        ),
        Fault("group_norm_vjp", "d = (g * gamma[:, None, None])", "d = (g * 1.0)"),
        "x",
    ),
    Layer(
        NETWORK,
        "instance_norm",
        _vjp("instance_norm", {"x": sample(2, 2, 2, 3)}),
        Fault("instance_norm_vjp", "-0.5 * ivar**3", "-0.5 * ivar**2"),
        "x",
    ),
    Layer(
        NETWORK,
        "rms_norm",
        _vjp("rms_norm", {"x": sample(3, 4), "gain": sample(4)}),
        Fault("rms_norm_vjp", "np.sum(gx * x, axis=-1", "np.sum(g * x, axis=-1"),
        "x",
    ),
    Layer(
        NETWORK,
        "weight_norm",
        _vjp("weight_norm", {"v": sample(3, 4), "s": sample(3)}),
        Fault("weight_norm_vjp", "(s * ds / length**2)", "(s * ds / length)"),
        "v",
    ),
    Layer(
        NETWORK,
        "local_response",
        _vjp("local_response", {"x": sample(4, 2)}),
        Fault("local_response_vjp", "x[j] * shared[c]", "x[c] * shared[c]"),
        "x",
    ),
    Layer(
        NETWORK,
        "min_max",
        _vjp("min_max", {"x": sample(5)}),
        Fault("min_max_vjp", "np.sum(g * (1 - y))", "np.sum(g * y)"),
        "x",
    ),
)
