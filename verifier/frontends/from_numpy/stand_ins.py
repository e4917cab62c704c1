"""What stands for float, np.float32, np.c_ and np.vectorize while a program is lifted?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import constructors
from .operands import plain, traced_in
from .structure import node_at, positions_of
from .trace import Trace
from .traced import Traced


class _NumberType(type):
    """A type that answers as another one, but keeps a traced number traced."""

    original: type
    tape: Trace

    def __call__(cls, *args: Any, **options: Any) -> Any:
        if len(args) == 1 and type(args[0]) is Traced:
            return constructors.as_float(cls.tape, cls.original, args[0])
        return cls.original(*args, **options)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.original)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.original)

    def __eq__(cls, other: Any) -> bool:
        return other is cls.original or (
            type(other) is _NumberType and (other.original is cls.original)
        )

    def __hash__(cls) -> int:
        return hash(cls.original)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.original, name)

    def __repr__(cls) -> str:
        return repr(cls.original)


def number_type(trace: Trace, original: type) -> type:
    """Return a stand-in for `original` that converts traced numbers without losing them."""
    body = {
        "original": original,
        "tape": trace,
        "dtype": np.dtype(original),
        "__doc__": original.__doc__,
    }
    return _NumberType(original.__name__, (), body)


class Joiner:
    """np.r_ or np.c_ for traced arrays."""

    def __init__(self, trace: Trace, original: Any) -> None:
        self.tape, self.original = trace, original

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        operands = list(traced_in(self.tape, parts))
        if self.tape.closed or not operands:
            return self.original[plain(key)]
        value = self.original[plain(key)]
        data = [p for p in parts if not isinstance(p, (str, slice))]
        if len(data) < len(parts):
            raise self.tape.refuse("np.r_ with slices or text is not lifted", "Use np.concatenate.")
        sources: list[Any] = []
        marked = []
        for part in parts:
            start = sum(int(np.size(plain(s))) for s in sources)
            held, places = positions_of(self.tape, part)
            sources += held
            marked.append(places + start)
        moved = self.original[tuple(marked)]
        node = node_at(self.tape, sources, moved, value)
        return Traced(self.tape, value, node, any(t.live for t in operands))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __len__(self) -> int:
        return 0


class ListAware:
    """A numpy function to which a list of traced numbers is an array of them."""

    def __init__(self, trace: Trace, original: Any) -> None:
        self.tape, self.original = trace, original

    def __call__(self, *args: Any, **options: Any) -> Any:
        if not self.tape.closed and any(type(a) in (list, tuple) for a in args):
            args = tuple(self._array(a) for a in args)
        return self.original(*args, **options)

    def _array(self, argument: Any) -> Any:
        if type(argument) not in (list, tuple) or self.original is np.select:
            return argument
        if not any(True for _ in traced_in(self.tape, argument)):
            return argument
        return constructors.convert(self.tape, "array", np.array, (argument,), {})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __eq__(self, other: Any) -> bool:
        return other is self or other is self.original

    def __hash__(self) -> int:
        return hash(self.original)

    def __repr__(self) -> str:
        return repr(self.original)


def numbered(trace: Trace, original: Any) -> Callable[..., Iterator[Any]]:
    """Return a stand-in for np.ndenumerate."""

    def ndenumerate(array: Any) -> Any:
        if type(array) is not Traced:
            return original(array)
        return ((place, array[place]) for place in np.ndindex(*array.shape))

    return ndenumerate


def vectorized(trace: Trace, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a stand-in for calling np.vectorize objects: a loop over entries."""

    def call(self: Any, *args: Any, **options: Any) -> Any:
        if trace.closed or not any(True for _ in traced_in(trace, (args, options))):
            return original(self, *args, **options)
        if options or self.signature is not None or self.excluded:
            raise trace.refuse(
                "np.vectorize with a signature or keywords is not lifted",
                "Write the loop over entries.",
            )
        shape = np.broadcast_shapes(*(np.shape(plain(a)) for a in args))
        wide = [np.broadcast_to(a, shape) for a in args]
        results = [self.pyfunc(*(w[place] for w in wide)) for place in np.ndindex(*shape)]
        if results and isinstance(results[0], tuple):
            columns = zip(*results, strict=True)
            return tuple(_stack(trace, list(c), shape) for c in columns)
        return _stack(trace, results, shape)

    return call


def _stack(trace: Trace, results: list[Any], shape: tuple[int, ...]) -> Any:
    flat = constructors.convert(trace, "array", np.array, (results,), {})
    return flat.reshape(shape)
