"""The subject and its claim at a witness, as programs of named leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..checks.blocks import arrange, expected_blocks
from ..checks.plan import plan
from ..checks.request import Request
from ..errors import BadSpec, BadSubject, SubjectRaised, VerifierError
from ..frontends.calling import (
    Calling,
    Program,
    backward_of,
    call,
    call_with,
    flatten,
    forward_of,
    rebuild,
)
from ..importing import one_line, place_of
from .arrays import entries, quiet
from .asked import is_domain

Array = np.ndarray
COTANGENT, ALONG = "cotangent", "direction "


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject at one witness.

    `leaves` are the function's inputs, `extra` the cotangent or direction a claim takes besides;
    `wrt` the leaves differentiated by, in order. `kind` is a word such as "gradient".
    """

    request: Request
    kind: str
    leaves: dict[str, Array]
    extra: dict[str, Array]
    calling: Calling
    wrt: tuple[str, ...]
    function: Program

    def value(self) -> Array:
        """Return what the function returns at the witness, run as the user runs it."""
        return np.asarray(ran(self.function, self.leaves, "the function"))

    def claim(self) -> Program:
        """Return the claimed derivative as a program; raise BadSubject where it is not known."""
        claimed = self.request.derivatives.get(self.kind)
        if not callable(claimed):
            raise BadSubject(
                f"the report does not say where the claimed {self.kind} is defined",
                slug="not-recorded",
                hint="Name it as 'module:function' when the report is made.",
            )
        if self.kind == "value_and_gradient":
            return _entry(call(claimed, self.calling), 1)
        if self.kind == "backward":
            asked = self.request
            return backward_of(
                asked.function, claimed, self.calling, asked.grads, asked.cache, COTANGENT
            )
        if self.kind == "vjp":
            return call_with(claimed, self.calling, (COTANGENT,))
        return self._hvp(claimed) if self.kind == "hvp" else call(claimed, self.calling)

    def _hvp(self, claimed: Callable[..., Any]) -> Program:
        def program(leaves: dict[str, Any]) -> Any:
            positional, keyword = self.calling.arguments(leaves)
            moved = {k: leaves[ALONG + k] for k in self.wrt}
            parts = [rebuild(self.calling.point[w], w, moved) for w in self.calling.wrt]
            return claimed(*positional, parts[0] if len(parts) == 1 else tuple(parts), **keyword)

        return program

    def blocks(self, returned: Any, out: tuple[int, ...]) -> dict[str, Array]:
        """Return what the claim returned by block, entries as exact numbers or as they are."""
        blocks = expected_blocks(self.kind, out, {k: self.leaves[k].shape for k in self.wrt})
        labels = [b.label for b in blocks]
        if self.kind == "backward":
            value, by_attribute = returned
            inputs = [x for x in labels if x not in by_attribute]
            parts = dict(by_attribute)
            if inputs and value is not None:
                parts.update(arrange(self.kind, value, self.calling, inputs))
        else:
            parts = arrange(self.kind, returned, self.calling, labels)
        return {b.label: _shaped(parts[b.label], b.shape) for b in blocks if b.label in parts}


def _shaped(part: Any, shape: tuple[int, ...]) -> Array:
    array = np.asarray(part)
    if array.size != int(np.prod(shape, dtype=np.int64)):
        raise BadSpec(
            f"the claim returns shape {array.shape} where {shape} is due",
            slug="wrong-shape",
            hint="The code has changed: make the report again.",
        )
    return (entries(part) if array.dtype == object else array).reshape(shape)


def as_run(program: Program, leaves: Mapping[str, Array]) -> Any:
    """Run a program on copies, single numbers as numpy scalars, as the engine does."""
    handed = {k: v.copy() if v.ndim else v[()] for k, v in leaves.items()}
    with quiet():
        return program(handed)


def ran(program: Program, leaves: Mapping[str, Array], what: str) -> Any:
    """Run a program as :func:`as_run`; raise SubjectRaised with the user's line where it raises."""
    try:
        return as_run(program, leaves)
    except VerifierError:
        raise
    except Exception as error:
        raise SubjectRaised(
            f"{what} raises {one_line(error)} at the witness",
            slug="subject-raised",
            where=place_of(error),
        ) from error


def stand(request: Request, point: Mapping[str, Array], kind: str) -> Standing:
    """Return the subject at a recorded point. Raises BadSpec where point and signature differ."""
    extra = {k: v for k, v in point.items() if k == COTANGENT or k.startswith(ALONG)}
    leaves = {k: v for k, v in point.items() if k not in extra}
    attributes = tuple(k for k in request.grads if k in leaves)
    values = _values(request, {k: v for k, v in leaves.items() if k not in attributes})
    free = {k: v for k, v in values.items() if k not in request.on or is_domain(request.on[k])}
    found = plan(replace(request, at=[free] if free else None))
    missing = [name for name in found.arguments.required if name not in values]
    if missing:
        raise BadSpec(
            f"the witness holds no point for '{missing[0]}'",
            slug="not-a-report",
            hint="The report was edited, or the code has changed: make the report again.",
        )
    order = tuple(dict.fromkeys((*found.order, *values)))
    calling = Calling(order, found.arguments.keyword, found.wrt, values)
    inside = [k for name in found.wrt for k in flatten(values[name], name) if k in leaves]
    wrt = (*inside, *attributes)
    whole = (
        forward_of(request.function, calling, attributes)
        if attributes
        else call(request.function, calling)
    )
    if "value_and_gradient" in request.derivatives:
        whole = _entry(whole, 0)
    elif request.cache is not None:
        whole = _entry(whole, 0 if request.cache else 1)
    return Standing(request, kind, leaves, extra, calling, wrt, whole)


def _entry(program: Program, place: int) -> Program:
    return lambda leaves: program(leaves)[place]


def _values(request: Request, leaves: Mapping[str, Array]) -> dict[str, Any]:
    """Return the arguments: as the check gave them, with the recorded leaves in their places."""
    given = {k: v for k, v in request.on.items() if not is_domain(v)}
    if request.at is not None:
        given.update(plan(request).points[0])
    values: dict[str, Any] = {}
    for leaf in leaves:
        nested = next((k for k in given if k != leaf and leaf in flatten(given[k], k)), None)
        name = nested or (leaf if leaf in given or "." not in leaf else leaf.partition(".")[0])
        if nested:
            values[name] = rebuild(given[name], name, leaves)
        elif name == leaf:
            values[name] = leaves[leaf]
        else:
            values.setdefault(name, {})[leaf.partition(".")[2]] = leaves[leaf]
    return {**{k: v for k, v in given.items() if k not in values}, **values}
