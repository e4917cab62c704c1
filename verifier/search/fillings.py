"""How an array is filled: generic entries at several scales, exact dyadics, ties, zeros, corners.

Every filling takes a random generator, the ends of the box (arrays of the argument's shape and
dtype) and the dtype's name, and returns an array inside the box.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..endpoints import largest_float, smallest_float, spacing

Array = np.ndarray
Ends = tuple[Array, Array]
Filling = Callable[[np.random.Generator, Ends, str], Array]

FAR = 0.5  # an end beyond half the largest number of the dtype counts as infinite


def inside(array: Array, ends: Ends, random: np.random.Generator | None = None) -> Array:
    """Return `array` with entries outside replaced by uniform ones, or clipped without `random`."""
    low, high = ends
    outside = ~((array >= low) & (array <= high))
    if random is not None and outside.any():
        array = np.where(outside, spread(random, ends), array)
    wide = np.float64  # rounding is monotone, so what is clipped before the cast stays inside
    return np.clip(array.astype(wide), low.astype(wide), high.astype(wide)).astype(low.dtype)


def spread(random: np.random.Generator, ends: Ends) -> Array:
    """Return float64 numbers spread over the box; from a finite end outward if one is infinite."""
    low, high = (np.asarray(e, dtype=np.float64) for e in ends)
    u = random.random(low.shape)
    reach = np.exp(1.5 * random.standard_normal(low.shape))
    far = FAR * largest_float(ends[0].dtype.name)
    open_low, open_high = low <= -far, high >= far
    base = np.where(open_low & open_high, 0.0, np.where(open_low, high, low))
    one_sided = base + np.where(open_low, -1.0, 1.0) * reach * np.clip(np.abs(base), 1.0, far / 100)
    both = random.standard_normal(low.shape) * 4.0
    found = np.where(open_low | open_high, one_sided, low * (1 - u) + high * u)
    return np.where(open_low & open_high, both, found)


def normal(random: np.random.Generator, ends: Ends, dtype: str, scale: float = 1.0) -> Array:
    return inside(scale * random.standard_normal(ends[0].shape), ends, random)


def small(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return normal(random, ends, dtype, 0.05)


def large(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return normal(random, ends, dtype, 12.0)


def uniform(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return inside(spread(random, ends), ends, random)


def dyadic(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return multiples of 1/8 of size up to 2, which float arithmetic hits exactly."""
    return inside(random.integers(-16, 17, ends[0].shape) / 8.0, ends, random)


def whole(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return inside(random.integers(-3, 4, ends[0].shape).astype(np.float64), ends, random)


def tied(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array in which about half of the entries are copies of others."""
    array = dyadic(random, ends, dtype)
    flat = array.reshape(-1)
    if flat.size > 1:
        target = random.random(flat.size) < 0.5
        flat = np.where(target, flat[random.integers(0, flat.size, flat.size)], flat)
    return inside(flat.reshape(array.shape), ends)


def maximum_tied(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array whose largest entry occurs twice along the last axis."""
    array = normal(random, ends, dtype)
    if array.ndim and array.shape[-1] > 1:
        top = np.argmax(array, axis=-1, keepdims=True)
        other = (top + random.integers(1, array.shape[-1], top.shape)) % array.shape[-1]
        np.put_along_axis(array, other, np.take_along_axis(array, top, -1), -1)
    return inside(array, ends)


def zeros(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return inside(np.zeros(ends[0].shape), ends)


def ones(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return inside(np.ones(ends[0].shape), ends)


def constant(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return inside(np.full(ends[0].shape, float(random.integers(-8, 9)) / 4.0), ends)


def corner(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a corner of the box; an infinite end is taken at a moderate distance."""
    far = np.asarray(FAR * largest_float(dtype))
    low = np.where(ends[0] <= -far, np.minimum(-30.0, ends[1]), ends[0])
    high = np.where(ends[1] >= far, np.maximum(30.0, low), ends[1])
    low = np.where(ends[0] <= -far, np.minimum(low, high), low)
    return inside(np.where(random.random(low.shape) < 0.5, low, high), ends)


def mixed(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array with a few entries 0, -0, +-1 or at an end."""
    array = normal(random, ends, dtype)
    shape = array.shape
    special = np.stack(
        [
            np.zeros(shape),
            -np.zeros(shape),
            np.ones(shape),
            -np.ones(shape),
            corner(random, ends, dtype).astype(np.float64),
        ]
    )
    which = random.integers(0, len(special), shape)
    chosen = np.take_along_axis(special, which[None], 0)[0]
    share = 1.0 if array.size == 1 else min(0.3, max(1.5 / array.size, 0.1))
    candidate = np.where(random.random(shape) < share, chosen, array)
    return np.where((candidate >= ends[0]) & (candidate <= ends[1]), candidate, array).astype(
        array.dtype
    )


def extreme(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array with a few tiny, subnormal or huge entries."""
    array = normal(random, ends, dtype)
    eps, largest = spacing(dtype), largest_float(dtype)
    tiny = [*smallest_float(dtype), eps, eps**2]
    sizes = np.array([*tiny, 1e2, eps**-0.5, eps**-1.0, largest**0.5])
    chosen = sizes[random.integers(0, len(sizes), array.shape)]
    chosen = chosen * np.where(random.random(array.shape) < 0.5, -1.0, 1.0)
    share = 1.0 if array.size == 1 else max(1.5 / array.size, 0.05)
    candidate = np.where(random.random(array.shape) < share, chosen, array).astype(array.dtype)
    return np.where((candidate >= ends[0]) & (candidate <= ends[1]), candidate, array)


def zero_slice(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array with one row or column zero: norms and sums of a slice vanish."""
    array = normal(random, ends, dtype).astype(np.float64)
    if array.ndim:
        axis = int(random.integers(0, array.ndim))
        slices = np.moveaxis(array, axis, 0)
        slices[random.integers(0, len(slices))] = 0.0
    return inside(array, ends)


def equal_slices(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return a generic array with two equal rows or columns: distances between them vanish."""
    array = normal(random, ends, dtype)
    if array.ndim and max(array.shape) > 1:
        axis = int(np.argmax(array.shape)) if random.random() < 0.5 else 0
        slices = np.moveaxis(array, axis, 0)
        slices[-1] = slices[random.integers(0, max(len(slices) - 1, 1))]
    return inside(array, ends)


def logarithmic(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    """Return numbers whose magnitudes are log-uniform over eps ... 1/eps^(1/4), both signs."""
    eps = spacing(dtype)
    powers = random.uniform(np.log(eps), -0.25 * np.log(eps), ends[0].shape)
    signs = np.where(random.random(ends[0].shape) < 0.5, -1.0, 1.0)
    return inside(signs * np.exp(powers), ends, random)


def shared(random: np.random.Generator, ends: Ends, dtype: str) -> Array:
    return dyadic(random, ends, dtype)


# Generic points come first: a claim on an expensive function sees only the first few.
FILLINGS: tuple[Filling, ...] = (
    normal,
    dyadic,
    mixed,
    uniform,
    tied,
    small,
    zeros,
    large,
    maximum_tied,
    zero_slice,
    corner,
    logarithmic,
    shared,
    extreme,
    equal_slices,
    whole,
    ones,
    uniform,
    mixed,
    constant,
)
SHARED = FILLINGS.index(shared)  # in this turn, arguments of one shape get equal entries
