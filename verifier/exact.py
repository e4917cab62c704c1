"""Numbers as data: every float, array and ball to text and back, bit for bit.

A report must carry `nan`, `inf` and `-0.0` as they were, and JSON can say none of them. Floats are
written as hexadecimal text (:meth:`float.hex`), integers in decimal; a NaN whose bits are not the
usual ones keeps them as `nan:0x...`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import BadSpec
from .verdicts import Enclosure, Real, Tensor

if TYPE_CHECKING:
    import numpy as np

SHOWN = 8  # elements of an array that its text shows


def real(x: float | np.floating[Any]) -> Real:
    """Return `x` with its exact bits, its shortest text and, where finite, the plain number.

    >>> real(0.1)
    Real(hex='0x1.999999999999ap-4', text='0.1', number=0.1)
    >>> real(float("-inf"))
    Real(hex='-inf', text='-inf', number=None)
    """
    number = float(x)
    return Real(number.hex(), str(x), number if math.isfinite(number) else None)


def from_real(value: Real) -> float:
    """Return the float whose bits `value` carries."""
    return _float(value.hex)


def enclosure(mid: str, radius: str) -> Enclosure:
    """Return a ball from the decimal texts of its midpoint and radius."""
    return Enclosure(str(mid), str(radius))


def tensor(array: Any) -> Tensor:
    """Return `array` with every element, for replay bit for bit.

    Floating, complex, integer and boolean dtypes of numpy, and `bfloat16` of ml_dtypes. Raises
    BadSpec for any other, naming it.

    >>> tensor([1.0, -0.0]).hex
    ('0x1.0000000000000p+0', '-0x0.0p+0')
    """
    import numpy as np

    values = np.asarray(array)
    name = values.dtype.name
    bits = _BITS.get(name)
    if bits:
        words = _floats(values, bits)
    elif name in _COMPLEX:
        pairs = np.ascontiguousarray(values.ravel()).view(_COMPLEX[name])
        halves = _floats(pairs, _BITS[_COMPLEX[name]])
        words = [f"{a} {b}" for a, b in zip(halves[::2], halves[1::2], strict=True)]
    elif values.dtype.kind in "iub":
        words = [str(int(element)) for element in values.ravel().tolist()]
    else:
        raise _unsupported(name)
    return Tensor(name, tuple(values.shape), tuple(words), _text(values))


def from_tensor(value: Tensor) -> np.ndarray[Any, Any]:
    """Return the array `value` was made from: same dtype, shape and bits.

    Raises BadSpec where the elements do not fill the shape or are not numbers of the dtype.
    """
    import numpy as np

    dtype = _dtype(value.dtype)
    if math.prod(value.shape) != len(value.hex) or any(side < 0 for side in value.shape):
        raise BadSpec(
            f"an array of shape {value.shape} needs {math.prod(value.shape)} elements, "
            f"the report holds {len(value.hex)}",
            slug="not-a-report",
            hint="The file was cut or edited: make the report again.",
        )
    try:
        if value.dtype in _BITS:
            flat = _from_words(value.hex, dtype, _BITS[value.dtype])
        elif value.dtype in _COMPLEX:
            half = _COMPLEX[value.dtype]
            words = [word for pair in value.hex for word in pair.split(" ")]
            flat = _from_words(words, np.dtype(half), _BITS[half]).view(dtype)
        else:
            numbers = [int(word) for word in value.hex]
            flat = np.array(numbers, dtype=object).astype(dtype)
            if [int(n) for n in flat] != numbers:  # numpy below 2 wraps around in silence
                raise OverflowError("it lies outside the range of the dtype")
    except (ValueError, OverflowError) as problem:
        raise BadSpec(
            f"an element is not a {value.dtype}: {problem}",
            slug="not-a-report",
            hint="The file was cut or edited: make the report again.",
        ) from None
    return flat.reshape(value.shape)


_BITS = {"float16": "uint16", "bfloat16": "uint16", "float32": "uint32", "float64": "uint64"}
_COMPLEX = {"complex64": "float32", "complex128": "float64"}
_INTEGERS = ("bool", *(f"{sign}int{size}" for sign in ("", "u") for size in (8, 16, 32, 64)))


def _float(word: str) -> float:
    return math.nan if word.startswith("nan") else float.fromhex(word)


def _floats(values: np.ndarray[Any, Any], bits: str) -> list[str]:
    import numpy as np

    flat = np.ascontiguousarray(values.ravel())
    flat = flat.astype(flat.dtype.newbyteorder("="), copy=False)
    words = [element.hex() for element in flat.astype(np.float64).tolist()]
    usual = np.array([np.nan], flat.dtype).view(bits)[0]
    for place in np.flatnonzero(np.isnan(flat)):
        if flat.view(bits)[place] != usual:
            words[place] = f"nan:{int(flat.view(bits)[place]):#x}"
    return words


def _from_words(words: Sequence[str], dtype: np.dtype[Any], bits: str) -> np.ndarray[Any, Any]:
    import numpy as np

    flat = np.array([_float(word) for word in words], dtype=np.float64).astype(dtype)
    for place, word in enumerate(words):
        if word.startswith("nan:"):
            flat.view(bits)[place] = int(word[4:], 16)
    return flat


def _dtype(name: str) -> np.dtype[Any]:
    import numpy as np

    if name == "bfloat16":
        import ml_dtypes

        brain: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return brain
    if name in _BITS or name in _COMPLEX or name in _INTEGERS:
        return np.dtype(name)
    raise _unsupported(name)


def _text(values: np.ndarray[Any, Any]) -> str:
    def element(item: Any) -> str:
        return str(item)

    def nested(part: Any) -> str:
        if part.ndim == 0:
            return element(part[()])
        return "[" + ", ".join(nested(row) for row in part) + "]"

    if values.size <= SHOWN:
        return nested(values)
    shown = ", ".join(element(item) for item in values.ravel()[:SHOWN])
    return f"[{shown}, ...] ({values.size:,} elements)"


def _unsupported(name: str) -> BadSpec:
    return BadSpec(
        f"an array of dtype {name} cannot be written to a report",
        slug="dtype-not-supported",
        hint="Use a floating, complex, integer or boolean dtype of at most 64 bits a number.",
    )
