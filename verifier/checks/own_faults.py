"""What becomes of a claim when verifier itself fails on it? An ERROR of that claim alone."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Callable

from ..errors import VerifierError
from ..verdicts import Claim, Verdict
from .findings import finding
from .request import Request

RULE = "internal-error"
_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__))) + os.sep
_LIBRARY = tuple(
    os.path.realpath(sysconfig.get_path(p)) + os.sep for p in ("stdlib", "purelib", "platlib")
)


def answer_of(request: Request, text: str, answer: Callable[[], Claim]) -> Claim:
    """Return `answer()`; where it fails by a fault of verifier's own, the ERROR that says so.

    What the user can mend (VerifierError) goes on upward. Where the user's own code raises at a
    point that the check sought out, the claim is UNDECIDED. VERIFIER_DEBUG in the environment
    lets every fault through, with its traceback.
    """
    try:
        return answer()
    except (VerifierError, MemoryError):
        raise
    except Exception as failure:
        if os.environ.get("VERIFIER_DEBUG"):
            raise
        place = own_place(failure)
        if place is None:
            why = f"at a point of the domain the code raises {_named(failure)}"
            return Claim(text, Verdict.UNDECIDED, road="none", reason=why, not_checked=(why,))
        said = f"internal error at {place}: {_named(failure)}"
        found = finding(RULE, said, check=request.name, claim=text, origin=request.origin)
        return Claim(text, Verdict.ERROR, road="none", reason=said, findings=(found,))


def own_place(failure: BaseException) -> str | None:
    """Return file:line where verifier's code failed, None where the user's code raised."""
    for frame in reversed(traceback.extract_tb(failure.__traceback__)):
        real = os.path.realpath(frame.filename)
        if real.startswith(_PACKAGE):
            return f"{os.path.basename(real)}:{frame.lineno}"
        if not (frame.filename.startswith("<") or real.startswith(_LIBRARY)):
            return None
    return None


def _named(failure: BaseException) -> str:
    text = " ".join(str(failure).split())[:200].rstrip(".") or "no message"
    return f"{type(failure).__name__}: {text}"
