"""Where is it checked? The points of a request: given, drawn from domains, or standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..domains import BOX, POINT, STRATEGY, Domain, parse_domain, points_from
from ..errors import BadSpec
from ..frontends.calling import Arguments, arguments_of, check_required, is_floating
from ..search.points import elementwise_grid, propose
from ..settings import settings_for
from .request import Request

ELEMENTWISE = frozenset({"derivative", "second_derivative"})
STANDARD = "[-30, 30]"  # DESIGN 7: standard points where neither `on` nor `at` is given


@dataclass(frozen=True, slots=True)
class Plan:
    """The points of a check and how they came about.

    `points` maps argument names to values; `domains` are the boxes white-box points must stay in
    (empty for given points); `batched` says that entries of a 1-D array are points of their own.
    """

    arguments: Arguments
    order: tuple[str, ...]
    wrt: tuple[str, ...]
    points: tuple[dict[str, Any], ...]
    domains: Mapping[str, Domain] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    batched: bool = False
    how: str = ""


def plan(request: Request) -> Plan:
    """Return the plan of `request`. Raises BadSpec for a domain, point or name that is wrong."""
    arguments = arguments_of(request.function)
    domains, fixed = _split(request, arguments)
    elementwise = bool(ELEMENTWISE & request.derivatives.keys())
    if request.at is not None:
        return _given(request, arguments, domains, fixed, elementwise)
    how = "on"
    if not domains:
        domains, how = _standard(
            request, arguments, fixed, elementwise or _alone(request, arguments, fixed)
        ), "standard points"
    check_required(arguments, (*domains, *fixed))
    wrt = request.wrt or tuple(n for n in arguments.names if n in domains) or tuple(domains)
    _known(wrt, (*domains, *fixed))
    if not wrt and not request.grads:
        raise BadSpec(
            f"`on` gives numbers for {', '.join(fixed)}, so no argument is left to vary",
            slug="no-domain", hint=_domain_hint(fixed),
        )
    order = arguments.names or (*domains, *fixed)
    batched = elementwise and len(domains) == 1 and all(
        d.shape is None and d.kind != STRATEGY for d in domains.values())
    points = tuple(_drawn(request, domains, fixed, batched))
    return Plan(arguments, order, wrt, points, domains, fixed, batched, how)


def _domain_hint(fixed: Mapping[str, Any]) -> str:
    pairs = [n for n, v in fixed.items() if isinstance(v, (list, tuple)) and len(v) == 2]
    tables = [n for n, v in fixed.items() if isinstance(v, Mapping)]
    if pairs:
        return (f'Two numbers are data: write an interval as text, "{pairs[0]}": "[-1, 1]".')
    if tables:
        return f"A table such as {tables[0]} is data here: give its arrays in `at`, and `wrt`."
    return 'Give one a domain such as "[-1, 1]", or its values in `at`.'


def _alone(request: Request, arguments: Arguments, fixed: Mapping[str, Any]) -> bool:
    """Tell whether facts are asked of a function of one argument: standard points will do."""
    free = [n for n in arguments.required if n not in fixed]
    return request.inspect and not request.grads and len(free) == 1


def _split(request: Request, arguments: Arguments) -> tuple[dict[str, Domain], dict[str, Any]]:
    """Sort `on` into domains (to search) and data (constant)."""
    domains: dict[str, Domain] = {}
    fixed: dict[str, Any] = {}
    for name, value in request.on.items():
        known = not arguments.names or arguments.variadic or name in arguments.names
        if not known and name not in request.grads:
            raise _unknown(name, arguments)
        if isinstance(value, (Mapping, list, tuple)) and not isinstance(value, str):
            fixed[name] = value
            continue
        found = value if isinstance(value, Domain) else parse_domain(value, name=name)
        if found.kind == POINT:
            fixed[name] = value if not isinstance(value, Domain) else found.value
        else:
            domains[name] = found
    return domains, fixed


def _unknown(name: str, arguments: Arguments) -> BadSpec:
    import difflib

    near = difflib.get_close_matches(name, arguments.names, 1)
    hint = f"Did you mean '{near[0]}'?" if near else f"It has {', '.join(arguments.names)}."
    return BadSpec(f"the function has no argument '{name}'", slug="unknown-argument", hint=hint)


def _known(wrt: Iterable[str], given: Iterable[str]) -> None:
    names = tuple(given)
    for name in wrt:
        if name not in names:
            raise BadSpec(
                f"wrt names '{name}', which has no value", slug="unknown-argument",
                hint=f"Values are given for {', '.join(names) or 'nothing'}.",
            )


def _given(
    request: Request, arguments: Arguments, domains: dict[str, Domain], fixed: dict[str, Any],
    elementwise: bool,
) -> Plan:
    names = _named_by_position(request.at, arguments, fixed)
    variadic = "args" if arguments.variadic else None
    raw = points_from(request.at, names, variadic=variadic) if variadic else points_from(
        request.at, names)
    points = [{**fixed, **{k: _floating(v, k) for k, v in p.items()}} for p in raw]
    if not points:
        raise BadSpec("`at` holds no point", slug="no-point", hint="Give at least one point.")
    check_required(arguments, tuple(points[0]))
    from_at = tuple(n for n in points[0] if n not in fixed and _has_floats(points[0][n]))
    wrt = request.wrt or _in_order(arguments, tuple(n for n in domains if n in from_at) or from_at)
    _known(wrt, points[0])
    order = tuple(dict.fromkeys((*arguments.names, *points[0])))
    batched = elementwise and len(wrt) == 1 and all(
        np.ndim(p[wrt[0]]) == 0 for p in points) and len(points[0]) == 1 + len(fixed)
    if batched:
        values = [np.asarray(p[wrt[0]]) for p in points]
        points = [{**fixed, wrt[0]: np.array(values, dtype=np.result_type(*values))}]
    return Plan(arguments, order, wrt, tuple(points), {}, fixed, batched, "at")


def _in_order(arguments: Arguments, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names in the order of the signature, others behind."""
    known = tuple(n for n in arguments.names if n in names)
    return (*known, *(n for n in names if n not in known))


def _named_by_position(
    at: Any, arguments: Arguments, fixed: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the names that points without names speak of: one required argument, or all."""
    free = tuple(n for n in arguments.names if n not in fixed) or arguments.names
    required = tuple(n for n in arguments.required if n not in fixed)
    points = at if isinstance(at, list) else [at]
    named = any(isinstance(p, (Mapping, tuple)) for p in points)
    return required if len(required) == 1 and not named else free


def _floating(value: Any, name: str) -> Any:
    """Points given as whole numbers are meant as reals; anything but real numbers is refused."""
    array = np.asarray(value) if isinstance(value, (int, float, np.ndarray)) else None
    if array is None:
        if isinstance(value, (complex, str, bytes)):
            raise BadSpec(f"the point of '{name}' is {value!r}, not a real number",
                          slug="not-real", hint="Give floats or arrays of floats.")
        return value
    if array.dtype.kind in "iub" and not isinstance(value, np.ndarray):
        return np.asarray(value, dtype=float)
    if array.dtype.kind not in "fiub":
        raise BadSpec(f"the point of '{name}' has dtype {array.dtype}", slug="not-real",
                      hint="Give floats or arrays of floats.")
    return array


def _has_floats(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_floats(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return any(_has_floats(v) for v in value)
    return is_floating(value)


def _standard(
    request: Request, arguments: Arguments, fixed: Mapping[str, Any], elementwise: bool
) -> dict[str, Domain]:
    if not elementwise:
        if request.grads or (fixed and request.wrt):
            return {}
        if fixed:
            return {}
        raise BadSpec(
            "neither `on` nor `at` says where to check", slug="no-domain",
            hint="Give e.g. on={'x': '[-1, 1]^(3)'} or at={'x': array}; standard points exist "
            "for `derivative` and `second_derivative` only.",
        )
    name = next((n for n in arguments.names if n not in fixed), "" if arguments.names else "x")
    return {name: parse_domain(STANDARD, name=name)} if name else {}


def _drawn(
    request: Request, domains: Mapping[str, Domain], fixed: Mapping[str, Any], batched: bool
) -> Iterator[dict[str, Any]]:
    numbers = settings_for(request.effort)
    dtype = request.dtype or "float64"
    if not domains:
        yield dict(fixed)
        return
    if batched and len(domains) == 1:
        ((name, domain),) = domains.items()
        if domain.kind == BOX:
            grid = elementwise_grid(domain, dtype, request.seed, numbers.grid)
            yield {**fixed, name: np.unique(unsigned(grid))}
            return
    shapes = {n: d.shape for n, d in domains.items()
              if d.shape is not None and d.kind != STRATEGY}
    for point in propose(domains, shapes, dtype, request.seed, numbers.points):
        yield {**fixed, **{k: unsigned(v) for k, v in point.items()}}


def unsigned(value: Any) -> Any:
    """Return floats with -0 as 0: a verdict speaks of real numbers, and there is one zero.

    Code that looks at the sign of a zero (arctan2, copysign, 1 / x) would be judged at an input
    that is no real number.
    """
    array = np.asarray(value)
    return array + np.zeros((), array.dtype) if array.dtype.kind == "f" else value
