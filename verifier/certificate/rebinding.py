"""Buffers and `math` for exact numbers: names of the user's modules, rebound while their code runs.

`out = np.zeros(n); out[i] = ...` must make a buffer that holds numbers. Only the user's own modules
see other names: compiled code that asks numpy for a buffer writes raw floats into it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from ..frontends.from_numpy.namespaces import Namespace, user_namespaces
from .arrays import Exact, buffer, is_float, plain, wrapped
from .functions import FUNCTIONS, MATH
from .recording import Recorded, recorded
from .taylor import Number, number

BUFFERS = {"zeros": 0, "empty": 0, "ones": 1}


@contextlib.contextmanager
def rebound(program: Any) -> Iterator[None]:
    """Give the modules that `program` is made of constructors of exact arrays, for a while."""
    arrays = {name: _buffer(fill, getattr(np, name)) for name, fill in BUFFERS.items()}
    arrays["full"] = _filled(np.full)
    arrays |= {name: _gathered(getattr(np, name)) for name in ("array", "asarray")}
    scalars = {
        name: _scalar(MATH.get(name, name), getattr(math, name))
        for name in vars(math)
        if MATH.get(name, name) in FUNCTIONS
    }
    new: dict[int, Any] = {id(np): _module(np, arrays), id(math): _module(math, scalars)}
    new |= {id(getattr(np, name)): made for name, made in arrays.items()}
    new |= {id(getattr(math, name)): made for name, made in scalars.items()}
    undo: list[tuple[Namespace, str, Any]] = []
    try:
        for space in user_namespaces(program):
            for name, value in list(space.items()):
                if id(value) in new:
                    undo.append((space, name, value))
                    space[name] = new[id(value)]
        yield
    finally:
        for space, name, value in undo:
            space[name] = value


def _module(module: ModuleType, names: dict[str, Any]) -> ModuleType:
    """Return a module that answers as `module`, but for `names`."""
    made = ModuleType(module.__name__, module.__doc__)
    vars(made).update(names)
    vars(made)["__getattr__"] = lambda name: getattr(module, name)
    return made


def _buffer(fill: int, original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        if is_float(dtype):
            return buffer(shape, fill)
        return original(shape, dtype, *rest, **told)

    return make


def _filled(original: Callable[..., Any]) -> Callable[..., Any]:
    def make(shape: Any, value: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        kind = np.asarray(value).dtype.kind
        if is_float(dtype) and (dtype is not None or kind in "fO"):
            return wrapped(original(shape, plain(value), dtype=object))
        return original(shape, value, dtype, *rest, **told)

    return make


def _gathered(original: Callable[..., Any]) -> Callable[..., Any]:
    """`np.array` and `np.asarray`: the dtype asked for gives way where exact numbers are inside."""

    def make(value: Any, dtype: Any = None, *rest: Any, **told: Any) -> Any:
        if isinstance(value, (Number, Exact, list, tuple)):
            found = plain(value) if isinstance(value, Number) else original(value)
            if found.dtype == object and is_float(dtype):
                return wrapped(found) if found.ndim else found[()]
        return original(value, dtype, *rest, **told)

    return make


def _scalar(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if any(isinstance(a, Recorded) for a in arguments):
            return recorded(name, *arguments)
        if any(isinstance(a, Number) for a in arguments):
            return FUNCTIONS[name](*map(number, arguments))
        return original(*arguments)

    return call
