"""Has the function the derivative that is claimed? A gradient needs one number, or one an entry.

`gradient`, `hessian` and their like speak of a function with one number as its value; `derivative`
of one that works entry by entry. Where the value is an array, each entry of an argument may move
one entry of it: then the derivative of the sum holds every derivative there is. Where it moves two
(softmax, cumsum) no array of that shape is the derivative, and no verdict would be true.
"""

from __future__ import annotations

import numpy as np

from ..claims import PARAMETERS
from ..errors import BadSpec
from ..nearest import did_you_mean
from ..readers.roundoff import unit
from .observe import observe
from .plan import ELEMENTWISE
from .request import Request
from .subject import Here

Array = np.ndarray
OF_A_NUMBER = ELEMENTWISE | {
    "gradient", "hessian", "hessian_diagonal", "hvp", "value_and_gradient"}
MOST_MOVED = 3  # entries of an argument that are moved, each by itself


def require_separable(request: Request, here: Here, others: list[Here]) -> None:
    """Raise BadSpec where an entry of an argument moves entries of the value that it must not.

    The user's own function is run with one entry changed to what it is at another place or point.
    What moves by less than half of the dtype's digits counts as rounding, and a function that does
    not repeat itself is not asked.
    """
    kinds = [k for k in request.derivatives if k in OF_A_NUMBER]
    if not kinds or not here.observed.repeatable:
        return
    strict = bool(ELEMENTWISE & set(kinds))
    kind = next(k for k in kinds if not strict or k in ELEMENTWISE)
    for name in here.wrt:
        leaf, shape = here.leaves[name], here.value.shape
        if here.value.size < 2 and (not strict or leaf.size < 2):
            continue
        for place in _places(leaf.size):
            moved = _moved(here, others, name, place)
            if moved.size > 1 or (strict and moved.size and (
                    here.value.size < 2 or (leaf.shape == shape and moved[0] != place))):
                raise _refusal(request, here, kind, name, place, moved)


def require_arguments(text: str, named: tuple[str, ...], here: Here) -> None:
    """Raise BadSpec where a claim names an argument that the function does not have."""
    known = tuple(dict.fromkeys((*here.calling.order, *here.leaves)))
    for name in named:
        if name != PARAMETERS and name not in known and not any(
            leaf.startswith((f"{name}.", f"{name}[")) for leaf in known
        ):
            raise BadSpec(
                f"the claim '{text}' names '{name}', which is no argument of the function",
                slug="unknown-argument",
                hint=did_you_mean(name, known, otherwise=f"It has {', '.join(known)}."),
            )


def _places(size: int) -> list[int]:
    return sorted({0, size // 2, size - 1})[:MOST_MOVED] if size else []


def _moved(here: Here, others: list[Here], name: str, place: int) -> Array:
    """Return the flat places of the value that one entry moves; none where nothing is learnt."""
    leaf = here.leaves[name]
    found: set[int] = set()
    for number in _numbers(leaf.ravel(), [o.leaves[name].ravel() for o in others], place):
        changed = leaf.copy()
        changed.ravel()[place] = number
        seen = observe(here.program, {**here.leaves, name: changed})
        try:
            after = np.asarray(seen.value, dtype=float)
        except (TypeError, ValueError):
            continue
        if seen.raised is None and seen.repeatable and after.shape == here.value.shape:
            found.update(_apart(here.value, after).tolist())
    return np.array(sorted(found), dtype=np.int64)


def _numbers(entries: Array, others: list[Array], place: int) -> list[float]:
    """Return two numbers from the argument's own domain, other than the one that stands."""
    there = [o[place] for o in others if o.size == entries.size]
    beside = [entries[(place + step) % entries.size] for step in (entries.size // 3 + 1, 1)]
    return [v for v in dict.fromkeys([*there, *beside]) if v != entries[place]][:2]


def _apart(before: Array, after: Array) -> Array:
    """Return where two runs differ in the leading half of the digits; NaN and inf tell nothing."""
    half = np.sqrt(2.0 * unit(before.dtype.name if before.dtype.kind == "f" else "float64"))
    start = before.astype(float)
    with np.errstate(all="ignore"):
        gap = np.abs(after - start)
        scale = np.maximum(np.abs(start), np.abs(after))
        differs = np.isfinite(gap) & (gap > half * scale)
    return np.flatnonzero(differs)


def _refusal(
    request: Request, here: Here, kind: str, name: str, place: int, moved: Array
) -> BadSpec:
    entry = _entry(name, here.leaves[name].shape, place)
    listed = ", ".join(_entry("f", here.value.shape, k) for k in moved[:2])
    more = f" and {moved.size - 2} more" if moved.size > 2 else ""
    wanted = ("is of a function that works entry by entry" if kind in ELEMENTWISE
              else "is of a function with one number as its value")
    return BadSpec(
        f"`{kind}` {wanted}; this one returns shape {here.value.shape}, and {entry} moves "
        f"{listed}{more}", slug="not-separable", where=request.origin,
        hint="Claim `jacobian` or `vjp`, or name one number of the value." if here.value.size > 1
        else "Claim `gradient`, or `hessian_diagonal` for second derivatives.",
    )


def _entry(name: str, shape: tuple[int, ...], place: int) -> str:
    index = ", ".join(str(int(k)) for k in np.unravel_index(place, shape)) if shape else ""
    return f"{name}[{index}]" if shape else name
