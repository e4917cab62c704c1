"""Wild cases: faults in code as people write it are found, and right code is let be."""

from __future__ import annotations

from typing import Any

import pytest

from .corpus.calls import errors, rules
from .wild import SLOW, all_cases
from .wild.asking import blind, fitting, told
from .wild.record import Wild

BUDGET = 3.0  # seconds of a blind check: most take less than one
CASES = all_cases()
FAULTY = [case for case in CASES if case.faulty]
RIGHT = [case for case in CASES if not case.faulty]
SOUGHT = [case for case in CASES if case.blind and case.id not in SLOW]


def _named(cases: list[Wild]) -> list[Any]:
    return [pytest.param(case, id=case.id) for case in cases]


@pytest.mark.parametrize("case", _named(FAULTY))
def test_a_fault_is_found_at_its_points(case: Wild) -> None:
    report = told(case)
    assert rules(report) & fitting(case), _explain(case, report)


@pytest.mark.parametrize("case", _named(RIGHT))
def test_right_code_passes_at_its_points(case: Wild) -> None:
    report = told(case)
    assert not errors(report), _explain(case, report)
    assert report.verdict.value in ("PROVED", "PASSED"), _explain(case, report)


@pytest.mark.parametrize("case", _named(SOUGHT))
def test_blind_on_its_box(case: Wild) -> None:
    report = blind(case, BUDGET)
    if case.faulty:
        assert rules(report) & fitting(case), _explain(case, report)
    else:
        assert not errors(report), _explain(case, report)
        assert report.verdict.value != "ERROR", _explain(case, report)


def test_every_case_has_its_own_name() -> None:
    names = [case.id for case in CASES]
    assert len(names) == len(set(names))


def _explain(case: Wild, report: Any) -> str:
    return f"{case.id}: {case.fault} expected\n{report}"
