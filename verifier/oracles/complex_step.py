"""What does one complex step say? Im f(x + ih)/h: no subtraction, hence no step to choose.

Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review
40 (1998). It holds only where the code is analytic from end to end, so it never decides alone
(SOUNDNESS 7): :func:`applicable` reads the graph, :func:`guarded` makes arrays that refuse what
is not analytic where there is no graph.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..graph.node import Node
from ..graph.order import topological
from .finite_difference import Estimate
from .noise import POINTS, epsilon, noise_levels

_REFUSED_OPS = frozenset(
    ("absolute", "sign", "maximum", "minimum", "hypot", "arctan2", "floor", "ceil", "round",
     "trunc", "remainder", "fmod", "relu", "heaviside", "logabsdet", "cast", "select", "take")
)  # fmt: skip
_REFUSED_TEXT = re.compile(r"\b(norm|conj\w*|abs|absolute|real|imag|vdot|astype|float|angle)\b")
_REFUSED_CALLS = frozenset(
    ("absolute", "conjugate", "maximum", "minimum", "fmax", "fmin", "sign", "greater",
     "greater_equal", "less", "less_equal", "equal", "not_equal", "isnan", "isfinite", "isinf",
     "hypot", "arctan2", "floor", "ceil", "rint", "trunc", "remainder", "fmod", "logical_and",
     "logical_or", "logical_not", "vecdot", "vdot", "norm", "real", "imag", "angle", "abs", "amax",
     "amin", "max", "min", "argmax", "argmin", "sort", "argsort", "median", "clip", "nan_to_num",
     "real_if_close", "iscomplex")
)  # fmt: skip
_SIGMAS = 3.0
_OWN_ULPS = 64  # of its own arithmetic, beyond the measured noise


def applicable(outputs: Sequence[Node]) -> str | None:
    """Return why a complex step cannot be trusted on this graph, or None where it can.

    The text of a node's line counts too: the graph of `np.linalg.norm(x)` is an analytic formula,
    the code is not.
    """
    for node in topological(outputs):
        place = f" ({node.origin})" if node.origin else ""
        if node.discrete and node.op not in ("input", "constant"):
            return f"{node.op} decides on a value{place}"
        if node.op in _REFUSED_OPS:
            return f"{node.op} is not analytic{place}"
        refused = _REFUSED_TEXT.search(node.origin.text) if node.origin else None
        if refused:
            return f"{refused.group()} is not analytic{place}"
    return None


class NotAnalytic(TypeError):
    """The code asked a complex array for something only a real one has."""


class Guarded(np.ndarray):
    """A complex array that refuses whatever is not analytic, so that no wrong answer gets out."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        _refuse(ufunc.__name__)
        plain = [np.asarray(i) if isinstance(i, Guarded) else i for i in inputs]
        if "out" in options:
            options["out"] = tuple(
                np.asarray(o) if isinstance(o, Guarded) else o for o in options["out"]
            )
        return guarded(getattr(ufunc, method)(*plain, **options))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        _refuse(func.__name__)
        return super().__array_function__(func, types, args, kwargs)

    @property  # type: ignore[misc]
    def real(self) -> Any:
        raise NotAnalytic("'.real' is not analytic")

    @property  # type: ignore[misc]
    def imag(self) -> Any:
        raise NotAnalytic("'.imag' is not analytic")

    def conj(self) -> Any:
        raise NotAnalytic("'.conj()' is not analytic")

    conjugate = conj

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        if np.dtype(dtype).kind != "c":
            raise NotAnalytic("'.astype' to a real dtype is not analytic")
        return super().astype(dtype, *args, **options)


def _refuse(name: str) -> None:
    if name in _REFUSED_CALLS:
        raise NotAnalytic(f"'{name}' is not analytic")


def guarded(value: Any) -> Any:
    """Return a complex array as one that refuses what is not analytic; others as they are."""
    array = np.asarray(value)
    return array.view(Guarded) if array.dtype.kind == "c" else value


def complex_line(
    function: Callable[[dict[str, np.ndarray]], Any],
    point: Mapping[str, np.ndarray],
    direction: Mapping[str, np.ndarray],
) -> Callable[[complex], np.ndarray]:
    """Return `function` along `direction` from `point` for complex t, on guarded arrays."""

    def along(t: complex) -> np.ndarray:
        moved = dict(point)
        for name, d in direction.items():
            moved[name] = guarded(point[name] + complex(t) * np.asarray(d, dtype=np.float64))
        return np.asarray(function(moved))

    return along


def complex_step(along: Callable[[complex], Any], *, scale: float = 1.0) -> Estimate:
    """Return d/dt f(x + t d) at 0 by a complex step, or an Estimate without value that says why.

    `along(t)` is the user's code at x + t d for complex t (see :func:`complex_line`), in double
    precision; `scale` is the size of x along d (1 where x = 0). The step is far below what rounding
    could see; the error is the noise of the derivative itself, measured on points a few floats
    apart, plus 64 ulp.

    >>> found = complex_step(lambda t: np.exp(1 + t))
    >>> bool(abs(found.value - np.e) <= found.error < 1e-13)
    True
    """
    step = scale * 2.0**-100
    points = [3 * scale * epsilon("float64") * (k - POINTS // 2) for k in range(POINTS)]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            centre = np.asarray(along(0j))
            rows = [np.asarray(along(complex(t, step))) for t in points]
    except (TypeError, ValueError, np.exceptions.ComplexWarning) as caught:
        return _nothing((), f"not applicable: {caught}")
    if any(row.dtype.kind != "c" for row in rows):
        return _nothing(centre.shape, "not applicable: the result is not complex")
    if np.any(np.imag(centre) != 0) or not np.all(np.isfinite(centre)):
        return _nothing(centre.shape, "not applicable: f is not real and finite here")
    slopes = np.stack([np.imag(row).ravel().astype(np.float64) / step for row in rows])
    value = slopes[POINTS // 2].reshape(centre.shape)
    noise = noise_levels(slopes)[0].reshape(centre.shape)
    error = _SIGMAS * noise + _OWN_ULPS * epsilon("float64") * np.abs(value)
    bad = ~np.isfinite(value + error)
    value, error = np.where(bad, np.nan, value), np.where(bad, np.inf, error)
    return Estimate(value, error, np.full(centre.shape, step), evaluations=POINTS + 1)


def _nothing(shape: tuple[int, ...], note: str) -> Estimate:
    blank = np.full(shape, np.nan)
    return Estimate(blank, np.full(shape, np.inf), blank, notes=(note,))
