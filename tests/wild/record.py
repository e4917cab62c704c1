"""The record of one wild case: a function, a claimed derivative and what is true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

WRONG = "wrong_derivative"
NAN = "nan_or_inf"
NO_DERIVATIVE = "nondifferentiable_point"
ONE_SIDED = "nondifferentiable_but_framework_returns_one_sided"
KINK_CANCELS = "removable_kink_ad_wrong"
LOST_DIGITS = "precision_loss"
NOT_CONVEX = "nonconvex"
RIGHT = "ok"


@dataclass(frozen=True)
class Wild:
    """A function and a claim; `fault` says what is wrong at every one of `points`.

    `claim` is the keyword `verify` knows the claim by. Points of an elementwise claim
    (`derivative`, `second_derivative`) are floats. `box` is where a user would look blind;
    `accept` are further words a sensible tool may give, and `blind=False` marks a case that
    only its points can tell (the fault sits on a set no search is asked to find). `number`: the
    functions take one plain float.
    """

    id: str
    function: Callable[..., Any]
    claimed: Callable[..., Any]
    points: tuple[Any, ...]
    fault: str = RIGHT
    claim: Literal[
        "derivative",
        "second_derivative",
        "gradient",
        "value_and_gradient",
        "hessian",
        "hessian_diagonal",
        "hvp",
        "jacobian",
    ] = "derivative"
    box: str = "[-6, 6]"
    dtype: Literal["float64", "float32"] = "float64"
    accept: tuple[str, ...] = ()
    blind: bool = True
    number: bool = False

    @property
    def faulty(self) -> bool:
        """Whether something is wrong at the listed points."""
        return self.fault != RIGHT
