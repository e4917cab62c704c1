"""Bounds of a function of several numbers by what it is: sums of squares, ranges of its parts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..readers.composition import compose
from ..readers.signs import FIXED, ROOT_CONVEX, Fact
from .box_ground import Ground
from .convexity_scene import domain_of
from .scalar_cover import Limits


def by_form(on: Ground, limits: Limits, stops: Any) -> str:
    """Return why f keeps the limits all over its domain, "" where its facts do not say so."""
    domain = domain_of(stops.plan.domains, on.here, on.names)
    if isinstance(domain, str) or on.path:
        return ""
    fact = compose([on.output], on.moved, domain)[on.output]
    if not np.all(fact.sound) or not _kept(fact, limits):
        return ""
    nought = limits.high is None and limits.low == 0
    if nought and np.all(fact.has(ROOT_CONVEX)) and not np.any(fact.has(FIXED)):
        return "f is not negative by how it is put together, and has a value everywhere"
    return "the ranges of its parts bound f on the whole domain"


def _kept(fact: Fact, limits: Limits) -> bool:
    """Tell whether every entry lies within the limits."""
    for ends, out, limit, strict, way in (
            (fact.low, fact.above, limits.low, limits.low_strict, 1),
            (fact.high, fact.below, limits.high, limits.high_strict, -1)):
        for end, left_out in zip(ends.ravel().tolist(), np.ravel(out).tolist(), strict=True):
            if limit is None:
                break
            if not np.isfinite(end):
                return False
            gap = way * (Fraction(end) - limit)
            if gap < 0 or (gap == 0 and strict and not left_out):
                return False
    return True
