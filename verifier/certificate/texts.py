"""Do the numbers of a witness agree with each other? Decided from the report's text alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from flint import arb

from ..errors import BadSpec
from ..exact import from_real, from_tensor, tensor
from ..verdicts import Enclosure, Real, Tensor, Witness
from .taylor import precision

BITS = 320  # enough for the 30 digits a report shows


def ball_of(text: Enclosure) -> arb:
    """Return the ball a report shows, widened by the rounding of its own decimal texts.

    A midpoint of n significant digits may be off by half a unit of the last one, a radius of three
    digits by half a per cent. Raises BadSpec where either is no number.
    """
    number = r"-?\d+(\.\d+)?(e[+-]?\d+)?"
    if text.mid == "nan":
        return arb.nan()
    if not re.fullmatch(number, text.mid) or not re.fullmatch(number, text.radius):
        raise BadSpec(
            f"{text.mid!r} ± {text.radius!r} is no ball",
            slug="not-a-report",
            hint="The file was edited: make the report again.",
        )
    with precision(BITS):
        mid, radius = arb(text.mid), arb(text.radius)
        digits = len(re.sub(r"e.*|\D", "", text.mid).lstrip("0"))
        slack = abs(mid) * arb(10) ** (1 - digits) if digits else arb(0)
        return mid + (radius * arb("1.01") + slack) * arb(0, 1)


def misfits(witness: Witness) -> Iterator[str]:
    """Yield a sentence for each number whose two texts contradict each other."""
    places = [("point", witness.point), ("second point", witness.second_point)]
    for where, leaves in (*places, ("direction", witness.direction)):
        for name, held in leaves.items():
            yield from _tensor(f"{where} {name}", held)
    reals = {
        "claimed": witness.claimed,
        "finite difference": witness.finite_difference,
        "finite difference's error": witness.finite_difference_error,
    }
    for name, value in reals.items():
        if value is not None:
            yield from _real(name, value)
    for name in ("formula", "ball", "left", "right"):
        held_ball = getattr(witness, name)
        if held_ball is not None:
            yield from _ball(name, held_ball)


def _tensor(name: str, held: Tensor) -> Iterator[str]:
    try:
        again = tensor(from_tensor(held))
    except BadSpec as error:
        yield f"{name}: {error.message}"
        return
    if again.hex != held.hex:
        yield f"{name}: its hexadecimal text is not written as {held.dtype} numbers are"
    elif again.text != held.text:
        yield f"{name}: the bits say {again.text}, the text beside them {held.text}"


def _real(name: str, value: Real) -> Iterator[str]:
    try:
        number = from_real(value)
    except (ValueError, OverflowError):
        yield f"{name}: {value.hex!r} is no hexadecimal float"
        return
    try:
        said = float(value.text)
    except ValueError:
        yield f"{name}: {value.text!r} is no number"
        return
    if not _equal(said, number):
        yield f"{name}: the bits say {number!r}, the text beside them {value.text}"
    elif value.number is not None and not _equal(value.number, number):
        yield f"{name}: the bits say {number!r}, the number beside them {value.number!r}"


def _equal(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _ball(name: str, held: Enclosure) -> Iterator[str]:
    try:
        ball_of(held)
    except BadSpec as error:
        yield f"{name}: {error.message}"


def shown(value: arb) -> str:
    """Return a ball as a report writes it: midpoint and radius."""
    if not value.is_finite():
        return "undefined"
    with precision(BITS):
        mid = value.mid().str(20, radius=False)
        return mid if value.is_exact() else f"{mid} ± {value.rad().str(3, radius=False)}"


def written(text: Enclosure | None) -> str:
    """Return an enclosure of a report, "-" where there is none."""
    if text is None:
        return "-"
    return text.mid if text.radius == "0" else f"{text.mid} ± {text.radius}"
