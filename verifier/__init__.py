"""Verify hand-written derivatives: PROVED, PASSED, REFUTED with a witness, or UNDECIDED.

>>> import verifier as vf
>>> vf.__version__.count(".")
2

Everything is imported when first used, so that `import verifier` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .declared import claim
    from .domains import box
    from .errors import VerifierError
    from .report import Report
    from .verdicts import Severity, Verdict
    from .verifying import assert_verified, atlas, inspect, verify

__version__ = "0.1.0"

_HOMES = {
    "Report": "report",
    "Severity": "verdicts",
    "Verdict": "verdicts",
    "VerifierError": "errors",
    "assert_verified": "verifying",
    "atlas": "verifying",
    "box": "domains",
    "claim": "declared",
    "inspect": "verifying",
    "verify": "verifying",
}


__all__ = [
    "Report",
    "Severity",
    "Verdict",
    "VerifierError",
    "__version__",
    "assert_verified",
    "atlas",
    "box",
    "claim",
    "inspect",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'verifier' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
