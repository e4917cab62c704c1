"""Which names mean something else while a program is lifted? All are restored on every exit.

Stand-ins that act on traced values alone (math.exp, scipy.special.softmax) are set on the modules
themselves. Constructors act on plain arguments too, so they are seen by the user's code only: the
user's ``np`` is a module that answers for numpy. Compiled code never meets them.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from . import constructors, distributions, scalars, stand_ins, structure
from .functions import LOWER
from .namespaces import Namespace, is_library, user_namespaces
from .operands import traced_in
from .trace import Trace

_MISSING = object()
_NOT_REBOUND: dict[str, Any] = {}


def _wrapper(
    trace: Trace, name: str, original: Callable[..., Any], run: Callable[..., Any]
) -> Callable[..., Any]:
    def wrapper(*args: Any, **options: Any) -> Any:
        if trace.closed:
            return original(*args, **options)
        return run(trace, name, original, args, options)

    wrapper.__name__, wrapper.__doc__ = name, original.__doc__
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    return wrapper


def _on_traced(run: Callable[..., Any]) -> Callable[..., Any]:
    """Let `run` act only where an argument is traced."""

    def act(trace: Trace, name: str, original: Any, args: Any, options: Any) -> Any:
        if not any(True for _ in traced_in(trace, (args, options))):
            return original(*args, **options)
        return run(trace, name, original, args, options)

    return act


@_on_traced
def _composed(trace: Trace, name: str, original: Any, args: Any, options: Any) -> Any:
    return scalars.SCIPY[name](*args, **options)


@_on_traced
def _normal(trace: Trace, name: str, original: Any, args: Any, options: Any) -> Any:
    return distributions.NORMAL[name](*args, **options)


@_on_traced
def _strided(trace: Trace, name: str, original: Any, args: Any, options: Any) -> Any:
    return structure.as_strided(trace, *args, **options)


def _wrappers(trace: Trace, module: Any, names: Any, run: Callable[..., Any]) -> dict[str, Any]:
    present = [name for name in names if hasattr(module, name)]
    return {name: _wrapper(trace, name, getattr(module, name), run) for name in present}


def _for_everyone(trace: Trace) -> list[tuple[Any, str, Any]]:
    """Return (place, name, stand-in) for names set on the libraries themselves."""
    spaces: list[tuple[Any, dict[str, Any]]] = [
        (math, _wrappers(trace, math, scalars.math_names(), _on_traced(scalars.call_math))),
        (np.lib.stride_tricks, _wrappers(trace, np.lib.stride_tricks, ("as_strided",), _strided)),
        (np.vectorize, {"__call__": stand_ins.vectorized(trace, np.vectorize.__call__)}),
    ]
    special = sys.modules.get("scipy.special")
    if special is not None:
        spaces.append((special, _wrappers(trace, special, scalars.SCIPY, _composed)))
    stats = sys.modules.get("scipy.stats")
    if stats is not None:
        kind = type(stats.norm)
        spaces.append((kind, _wrappers(trace, kind, distributions.NORMAL, _normal)))
    return [(place, name, new) for place, names in spaces for name, new in names.items()]


def _for_user(trace: Trace) -> dict[str, Any]:
    """Return the names of numpy that mean something else in the user's code."""
    found = _wrappers(trace, np, constructors.MAKERS, constructors.make)
    found |= _wrappers(trace, np, constructors.CONVERTERS, constructors.convert)
    for name in ("float16", "float32", "float64"):
        found[name] = stand_ins.number_type(trace, getattr(np, name))
    found |= {name: stand_ins.Joiner(trace, getattr(np, name)) for name in ("r_", "c_")}
    found["ndenumerate"] = stand_ins.numbered(trace, np.ndenumerate)
    return found


def _of_numpy(trace: Trace, module: ModuleType, name: str) -> Any:
    """Return a name of numpy; functions that convert lists meet traced entries in them."""
    found = getattr(np, name)
    if isinstance(found, np.ufunc) or (callable(found) and found in LOWER):
        found = vars(module)[name] = stand_ins.ListAware(trace, found)
    return found


def _numpy_for_user(trace: Trace, names: dict[str, Any]) -> ModuleType:
    """Return a module that answers as numpy, but for `names`."""
    module = ModuleType("numpy", np.__doc__)
    vars(module).update(names)
    vars(module)["__getattr__"] = lambda name: _of_numpy(trace, module, name)
    vars(module)["__path__"] = np.__path__
    return module


def _builtins(trace: Trace) -> dict[str, Any]:
    return {
        "max": _wrapper(trace, "max", max, scalars.extreme),
        "min": _wrapper(trace, "min", min, scalars.extreme),
        "float": stand_ins.number_type(trace, float),
    }


def _importing(numpy_for_user: ModuleType, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return an import that gives the user's functions their numpy."""

    def load(name: str, space: Any = None, *args: Any, **options: Any) -> Any:
        module = original(name, space, *args, **options)
        if module is np and space is not None and not is_library(space):
            return numpy_for_user
        return module

    return load


@contextmanager
def rebound(trace: Trace, program: Any) -> Iterator[None]:
    """Rebind numpy's constructors, math, and names imported from them, then restore them."""
    undo: list[tuple[Any, str, Any]] = []
    names, own = _for_user(trace), _builtins(trace)
    user = _numpy_for_user(trace, names)
    news = {id(np): user, **{id(getattr(np, name)): new for name, new in names.items()}}
    news |= {id(getattr(builtins, name)): new for name, new in own.items()}
    olds = {id(user): np, **{id(new): getattr(np, name) for name, new in names.items()}}
    olds |= {id(new): getattr(builtins, name) for name, new in own.items()}
    try:
        for place, name, new in _for_everyone(trace):
            old = vars(place).get(name, _MISSING)
            news[id(getattr(place, name))], olds[id(new)] = new, getattr(place, name)
            undo.append((place, name, old))
            setattr(place, name, new)
        undo.append((builtins, "__import__", builtins.__import__))
        builtins.__import__ = _importing(user, builtins.__import__)
        for space in user_namespaces(program):
            _rebind(space, news, own, undo)
        yield
    finally:
        for place, name, old in reversed(undo):
            _restore(place, name, old)
        for space in user_namespaces(program):  # modules imported meanwhile
            _rebind(space, olds, _NOT_REBOUND, [])


def _rebind(
    space: Namespace,
    stand_in: dict[int, Any],
    own: dict[str, Any],
    undo: list[tuple[Any, str, Any]],
) -> None:
    for name, value in list(space.items()):
        new = stand_in.get(id(value))
        if new is not None:
            undo.append((space, name, value))
            space[name] = new
    for name, new in own.items():
        if name not in space:
            undo.append((space, name, _MISSING))
            space[name] = new


def _restore(place: Any, name: str, old: Any) -> None:
    if not isinstance(place, dict):
        delattr(place, name) if old is _MISSING else setattr(place, name, old)
    elif old is _MISSING:
        place.pop(name, None)
    else:
        place[name] = old
