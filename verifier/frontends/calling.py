"""How is a function called? Arguments, leaves, and the program a claim stands for.

A point is a dict from argument names to values, which may be nested dicts, lists or tuples of
arrays. Its floating leaves get names (`params.W1`, `layers[0]`); a program takes these leaves.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import BadSpec, BadSubject
from ..verdicts import Origin

Leaves = dict[str, Any]
Program = Callable[[Leaves], Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The parameters of a subject: names in order, defaults, and whether more may follow."""

    names: tuple[str, ...]
    required: tuple[str, ...]
    keyword: frozenset[str]
    variadic: bool


def arguments_of(function: Callable[..., Any]) -> Arguments:
    """Read the signature of `function`; a builtin without one counts as ``f(*args)``."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Arguments((), (), frozenset(), True)
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return Arguments(
        tuple(p.name for p in named),
        tuple(p.name for p in named if p.default is p.empty),
        frozenset(p.name for p in named if p.kind is p.KEYWORD_ONLY),
        any(p.kind is p.VAR_POSITIONAL for p in parameters),
    )


def origin_of(function: Any) -> Origin | None:
    """Return where `function` is defined, with the text of its first line."""
    try:
        target = inspect.unwrap(getattr(function, "__func__", function))
        lines, number = inspect.getsourcelines(target)
        file = inspect.getsourcefile(target) or "?"
    except (OSError, TypeError):
        return None
    text = next((line.strip() for line in lines if line.strip().startswith("def ")), lines[0])
    return Origin(file, number, text.strip())


# ---------------------------------------------------------------- leaves
def is_floating(value: Any) -> bool:
    """Tell whether `value` is a leaf that can be differentiated: a float, or a float array."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or value is None:
        return False
    if isinstance(value, (float, np.floating)):
        return True
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def flatten(value: Any, name: str) -> dict[str, Any]:
    """Return the leaves of one argument by name."""
    if isinstance(value, Mapping):
        parts = [flatten(v, f"{name}.{k}") for k, v in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [flatten(v, f"{name}[{k}]") for k, v in enumerate(value)]
    else:
        return {name: value}
    return {k: v for part in parts for k, v in part.items()}


def leaves_of_point(point: Mapping[str, Any], dtype: str | None) -> dict[str, np.ndarray]:
    """Return the floating leaves of a point as arrays, cast to `dtype` where one is given."""
    found: dict[str, np.ndarray] = {}
    for name, value in point.items():
        for leaf, entry in flatten(value, name).items():
            if is_floating(entry):
                array = np.asarray(entry)
                found[leaf] = array.astype(dtype) if dtype else array
    return found


def rebuild(value: Any, name: str, leaves: Mapping[str, Any]) -> Any:
    """Return the argument with its leaves replaced; containers are new, other entries shared."""
    if isinstance(value, Mapping):
        return {k: rebuild(v, f"{name}.{k}", leaves) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [rebuild(v, f"{name}[{k}]", leaves) for k, v in enumerate(value)]
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*parts)
        return type(value)(parts)
    return leaves.get(name, value)


def _fresh(value: Any) -> Any:
    """Copy data handed to user code, so that what it mutates is never ours."""
    return value.copy() if isinstance(value, np.ndarray) else copy.deepcopy(value)


@dataclass(frozen=True, slots=True)
class Calling:
    """How the subject and its claims are called at one point.

    `point` holds the arguments as the user gave them, `order` the positional names, `keyword`
    the keyword-only ones; `wrt` names the arguments to differentiate by.
    """

    order: tuple[str, ...]
    keyword: frozenset[str]
    wrt: tuple[str, ...]
    point: Mapping[str, Any]

    def arguments(self, leaves: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and keyword arguments with the given leaves in place."""
        built = {
            n: rebuild(_fresh(v) if not flatten(v, n).keys() & leaves.keys() else v, n, leaves)
            for n, v in self.point.items()
        }
        positional = [built[n] for n in self.order if n in built and n not in self.keyword]
        return positional, {n: v for n, v in built.items() if n in self.keyword}

    def wrt_leaves(self, leaves: Sequence[str]) -> tuple[str, ...]:
        """Return the leaves of the arguments in `wrt`, in order."""
        return tuple(x for x in leaves for w in self.wrt if _belongs(x, w))


def _belongs(leaf: str, argument: str) -> bool:
    return leaf == argument or leaf.startswith((f"{argument}.", f"{argument}["))


def call(function: Callable[..., Any], calling: Calling) -> Program:
    """Return the program ``leaves -> function(*arguments)``."""

    def program(leaves: Leaves) -> Any:
        positional, keyword = calling.arguments(leaves)
        return function(*positional, **keyword)

    return program


def call_with(function: Callable[..., Any], calling: Calling, extra: Sequence[str]) -> Program:
    """Return ``leaves -> function(*arguments, extra leaves)``: hvp and vjp claims."""

    def program(leaves: Leaves) -> Any:
        positional, keyword = calling.arguments(leaves)
        return function(*positional, *(leaves[e] for e in extra), **keyword)

    return program


# ---------------------------------------------------------------- objects with state
def owner_of(function: Any) -> Any:
    """Return the object a method is bound to; raises BadSubject where there is none."""
    owner = getattr(function, "__self__", None)
    if owner is None or inspect.isclass(owner) or inspect.ismodule(owner):
        raise BadSubject(
            f"'{getattr(function, '__name__', function)}' is not a method of an object",
            slug="not-a-method",
            hint="`backward` without `cache` and `grads` need a method such as layer.forward.",
        )
    return owner


def get_path(owner: Any, path: str) -> Any:
    """Return ``owner.a.b`` or ``owner.params['W']`` for the path ``a.b`` / ``params.W``."""
    for part in path.split("."):
        owner = owner[part] if isinstance(owner, Mapping) else getattr(owner, part)
    return owner


def set_path(owner: Any, path: str, value: Any) -> None:
    """Set what :func:`get_path` reads."""
    *before, last = path.split(".")
    for part in before:
        owner = owner[part] if isinstance(owner, Mapping) else getattr(owner, part)
    if isinstance(owner, dict):
        owner[last] = value
    else:
        setattr(owner, last, value)


def forward_of(function: Any, calling: Calling, attributes: Sequence[str]) -> Program:
    """Return forward on a copy of the object whose `attributes` are leaves."""

    def program(leaves: Leaves) -> Any:
        owner = _with_leaves(owner_of(function), attributes, leaves)
        positional, keyword = calling.arguments(leaves)
        return getattr(owner, function.__name__)(*positional, **keyword)

    return program


def _with_leaves(owner: Any, attributes: Sequence[str], leaves: Leaves) -> Any:
    fresh = copy.deepcopy(owner)
    for path in attributes:
        set_path(fresh, path, leaves[path])
    return fresh


def backward_of(
    function: Any, backward: Any, calling: Calling, grads: Mapping[str, str],
    cache: int | None, cotangent: str,
) -> Program:
    """Return ``leaves -> (what backward returned, {attribute: its gradient})``.

    Stateful form: backward runs right after forward on the same (copied) object. Cache form:
    `cache` is the position of the cache in what forward returned, and backward takes it last.
    """

    def program(leaves: Leaves) -> Any:
        positional, keyword = calling.arguments(leaves)
        if cache is not None:
            out = function(*positional, **keyword)
            return backward(leaves[cotangent], out[cache]), {}
        owner = _with_leaves(owner_of(function), tuple(grads), leaves)
        getattr(owner, function.__name__)(*positional, **keyword)
        twin = getattr(owner, backward.__name__) if _same_owner(function, backward) else backward
        returned = twin(leaves[cotangent])
        return returned, {a: get_path(owner, g) for a, g in grads.items()}

    return program


def _same_owner(function: Any, backward: Any) -> bool:
    return getattr(backward, "__self__", None) is getattr(function, "__self__", ...)


def _missing_hint(name: str) -> str:
    if name == "self":
        return "It is a method of a class: check that of an object, as in `Model().loss`."
    return "Give each a domain in `on`, a value in `at`, or a default."


def check_required(arguments: Arguments, given: Sequence[str]) -> None:
    """Raise BadSpec listing the arguments that have neither default nor value nor domain."""
    missing = [n for n in arguments.required if n not in given]
    if missing:
        listed = ", ".join(f"'{n}'" for n in missing)
        raise BadSpec(
            f"no value for the argument{'s' if len(missing) > 1 else ''} {listed}",
            slug="missing-argument",
            hint=_missing_hint(missing[0]),
        )
