"""Which functions can be written as a graph? Read from the registries themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .compositions import COMPOSITIONS
from .elementwise import SPECIAL, spelled
from .functions import LOWER
from .scalars import MATH, OPS
from .scipy_ufuncs import COMPOSED
from .structure import STRUCTURAL


def known() -> dict[str, tuple[str, ...]]:
    """Return the names that are lifted, by the library that has them.

    >>> [name in known()["numpy"] for name in ("np.linalg.norm", "np.tanh", "np.linalg.qr")]
    [True, True, False]
    """
    handled = [f for f, handler in LOWER.items() if not handler.__qualname__.startswith("_refused")]
    functions = {_name(f) for f in (*handled, *COMPOSITIONS, *STRUCTURAL)}
    ufuncs = {f"np.{n}" for n in (*spelled("numpy"), *SPECIAL) if hasattr(np, n)}
    plain = {f"math.{name}" for name in (*OPS, *MATH)}
    special = {f"scipy.special.{name}" for name in (*spelled("scipy"), *COMPOSED)}
    found = {"numpy": functions | ufuncs, "math": plain, "scipy": special}
    return {library: tuple(sorted(names)) for library, names in found.items()}


def _name(function: Callable[..., Any]) -> str:
    inside = "linalg." if getattr(np.linalg, function.__name__, None) is function else ""
    return f"np.{inside}{function.__name__}"
