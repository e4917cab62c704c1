"""The index of a folder opens with the questions its checks answer, each beside its verdicts."""

from __future__ import annotations

from pathlib import Path

import verifier as vf
from verifier.command_line import save
from verifier.renderers.as_html import render_index
from verifier.report import Report
from verifier.run import document


def square(x: float) -> float:
    return x * x


def double(x: float) -> float:
    return 2 * x


def told(question: str, answer: str, **words: object) -> Report:
    return vf.verify(square, on={"x": "[-1, 1]"}, question=question, answer=answer,
                     effort="quick", **words)  # type: ignore[arg-type]


def test_questions_come_first_and_show_what_the_report_holds() -> None:
    right = told("Is it <right>?", "Yes.", derivative=double)
    wrong = told("Is it <right>?", "Not this one.", derivative=square, expect=["wrong-derivative"])
    other = told("Is it convex?", "Yes.", claims="convex")
    bare = vf.verify(square, on={"x": "[-1, 1]"}, derivative=double, effort="quick")
    reports = [("right", right), ("wrong", wrong), ("other", other), ("bare", bare)]
    page = render_index([(n, r.document, f"{n}.html") for n, r in reports])
    assert page.count(">Is it &lt;right&gt;?</h2>") == 1 and page.count(">Is it convex?</h2>") == 1
    first, second = page.index("Is it &lt;right"), page.index("Is it convex")
    assert first < page.index('href="right.html"') < page.index('href="wrong.html"') < second
    assert second < page.index("All reports")
    part = page[first:second]
    assert "Not this one." in part and "PASSED" in part and "REFUTED" in part
    assert "wrong-derivative" in part and "wrong on purpose" in part and "does not hold" not in part


def test_an_answer_that_is_no_longer_true_is_seen() -> None:
    report = told("Is it right?", "Yes.", derivative=square)
    assert "does not hold" in render_index([("a", report.document, "a.html")])


def test_question_and_answer_are_kept_in_the_report(tmp_path: Path) -> None:
    report = told("Is it right?", "Yes.", derivative=double)
    whole = Report(document(report.checks, {}))
    save(whole, str(tmp_path))
    again = Report.load(tmp_path / "square.json")
    assert (again.checks[0].question, again.checks[0].answer) == ("Is it right?", "Yes.")
    assert ">Is it right?</h2>" in (tmp_path / "index.html").read_text("utf-8")


def test_a_page_without_questions_has_no_tour() -> None:
    bare = vf.verify(square, on={"x": "[-1, 1]"}, derivative=double, effort="quick")
    assert 'class="tour"' not in render_index([("a", bare.document, "a.html")])
