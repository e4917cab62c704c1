"""What does the user's own code do? Run it unmodified on plain arrays, twice, on copies."""

from __future__ import annotations

import contextlib
import io
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import VerifierError
from ..frontends.calling import Program
from ..frontends.lifted import leaves_of
from ..verdicts import Origin

_OURS = ("/verifier/checks/", "/verifier/frontends/")


@dataclass(frozen=True, slots=True)
class Observation:
    """One program run at one point.

    `value` is what it returned; `raised` a message with the user's place; `mutated` names the
    leaves it changed; `repeatable` is False where a second run gave other bits.
    """

    value: Any = None
    raised: str | None = None
    where: Origin | None = None
    kind: str = ""
    mutated: tuple[str, ...] = ()
    repeatable: bool = True
    printed: str = ""


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Silence floating-point warnings, Python warnings and prints of the user's code."""
    caught = io.StringIO()
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(caught):
            yield caught


def observe(program: Program, leaves: Mapping[str, np.ndarray]) -> Observation:
    """Run `program` twice on copies of `leaves` and report what was seen."""
    first, raised, mutated, printed = _run(program, leaves)
    if raised is not None:
        if isinstance(raised, VerifierError):
            raise raised
        return Observation(raised=_message(raised), where=place_of(raised),
                           kind=type(raised).__name__, printed=printed)
    second, again, _, _ = _run(program, leaves)
    same = again is None and _same(first, second)
    return Observation(first, mutated=mutated, repeatable=same, printed=printed)


def _run(
    program: Program, leaves: Mapping[str, np.ndarray]
) -> tuple[Any, Exception | None, tuple[str, ...], str]:
    copies = {k: v.copy() for k, v in leaves.items()}
    handed = {k: _as_called(v) for k, v in copies.items()}
    with quiet() as caught:
        try:
            value = program(handed)
        except Exception as error:  # the user's code may raise anything
            return None, error, (), caught.getvalue()
    changed = tuple(k for k, v in copies.items()
                    if not np.array_equal(v, leaves[k], equal_nan=True))
    return value, None, changed, caught.getvalue()


def _as_called(array: np.ndarray) -> Any:
    """Arrays of shape () are handed over as numpy scalars, the way numpy returns them."""
    return array if array.ndim else array[()]


def _same(a: Any, b: Any) -> bool:
    left, right = list(leaves_of(a)), list(leaves_of(b))
    if [k for k, _ in left] != [k for k, _ in right]:
        return False
    return all(_same_leaf(x, y) for (_, x), (_, y) in zip(left, right, strict=True))


def _same_leaf(a: Any, b: Any) -> bool:
    try:
        x, y = np.asarray(a), np.asarray(b)
        if x.dtype == object or y.dtype == object:
            return True
        return x.shape == y.shape and np.array_equal(x, y, equal_nan=x.dtype.kind == "f")
    except (TypeError, ValueError):
        return True


def _message(error: BaseException) -> str:
    text = str(error) or "no message"
    return f"{type(error).__name__}: {text.splitlines()[0][:300]}"


def place_of(error: BaseException) -> Origin | None:
    """Return the innermost place of the traceback that is the user's own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not any(part in f.filename for part in _OURS)
           and "site-packages" not in f.filename and "/lib/python3" not in f.filename]
    chosen = own[-1] if own else None
    return Origin(chosen.filename, chosen.lineno or 0, chosen.line or "") if chosen else None
