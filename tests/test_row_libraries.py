"""The spelled names exist, and the installed libraries keep within the ulps the table states."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb

from verifier.numerals.balls import precision
from verifier.primitives.table import SCALARS

from .row_points import (
    BITS,
    DTYPES,
    NAMES,
    allowed,
    arguments,
    balls_at,
    called,
    overflowed_early,
    representable,
    spellings,
)


@pytest.mark.parametrize("name", NAMES)
def test_spelled_names_exist(name: str) -> None:
    found = {spelled for spelled, _ in spellings(SCALARS[name])}
    scipy = pytest.importorskip("scipy.special") if "scipy" in SCALARS[name].spelled else None
    for library, module in (("numpy", np), ("math", math), ("scipy", scipy)):
        for spelled in SCALARS[name].spelled.get(library, ()):
            newer = {"atan2", "acos", "asin", "atan", "acosh", "asinh", "atanh", "pow", "softplus",
                     "cbrt", "exp2"}  # numpy 2.0, scipy 1.15, Python 3.11
            assert hasattr(module, spelled) or spelled in newer, (library, spelled)
    ours = {k: v for k, v in SCALARS[name].spelled.items() if k in ("numpy", "math", "scipy")}
    assert found or not ours or ours == {"scipy": ("softplus",)}  # softplus: scipy 1.15


def sampled(name: str, dtype: str, count: int) -> list[np.ndarray]:
    """Return columns of random points around the row's own points, rounded to the dtype."""
    random = np.random.default_rng(len(name))
    points = np.array(arguments(name))
    chosen = points[random.integers(len(points), size=count)]
    scale = np.where(random.random(chosen.shape) < 0.5, 1e-3, 0.2)
    moved = chosen * (1 + random.normal(size=chosen.shape) * scale)
    orders = [k for k in range(moved.shape[1]) if SCALARS[name].slopes[k] is None]
    moved[:, orders] = chosen[:, orders]
    with np.errstate(over="ignore"):
        columns = [moved[:, k].astype(dtype) for k in range(moved.shape[1])]
    kept = np.logical_and.reduce([np.isfinite(c) for c in columns])
    if name in ("digamma", "polygamma"):
        kept &= columns[-1] > 0
    return [c[kept] for c in columns]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_installed_libraries_keep_within_the_stated_ulps(name: str, dtype: str) -> None:
    row, columns = SCALARS[name], sampled(name, dtype, 150)
    with precision(BITS):
        exact = [balls_at(row, tuple(map(float, p))) for p in zip(*columns, strict=True)]
        for spelled, function in [("floats", row.floats), *spellings(row)]:
            if spelled.startswith("math") and dtype != "float64":
                continue
            for k, computed in enumerate(called(function, columns)):
                ball = exact[k]
                if not representable(ball, dtype) or overflowed_early(computed, ball, dtype):
                    continue
                off = abs(float(arb(float(computed)) - ball))
                assert off <= allowed(row, dtype, float(ball)), (
                    spelled, [float(c[k]) for c in columns], computed, ball)
