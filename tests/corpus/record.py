"""The record of one corpus case, and the words it may expect.

A case pairs a function with a claimed derivative and says what is true of the claim at listed
points. Elementwise cases (`scalar=False`) map an array entry by entry and their points are floats;
scalar cases map one array to one number and the claim has the shape of the array (order 2: the
full Hessian, or its diagonal with `diagonal=True`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

WRONG = "wrong_derivative"
NAN_OR_INF = "nan_or_inf"
NO_DERIVATIVE = "nondifferentiable_point"
ONE_SIDED = "nondifferentiable_but_framework_returns_one_sided"
KINK_CANCELS = "removable_kink_ad_wrong"
LOST_DIGITS = "precision_loss"
NOT_CONVEX = "nonconvex"
CONVEX = "convex"
RIGHT = "ok"

Fidelity = Literal["formula", "output", "live", "analog", "own"]


@dataclass(frozen=True)
class Case:
    """One function, one claim, and the truth about it.

    `exact` and `exact_slope` are independent mpmath transcriptions of the function and of its
    derivative (a float, or a flat list for scalar cases). `points_right` are points where a faulty
    claim happens to be right; `accept` are further verdicts a sensible tool may give; `soft` marks
    faults that are a matter of convention or below any practical tolerance. `fidelity` says how
    close the re-creation is to its `source`: the formula itself, its behaviour, the framework
    itself (live), the same fault elsewhere (analog), or our own control.
    """

    id: str
    title: str
    source: str
    family: str
    framework: Literal["numpy", "torch", "jax"]
    expected: str
    points: tuple[Any, ...]
    function: Callable[..., Any]
    claimed: Any
    exact: Callable[[Any], Any]
    exact_slope: Callable[[Any], Any] | None = None
    first: Callable[..., Any] | None = None
    points_right: tuple[Any, ...] = ()
    order: Literal[1, 2] = 1
    scalar: bool = False
    diagonal: bool = False
    dtype: Literal["float64", "float32"] = "float64"
    domain: Literal["real", "pos", "unit", "near"] = "real"
    box: str | None = None
    region: tuple[tuple[float, float], ...] = ()
    witness: tuple[float, ...] = ()
    kink_direction: tuple[float, ...] = ()
    accept: tuple[str, ...] = ()
    soft: bool = False
    live: bool = False
    forward_right: bool = True
    digits: float | None = None
    tolerance: float | None = None
    autodiff_mode: Literal["rev", "fwd"] = "rev"
    fidelity: Fidelity = "formula"
    note: str = ""

    @property
    def faulty(self) -> bool:
        """Whether something is wrong at the listed points."""
        return self.expected not in (RIGHT, CONVEX)
