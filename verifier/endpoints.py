"""The floats at the end of an interval: exact ends rounded inward into a dtype.

>>> from fractions import Fraction
>>> float(inward(Fraction(1, 10), False, "float32", upward=True)) > 0.1
True
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

FLOATS = ("float16", "bfloat16", "float32", "float64")


def float_type(name: str) -> Any:
    """Return the numpy dtype called `name`, bfloat16 included (it needs ml_dtypes)."""
    import numpy as np

    if name == "bfloat16":
        import ml_dtypes  # registers the dtype and its ufuncs with numpy

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def largest_float(dtype: str) -> float:
    """Return the largest finite number of `dtype`."""
    import numpy as np

    if dtype == "bfloat16":
        return (2.0 - 2.0**-7) * 2.0**127  # 8 exponent bits, 7 stored mantissa bits
    return float(np.finfo(dtype).max)


def smallest_float(dtype: str) -> tuple[float, float]:
    """Return the least positive subnormal and the least positive normal number of `dtype`."""
    import numpy as np

    if dtype == "bfloat16":
        return 2.0**-133, 2.0**-126
    limits = np.finfo(dtype)
    return float(limits.smallest_subnormal), float(limits.smallest_normal)


def spacing(dtype: str) -> float:
    """Return eps of `dtype`: the distance from 1 to the next larger number."""
    import numpy as np

    return 2.0**-7 if dtype == "bfloat16" else float(np.finfo(dtype).eps)


def inward(end: Fraction | None, is_open: bool, dtype: str, *, upward: bool) -> Any:
    """Return the number of `dtype` nearest to `end` on its inner side: above it if `upward`.

    None is an infinite end and gives the outermost finite number. The result is infinite where
    every finite number lies on the outer side.
    """
    import numpy as np

    kind, sign = float_type(dtype), 1 if upward else -1
    bound = largest_float(dtype)
    if end is None or sign * end < -Fraction(bound):
        return np.asarray(-sign * bound).astype(kind)[()]
    further = np.asarray(sign * np.inf).astype(kind)

    def inside(number: Any) -> bool:
        if not np.isfinite(number):
            return False
        gap = sign * (Fraction(float(number)) - end)
        return gap > 0 or (gap == 0 and not is_open)

    if sign * end > Fraction(bound):
        return further[()]
    found = np.asarray(min(max(float(end), -bound), bound)).astype(kind)
    with np.errstate(all="ignore"):
        while np.isfinite(found) and not inside(found):
            found = np.nextafter(found, further)
        while inside(before := np.nextafter(found, -further)):
            found = before
    return (found + np.zeros((), kind))[()]  # + 0 turns -0.0 into 0.0
