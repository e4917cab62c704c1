"""What a proof says it proves: the statement that a certificate carries beside its data.

Every PROVED claim gets one, so that `verifier replay` can prove the same statement again: the claim
in its canonical words, the exact domain of every entry that moves, the exact data of the others.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import numpy as np

from ..claims import describe
from ..domains import BOX, Domain
from ..errors import VerifierError
from ..exact import tensor
from ..statement import FORMAT, seal, statement_id
from ..verdicts import Claim, Verdict
from .convexity_scene import moved_names, one_by_one
from .request import Request
from .stops import Stops
from .subject import Here

EXACT = ("point", "second_point", "weight")  # of a witness: what the rest follows from
MOST = 200_000  # numbers of data that a certificate holds


def certified(request: Request, spec: Any, stops: Stops, claim: Claim) -> Claim:
    """Return a claim with its certificate; claims that are not PROVED stay as they are."""
    if claim.verdict is not Verdict.PROVED:
        return claim
    try:
        told = statement(request, spec, stops, claim.reason)
    except VerifierError:
        return claim
    if told is None:
        return claim
    proof = claim.certificate or {"kind": "derived"}
    if proof["kind"] in ("chord", "witness"):
        whole = proof.get("witness", proof)
        proof = {"kind": "witness", "witness": {k: whole[k] for k in EXACT if k in whole}}
    data = {**proof, "format": FORMAT, "id": statement_id(told), "statement": told}
    data["seal"] = seal(data)
    return msgspec.structs.replace(claim, certificate=data)


def statement(
    request: Request, spec: Any, stops: Stops, reason: str
) -> dict[str, Any] | None:
    """Return the statement of a claim, None where its domain is no box or its data too large."""
    here: Here = next(iter(one_by_one(request, stops)))
    domains = {k: d for k, d in stops.plan.domains.items() if k in here.leaves}
    data = {k: v for k, v in here.leaves.items() if k not in domains}
    if any(d.kind != BOX for d in domains.values()) or sum(v.size for v in data.values()) > MOST:
        return None
    return {
        "check": request.name,
        "subject": request.subject or request.name,
        "claim": describe(spec),
        "semantics": "REAL",
        "reason": reason,
        "moved": list(moved_names(spec, here)),
        "domain": {k: _sides(d, here.leaves[k].shape) for k, d in domains.items()},
        "data": {k: msgspec.to_builtins(tensor(v)) for k, v in data.items()},
        "dtype": {k: v.dtype.name for k, v in here.leaves.items()},
        "fixed": {k: msgspec.to_builtins(tensor(v)) for k, v in request.on.items()
                  if isinstance(v, np.ndarray) and v.dtype.kind in "iub"},
    }


def _sides(domain: Domain, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return shape and exact sides of a box: [low, high, low left out, high left out]."""
    sides = [[_end(f.low, "-oo"), _end(f.high, "oo"), f.low_open, f.high_open]
             for f in domain.factors]
    return {"shape": list(shape), "sides": sides}


def _end(end: Fraction | None, infinite: str) -> str:
    return infinite if end is None else str(end)
