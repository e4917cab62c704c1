"""How is a finding written down? Identity, numbers side by side, one sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb

from ..exact import enclosure, real, tensor
from ..numerals.balls import plain
from ..rules import RULES
from ..verdicts import Enclosure, Finding, Origin, Severity, Witness

UPWARD = 1.01  # three digits printed to nearest never fall below the radius
SHOWN = 20  # significant digits of a midpoint in a report


def identity(*parts: object) -> str:
    """Return a short stable id: the same finding has the same id in every run."""
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=5).hexdigest()


def ball(value: Any) -> Enclosure | None:
    """Return a ball as decimal text, radius rounded up."""
    if value is None:
        return None
    number = plain(np.array([value], dtype=object))[0]
    if not number.is_finite():
        return enclosure("nan", "inf")
    middle = number.mid().str(SHOWN, radius=False)
    reach = (number - arb(middle)).abs_upper()  # the printed ball holds the number, rounding too
    return enclosure(middle, "0" if reach.is_zero() else (reach * UPWARD).str(3, radius=False))


def without_folders(text: str) -> str:
    """Return a sentence with file names in place of paths: equal on every machine.

    >>> without_folders("maximum (/home/me/net.py:12) decides a tie")
    'maximum (net.py:12) decides a tie'
    """
    return re.sub(r"(?:/[^\s/:()]+)+/([^\s/:()]+:\d+)", r"\1", text)


def component(argument: str | None, index: tuple[int, ...] | None) -> str:
    """Return how a component is called: W1[3, 2]."""
    if argument is None:
        return "the derivative"
    return f"{argument}[{', '.join(map(str, index))}]" if index else argument


def witness_point(leaves: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the exact input, leaf by leaf."""
    return {k: tensor(v) for k, v in leaves.items()}


def finding(
    rule: str, explanation: str, *, check: str, claim: str, argument: str | None = None,
    index: tuple[int, ...] | None = None, origin: Origin | None = None,
    witness: Witness | None = None, remedy: str = "", severity: Severity | None = None,
    diagnosis: str | None = None,
) -> Finding:
    """Return a finding of `rule` with its default severity unless another is given."""
    return Finding(
        id=identity(check, claim, rule, argument, index),
        rule=rule,
        severity=severity or RULES[rule].severity,
        explanation=explanation,
        argument=argument,
        index=index,
        origin=origin,
        witness=witness,
        remedy=remedy or " ".join(RULES[rule].remedy.split()),
        diagnosis=diagnosis,
    )


def number(value: float) -> Any:
    """Return a float as a report's real."""
    return real(float(value))


def short(value: Any, digits: int = 6) -> str:
    """Return a number to some significant digits, for a sentence."""
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    number = plain(np.array([value], dtype=object))[0]
    if not number.is_finite():
        return "undefined"
    if digits <= 15:
        return f"{float(number):.{digits}g}"
    text: str = number.mid().str(digits, radius=False)
    return text


def telling(relative: float) -> int:
    """Return how many digits show that two numbers with this relative difference differ."""
    if not 0 < relative < 1:
        return 6
    return max(6, int(np.ceil(-np.log10(relative))) + 2)
