"""Which globals belong to the user's code?"""

from __future__ import annotations

import functools
import sys
from collections.abc import MutableMapping
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
    found: dict[int, Namespace] = {}
    modules = list(sys.modules.values())
    for module in modules:
        file = getattr(module, "__file__", None)
        name = getattr(module, "__name__", "")
        if name == "__main__" or (isinstance(file, str) and not is_installed(file)):
            found[id(vars(module))] = vars(module)
    reached: dict[int, Namespace] = {}
    _reach(program, reached, _DEPTH)
    packages = {_package(space) for space in reached.values() if not is_library(space)} - {""}
    for module in modules:  # the package the program comes from, even where it is installed
        if _package(getattr(module, "__dict__", {})) in packages:
            reached[id(vars(module))] = vars(module)
    return [space for space in (found | reached).values() if not is_library(space)]


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
