"""Do certificate, claim, check and code belong together? A statement and the program it is of."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from ..claims import PARAMETERS, ClaimSpec, describe
from ..exact import from_tensor
from ..statement import FORMAT, seal, statement_id
from ..verdicts import Check, Claim, Tensor
from .covering import Refused
from .enclosing import Side
from .ground import Ground
from .taylor import NoReading

CONVEX = frozenset({"convex", "concave", "affine", "strongly-convex"})
ALWAYS = frozenset({"kind", "format", "id", "statement", "seal"})
# What a proof of each kind holds besides, and which claims it may prove.
KINDS: Mapping[str, tuple[frozenset[str], frozenset[str] | None]] = {
    "derived": (frozenset(), None),
    "boxes": (frozenset({"boxes", "cuts"}), None),
    "line": (frozenset({"joints"}), None),
    "composition": (frozenset({"steps"}), CONVEX),
    "ledger": (frozenset({"boxes", "cuts", "root"}), CONVEX),
    "second derivative": (frozenset({"cells", "joints"}), CONVEX),
    "both": (frozenset({"parts"}), CONVEX),
    "chord": (frozenset({"witness"}), CONVEX),
    "witness": (frozenset({"witness"}), None),
}
STATED = frozenset({
    "check", "subject", "claim", "semantics", "reason", "moved", "domain", "data", "dtype",
    "fixed",
})  # fmt: skip


def bound(check: Check, claim: Claim, spec: ClaimSpec, data: Mapping[str, Any]) -> None:
    """Raise Refused unless certificate, claim and check speak of one statement."""
    statement = data["statement"]
    if data.get("format") != FORMAT or statement.keys() != STATED:
        raise Refused("the certificate is not written as one")
    told = {"check": check.name, "subject": check.subject, "claim": describe(spec),
            "semantics": claim.semantics, "reason": claim.reason}
    for word, value in told.items():
        if statement[word] != value:
            raise Refused(f"the certificate is of the {word} {statement[word]!r}, the report says "
                          f"{value!r}")
    if data.get("id") != statement_id(statement):
        raise Refused("its id belongs to another statement")
    if data.get("seal") != seal(data):
        raise Refused("it was changed after it was made")
    if claim.semantics != "REAL":
        raise Refused(f"no proof speaks of {claim.semantics}")
    fields, kinds = KINDS.get(data.get("kind", ""), (None, None))
    if fields is None:
        raise Refused(f"{data.get('kind')!r} is no kind of proof")
    if data.keys() - ALWAYS != fields:
        raise Refused(f"a proof by {data['kind']} holds {', '.join(sorted(fields)) or 'nothing'}")
    if kinds is not None and spec.kind not in kinds:
        raise Refused(f"a proof by {data['kind']} proves no claim of {spec.kind}")
    if (data["kind"] in ("chord", "witness")) is not bool(spec.negated):
        raise Refused(f"a proof by {data['kind']} does not prove '{describe(spec)}'")


def ground_of(request: Any, spec: ClaimSpec, statement: Mapping[str, Any], check: Check) -> Ground:
    """Return the program over the domain of a statement; raise Refused where it is another."""
    from ..domains import parse_domain
    from .standing import stand

    data = {k: from_tensor(msgspec.convert(v, Tensor)) for k, v in statement["data"].items()}
    dtypes = statement["dtype"]
    if dtypes.keys() != {*data, *statement["domain"]} or any(
            np.dtype(name).name != name or (k in data and data[k].dtype.name != name)
            for k, name in dtypes.items()):
        raise Refused("the dtypes of the statement are not those of its data")
    point = {k: np.zeros(tuple(v["shape"]), dtypes[k]) for k, v in statement["domain"].items()}
    sides = {(name, k): side for name, told in statement["domain"].items()
             for k, side in enumerate(_sides(told))}
    asked = (check.asked.told if check.asked else {}).get("on", {})
    for name, told in asked.items():
        if isinstance(told, str) and name in statement["domain"]:
            domain, written = parse_domain(told, name=name), statement["domain"][name]
            exact = [[_end(f.low, "-oo"), _end(f.high, "oo"), f.low_open, f.high_open]
                     for f in domain.factors]
            if exact != written["sides"] or (
                    domain.shape is not None and list(domain.shape) != written["shape"]
                    and written["shape"] not in ([], [1])):
                raise Refused(f"the domain of {name} in the certificate is not {told}")
    here = stand(request, {**point, **data}, "")
    held = {k: v for k, v in here.leaves.items() if k in data}
    _same_data(request, held, statement["fixed"])
    moved = _moved(spec, here)
    if list(moved) != statement["moved"]:
        raise Refused(f"the claim speaks of {', '.join(moved)}, the certificate of "
                      f"{', '.join(statement['moved'])}")
    places = tuple(p for name in moved for p in sides if p[0] == name)
    if not places:
        raise NoReading("nothing moves")
    return Ground(here.function, here.leaves, sides, places)


def _end(end: Fraction | None, infinite: str) -> str:
    return infinite if end is None else str(end)


def _sides(told: Mapping[str, Any]) -> list[Side]:
    if told.keys() != {"shape", "sides"}:
        raise Refused("the domain is not written as one")
    size = int(np.prod(told["shape"], dtype=np.int64))
    rows = told["sides"] * size if len(told["sides"]) == 1 else told["sides"]
    if len(rows) != size:
        raise Refused("the domain has not one side for each entry")
    found = []
    for low, high, low_out, high_out in rows:
        side = Side(None if low == "-oo" else Fraction(low), None if high == "oo" else Fraction(
            high), bool(low_out), bool(high_out))
        if side.low is not None and side.high is not None and side.low > side.high:
            raise Refused("a side of the domain is reversed")
        found.append(side)
    return found


def _same_data(
    request: Any, held: Mapping[str, np.ndarray], fixed: Mapping[str, Any]
) -> None:
    """Raise Refused where data that the check names are others than the certificate's."""
    whole = {k: v for k, v in request.on.items()
             if isinstance(v, np.ndarray) and v.dtype.kind in "iub"}
    known = {k: from_tensor(msgspec.convert(v, Tensor)) for k, v in fixed.items()}
    if whole.keys() != known.keys() or not all(
            np.array_equal(v, known[k]) for k, v in whole.items()):
        raise Refused("the whole numbers given are not those of the certificate")
    for name, array in held.items():
        given = request.on.get(name)
        if isinstance(given, np.ndarray) and given.dtype.kind == "f" and given.size and (
                np.any(given != 0)) and not np.array_equal(given.astype(array.dtype), array):
            raise Refused(f"the data {name} are not those of the certificate")


def _moved(spec: ClaimSpec, here: Any) -> tuple[str, ...]:
    wanted = tuple(a for a in spec.arguments if a != PARAMETERS) or here.calling.wrt
    return tuple(k for k in here.leaves
                 if any(k == w or k.startswith((f"{w}.", f"{w}[")) for w in wanted))
