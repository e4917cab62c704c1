"""A right formula that is computed further off than rounding explains: in how many budgets?

The claim is exact on traced values and off by a known factor on plain arrays. numpy's cos is within
one budget, so an offset of k units in the last place is k/2 to k budgets of the table's 2 ulp.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import verifier as vf
from verifier.verdicts import Severity, Verdict

EPS = 2.0**-52
W = np.array([0.125, -0.5, 0.75])


def sines(w: Any) -> Any:
    return np.sum(np.sin(w))


def shifted(units: float, sign: float = 1.0) -> Callable[[Any], Any]:
    def gradient(w: Any) -> Any:
        return sign * np.cos(w) * (1 + units * EPS) if type(w) is np.ndarray else np.cos(w)

    return gradient


def told(gradient: Callable[[Any], Any], **more: Any) -> tuple[Verdict, list[Any]]:
    report = vf.verify(sines, at={"w": W}, gradient=gradient, effort="quick", **more)
    return report.verdict, [f for f in report.findings if f.rule == "outside-rounding-budget"]


@pytest.mark.parametrize(("units", "severity", "verdict"), [
    (6, Severity.WARNING, Verdict.PASSED),
    (40, Severity.ERROR, Verdict.REFUTED),
    (4e6, Severity.ERROR, Verdict.REFUTED),
])  # fmt: skip
def test_the_offset_is_told_in_budgets(
    units: float, severity: Severity, verdict: Verdict
) -> None:
    found, (finding,) = told(shifted(units))
    assert (found, finding.severity) == (verdict, severity)
    witness = finding.witness
    size = float(np.cos(W[finding.index]))
    assert float(witness.numbers["difference"]) == pytest.approx(units * EPS * size, rel=0.4)
    budget = float(witness.numbers["one rounding budget"])
    assert witness.budgets == pytest.approx(
        float(witness.numbers["difference"]) / budget, rel=1e-4)
    assert EPS / 4 <= budget / size <= 4 * EPS
    assert finding.origin is not None and "np.cos(w)" in finding.origin.text


def in_float32(w: Any) -> Any:
    kept = np.zeros(w.shape, np.float32)
    kept[...] = np.cos(w)
    return kept.astype(float)


@pytest.mark.parametrize("gradient", [np.cos, shifted(0), shifted(0.4), in_float32])
def test_what_rounding_explains_is_not_told(gradient: Callable[[Any], Any]) -> None:
    assert told(gradient) == (Verdict.PASSED, [])


def test_a_wrong_derivative_is_told_as_that_alone() -> None:
    assert told(shifted(0, sign=-1.0)) == (Verdict.REFUTED, [])


def test_a_formula_that_is_wrong_as_traced_is_no_matter_of_rounding() -> None:
    def gradient(w: Any) -> Any:
        return np.cos(w) if type(w) is np.ndarray else np.sin(w)

    assert told(gradient) == (Verdict.PASSED, [])


def through_text(w: Any) -> Any:
    return np.array([float(str(v)) for v in np.cos(w)])


@pytest.mark.parametrize(("opaque", "count"), [(False, 1), (True, 0)])
def test_a_claim_without_a_graph_is_a_warning_at_its_line(opaque: bool, count: int) -> None:
    report = vf.verify(sines, at={"w": W}, gradient=through_text, effort="quick", opaque=opaque)
    found = [f for f in report.findings if f.rule == "not-covered"]
    assert len(found) == count and report.holds
    for finding in found:
        assert finding.severity is Severity.WARNING
        assert "float(str(v))" in finding.origin.text


def test_a_claim_without_a_check_is_a_warning() -> None:
    report = vf.verify(sines, at={"w": W}, gradient="autodiff", effort="quick")
    assert [f.rule for f in report.findings] == ["not-covered"] and not report.holds
