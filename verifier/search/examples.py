"""Hypothesis as a search: draw from strategies, climb toward the largest error, shrink the find."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import numpy as np

from ..domains import POINT, STRATEGY, Domain
from ..endpoints import float_type
from ..intervals import GRID

Point = dict[str, Any]
Objective = Callable[[Point], float | None]


class _Failing(Exception):
    """Raised inside Hypothesis at a point whose score is above the bar."""


def drawn(strategies: Mapping[str, Any], *, seed: int, count: int) -> list[Point]:
    """Return `count` draws (or fewer distinct ones) of a dict of strategies; at least one."""
    from hypothesis import strategies as st

    found: list[Point] = []

    def keep(point: Point) -> float | None:
        found.append(point)
        return None

    search(st.fixed_dictionaries(dict(strategies)), keep, seed=seed, examples=count)
    return found


def search(
    space: Any,
    objective: Objective,
    *,
    seed: int,
    examples: int,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    dtype: str = "float64",
    bar: float = 1.0,
    stop: Callable[[], bool] = lambda: False,
) -> Point | None:
    """Return the simplest point found whose `objective` is above `bar`, or None.

    `space` is a strategy of points, or a dict of domains (then `shapes` and `dtype` say what the
    arrays are). `objective(point)` is a score to climb (say, the error in budgets), None where the
    point says nothing. `stop()` is asked before every call of the objective: once it is true the
    search ends with what it has. The same seed gives the same answer; no file is written.
    """
    import hypothesis

    strategy = space if not isinstance(space, Mapping) else _strategy(space, shapes or {}, dtype)
    failing: list[Point] = []

    @hypothesis.seed(seed)
    @_quiet(examples)  # type: ignore[untyped-decorator]
    @hypothesis.given(strategy)
    def visit(point: Point) -> None:
        if stop():
            return
        score = objective(point)
        if score is not None and score > bar:
            failing.append({name: np.array(value) for name, value in point.items()})
            raise _Failing
        if score is not None and math.isfinite(score):
            hypothesis.target(float(score))

    errors = hypothesis.errors
    with contextlib.suppress(_Failing, errors.Flaky, errors.Unsatisfiable), _no_local_constants():
        visit()
    return failing[-1] if failing else None  # the last one is the simplest Hypothesis reached


@contextlib.contextmanager
def _no_local_constants() -> Iterator[None]:
    """Keep Hypothesis from reading constants out of whatever modules happen to be loaded.

    They would make the answer depend on the session and would be written to ``.hypothesis/``; the
    constants that matter stand in the graph and are solved for (search/guards.py). Releases before
    6.131 have no such constants, so there is nothing to replace in them.
    """
    providers: Any = sys.modules.get("hypothesis.internal.conjecture.providers")
    if providers is None or "_get_local_constants" not in vars(providers):
        yield
        return
    cache, scan = providers.CONSTANTS_CACHE.cache, providers._get_local_constants
    empty = providers.Constants()
    cache.clear()
    providers._get_local_constants = lambda: empty
    try:
        yield
    finally:
        providers._get_local_constants = scan
        cache.clear()


def _quiet(examples: int) -> Any:
    """Return Hypothesis settings that print nothing, store nothing and know no clock."""
    from hypothesis import HealthCheck, Phase, Verbosity, settings

    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.target, Phase.shrink),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )


def _strategy(
    domains: Mapping[str, Domain], shapes: Mapping[str, tuple[int, ...]], dtype: str
) -> Any:
    from hypothesis import strategies as st

    return st.fixed_dictionaries(
        {name: _argument(d, shapes.get(name, d.shape or ()), dtype) for name, d in domains.items()}
    )


def _argument(domain: Domain, shape: tuple[int, ...], dtype: str) -> Any:
    """Return a strategy of arrays of `shape` inside `domain`."""
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as arrays

    if domain.kind == STRATEGY:
        return domain.value
    if domain.kind == POINT:
        return st.just(domain.value)
    low, high = (np.broadcast_to(e.reshape(-1), int(np.prod(shape))) for e in _flat(domain, dtype))
    kind = np.dtype(np.int64) if domain.kind == GRID else float_type(dtype)
    if len(set(low.tolist())) == len(set(high.tolist())) == 1:
        return arrays.arrays(
            _carrier(kind), shape, elements=_element(domain.kind, low[0], high[0], dtype)
        ).map(lambda array: array.astype(kind))
    entries = [_element(domain.kind, a, b, dtype) for a, b in zip(low, high, strict=True)]
    return st.tuples(*entries).map(lambda row: np.array(row, dtype=kind).reshape(shape))


def _flat(domain: Domain, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    low, high = domain.ends_inside(dtype)
    return low.reshape(-1), high.reshape(-1)


def _carrier(kind: Any) -> Any:
    return np.dtype(np.float64) if kind.kind == "V" else kind  # Hypothesis knows no bfloat16


def _element(kind: str, low: Any, high: Any, dtype: str) -> Any:
    from hypothesis import strategies as st

    if kind == GRID:
        return st.integers(int(low), int(high))
    width: Literal[16, 32, 64] = 16 if dtype == "float16" else 32 if dtype == "float32" else 64
    return st.floats(float(low), float(high), width=width, allow_nan=False, allow_infinity=False)
