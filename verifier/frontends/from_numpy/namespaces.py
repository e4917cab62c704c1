"""Which globals belong to the user's code?"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any

from .origins import is_inside, is_installed

Namespace = MutableMapping[str, Any]
_DEPTH = 5


def is_library(space: Namespace) -> bool:
    """Tell whether globals belong to verifier, numpy, scipy or the standard library."""
    file = space.get("__file__")
    return isinstance(file, str) and is_inside(file) and space.get("__name__") != "__main__"


def user_namespaces(program: Any) -> list[Namespace]:
    """Return the globals of the user's modules, and of what `program` calls."""
    own, packaged = _modules()
    found = {id(space): space for space in own}
    reached: dict[int, Namespace] = {}
    _reach(program, reached, _DEPTH)
    packages = {_package(space) for space in reached.values() if not is_library(space)} - {""}
    for package in packages:  # the package the program comes from, even where it is installed
        reached.update((id(space), space) for space in packaged.get(package, ()))
    return [space for space in (found | reached).values() if not is_library(space)]


@dataclass(slots=True)
class _Seen:
    """The modules there were when they were last looked through, and what was found."""

    modules: list[Any]
    own: list[Namespace]
    packaged: dict[str, list[Namespace]]


_seen = _Seen([], [], {})


def _modules() -> tuple[list[Namespace], dict[str, list[Namespace]]]:
    """Return the globals of the user's modules, and those of all modules by package.

    Looking through thousands of modules costs more than most lifts: it is done again only where
    a module came or went.
    """
    modules, known = list(sys.modules.values()), _seen.modules
    if len(modules) != len(known) or not all(map(operator.is_, modules, known)):
        _seen.own, _seen.packaged = _looked_through(modules)
        _seen.modules = modules
    return _seen.own, _seen.packaged


def _looked_through(modules: list[Any]) -> tuple[list[Namespace], dict[str, list[Namespace]]]:
    own: list[Namespace] = []
    packaged: dict[str, list[Namespace]] = {}
    for module in modules:
        file = getattr(module, "__file__", None)
        name = getattr(module, "__name__", "")
        space = getattr(module, "__dict__", None)
        if space is None:
            continue
        if name == "__main__" or (isinstance(file, str) and not is_installed(file)):
            own.append(space)
        packaged.setdefault(_package(space), []).append(space)
    return own, packaged


def _package(space: Namespace) -> str:
    name = space.get("__name__")
    return name.partition(".")[0] if isinstance(name, str) and name != "__main__" else ""


def _reach(thing: Any, found: dict[int, Namespace], depth: int) -> None:
    """Collect the globals of the functions `thing` is made of, closures followed."""
    if depth == 0:
        return
    if isinstance(thing, MethodType):
        _reach(thing.__func__, found, depth)
        _reach(type(thing.__self__), found, depth - 1)
    elif isinstance(thing, functools.partial):
        _reach(thing.func, found, depth)
    elif isinstance(thing, FunctionType):
        _reach_function(thing, found, depth)
    elif isinstance(thing, type):
        module = sys.modules.get(thing.__module__)
        if module is not None:
            found[id(vars(module))] = vars(module)
        for method in vars(thing).values():
            if isinstance(method, FunctionType):
                found[id(method.__globals__)] = method.__globals__
    elif isinstance(thing, (list, tuple)):
        for item in thing[:8]:
            _reach(item, found, depth - 1)
    elif type(thing).__module__ != "builtins":
        _reach(type(thing), found, depth - 1)


def _reach_function(function: FunctionType, found: dict[int, Namespace], depth: int) -> None:
    found[id(function.__globals__)] = function.__globals__
    for cell in function.__closure__ or ():
        try:
            _reach(cell.cell_contents, found, depth - 1)
        except ValueError:  # the cell is empty
            continue
