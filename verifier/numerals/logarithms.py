"""Coefficients that hold logarithms: polynomials in L = log(1/t), which grows slower than any root.

They make x log x a germ: -t L. A germ of this kind has an infinite slope, or no limit, at t = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import arb

from .twins import Twin, absent, is_number, sign_of


@dataclass(frozen=True, slots=True, eq=False)
class Logs:
    """``sum of powers[j] * L**j``; the powers are balls or twins, those exactly 0 left out."""

    powers: Mapping[int, Any]

    def __add__(self, other: Any) -> Any:
        powers = dict(self.powers)
        for j, value in _powers(other).items():
            powers[j] = powers[j] + value if j in powers else value
        return tidy(powers)

    __radd__ = __add__

    def __neg__(self) -> Logs:
        return Logs({j: -c for j, c in self.powers.items()})

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, other: Any) -> Any:
        powers: dict[int, Any] = {}
        for j, c in self.powers.items():
            for k, d in _powers(other).items():
                powers[j + k] = powers[j + k] + c * d if j + k in powers else c * d
        return tidy(powers)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return tidy({j: c / other for j, c in self.powers.items()})

    def __repr__(self) -> str:
        return "(" + " + ".join(f"{c} L^{j}" for j, c in sorted(self.powers.items())) + ")"


def _powers(value: Any) -> Mapping[int, Any]:
    if isinstance(value, Logs):
        return value.powers
    return {0: value if isinstance(value, (arb, Twin)) else arb(value)}


def tidy(powers: Mapping[int, Any]) -> Any:
    """Return the coefficient; a plain number where no logarithm is left."""
    kept = {j: c for j, c in powers.items() if not absent(c)}
    if not kept:
        return arb(0)
    return kept[0] if set(kept) == {0} else Logs(kept)


def coefficient_sign(value: Any) -> int | None:
    """Return the certain sign of a coefficient for t -> 0+: that of the highest power of L."""
    if not isinstance(value, Logs):
        return sign_of(value)
    for j in sorted(value.powers, reverse=True):
        sign = sign_of(value.powers[j])
        if sign != 0:
            return sign
    return 0


def is_finite(value: Any) -> bool:
    """Tell whether all numbers of a coefficient are finite."""
    if isinstance(value, Logs):
        return all(is_number(c) for c in value.powers.values())
    return is_number(value)


def is_absent(value: Any) -> bool:
    """Tell whether a coefficient is exactly 0 in both readings."""
    return not isinstance(value, Logs) and absent(value)


def highest(value: Any) -> Any:
    """Return the number before the highest power of L."""
    return value.powers[max(value.powers)] if isinstance(value, Logs) else value


def derived(value: Any, exponent: Any) -> Any:
    """Return the coefficient of t^(e-1) in the derivative of ``value t^e``."""
    if not isinstance(value, Logs):
        return value * exponent
    total: Any = value * exponent
    for j, c in value.powers.items():
        if j:
            total = total - tidy({j - 1: c * j})
    return total


def integrated(value: Any, exponent: Any) -> Any:
    """Return the coefficient of t^(e+1) in the integral of ``value t^e``, given e + 1 as a number.

    At e = -1 (`exponent` 0) the integral of L^j / t is -L^(j+1) / (j+1).
    """
    powers = dict(_powers(value))
    if exponent == 0:
        return tidy({j + 1: -c / (j + 1) for j, c in powers.items()})
    done: dict[int, Any] = {}
    for j in range(max(powers), -1, -1):
        if j not in powers:
            continue
        share = powers[j] / exponent
        done[j] = done[j] + share if j in done else share
        if j:
            more = share * j
            powers[j - 1] = powers[j - 1] + more if j - 1 in powers else more
    return tidy(done)
