"""The user's own code, run on arrays of :class:`~verifier.certificate.taylor.Number`.

Arrays are an `ndarray` of objects whose ufuncs go through flint. While the code runs, numpy's
constructors of float buffers make such arrays, so that `out = np.zeros(n); out[i] = ...` works;
everything is put back on every exit.
"""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .functions import FUNCTIONS, MATH, QUESTIONS
from .matrices import MATRICES
from .taylor import Number, moving, number, precision

Array = np.ndarray
Program = Callable[[dict[str, Any]], Any]
BASE: Any = np.empty(0)  # numpy's own implementation of __array_function__ hangs on an instance
empty, full, asarray = np.empty, np.full, np.asarray  # these names are rebound while code runs
FILLED = {"zeros": 0, "empty": 0, "ones": 1}
LIKE = {"zeros_like": 0, "empty_like": 0, "ones_like": 1}


class Exact(np.ndarray):
    """An array of exact numbers."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **told: Any) -> Any:
        return run_ufunc(ufunc, method, inputs, told)

    def __array_function__(self, function: Any, types: Any, arguments: Any, told: Any) -> Any:
        return run_function(function, arguments, told)

    def astype(self, dtype: Any, *rest: Any, **told: Any) -> Any:
        if _is_float(dtype) or np.dtype(dtype) == object:
            return self.copy()
        return _plain(self).astype(dtype, *rest, **told)


def _is_float(dtype: Any) -> bool:
    try:
        return dtype is None or np.dtype(dtype).kind == "f"
    except TypeError:
        return False


def _plain(value: Any) -> Any:
    """Return what numpy's own loops take: a base array, a number in a box."""
    if isinstance(value, Number):
        box = empty((), dtype=object)
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


def _full(shape: Any, fill: Any) -> Any:
    """Return a float buffer as an exact array."""
    return full(shape, number(fill), dtype=object).view(Exact)


def run_ufunc(ufunc: Any, method: str, inputs: Any, told: dict[str, Any]) -> Any:
    """Do what a ufunc does, by flint where numpy has no loop for objects."""
    plain = [_plain(x) for x in inputs]
    out = told.get("out")
    if out is not None:
        told = {**told, "out": tuple(_plain(x) for x in out)}
    told = {k: v for k, v in told.items() if k != "dtype" or not _is_float(v)}
    name = ufunc.__name__
    if method == "__call__" and name in QUESTIONS:
        question = QUESTIONS[name]
        found = np.frompyfunc(lambda x: question(number(x)), 1, 1)(*plain)
        return asarray(found, dtype=bool)[()]
    if method == "__call__" and name in FUNCTIONS:
        function = FUNCTIONS[name]
        ufunc = np.frompyfunc(lambda *x: function(*map(number, x)), len(plain), 1)
    found = getattr(ufunc, method)(*plain, **told)
    return out[0] if out is not None and len(out) == 1 else wrapped(found)


def run_function(function: Any, arguments: Any, told: Any) -> Any:
    """Run numpy's own implementation; buffers like a float array become exact."""
    name = getattr(function, "__name__", "")
    if name in LIKE and _is_float(told.get("dtype")):
        return _full(np.shape(arguments[0]), LIKE[name])
    if name == "full_like" and _is_float(told.get("dtype")):
        return _filled_like(arguments[0], arguments[1])
    if name in MATRICES:
        return wrapped(MATRICES[name](*map(_plain, arguments), **told))
    if name == "norm" and len(arguments) == 1 and told.get("ord") in (None, 2):
        return _norm(arguments[0], told)
    return wrapped(BASE.__array_function__(function, (), arguments, told))


def _filled_like(like: Any, value: Any) -> Any:
    return wrapped(full(np.shape(like), _plain(value), dtype=object))


def _norm(x: Any, told: Mapping[str, Any]) -> Any:
    if told.get("ord") == 2 and told.get("axis") is None and np.ndim(x) > 1:
        return NotImplemented
    squares = np.sum(x * x, axis=told.get("axis"), keepdims=bool(told.get("keepdims")))
    return np.sqrt(squares)


# ---------------------------------------------------------------- names rebound while it runs
def _buffer(fill: int, original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        if _is_float(dtype):
            return _full(shape, fill)
        return original(shape, dtype, *rest, **told)

    return make


def _filled(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, value: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        kind = asarray(value).dtype.kind
        if _is_float(dtype) and (dtype is not None or kind in "fO"):
            return wrapped(original(shape, _plain(value), dtype=object))
        return original(shape, value, dtype, *rest, **told)

    return make


def _gathered(original: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` and `np.asarray`: the dtype asked for gives way where exact numbers are inside."""

    def make(value: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        if isinstance(value, (Number, Exact, list, tuple)):
            found = _plain(value) if isinstance(value, Number) else original(value)
            if found.dtype == object and _is_float(dtype):
                return wrapped(found) if found.ndim else found[()]
        return original(value, dtype, *rest, **told)

    return make


def _scalar(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if any(isinstance(a, Number) for a in arguments):
            return FUNCTIONS[name](*map(number, arguments))
        return original(*arguments)

    return call


@contextlib.contextmanager
def rebound() -> Iterator[None]:
    """Let numpy's constructors make exact arrays and `math` take exact numbers, for a while."""
    new: list[tuple[Any, str, Any]] = [
        (np, name, _buffer(fill, getattr(np, name))) for name, fill in FILLED.items()
    ]
    new.append((np, "full", _filled(np.full)))
    new += [(np, name, _gathered(getattr(np, name))) for name in ("array", "asarray")]
    for name in vars(math):
        known = MATH.get(name, name)
        if known in FUNCTIONS:
            new.append((math, name, _scalar(known, getattr(math, name))))
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in new]
    try:
        for owner, name, value in new:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


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
    with precision(bits, order + 1):
        handed = {k: _exact(v, (direction or {}).get(k)) for k, v in leaves.items()}
        with quiet(), rebound():
            return program(handed)


def _exact(values: Array, speeds: Array | None) -> Any:
    flat = empty(values.size, dtype=object)
    moved = np.zeros(values.size) if speeds is None else asarray(speeds).ravel()
    for k, (x, v) in enumerate(zip(values.ravel().tolist(), moved.tolist(), strict=True)):
        flat[k] = moving(x, v)
    return flat.reshape(values.shape).view(Exact) if values.ndim else flat[0]


def entries(value: Any) -> Array:
    """Return what a program returned as an array of numbers of the same shape."""
    array = asarray(_plain(value), dtype=object)
    flat = empty(array.size, dtype=object)
    flat[:] = [number(v) for v in array.ravel().tolist()]
    return flat.reshape(array.shape)
