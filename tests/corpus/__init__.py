"""116 derivative cases, numpy ones first: faults found in public code, and hard controls.

Re-created from issue texts, figures and formulas; no code was copied. The numpy modules need numpy
and mpmath only; the scipy, torch and jax modules are imported when asked for.
`python -m tests.corpus` prints what verifier says of every numpy case.
"""

from __future__ import annotations

import importlib

from . import (
    numpy_activations,
    numpy_convexity,
    numpy_disputed_layers,
    numpy_disputes,
    numpy_edges,
    numpy_hard,
    numpy_hard_layers,
    numpy_layers,
    numpy_likelihoods,
    numpy_losses,
    numpy_regressions,
)
from .record import Case

NUMPY_CASES: tuple[Case, ...] = (
    *numpy_losses.CASES,
    *numpy_likelihoods.CASES,
    *numpy_regressions.CASES,
    *numpy_activations.CASES,
    *numpy_edges.CASES,
    *numpy_layers.CASES,
    *numpy_disputes.CASES,
    *numpy_disputed_layers.CASES,
    *numpy_hard.CASES,
    *numpy_hard_layers.CASES,
)
CONVEXITY_CASES: tuple[Case, ...] = numpy_convexity.CASES

FRAMEWORK_MODULES: dict[str, tuple[str, ...]] = {
    "scipy": ("scipy_tail",),
    "torch": (
        "torch_kinks",
        "torch_numerics",
        "torch_second",
        "torch_controls",
    ),
    "jax": ("jax_kinks", "jax_numerics", "jax_controls"),
}


def framework_cases(framework: str) -> tuple[Case, ...]:
    """Return the cases that need `scipy`, `torch` or `jax`; ImportError where it is missing."""
    modules = (importlib.import_module(f".{m}", __name__) for m in FRAMEWORK_MODULES[framework])
    return tuple(case for module in modules for case in module.CASES)
