"""Faulty and right derivatives written for this project, in the idioms of real numpy code.

Every case is our own; what is true of it was checked by differences and by hand.
"""

from __future__ import annotations

from . import (
    activations_right,
    activations_wrong,
    geometry_wrong,
    layers_right,
    layers_wrong,
    numerics_cases,
)
from .record import Wild


def all_cases() -> tuple[Wild, ...]:
    """Return every case; those that need scipy are left out where it is missing."""
    modules = [
        activations_right,
        activations_wrong,
        geometry_wrong,
        layers_right,
        layers_wrong,
        numerics_cases,
    ]
    found = [case for module in modules for case in module.CASES]
    try:
        from . import likelihoods_wrong, losses_right, losses_wrong, second_orders
    except ImportError:
        return tuple(found)
    for module in (losses_wrong, likelihoods_wrong, losses_right, second_orders):
        found.extend(module.CASES)
    return tuple(found)
