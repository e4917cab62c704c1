"""The corpus: faults found in public code are found again, and hard but right code is let be.

Told the points, every fault that is not a matter of convention gets a finding whose rule fits, and
right code (the controls, and faulty code at points where it is right) gets no error. Blind, on a
box of the case's domain, at most two faults are missed and nothing right is called wrong.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from .corpus import CONVEXITY_CASES, NUMPY_CASES, framework_cases
from .corpus.calls import blind, convex, errors, fitting_rules, rules, told
from .corpus.exact import inputs, relative_error, truth
from .corpus.record import LOST_DIGITS, NAN_OR_INF, NO_DERIVATIVE, NOT_CONVEX, ONE_SIDED, Case

BLIND_MISSES = 2
FAULTY = tuple(case for case in NUMPY_CASES if case.faulty)
CONTROLS = tuple(case for case in NUMPY_CASES if not case.faulty)
DIFFERENTIABLE = tuple(c for c in NUMPY_CASES if c.expected not in (NO_DERIVATIVE, ONE_SIDED))


def _ids(cases: tuple[Case, ...]) -> list[str]:
    return [case.id for case in cases]


def _explain(case: Case, report: Any) -> str:
    return f"{case.title}: {report.verdict.value}, {sorted(rules(report))}\n{report}"


@functools.cache
def _blind(case_id: str) -> Any:
    return blind(next(case for case in NUMPY_CASES if case.id == case_id))


def _claimed(case: Case, point: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(case.claimed(inputs(case, point)), dtype=np.float64).ravel()


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=_ids(DIFFERENTIABLE))
def test_the_case_says_the_truth(case: Case) -> None:
    tolerance = case.tolerance or (1e-5 if case.dtype == "float32" else 1e-7)
    wrong = [relative_error(_claimed(case, p), truth(case, p)) for p in case.points]
    right = [relative_error(_claimed(case, p), truth(case, p)) for p in case.points_right]
    assert all(error <= tolerance for error in right)
    if not case.faulty:
        assert all(error <= tolerance for error in wrong)
    elif case.expected == NAN_OR_INF:
        assert all(np.isinf(error) for error in wrong)
    elif case.expected == LOST_DIGITS:
        assert max(wrong) > tolerance
    else:
        assert all(3e-5 < error < np.inf for error in wrong)


@pytest.mark.parametrize("case", FAULTY, ids=_ids(FAULTY))
def test_a_fault_is_found_when_told_the_point(case: Case) -> None:
    report = told(case, case.points)
    if not case.soft:
        assert rules(report) & fitting_rules(case), _explain(case, report)


@pytest.mark.parametrize("case", CONTROLS, ids=_ids(CONTROLS))
def test_right_code_gets_no_error(case: Case) -> None:
    report = told(case, case.points)
    assert not errors(report), _explain(case, report)
    assert report.verdict.value != "ERROR", _explain(case, report)


@pytest.mark.parametrize("case", [c for c in FAULTY if c.points_right], ids=lambda case: case.id)
def test_faulty_code_gets_no_error_where_it_is_right(case: Case) -> None:
    report = told(case, case.points_right)
    assert not errors(report), _explain(case, report)


@pytest.mark.parametrize("case", CONTROLS, ids=_ids(CONTROLS))
def test_right_code_gets_no_error_blind(case: Case) -> None:
    report = _blind(case.id)
    assert not errors(report), _explain(case, report)


def test_at_most_two_faults_are_missed_blind() -> None:
    hard = [case for case in FAULTY if not case.soft]
    missed = [c.id for c in hard if not rules(_blind(c.id)) & fitting_rules(c)]
    assert len(missed) <= BLIND_MISSES, missed


@pytest.mark.parametrize("case", CONVEXITY_CASES, ids=_ids(CONVEXITY_CASES))
def test_a_function_that_is_not_convex_is_refuted(case: Case) -> None:
    report = convex(case)
    refuted = report.verdict.value == "REFUTED"
    assert refuted == (case.expected == NOT_CONVEX), _explain(case, report)
    assert ("not-convex" in rules(report)) == refuted


def test_the_tail_of_gelu_through_scipy_gets_no_error() -> None:
    pytest.importorskip("scipy")
    for case in framework_cases("scipy"):
        for report in (told(case, case.points), blind(case)):
            assert not errors(report), _explain(case, report)


@pytest.mark.parametrize(("framework", "count"), [("torch", 36), ("jax", 17)])
def test_the_cases_of_other_frameworks_are_kept(framework: str, count: int) -> None:
    pytest.importorskip(framework)
    cases = framework_cases(framework)
    assert len(cases) == count
    assert all(case.framework == framework and case.source for case in cases)


def test_every_case_has_its_own_name() -> None:
    names = [case.id for case in (*NUMPY_CASES, *CONVEXITY_CASES)]
    assert len(names) == len(set(names)) == 62
