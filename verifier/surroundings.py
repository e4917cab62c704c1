"""What may a subject change that outlives its call? The state a process shares with its next check.

A worker compares it before and after each check, and starts afresh where it differs.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from types import ModuleType

_PATCHED = ("builtins", "math", "numpy", "numpy.linalg", "numpy.random", "random", "os", "time")
_TRUSTED = ("math", "numpy", "numpy.linalg")  # what a verdict is computed with
_CHANGING = {"__builtins__", "__warningregistry__", "_"}


def surroundings() -> tuple[object, ...]:
    """Return the state as a value; two are equal where nothing was changed in between."""
    numpy = sys.modules.get("numpy")
    return (
        os.getcwd() if os.path.isdir(".") else "",
        sys.getrecursionlimit(),
        sys.gettrace(),
        tuple(sys.path),
        tuple(warnings.filters),
        tuple(sorted(os.environ.items())),
        tuple(sorted(numpy.geterr().items())) if numpy else (),
        tuple(signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)),
        tuple(_names(sys.modules.get(name)) for name in _PATCHED),
    )


def trusted() -> dict[str, dict[str, object]]:
    """Return what each name of the libraries that verdicts are computed with stands for."""
    return {name: dict(vars(sys.modules[name])) for name in _TRUSTED if name in sys.modules}


def replaced(before: dict[str, dict[str, object]]) -> str:
    """Return the sentence for what the subject's code put in the place of theirs, else ""."""
    names = [
        f"{module}.{name}"
        for module, known in before.items()
        for name, value in known.items()
        if name not in _CHANGING and getattr(sys.modules.get(module), name, None) is not value
    ]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    told = f"{', '.join(sorted(names)[:3])}{more}"
    return f"the subject's code replaced {told}, which verifier computes with" if names else ""


def _names(module: ModuleType | None) -> frozenset[tuple[str, int]]:
    """Return each name of a module with the identity of what it stands for, its modules apart."""
    names = {n: value for n, value in (vars(module) if module else {}).items()
             if n not in _CHANGING and not isinstance(value, ModuleType)}  # fmt: skip
    return frozenset((n, id(value)) for n, value in names.items())
