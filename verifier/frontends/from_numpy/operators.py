"""Which operators does a traced value answer to? Each is the numpy ufunc of the same meaning."""

from __future__ import annotations

import opcode
import operator
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

NUMBERS = frozenset({float, int, bool})
PYTHON: dict[np.ufunc, Callable[..., Any]] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
    np.floor_divide: operator.floordiv,
    np.remainder: operator.mod,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.absolute: operator.abs,
    np.less: operator.lt,
    np.less_equal: operator.le,
    np.greater: operator.gt,
    np.greater_equal: operator.ge,
    np.equal: operator.eq,
    np.not_equal: operator.ne,
}


def _forward(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return self._ufunc(ufunc, self, other)

    return method


def _reflected(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return self._ufunc(ufunc, other, self)

    return method


def _in_place(ufunc: np.ufunc) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        if isinstance(self.value, np.ndarray):
            return self._ufunc(ufunc, self, other, out=(self,))
        return self._ufunc(ufunc, self, other)

    return method


def standing_at(frame: FrameType) -> str:
    """Return the name of the instruction a frame has reached."""
    return opcode.opname[frame.f_code.co_code[frame.f_lasti]]


def _unary(ufunc: np.ufunc) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return self._ufunc(ufunc, self)

    return method


class Operators:
    """Python's operators on a traced value."""

    __slots__ = ()

    __add__, __radd__ = _forward(np.add), _reflected(np.add)
    __sub__, __rsub__ = _forward(np.subtract), _reflected(np.subtract)
    __mul__, __rmul__ = _forward(np.multiply), _reflected(np.multiply)
    __truediv__, __rtruediv__ = _forward(np.true_divide), _reflected(np.true_divide)
    __floordiv__, __rfloordiv__ = _forward(np.floor_divide), _reflected(np.floor_divide)
    __mod__, __rmod__ = _forward(np.remainder), _reflected(np.remainder)
    __divmod__, __rdivmod__ = _forward(np.divmod), _reflected(np.divmod)
    __matmul__, __rmatmul__ = _forward(np.matmul), _reflected(np.matmul)
    __and__, __rand__ = _forward(np.bitwise_and), _reflected(np.bitwise_and)
    __or__, __ror__ = _forward(np.bitwise_or), _reflected(np.bitwise_or)
    __xor__, __rxor__ = _forward(np.bitwise_xor), _reflected(np.bitwise_xor)
    __iadd__, __isub__ = _in_place(np.add), _in_place(np.subtract)
    __imul__, __itruediv__ = _in_place(np.multiply), _in_place(np.true_divide)
    __ifloordiv__, __imod__ = _in_place(np.floor_divide), _in_place(np.remainder)
    __ipow__, __imatmul__ = _in_place(np.power), _in_place(np.matmul)
    __iand__, __ior__ = _in_place(np.bitwise_and), _in_place(np.bitwise_or)
    __ixor__ = _in_place(np.bitwise_xor)
    __lt__, __le__ = _forward(np.less), _forward(np.less_equal)
    __gt__, __ge__ = _forward(np.greater), _forward(np.greater_equal)
    __eq__, __ne__ = _forward(np.equal), _forward(np.not_equal)
    __neg__, __pos__ = _unary(np.negative), _unary(np.positive)
    __abs__, __invert__ = _unary(np.absolute), _unary(np.invert)
    __floor__, __ceil__, __trunc__ = _unary(np.floor), _unary(np.ceil), _unary(np.trunc)

    def __pow__(self: Any, other: Any, modulus: None = None) -> Any:
        return self._ufunc(np.power, self, other)

    def __rpow__(self: Any, other: Any, modulus: None = None) -> Any:
        return self._ufunc(np.power, other, self)

    def __round__(self: Any, ndigits: int | None = None) -> Any:
        if ndigits is None:
            return self.tape.run["whole"](self, "round", round)
        return self._call(np.round, self, ndigits)

    def __int__(self: Any) -> int:
        return int(self.settled())

    def __index__(self: Any) -> int:
        return operator.index(self.settled())

    def __float__(self: Any) -> float:
        place = standing_at(sys._getframe(1))
        if place == "BINARY_OP":  # "%f" % x: shown, not used
            return float(self.shown())
        if place == "STORE_SUBSCR":  # array[k] = x, and the array is not traced
            return float(self.__array__())
        return float(self.settled())

    def __complex__(self: Any) -> complex:
        return complex(self.settled())

    def __bool__(self: Any) -> bool:
        return bool(self.decided())
