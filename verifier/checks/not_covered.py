"""What could not be checked, and where did it stop? A warning beside the claim that says so."""

from __future__ import annotations

from collections.abc import Iterator

from ..verdicts import Finding
from .findings import finding, without_folders
from .lifting import Road
from .request import Request


def not_lifted(request: Request, claim: str, what: str, road: Road) -> Iterator[Finding]:
    """Warn that `what` has no graph, unless that was asked for: it is judged by computed values."""
    if road.lifted is not None or request.opaque:
        return
    sentence = f"{what} is judged by its computed values alone: {without_folders(road.reason)}"
    yield finding("not-covered", sentence, check=request.name, claim=claim,
                  origin=road.where or request.origin)


def without_check(request: Request, claim: str, why: str) -> Finding:
    """Return the warning that a claim has no check."""
    return finding("not-covered", f"'{claim}' is not checked: {why}", check=request.name,
                   claim=claim, origin=request.origin)
