"""The points a user names with `at=`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import BadSpec

Point = dict[str, Any]


def points_from(
    at: Any, argument_names: Sequence[str], *, variadic: str | None = None
) -> list[Point]:
    """Return the points of `at`, each a dict from argument name to array (or nest of arrays).

    A list is a list of points; a top-level array, number, tuple or dict is one point. A point is a
    dict by name, a tuple in argument order, or an array where the function has one argument. A list
    inside the list is a tuple where there are several arguments (TOML has no tuples), else an
    array. `variadic` names a ``*args``: what a tuple holds beyond the names becomes ``args[0]``...

    Raises BadSpec "bad-point" (with its position in `at`), "ragged-point".
    """
    points = list(at) if isinstance(at, list) else [at]
    return [
        _point(point, tuple(argument_names), variadic, f"at[{i}]" if isinstance(at, list) else "at")
        for i, point in enumerate(points)
    ]


def _point(point: Any, names: tuple[str, ...], variadic: str | None, of: str) -> Point:
    if isinstance(point, Mapping):
        return _by_name(point, names, variadic, of)
    single = len(names) == 1 and not variadic
    if isinstance(point, tuple) or (isinstance(point, list) and not single):
        if len(point) > len(names) and not variadic:
            raise _wrong_count(len(point), names, of)
        extra = [f"{variadic}[{k}]" for k in range(len(point) - len(names))]
        return {
            name: _value(part, f"{of} {name}")
            for name, part in zip((*names, *extra), point, strict=False)
        }
    if single:
        return {names[0]: _value(point, f"{of} {names[0]}")}
    if not names and variadic:
        return {f"{variadic}[0]": _value(point, f"{of} {variadic}[0]")}
    raise _wrong_count(1, names, of)


def _by_name(
    point: Mapping[str, Any], names: tuple[str, ...], variadic: str | None, of: str
) -> Point:
    for key in point:
        head = str(key).partition(".")[0].partition("[")[0]
        if head not in names and head != variadic:
            close = difflib.get_close_matches(head, names, n=1, cutoff=0.5)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            raise BadSpec(
                f'{of}: no argument is called "{key}"',
                slug="bad-point",
                hint=f"The arguments are {_listed(names)}.{meant}",
            )
    return {str(key): _value(part, f"{of} {key}") for key, part in point.items()}


def _wrong_count(count: int, names: tuple[str, ...], of: str) -> BadSpec:
    hint = f"Give a tuple ({', '.join(names)}) or a dict by name."
    if len(names) == 1:
        hint = f"A list is a list of points; one point is an array, or {{{names[0]!r}: value}}."
    return BadSpec(
        f"{of}: {count} value{'s' * (count != 1)} for {len(names)} "
        f"argument{'s' * (len(names) != 1)} ({_listed(names)})",
        slug="bad-point",
        hint=hint,
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _value(value: Any, of: str) -> Any:
    """Return numbers and nested lists of them as an array; keep dicts and tuples as nests."""
    import numpy as np

    if isinstance(value, Mapping):
        return {key: _value(part, f"{of}.{key}") for key, part in value.items()}
    if isinstance(value, tuple) or (isinstance(value, list) and any(map(_structured, value))):
        return type(value)(_value(part, f"{of}[{k}]") for k, part in enumerate(value))
    try:
        array = np.asarray(value)
    except ValueError:
        raise BadSpec(
            f"{of}: the nested lists are ragged, rows differ in length",
            slug="ragged-point",
            hint="Every row needs the same number of entries.",
        ) from None
    if array.ndim > 32:  # as many as numpy's broadcasting takes
        message = f"{of}: an array of {array.ndim} dimensions"
        raise BadSpec(message, slug="bad-point", hint="At most 32 can be worked with.")
    if array.dtype.kind not in "biufcV" or array.dtype.names:
        raise BadSpec(
            f"{of}: {type(value).__name__} {str(value)[:40]!r} is not a number or an array",
            slug="bad-point",
            hint="Points hold numbers; text selectors belong in on=.",
        )
    return array


def _structured(part: Any) -> bool:
    return isinstance(part, (Mapping, tuple)) or type(part).__module__.startswith("numpy")
