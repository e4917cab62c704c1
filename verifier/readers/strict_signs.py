"""Which quantities keep a strict sign on a whole box, open and infinite ends left out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..domains import Domain
from ..errors import CannotLower
from ..graph.node import Node
from ..numerals.balls import precision
from ..numerals.open_boxes import OpenBoxes
from ..numerals.spans import INFINITE, UNDEFINED, Span, above, below
from ..numerals.tokens import ZERO
from .value import read

Array = np.ndarray
BITS = 128
MOST = 20_000  # entries read


def keep_signs(
    output: Node, quantities: Sequence[Node], leaves: Mapping[str, Array],
    domains: Mapping[str, Domain],
) -> bool:
    """Tell whether `output` has a value and every entry of `quantities` a strict sign all over.

    Leaves without a domain stay as they are.
    """
    size = sum(int(np.size(v)) for v in leaves.values())
    if size > MOST or any(k not in leaves for k in domains):
        return False
    with precision(BITS):
        bound = {k: _spans(domains[k], v.shape) if k in domains else v for k, v in leaves.items()}
        try:
            found = read((output, *quantities), bound, OpenBoxes())
        except (CannotLower, TypeError, ValueError, AttributeError):
            return False
        if not all(_defined(v) for v in found[output].ravel().tolist()):
            return False
        return all(_signed(v) for q in quantities for v in found[q].ravel().tolist())


def _defined(value: Any) -> bool:
    return value is ZERO or (isinstance(value, Span) and value is not UNDEFINED)


def _signed(value: Any) -> bool:
    return isinstance(value, Span) and bool(value.sign())


def _spans(domain: Domain, shape: tuple[int, ...]) -> Array:
    made = []
    for factor in domain.factors:
        low = -INFINITE if factor.low is None else below(_ball(factor.low))
        high = INFINITE if factor.high is None else above(_ball(factor.high))
        made.append(Span(low, high, factor.low_open or factor.low is None,
                         factor.high_open or factor.high is None))
    out = np.empty(int(np.prod(shape)), dtype=object)
    out[:] = made * out.size if len(made) == 1 else made
    return out.reshape(shape)


def _ball(number: Fraction) -> arb:
    return arb(fmpq(number.numerator, number.denominator))
