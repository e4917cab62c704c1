"""The report a call returns: its verdict, files, exit code and how it shows itself."""

from __future__ import annotations

import html
from pathlib import Path

import msgspec
import pytest

from verifier.errors import BadSpec, VerifierError
from verifier.report import Report
from verifier.verdicts import Check, Claim, Document, Finding, Severity, Verdict

from . import hand_built as built


def check(verdict: Verdict, *findings: Finding, holds: bool = True, expect: str = "") -> Check:
    expected = (expect,) if expect else ()
    claim = Claim("gradient", verdict, findings=findings)
    return Check("c", "m:f", verdict, (claim,), holds=holds, expect=expected)


def finding(severity: Severity, rule: str = "kink", **changes: object) -> Finding:
    return msgspec.structs.replace(Finding("id", rule, severity, "it is so"), **changes)


NOTE, WARNING, WRONG = (
    finding(severity) for severity in (Severity.NOTE, Severity.WARNING, Severity.ERROR)
)
BROKEN = Check("b", "m:f", Verdict.ERROR, (), error="raised")
INTERNAL = check(Verdict.ERROR, finding(Severity.ERROR, "internal-disagreement"))
EXPECTED = finding(Severity.ERROR, expected=True)
ALLOWED = finding(Severity.ERROR, allowed="known, see the paper")


@pytest.mark.parametrize(
    "checks, fail_on, code",
    [
        ([check(Verdict.PASSED)], "error", 0),
        ([check(Verdict.PROVED), check(Verdict.PASSED, NOTE)], "error", 0),
        ([check(Verdict.PASSED, NOTE)], "note", 1),
        ([check(Verdict.PASSED, WARNING)], "error", 0),
        ([check(Verdict.PASSED, WARNING)], "warning", 1),
        ([check(Verdict.REFUTED, WRONG)], "error", 1),
        ([check(Verdict.REFUTED)], "error", 1),
        ([check(Verdict.REFUTED, ALLOWED)], "error", 0),
        ([check(Verdict.UNDECIDED)], "error", 1),
        ([check(Verdict.REFUTED, EXPECTED, expect="kink")], "note", 0),
        ([check(Verdict.PASSED, expect="kink", holds=False)], "error", 1),
        ([BROKEN], "error", 2),
        ([BROKEN, check(Verdict.REFUTED, WRONG)], "error", 2),
        ([INTERNAL, BROKEN], "error", 3),
        ([], "error", 5),
    ],
)
def test_the_exit_code_is_the_worst_of_all_checks(
    checks: list[Check], fail_on: str, code: int
) -> None:
    empty = Document(1, "0", (), 0, {})
    report = Report(msgspec.structs.replace(empty, checks=tuple(checks)))
    assert report.exit_code(fail_on) == report.exit_code(Severity(fail_on)) == code
    assert report.holds == (report.exit_code() == 0)


def test_an_interrupted_report_says_130_whatever_else() -> None:
    document = msgspec.structs.replace(built.document(INTERNAL), interrupted=True)
    assert Report(document).exit_code() == 130


def test_an_unknown_severity_is_refused_with_the_list() -> None:
    with pytest.raises(BadSpec, match=r"unknown severity 'fatal'\. .* error, warning, note"):
        Report(built.document()).exit_code("fatal")


def test_verdict_checks_and_findings() -> None:
    report = Report(built.document())
    assert report.verdict is Verdict.ERROR
    assert report.checks == report.document.checks
    assert [found.rule for found in report.findings] == [
        "wrong-derivative",
        "one-sided-derivative",
        "truncated-constant",
        "not-convex",
    ]
    assert str(report).startswith("PROVED") and "not checked" in str(report)


@pytest.mark.parametrize("name", ["r.json", "r.html", "r.txt", "deep/er/r.json"])
def test_a_report_is_saved_by_its_suffix(tmp_path: Path, name: str) -> None:
    report = Report(built.document())
    path = report.save(tmp_path / name)
    first = path.read_bytes()
    assert report.save(str(path)).read_bytes() == first and first.endswith(b"\n")
    if name.endswith(".json"):
        assert str(Report.load(path)) == str(report)
        assert Report.load(path).save(path).read_bytes() == first
    elif name.endswith(".html"):
        assert b"verifier replay r.json two-layer.gradient.W2" in first


def test_an_unknown_suffix_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match=r"'r.pdf': .pdf names no report format"):
        Report(built.document()).save(tmp_path / "r.pdf")
    assert not list(tmp_path.iterdir())


def test_a_path_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "r.json").mkdir()
    with pytest.raises(VerifierError, match=r"cannot write .*r.json.*: Is a directory"):
        Report(built.document()).save(tmp_path / "r.json")


def test_a_report_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match=r"cannot read .*none\.json': No such file"):
        Report.load(tmp_path / "none.json")


def test_a_notebook_shows_the_page_in_a_frame_without_a_way_out() -> None:
    frame = Report(built.document(built.odd_check()))._repr_html_()
    assert frame.startswith('<iframe srcdoc="') and 'sandbox="allow-scripts"' in frame
    assert "<script" not in frame and built.SCRIPT not in frame
    assert "<!DOCTYPE html>" in html.unescape(frame)
