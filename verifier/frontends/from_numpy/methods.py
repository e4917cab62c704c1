"""Which methods and attributes of an array does a traced value have?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def _as(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return self._call(function, self, *args, **options)

    method.__name__ = method.__doc__ = function.__name__
    return method


def _unsupported(name: str, hint: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        if not self.live:
            return getattr(self.value, name)(*args, **options)
        raise self.tape.refuse(f"ndarray.{name} cannot be written as a formula", hint)

    return method


class Methods:
    """The methods of numpy.ndarray, each the numpy function of the same name."""

    __slots__ = ()

    sum = _as(np.sum)
    mean = _as(np.mean)
    var = _as(np.var)
    std = _as(np.std)
    prod = _as(np.prod)
    cumsum = _as(np.cumsum)
    cumprod = _as(np.cumprod)
    trace = _as(np.trace)
    dot = _as(np.dot)
    max = _as(np.max)
    min = _as(np.min)
    argmax = _as(np.argmax)
    argmin = _as(np.argmin)
    any = _as(np.any)
    all = _as(np.all)
    clip = _as(np.clip)
    round = _as(np.round)
    argsort = _as(np.argsort)
    nonzero = _as(np.nonzero)
    searchsorted = _as(np.searchsorted)
    repeat = _as(np.repeat)
    take = _as(np.take)
    squeeze = _as(np.squeeze)
    swapaxes = _as(np.swapaxes)
    diagonal = _as(np.diagonal)
    ravel = _as(np.ravel)
    choose = _as(np.choose)
    conj = conjugate = _as(np.conj)
    argpartition = _as(np.argpartition)
    view = _unsupported("view", "Use .astype(dtype) or index the array instead.")
    tobytes = _unsupported("tobytes", "Compare values, not their bytes.")
    byteswap = _unsupported("byteswap", "Convert the data before the function is called.")
    tofile = _unsupported("tofile", "Write files outside the function that is verified.")

    def ptp(self: Any, *args: Any, **options: Any) -> Any:
        return self._call(np.ptp, self, *args, **options)

    def compress(self: Any, condition: Any, axis: int | None = None) -> Any:
        return self._call(np.compress, condition, self, axis)

    def reshape(self: Any, *shape: Any, order: str = "C", copy: Any = None) -> Any:
        new = shape[0] if len(shape) == 1 else shape
        return self._call(np.reshape, self, new, order=order)

    def transpose(self: Any, *axes: Any) -> Any:
        order = axes[0] if len(axes) == 1 else axes or None
        return self._call(np.transpose, self, order)

    def flatten(self: Any, order: str = "C") -> Any:
        return self._call(np.ravel, self, order).copy()

    def copy(self: Any, order: str = "C") -> Any:
        return self._call(np.copy, self)

    def astype(self: Any, dtype: Any, *args: Any, **options: Any) -> Any:
        return self.tape.run["astype"](self, dtype, *args, **options)

    def fill(self: Any, value: Any) -> None:
        self[...] = value

    def sort(self: Any, axis: int = -1, **options: Any) -> None:
        self[...] = self._call(np.sort, self, axis)

    def put(self: Any, indices: Any, values: Any, mode: str = "raise") -> None:
        self._call(np.put, self, indices, values, mode)

    def item(self: Any, *args: Any) -> Any:
        return self.tape.run["item"](self, *args)

    def tolist(self: Any) -> Any:
        if not self.shape:
            return self.item()
        return [row.tolist() if row.ndim else row for row in self]

    def __len__(self: Any) -> int:
        return len(self.value)

    def __iter__(self: Any) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return (self[k] for k in range(len(self)))

    def __contains__(self: Any, item: Any) -> bool:
        return bool((self == item).any())

    def __copy__(self: Any) -> Any:
        return self.copy() if isinstance(self.value, np.ndarray) else self

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Any:
        return self.__copy__()

    @property
    def shape(self: Any) -> tuple[int, ...]:
        return np.shape(self.value)

    @shape.setter
    def shape(self: Any, new: Any) -> None:
        raise self.tape.refuse("x.shape = ... is not lifted", "Write x = x.reshape(...).")

    @property
    def ndim(self: Any) -> int:
        return np.ndim(self.value)

    @property
    def size(self: Any) -> int:
        return int(np.size(self.value))

    @property
    def dtype(self: Any) -> np.dtype:
        return np.asarray(self.value).dtype

    @property
    def nbytes(self: Any) -> int:
        return int(np.asarray(self.value).nbytes)

    @property
    def itemsize(self: Any) -> int:
        return int(self.dtype.itemsize)

    @property
    def strides(self: Any) -> tuple[int, ...]:
        return np.asarray(self.value).strides

    @property
    def flags(self: Any) -> Any:
        return np.asarray(self.value).flags

    @property
    def T(self: Any) -> Any:
        return self.transpose()

    @property
    def mT(self: Any) -> Any:
        return self.swapaxes(-1, -2)

    @property
    def real(self: Any) -> Any:
        return self

    @property
    def imag(self: Any) -> Any:
        return self._call(np.imag, self)

    @property
    def flat(self: Any) -> Any:
        return self.reshape(-1)

    @flat.setter
    def flat(self: Any, values: Any) -> None:
        self.reshape(-1)[...] = values

    def is_integer(self: Any) -> bool:
        return bool(self == self._call(np.floor, self))
