"""What does `module:function`, `file.py:name`, `module:factory()` or `net:loss[1]['W1']` name?

A reference is `module:expression` or `path/to/file.py:expression`. The expression is dotted
attributes, calls with literal arguments and selectors in brackets; a selector after something
callable picks from its *result*: `"xgb:objective[0]"` is the function that returns the first
output of `objective`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from .errors import BadSubject
from .importing import import_file, import_module, one_line, place_of
from .nearest import did_you_mean
from .verdicts import Origin

_FILE = re.compile(r"^(?P<place>.*\.py):(?P<expression>.*)$", re.DOTALL)
_MODULE = re.compile(r"^(?P<place>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<expression>[A-Za-z_].*)$")


@dataclass(frozen=True, slots=True)
class Selected:
    """The function that calls `function` and picks from its result: `loss[1]['W1']`.

    `picks` are applied in order, an `("item", key)` as `result[key]`, an `("attribute", name)` as
    `result.name`.
    """

    function: Callable[..., Any]
    picks: tuple[tuple[str, Any], ...]

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        result = self.function(*arguments, **named)
        for kind, key in self.picks:
            try:
                result = result[key] if kind == "item" else getattr(result, key)
            except (AttributeError, LookupError, TypeError) as error:
                message = f"{self.__name__}: what was returned, {_article(type(result).__name__)}"
                raise BadSubject(
                    f"{message}, has no such part", slug="no-such-part", hint=_parts(result)
                ) from error
        return result

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        return self.function

    @property
    def __name__(self) -> str:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        shown = (f"[{key!r}]" if kind == "item" else f".{key}" for kind, key in self.picks)
        return name + "".join(shown)


@dataclass(frozen=True)
class Scope:
    """Where references are looked up while one check is prepared.

    `root` is the folder of relative file names; `names` what a reference without a module may
    name (the declaring module's globals); `made` keeps what factories returned, so that
    `module:layer().forward` and `module:layer().backward` are of one object.
    """

    root: Path
    names: Mapping[str, Any] | None = None
    where: Origin | None = None
    made: dict[str, Any] = field(default_factory=dict)


def is_reference(text: str) -> bool:
    """Tell whether `text` has the form of a reference rather than of a domain.

    >>> is_reference("data:X"), is_reference("data.py:load()[0]"), is_reference("[-1, 1]")
    (True, True, False)
    """
    return bool(_FILE.match(text) or _MODULE.match(text))


def resolve(reference: str, scope: Scope) -> Any:
    """Return what `reference` names; raise BadSubject with the place and the nearest name."""
    found = _FILE.match(reference) or _MODULE.match(reference)
    if found:
        place, expression = found["place"], found["expression"].strip()
    elif scope.names is not None:
        place, expression = "", reference.strip()
    else:
        raise _bad(scope, f"{reference!r} names no module", "no-such-name", _FORM)
    return _Walk(reference, place, scope).value(_parsed(expression, reference, scope))


def resolve_callable(reference: str, scope: Scope) -> Callable[..., Any]:
    """Return the callable that `reference` names; anything else is a BadSubject."""
    value: Any = resolve(reference, scope)
    if callable(value):
        return cast(Callable[..., Any], value)
    kind = type(value).__name__
    hint = "Name a function, a method or an object with __call__."
    raise _bad(scope, f"{reference} is {_article(kind)}, not a callable", "not-callable", hint)


_FORM = "Write 'module:function' or 'path/to/file.py:function'."


def _article(kind: str) -> str:
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def _parts(result: Any) -> str:
    """Return what can be picked from a value, as a hint."""
    if isinstance(result, dict):
        return f"It has {', '.join(repr(key) for key in list(result)[:8]) or 'no keys'}."
    if isinstance(result, list | tuple):
        return f"Its parts are [0] to [{len(result) - 1}]." if result else "It is empty."
    return "Leave the selector out."


def _bad(scope: Scope, message: str, slug: str, hint: str = "") -> BadSubject:
    return BadSubject(message, slug=slug, hint=hint, where=scope.where)


def _parsed(expression: str, reference: str, scope: Scope) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError) as error:
        message = f"{reference!r} cannot be read as a name with selectors"
        raise _bad(scope, message, "bad-reference", _FORM) from error


@dataclass(frozen=True)
class _Walk:
    """One walk along the expression of one reference."""

    reference: str
    place: str
    scope: Scope

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self.named(name)
            case ast.Attribute(value=inner, attr=name):
                return self.attribute(self.value(inner), name, ast.unparse(inner))
            case ast.Subscript(value=inner, slice=key):
                return self.item(self.value(inner), self.literal(key), ast.unparse(inner))
            case ast.Call(func=inner, args=arguments, keywords=[]):
                return self.called(node, self.value(inner), [self.literal(a) for a in arguments])
        message = f"{self.reference!r} holds more than names, calls and selectors"
        raise _bad(self.scope, message, "bad-reference", _FORM)

    def literal(self, node: ast.expr) -> Any:
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                return slice(*(part and self.literal(part) for part in (lower, upper, step)))
            case ast.Tuple(elts=parts):
                return tuple(self.literal(part) for part in parts)
        try:
            return ast.literal_eval(node)
        except ValueError as error:
            message = f"{self.reference!r}: {ast.unparse(node)} is not a plain number or string"
            raise _bad(self.scope, message, "bad-reference", "Selectors are literals.") from error

    def named(self, name: str) -> Any:
        if not self.place:
            assert self.scope.names is not None
            if name in self.scope.names:
                return self.scope.names[name]
            message = f"no {name!r} in the module that claims it"
            hint = did_you_mean(name, self.scope.names, otherwise=_FORM)
            raise _bad(self.scope, message, "no-such-name", hint)
        if self.place.endswith(".py"):
            module = import_file(self.scope.root / os.path.expanduser(self.place), self.scope.where)
        else:
            module = import_module(self.place, self.scope.where)
        return self.attribute(module, name, self.place)

    def attribute(self, owner: Any, name: str, shown: str) -> Any:
        if isinstance(owner, Selected):
            return Selected(owner.function, (*owner.picks, ("attribute", name)))
        try:
            return getattr(owner, name)
        except AttributeError as error:
            hint = did_you_mean(name, (n for n in dir(owner) if not n.startswith("__")))
            message = f"{shown} has no attribute {name!r}"
            raise _bad(self.scope, message, "no-such-name", hint) from error

    def item(self, owner: Any, key: Any, shown: str) -> Any:
        if isinstance(owner, Selected):
            return Selected(owner.function, (*owner.picks, ("item", key)))
        if callable(owner):
            return Selected(owner, (("item", key),))
        try:
            return owner[key]
        except Exception as error:
            message = f"{self.reference!r}: {shown}[{key!r}] raised {one_line(error)}"
            raise _bad(self.scope, message, "no-such-name") from error

    def called(self, node: ast.expr, factory: Any, arguments: list[Any]) -> Any:
        key = f"{self.place}:{ast.unparse(node)}"
        if key in self.scope.made:
            return self.scope.made[key]
        if not callable(factory):
            message = f"{self.reference!r}: {_article(type(factory).__name__)} cannot be called"
            raise _bad(self.scope, message, "not-callable", "Leave the parentheses out.")
        try:
            self.scope.made[key] = factory(*arguments)
        except Exception as error:
            message = f"calling {ast.unparse(node)} raised {one_line(error)}"
            where = place_of(error) or self.scope.where
            raise BadSubject(message, slug="factory-raised", where=where) from error
        return self.scope.made[key]
