"""A fault of verifier's own costs the claim it happened on, and no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.checks import registry
from verifier.readers.signs import Book
from verifier.verdicts import Verdict


def bowl(x: Any) -> Any:
    return x * x


def slope(x: Any) -> Any:
    return 2 * x


def stumbles(*_: Any) -> Any:
    """Fail inside the package, as a defect of it would: ask for a fact that nobody wrote down."""
    return Book()["no such node"]  # type: ignore[index]


ASKED: dict[str, Any] = {
    "on": {"x": "[-1, 1]"}, "derivative": slope, "claims": ["convex", "f >= 0"]}


def test_a_fault_of_one_check_leaves_the_other_claims_standing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.CHECKS, "convex", stumbles)  # type: ignore[arg-type]
    monkeypatch.delenv("VERIFIER_DEBUG", raising=False)
    report = vf.verify(bowl, **ASKED)
    verdicts = {c.claim: c.verdict for c in report.checks[0].claims}
    assert verdicts == {
        "derivative": Verdict.PASSED, "convex": Verdict.ERROR, "f >= 0": Verdict.PROVED}
    assert [f.rule for f in report.findings] == ["internal-error"]
    assert "signs.py:" in report.findings[0].explanation
    assert report.exit_code() == 3


def test_with_debug_the_fault_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.CHECKS, "convex", stumbles)  # type: ignore[arg-type]
    monkeypatch.setenv("VERIFIER_DEBUG", "1")
    with pytest.raises(KeyError):
        vf.verify(bowl, **ASKED)


def test_the_same_without_the_fault_holds() -> None:
    report = vf.verify(bowl, **ASKED)
    assert report.holds
    assert "internal-error" not in {f.rule for f in report.findings}


def fussy(x: Any) -> Any:
    """Raise, as the user's own code may."""
    if np.any(x > 0.5):
        raise LookupError("no table beyond 0.5")
    return x * x


def test_what_the_users_code_raises_is_not_taken_for_a_fault_of_verifier() -> None:
    report = vf.verify(fussy, on={"x": "[-1, 1]"}, derivative=slope, claims=["f >= 0"])
    assert "internal-error" not in {f.rule for f in report.findings}
    assert report.exit_code() != 3
