"""Numpy's functions on arrays of recorded numbers, while a program is being written down."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from .recording import DECISIONS, Recorded, chosen, connected, recorded
from .taylor import NoReading, Number, number
from .written import WRITTEN

Array = np.ndarray
ACTIVE: ContextVar[Recorded | None] = ContextVar("a recorded number of the running tape")
ACTIVE.set(None)
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "greater": operator.gt, "greater_equal": operator.ge, "less": operator.lt,
    "less_equal": operator.le, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip
ASKED = {"isnan": False, "isinf": False, "isfinite": True}


@contextmanager
def recording(like: Recorded) -> Iterator[None]:
    """While this lasts, every array of numbers is one of recorded numbers."""
    token = ACTIVE.set(like)
    try:
        yield
    finally:
        ACTIVE.reset(token)


def _entry(x: Any) -> Any:
    like = ACTIVE.get()
    assert like is not None
    return x if isinstance(x, Recorded) else like.made(like.other(x))


def function_of(name: str) -> Callable[..., Any] | None:
    """Return what a ufunc does to single numbers, None where numpy's own loop is right."""
    if name in COMPARED:
        return lambda a, b: COMPARED[name](_entry(a), _entry(b))
    if name in ("logical_and", "logical_or"):
        return lambda a, b: connected(name[8:], _entry(a), b)
    if name == "logical_not":
        return lambda a: ~_decision(a)
    if name == "clip":
        return lambda x, low, high: recorded("minimum", recorded(
            "maximum", _entry(x), low), high)
    if name in ASKED:
        return lambda x: _asked(name, x)
    if name == "signbit":
        return lambda x: _entry(x) < 0
    if name in WRITTEN:
        return lambda *x: recorded(name, *map(_entry, x))
    return None


def _decision(x: Any) -> Recorded:
    found: Recorded = _entry(x)
    if found.tape.names[found.place] in DECISIONS:
        return found
    return found.made(found.tape.negation(found.tape.decision("zero", found.place)))


def _asked(name: str, x: Any) -> bool:
    if isinstance(x, Recorded) and not x.tape.total[x.place]:
        raise NoReading(f"the code asks {name} of a number that may be undefined")
    return ASKED[name]


def run_ufunc(name: str, method: str, ufunc: Any, given: list[Any], told: dict[str, Any]) -> Any:
    """Return the result of a ufunc, NotImplemented where numpy's loop for objects is right."""
    single = function_of(name)
    if single is None or method not in ("__call__", "reduce"):
        return NotImplemented
    if method == "reduce":
        if name not in ("maximum", "minimum", "logical_and", "logical_or", "fmax", "fmin"):
            return NotImplemented
        return settled(_reduced(single, given[0], told))
    if name in ("add", "subtract", "multiply", "divide", "power", "negative", "absolute"):
        return NotImplemented
    return settled(np.frompyfunc(single, len(given), 1)(*given, **told))


def _reduced(single: Callable[..., Any], given: Any, told: dict[str, Any]) -> Any:
    array = np.asarray(given, dtype=object)
    axis = told.get("axis", 0)
    axes = tuple(range(array.ndim)) if axis is None else np.atleast_1d(axis).tolist()
    axes = tuple(int(a) % array.ndim for a in axes)
    kept = [a for a in range(array.ndim) if a not in axes]
    moved = array.transpose((*kept, *axes)).reshape((*(array.shape[a] for a in kept), -1))
    found = np.empty(moved.shape[:-1], dtype=object)
    for place in np.ndindex(found.shape):
        total, *rest = moved[place].tolist()
        for x in rest:
            total = single(total, x)
        found[place] = total
    if told.get("keepdims"):
        found = found.reshape([1 if a in axes else array.shape[a] for a in range(array.ndim)])
    return found


def settled(found: Any) -> Any:
    """Return decisions that are all fixed as booleans, anything else as it is."""
    if not isinstance(found, np.ndarray):
        return bool(found) if _fixed(found) else found
    flat = found.ravel().tolist()
    if flat and all(_fixed(x) for x in flat):
        return np.array([bool(x) for x in flat]).reshape(found.shape)
    return found


def _fixed(x: Any) -> bool:
    if isinstance(x, Recorded):
        return x.tape.names[x.place] == "truth"
    return isinstance(x, (bool, np.bool_))


def where(condition: Any, a: Any, b: Any) -> Any:
    """Return np.where of recorded conditions."""
    return np.frompyfunc(chosen, 3, 1)(condition, a, b)


def select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    """Return np.select: the first condition that holds names the choice."""
    found = default
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        found = where(_boxed(condition), _boxed(choice), _boxed(found))
    return found


def clip(x: Any, low: Any = None, high: Any = None, **told: Any) -> Any:
    """Return np.clip, either end of which may be missing."""
    low, high = told.get("a_min", told.get("min", low)), told.get("a_max", told.get("max", high))
    found = x
    for name, end in (("maximum", low), ("minimum", high)):
        if end is not None:
            single = function_of(name)
            assert single is not None
            found = np.frompyfunc(single, 2, 1)(_boxed(found), _boxed(end))
    return found


def _boxed(value: Any) -> Any:
    if isinstance(value, Number):
        box = np.empty((), dtype=object)
        box[()] = value
        return box
    return np.asarray(value)


def as_mask(key: Any) -> Any:
    """Return an index in which recorded decisions are decided for the whole box."""
    if isinstance(key, Recorded):
        return bool(key)
    if isinstance(key, tuple):
        return tuple(as_mask(k) for k in key)
    if isinstance(key, np.ndarray) and key.dtype == object:
        return np.array([bool(x) for x in key.ravel().tolist()], dtype=bool).reshape(key.shape)
    return key


def only_decisions(array: Array) -> bool:
    """Tell whether every entry is a decision, so that rounding to whole numbers changes nothing."""
    return all(isinstance(x, Recorded) and x.tape.names[x.place] in DECISIONS
               for x in array.ravel().tolist())


def filled(target: Array, key: Any, value: Any) -> bool:
    """Do `target[key] = value` for a mask of undecided entries; tell whether it was one."""
    masks = isinstance(key, np.ndarray) and key.dtype == object and key.shape == target.shape
    if not masks or np.ndim(value):
        return False
    flat = [chosen(c, number(value) if not isinstance(value, Number) else value, old)
            for c, old in zip(key.ravel().tolist(), target.ravel().tolist(), strict=True)]
    whole = np.empty(len(flat), dtype=object)
    whole[:] = flat
    target[...] = whole.reshape(target.shape)
    return True


CHOICES: dict[str, Callable[..., Any]] = {"where": where, "select": select, "clip": clip}
