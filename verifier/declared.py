"""`@vf.claim(...)`: what a function's author asserts of it, kept until it is checked."""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar, Unpack

from .errors import BadSpec
from .verdicts import Origin
from .words import Told, require_known, signature

ATTRIBUTE = "__verifier_claims__"

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """One use of `vf.claim`: the subject, what was told of it, and where.

    `names` are the globals of the declaring module: a string such as `gradient="dloss"` is looked
    up there when the check is made, so it may name what is defined further down.
    """

    subject: Callable[..., Any]
    told: Told
    where: Origin
    names: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Return the name of the check: the one told, else the function's."""
        return self.told.get("name") or title(self.subject)


def title(subject: Any) -> str:
    """Return what a callable is called, `Layer.forward` or `softplus`."""
    named = getattr(subject, "__qualname__", None) or getattr(subject, "__name__", None)
    return (named or type(subject).__name__).replace("<locals>.", "")


def claim(**told: Unpack[Told]) -> Callable[[Function], Function]:
    """Claim something of the decorated function, which is returned unchanged.

    The words are those of `vf.verify`. `verifier run FILE.py` checks the claims of a file; so does
    `vf.verify(function)`. A string may name what is defined further down.

    >>> @claim(derivative="dcube", on={"x": "[-2, 2]"})
    ... def cube(x):
    ...     return x**3
    >>> [declared.told["derivative"] for declared in cube.__verifier_claims__]
    ['dcube']

    Raises BadSpec for an unknown word or where the decorated object is not callable.
    """
    frame = sys._getframe(1)
    file, line, names = frame.f_code.co_filename, frame.f_lineno, frame.f_globals
    where = Origin(file, line, linecache.getline(file, line).strip())
    require_known(told, where, caller="vf.claim")

    def decorate(function: Function) -> Function:
        given: object = function
        if not callable(given):
            message = f"vf.claim was given {type(given).__name__}, not a callable"
            raise BadSpec(message, slug="not-callable", where=where)
        declared = Declared(function, told, where, names)
        names.setdefault(ATTRIBUTE, []).append(declared)
        if isinstance(function, FunctionType):  # a bound method would share it with its class
            function.__dict__.setdefault(ATTRIBUTE, []).append(declared)
        return function

    return decorate


claim.__signature__ = signature()  # type: ignore[attr-defined]


def declared_in(module: ModuleType) -> tuple[Declared, ...]:
    """Return the claims that the file of `module` makes, in order."""
    return tuple(getattr(module, ATTRIBUTE, ()))


def declared_of(function: Any) -> tuple[Declared, ...]:
    """Return the claims that were made of `function`, in order."""
    return tuple(getattr(inspect.unwrap(function), ATTRIBUTE, ())) if callable(function) else ()


def scope_root(declared: Declared) -> Path:
    """Return the folder relative file names of a declaration start from."""
    return Path(declared.where.file).resolve().parent
