"""The words of a specification: the same in `vf.verify`, `@vf.claim`, verifier.toml and `check`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict, get_type_hints

from .checks.request import DERIVATIVES as DERIVATIVES
from .errors import BadSpec
from .nearest import did_you_mean
from .verdicts import Origin

Reference = Callable[..., Any] | str


class Told(TypedDict, total=False):
    """Everything that may be told of a check besides its subject."""

    name: str
    derivative: Reference
    second_derivative: Reference
    gradient: Reference
    jacobian: Reference
    hessian: Reference
    hessian_diagonal: Reference
    hvp: Reference
    vjp: Reference
    backward: Reference
    value_and_gradient: Reference
    grads: Mapping[str, str]
    cache: int
    claims: str | Iterable[str]
    on: Mapping[str, Any]
    at: Any
    wrt: str | Iterable[str]
    against: Reference
    opaque: bool
    inspect: bool
    dtype: str
    effort: str
    budget: float | str
    seed: int
    allow: Iterable[Any]
    expect: str | Iterable[str]
    question: str
    answer: str


WORDS = tuple(Told.__annotations__)


def require_known(told: Mapping[str, Any], where: Origin | None, *, caller: str) -> None:
    """Raise BadSpec with the nearest word where `told` holds a word that does not exist."""
    for word in told:
        if word not in WORDS:
            hint = did_you_mean(word, WORDS, otherwise=f"The words are: {', '.join(WORDS)}.")
            message = f"{caller} does not know {word!r}"
            raise BadSpec(message, slug="unknown-key", hint=hint, where=where)


def signature(*leading: inspect.Parameter) -> inspect.Signature:
    """Return the signature `(leading, *, every word)`, for help() and editors."""
    kind, hints = inspect.Parameter.KEYWORD_ONLY, get_type_hints(Told)
    named = (inspect.Parameter(word, kind, default=None, annotation=hints[word]) for word in WORDS)
    return inspect.Signature([*leading, *named])


def seconds(text: float | str, where: Origin | None = None) -> float:
    """Return a time in seconds from a number or from "10", "10s", "2m", "500ms".

    >>> seconds("2m"), seconds("500ms"), seconds(3)
    (120.0, 0.5, 3.0)
    """
    units = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = str(text).strip().lower(), 1.0
    for suffix, factor in units.items():
        if number.endswith(suffix):
            number, unit = number.removesuffix(suffix), factor
            break
    try:
        value = float(number) * unit
    except ValueError:
        value = float("nan")
    if not 0 < value < float("inf") or isinstance(text, bool):
        hint = "Write seconds, as in 10 or '60s'; '2m' is two minutes."
        raise BadSpec(f"budget {text!r} is no time", slug="bad-budget", hint=hint, where=where)
    return value


def written(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the claims that `told` makes are called, in the order of its words.

    >>> written({"gradient": "net:dloss", "claims": ["convex in w", "finite"], "on": {}})
    ('gradient', 'convex in w', 'finite')
    """
    kinds = [kind for kind in (*DERIVATIVES, "against") if told.get(kind) is not None]
    facts = ["inspect"] if told.get("inspect") else []
    return (*kinds, *listed(told.get("claims")), *facts) or ("grads",)


def listed(words: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return one word or several as a tuple.

    >>> listed("convex"), listed(["a", "b"]), listed(None)
    (('convex',), ('a', 'b'), ())
    """
    if words is None:
        return ()
    return (words,) if isinstance(words, str) else tuple(words)
