"""Which check decides which kind of claim: a dict one can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..verdicts import Claim
from .convexity import check_convexity

CHECKS: Mapping[str, Callable[..., Claim]] = {
    "convex": check_convexity,
    "concave": check_convexity,
    "affine": check_convexity,
    "strongly-convex": check_convexity,
}
