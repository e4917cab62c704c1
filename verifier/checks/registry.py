"""Which check decides which kind of claim: a dict one can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..verdicts import Claim
from .bounds import check_bounds
from .convexity import check_convexity
from .lipschitz_claim import check_lipschitz
from .monotone import check_monotone
from .precision import check_precision
from .smoothness import check_smooth

CHECKS: Mapping[str, Callable[..., Claim]] = {
    "convex": check_convexity,
    "concave": check_convexity,
    "affine": check_convexity,
    "strongly-convex": check_convexity,
    "smooth": check_smooth,
    "increasing": check_monotone,
    "decreasing": check_monotone,
    "bounds": check_bounds,
    "lipschitz": check_lipschitz,
    "precision": check_precision,
    "finite": check_precision,
}
