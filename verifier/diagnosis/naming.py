"""What is this number called? A ball of 35 digits, matched with exact names."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

WHOLE = 10**7  # integers are named up to here: a batch times an image is below
PARTS = 1000  # numerator and denominator of a fraction that deserves a name
DIGITS = 2.0**-90  # identify() is asked only where the ball has 27 digits

# Constants people write as decimals: arb encloses each to any precision.
FAMOUS: Mapping[str, Callable[[], Any]] = {
    "e": arb.const_e,
    "pi": arb.pi,
    "sqrt(2)": lambda: arb(2).sqrt(),
    "sqrt(3)": lambda: arb(3).sqrt(),
    "sqrt(5)": lambda: arb(5).sqrt(),
    "sqrt(pi)": lambda: arb.pi().sqrt(),
    "sqrt(2*pi)": lambda: (2 * arb.pi()).sqrt(),
    "sqrt(2/pi)": lambda: (2 / arb.pi()).sqrt(),
    "log(2)": arb.const_log2,
    "log(10)": arb.const_log10,
    "1/e": lambda: 1 / arb.const_e(),
    "1/pi": lambda: 1 / arb.pi(),
    "1/sqrt(2)": lambda: 1 / arb(2).sqrt(),
    "1/sqrt(pi)": lambda: 1 / arb.pi().sqrt(),
    "1/sqrt(2*pi)": lambda: 1 / (2 * arb.pi()).sqrt(),
    "1/log(2)": lambda: 1 / arb.const_log2(),
    "1/log(10)": lambda: 1 / arb.const_log10(),
    "pi**2": lambda: arb.pi() ** 2,
}


@dataclass(frozen=True, slots=True)
class Name:
    """A number with its name: `text` as one would type it, `value` a sharp ball."""

    text: str
    value: Any
    fraction: Fraction | None = None


def name_of(number: Any) -> Name | None:
    """Return the exact name of a ball, None where none of the known ones fits.

    Integers need 24 bits, all others 60: fewer would fit by chance.
    """
    if not number.is_finite():
        return None
    size, radius = float(number.abs_upper()), float(number.rad())
    middle = float(number.mid())
    if not math.isfinite(size):  # a finite ball may lie beyond all floats: nobody typed it
        return None
    whole = round(middle)
    if 0 < abs(whole) <= WHOLE and number.contains(whole) and radius <= 2.0**-24 * size:
        return Name(str(whole), arb(whole), Fraction(whole))
    if size == 0.0 or radius > 2.0**-40 * size:
        return None
    ratio = fraction_of(number)
    if ratio is not None:
        return Name(str(ratio), arb(ratio.numerator) / ratio.denominator, ratio)
    return _multiple(number)


def fraction_of(number: Any, most: int = WHOLE) -> Fraction | None:
    """Return the fraction a ball is: 1/n up to `most`, else parts below 1000."""
    middle = float(number.mid())
    if middle == 0.0:
        return None
    ratio = Fraction(middle).limit_denominator(most if abs(middle) < 1 else PARTS)
    small = ratio.numerator in (1, -1) or max(abs(ratio.numerator), ratio.denominator) <= PARTS
    if not small or not ratio.numerator:
        return None
    gap = number - arb(ratio.numerator) / ratio.denominator
    return ratio if gap.contains(0) else None


def _multiple(number: Any) -> Name | None:
    for text, value in FAMOUS.items():
        constant = value()
        rest = number / constant
        whole = round(float(rest.mid()))
        ratio = Fraction(whole) if whole and rest.contains(whole) else fraction_of(rest, 64)
        if ratio is None or max(abs(ratio.numerator), ratio.denominator) > 64:
            continue
        front = "" if ratio == 1 else "-" if ratio == -1 else f"{ratio} * "
        exact = arb(ratio.numerator) / ratio.denominator * constant
        return Name(f"{front}{text}", exact)
    return None


def identified(number: Any) -> Name | None:
    """Ask mpmath.identify, in a context of its own; the ball itself stays the value.

    It takes about a second: ask for numbers that are known to be constant.
    """
    if float(number.rad()) > DIGITS * float(number.abs_upper()):
        return None
    import mpmath

    context = mpmath.MPContext()
    context.dps = 26
    value = context.mpf(number.mid().str(30, radius=False))
    try:
        text = context.identify(value, ["pi", "e", "log(2)"], tol=context.mpf(10) ** -25)
    except (ValueError, TypeError, ZeroDivisionError):  # its search may leave a constant's domain
        return None
    if text is None or len(text) > 24:
        return None
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    return Name(inner, number)


def shown(name: Name) -> str:
    """Return a name for a sentence: a short decimal, a fraction, or a name with its value."""
    if name.fraction is None:
        return f"{name.text} = {decimal(name.value)}"
    short = f"{float(name.fraction):.6g}"
    return short if Fraction(short) == name.fraction else name.text


def decimal(number: Any) -> str:
    """Return a ball as the shortest decimal a person would have typed, six digits at most."""
    return f"{float(number.mid()):.6g}"
