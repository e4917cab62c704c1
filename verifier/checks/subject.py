"""The subject at one point: what it returned, its graph, and the leaves it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import SubjectRaised
from ..frontends.calling import (
    Calling,
    Program,
    backward_of,
    call,
    call_with,
    forward_of,
    get_path,
    leaves_of_point,
    owner_of,
    rebuild,
)
from ..graph.node import Node
from .known_paths import shelf_of
from .lifting import Road, take_road
from .observe import Observation, observe
from .plan import Plan
from .request import Request

Array = np.ndarray
COTANGENT = "cotangent"


@dataclass(slots=True)
class Here:
    """The subject at one point.

    `leaves` are the exact inputs (already rounded to the dtype they are run in), `wrt` those to
    differentiate by. `output` is the node of the value, None on the opaque road. `known` keeps
    what was already found out of a claim here, by its kind, until it is asked for.
    """

    point: Mapping[str, Any]
    calling: Calling
    leaves: dict[str, Array]
    wrt: tuple[str, ...]
    observed: Observation
    value: Array
    road: Road
    output: Node | None
    program: Program
    known: dict[str, Any] = field(default_factory=dict)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {k: self.leaves[k].shape for k in self.wrt}


def stand_at(request: Request, plan: Plan, point: Mapping[str, Any]) -> Here:
    """Run and lift the subject at `point`. Raises SubjectRaised where it raises or returns junk."""
    order = tuple(dict.fromkeys((*plan.order, *point)))
    calling = Calling(order, plan.arguments.keyword, plan.wrt, point)
    leaves = leaves_of_point(point, request.dtype)
    for path in request.grads:
        value = np.asarray(get_path(owner_of(request.function), path))
        leaves[path] = value.astype(request.dtype) if request.dtype else value
    wrt = (*calling.wrt_leaves(list(leaves)), *request.grads)
    if not wrt:
        raise SubjectRaised(
            "no floating input to differentiate by", slug="not-real",
            hint=f"{_kinds(leaves, point)}. Give floats (3.0 in place of 3) or dtype=.",
        )
    program = program_of(request, calling)
    observed = observe(program, leaves)
    _demand_value(request, observed)
    value = np.asarray(observed.value)
    shelf = shelf_of(request, "value", request.function, point, leaves)
    road = take_road(program, leaves, observed.value, opaque=request.opaque, join=True,
                     shelf=shelf)
    output = output_node(road, value)
    return Here(point, calling, leaves, wrt, observed, value, road, output, program)


def _kinds(leaves: Mapping[str, Array], point: Mapping[str, Any]) -> str:
    """Return what every argument holds, for a message."""
    kinds = {k: np.asarray(leaves.get(k, v), dtype=None).dtype.name for k, v in point.items()
             if isinstance(v, (int, float, bool, np.ndarray, np.generic))}
    return ", ".join(f"{k} is {kind}" for k, kind in kinds.items()) or "No argument is a number"


def output_node(road: Road, value: Array) -> Node | None:
    """Return the node of the subject's value, None on the opaque road."""
    if road.lifted is None:
        return None
    found = road.lifted.output
    if isinstance(found, Node):
        return found
    from .blocks import _single

    single = _single(found)
    if isinstance(single, Node):
        return single
    from ..graph.node import constant

    return constant(np.asarray(value, dtype=float))


def program_of(request: Request, calling: Calling) -> Program:
    """Return the program of the subject's value alone."""
    if request.grads:
        whole = forward_of(request.function, calling, tuple(request.grads))
    else:
        whole = call(request.function, calling)
    if "value_and_gradient" in request.derivatives:
        return _entry(whole, 0)
    if request.cache is not None:
        return _entry(whole, 0 if request.cache != 0 else 1)
    return whole


def _entry(program: Program, place: int) -> Program:
    return lambda leaves: program(leaves)[place]


def _demand_value(request: Request, observed: Observation) -> None:
    if observed.raised is not None:
        raise SubjectRaised(
            f"'{request.subject}' raises {observed.raised}", slug="subject-raised",
            where=observed.where,
            hint="Call it by hand at this point; check shapes and the domain in `on`.",
        )
    value = observed.value
    if value is None:
        raise SubjectRaised(
            f"'{request.subject}' returns None", slug="returns-none", where=request.origin,
            hint="Does it end without `return`?",
        )
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    nested = isinstance(value, (tuple, dict)) and not _all_numbers(value)
    if nested or array.dtype.kind not in "fiub":
        raise SubjectRaised(
            f"'{request.subject}' returns {_kind(value)}, not one array of real numbers",
            slug="not-real", where=request.origin,
            hint="Return one float or float array; `cache=` and `value_and_gradient=` take pairs.",
        )


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of dtype {value.dtype}"
    return type(value).__name__


def _all_numbers(value: Any) -> bool:
    return isinstance(value, tuple) and all(np.ndim(v) == 0 and np.isscalar(v) for v in value)


# ---------------------------------------------------------------- claimed derivatives
def claim_program(request: Request, kind: str, here: Here) -> tuple[Program, dict[str, Array]]:
    """Return the program of a claimed derivative and the extra leaves it takes."""
    claim: Callable[..., Any] = request.derivatives[kind]
    if kind == "value_and_gradient":
        return _entry(call(claim, here.calling), 1), {}
    if kind == "backward":
        extra = {COTANGENT: weights(here.value.shape, here.value.dtype, request.seed)}
        return backward_of(request.function, claim, here.calling, request.grads, request.cache,
                           COTANGENT), extra
    if kind == "vjp":
        extra = {COTANGENT: weights(here.value.shape, here.value.dtype, request.seed)}
        return call_with(claim, here.calling, (COTANGENT,)), extra
    if kind == "hvp":
        return _with_direction(request, claim, here)
    return call(claim, here.calling), {}


def _with_direction(
    request: Request, claim: Callable[..., Any], here: Here
) -> tuple[Program, dict[str, Array]]:
    extra = {f"direction {k}": weights(here.leaves[k].shape, here.leaves[k].dtype,
                                       request.seed + place)
             for place, k in enumerate(here.wrt)}

    def program(leaves: dict[str, Any]) -> Any:
        positional, keyword = here.calling.arguments(leaves)
        renamed = {k: leaves[f"direction {k}"] for k in here.wrt}
        parts = [rebuild(here.point[w], w, renamed) for w in here.calling.wrt]
        vector = parts[0] if len(parts) == 1 else tuple(parts)
        return claim(*positional, vector, **keyword)

    return program, extra


def weights(shape: tuple[int, ...], dtype: Any, seed: int) -> Array:
    """Return small dyadic weights without zeros: exact in every dtype, no two blocks alike."""
    random = np.random.default_rng([seed, 77])
    numbers = random.integers(1, 17, size=shape) * random.choice([-1, 1], size=shape)
    kind = np.dtype(dtype) if np.dtype(dtype).kind == "f" else np.dtype(float)
    return np.asarray(numbers / 8.0, dtype=kind)
