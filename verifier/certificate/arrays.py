"""The user's own code, run on arrays of :class:`~verifier.certificate.taylor.Number`.

Arrays are an `ndarray` of objects whose ufuncs go through flint; see :mod:`.rebinding` for the
buffers that the code itself makes.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .functions import FUNCTIONS, QUESTIONS
from .matrices import MATRICES
from .recording_arrays import ACTIVE, CHOICES, as_mask, filled, only_decisions
from .recording_arrays import run_ufunc as run_recorded
from .taylor import Number, moving, number, precision

Array = np.ndarray
Program = Callable[[dict[str, Any]], Any]
BASE: Any = np.empty(0)  # numpy's own implementation of __array_function__ hangs on an instance
LIKE = {"zeros_like": 0, "empty_like": 0, "ones_like": 1}


class Exact(np.ndarray):
    """An array of exact numbers."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **told: Any) -> Any:
        return run_ufunc(ufunc, method, inputs, told)

    def __array_function__(self, function: Any, types: Any, arguments: Any, told: Any) -> Any:
        return run_function(function, arguments, told)

    def astype(self, dtype: Any, *rest: Any, **told: Any) -> Any:
        if is_float(dtype) or np.dtype(dtype) == object:
            return self.copy()
        if ACTIVE.get() is not None and only_decisions(self):
            return self.copy()  # a decision counts as 1 or 0 wherever it is computed with
        return plain(self).astype(dtype, *rest, **told)

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(as_mask(key) if ACTIVE.get() is not None else key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if ACTIVE.get() is None:
            super().__setitem__(key, value)
        elif not filled(self, key, value):
            super().__setitem__(as_mask(key), value)


def is_float(dtype: Any) -> bool:
    try:
        return dtype is None or np.dtype(dtype).kind == "f"
    except TypeError:
        return False


def plain(value: Any) -> Any:
    """Return what numpy's own loops take: a base array, a number in a box."""
    if isinstance(value, Number):
        box = np.empty((), dtype=object)
        box[()] = value
        return box
    return value.view(np.ndarray) if isinstance(value, Exact) else value


def wrapped(value: Any) -> Any:
    """Return arrays of objects as arrays of numbers, inside tuples and lists too."""
    if isinstance(value, (tuple, list)):
        return type(value)(wrapped(v) for v in value)
    if isinstance(value, np.ndarray) and value.dtype == object:
        return value[()] if value.ndim == 0 else _numbers(value).view(Exact)
    return value


def _numbers(values: Array) -> Array:
    """Turn plain numbers of an object array into exact ones, in place: floats would round."""
    flat = values.reshape(-1) if values.flags.c_contiguous else values.flat
    for place, entry in enumerate(flat):
        if entry is not None and not isinstance(entry, Number):
            flat[place] = number(entry)
    return values


def buffer(shape: Any, fill: Any) -> Any:
    """Return a float buffer as an exact array."""
    return np.full(shape, number(fill), dtype=object).view(Exact)


def run_ufunc(ufunc: Any, method: str, inputs: Any, told: dict[str, Any]) -> Any:
    """Do what a ufunc does, by flint where numpy has no loop for objects."""
    given = [plain(x) for x in inputs]
    out = told.get("out")
    if out is not None:
        told = {**told, "out": tuple(plain(x) for x in out)}
    told = {k: v for k, v in told.items() if k != "dtype" or not is_float(v)}
    name = ufunc.__name__
    if ACTIVE.get() is not None:
        written = run_recorded(name, method, ufunc, given, told)
        if written is not NotImplemented:
            return out[0] if out is not None and len(out) == 1 else wrapped(written)
    if method == "__call__" and name in QUESTIONS:
        question = QUESTIONS[name]
        found = np.frompyfunc(lambda x: question(number(x)), 1, 1)(*given)
        return np.asarray(found, dtype=bool)[()]
    if method == "__call__" and name in FUNCTIONS:
        function = FUNCTIONS[name]
        ufunc = np.frompyfunc(lambda *x: function(*map(number, x)), len(given), 1)
    found = getattr(ufunc, method)(*given, **told)
    return out[0] if out is not None and len(out) == 1 else wrapped(found)


def run_function(function: Any, arguments: Any, told: Any) -> Any:
    """Run numpy's own implementation; buffers like a float array become exact."""
    name = getattr(function, "__name__", "")
    if ACTIVE.get() is not None and name in CHOICES and len(arguments) > 1:
        return wrapped(CHOICES[name](*map(plain, arguments), **told))
    if name in LIKE and is_float(told.get("dtype")):
        return buffer(np.shape(arguments[0]), LIKE[name])
    if name == "full_like" and is_float(told.get("dtype")):
        return _filled_like(arguments[0], arguments[1])
    if name in MATRICES:
        return wrapped(MATRICES[name](*map(plain, arguments), **told))
    if name == "norm" and len(arguments) == 1 and told.get("ord") in (None, 2):
        return _norm(arguments[0], told)
    return wrapped(BASE.__array_function__(function, (), arguments, told))


def _filled_like(like: Any, value: Any) -> Any:
    return wrapped(np.full(np.shape(like), plain(value), dtype=object))


def _norm(x: Any, told: Mapping[str, Any]) -> Any:
    if told.get("ord") == 2 and told.get("axis") is None and np.ndim(x) > 1:
        return NotImplemented
    squares = np.sum(x * x, axis=told.get("axis"), keepdims=bool(told.get("keepdims")))
    return np.sqrt(squares)


# ---------------------------------------------------------------- running
@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence prints and warnings of the user's code."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()):
            yield


def run(
    program: Program,
    leaves: Mapping[str, Array],
    bits: int,
    direction: Mapping[str, Array] | None = None,
    order: int = 0,
) -> Any:
    """Run a program exactly at `leaves`, moving along `direction`; series up to t^order."""
    from .rebinding import rebound

    with precision(bits, order + 1):
        handed = {k: _exact(v, (direction or {}).get(k)) for k, v in leaves.items()}
        with quiet(), rebound(program):
            return program(handed)


def _exact(values: Array, speeds: Array | None) -> Any:
    flat = np.empty(values.size, dtype=object)
    moved = np.zeros(values.size) if speeds is None else np.asarray(speeds).ravel()
    for k, (x, v) in enumerate(zip(values.ravel().tolist(), moved.tolist(), strict=True)):
        flat[k] = moving(x, v)
    return flat.reshape(values.shape).view(Exact) if values.ndim else flat[0]


def entries(value: Any) -> Array:
    """Return what a program returned as an array of numbers of the same shape."""
    array = np.asarray(plain(value), dtype=object)
    flat = np.empty(array.size, dtype=object)
    flat[:] = [number(v) for v in array.ravel().tolist()]
    return flat.reshape(array.shape)
