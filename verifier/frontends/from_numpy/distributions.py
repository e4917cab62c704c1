"""What are the methods of scipy.stats.norm as formulas of traced values?"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

ROOT = math.sqrt(2 * math.pi)


def _special(name: str) -> Any:
    return getattr(sys.modules["scipy.special"], name)


def _pdf(self: Any, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return np.exp(-(z**2) / 2.0) / ROOT / scale


def _logpdf(self: Any, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    z = (x - loc) / scale
    return -(z**2) / 2.0 - math.log(ROOT) - np.log(scale)


def _below(name: str, sign: float) -> Callable[..., Any]:
    def method(self: Any, x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        return _special(name)(sign * ((x - loc) / scale))

    return method


def _at_quantile(sign: float) -> Callable[..., Any]:
    def method(self: Any, q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
        return sign * _special("ndtri")(q) * scale + loc

    return method


NORMAL: Mapping[str, Callable[..., Any]] = {
    "pdf": _pdf,
    "logpdf": _logpdf,
    "cdf": _below("ndtr", 1.0),
    "logcdf": _below("log_ndtr", 1.0),
    "sf": _below("ndtr", -1.0),
    "logsf": _below("log_ndtr", -1.0),
    "ppf": _at_quantile(1.0),
    "isf": _at_quantile(-1.0),
}
